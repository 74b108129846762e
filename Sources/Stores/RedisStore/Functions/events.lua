-- Streams: `e:<stream>` with the sequence number as the entry's id, so that a gap cannot be written; `st` holds the last number of each, `ev` the time
-- of the oldest kept event of those that retention looks at. Nothing is ever trimmed by length.

local HEX = '^job/(%x%x%x%x%x%x%x%x)%-(%x%x%x%x)%-(%x%x%x%x)%-(%x%x%x%x)%-(%x%x%x%x%x%x%x%x%x%x%x%x)$'

-- The job whose stream this is.
local function job_of(stream)
  if sub(stream, 1, 4) ~= 'job/' then return nil end
  local a, b, c, d, e = string.match(stream, HEX)
  if not a then return nil end
  return (string.gsub(a .. b .. c .. d .. e, '%x%x', function(digits) return string.char(tonumber(digits, 16)) end))
end

local function stream_of(id)
  local digits = string.gsub(id, '.', function(character) return string.format('%02x', byte(character)) end)
  return 'job/' .. sub(digits, 1, 8) .. '-' .. sub(digits, 9, 12) .. '-' .. sub(digits, 13, 16) .. '-' .. sub(digits, 17, 20) .. '-' .. sub(digits, 21)
end

local function is_prunable(stream)
  if stream == 'audit' then return false end
  local id = job_of(stream)
  return not id or not row(id)
end

local function entry_fields(entry)
  local fields = entry[2]
  return tonumber(string.match(entry[1], '^%d+')), fields[2], fields[4], fields[6]
end

local function event_result(stream, sequence, at, type, data) return OF_EVENT .. pack(stream, sequence, tonumber(at), type, data) end

-- The first event of a type above a sequence number, as a wait's result; those of this call are not written yet.
local function find_event(stream, wanted, after)
  after = tonumber(after) or 0
  if after < 0 then after = 0 end
  local last = tonumber(hget('st', stream) or 0)
  while after < last do
    local found = call('XRANGE', key('e:' .. stream), exact(after + 1), '+', 'COUNT', 100)
    if #found == 0 then break end
    for _, entry in ipairs(found) do
      local sequence, at, type, data = entry_fields(entry)
      if type == wanted then return event_result(stream, sequence, at, type, data) end
      after = sequence
    end
  end
  for _, event in ipairs(events[stream] or {}) do
    if event[1] > after and event[2] == wanted then return event_result(stream, event[1], event[4] or now, wanted, event[3]) end
  end
end

-- MARK: Topic triggers. The caller has found which of them let the event through, against the revision of them all that it names.

-- The delay of a job that a trigger makes, up to `span`, by the trigger's name and this instant: FNV-1a in four limbs of 16 bits, begun
-- with the name by the caller.
local function jitter(span, a, b, c, d)
  local rest = now
  for _ = 1, 8 do
    d = bit.bxor(d, rest % 256)
    rest = floor(rest / 256)
    -- times 2^40 + 0x1b3
    local low = d * 0x1b3
    local second = c * 0x1b3 + floor(low / 65536)
    local third = b * 0x1b3 + floor(second / 65536) + (d * 256) % 65536
    local fourth = a * 0x1b3 + floor(third / 65536) + floor(d * 256 / 65536) + (c * 256) % 65536
    a, b, c, d = fourth % 65536, third % 65536, second % 65536, low % 65536
  end
  c, d = bit.bxor(c, a), bit.bxor(d, b)
  local n, rem = span + 1, 0
  for _, limb in ipairs({ a, b, c, d }) do
    -- Bytewise, so that the remainder times 256 stays below 2^53.
    rem = (rem * 256 + floor(limb / 256)) % n
    rem = (rem * 256 + limb % 256) % n
  end
  return rem
end

local function id_now(tail)
  local ms, head = floor(now / 1000), ''
  for _ = 1, 6 do
    head = string.char(ms % 256) .. head
    ms = floor(ms / 256)
  end
  return head .. tail
end

local function fire_topic(match, stream, sequence, type, data, draw)
  local overlap, span, a, b, c, d, head, template, ticket = unpack_all(match)
  local id = id_now(draw())
  -- Without a head the job is one that no store accepts.
  if not head then return end
  local payload = WITH_EVENT .. pack(template, stream, sequence, now, type, data)
  local is_big = #payload > INLINE_MAX
  local r = arriving(id, ticket, head .. pack(not is_big and payload))
  r.due, r.is_big, r.payload = later(now, span > 0 and jitter(span, a, b, c, d) or 0), is_big, is_big and payload or nil
  place(r, overlap)
end

-- Writes one event, at a time of its own where it has one, and lets go whoever waits for it.
local function write_event(stream, sequence, type, data, at)
  hput('st', stream, exact(sequence))
  local list = events[stream]
  if not list then
    list = {}
    events[stream] = list
    touched_streams[#touched_streams + 1] = stream
  end
  list[#list + 1] = { sequence, type, data, at }
  hint = true
  local waiters = members('w:' .. stream .. '\0' .. type)
  if #waiters > 0 then
    load(waiters)
    for _, id in ipairs(waiters) do
      local r = rows[id]
      local sort, _, _, after = wait_of(r)
      if sort == 'e' and tonumber(after) < sequence then end_wait(r, event_result(stream, sequence, at or now, type, data)) end
    end
  end
end

-- Appends one event, and lets go whatever it sets free: waiters, then topic triggers.
local function append(stream, type, data, matches, draw)
  local sequence = tonumber(hget('st', stream) or 0) + 1
  write_event(stream, sequence, type, data)
  for _, match in ipairs(matches or {}) do fire_topic(match, stream, sequence, type, data, draw) end
  return sequence
end
