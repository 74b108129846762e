-- Jobs. `j:<id>` holds what was enqueued and `s:<id>` what changes, so that no transition rewrites a payload; a payload over some
-- hundred bytes lies in `p:<id>`, which only those read who want it. `x:<id>` holds progress, result, error and wait, `t:<id>` the steps.
-- A mark is a phase with its outcome: what the counts are kept by.

local READY, RUNNING, WAITING, SUCCEEDED, FAILED, CANCELLED = 1, 2, 3, 4, 5, 6
local SUSPECT_DEATHS, CRASHES_MAX = 2, 3
local INTENDED, DONE = 1, 2
-- A payload in a field of `j`, and results in a step, are JSON; one of these bytes in front says that the reader makes the JSON.
local WITH_EVENT, OF_EVENT, OF_CHILDREN, OF_DEADLINE = '\1', '\2', '\3', '\4'
local INLINE_MAX = 512

local lane_named, row_in

local function tenant_of(queue, tenant) return queue .. '\0' .. tenant end

-- What changes of a job, in as few bytes as it takes, and the lane that it is in, so that a transition which only changes it reads nothing else: a job
-- that nobody has started yet lacks what follows the lane. Lua's numbers are doubles, so instants are whole microseconds up to the year 2255,
-- and rounded to some of them beyond.
local SHORT, ENDED, LONG, LONG_TO_END = '>BBI4I4I4BI4ddI2c0', '>BBI4I4I4BI4ddI2c0d', '>BBI4I4I4BI4ddI2c0ddd', '>BBI4I4I4BI4ddI2c0dddc0'
-- Its flags: 1 asked to stop, 2 has extras, 4 has steps, 8 its payload is large, 16 `j` says more than the payload and the labels, 32 has labels; 64 was started, 128 ended
-- without. Those of `BASE` and above stay as they are as long as the job is kept.
local BASE, LABELLED = 16, 32

