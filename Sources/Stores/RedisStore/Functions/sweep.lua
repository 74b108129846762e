-- Puts right what time alone has changed: dead nodes, leases of single jobs, queue timeouts, deadlines.

-- The rows of one sort that one sweep looks at.
local SWEEP_MAX = 1000

local function expired(name) return call('ZRANGEBYSCORE', key(name), '-inf', exact(now), 'LIMIT', 0, SWEEP_MAX) end

-- One death: of the jobs that were held, some are blamed, and all stop running.
local function bury(held)
  local has_suspect = false
  table.sort(held, before)
  for _, id in ipairs(held) do has_suspect = has_suspect or rows[id].deaths >= SUSPECT_DEATHS end
  local guilty = {}
  for _, id in ipairs(held) do
    local r = rows[id]
    if not has_suspect or r.deaths >= SUSPECT_DEATHS then
      guilty[id] = true
      index(r, -1)
      r.deaths = r.deaths + 1
      index(r, 1)
    end
  end
  for _, id in ipairs(held) do
    local r = rows[id]
    leave(r)
    if guilty[id] and r.deaths >= CRASHES_MAX and not r.cancel then
      set_extra(r, 'error', pack(1, r.deaths))
      finish(r, FAILED)
    else
      go_back(r, now)
    end
  end
end

local function sweep_nodes(departed)
  local dead, seen = {}, {}
  local found = call('ZRANGEBYSCORE', key('nodes'), '-inf', exact(now), 'WITHSCORES', 'LIMIT', 0, SWEEP_MAX)
  for i = 1, #found, 2 do
    dead[#dead + 1] = { found[i], tonumber(found[i + 1]) }
    seen[found[i]] = true
  end
  for _, node in ipairs(departed) do
    local expiry = not seen[node] and call('ZSCORE', key('nodes'), node)
    seen[node] = true
    if expiry then dead[#dead + 1] = { node, tonumber(expiry) } end
  end
  table.sort(dead, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return before(a[1], b[1])
  end)
  for i = 1, math.min(#dead, SWEEP_MAX) do
    local node = dead[i][1]
    zput('nodes', node, false)
    hput('generations', node, false)
    local listed, held = call('SMEMBERS', key('o:' .. node)), {}
    load(listed)
    for _, id in ipairs(listed) do
      local r = rows[id]
      if r and r.mark == RUNNING and r.node == node then held[#held + 1] = id else sput('o:' .. node, id, false) end
    end
    bury(held)
  end
end

local function sweep_leases()
  local ids, groups, order = expired('leases'), {}, {}
  load(ids)
  for _, id in ipairs(ids) do
    local r = rows[id]
    -- A death before this one may have let it go.
    if r and r.mark == RUNNING and r.expiry then
      local group = groups[r.node]
      if not group then
        group = {}
        groups[r.node] = group
        order[#order + 1] = r.node
      end
      group[#group + 1] = id
    end
  end
  for _, node in ipairs(order) do bury(groups[node]) end
end

local function sweep(departed)
  sweep_nodes(departed)
  sweep_leases()
  local late = expired('timeouts')
  load(late)
  for _, id in ipairs(late) do
    local r = rows[id]
    if r and r.mark == READY and r.queue_timeout and later(r.due, r.queue_timeout) <= now then
      leave(r)
      set_extra(r, 'error', pack(2, r.queue_timeout))
      finish(r, FAILED)
    end
  end
  local over = expired('deadlines')
  load(over)
  for _, id in ipairs(over) do
    local r = rows[id]
    if r and r.mark == WAITING and r.due <= now then end_wait(r, OF_DEADLINE) end
  end
  -- What follows reads the lanes.
  flush()
end

-- Creates or extends the row of a node that shows life, and answers its generation.
local function extend_node(node, ttl)
  zput('nodes', node, later(now, ttl))
  local generation = hget('generations', node)
  if not generation then
    meta.generation = meta.generation + 1
    generation = exact(meta.generation)
    hput('generations', node, generation)
    hput('m', 'generation', generation)
  end
  return tonumber(generation)
end
