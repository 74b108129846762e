-- Attempts end, and whatever else is done under a lease.

-- MARK: Settling. What is answered of one settlement is a number: its mark, its mark and ten where it was settled before, or one of these; or the number of the
-- child that was refused, and how.

local ALREADY_SETTLED, SETTLED, LEASE_LOST, FAULTY = 10, 0, -1, -2

local function wait_for(r, wait, deadline)
  if r.cancel then return finish(r, CANCELLED) end
  local sort, name, type, after = unpack_all(wait)
  r.mark, r.due = WAITING, deadline and later(now, deadline) or FAR
  set_extra(r, 'wait', wait)
  index(r, 1)
  touch(r)
  local result
  if sort == 'e' then result = find_event(name, type, after) else result = group_result(r.id, name) end
  if result then end_wait(r, result) end
end

-- The dispositions by the letter they are sent with; `a` and `b` are what each needs. The job has left its phase.
local dispositions = {
  s = function(r, result)
    set_extra(r, 'result', result)
    set_extra(r, 'error', nil)
    finish(r, SUCCEEDED)
  end,
  f = function(r, failure, retry_after)
    set_extra(r, 'error', failure)
    if retry_after and r.attempt < r.max_attempts then
      go_back(r, later(now, retry_after))
    else
      finish(r, FAILED)
    end
  end,
  c = function(r, reason)
    if reason then set_extra(r, 'error', reason) end
    finish(r, CANCELLED)
  end,
  z = function(r, delay)
    r.attempt = r.attempt - 1
    go_back(r, later(now, delay))
  end,
  r = function(r)
    r.attempt = r.attempt - 1
    go_back(r, now)
  end,
  w = function(r, wait, deadline)
    r.attempt = r.attempt - 1
    r.expiry = nil
    wait_for(r, wait, deadline)
  end,
}

-- Takes in a settlement's children, all or none; answers the first refusal.
local function accept_children(children)
  undo = {}
  for i, child in ipairs(children) do
    local code, a, b = accept(child, true)
    if code == ID_TAKEN or code == KEY_TAKEN then
      local log = undo
      undo = nil
      rollback(log)
      return { i, code, a or false }
    end
  end
  undo = nil
end

local function settle_one(s, draw)
  local r = row(s.id)
  if not is_current(r, s.epoch) then
    if r and r.settled == s.epoch and s.epoch > 0 then return ALREADY_SETTLED + r.mark end
    return LEASE_LOST
  end
  if s.is_faulty then return FAULTY end
  local refused = s.children and accept_children(s.children)
  if refused then return refused end
  if s.steps then
    for _, step in ipairs(s.steps) do write_step(r, step[1], step[2], step[3]) end
    for _, event in ipairs(s.events) do append(event[1], event[2], event[3], event[4], draw) end
  end
  if s.progress then set_extra(r, 'progress', s.progress) end
  r.settled = s.epoch
  leave(r)
  dispositions[s.disposition](r, s.a, s.b)
  return r.mark
end

-- Hands out the random part of the ids that were sent along, and says in the end how many it gave.
local function drawer(tails)
  local given = 0
  return function()
    given = given + 1
    return sub(tails, given * 10 - 9, given * 10)
  end, function() return given end
end

-- Topic triggers have changed since the caller looked: nothing happens, and it looks again.
local function is_stale(revision) return revision ~= meta.topics end

