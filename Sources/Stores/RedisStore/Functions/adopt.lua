-- Jobs and events that come from another store, as they stood there.

-- Whether a job that is kept makes room for a later state of it.
local function gives_way(kept, r, created, epoch)
  return (kept.mark == READY or kept.mark == WAITING) and kept.epoch <= epoch and kept.created == created and kept.queue == r.queue
    and kept.tenant == r.tenant and queue_named(r.queue).paused
end

-- Takes out what is kept of a job that `r` comes in place of; `enter` and `flush` do the rest.
local function make_room(kept, r)
  leave(kept)
  enlist(kept, false)
  if kept.key then
    local place = kept.tenant .. '\0' .. kept.key
    local stored = hget('keys', place)
    if stored and unpack_all(stored) == kept.id then hput('keys', place, false) end
  end
  if kept.has_steps then
    local place = 't:' .. kept.id
    for _, name in ipairs(call('HKEYS', key(place))) do hput(place, name, false) end
    -- Those of this call are not written yet.
    for name in pairs(hash(place).values) do hput(place, name, false) end
  end
  r.was_big, r.had_extras = kept.is_big or kept.was_big, kept.has_extras
end

local function adopt_steps(r, steps)
  r.has_steps, r.steps = #steps > 0, #steps
  for number, step in ipairs(steps) do
    local name, state, at, result = unpack(step, 1, 4)
    hput('t:' .. r.id, name, pack(number, state, tonumber(at), result))
  end
end

-- Puts in a job as its history says: mark, attempt, epoch, settled epoch, deaths, whether it was asked to stop, node, made, started and
-- finished at, whether it keeps its key and until when, progress, result, error, wait, steps.
local function adopt(r, history)
  local mark, attempt, epoch, settled, deaths, cancel, node, created, started, ended, keeps, expires, progress, result, failure, wait, steps =
    unpack_all(history)
  created = tonumber(created)
  local kept = row(r.id)
  if kept and not gives_way(kept, r, created, epoch) then
    local is_same = kept.kind == r.kind and kept.queue == r.queue and kept.tenant == r.tenant and payload_of(kept) == payload_of(r)
    if is_same then return DUPLICATE, kept end
    return ID_TAKEN
  end
  expires = tonumber(expires)
  keeps = keeps and not (expires and expires <= now)
  local place = r.key and r.tenant .. '\0' .. r.key
  if keeps then
    local stored = hget('keys', place)
    if stored then
      local holder, _, its_end = unpack_all(stored)
      if holder ~= r.id and (not its_end or its_end > now) then return KEY_TAKEN, holder end
    end
  end
  if kept then make_room(kept, r) end
  change_queue(queue_named(r.queue), 'is_known', true)
  r.attempt, r.epoch, r.settled, r.deaths, r.cancel = attempt, epoch, settled, deaths, cancel
  r.node, r.created, r.started, r.finished = node, created, tonumber(started), tonumber(ended)
  r.x = { progress = progress, result = result, error = failure, wait = wait }
  r.has_extras = progress ~= nil or result ~= nil or failure ~= nil or wait ~= nil
  r.extras_dirty = r.has_extras or r.had_extras
  put(rows, r.id, r)
  r.j_dirty, r.is_adopted = true, true
  adopt_steps(r, steps)
  enter(r, mark)
  enlist(r, true)
  r.is_adopted = nil
  if keeps then
    if expires then zput('windows', place, expires) end
    hput('keys', place, pack(r.id, r.scope == 0, expires))
  end
  -- Children may come after their parent: only an event that is there already can tell at once that a wait is over.
  if mark == WAITING then
    local sort, stream, type, after = wait_of(r)
    local ended_by = sort == 'e' and find_event(stream, type, after)
    if ended_by then end_wait(r, ended_by) end
  end
  return kept and REPLACED or ACCEPTED, r
end

function transitions.adopt(keys, args)
  begin(keys, args)
  local arrivals, histories = {}, {}
  for i = 2, #args, 4 do
    arrivals[#arrivals + 1] = arriving(args[i], args[i + 1], args[i + 2])
    histories[#histories + 1] = args[i + 3]
  end
  prepare(arrivals)
  local answers = {}
  for i, r in ipairs(arrivals) do answers[i] = enqueue_answer(adopt(r, histories[i])) end
  return finished(answers)
end

-- MARK: Events

local OTHER_EVENT = -1

-- The event with this number: at, type, data; nothing where retention has removed it.
local function event_at(stream, sequence)
  for _, event in ipairs(events[stream] or {}) do
    if event[1] == sequence then return event[4] or now, event[2], event[3] end
  end
  local entry = call('XRANGE', key('e:' .. stream), exact(sequence), exact(sequence))[1]
  if entry then
    local _, at, type, data = entry_fields(entry)
    return tonumber(at), type, data
  end
end

-- Answers the number, or that another event has it, or below that the last number of the stream, which it does not follow.
local function adopt_event(stream, sequence, at, type, data)
  local last = tonumber(hget('st', stream) or 0)
  if sequence <= last then
    local its_at, its_type, its_data = event_at(stream, sequence)
    if its_at and (its_at ~= at or its_type ~= type or its_data ~= data) then return OTHER_EVENT end
    return sequence
  end
  if last > 0 and sequence ~= last + 1 then return OTHER_EVENT - last end
  write_event(stream, sequence, type, data, at)
  return sequence
end

-- Each event: stream, number, at, type, data.
function transitions.adopt_events(keys, args)
  begin(keys, args)
  local answers = {}
  for i = 2, #args do
    local stream, sequence, at, type, data = unpack_all(args[i])
    answers[#answers + 1] = adopt_event(stream, sequence, tonumber(at), type, data)
  end
  return finished(answers)
end
