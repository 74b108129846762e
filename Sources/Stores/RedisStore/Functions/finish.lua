-- The ways out of a phase that several transitions share.

local release_parent, release_turn

-- Ends a job by whatever transition, with everything that hangs on its end. The caller has called `leave`.
local function finish(r, mark)
  r.finished = now
  enter(r, mark)
  if r.key then
    local place = r.tenant .. '\0' .. r.key
    local stored = hget('keys', place)
    if stored then
      local holder, until_finished = unpack_all(stored)
      if holder == r.id and until_finished then hput('keys', place, false) end
    end
  end
  if r.parent then release_parent(r.parent, r.group) end
  if r.trigger then release_turn(r.trigger) end
end

-- Makes a job that was running ready, unless somebody has asked it to stop. The caller has called `leave`.
local function go_back(r, due)
  if r.cancel then return finish(r, CANCELLED) end
  r.due = due
  enter(r, READY)
end

-- Ends a wait: the step receives its result, and the job is due at once.
local function end_wait(r, result)
  local _, _, _, _, step = wait_of(r)
  leave(r)
  if step and result then write_step(r, step, DONE, result) end
  r.due = now
  enter(r, READY)
end

-- What a wait for this group ends with; nil while one of the group is unfinished.
local function group_result(parent, group)
  local counts = tally('g:' .. parent, group)
  if counts[READY] + counts[RUNNING] + counts[WAITING] > 0 then return nil end
  return OF_CHILDREN .. pack(counts[SUCCEEDED], counts[FAILED], counts[CANCELLED])
end

release_parent = function(parent, group)
  local r = row(parent)
  if not r or r.mark ~= WAITING then return end
  local sort, awaited = wait_of(r)
  if sort ~= 'c' or awaited ~= group then return end
  local result = group_result(parent, group)
  if result then end_wait(r, result) end
end

release_turn = function(trigger)
  local counts = tally('tc', trigger)
  if counts[2] == 0 or counts[2] ~= counts[1] then return end
  local oldest = members('v:' .. trigger)[1]
  local r = oldest and row(oldest)
  if r then end_wait(r, nil) end
end

-- Finishes an unfinished job, or asks a running one to stop.
local function stop(r)
  if r.mark == READY or r.mark == WAITING then
    leave(r)
    finish(r, CANCELLED)
  elseif r.mark == RUNNING and not r.cancel then
    index(r, -1)
    r.cancel = true
    index(r, 1)
    touch(r)
  end
end

-- Invariant 2: the job runs, this is its last epoch, and a lease of its own has not expired.
local function is_current(r, epoch)
  return r and r.mark == RUNNING and r.epoch == epoch and not (r.expiry and r.expiry <= now)
end
