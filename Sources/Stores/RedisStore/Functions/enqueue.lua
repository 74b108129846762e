-- Jobs come in.

local ACCEPTED, DUPLICATE, REPLACED, ID_TAKEN, KEY_TAKEN, QUEUE_FULL = 0, 1, 2, 3, 4, 5

local function place_key(r)
  local place, expires = r.tenant .. '\0' .. r.key, nil
  if r.scope < 0 then
    expires = later(now, -r.scope)
    zput('windows', place, expires)
  end
  hput('keys', place, pack(r.id, r.scope == 0, expires))
end

local function replace(held, r)
  index(held, -1)
  enlist(held, false)
  local timeout, labels, payload = select(12, unpack_all(r.j))
  put(held, 'lane', lane_named(held.queue .. '\0' .. held.tenant .. '\0' .. r.kind .. '\0' .. r.priority))
  put(held, 'kind', r.kind)
  put(held, 'priority', r.priority)
  put(held, 'base', BASE + (labels and LABELLED or 0))
  put(held, 'max_attempts', r.max_attempts)
  put(held, 'queue_timeout', r.queue_timeout)
  put(held, 'due', r.due)
  put(held, 'was_big', held.was_big or held.is_big)
  put(held, 'is_big', r.is_big)
  put(held, 'payload', r.payload)
  put(held, 'j', pack(
    r.kind, held.queue, held.tenant, r.priority, r.max_attempts, r.queue_timeout, held.key, held.scope, held.parent, held.group, held.trigger,
    timeout, labels, payload))
  put(held, 'j_dirty', true)
  enlist(held, true)
  index(held, 1)
  touch(held)
  work, hint = true, true
end

local function collide(r, holder)
  local held = row(holder)
  if not held or r.conflict == 'reject' then return KEY_TAKEN, holder end
  if r.conflict ~= 'replace' or held.mark ~= READY then return DUPLICATE, held end
  replace(held, r)
  return REPLACED, held
end

-- Takes in one job, or says why not. `is_admitted` for the jobs that no full queue refuses: children, and those of triggers. `wait` where
-- it has to wait for its turn.
local function accept(r, is_admitted, wait)
  local existing = row(r.id)
  if existing then
    local is_same = existing.kind == r.kind and existing.queue == r.queue and existing.tenant == r.tenant and payload_of(existing) == payload_of(r)
    if is_same then return DUPLICATE, existing end
    return ID_TAKEN
  end
  if r.key then
    local stored = hget('keys', r.tenant .. '\0' .. r.key)
    if stored then
      local holder, _, expires = unpack_all(stored)
      if not expires or expires > now then return collide(r, holder) end
    end
  end
  local q = queue_named(r.queue)
  if not is_admitted and q.is_known then
    local depth = r.lane.of_queue[READY]
    if not admits(q, r.priority, depth) then
      local excess = depth - q.low
      local delay = 1 + floor((excess > 0 and excess or 0) / 1000)
      return QUEUE_FULL, depth, delay < 60 and delay or 60
    end
  end
  change_queue(q, 'is_known', true)
  if wait then
    r.due, r.x, r.has_extras, r.extras_dirty = FAR, { wait = wait }, true, true
  end
  put(rows, r.id, r)
  r.j_dirty = true
  enter(r, wait and WAITING or READY)
  enlist(r, true)
  if r.key then place_key(r) end
  return ACCEPTED, r
end

-- What is answered of one job: its code, and what the code needs.
local function enqueue_answer(code, a, b)
  if code <= REPLACED then return { code, answer_row(a, {}) } end
  return { code, a or false, b }
end

-- Enqueues a trigger's job under its overlap policy; nothing is answered where that drops it.
local function place(r, overlap)
  if tally('tc', r.trigger)[1] == 0 then return accept(r, true) end
  if overlap == 'skip' then return nil end
  if overlap == 'queue' then return accept(r, true, pack('t', r.trigger, nil, nil, nil, nil)) end
  local earlier = members('u:' .. r.trigger)
  load(earlier)
  for _, id in ipairs(earlier) do stop(rows[id]) end
  return accept(r, true)
end

-- The rows and keys that these jobs will ask for, with two commands.
local function prepare(arrivals)
  local ids, names = {}, {}
  for _, r in ipairs(arrivals) do
    ids[#ids + 1] = r.id
    if r.key then names[#names + 1] = r.tenant .. '\0' .. r.key end
  end
  load(find(ids))
  if #names > 0 then hload('keys', names) end
end
