-- Jobs. `j:<id>` holds what was enqueued and `s:<id>` what changes, so that no transition rewrites a payload; a payload over some
-- hundred bytes lies in `p:<id>`, which only those read who want it. `x:<id>` holds progress, result, error and wait, `t:<id>` the steps.
-- A mark is a phase with its outcome: what the counts are kept by.

local READY, RUNNING, WAITING, SUCCEEDED, FAILED, CANCELLED = 1, 2, 3, 4, 5, 6
local SUSPECT_DEATHS, CRASHES_MAX = 2, 3
local INTENDED, DONE = 1, 2
-- A payload in a field of `j`, and results in a step, are JSON; one of these bytes in front says that the reader makes the JSON.
local WITH_EVENT, OF_EVENT, OF_CHILDREN, OF_DEADLINE = '\1', '\2', '\3', '\4'
local INLINE_MAX = 512

local function decode(id, j, s)
  local r, flags, _ = { id = id, j = j }, 0, 0
  _, r.kind, r.queue, r.tenant, r.priority, r.max_attempts, r.queue_timeout, r.key, r.scope, r.parent, r.group, r.trigger, _, r.labels =
    unpack_some(j, 13, 0)
  if s then
    r.mark, r.attempt, r.epoch, r.settled, r.deaths, flags, r.due, r.created, r.started, r.finished, r.node, r.expiry = unpack_all(s)
  end
  r.cancel, r.has_extras, r.has_steps, r.is_big = flags % 2 >= 1, flags % 4 >= 2, flags % 8 >= 4, flags % 16 >= 8
  return r
end

local function encode(r)
  local flags = (r.cancel and 1 or 0) + (r.has_extras and 2 or 0) + (r.has_steps and 4 or 0) + (r.is_big and 8 or 0)
  return pack(r.mark, r.attempt, r.epoch, r.settled, r.deaths, flags, r.due, r.created, r.started, r.finished, r.node, r.expiry)
end

-- Brings rows in with one command.
local function load(ids)
  local keys, wanted = {}, {}
  for _, id in ipairs(ids) do
    if rows[id] == nil then
      rows[id] = false
      wanted[#wanted + 1] = id
      keys[#keys + 1] = tag .. ':j:' .. id
      keys[#keys + 1] = tag .. ':s:' .. id
    end
  end
  local found = fetch_many('MGET', nil, keys)
  for i, id in ipairs(wanted) do
    local j = found[2 * i - 1]
    if j then rows[id] = decode(id, j, found[2 * i]) end
  end
end

local function row(id)
  if rows[id] == nil then load({ id }) end
  return rows[id]
end

local function touch(r) put(r, 'dirty', true) end

local function payload_of(r)
  if r.is_big then return r.payload or call('GET', key('p:' .. r.id)) end
  return (select(14, unpack_all(r.j)))
end

-- What the store's own functions answer of a job.
local function answer_row(r)
  return { r.id, r.j, encode(r), r.is_big and payload_of(r) or false, r.has_extras and (r.x and pack(r.x.progress, r.x.result, r.x.error, r.x.wait) or call('GET', key('x:' .. r.id))) or false }
end

-- MARK: Progress, result, error, wait

local function extras(r)
  if not r.x then
    local x = {}
    if r.has_extras then x.progress, x.result, x.error, x.wait = unpack_all(call('GET', key('x:' .. r.id))) end
    r.x = x
  end
  return r.x
end

local function set_extra(r, field, value)
  if value == nil and not r.has_extras then return end
  local x = extras(r)
  if x[field] == value then return end
  x[field] = value
  r.has_extras = x.progress ~= nil or x.result ~= nil or x.error ~= nil or x.wait ~= nil
  r.extras_dirty = true
  touch(r)
end

-- What a waiting job waits for: sort, stream or group or trigger, type, sequence number, step.
local function wait_of(r)
  if r.mark == WAITING then return unpack_all(extras(r).wait) end
end

-- MARK: Steps, in the order of their numbers

-- Writes a step where the stored one is not final, and answers the stored one.
local function write_step(r, name, state, result)
  local place = 't:' .. r.id
  local stored, number = r.has_steps and hget(place, name), nil
  if stored then
    local _, old
    _, number, old = unpack_some(stored, 2, 0)
    if old ~= INTENDED or state ~= DONE then return stored end
  else
    r.steps = (r.steps or (r.has_steps and call('HLEN', key(place)) or 0)) + 1
    number = r.steps
    if not r.has_steps then
      r.has_steps = true
      touch(r)
    end
  end
  stored = pack(number, state, now, result)
  hput(place, name, stored)
  return stored
end