local function arriving_settlement(arg, arrivals)
  local id, epoch, disposition, a, b, is_faulty, progress, steps, events, children = unpack_all(arg)
  local arrived
  if children and children[1] then
    arrived = {}
    for number, child in ipairs(children) do
      arrived[number] = arriving(child[1], child[2], child[3])
      arrivals[#arrivals + 1] = arrived[number]
    end
  end
  return {
    id = id, epoch = epoch, disposition = disposition, a = a, b = b, is_faulty = is_faulty, progress = progress, steps = steps,
    events = events, children = arrived,
  }
end

function transitions.settle(keys, args)
  begin(keys, args)
  local revision, tails = unpack_all(args[2])
  if is_stale(revision) then return refused('stale') end
  local settlements, ids, arrivals, is_twice = {}, {}, {}, false
  local seen, keys_of, numbers = {}, {}, {}
  for i = 3, #args do
    local arg, id = args[i], nil
    -- A success that brings nothing along is id and epoch alone.
    if #arg == 20 then
      id = sub(arg, 1, 16)
      keys_of[#keys_of + 1], numbers[#numbers + 1] = tag .. ':s:' .. id, i - 2
    else
      settlements[i - 2] = arriving_settlement(arg, arrivals)
      id = settlements[i - 2].id
    end
    ids[i - 2], is_twice, seen[id] = id, is_twice or seen[id], true
  end
  -- The short ones are nobody else's business, so they may come first; but not where a job is settled twice.
  local found, answers, rest = is_twice and {} or fetch_many('MGET', nil, keys_of), {}, {}
  for i, number in ipairs(numbers) do
    local id, epoch = ids[number], sub(args[number + 2], 17)
    if found[i] and settle_plain(id, keys_of[i], found[i], epoch) then
      answers[number] = SUCCEEDED
    else
      settlements[number] = { id = id, epoch = struct_unpack('>I4', epoch), disposition = 's' }
    end
  end
  for number in pairs(settlements) do rest[#rest + 1] = number end
  table.sort(rest)
  local draw, given = drawer(tails or '')
  if rest[1] then
    local wanted = {}
    for i, number in ipairs(rest) do wanted[i] = ids[number] end
    load(wanted)
    if arrivals[1] then prepare(arrivals) end
    for _, number in ipairs(rest) do answers[number] = settle_one(settlements[number], draw) end
  end
  return finished({ given(), answers })
end

-- MARK: Steps and events

-- Each group is one lease's steps: id, epoch, whether one is faulty, steps.
function transitions.record(keys, args)
  begin(keys, args)
  local groups, ids = {}, {}
  for i = 2, #args do
    local g = { unpack_all(args[i]) }
    groups[#groups + 1] = g
    ids[#ids + 1] = g[1]
  end
  load(ids)
  local answers = {}
  for i, g in ipairs(groups) do
    local r = rows[g[1]]
    if not is_current(r, g[2]) then
      answers[i] = { LEASE_LOST }
    elseif g[3] then
      answers[i] = { FAULTY }
    else
      local stored = { SETTLED }
      for _, step in ipairs(g[4]) do stored[#stored + 1] = write_step(r, step[1], step[2], step[3]) end
      answers[i] = stored
    end
  end
  return finished(answers)
end

-- Each event: stream, type, data, the triggers it may fire, the lease it is written under, and the progress that it says.
function transitions.append(keys, args)
  begin(keys, args)
  local revision, tails = unpack_all(args[2])
  if is_stale(revision) then return refused('stale') end
  local draw, given = drawer(tails or '')
  local answers, list, ids, streams = {}, {}, {}, {}
  for i = 3, #args do
    local event = { unpack_all(args[i]) }
    list[#list + 1] = event
    streams[#streams + 1] = event[1]
    if event[5] then ids[#ids + 1] = event[5] end
  end
  load(ids)
  hload('st', streams)
  for i, event in ipairs(list) do
    local stream, type, data, matches, id, epoch, progress = unpack(event, 1, 7)
    local r = id and row(id)
    if id and not is_current(r, epoch) then
      answers[i] = 0
    else
      if progress then set_extra(r, 'progress', progress) end
      answers[i] = append(stream, type, data, matches, draw)
    end
  end
  return finished({ given(), answers })
end

-- MARK: Liveness

local HELD, CANCEL_REQUESTED, LOST = 0, 1, 2

function transitions.renew(keys, args)
  begin(keys, args)
  local node, ttl, is_last, departed, leases = unpack_all(args[2])
  sweep(departed)
  local holds_work = tally('held', node)[3] > 0
  local generation = tonumber(hget('generations', node) or 0)
  if is_last and not holds_work then
    if generation > 0 then
      zput('nodes', node, false)
      hput('generations', node, false)
    end
    generation = 0
  elseif holds_work or generation == 0 then
    generation = extend_node(node, ttl)
  end
  local ids = {}
  for _, lease in ipairs(leases) do ids[#ids + 1] = lease[1] end
  load(ids)
  local states = {}
  for i, lease in ipairs(leases) do
    local r = rows[lease[1]]
    if not is_current(r, lease[2]) then
      states[i] = LOST
    else
      if r.expiry then
        index(r, -1)
        r.expiry = later(now, ttl)
        index(r, 1)
        touch(r)
      end
      states[i] = r.cancel and CANCEL_REQUESTED or HELD
    end
  end
  flush()
  local asked, cancelled = call('SMEMBERS', key('y:' .. node)), {}
  load(asked)
  for _, id in ipairs(asked) do
    if rows[id] then cancelled[#cancelled + 1] = pack(id, rows[id].epoch) end
  end
  return finished({ generation, states, cancelled, call('ZRANGE', key('nodes'), 0, -1) })
end
