-- Queues: `q` holds each one's row, `c` its counts, `n` what runs of a tenant, `turns:<queue>` the fair share's turns.

local function queue_named(name)
  local q = queues[name]
  if not q then
    q = { name = name }
    local stored = hget('q', name)
    if stored then
      q.is_known = true
      q.paused, q.refused_from, q.virtual, q.tat, q.tat_ns, q.policy = unpack_all(stored)
    else
      q.paused, q.refused_from, q.virtual, q.tat, q.tat_ns = false, 4, 0, 0, 0
    end
    if q.policy then
      q.concurrency, q.per_tenant, q.interval, q.burst, q.high, q.low, q.retention = unpack_all(q.policy)
    else
      q.retention = 604800000000
    end
    queues[name] = q
  end
  return q
end

local function change_queue(q, field, value)
  if q[field] ~= value or not q.is_known then
    put(q, field, value)
    put(q, 'is_known', true)
    put(q, 'dirty', true)
  end
end

local function running_of(queue, tenant) return tally('n', tenant_of(queue, tenant))[1] end

-- MARK: The generic cell rate, in nanoseconds; an instant is held as microseconds and the rest, since a double holds no nanosecond of
-- today. Exact for spans up to 104 days, and to some nanoseconds beyond.

local function debt(tat, tat_ns)
  local ns = (tat - now) * 1000 + tat_ns
  return ns > 0 and ns or 0
end

local function available(tat, tat_ns, interval, burst)
  local free = burst - math.ceil(debt(tat, tat_ns) / interval)
  return free > 0 and free or 0
end

-- Microseconds until so many can start.
local function rate_delay(tat, tat_ns, interval, burst, count)
  local missing = interval * (count < burst and count or burst) - (interval * burst - debt(tat, tat_ns))
  return missing <= 0 and 0 or floor((missing + 999) / 1000)
end

local function taken(tat, tat_ns, interval, count)
  if tat < now then tat, tat_ns = now, 0 end
  local ns = tat_ns + interval * count
  return tat + floor(ns / 1000), ns % 1000
end

-- MARK: Admission, with hysteresis

local function admits(q, priority, depth)
  if not q.high then
    change_queue(q, 'refused_from', 4)
    return true
  end
  local low, from = q.low, q.refused_from
  if depth < low then from = 4 end
  local step = floor((q.high - low) / 4)
  if step < 1 then step = 1 end
  while from > 0 and depth >= q.high + (2 - (from - 1)) * step do from = from - 1 end
  change_queue(q, 'refused_from', from)
  return priority < from
end
