-- Writes what the call has changed. Nothing before this has written anything, and nothing in here can be refused.

local flush

do

local function forget(r, gone)
  local id = r.id
  gone[#gone + 1], gone[#gone + 2] = key('j:' .. id), key('s:' .. id)
  if r.is_big then gone[#gone + 1] = key('p:' .. id) end
  if r.has_extras then gone[#gone + 1] = key('x:' .. id) end
  if r.has_steps then gone[#gone + 1] = key('t:' .. id) end
  rows[id] = false
end

local function flush_fixed(r, set, gone)
  set[#set + 1], set[#set + 2] = key('j:' .. r.id), r.j
  if r.is_big then
    set[#set + 1], set[#set + 2] = key('p:' .. r.id), r.payload
  elseif r.was_big then
    gone[#gone + 1] = key('p:' .. r.id)
  end
  r.j_dirty, r.was_big = nil, nil
end

local function flush_extras(r, set, gone)
  if r.has_extras then
    set[#set + 1], set[#set + 2] = key('x:' .. r.id), pack(r.x.progress, r.x.result, r.x.error, r.x.wait)
  else
    gone[#gone + 1] = key('x:' .. r.id)
  end
  r.extras_dirty = nil
end

local function flush_rows()
  local set, gone, prefix = {}, {}, tag .. ':s:'
  for id, r in pairs(rows) do
    if r and r.dirty then
      if names_wanted then changed[#changed + 1] = id end
      if r.is_forgotten then
        forget(r, gone)
      else
        if r.extras_dirty then flush_extras(r, set, gone) end
        if r.j_dirty then flush_fixed(r, set, gone) end
        local count = #set
        set[count + 1], set[count + 2] = prefix .. id, r.encoded or encode(r)
        r.dirty = nil
      end
    end
  end
  for from = 1, #set, COMMAND_MAX do write('MSET', unpack(set, from, math.min(from + COMMAND_MAX - 1, #set))) end
  for from = 1, #gone, COMMAND_MAX do write('DEL', unpack(gone, from, math.min(from + COMMAND_MAX - 1, #gone))) end
end

local function flush_tallies()
  for name, of in pairs(tallies) do
    for field, counts in pairs(of) do
      if counts.dirty then
        counts.dirty = nil
        if total(counts) == 0 then hput(name, field, false) else hput(name, field, pack(unpack(counts, 1, 6))) end
      end
    end
  end
end

local function flush_hashes()
  for name, h in pairs(hashes) do
    local set, gone = {}, {}
    for field in pairs(h.dirty) do
      local value = h.values[field]
      if value then set[#set + 1], set[#set + 2] = field, value else gone[#gone + 1] = field end
    end
    command_with('HSET', key(name), set)
    command_with('HDEL', key(name), gone)
    h.dirty = {}
  end
end

local function flush_members()
  for name, z in pairs(zsets) do
    local add, gone = {}, {}
    for member, score in pairs(z) do
      if score then add[#add + 1], add[#add + 2] = score == now and now_text or score, member else gone[#gone + 1] = member end
    end
    command_with('ZADD', key(name), add)
    command_with('ZREM', key(name), gone)
  end
  for name, s in pairs(sets) do
    local add, gone = {}, {}
    for member, is_in in pairs(s) do
      if is_in then add[#add + 1] = member else gone[#gone + 1] = member end
    end
    command_with('SADD', key(name), add)
    command_with('SREM', key(name), gone)
  end
  for name, list in pairs(lists) do command_with('RPUSH', key(name), list) end
  for name, count in pairs(pops) do write('LTRIM', key(name), count, -1) end
  zsets, sets, lists, pops = {}, {}, {}, {}
  -- What holds some of these looks them up again.
  for _, lane in pairs(lanes) do lane.ready, lane.ids = nil, nil end
  for _, node in pairs(nodes) do node.sharing = nil end
end

-- Of one queue: the first due time of each lane that was touched, and of the queue, and which tenants have any lane.
local function flush_heads_of(queue, touched)
  local heads, lanes_by_name, turns, tenants, gone, left, place = {}, {}, {}, {}, {}, {}, key('h:' .. queue)
  for _, lane in ipairs(touched) do
    local first = call('ZRANGE', key('l:' .. lane.text), 0, 0, 'WITHSCORES')
    if lane.recent and not lane.recent[first[1]] then
      -- Something stood before what came: all is as it was.
      lane.recent = nil
    elseif first[2] then
      heads[#heads + 1], heads[#heads + 2] = first[2], lane.name
      lanes_by_name[#lanes_by_name + 1], lanes_by_name[#lanes_by_name + 2] = '0', lane.name
      tenants[#tenants + 1] = lane.tenant
    else
      gone[#gone + 1] = lane.name
      left[lane.tenant] = true
    end
  end
  hload('turns:' .. queue, tenants)
  for _, tenant in ipairs(tenants) do turns[#turns + 1], turns[#turns + 2] = hget('turns:' .. queue, tenant) or '0', tenant end
  command_with('ZADD', place, heads)
  command_with('ZADD', key('z:' .. queue), lanes_by_name)
  command_with('ZADD', key('a:' .. queue), turns)
  command_with('ZREM', place, gone)
  command_with('ZREM', key('z:' .. queue), gone)
  for tenant in pairs(left) do
    if not call('ZRANGEBYLEX', key('z:' .. queue), '[' .. tenant .. '\0', '(' .. tenant .. '\1', 'LIMIT', 0, 1)[1] then write('ZREM', key('a:' .. queue), tenant) end
  end
  local first = call('ZRANGE', place, 0, 0, 'WITHSCORES')
  if first[2] then write('ZADD', key('due'), first[2], queue) else write('ZREM', key('due'), queue) end
end

local function flush_heads()
  local by_queue = {}
  for _, lane in ipairs(touched_lanes) do
    lane.is_touched = nil
    local list = by_queue[lane.queue] or {}
    by_queue[lane.queue] = list
    list[#list + 1] = lane
  end
  touched_lanes = {}
  for queue, touched in pairs(by_queue) do flush_heads_of(queue, touched) end
end

local function flush_events()
  for stream, list in pairs(events) do
    local place = key('e:' .. stream)
    for _, event in ipairs(list) do write('XADD', place, exact(event[1]) .. '-0', 'a', exact(event[4] or now), 't', event[2], 'd', event[3]) end
    if is_prunable(stream) then write('ZADD', key('ev'), 'NX', exact(list[1][4] or now), stream) end
  end
  events = {}
end

local function flush_queues()
  for name, q in pairs(queues) do
    if q.dirty then
      q.dirty = nil
      hput('q', name, pack(q.paused, q.refused_from, q.virtual, q.tat, q.tat_ns, q.policy))
    end
  end
end

flush = function()
  if plain_set[1] then flush_plain() end
  flush_rows()
  flush_queues()
  flush_tallies()
  flush_hashes()
  flush_members()
  flush_heads()
  flush_events()
end

end

-- Ends a call that may have written: keeps the time, hands the others their hint, and answers what has changed in front of `answers`.
local function finished(answers)
  flush()
  if has_written and now > meta.now then call('HSET', key('m'), 'now', exact(now)) end
  if hint and has_written then call('XADD', key('hints'), 'MAXLEN', '~', 100, '*', 'o', origin, 'w', work and 1 or 0) end
  local names = names_wanted and { table.concat(changed), unpack(touched_streams, 1, math.min(#touched_streams, 1000)) } or {}
  return { pack(now, work, unpack(names)), answers }
end

-- Ends a call that has done nothing, with a word that says why.
local function refused(...) return { false, { ... } } end

-- By name: what each part of the library that follows adds.
local transitions = {}
