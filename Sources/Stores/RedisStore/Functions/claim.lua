-- Jobs go out.

-- MARK: Inside a queue

-- Looks at the first due jobs of a lane, ids and due times in turn, and answers how many of them the node may have, at most `most`.
local function look_at(lane, most, suspects, node)
  lane.list = call('ZRANGEBYSCORE', lane.key, '-inf', now_text, 'WITHSCORES', 'LIMIT', 0, most + lane.passed + suspects.count)
  lane.at = 1
  local supply, list = #lane.list / 2, lane.list
  if lane.passed > 0 or suspects.count > 0 then
    supply = 0
    for i = 1, #list, 2 do
      if not lane.taken[list[i]] and not (suspects.ids[list[i]] and node.suspects > 0) then supply = supply + 1 end
    end
  end
  return supply < most and supply or most
end

-- The due job of a tenant that the node may have and that ranks first, then the one with the smaller id.
local function first_due(lanes_of_tenant, suspects, node)
  local best, rank, from
  for _, lane in ipairs(lanes_of_tenant) do
    local list, at = lane.list, lane.at
    -- A suspect that is passed over is passed over to the end: the node's suspects only grow in a claim.
    while list[at] and (lane.taken[list[at]] or (suspects.ids[list[at]] and node.suspects > 0)) do at = at + 2 end
    lane.at = at
    local id = list[at]
    if id and not lanes_of_tenant[2] then
      best, from = id, lane
    elseif id then
      local ranked = tonumber(list[at + 1]) + lane.priority * 60000000
      if not best or ranked < rank or (ranked == rank and before(id, best)) then best, rank, from = id, ranked, lane end
    end
  end
  if best then
    from.taken[best] = true
    from.passed = from.passed + 1
    if suspects.ids[best] then node.suspects = node.suspects + 1 end
  end
  return best
end

-- A heap of contenders by turn, then tenant: the order of start tags too, since those grow with the turns.
local function is_served_before(a, b)
  if a.turn ~= b.turn then return a.turn < b.turn end
  return before(a.tenant, b.tenant)
end

local function sift_down(heap, at)
  while true do
    local least = at
    for child = 2 * at, 2 * at + 1 do
      if heap[child] and is_served_before(heap[child], heap[least]) then least = child end
    end
    if least == at then return end
    heap[at], heap[least] = heap[least], heap[at]
    at = least
  end
end

