-- The arithmetic of collectors/limiter/bucket.py inside PostgreSQL: one call is one transaction, on the server's clock.
-- Runs as it stands, and again without harm. Names carry a version: what they hold matters for seconds, so nothing is
-- ever migrated.

-- One row per bucket. Unlogged: after a crash of the server all buckets are full, which they soon were anyway.
create unlogged table if not exists rollcall_bucket_1 (
    key text primary key,
    full_at double precision not null default 0,
    turn_at double precision not null default 0,
    blocked_until double precision not null default 0,
    frozen_seconds double precision not null default 0,
    pace double precision not null default 1,
    paced_at double precision not null default 0,
    refusals integer not null default 0,
    seen_at double precision not null default 0
);

-- The bucket as of now. A clock that went back takes it along, and goes on from there.
create or replace function rollcall_brought_1(bucket rollcall_bucket_1, at double precision)
returns rollcall_bucket_1 language plpgsql immutable as $$
declare
    back double precision := greatest(0, bucket.seen_at - at);
begin
    bucket.full_at := bucket.full_at - back;
    bucket.turn_at := bucket.turn_at - back;
    bucket.blocked_until := bucket.blocked_until - back;
    bucket.paced_at := bucket.paced_at - back;
    bucket.pace := least(1, bucket.pace + (at - bucket.paced_at) * (0.1::double precision / 60));
    bucket.paced_at := at;
    if bucket.blocked_until + 60 < at then
        bucket.refusals := 0;
    end if;
    bucket.seen_at := at;
    return bucket;
end $$;

create or replace function rollcall_save_1(buckets rollcall_bucket_1[])
returns void language sql as $$
    update rollcall_bucket_1 as bucket
    set (full_at, turn_at, blocked_until, frozen_seconds, pace, paced_at, refusals, seen_at) = (
        changed.full_at, changed.turn_at, changed.blocked_until, changed.frozen_seconds,
        changed.pace, changed.paced_at, changed.refusals, changed.seen_at
    )
    from unnest(buckets) as changed
    where bucket.key = changed.key;
$$;

-- Lock the buckets, always in the same order, and return them as of now in the order of `keys`.
create or replace function rollcall_locked_1(keys text[], at double precision)
returns rollcall_bucket_1[] language plpgsql as $$
begin
    insert into rollcall_bucket_1 (key)
    select key from unnest(keys) as key order by key
    on conflict do nothing;
    perform from rollcall_bucket_1 where key = any(keys) order by key for update;
    -- Asked for after the lock was got: while we waited for it, time passed for the bucket.
    at := coalesce(at, extract(epoch from clock_timestamp()));
    perform rollcall_save_1(array(
        select rollcall_brought_1(bucket, at)
        from rollcall_bucket_1 as bucket
        where key = any(keys) and seen_at > at
    ));
    return array(
        select rollcall_brought_1(bucket, at)
        from unnest(keys) with ordinality as wanted (key, place)
        join rollcall_bucket_1 as bucket using (key)
        order by place
    );
end $$;

-- granted (1 or 0), wait, frozen of each bucket.
create or replace function rollcall_reserve_1(
    keys text[], lines integer[], patience double precision[], price double precision[], at double precision
) returns double precision[] language plpgsql as $$
declare
    buckets rollcall_bucket_1[] := rollcall_locked_1(keys, at);
    bucket rollcall_bucket_1;
    now_at double precision := buckets[1].seen_at;
    ready double precision[];
    first double precision := now_at;
    last double precision := now_at;
    spent_at double precision;
    answer double precision[];
begin
    for i in 1 .. cardinality(keys) loop
        bucket := buckets[i];
        ready[i] := greatest(bucket.full_at - patience[i], bucket.blocked_until, bucket.turn_at);
        if ready[i] <= now_at + 0.000001::double precision then
            ready[i] := now_at;
        end if;
        last := greatest(last, ready[i]);
        if lines[i] <> 0 then
            first := greatest(first, ready[i]);
        end if;
    end loop;
    if first > now_at then
        return array[0, first - now_at];
    end if;
    answer := array[1, last - now_at];
    for i in 1 .. cardinality(keys) loop
        bucket := buckets[i];
        spent_at := ready[case when lines[i] > 0 then lines[i] else i end];
        bucket.full_at := greatest(bucket.full_at, spent_at) + price[i] / bucket.pace;
        if lines[i] > 0 then
            bucket.turn_at := greatest(bucket.turn_at, spent_at);
        end if;
        buckets[i] := bucket;
        answer := answer || bucket.frozen_seconds;
    end loop;
    perform rollcall_save_1(buckets);
    return answer;
