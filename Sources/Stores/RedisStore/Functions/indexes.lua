-- Everything that can be computed from the jobs and is kept, so that no transition looks through all of them. A job is taken out before it
-- changes and put in after, so no index knows how a job got where it is.
--
-- `l:<queue\0tenant\0kind\0priority>` are the ready jobs of one lane by due time (inside a priority, rank and due time sort alike);
-- `h:<queue>` the first due time of each of its lanes, `due` that of each queue. `o:<node>` are the jobs that live by the node's row, `y:<node>` those of them
-- that were asked to stop. `u:<trigger>` are its unfinished jobs, `v:<trigger>` those that wait for their turn. `w:<stream\0type>` wait
-- for an event. `f:<queue>` lists finished jobs in the order they finished; an entry whose job has changed since is passed over.

local function lane_of(r) return r.tenant .. '\0' .. r.kind .. '\0' .. r.priority end

local function node_of(name) return tally('held', name) end

local function index_ready(r, on)
  local lane = lane_of(r)
  zput('l:' .. r.queue .. '\0' .. lane, r.id, on and tonumber(r.due))
  local touched = lanes[r.queue]
  if not touched then
    touched = {}
    lanes[r.queue] = touched
  end
  touched[lane] = true
  if r.queue_timeout then zput('timeouts', r.id, on and later(r.due, r.queue_timeout)) end
  if r.deaths >= SUSPECT_DEATHS then sput('suspects', r.id, on) end
end

local function index_running(r, on, sign)
  local place = tenant_of(r.queue, r.tenant)
  local running = running_of(r.queue, r.tenant) + sign
  hput('n', place, running > 0 and running)
  local node = node_of(r.node)
  bump(node, 1, sign)
  if r.deaths >= SUSPECT_DEATHS then bump(node, 2, sign) end
  if r.expiry then
    zput('leases', r.id, on and r.expiry)
  else
    bump(node, 3, sign)
    sput('o:' .. r.node, r.id, on)
    if r.cancel then sput('y:' .. r.node, r.id, on) end
  end
end

local function index_waiting(r, on)
  if tonumber(r.due) < FAR then zput('deadlines', r.id, on and tonumber(r.due)) end
  local sort, stream, type = wait_of(r)
  if sort == 'e' then zput('w:' .. stream .. '\0' .. type, r.id, on and 0) end
end

-- The marks of which there are few, and which people look for.
local RARE = { [WAITING] = 'w', [FAILED] = 'f', [CANCELLED] = 'c' }

local function index(r, sign)
  local mark, id, on = r.mark, r.id, sign > 0
  bump(tally('c', r.queue), mark, sign)
  bump(tally('k', r.queue .. '\0' .. r.kind), mark, sign)
  if r.parent then bump(tally('g:' .. r.parent, r.group), mark, sign) end
  if r.trigger and mark <= WAITING then
    local counts = tally('tc', r.trigger)
    bump(counts, 1, sign)
    zput('u:' .. r.trigger, id, on and 0)
    if mark == WAITING and wait_of(r) == 't' then
      bump(counts, 2, sign)
      zput('v:' .. r.trigger, id, on and 0)
    end
  end
  if mark == READY then
    index_ready(r, on)
  elseif mark == RUNNING then
    index_running(r, on, sign)
  elseif mark == WAITING then
    index_waiting(r, on)
  elseif on then
    push('f:' .. r.queue, id .. exact(r.finished))
  end
  if RARE[mark] then zput('find', RARE[mark] .. '\0' .. id, on and 0) end
end

-- What a job is found by as long as it is kept: `i:<queue\0kind>` by id alone, `find` by what few jobs have.
local function enlist(r, on)
  local score, id, place = on and 0, r.id, 'find'
  zput('i:' .. r.queue .. '\0' .. r.kind, id, score)
  if r.tenant ~= '' then zput(place, 'n' .. r.tenant .. '\0' .. id, score) end
  if r.key then zput(place, 'k' .. r.key .. '\0' .. id, score) end
  if r.trigger then zput(place, 't' .. r.trigger .. '\0' .. id, score) end
  if r.parent then zput(place, 'p' .. r.parent .. '\0' .. id, score) end
  if r.labels then
    local list = { unpack_all(r.labels) }
    for i = 1, #list, 2 do zput(place, 'l' .. list[i] .. '\0' .. list[i + 1] .. '\0' .. id, score) end
  end
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
  put(r, 'mark', mark)
  if mark ~= RUNNING then r.expiry = nil end
  if mark ~= WAITING then set_extra(r, 'wait', nil) end
  if mark == READY then work, hint = true, true end
  index(r, 1)
  touch(r)
end
