-- What people and the trigger clock do: each function answers a word where nothing came of it.

-- Where the states of these jobs go, and whether none of the jobs is kept, which one number says, or named twice.
local function places_of(args)
  local places, count, seen, prefix = {}, 0, {}, tag .. ':s:'
  for i = 2, #args, 3 do
    local id = args[i]
    if seen[id] then return {}, false end
    count = count + 1
    seen[id], places[count] = true, prefix .. id
  end
  return places, call('EXISTS', unpack(places)) == 0
end

function transitions.enqueue(keys, args)
  begin(keys, args)
  local arrivals, numbers, number = {}, {}, 0
  local places, are_new = places_of(args)
  for i = 2, #args, 3 do
    local id, ticket = args[i], args[i + 1]
    number = number + 1
    local common = are_new and byte(ticket, 1) == 0 and (tickets[ticket] or common_of(ticket))
    if common and common.base == 0 and not queue_named(common.lane.queue).high then
      accept_plain(id, places[number], common, args[i + 2])
    else
      arrivals[#arrivals + 1], numbers[#numbers + 1] = arriving(id, ticket, args[i + 2]), number
    end
  end
  if arrivals[1] then prepare(arrivals) end
  -- Only what is not plainly accepted is answered in words.
  local answers = {}
  for i, r in ipairs(arrivals) do
    local code, a, b = accept(r, false)
    if code ~= ACCEPTED then answers[#answers + 1] = { numbers[i], enqueue_answer(code, a, b) } end
  end
  return finished(answers)
end

function transitions.cancel(keys, args)
  begin(keys, args)
  local r = row(args[2])
  if not r then return refused('missing') end
  if r.mark > WAITING then return refused('finished') end
  stop(r)
  return finished(answer_row(r, {}))
end

function transitions.revive(keys, args)
  begin(keys, args)
  local r = row(args[2])
  if not r then return refused('missing') end
  if r.mark <= WAITING then return refused('unfinished', r.mark) end
  if r.key and r.scope == 0 then
    local place = r.tenant .. '\0' .. r.key
    local stored = hget('keys', place)
    if stored then
      local holder, _, expires = unpack_all(stored)
      if (not expires or expires > now) and holder ~= r.id then return refused('taken', holder, r.key) end
    end
    hput('keys', place, pack(r.id, true, nil))
  end
  leave(r)
  set_extra(r, 'error', nil)
  set_extra(r, 'result', nil)
  r.attempt, r.deaths, r.due, r.finished, r.cancel = 0, 0, now, nil, false
  enter(r, READY)
  return finished(answer_row(r, {}))
end

-- MARK: Triggers: revision, next slot, last slot, made at, paused, overlap, topic, and the rest as the caller wrote it

function transitions.put(keys, args)
  begin(keys, args)
  local name, expected, keeps_slots, is_paused, overlap, topic, text, least, its_next, its_last, its_made = unpack_all(args[2])
  local stored = hget('triggers', name)
  local revision, next, last, created, _, _, old_topic = 0, nil, nil, now, nil, nil, nil
  if stored then revision, next, last, created, _, _, old_topic = unpack_all(stored) end
  if revision ~= expected then return refused('changed') end
  if topic or old_topic then hput('m', 'topics', exact(meta.topics + 1)) end
  if not text then
    hput('triggers', name, false)
    return finished({ false })
  end
  local made
  if least then
    -- It comes from another store; a revision never goes back.
    made = pack(math.max(revision + 1, least), its_next, its_last, its_made, is_paused, overlap, topic, text)
  else
    made = pack(revision + 1, keeps_slots and next or nil, last, created, is_paused, overlap, topic, text)
  end
  hput('triggers', name, made)
  work, hint = true, true
  return finished({ made })
end

function transitions.fire(keys, args)
  begin(keys, args)
  local name, revision, slot, next, last, latest = unpack_all(args[2])
  local stored = hget('triggers', name)
  if not stored then return refused('missing') end
  local known, old_next, old_last, created, is_paused, overlap, topic, text = unpack_all(stored)
  if known ~= revision or old_next ~= slot or is_paused then return refused('stale') end
  -- The slots in order; the first that has not come.
  for _, at in ipairs(latest) do
    if at > now then return refused('early', exact(at - now)) end
  end
  hput('triggers', name, pack(known, next, last or old_last, created, is_paused, overlap, topic, text))
  local arrivals, answers = {}, {}
  for i = 3, #args, 3 do arrivals[#arrivals + 1] = arriving(args[i], args[i + 1], args[i + 2]) end
  prepare(arrivals)
  for i, r in ipairs(arrivals) do
    local is_faulty = r.kind == ''
    local earlier = tally('tc', name)[1]
    if is_faulty then
      answers[i] = { earlier > 0 and overlap == 'skip' and -1 or -2 }
      if earlier > 0 and overlap == 'cancel' then
        for _, id in ipairs(members('u:' .. name)) do stop(row(id)) end
      end
    else
      local code, a, b = place(r, overlap)
      answers[i] = code and enqueue_answer(code, a, b) or { -1 }
    end
  end
  return finished({ 'fired', answers })
end

-- MARK: Queues, buckets, named leases

local function queue_state(name)
  return { name, hget('q', name), hget('c', name) }
end

function transitions.policy(keys, args)
  begin(keys, args)
  local q = queue_named(args[2])
  change_queue(q, 'policy', args[3])
  if not select(5, unpack_all(args[3])) then change_queue(q, 'refused_from', 4) end
  q.dirty, q.is_known, work, hint = true, true, true, true
  flush()
  return finished(queue_state(args[2]))
end

function transitions.pause(keys, args)
  begin(keys, args)
  local q = queue_named(args[2])
  q.paused, q.dirty, q.is_known, work, hint = args[3] == '1', true, true, true, true
  flush()
  return finished(queue_state(args[2]))
end

function transitions.take(keys, args)
  begin(keys, args)
  local bucket, count, interval, burst = unpack_all(args[2])
  local stored = hget('buckets', bucket)
  local tat, ns = 0, 0
  if stored then tat, ns = unpack_all(stored) end
  local delay = rate_delay(tat, ns, interval, burst, count)
  if delay == 0 then
    tat, ns = taken(tat, ns, interval, count)
    hput('buckets', bucket, pack(tat, ns))
    zput('idle', bucket, tat)
  end
  return finished({ exact(delay) })
end

function transitions.acquire(keys, args)
  begin(keys, args)
  local name, owner, ttl = unpack_all(args[2])
  local stored = hget('names', name)
  local epoch, holder, expires = 0, nil, 0
  if stored then epoch, holder, expires = unpack_all(stored) end
  local is_held = stored and expires > now
  if is_held and holder ~= owner then return finished({ 'held', holder, exact(expires - now) }) end
  if not is_held then epoch = epoch + 1 end
  hput('names', name, pack(epoch, owner, later(now, ttl)))
  return finished({ 'granted', exact(epoch) })
end

function transitions.release(keys, args)
  begin(keys, args)
  local name, epoch = unpack_all(args[2])
  local stored = hget('names', name)
  if not stored then return finished({ 0 }) end
  local current, owner, expires = unpack_all(stored)
  if expires <= now or current ~= epoch then return finished({ 0 }) end
  hput('names', name, pack(current, owner, now))
  return finished({ 1 })
end
