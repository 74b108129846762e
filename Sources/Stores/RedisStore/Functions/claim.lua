-- Jobs go out.

-- MARK: Inside a queue

-- Lanes of one queue up to which a claim looks at all of them.
local FEW = 200
-- Jobs of a lane that are looked at first where there are many lanes.
local GLANCE = 4

-- Reads due jobs of a lane; their due times only where lanes of one tenant are held against each other.
local function read_lane(lane, from, count, has_rivals)
  lane.at = 1
  if not has_rivals then
    lane.list = call('ZRANGEBYSCORE', lane.key, '-inf', now_text, 'LIMIT', from, count)
    return
  end
  local found = call('ZRANGEBYSCORE', lane.key, '-inf', now_text, 'WITHSCORES', 'LIMIT', from, count)
  lane.list, lane.dues = {}, {}
  for i = 1, #found, 2 do lane.list[(i + 1) / 2], lane.dues[(i + 1) / 2] = found[i], found[i + 1] end
end

-- Looks at the first due jobs of a lane and answers how many of them the node may have, at most `most`.
local function look_at(lane, most, suspects, node, is_crowded, has_rivals)
  lane.most, lane.has_more = most, false
  if suspects.count == 0 then
    local is_glance, supply = is_crowded and most > GLANCE, nil
    read_lane(lane, lane.passed, is_glance and GLANCE or most, has_rivals)
    supply = #lane.list
    lane.has_more = is_glance and supply == GLANCE
    if lane.has_more then supply = call('ZCOUNT', lane.key, '-inf', now_text) - lane.passed end
    return supply < most and supply or most
  end
  read_lane(lane, 0, most + lane.passed + suspects.count, has_rivals)
  local supply = 0
  for _, id in ipairs(lane.list) do
    if not lane.taken[id] and not (suspects.ids[id] and node.suspects > 0) then supply = supply + 1 end
  end
  return supply < most and supply or most
end

-- The due job of a tenant that the node may have and that ranks first, then the one with the smaller id.
local function first_due(lanes_of_tenant, suspects, node)
  local best, rank, from
  local has_rivals = lanes_of_tenant[2] ~= nil
  for _, lane in ipairs(lanes_of_tenant) do
    if not lane.list[lane.at] and lane.has_more then
      lane.has_more = false
      read_lane(lane, lane.passed, lane.most, has_rivals)
    end
    local list, at = lane.list, lane.at
    -- A suspect that is passed over is passed over to the end: the node's suspects only grow in a claim.
    while list[at] and (lane.taken[list[at]] or (suspects.ids[list[at]] and node.suspects > 0)) do at = at + 1 end
    lane.at = at
    local id = list[at]
    if id and not has_rivals then
      best, from = id, lane
    elseif id then
      local ranked = tonumber(lane.dues[at]) + lane.priority * 60000000
      if not best or ranked < rank or (ranked == rank and before(id, best)) then best, rank, from = id, ranked, lane end
    end
  end
  if best then
    from.passed, from.at = from.passed + 1, from.at + 1
    if suspects.count > 0 then from.taken[best] = true end
    if suspects.ids[best] then node.suspects = node.suspects + 1 end
  end
  return best
end

