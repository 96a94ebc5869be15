-- The arithmetic of collectors/limiter/bucket.py inside Redis: one call is one transaction, on the server's clock.
-- KEYS: the buckets. ARGV: operation, now (empty: the server's time), then what the operation needs.
-- Numbers go back as text, for Redis cuts them to integers.
local LEAST_PACE, SLOWER, RECOVERY_PER_SECOND = 0.25, 0.95, 0.1 / 60
local FORGIVEN_AFTER_SECONDS, LONGEST_BACKOFF_SECONDS, LONGEST_BLOCK_SECONDS = 60, 64, 3600
local INSTANT_SECONDS = 0.000001
local FORMAT = '>dddddddd'

local operation = ARGV[1]
local now = tonumber(ARGV[2])
if not now then
    local time = redis.call('TIME')
    now = time[1] + time[2] / 1000000
end

local function text(number)
    return string.format('%.17g', number)
end

local function save(key, bucket)
    local quiet_at = math.max(
        bucket.full_at,
        bucket.turn_at,
        bucket.blocked_until + (bucket.refusals > 0 and FORGIVEN_AFTER_SECONDS or 0),
        bucket.paced_at + (1 - bucket.pace) / RECOVERY_PER_SECOND
    )
    -- A minute more than it means anything, so that nobody who holds a place finds it gone.
    local kept = math.ceil((math.max(0, quiet_at - now) + 60) * 1000)
    redis.call(
        'SET', key,
        struct.pack(
            FORMAT, bucket.full_at, bucket.turn_at, bucket.blocked_until, bucket.frozen,
            bucket.pace, bucket.paced_at, bucket.refusals, now
        ),
        'PX', string.format('%d', kept)
    )
end

-- The bucket as of now. A clock that went back takes it along, and goes on from there.
local function load(key)
    local bucket = {full_at = 0, turn_at = 0, blocked_until = 0, frozen = 0, pace = 1, paced_at = 0, refusals = 0}
    local seen_at = 0
    local stored = redis.call('GET', key)
    if stored then
        bucket.full_at, bucket.turn_at, bucket.blocked_until, bucket.frozen,
            bucket.pace, bucket.paced_at, bucket.refusals, seen_at = struct.unpack(FORMAT, stored)
    end
    local back = seen_at - now
    if back > 0 then
        bucket.full_at = bucket.full_at - back
        bucket.turn_at = bucket.turn_at - back
        bucket.blocked_until = bucket.blocked_until - back
        bucket.paced_at = bucket.paced_at - back
    end
    bucket.pace = math.min(1, bucket.pace + (now - bucket.paced_at) * RECOVERY_PER_SECOND)
    bucket.paced_at = now
    if bucket.blocked_until + FORGIVEN_AFTER_SECONDS < now then
        bucket.refusals = 0
    end
    if back > 0 then
        save(key, bucket)
    end
    return bucket
end

local operations = {}

-- ARGV from 3: line, patience, price of each bucket. Returns granted, wait, frozen of each bucket.
function operations.reserve()
    local buckets, ready, first, last = {}, {}, now, now
    for i, key in ipairs(KEYS) do
        local bucket = load(key)
        local line, patience = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
        buckets[i] = bucket
        ready[i] = math.max(bucket.full_at - patience, bucket.blocked_until, bucket.turn_at)
        if ready[i] <= now + INSTANT_SECONDS then
            ready[i] = now
        end
        last = math.max(last, ready[i])
        if line ~= 0 then
            first = math.max(first, ready[i])
        end
    end
    if first > now then
        return {0, text(first - now)}
    end
    local answer = {1, text(last - now)}
    for i, key in ipairs(KEYS) do
        local bucket, line, price = buckets[i], tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 2])
        local spent_at = ready[line > 0 and line or i]
        bucket.full_at = math.max(bucket.full_at, spent_at) + price / bucket.pace
        if line > 0 then
            bucket.turn_at = math.max(bucket.turn_at, spent_at)
        end
        save(key, bucket)
        answer[i + 2] = text(bucket.frozen)
    end
    return answer
end

-- ARGV from 3: price of each bucket.
function operations.give_back()
    for i, key in ipairs(KEYS) do
        local bucket = load(key)
        bucket.full_at = bucket.full_at - tonumber(ARGV[i + 2]) / bucket.pace
        bucket.turn_at = math.min(bucket.turn_at, now)
        save(key, bucket)
    end
end

-- Returns seconds until full, until the block ends, and of all blocks, for each bucket.
function operations.read()
    local answer = {}
    for _, key in ipairs(KEYS) do
        local bucket = load(key)
        answer[#answer + 1] = text(math.max(0, bucket.full_at - now))
        answer[#answer + 1] = text(math.max(0, bucket.blocked_until - now))
        answer[#answer + 1] = text(bucket.frozen)
    end
    return answer
end

-- ARGV from 3: seconds (empty: not said), first back-off, patience. Returns for how many seconds it is blocked.
function operations.block()
    local bucket = load(KEYS[1])
    local seconds, first, patience = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
    local is_blocked = bucket.blocked_until > now
    if not seconds then
        if is_blocked then
            return text(bucket.blocked_until - now)
        end
        seconds = math.min(LONGEST_BACKOFF_SECONDS, first * 2 ^ bucket.refusals)
    end
    local ends = now + math.min(seconds, LONGEST_BLOCK_SECONDS)
    if not is_blocked then
        bucket.pace = math.max(LEAST_PACE, bucket.pace * SLOWER)
        bucket.refusals = math.min(bucket.refusals + 1, 16)
    end
    local longer = math.max(0, ends - math.max(now, bucket.blocked_until))
    bucket.frozen = bucket.frozen + longer
    if bucket.full_at > now then
        bucket.full_at = bucket.full_at + longer
    end
    bucket.full_at = math.max(bucket.full_at, ends + patience)
    bucket.blocked_until = math.max(bucket.blocked_until, ends)
    save(KEYS[1], bucket)
    return text(bucket.blocked_until - now)
end

-- ARGV from 3: pace.
function operations.slow()
    local bucket = load(KEYS[1])
    bucket.pace = math.max(LEAST_PACE, math.min(bucket.pace, tonumber(ARGV[3])))
    save(KEYS[1], bucket)
end

return operations[operation]()
