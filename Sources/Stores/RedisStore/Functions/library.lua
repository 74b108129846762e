-- What the store calls. Functions that free memory, or keep what runs alive, are let through when memory is full: work in hand drains,
-- and new work is refused.

function transitions.open(keys, args)
  begin(keys, args)
  if not meta.schema then call('HSET', key('m'), 'schema', SCHEMA) end
  return finished({ SCHEMA })
end

local function register(flags, names)
  for i = 1, #names do
    redis.register_function({ function_name = LIBRARY .. '_' .. names[i], callback = transitions[names[i]], flags = flags })
  end
end

register({ 'no-writes' }, { 'read', 'job', 'jobs', 'overview', 'triggers', 'trigger' })
register({ 'allow-oom' }, { 'claim', 'renew', 'settle', 'cancel', 'pause', 'release', 'prune_jobs', 'prune_rest' })
register({}, { 'open', 'enqueue', 'record', 'revive', 'append', 'adopt', 'adopt_events', 'put', 'fire', 'policy', 'take', 'acquire' })
