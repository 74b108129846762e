-- Everything that can be computed from the jobs and is kept, so that no transition looks through all of them. A job is taken out before it
-- changes and put in after, so no index knows how a job got where it is.
--
-- `l:<queue\0tenant\0kind\0priority>` are the ready jobs of one lane by due time (inside a priority, rank and due time sort alike);
-- `h:<queue>` the first due time of each of its lanes, `due` that of each queue. `o:<node>` are the jobs that live by the node's row, `y:<node>` those of them
-- that were asked to stop. `u:<trigger>` are its unfinished jobs, `v:<trigger>` those that wait for their turn. `w:<stream\0type>` wait
-- for an event. `f:<queue>` lists finished jobs in the order they finished, `a:<queue>` has those that
-- were finished when they came from another store; an entry whose job has changed since is passed over.

-- What this call does to the jobs of one queue, tenant, kind and priority: everything that is counted and listed for them, looked up once.
local function lane_of(r)
  local tenants = lanes[r.queue]
  if not tenants then
    tenants = {}
    lanes[r.queue] = tenants
  end
  local kinds = tenants[r.tenant]
  if not kinds then
    kinds = {}
    tenants[r.tenant] = kinds
  end
  local priorities = kinds[r.kind]
  if not priorities then
    priorities = {}
    kinds[r.kind] = priorities
  end
  local lane = priorities[r.priority]
  if not lane then
    local partition = r.queue .. '\0' .. r.kind
    local name = r.tenant .. '\0' .. r.kind .. '\0' .. r.priority
    lane = {
      queue = r.queue, name = name, ready = zset('l:' .. r.queue .. '\0' .. name), ids = zset('i:' .. partition),
      of_queue = tally('c', r.queue), of_kind = tally('k', partition), of_tenant = tally('n', tenant_of(r.queue, r.tenant)), is_touched = false,
    }
    priorities[r.priority] = lane
  end
  return lane
end

-- The counts of a node: its jobs, those of them that are suspects, those that live by its row.
local function node_of(name)
  local node = nodes[name]
  if not node then
    node = { counts = tally('held', name), sharing = set_named('o:' .. name) }
    nodes[name] = node
  end
  return node
end

local function index_ready(r, lane, on)
  put(lane.ready, r.id, on and r.due)
  if not lane.is_touched then
    lane.is_touched = true
    touched_lanes[#touched_lanes + 1] = lane
  end
  if r.queue_timeout then zput('timeouts', r.id, on and later(r.due, r.queue_timeout)) end
  if r.deaths >= SUSPECT_DEATHS then sput('suspects', r.id, on) end
end

local function index_running(r, lane, on, sign)
  local node = node_of(r.node)
  bump(lane.of_tenant, 1, sign)
  bump(node.counts, 1, sign)
  if r.deaths >= SUSPECT_DEATHS then bump(node.counts, 2, sign) end
  if r.expiry then
    zput('leases', r.id, on and r.expiry)
  else
    bump(node.counts, 3, sign)
    put(node.sharing, r.id, on)
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
  local mark, id, on, lane = r.mark, r.id, sign > 0, lane_of(r)
  bump(lane.of_queue, mark, sign)
  bump(lane.of_kind, mark, sign)
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
    zput('a:' .. r.queue, id, r.finished)
  elseif on then
    push('f:' .. r.queue, id .. exact(r.finished))
  end
  if RARE[mark] then zput('find', RARE[mark] .. '\0' .. id, on and '0') end
end

-- What a job is found by as long as it is kept: `i:<queue\0kind>` by id alone, `find` by what few jobs have.
local function enlist(r, on)
  local score, id, place = on and '0', r.id, 'find'
  put(lane_of(r).ids, id, score)
  if r.tenant ~= '' then zput(place, 'n' .. r.tenant .. '\0' .. id, score) end
  if r.key then zput(place, 'k' .. r.key .. '\0' .. id, score) end
  if r.trigger then zput(place, 't' .. r.trigger .. '\0' .. id, score) end
  if r.parent then zput(place, 'p' .. r.parent .. '\0' .. id, score) end
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