-- Start-time fair queueing: who gets the next of `capacity` starts, one after another.
local function allot(q, capacity, contenders)
  local base, heap, order, virtual = q.virtual, {}, {}, q.virtual
  for _, contender in ipairs(contenders) do
    if contender.supply > 0 then heap[#heap + 1] = contender end
  end
  for at = floor(#heap / 2), 1, -1 do sift_down(heap, at) end
  while #order < capacity and heap[1] do
    local first = heap[1]
    local start = first.turn > base and first.turn or base
    if start > virtual then virtual = start end
    first.turn, first.has_moved, first.supply = start + 1, true, first.supply - 1
    order[#order + 1] = first
    if first.supply == 0 then
      heap[1] = heap[#heap]
      heap[#heap] = nil
    end
    sift_down(heap, 1)
  end
  change_queue(q, 'virtual', virtual)
  return order
end

local function contenders_of(contest, capacity, node, suspects)
  local q, place, list = contest.q, 'turns:' .. contest.q.name, {}
  for tenant, lanes_of_tenant in pairs(contest.tenants) do
    local supply = 0
    for _, lane in ipairs(lanes_of_tenant) do supply = supply + look_at(lane, capacity, suspects, node) end
    if supply > 0 then
      if q.per_tenant then
        local room = q.per_tenant - running_of(q.name, tenant) - (contest.started[tenant] or 0)
        if room < supply then supply = room > 0 and room or 0 end
      end
      list[#list + 1] = { tenant = tenant, lanes = lanes_of_tenant, supply = supply, turn = tonumber(hget(place, tenant) or 0) }
    end
  end
  return list
end

-- Picks up to `capacity` jobs of one queue.
local function serve(contest, capacity, node, suspects, picked)
  local contenders = contenders_of(contest, capacity, node, suspects)
  local count = 0
  for _, contender in ipairs(allot(contest.q, capacity, contenders)) do
    local id = first_due(contender.lanes, suspects, node)
    if id then
      picked[#picked + 1] = id
      contest.started[contender.tenant] = (contest.started[contender.tenant] or 0) + 1
      count = count + 1
    end
  end
  for _, contender in ipairs(contenders) do
    if contender.has_moved then hput('turns:' .. contest.q.name, contender.tenant, exact(contender.turn)) end
  end
  local q = contest.q
  if q.interval and count > 0 then
    local tat, ns = taken(q.tat, q.tat_ns, q.interval, count)
    change_queue(q, 'tat', tat)
    change_queue(q, 'tat_ns', ns)
  end
  return count
end

-- MARK: Between queues

local function capacity_of(q, demand)
  local capacity = demand or math.huge
  if q.concurrency then capacity = math.min(capacity, q.concurrency - tally('c', q.name)[RUNNING]) end
  if q.interval then capacity = math.min(capacity, available(q.tat, q.tat_ns, q.interval, q.burst)) end
  return capacity
end

-- A queue that can hand something out: its due lanes of known kinds by tenant, and the earliest due time.
local function contest_of(name, kinds, demand)
  local q = queue_named(name)
  if not q.is_known or q.paused then return nil end
  local capacity = capacity_of(q, demand)
  if capacity <= 0 then return nil end
  local heads = call('ZRANGEBYSCORE', key('h:' .. name), '-inf', exact(now), 'WITHSCORES')
  local contest = { q = q, capacity = capacity, tenants = {}, started = {} }
  for i = 1, #heads, 2 do
    local tenant, kind, priority = string.match(heads[i], '^(.-)%z(.-)%z(%d)$')
    if not kinds or kinds[kind] then
      contest.earliest = contest.earliest or tonumber(heads[i + 1])
      local list = contest.tenants[tenant] or {}
      contest.tenants[tenant] = list
      list[#list + 1] = { key = key('l:' .. name .. '\0' .. heads[i]), priority = tonumber(priority), taken = {}, passed = 0 }
    end
  end
  return contest.earliest and contest or nil
end

local function contests_of(plan, kinds)
  local found = {}
  local names = plan.names
  if not names then names = call('ZRANGEBYSCORE', key('due'), '-inf', exact(now)) end
  for _, name in ipairs(names) do
    local contest = contest_of(name, kinds, plan.demands and plan.demands[name])
    if contest then found[#found + 1] = contest end
  end
  table.sort(found, function(a, b)
    if a.earliest ~= b.earliest then return a.earliest < b.earliest end
    return before(a.q.name, b.q.name)
  end)
  return found
end

-- MARK: What comes next

local function next_due_of(name, kinds, best)
  local q = queue_named(name)
  if not q.is_known or q.paused then return best end
  local heads = call('ZRANGE', key('h:' .. name), 0, 199, 'WITHSCORES')
  for i = 1, #heads, 2 do
    local _, kind = string.match(heads[i], '^(.-)%z(.-)%z%d$')
    local at = tonumber(heads[i + 1])
    if not kinds or kinds[kind] then
      if at <= now then
        if q.interval then
          local delay = rate_delay(q.tat, q.tat_ns, q.interval, q.burst, 1)
          if delay > 0 and (not best or delay < best) then best = delay end
        end
        local future = call('ZRANGEBYSCORE', key('l:' .. name .. '\0' .. heads[i]), '(' .. exact(now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
        at = tonumber(future[2])
      end
      if at and (not best or at - now < best) then best = at - now end
    end
  end
  return best
end

local function next_due(plan, kinds)
  local best
  for _, name in ipairs(plan.names or call('ZRANGE', key('due'), 0, -1)) do best = next_due_of(name, kinds, best) end
  for _, name in ipairs({ 'leases', 'timeouts', 'deadlines' }) do
    local at = tonumber(call('ZRANGE', key(name), 0, 0, 'WITHSCORES')[2])
    if at and (not best or at - now < best) then best = at - now end
  end
  local nodes = call('ZRANGE', key('nodes'), 0, 19, 'WITHSCORES')
  for i = 1, #nodes, 2 do
    if tally('held', nodes[i])[3] > 0 then
      local at = tonumber(nodes[i + 1])
      if not best or at - now < best then best = at - now end
    end
  end
  return best and (best > 0 and best or 0)
end

-- MARK: The transition

local function start(r, plan)
  index(r, -1)
  r.epoch, r.attempt, r.node, r.started, r.cancel = r.epoch + 1, r.attempt + 1, plan.node, now, false
  r.expiry = not plan.shares and later(now, plan.ttl) or nil
  r.mark = RUNNING
  index(r, 1)
  touch(r)
end

function transitions.claim(keys, args)
  begin(keys, args)
  local plan, kinds_named, demands, _ = {}, nil, nil, nil
  plan.node, plan.limit, plan.ttl, plan.shares, kinds_named, demands = unpack_all(args[2])
  local kinds
  if kinds_named then
    kinds = {}
    for _, kind in ipairs(kinds_named) do kinds[kind] = true end
  end
  if demands then
    plan.demands, plan.names = demands, {}
    for name in pairs(demands) do plan.names[#plan.names + 1] = name end
  end
  sweep({})
  local picked = {}
  if plan.limit > 0 then
    local contests = contests_of(plan, kinds)
    local suspects, node = { ids = {}, count = 0 }, { suspects = tally('held', plan.node)[2] }
    if #contests > 0 then
      for _, id in ipairs(call('SMEMBERS', key('suspects'))) do
        suspects.ids[id] = true
        suspects.count = suspects.count + 1
      end
    end
    for _, share in ipairs({ math.max(1, floor(plan.limit / math.max(1, #contests))), plan.limit }) do
      for _, contest in ipairs(contests) do
        local capacity = math.min(contest.capacity, share, plan.limit - #picked)
        if capacity > 0 then contest.capacity = contest.capacity - serve(contest, capacity, node, suspects, picked) end
      end
    end
  end
  load(picked)
  local answers = {}
  for _, id in ipairs(picked) do
    local r = rows[id]
    start(r, plan)
    answer_row(r, answers)
    if r.has_steps then answers[#answers] = call('HGETALL', key('t:' .. id)) end
  end
  local generation = 0
  if plan.shares then
    if #picked > 0 then generation = extend_node(plan.node, plan.ttl) else generation = tonumber(hget('generations', plan.node) or 0) end
  end
  flush()
  local next = #picked < plan.limit and next_due(plan, kinds) or nil
  return finished({ pack(generation, next), answers })
end
