-- Everything that can be computed from the jobs and is kept, so that no transition looks through all of them. A job is taken out before it
-- changes and put in after, so no index knows how a job got where it is.
--
-- `l:<queue\0tenant\0kind\0priority>` are the ready jobs of one lane by due time (inside a priority, rank and due time sort alike);
-- `h:<queue>` the first due time of each of its lanes that has any, `due` that of each queue; `z:<queue>` the same lanes by tenant, and `a:<queue>` their
-- tenants by turn. `o:<node>` are the jobs that live by the node's row, `y:<node>` those of them
-- that were asked to stop. `u:<trigger>` are its unfinished jobs, `v:<trigger>` those that wait for their turn. `w:<stream\0type>` wait
-- for an event. `f:<queue>` lists finished jobs in the order they finished, `b:<queue>` has those that
-- were finished when they came from another store; an entry whose job has changed since is passed over.

-- The jobs of one queue, tenant, kind and priority in this call: what they have in common, and everything that is counted and listed for them, looked
-- up once. `text` is how a job's state names it.
lane_named = function(text)
  local lane = lanes[text]
  if not lane then
    local queue, tenant, kind, priority = string.match(text, '^(.-)%z(.-)%z(.-)%z(%d)$')
    local partition = queue .. '\0' .. kind
    lane = {
      text = text, queue = queue, tenant = tenant, kind = kind, priority = tonumber(priority), name = sub(text, #queue + 2), partition = partition,
      of_queue = tally('c', queue), of_kind = tally('k', partition), ready = nil, ids = nil, of_tenant = nil, is_touched = nil, of_rows = nil,
      recent = nil, accepted = nil, started = nil, succeeded = nil, added = nil, listed = nil,
    }
    lanes[text] = lane
  end
  return lane
end

-- What the rows of a lane have in common, and what most rows are.
row_in = function(lane, r)
  if not lane.of_rows then
    lane.of_rows = { __index = {
      lane = lane, queue = lane.queue, tenant = lane.tenant, kind = lane.kind, priority = lane.priority,
      base = 0, cancel = false, has_extras = false, has_steps = false, is_big = false,
    } }
  end
  return setmetatable(r, lane.of_rows)
end

-- Its first due time is looked at again when all is written. `recent` are the jobs that came into it, where nothing else happened to it.
local function touch_head(lane, recent)
  if not lane.is_touched then
    lane.is_touched, lane.recent = true, recent
    touched_lanes[#touched_lanes + 1] = lane
  elseif not recent then
    lane.recent = nil
  end
end

local function ready_of(lane)
  lane.ready = zset('l:' .. lane.text)
  touch_head(lane, nil)
  return lane.ready
end

local function of_tenant(lane)
  local counts = tally('n', tenant_of(lane.queue, lane.tenant))
  lane.of_tenant = counts
  return counts
end

-- The counts of a node: its jobs, those of them that are suspects, those that live by its row, those of these that are suspects.
local function node_of(name)
  local node = nodes[name]
  if not node then
    node = { name = name, counts = tally('held', name), sharing = nil }
    nodes[name] = node
  end
  return node
end

local function sharing_of(node)
  node.sharing = set_named('o:' .. node.name)
  return node.sharing
end

local function index_ready(r, lane, on)
  put(lane.ready or ready_of(lane), r.id, on and r.due)
  if r.queue_timeout then zput('timeouts', r.id, on and later(r.due, r.queue_timeout)) end
  if r.deaths >= SUSPECT_DEATHS then sput('suspects', r.id, on) end
end

local function index_running(r, lane, on, sign)
  local node = node_of(r.node)
  bump_both(lane.of_tenant or of_tenant(lane), node.counts, 1, sign)
  if r.deaths >= SUSPECT_DEATHS then bump(node.counts, 2, sign) end
  if r.expiry then
    zput('leases', r.id, on and r.expiry)
  else
    bump(node.counts, 3, sign)
    if r.deaths >= SUSPECT_DEATHS then bump(node.counts, 4, sign) end
    put(node.sharing or sharing_of(node), r.id, on)
    if r.cancel then sput('y:' .. r.node, r.id, on) end
  end
end

local function index_waiting(r, on)
  if r.due < FAR then zput('deadlines', r.id, on and r.due) end
  local sort, stream, type = wait_of(r)
  if sort == 'e' then zput('w:' .. stream .. '\0' .. type, r.id, on and '0') end
end

-- The marks of which there are few, and which people look for.
local RARE = { [WAITING] = 'w', [FAILED] = 'f', [CANCELLED] = 'c' }

local function index(r, sign)
  local mark, id, on, lane = r.mark, r.id, sign > 0, r.lane
  bump_both(lane.of_queue, lane.of_kind, mark, sign)
  if r.parent then bump(tally('g:' .. r.parent, r.group), mark, sign) end
  if r.trigger and mark <= WAITING then
    local counts = tally('tc', r.trigger)
    bump(counts, 1, sign)
    zput('u:' .. r.trigger, id, on and '0')
    if mark == WAITING and wait_of(r) == 't' then
      bump(counts, 2, sign)
      zput('v:' .. r.trigger, id, on and '0')
    end
  end
  if mark == READY then
    index_ready(r, lane, on)
  elseif mark == RUNNING then
    index_running(r, lane, on, sign)
  elseif mark == WAITING then
    index_waiting(r, on)
  elseif on and r.is_adopted then
    -- They come in any order.
    zput('b:' .. r.queue, id, r.finished)
  elseif on then
    push('f:' .. lane.queue, id .. exact(r.finished))
  end
  if RARE[mark] then zput('find', RARE[mark] .. '\0' .. id, on and '0') end
end

-- What a job is found by as long as it is kept: `i:<queue\0kind>` by id alone, `find` by what few jobs have.
local function enlist(r, on)
  local score, id, place, lane = on and '0', r.id, 'find', r.lane
  if not lane.ids then lane.ids = zset('i:' .. lane.partition) end
  put(lane.ids, id, score)
  if r.tenant ~= '' then zput(place, 'n' .. r.tenant .. '\0' .. id, score) end
  if r.key then zput(place, 'k' .. r.key .. '\0' .. id, score) end
  if r.trigger then zput(place, 't' .. r.trigger .. '\0' .. id, score) end
  if r.parent then zput(place, 'p' .. r.parent .. '\0' .. id, score) end
  if r.base < LABELLED then return end
  local labels = labels_of(r)
  for i = 1, #labels, 2 do zput(place, 'l' .. labels[i] .. '\0' .. labels[i + 1] .. '\0' .. id, score) end
end

-- What belongs to one phase alone ends with it. `mark` is where the job goes; everything else is changed between leave and enter.
local function leave(r)
  index(r, -1)
  if r.mark == RUNNING then
    work = true
    local q = queue_named(r.queue)
    hint = hint or q.concurrency ~= nil or q.per_tenant ~= nil
  end
end

local function enter(r, mark)
  r.mark = mark
  if mark ~= RUNNING then r.expiry = nil end
  if mark ~= WAITING and r.has_extras then set_extra(r, 'wait', nil) end
  if mark == READY then work, hint = true, true end
  index(r, 1)
  touch(r)
end