-- A heap of contenders by turn, then tenant: the order of start tags too, since those grow with the turns.
local function is_served_before(a, b)
  if a.turn ~= b.turn then return a.turn < b.turn end
  if a.first ~= b.first then return a.first < b.first end
  if a.second ~= b.second then return a.second < b.second end
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
  if #contenders == 1 then
    local only, start = contenders[1], math.max(base, contenders[1].turn)
    for i = 1, math.min(capacity, only.supply) do order[i] = only end
    only.turn, only.has_moved = start + #order, true
    change_queue(q, 'virtual', start + #order - 1)
    return order
  end
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

-- What a tenant can start now, and its place in the order of turns.
local function contender_of(contest, tenant, capacity, node, suspects)
  local q, supply, lanes_of_tenant = contest.q, 0, contest.tenants[tenant]
  for _, lane in ipairs(lanes_of_tenant) do supply = supply + look_at(lane, capacity, suspects, node, contest.is_crowded, lanes_of_tenant[2] ~= nil) end
  if supply > 0 and q.per_tenant then
    supply = math.min(supply, math.max(0, q.per_tenant - running_of(q.name, tenant) - (contest.started[tenant] or 0)))
  end
  -- The name's first bytes as numbers, which are quick to compare.
  local first, second = struct_unpack('>I6I6', sub(tenant .. '\0\0\0\0\0\0\0\0\0\0\0\0', 1, 12))
  return {
    tenant = tenant, lanes = lanes_of_tenant, supply = supply, turn = tonumber(hget('turns:' .. q.name, tenant) or 0), first = first, second = second,
    has_moved = nil,
  }
end

-- Takes a lane into the contest where the node knows its kind.
local function add_lane(contest, name, kinds)
  local tenant, kind, priority = string.match(name, '^(.-)%z(.-)%z(%d)$')
  if kinds and not kinds[kind] then return false end
  if not contest.lanes[name] then
    local lane, list = { key = key('l:' .. contest.q.name .. '\0' .. name), priority = tonumber(priority), taken = {}, passed = 0 }, contest.tenants[tenant] or {}
    contest.lanes[name], contest.tenants[tenant] = lane, list
    list[#list + 1] = lane
  end
  return true
end

-- All due lanes of a queue.
local function add_all(contest, kinds)
  contest.is_crowded = false
  local heads = call('ZRANGEBYSCORE', key('h:' .. contest.q.name), '-inf', now_text, 'WITHSCORES')
  for i = 1, #heads, 2 do
    if add_lane(contest, heads[i], kinds) then contest.earliest = contest.earliest or tonumber(heads[i + 1]) end
  end
end

-- In a queue of many lanes, those whose turn comes first and who have something for the node: so many are enough that nobody else could be served,
-- however many there are. Nil where it takes too long to find them.
local function first_contenders(contest, capacity, node, suspects, kinds)
  local q, list, from, wanted, found = contest.q, {}, 0, capacity + contest.served, 0
  local place, turns = 'a:' .. q.name, hash('turns:' .. q.name).values
  while found < wanted do
    if from > 3 * wanted + FEW then return nil end
    local page = call('ZRANGE', key(place), from, from + wanted - 1, 'WITHSCORES')
    for i = 1, #page, 2 do
      local tenant = page[i]
      if turns[tenant] == nil then turns[tenant] = page[i + 1] end
      if not contest.tenants[tenant] then
        contest.tenants[tenant] = {}
        local names = call('ZRANGEBYLEX', key('z:' .. q.name), '[' .. tenant .. '\0', '(' .. tenant .. '\1')
        for _, lane in ipairs(names) do add_lane(contest, lane, kinds) end
      end
      local contender = contender_of(contest, tenant, capacity, node, suspects)
      if contender.supply > 0 then
        list[#list + 1], found = contender, found + 1
        if found == wanted then break end
      end
    end
    if #page < 2 * wanted then break end
    from = from + wanted
  end
  return list
end

local function contenders_of(contest, capacity, node, suspects, kinds)
  if contest.is_crowded then
    local list = first_contenders(contest, capacity, node, suspects, kinds)
    if list then return list end
    add_all(contest, kinds)
  end
  local list = {}
  for tenant in pairs(contest.tenants) do
    local contender = contender_of(contest, tenant, capacity, node, suspects)
    if contender.supply > 0 then list[#list + 1] = contender end
  end
  return list
end

-- The first jobs of the only lane that has any.
local function pick_first(contest, contender, count, picked)
  local lane, at = contender.lanes[1], #picked
  for i = 1, count do picked[at + i] = lane.list[i] end
  lane.passed, lane.at = lane.passed + count, count + 1
  if not contest.started[contender.tenant] then contest.served = contest.served + 1 end
  contest.started[contender.tenant] = (contest.started[contender.tenant] or 0) + count
  return count
end

local function pick_in_turn(contest, order, node, suspects, picked)
  local count = 0
  for _, contender in ipairs(order) do
    local id = first_due(contender.lanes, suspects, node)
    if id then
      picked[#picked + 1] = id
      local started = contest.started[contender.tenant]
      if not started then contest.served = contest.served + 1 end
      contest.started[contender.tenant] = (started or 0) + 1
      count = count + 1
    end
  end
  return count
end

-- Picks up to `capacity` jobs of one queue.
local function serve(contest, capacity, node, suspects, picked, kinds)
  local contenders = contenders_of(contest, capacity, node, suspects, kinds)
  local order, only, count = allot(contest.q, capacity, contenders), contenders[1], 0
  if #contenders == 1 and #only.lanes == 1 and suspects.count == 0 and not only.lanes[1].has_more then
    count = pick_first(contest, only, #order, picked)
  else
    count = pick_in_turn(contest, order, node, suspects, picked)
  end
  for _, contender in ipairs(contenders) do
    if contender.has_moved then
      local turn = exact(contender.turn)
      hput('turns:' .. contest.q.name, contender.tenant, turn)
      zput('a:' .. contest.q.name, contender.tenant, turn)
    end
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
  local heads = call('ZRANGEBYSCORE', key('h:' .. name), '-inf', now_text, 'WITHSCORES', 'LIMIT', 0, FEW + 1)
  local contest = { q = q, capacity = capacity, tenants = {}, lanes = {}, started = {}, served = 0, is_crowded = #heads > 2 * FEW }
  for i = 1, #heads, 2 do
    local is_known = not kinds or kinds[string.match(heads[i], '^.-%z(.-)%z%d$')]
    if is_known and not contest.earliest then contest.earliest = tonumber(heads[i + 1]) end
    if is_known and not contest.is_crowded then add_lane(contest, heads[i], kinds) end
    if contest.is_crowded and contest.earliest then break end
  end
  if contest.is_crowded and not contest.earliest then add_all(contest, kinds) end
  return contest.earliest and contest or nil
end

local function contests_of(plan, kinds)
  local found = {}
  local names = plan.names
  if not names then names = call('ZRANGEBYSCORE', key('due'), '-inf', now_text) end
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
        local future = call('ZRANGEBYSCORE', key('l:' .. name .. '\0' .. heads[i]), '(' .. now_text, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
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
  if call('EXISTS', key('graves')) == 1 then return 0 end
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

-- Starts what was picked, and answers it in that order.
local function start_all(picked, plan, is_plain)
  local places, fixed, answers, node = {}, {}, {}, node_of(plan.node)
  for i, id in ipairs(picked) do places[i], fixed[i] = tag .. ':s:' .. id, tag .. ':j:' .. id end
  local stored = fetch_many('MGET', nil, places)
  fixed = fetch_many('MGET', nil, fixed)
  for i, id in ipairs(picked) do
    local at, s = 6 * i - 6, stored[i]
    local state = is_plain and rows[id] == nil and start_plain(id, places[i], s, node)
    if state then
      answers[at + 1], answers[at + 2], answers[at + 3], answers[at + 4], answers[at + 5], answers[at + 6] = id, fixed[i], state, false, false, false
    else
      local r = rows[id] or take_in(id, s)
      r.j = fixed[i]
      if is_special(r) then read_fixed(r, r.j) end
      start(r, plan)
      answer_row(r, answers, at)
      if r.has_steps then answers[at + 6] = call('HGETALL', key('t:' .. id)) end
    end
  end
  return answers
end

-- Deals what is due to the node, in two rounds; answers what was picked, in that order, and whether it can be started the short way.
local function pick(plan, kinds)
  local picked, contests = {}, contests_of(plan, kinds)
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
      if capacity > 0 then contest.capacity = contest.capacity - serve(contest, capacity, node, suspects, picked, kinds) end
    end
  end
  local is_plain = plan.shares and suspects.count == 0
  for _, contest in ipairs(contests) do
    for _, lane in pairs(contest.lanes) do
      -- What was taken are the first of the lane.
      if is_plain and lane.passed > 0 then write('ZREMRANGEBYRANK', lane.key, 0, lane.passed - 1) end
    end
  end
  return picked, is_plain
end

function transitions.claim(keys, args)
  begin(keys, args)
  local plan, kinds_named, demands, kinds = {}, nil, nil, nil
  plan.node, plan.limit, plan.ttl, plan.shares, kinds_named, demands = unpack_all(args[2])
  if kinds_named then
    kinds = {}
    for _, kind in ipairs(kinds_named) do kinds[kind] = true end
  end
  if demands then
    plan.demands, plan.names = demands, {}
    for name in pairs(demands) do plan.names[#plan.names + 1] = name end
  end
  sweep({})
  local picked, answers = {}, {}
  if plan.limit > 0 then
    local is_plain
    picked, is_plain = pick(plan, kinds)
    if picked[1] then answers = start_all(picked, plan, is_plain) end
  end
  local generation = 0
  if plan.shares then
    if #picked > 0 then generation = extend_node(plan.node, plan.ttl) else generation = tonumber(hget('generations', plan.node) or 0) end
  end
  flush()
  local next = #picked < plan.limit and next_due(plan, kinds) or nil
  return finished({ pack(generation, next), answers })
end