end $$;

create or replace function rollcall_give_back_1(keys text[], price double precision[], at double precision)
returns void language plpgsql as $$
declare
    buckets rollcall_bucket_1[] := rollcall_locked_1(keys, at);
    bucket rollcall_bucket_1;
begin
    for i in 1 .. cardinality(keys) loop
        bucket := buckets[i];
        bucket.full_at := bucket.full_at - price[i] / bucket.pace;
        bucket.turn_at := least(bucket.turn_at, bucket.seen_at);
        buckets[i] := bucket;
    end loop;
    perform rollcall_save_1(buckets);
end $$;

-- Seconds until full, until the block ends, and of all blocks, for each bucket.
create or replace function rollcall_read_1(keys text[], at double precision)
returns double precision[] language plpgsql as $$
declare
    now_at double precision := coalesce(at, extract(epoch from clock_timestamp()));
begin
    if exists (select from rollcall_bucket_1 where key = any(keys) and seen_at > now_at) then
        perform rollcall_locked_1(keys, at);
    end if;
    return array(
        select unnest(array[
            greatest(0, coalesce(bucket.full_at, 0) - now_at),
            greatest(0, coalesce(bucket.blocked_until, 0) - now_at),
            coalesce(bucket.frozen_seconds, 0)
        ])
        from unnest(keys) with ordinality as wanted (key, place)
        left join rollcall_bucket_1 as bucket using (key)
        order by place
    );
end $$;

-- For how many seconds it is blocked. `seconds` is null where the refusal did not say.
create or replace function rollcall_block_1(
    bucket_key text,
    seconds double precision,
    first_seconds double precision,
    patience double precision,
    at double precision
) returns double precision language plpgsql as $$
declare
    buckets rollcall_bucket_1[] := rollcall_locked_1(array[bucket_key], at);
    bucket rollcall_bucket_1 := buckets[1];
    now_at double precision := bucket.seen_at;
    is_blocked boolean := bucket.blocked_until > now_at;
    ends double precision;
    longer double precision;
begin
    if seconds is null then
        if is_blocked then
            return bucket.blocked_until - now_at;
        end if;
        seconds := least(64, first_seconds * 2::double precision ^ bucket.refusals);
    end if;
    ends := now_at + least(seconds, 3600);
    if not is_blocked then
        bucket.pace := greatest(0.25, bucket.pace * 0.95::double precision);
        bucket.refusals := least(bucket.refusals + 1, 16);
    end if;
    longer := greatest(0, ends - greatest(now_at, bucket.blocked_until));
    bucket.frozen_seconds := bucket.frozen_seconds + longer;
    if bucket.full_at > now_at then
        bucket.full_at := bucket.full_at + longer;
    end if;
    bucket.full_at := greatest(bucket.full_at, ends + patience);
    bucket.blocked_until := greatest(bucket.blocked_until, ends);
    perform rollcall_save_1(array[bucket]);
    return bucket.blocked_until - now_at;
end $$;

create or replace function rollcall_slow_1(bucket_key text, wanted double precision, at double precision)
returns void language plpgsql as $$
declare
    buckets rollcall_bucket_1[] := rollcall_locked_1(array[bucket_key], at);
    bucket rollcall_bucket_1 := buckets[1];
begin
    bucket.pace := greatest(0.25, least(bucket.pace, wanted));
    perform rollcall_save_1(array[bucket]);
end $$;

-- Forget the buckets that say no more than new ones. A minute late, so that nobody who holds a place finds it gone.
create or replace function rollcall_purge_1()
returns void language sql as $$
    -- Nobody may find a row and then not get it.
    lock table rollcall_bucket_1 in share row exclusive mode;
    delete from rollcall_bucket_1
    where greatest(
        full_at,
        turn_at,
        blocked_until + case when refusals > 0 then 60 else 0 end,
        paced_at + (1 - pace) / (0.1::double precision / 60)
    ) < extract(epoch from clock_timestamp()) - 60;
$$;
