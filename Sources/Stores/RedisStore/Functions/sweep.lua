-- Puts right what time alone has changed: dead nodes, leases of single jobs, queue timeouts, deadlines.

local sweep

do

-- The rows that one sweep changes, so that no call is long; what is left is due at once.
local SWEEP_MAX = 200

local function expired(name, most)
  if most <= 0 then return {} end
  return call('ZRANGEBYSCORE', key(name), '-inf', now_text, 'LIMIT', 0, most)
end

-- One death: of the jobs that were held, some are blamed, and all stop running.
local function bury(held, has_suspect)
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

-- A node that held many: its jobs lie in a grave of their own, `d:<node\0time>`, from which each sweep takes some; the node itself is dead at once,
-- and comes back, if it does, as another. Whether a suspect is among them is the same for all.
local function dig(node)
  local grave = node .. '\0' .. now_text
  write('RENAME', key('o:' .. node), key('d:' .. grave))
  write('ZADD', key('graves'), now_text, (tally('held', node)[4] > 0 and 's' or 'n') .. grave)
end

local function sweep_nodes(departed)
  local dead, seen, most = {}, {}, SWEEP_MAX
  local found = call('ZRANGEBYSCORE', key('nodes'), '-inf', now_text, 'WITHSCORES', 'LIMIT', 0, SWEEP_MAX)
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
  for i = 1, #dead do
    local node = dead[i][1]
    zput('nodes', node, false)
    hput('generations', node, false)
    local count = call('SCARD', key('o:' .. node))
    if count > most then
      dig(node)
    elseif count > 0 then
      local listed, held = call('SMEMBERS', key('o:' .. node)), {}
      load(listed)
      for _, id in ipairs(listed) do
        local r = rows[id]
        if r and r.mark == RUNNING and r.node == node then held[#held + 1] = id else sput('o:' .. node, id, false) end
      end
      bury(held)
      most = most - count
    end
  end
  return most
end

local function sweep_graves(most)
  if most <= 0 then return 0 end
  local graves = call('ZRANGE', key('graves'), 0, 0, 'WITHSCORES')
  local grave, died = graves[1], tonumber(graves[2])
  if not grave then return most end
  local place, node = 'd:' .. sub(grave, 2), string.match(grave, '^.(.*)%z%d+$')
  local listed, held = call('SRANDMEMBER', key(place), most), {}
  load(listed)
  for _, id in ipairs(listed) do
    local r = rows[id]
    -- Meanwhile it may have ended, and be held again.
    if r and r.mark == RUNNING and r.node == node and not r.expiry and r.started <= died then held[#held + 1] = id end
    sput(place, id, false)
  end
  if #listed < most then zput('graves', grave, false) end
  bury(held, sub(grave, 1, 1) == 's')
  return most - #listed
end

local function sweep_leases(most)
  local ids, groups, order = expired('leases', most), {}, {}
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
  return most - #ids
end

sweep = function(departed)
  local most = sweep_leases(sweep_graves(sweep_nodes(departed)))
  local late = expired('timeouts', most)
  load(late)
  for _, id in ipairs(late) do
    local r = rows[id]
    if r and r.mark == READY and r.queue_timeout and later(r.due, r.queue_timeout) <= now then
      leave(r)
      set_extra(r, 'error', pack(2, r.queue_timeout))
      finish(r, FAILED)
    end
  end
  local over = expired('deadlines', most - #late)
  load(over)
  for _, id in ipairs(over) do
    local r = rows[id]
    if r and r.mark == WAITING and r.due <= now then end_wait(r, OF_DEADLINE) end
  end
  -- What follows reads the lanes.
  flush()
end

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
