-- One call: what it has read and what it will write. `begin` makes everything here anew, so nothing outlives a call. A transition reads
-- as it goes and changes these tables alone; `flush` writes them in a few commands. So a call that is refused has written nothing,
-- though Redis undoes nothing, and a batch costs about as many commands as one job.

-- Redis gives these to a call alone, not to the loading of a library.
local pack, unpack_all, unpack_some, struct_pack, struct_unpack, call, floor, byte, sub

-- Arguments of one command: Lua's stack holds some 8000.
local COMMAND_MAX = 4000
local FAR = 253402300799000000

local tag, now, now_text, origin, names_wanted, meta
local rows, tallies, hashes, zsets, sets, lists, pops, queues, lanes, tickets, touched_lanes, nodes, events, touched_streams
-- Whether work may have become ready: for this process, and for the others.
local work, hint
-- What the short way has decided: the states by job, what many of them end with, the arguments that write
-- them, the lanes they are in.
local states, tails, plain_set, plain_lanes, packed_now
-- While a settlement may still be refused: what stood before each change.
local undo
-- The jobs that changed, and whether anything was written.
local changed, has_written

local function write(...)
  has_written = true
  return call(...)
end

local function put(t, k, v)
  if undo then undo[#undo + 1] = { t, k, t[k] } end
  t[k] = v
end

local function rollback(log)
  for i = #log, 1, -1 do log[i][1][log[i][2]] = log[i][3] end
end

-- Byte by byte: `<` on strings follows the server's locale.
local function before(a, b)
  local shorter = #a < #b and #a or #b
  for i = 1, shorter do
    local x, y = byte(a, i), byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local function key(name) return tag .. ':' .. name end

local function later(at, span)
  local sum = at + span
  return sum > FAR and FAR or sum
end

-- A whole number as text; what Lua makes of a large one by itself is no number to Redis.
local function exact(number) return number == now and now_text or string.format('%.0f', number) end

-- MARK: Many arguments

local function command_with(name, first, list)
  for from = 1, #list, COMMAND_MAX do
    local to = from + COMMAND_MAX - 1
    write(name, first, unpack(list, from, to < #list and to or #list))
  end
end

local function fetch_many(name, first, list)
  if #list == 0 then return {} end
  if #list <= COMMAND_MAX then
    if first then return call(name, first, unpack(list)) end
    return call(name, unpack(list))
  end
  local found = {}
  for from = 1, #list, COMMAND_MAX do
    local to = from + COMMAND_MAX - 1
    if to > #list then to = #list end
    local part = first and call(name, first, unpack(list, from, to)) or call(name, unpack(list, from, to))
    for i = 1, #part do found[from + i - 1] = part[i] end
  end
  return found
end

-- MARK: Hashes

local function hash(name)
  local h = hashes[name]
  if not h then
    h = { values = {}, dirty = {} }
    hashes[name] = h
  end
  return h
end

local function hget(name, field)
  local h = hash(name)
  local value = h.values[field]
  if value == nil then
    value = call('HGET', key(name), field)
    h.values[field] = value
  end
  return value
end

local function hload(name, fields)
  local values, missing = hash(name).values, {}
  for _, field in ipairs(fields) do
    if values[field] == nil then
      values[field] = false
      missing[#missing + 1] = field
    end
  end
  if #missing == 0 then return end
  local found = fetch_many('HMGET', key(name), missing)
  for i, field in ipairs(missing) do values[field] = found[i] end
end

-- `false` removes.
local function hput(name, field, value)
  local h = hash(name)
  put(h.values, field, value)
  put(h.dirty, field, true)
end

-- MARK: Counts, a few numbers in one field each; gone where all are zero

local function tally(name, field)
  local of = tallies[name]
  if not of then
    of = {}
    tallies[name] = of
  end
  local counts = of[field]
  if not counts then
    local stored = call('HGET', key(name), field)
    counts = stored and { unpack_all(stored) } or { 0, 0, 0, 0, 0, 0 }
    of[field] = counts
  end
  return counts
end

local function bump(counts, index, by)
  if undo then undo[#undo + 1] = { counts, index, counts[index] } end
  counts[index] = counts[index] + by
  counts.dirty = true
end

-- The same of two at once.
local function bump_both(one, other, index, by)
  if undo then
    bump(one, index, by)
    return bump(other, index, by)
  end
  one[index], other[index] = one[index] + by, other[index] + by
  one.dirty, other.dirty = true, true
end

local function total(counts) return counts[1] + counts[2] + counts[3] + counts[4] + counts[5] + counts[6] end

-- MARK: Sorted sets, sets and lists

-- What this call does to a sorted set: a score puts a member in, `false` takes it out.
local function zset(name)
  local z = zsets[name]
  if not z then
    z = {}
    zsets[name] = z
  end
  return z
end

local function zput(name, member, score) put(zset(name), member, score) end

local function set_named(name)
  local s = sets[name]
  if not s then
    s = {}
    sets[name] = s
  end
  return s
end

local function sput(name, member, is_in) put(set_named(name), member, is_in) end

local function push(name, value)
  local list = lists[name] or {}
  lists[name] = list
  put(list, #list + 1, value)
end

-- The members of a sorted set without scores, what this call did to it included.
local function members(name)
  local found, changes = call('ZRANGE', key(name), 0, -1), zsets[name]
  if not changes then return found end
  local all, seen = {}, {}
  for _, member in ipairs(found) do
    seen[member] = true
    if changes[member] ~= false then all[#all + 1] = member end
  end
  for member, score in pairs(changes) do
    if score and not seen[member] then all[#all + 1] = member end
  end
  table.sort(all, before)
  return all
end

local function is_empty(t) return next(t) == nil end

-- MARK: Beginning

local SCHEMA = 1

local function begin(keys, args)
  pack, unpack_all, unpack_some, call = cmsgpack.pack, cmsgpack.unpack, cmsgpack.unpack_limit, redis.call
  struct_pack, struct_unpack, floor, byte, sub = struct.pack, struct.unpack, math.floor, string.byte, string.sub
  tag = keys[1]
  local given
  given, origin, names_wanted = unpack_all(args[1])
  rows, tallies, hashes, zsets, sets, lists, pops, queues = {}, {}, {}, {}, {}, {}, {}, {}
  lanes, tickets, touched_lanes, nodes, events, touched_streams = {}, {}, {}, {}, {}, {}
  states, tails, plain_set, plain_lanes = {}, {}, {}, {}
  work, hint, undo, changed, has_written = false, false, nil, {}, false
  local stored = call('HMGET', key('m'), 'schema', 'now', 'topics', 'generation')
  meta = { schema = tonumber(stored[1]), topics = tonumber(stored[3]) or 0, generation = tonumber(stored[4]) or 0, now = tonumber(stored[2]) or 0 }
  if meta.schema and meta.schema > SCHEMA then
    error({ err = 'MARTLETSCHEMA ' .. meta.schema })
  end
  if not given then
    local time = call('TIME')
    given = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  -- Never lower than at the call before.
  now = given > meta.now and given or meta.now
  now_text, packed_now = string.format('%.0f', now), struct_pack('>d', now)
end