local function encode(r)
  local flags = r.base + (r.cancel and 1 or 0) + (r.has_extras and 2 or 0) + (r.has_steps and 4 or 0) + (r.is_big and 8 or 0)
  local lane, node = r.lane.text, r.node
  if node then
    return struct_pack(LONG_TO_END, r.mark, flags + 64, r.attempt, r.epoch, r.settled, r.deaths, r.max_attempts, r.due, r.created, #lane, lane,
      r.started, r.finished or 0, r.expiry or 0, node)
  end
  if r.finished then
    return struct_pack(ENDED, r.mark, flags + 128, r.attempt, r.epoch, r.settled, r.deaths, r.max_attempts, r.due, r.created, #lane, lane, r.finished)
  end
  return struct_pack(SHORT, r.mark, flags, r.attempt, r.epoch, r.settled, r.deaths, r.max_attempts, r.due, r.created, #lane, lane)
end

-- What few jobs have.
local function read_fixed(r, j)
  local _, _, _, _, _, _, queue_timeout, name, scope, parent, group, trigger = unpack_some(j, 11, 0)
  r.queue_timeout, r.key, r.scope, r.parent, r.group, r.trigger = queue_timeout, name, scope, parent, group, trigger
end

local function decode(id, s)
  local flags, node = byte(s, 2), nil
  local mark, _, attempt, epoch, settled, deaths, max_attempts, due, created, lane, started, finished, expiry
  if flags >= 128 then
    mark, _, attempt, epoch, settled, deaths, max_attempts, due, created, lane, finished = struct_unpack(ENDED, s)
    flags = flags - 128
  elseif flags >= 64 then
    local at
    mark, _, attempt, epoch, settled, deaths, max_attempts, due, created, lane, started, finished, expiry, at = struct_unpack(LONG, s)
    node = sub(s, at)
    if finished == 0 then finished = nil end
    if expiry == 0 then expiry = nil end
    flags = flags - 64
  else
    mark, _, attempt, epoch, settled, deaths, max_attempts, due, created, lane = struct_unpack(SHORT, s)
  end
  -- With the fields of all rows at once, since a table that grows is made anew each time.
  local r = {
    id = id, mark = mark, attempt = attempt, epoch = epoch, settled = settled, deaths = deaths, max_attempts = max_attempts, due = due, created = created,
    started = started, finished = finished, node = node, expiry = expiry, dirty = nil, base = nil, encoded = nil,
  }
  if flags == 0 then return row_in(lane_named(lane), r) end
  local rest = flags % BASE
  r.base = flags - rest
  if rest > 0 then
    r.cancel, r.has_extras, r.has_steps, r.is_big = rest % 2 >= 1, rest % 4 >= 2, rest % 8 >= 4, rest >= 8
  end
  return row_in(lane_named(lane), r)
end

local function is_special(r) return r.base % LABELLED > 0 end

-- What many jobs that arrive have in common, and say in the same words.
local function common_of(ticket)
  local _, base, max_attempts, at = struct_unpack('>BBI4', ticket)
  local common = { base = base, max_attempts = max_attempts, lane = lane_named(sub(ticket, at)), state = nil }
  tickets[ticket] = common
  return common
end

-- A job that arrives, under its ticket: what most jobs have in common, or what is special about one.
local function arriving(id, ticket, j)
  local r, conflict, is_delay, due, payload = nil, nil, nil, nil, nil
  if byte(ticket, 1) ~= 0 then conflict, is_delay, due, ticket, payload = unpack_all(ticket) end
  local common = tickets[ticket] or common_of(ticket)
  r = row_in(common.lane, {
    id = id, j = j, mark = READY, attempt = 0, epoch = 0, settled = 0, deaths = 0, max_attempts = common.max_attempts, due = now, created = now,
    base = common.base, dirty = nil, j_dirty = nil, encoded = nil,
  })
  if is_special(r) then read_fixed(r, j) end
  if due then r.conflict, r.due = conflict, is_delay and later(now, due) or tonumber(due) end
  if payload then r.is_big, r.payload = true, payload end
  return r
end

-- Of these jobs, those that are kept; of the others it is noted that they are not. Mostly none is, which one number says.
local function find(ids)
  local keys, kept, prefix = {}, {}, tag .. ':s:'
  for i = 1, #ids do keys[i] = prefix .. ids[i] end
  local is_any = false
  for from = 1, #keys, COMMAND_MAX do
    is_any = is_any or call('EXISTS', unpack(keys, from, math.min(from + COMMAND_MAX - 1, #keys))) > 0
  end
  local found = is_any and fetch_many('MGET', nil, keys)
  for i = 1, #ids do
    local id = ids[i]
    if found and found[i] then kept[#kept + 1] = id elseif rows[id] == nil then rows[id] = false end
  end
  return kept
end

-- Brings what never changes in, for rows that are there.
local function load_fixed(list)
  local keys, prefix = {}, tag .. ':j:'
  for i = 1, #list do keys[i] = prefix .. list[i].id end
  local found = fetch_many('MGET', nil, keys)
  for i = 1, #list do list[i].j = found[i] end
end

-- Brings rows in with one command; a second one for those of which the state alone does not say everything, or where all is wanted.
local function load(ids, wants_all)
  local keys, wanted, count, prefix = {}, {}, 0, tag .. ':s:'
  for i = 1, #ids do
    local id = ids[i]
    if rows[id] == nil and states[id] then
      rows[id] = decode(id, states[id])
    elseif rows[id] == nil then
      count = count + 1
      rows[id], wanted[count], keys[count] = false, id, prefix .. id
    end
  end
  local found, incomplete, special = fetch_many('MGET', nil, keys), {}, {}
  for i = 1, count do
    local s = found[i]
    if s then
      local id = wanted[i]
      local r = decode(id, s)
      rows[id] = r
      if is_special(r) then
        incomplete[#incomplete + 1], special[#special + 1] = r, r
      end
    end
  end
  if wants_all then
    incomplete = {}
    for i = 1, #ids do
      local r = rows[ids[i]]
      if r and not r.j then incomplete[#incomplete + 1] = r end
    end
  end
  if #incomplete > 0 then load_fixed(incomplete) end
  for i = 1, #special do read_fixed(special[i], special[i].j) end
end

local function take_in(id, s)
  local r = decode(id, s)
  rows[id] = r
  return r
end

local function row(id)
  if rows[id] == nil then load({ id }) end
  return rows[id]
end

local function fixed_of(r)
  if not r.j then load_fixed({ r }) end
  return r.j
end

-- After each change.
local function touch(r)
  if undo then put(r, 'dirty', true) end
  r.dirty, r.encoded = true, nil
end

local function payload_of(r)
  if r.is_big then return r.payload or call('GET', key('p:' .. r.id)) end
  return (select(14, unpack_all(fixed_of(r))))
end

local function labels_of(r)
  if r.base < LABELLED then return {} end
  local labels = select(13, unpack_all(fixed_of(r)))
  return labels and { unpack_all(labels) } or {}
end

-- What is answered of a job: id, what does not change, what does, a payload that lies by itself, progress and its like, and room for its steps.
local function answer_row(r, list, at)
  local extras = false
  at = at or #list
  r.encoded = r.encoded or encode(r)
  if r.has_extras then extras = r.x and pack(r.x.progress, r.x.result, r.x.error, r.x.wait) or call('GET', key('x:' .. r.id)) end
  list[at + 1], list[at + 2], list[at + 3], list[at + 4], list[at + 5] = r.id, fixed_of(r), r.encoded, r.is_big and payload_of(r), extras
  list[at + 6] = false
  return list
end

-- MARK: Progress, result, error, wait

local function extras(r)
  if not r.x then
    local x = {}
    if r.has_extras then x.progress, x.result, x.error, x.wait = unpack_all(call('GET', key('x:' .. r.id))) end
    r.x = x
  end
  return r.x
end

local function set_extra(r, field, value)
  if value == nil and not r.has_extras then return end
  local x = extras(r)
  if x[field] == value then return end
  x[field] = value
  r.has_extras = x.progress ~= nil or x.result ~= nil or x.error ~= nil or x.wait ~= nil
  r.extras_dirty = true
  touch(r)
end

-- What a waiting job waits for: sort, stream or group or trigger, type, sequence number, step.
local function wait_of(r)
  if r.mark == WAITING then return unpack_all(extras(r).wait) end
end

-- MARK: Steps, in the order of their numbers

-- Writes a step where the stored one is not final, and answers the stored one.
local function write_step(r, name, state, result)
  local place = 't:' .. r.id
  local stored, number = r.has_steps and hget(place, name), nil
  if stored then
    local _, old
    _, number, old = unpack_some(stored, 2, 0)
    if old ~= INTENDED or state ~= DONE then return stored end
  else
    r.steps = (r.steps or (r.has_steps and call('HLEN', key(place)) or 0)) + 1
    number = r.steps
    if not r.has_steps then
      r.has_steps = true
      touch(r)
    end
  end
  stored = pack(number, state, now, result)
  hput(place, name, stored)
  return stored
end
