-- Jobs. `j:<id>` holds what was enqueued and `s:<id>` what changes, so that no transition rewrites a payload; a payload over some
-- hundred bytes lies in `p:<id>`, which only those read who want it. `x:<id>` holds progress, result, error and wait, `t:<id>` the steps.
-- A mark is a phase with its outcome: what the counts are kept by.

local READY, RUNNING, WAITING, SUCCEEDED, FAILED, CANCELLED = 1, 2, 3, 4, 5, 6
local SUSPECT_DEATHS, CRASHES_MAX = 2, 3
local INTENDED, DONE = 1, 2
-- A payload in a field of `j`, and results in a step, are JSON; one of these bytes in front says that the reader makes the JSON.
local WITH_EVENT, OF_EVENT, OF_CHILDREN, OF_DEADLINE = '\1', '\2', '\3', '\4'
local INLINE_MAX = 512

-- What changes of a job, in as few bytes as it takes: a job that nobody has started yet lacks the second half. Lua's numbers are doubles, so
-- instants are whole microseconds up to the year 2255, and rounded to some of them beyond.
local SHORT, LONG = '>BI4I4I4BBdd', '>BI4I4I4BBddddd'
local SHORT_BYTES, LONG_BYTES = 31, 55

local function encode(r)
  local flags = (r.cancel and 1 or 0) + (r.has_extras and 2 or 0) + (r.has_steps and 4 or 0) + (r.is_big and 8 or 0)
  if not r.node then return struct_pack(SHORT, r.mark, r.attempt, r.epoch, r.settled, r.deaths, flags, r.due, r.created) .. (r.finished and struct_pack('>d', r.finished) or '') end
  return struct_pack(LONG, r.mark, r.attempt, r.epoch, r.settled, r.deaths, flags, r.due, r.created, r.started, r.finished or 0, r.expiry or 0) .. r.node
end

local function decode(id, j, s)
  local _, kind, queue, tenant, priority, max_attempts, queue_timeout, name, scope, parent, group, trigger = unpack_some(j, 11, 0)
  local mark, attempt, epoch, settled, deaths, flags, due, created, started, finished, node, expiry = nil, 0, 0, 0, 0, 0, nil, nil, nil, nil, nil, nil
  if s then
    mark, attempt, epoch, settled, deaths, flags, due, created = struct_unpack(SHORT, s)
    if #s >= LONG_BYTES then
      started, finished, expiry = struct_unpack('>ddd', s, SHORT_BYTES + 1)
      node = sub(s, LONG_BYTES + 1)
      if finished == 0 then finished = nil end
      if expiry == 0 then expiry = nil end
    elseif #s > SHORT_BYTES then
      finished = struct_unpack('>d', s, SHORT_BYTES + 1)
    end
  end
  -- With all its fields at once, since a table that grows is made anew each time.
  return {
    id = id, j = j, kind = kind, queue = queue, tenant = tenant, priority = priority, max_attempts = max_attempts, queue_timeout = queue_timeout,
    key = name, scope = scope, parent = parent, group = group, trigger = trigger,
    mark = mark, attempt = attempt, epoch = epoch, settled = settled, deaths = deaths, due = due, created = created, started = started,
    finished = finished, node = node, expiry = expiry,
    cancel = flags % 2 >= 1, has_extras = flags % 4 >= 2, has_steps = flags % 8 >= 4, is_big = flags % 16 >= 8,
    dirty = nil, encoded = nil, j_dirty = nil, payload = nil, conflict = nil,
  }
end

-- Of these jobs, those that are kept, with one command; of the others it is noted that they are not.
local function find(ids)
  local keys, kept = {}, {}
  for i, id in ipairs(ids) do keys[i] = tag .. ':s:' .. id end
  local found = fetch_many('MGET', nil, keys)
  for i, id in ipairs(ids) do
    if found[i] then kept[#kept + 1] = id elseif rows[id] == nil then rows[id] = false end
  end
  return kept
end

-- Brings rows in with one command.
local function load(ids)
  local keys, wanted = {}, {}
  for _, id in ipairs(ids) do
    if rows[id] == nil then
      rows[id] = false
      wanted[#wanted + 1] = id
      keys[#keys + 1] = tag .. ':j:' .. id
      keys[#keys + 1] = tag .. ':s:' .. id
    end
  end
  local found = fetch_many('MGET', nil, keys)
  for i, id in ipairs(wanted) do
    local j = found[2 * i - 1]
    if j then rows[id] = decode(id, j, found[2 * i]) end
  end
end

local function row(id)
  if rows[id] == nil then load({ id }) end
  return rows[id]
end

-- After each change.
local function touch(r)
  if undo then put(r, 'dirty', true) end
  r.dirty, r.encoded = true, nil
end

local function payload_of(r)
  if r.is_big then return r.payload or call('GET', key('p:' .. r.id)) end
  return (select(14, unpack_all(r.j)))
end

local function labels_of(r)
  local labels = select(13, unpack_all(r.j))
  return labels and { unpack_all(labels) } or {}
end

-- What is answered of a job: id, what does not change, what does, a payload that lies by itself, progress and its like, and room for its steps.
local function answer_row(r, list)
  local at, extras = #list, false
  r.encoded = r.encoded or encode(r)
  if r.has_extras then extras = r.x and pack(r.x.progress, r.x.result, r.x.error, r.x.wait) or call('GET', key('x:' .. r.id)) end
  list[at + 1], list[at + 2], list[at + 3], list[at + 4], list[at + 5] = r.id, r.j, r.encoded, r.is_big and payload_of(r), extras
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
