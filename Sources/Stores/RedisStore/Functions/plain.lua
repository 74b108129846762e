-- The short way of most jobs: nothing special about them, accepted, claimed for the first time, successful without a result. What becomes of their
-- state is known byte by byte, so it is cut and joined, not read and written; and they are counted together. All that is decided here comes out as the long
-- way would have it: who looks at such a job later in the same call finds it in `states`.

local accept_plain, start_plain, settle_plain, flush_plain

do

-- A state's first bytes: mark, flags, attempt, epoch, settled, deaths. Then follow the most attempts, due, created; what follows these many jobs share.
local FRESH, CLAIMED = '\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0', '\2\64\0\0\0\1\0\0\0\1\0\0\0\0\0'
local FIRST_EPOCH, SUCCESS = '\0\0\0\1', '\4\64\0\0\0\1\0\0\0\1\0\0\0\1\0'
local NO_EXPIRY = '\0\0\0\0\0\0\0\0'
local HEAD, SHARED = 15, 35

local function note(id, place, state)
  states[id] = state
  local at = #plain_set
  plain_set[at + 1], plain_set[at + 2] = place, state
  if names_wanted then changed[#changed + 1] = id end
end

local function touch_lane(lane)
  if lane.accepted then return end
  lane.accepted, lane.started, lane.succeeded, lane.added, lane.listed = 0, 0, 0, {}, {}
  plain_lanes[#plain_lanes + 1] = lane
end

-- A job that nobody has, of a queue that refuses none, under a ticket that says it is plain. `place` is where its state goes.
accept_plain = function(id, place, common, j)
  local lane = common.lane
  if not common.state then
    touch_lane(lane)
    touch_head(lane, states)
    common.state = struct_pack(SHORT, READY, 0, 0, 0, 0, 0, common.max_attempts, now, now, #lane.text, lane.text)
    change_queue(queue_named(lane.queue), 'is_known', true)
    work, hint = true, true
  end
  note(id, place, common.state)
  local at, added, listed = #plain_set, lane.added, lane.listed
  plain_set[at + 1], plain_set[at + 2] = tag .. ':j:' .. id, j
  at = #added
  added[at + 1], added[at + 2] = now_text, id
  listed[at + 1], listed[at + 2] = '0', id
  lane.accepted = lane.accepted + 1
end

-- A job that was picked, and goes to a node whose row it lives by; answers its state, or nothing where it is not plain.
start_plain = function(id, place, s, node)
  if sub(s, 1, HEAD) ~= FRESH then return nil end
  if not node.suffix then node.suffix, node.joined, node.left = struct_pack('>dddc0', now, 0, 0, node.name), node.joined or {}, node.left or {} end
  local shared = sub(s, SHARED + 1)
  local lane = tails[shared]
  if not lane then
    lane = lane_named(sub(shared, 3))
    tails[shared] = lane
    touch_lane(lane)
    touch_head(lane, nil)
  end
  local state = CLAIMED .. sub(s, HEAD + 1) .. node.suffix
  note(id, place, state)
  node.joined[#node.joined + 1] = id
  lane.started = lane.started + 1
  return state
end

-- What the jobs have in common that were claimed together: lane, node, what follows in the state of one that has ended now.
local function tail_of(shared)
  local tail, length = {}, byte(shared, 1) * 256 + byte(shared, 2)
  tails[shared] = tail
  if sub(shared, length + 19, length + 26) ~= NO_EXPIRY then return tail end
  tail.lane, tail.node = lane_named(sub(shared, 3, length + 2)), node_of(sub(shared, length + 27))
  tail.ended = sub(shared, 1, length + 10) .. packed_now .. sub(shared, length + 19)
  tail.node.joined, tail.node.left = tail.node.joined or {}, tail.node.left or {}
  touch_lane(tail.lane)
  local q = queue_named(tail.lane.queue)
  hint = hint or q.concurrency ~= nil or q.per_tenant ~= nil
  return tail
end

-- A success without anything, in the first attempt; answers false where the long way has to look at it.
settle_plain = function(id, place, s, epoch)
  if epoch ~= FIRST_EPOCH or sub(s, 1, HEAD) ~= CLAIMED then return false end
  local shared = sub(s, SHARED + 1)
  local tail = tails[shared] or tail_of(shared)
  local lane, node = tail.lane, tail.node
  if not lane then return false end
  note(id, place, SUCCESS .. sub(s, HEAD + 1, SHARED) .. tail.ended)
  node.left[#node.left + 1] = id
  push('f:' .. lane.queue, id .. now_text)
  lane.succeeded, work = lane.succeeded + 1, true
  return true
end

local function count_lane(lane)
  bump_both(lane.of_queue, lane.of_kind, READY, lane.accepted - lane.started)
  bump_both(lane.of_queue, lane.of_kind, RUNNING, lane.started - lane.succeeded)
  bump_both(lane.of_queue, lane.of_kind, SUCCEEDED, lane.succeeded)
  if lane.started ~= lane.succeeded then bump(lane.of_tenant or of_tenant(lane), 1, lane.started - lane.succeeded) end
end

flush_plain = function()
  for from = 1, #plain_set, COMMAND_MAX do write('MSET', unpack(plain_set, from, math.min(from + COMMAND_MAX - 1, #plain_set))) end
  for _, lane in ipairs(plain_lanes) do
    count_lane(lane)
    command_with('ZADD', key('l:' .. lane.text), lane.added)
    command_with('ZADD', key('i:' .. lane.partition), lane.listed)
    if lane.tenant ~= '' and lane.accepted > 0 then
      for i = 2, #lane.listed, 2 do lane.listed[i] = 'n' .. lane.tenant .. '\0' .. lane.listed[i] end
      command_with('ZADD', key('find'), lane.listed)
    end
    lane.accepted = nil
  end
  for name, node in pairs(nodes) do
    if node.joined then
      local difference = #node.joined - #node.left
      bump(node.counts, 1, difference)
      bump(node.counts, 3, difference)
      command_with('SADD', key('o:' .. name), node.joined)
      command_with('SREM', key('o:' .. name), node.left)
      node.suffix, node.joined, node.left = nil, nil, nil
    end
  end
  plain_set, plain_lanes, states, tails = {}, {}, {}, {}
end

end
