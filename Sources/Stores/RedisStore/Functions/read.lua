-- Reading, and what retention removes.

function transitions.read(keys, args)
  begin(keys, args)
  local stream, after, limit = unpack_all(args[2])
  local place, last = key('e:' .. stream), tonumber(hget('st', stream) or 0)
  local head = call('XRANGE', place, '-', '+', 'COUNT', 1)[1]
  local first = head and entry_fields(head) or last + 1
  local found = limit > 0 and after < last and call('XRANGE', place, exact(after + 1), '+', 'COUNT', limit) or {}
  local answers = {}
  for i, entry in ipairs(found) do
    local sequence, at, type, data = entry_fields(entry)
    answers[i] = { sequence, at, type, data }
  end
  return { exact(first), exact(last), answers }
end

-- Zero until finished, one for ever, below zero the microseconds of a window from when the job was made; two for one that has ended.
local function key_scope(r)
  if not r.key or r.scope >= 0 then return r.key and r.scope or nil end
  local stored = hget('keys', r.tenant .. '\0' .. r.key)
  if not stored then return 2 end
  local holder, _, expires = unpack_all(stored)
  return holder == r.id and expires and expires > now and r.created - expires or 2
end

function transitions.job(keys, args)
  begin(keys, args)
  local r = row(args[2])
  if not r then return false end
  local answer = answer_row(r, {})
  if r.has_steps then answer[6] = call('HGETALL', key('t:' .. r.id)) end
  answer[7] = pack(key_scope(r), tonumber(hget('st', stream_of(r.id)) or 0))
  return answer
end

function transitions.overview(keys, args)
  begin(keys, args)
  return {
    exact(now), call('HGETALL', key('q')), call('HGETALL', key('c')), call('HGETALL', key('k')), call('HGETALL', key('triggers')),
    call('ZRANGE', key('nodes'), 0, -1, 'WITHSCORES'), call('HGETALL', key('held')),
  }
end

function transitions.triggers(keys, args)
  begin(keys, args)
  return { meta.topics, call('HGETALL', key('triggers')) }
end

function transitions.trigger(keys, args)
  begin(keys, args)
  return hget('triggers', args[2])
end

-- MARK: Retention

-- Rows of one sort that one call looks at, so that none is long.
local PRUNE_MAX = 300

-- Of the jobs of a queue that were finished when they came from another store, those past its retention; whether there are more.
local function find_adopted(name, retention, old, limit)
  local place, ids = 'b:' .. name, {}
  local found = call('ZRANGEBYSCORE', key(place), '-inf', exact(now - retention), 'WITHSCORES', 'LIMIT', 0, limit - #old + 1)
  for i = 1, #found, 2 do ids[#ids + 1] = found[i] end
  load(ids)
  for i, id in ipairs(ids) do
    local r = rows[id]
    -- One that was revived is elsewhere.
    if r and r.mark > WAITING and exact(r.finished) == exact(tonumber(found[2 * i])) and not r.is_forgotten then
      if #old == limit then return true end
      old[#old + 1] = r
      r.is_forgotten = true
    end
    zput(place, id, false)
  end
  return false
end

-- Finished jobs past their queue's retention, oldest first in each queue.
local function find_old(limit)
  local old, has_more = {}, false
  local names = call('HKEYS', key('q'))
  table.sort(names, before)
  for _, name in ipairs(names) do
    local place, passed, is_over = 'f:' .. name, 0, false
    local retention = queue_named(name).retention
    has_more = find_adopted(name, retention, old, limit)
    is_over = has_more
    while not is_over do
      local entries = call('LRANGE', key(place), passed, passed + 99)
      local ids = {}
      for i, entry in ipairs(entries) do ids[i] = sub(entry, 1, 16) end
      load(ids)
      for i, entry in ipairs(entries) do
        local r, at = rows[ids[i]], tonumber(sub(entry, 17))
        if at + retention > now then
          is_over = true
          break
        end
        -- A job that was revived has another entry, or will have.
        if r and r.mark > WAITING and r.finished == at and not r.is_forgotten then
          if #old == limit then
            has_more, is_over = true, true
            break
          end
          old[#old + 1] = r
          r.is_forgotten = true
        end
        passed = passed + 1
      end
      is_over = is_over or #entries < 100
    end
    if passed > 0 then pops[place] = passed end
    if has_more then break end
  end
  return old, has_more
end

function transitions.prune_jobs(keys, args)
  begin(keys, args)
  local old, has_more = find_old(tonumber(args[2]))
  local streams = {}
  for i, r in ipairs(old) do streams[i] = stream_of(r.id) end
  hload('st', streams)
  for i, r in ipairs(old) do
    index(r, -1)
    enlist(r, false)
    touch(r)
    if hget('st', streams[i]) then
      hput('st', streams[i], false)
      zput('ev', streams[i], false)
      write('UNLINK', key('e:' .. streams[i]))
    end
  end
  return finished({ #old, has_more and 1 or 0 })
end

-- Removes a stream's events up to an instant, at most so many; answers how many, and whether more of them are old.
local function trim(stream, until_, most)
  local place, count, first = key('e:' .. stream), 0, nil
  while true do
    local found = call('XRANGE', place, first and exact(first) or '-', '+', 'COUNT', 100)
    if #found == 0 then break end
    for _, entry in ipairs(found) do
      local sequence, at = entry_fields(entry)
      first = sequence
      if tonumber(at) > until_ or count == most then
        if count > 0 then write('XTRIM', place, 'MINID', exact(sequence)) end
        zput('ev', stream, tonumber(at))
        return count, tonumber(at) <= until_
      end
      count = count + 1
      first = sequence + 1
    end
  end
  write('UNLINK', place)
  zput('ev', stream, false)
  return count, false
end

function transitions.prune_rest(keys, args)
  begin(keys, args)
  local limit, retention = unpack_all(args[2])
  local removed, has_more = 0, false
  local streams = call('ZRANGEBYSCORE', key('ev'), '-inf', exact(now - retention), 'LIMIT', 0, PRUNE_MAX)
  for _, stream in ipairs(streams) do
    if not is_prunable(stream) then
      -- Its job is kept: the stream goes with it.
      zput('ev', stream, false)
    elseif removed == limit then
      has_more = true
      break
    else
      local count, is_cut = trim(stream, now - retention, limit - removed)
      removed, has_more = removed + count, has_more or is_cut
    end
  end
  for _, place in ipairs(call('ZRANGEBYSCORE', key('windows'), '-inf', exact(now), 'LIMIT', 0, PRUNE_MAX)) do
    local stored = hget('keys', place)
    if stored then
      local _, _, expires = unpack_all(stored)
      if expires and expires <= now then hput('keys', place, false) end
    end
    zput('windows', place, false)
  end
  for _, bucket in ipairs(call('ZRANGEBYSCORE', key('idle'), '-inf', '(' .. exact(now), 'LIMIT', 0, PRUNE_MAX)) do
    hput('buckets', bucket, false)
    zput('idle', bucket, false)
  end
  return finished({ removed, (has_more or #streams == PRUNE_MAX) and 1 or 0 })
end
