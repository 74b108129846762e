-- Pages of jobs, newest first. The ids of a rare attribute lie in `find`; else the lists of the queues and kinds that have such jobs at all
-- are merged; and where only few jobs are in the phase that is asked for, those are looked through.

local EXAMINED_MAX = 1500
-- Above every id.
local END = '\255\255\255\255\255\255\255\255\255\255\255\255\255\255\255\255\255'

local function milliseconds(id) return (struct.unpack('>I6', id)) end

local function is_newer(a, b)
  local x, y = milliseconds(a), milliseconds(b)
  if x ~= y then return x > y end
  return before(b, a)
end

-- MARK: Sources: each answers the next ids below those it has answered, or none

local function source_of_list(ids, below)
  local list, at = {}, 0
  for _, id in ipairs(ids) do
    if not below or before(id, below) then list[#list + 1] = id end
  end
  table.sort(list, is_newer)
  return function()
    at = at + 1
    return list[at]
  end
end

local function source_of_range(name, prefix, below)
  local upper, list, at, is_over = '(' .. prefix .. (below or END), {}, 0, false
  return function()
    while true do
      at = at + 1
      local member = list[at]
      if member then
        upper = '(' .. member
        if #member == #prefix + 16 then return sub(member, #prefix + 1) end
      elseif is_over then
        return nil
      else
        list, at = call('ZREVRANGEBYLEX', key(name), upper, '[' .. prefix, 'LIMIT', 0, 101), 0
        is_over = #list < 101
      end
    end
  end
end

local function source_of_all(sources)
  if #sources == 1 then return sources[1] end
  local heads = {}
  for i, source in ipairs(sources) do heads[i] = source() or false end
  return function()
    local best
    for i = 1, #heads do
      if heads[i] and (not best or is_newer(heads[i], heads[best])) then best = i end
    end
    if not best then return nil end
    local id = heads[best]
    heads[best] = sources[best]() or false
    return id
  end
end

-- MARK: Which source

local function rare_prefix(q)
  if q.parent then return 'p' .. q.parent .. '\0' end
  if q.key then return 'k' .. q.key .. '\0' end
  if q.trigger then return 't' .. q.trigger .. '\0' end
  if #q.labels > 0 then return 'l' .. q.labels[1] .. '\0' .. q.labels[2] .. '\0' end
  if q.marks and #q.marks == 1 and RARE[q.marks[1]] then return RARE[q.marks[1]] .. '\0' end
  if q.tenant and q.tenant ~= '' then return 'n' .. q.tenant .. '\0' end
end

-- The lists of queue and kind that hold such jobs, and how many they hold by mark.
local function partitions_of(q)
  local stored, found, counts = call('HGETALL', key('k')), {}, { 0, 0, 0, 0, 0, 0 }
  for i = 1, #stored, 2 do
    local queue, kind = string.match(stored[i], '^(.-)%z(.*)$')
    if (not q.queue or q.queue == queue) and (not q.kind or q.kind == kind) then
      local of, wanted = { unpack_all(stored[i + 1]) }, 0
      for mark = 1, 6 do
        if not q.wanted or q.wanted[mark] then
          wanted = wanted + of[mark]
          counts[mark] = counts[mark] + of[mark]
        end
      end
      if wanted > 0 then found[#found + 1] = { name = stored[i], queue = queue, kind = kind } end
    end
  end
  return found, counts
end

local function few_ready(partitions)
  local ids, kinds = {}, {}
  for _, partition in ipairs(partitions) do
    kinds[partition.queue] = kinds[partition.queue] or {}
    kinds[partition.queue][partition.kind] = true
  end
  for queue, wanted in pairs(kinds) do
    for _, lane in ipairs(call('ZRANGE', key('h:' .. queue), 0, -1)) do
      if wanted[string.match(lane, '^.-%z(.-)%z%d$')] then
        for _, id in ipairs(call('ZRANGE', key('l:' .. queue .. '\0' .. lane), 0, -1)) do ids[#ids + 1] = id end
      end
    end
  end
  return ids
end

-- Nil where there are many.
local function few_running()
  local held, count, ids = call('HGETALL', key('held')), 0, nil
  for i = 2, #held, 2 do count = count + unpack_all(held[i]) end
  if count > EXAMINED_MAX then return nil end
  ids = call('ZRANGE', key('leases'), 0, -1)
  for i = 1, #held, 2 do
    for _, id in ipairs(call('SMEMBERS', key('o:' .. held[i]))) do ids[#ids + 1] = id end
  end
  return ids
end

-- A source, and how many ids may be looked at.
local function source_of(q)
  local prefix = rare_prefix(q)
  if prefix then return source_of_range('find', prefix, q.below), EXAMINED_MAX end
  local partitions, counts = partitions_of(q)
  if #partitions == 0 then return function() end, 0 end
  local mark, few = q.marks and #q.marks == 1 and q.marks[1], nil
  if mark == READY and counts[READY] <= EXAMINED_MAX then few = few_ready(partitions) end
  if mark == RUNNING then few = few_running() end
  if few then return source_of_list(few, q.below), EXAMINED_MAX end
  local sources = {}
  for i, partition in ipairs(partitions) do sources[i] = source_of_range('i:' .. partition.name, '', q.below) end
  return source_of_all(sources), math.max(25, math.min(EXAMINED_MAX, floor(20000 / #sources)))
end

-- MARK: The page

local function matches(r, q)
  if (q.wanted and not q.wanted[r.mark]) or (q.kind and q.kind ~= r.kind) or (q.queue and q.queue ~= r.queue) then return false end
  if (q.tenant and q.tenant ~= r.tenant) or (q.key and q.key ~= r.key) or (q.trigger and q.trigger ~= r.trigger) then return false end
  if q.parent and q.parent ~= r.parent then return false end
  if #q.labels == 0 then return true end
  local mine, list = {}, labels_of(r)
  for i = 1, #list, 2 do mine[list[i]] = list[i + 1] end
  for i = 1, #q.labels, 2 do
    if mine[q.labels[i]] ~= q.labels[i + 1] then return false end
  end
  return true
end

function transitions.jobs(keys, args)
  begin(keys, args)
  local q = {}
  q.marks, q.kind, q.queue, q.tenant, q.key, q.trigger, q.parent, q.labels, q.limit, q.below = unpack_all(args[2])
  if q.marks then
    q.wanted = {}
    for _, mark in ipairs(q.marks) do q.wanted[mark] = true end
  end
  local next_id, most = source_of(q)
  local answers, count, examined, last, is_over = {}, 0, 0, nil, false
  while not is_over do
    local ids = {}
    while #ids < 60 do
      local id = next_id()
      if not id then
        is_over = true
        break
      end
      ids[#ids + 1] = id
    end
    load(ids)
    for _, id in ipairs(ids) do
      local r = rows[id]
      if r and matches(r, q) then
        if count == q.limit then return { answers, last } end
        answer_row(r, answers)
        count, last = count + 1, id
      end
      examined = examined + 1
      if examined >= most and not (is_over and id == ids[#ids]) then return { answers, count == q.limit and last or id } end
    end
  end
  return { answers, false }
end
