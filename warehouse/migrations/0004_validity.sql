-- One row per change, not per scan: what was found is kept with the times between which it was so.

create table recordings (
    history varchar not null,
    scan_id varchar not null,
    scanned_at timestamp not null
);
comment on table recordings is 'One row per kind of result and scan that was recorded, whether or not it changed anything.';
comment on column recordings.history is 'The table the results are in: account_verdict_history, rule_result_history, finding_history or scorecard_history.';
comment on column recordings.scan_id is 'The scan.';
comment on column recordings.scanned_at is 'When the scan was. The state as of it: valid_from <= scanned_at and (valid_until is null or valid_until > scanned_at).';

-- Of scans at one and the same time the one that the clock would have chosen. Who has a scorecard was judged, too.
insert into recordings
select
    history,
    max(scan_id) as scan_id,
    scanned_at
from (
    select 'account_verdict_history' as history, scan_id, scanned_at from account_verdict_history
    union
    select 'account_verdict_history' as history, scan_id, scanned_at from scorecard_history
    union
    select 'rule_result_history' as history, scan_id, scanned_at from rule_result_history
    union
    select 'finding_history' as history, scan_id, scanned_at from rule_result_history
    union
    select 'scorecard_history' as history, scan_id, scanned_at from scorecard_history
)
group by history, scanned_at;

create table account_verdict_history_new (
    tenant_id varchar not null,
    account_id varchar not null,
    user_principal_name varchar not null,
    display_name varchar,
    contract_scope varchar not null,
    contract_verdict varchar not null,
    customer_posture varchar,
    exposure varchar[] not null,
    protected_by varchar[] not null,
    required varchar not null,
    registered varchar not null,
    proof varchar not null,
    reasons varchar[] not null,
    counterexample varchar,
    confidence varchar not null,
    pragmatic_verdict varchar,
    strict_verdict varchar,
    excluded_apps varchar[],
    severity varchar,
    is_admin boolean,
    account_class varchar,
    class_source varchar,
    valid_from timestamp not null,
    valid_until timestamp
);
comment on table account_verdict_history_new is 'One row per account and what was found of it in one scan after the other. Whether it has to do MFA, whether it really must, and what proves it.';
comment on column account_verdict_history_new.tenant_id is 'The tenant.';
comment on column account_verdict_history_new.account_id is 'Object id of the user.';
comment on column account_verdict_history_new.user_principal_name is 'Name the user signs in with.';
comment on column account_verdict_history_new.display_name is 'Name shown to people.';
comment on column account_verdict_history_new.contract_scope is 'Whether the contract speaks of it: in_scope, out_disabled, out_sync_account, out_customer_tenant or out_cloud.';
comment on column account_verdict_history_new.contract_verdict is 'compliant, at_risk, non_compliant, indeterminate or not_applicable.';
comment on column account_verdict_history_new.customer_posture is 'The same words for a customer''s account, where MFA is recommended, not owed.';
comment on column account_verdict_history_new.exposure is 'Where Microsoft itself demands MFA of it, and how certain that is. It never changes the verdict.';
comment on column account_verdict_history_new.protected_by is 'What demands MFA of it: policies, security defaults, per-user MFA.';
comment on column account_verdict_history_new.required is 'Whether every sign-in of it is asked for MFA: full, partial, none or unknown.';
comment on column account_verdict_history_new.registered is 'Whether it has a method to answer with.';
comment on column account_verdict_history_new.proof is 'Whether a sign-in showed it.';
comment on column account_verdict_history_new.reasons is 'Codes of what led to the verdict.';
comment on column account_verdict_history_new.counterexample is 'A sign-in that no policy asks for MFA, in words; null if there is none.';
comment on column account_verdict_history_new.confidence is 'high, medium or low.';
comment on column account_verdict_history_new.pragmatic_verdict is 'The verdict, of a customer''s account the posture, where a gap in the policies is a risk.';
comment on column account_verdict_history_new.strict_verdict is 'The same where every authentication must be challenged, so that a gap is a breach.';
comment on column account_verdict_history_new.excluded_apps is 'Apps that policies leave out by name: no MFA is asked for there.';
comment on column account_verdict_history_new.severity is 'high for administrators, agents and break-glass accounts, else medium; null where there is nothing to do.';
comment on column account_verdict_history_new.is_admin is 'Whether it holds or may activate a directory role, or is an agent in Partner Center: it counts for Microsoft''s score.';
comment on column account_verdict_history_new.account_class is 'What it seems to be if no ordinary person: advice only, nobody is left out of any count for it.';
comment on column account_verdict_history_new.class_source is 'What says so: role, mail, licence, employeeType or name, the weakest.';
comment on column account_verdict_history_new.valid_from is 'The first scan that found it so.';
comment on column account_verdict_history_new.valid_until is 'The first scan that found it otherwise, or no longer; null while it is so.';

-- A row begins where the recorded scan before did not say the same, and ends with the scan after the last that did.
insert into account_verdict_history_new by name
with
recorded as (
    select
        scan_id,
        row_number() over (order by scanned_at) as place,
        lead(scanned_at) over (order by scanned_at) as next_at
    from recordings
    where history = 'account_verdict_history'
),

told as (
    select
        history.*,
        recorded.place,
        recorded.next_at,
        row(
            user_principal_name, display_name, contract_scope, contract_verdict, customer_posture,
            exposure, protected_by, required, registered, proof, reasons, counterexample, confidence,
            pragmatic_verdict, strict_verdict, excluded_apps, severity, is_admin, account_class,
            class_source
        ) as said
    from account_verdict_history as history
    inner join recorded on history.scan_id = recorded.scan_id
),

begun as (
    select
        *,
        coalesce(
            lag(place) over scans_of_one = place - 1 and lag(said) over scans_of_one is not distinct from said, false
        ) as goes_on
    from told
    window scans_of_one as (partition by tenant_id, account_id order by place)
),

numbered as (
    select
        *,
        count(*) filter (where not goes_on) over (partition by tenant_id, account_id order by place) as number
    from begun
)

select
    * exclude (scan_id, scanned_at, place, next_at, said, goes_on, number),
    scanned_at as valid_from,
    arg_max(struct_pack(at := next_at), place) over (partition by tenant_id, account_id, number).at as valid_until
from numbered
qualify not goes_on;
drop table account_verdict_history;
alter table account_verdict_history_new rename to account_verdict_history;

create table rule_result_history_new (
    rule_id varchar not null,
    tenant_id varchar not null,
    result varchar not null,
    in_scope bigint not null,
    failing bigint not null,
    unknown bigint not null,
    reason varchar not null,
    valid_from timestamp not null,
    valid_until timestamp
);
comment on table rule_result_history_new is 'One row per rule, tenant and the same result in one scan after the other.';
comment on column rule_result_history_new.rule_id is 'The rule; its version is part of the id.';
comment on column rule_result_history_new.tenant_id is 'The tenant.';
comment on column rule_result_history_new.result is 'pass, fail, not_assessed, not_applicable, waived or error.';
comment on column rule_result_history_new.in_scope is 'Things judged.';
comment on column rule_result_history_new.failing is 'Things that break the rule.';
comment on column rule_result_history_new.unknown is 'Things in scope of which the needed fact could not be read.';
comment on column rule_result_history_new.reason is 'Why it is not assessed, not applicable, waived or in error; else empty.';
comment on column rule_result_history_new.valid_from is 'The first scan that found it so.';
comment on column rule_result_history_new.valid_until is 'The first scan that found it otherwise, or no longer; null while it is so.';

-- A row begins where the recorded scan before did not say the same, and ends with the scan after the last that did.
insert into rule_result_history_new by name
with
recorded as (
    select
        scan_id,
        row_number() over (order by scanned_at) as place,
        lead(scanned_at) over (order by scanned_at) as next_at
    from recordings
    where history = 'rule_result_history'
),

told as (
    select
        history.*,
        recorded.place,
        recorded.next_at,
        row(
            result, in_scope, failing, unknown, reason
        ) as said
    from rule_result_history as history
    inner join recorded on history.scan_id = recorded.scan_id
),

begun as (
    select
        *,
        coalesce(
            lag(place) over scans_of_one = place - 1 and lag(said) over scans_of_one is not distinct from said, false
        ) as goes_on
    from told
    window scans_of_one as (partition by rule_id, tenant_id order by place)
),

numbered as (
    select
        *,
        count(*) filter (where not goes_on) over (partition by rule_id, tenant_id order by place) as number
    from begun
)

select
    * exclude (scan_id, scanned_at, place, next_at, said, goes_on, number),
    scanned_at as valid_from,
    arg_max(struct_pack(at := next_at), place) over (partition by rule_id, tenant_id, number).at as valid_until
from numbered
qualify not goes_on;
drop table rule_result_history;
alter table rule_result_history_new rename to rule_result_history;

create table scorecard_history_new (
    tenant_id varchar not null,
    score double,
    coverage double not null,
    in_scope bigint not null,
    compliant bigint not null,
    at_risk bigint not null,
    non_compliant bigint not null,
    indeterminate bigint not null,
    valid_from timestamp not null,
    valid_until timestamp
);
comment on table scorecard_history_new is 'One row per tenant and the same numbers in one scan after the other.';
comment on column scorecard_history_new.tenant_id is 'The tenant.';
comment on column scorecard_history_new.score is '0 to 100; null where nothing could be assessed. It means nothing without coverage.';
comment on column scorecard_history_new.coverage is '0 to 100: how much of what applies could be assessed.';
comment on column scorecard_history_new.in_scope is 'Accounts the contract speaks of.';
comment on column scorecard_history_new.compliant is 'Accounts in scope that are compliant.';
comment on column scorecard_history_new.at_risk is 'Accounts in scope that are at risk.';
comment on column scorecard_history_new.non_compliant is 'Accounts in scope that are not compliant.';
comment on column scorecard_history_new.indeterminate is 'Accounts in scope of which nobody can tell.';
comment on column scorecard_history_new.valid_from is 'The first scan that found it so.';
comment on column scorecard_history_new.valid_until is 'The first scan that found it otherwise, or no longer; null while it is so.';

-- A row begins where the recorded scan before did not say the same, and ends with the scan after the last that did.
insert into scorecard_history_new by name
with
recorded as (
    select
        scan_id,
        row_number() over (order by scanned_at) as place,
        lead(scanned_at) over (order by scanned_at) as next_at
    from recordings
    where history = 'scorecard_history'
),

told as (
    select
        history.*,
        recorded.place,
        recorded.next_at,
        row(
            score, coverage, in_scope, compliant, at_risk, non_compliant, indeterminate
        ) as said
    from scorecard_history as history
    inner join recorded on history.scan_id = recorded.scan_id
),

begun as (
    select
        *,
        coalesce(
            lag(place) over scans_of_one = place - 1 and lag(said) over scans_of_one is not distinct from said, false
        ) as goes_on
    from told
    window scans_of_one as (partition by tenant_id order by place)
),

numbered as (
    select
        *,
        count(*) filter (where not goes_on) over (partition by tenant_id order by place) as number
    from begun
)

select
    * exclude (scan_id, scanned_at, assessed_at, place, next_at, said, goes_on, number),
    scanned_at as valid_from,
    arg_max(struct_pack(at := next_at), place) over (partition by tenant_id, number).at as valid_until
from numbered
qualify not goes_on;
drop table scorecard_history;
alter table scorecard_history_new rename to scorecard_history;

create table finding_history_new (
    finding_id varchar not null,
    rule_id varchar not null,
    tenant_id varchar not null,
    resource_type varchar not null,
    resource_id varchar not null,
    resource_name varchar,
    account_id varchar,
    reason varchar not null,
    remediation varchar not null,
    first_seen_at timestamp not null,
    last_seen_at timestamp,
    valid_from timestamp not null,
    valid_until timestamp
);
comment on table finding_history_new is 'One row per thing that broke a rule and the time it was open in the same words: from scan to scan, while they find it or cannot tell.';
comment on column finding_history_new.finding_id is 'The same in every scan.';
comment on column finding_history_new.rule_id is 'The rule it breaks.';
comment on column finding_history_new.tenant_id is 'The tenant.';
comment on column finding_history_new.resource_type is 'What kind of thing it is: account, tenant, gdap_relationship, ...';
comment on column finding_history_new.resource_id is 'Its id.';
comment on column finding_history_new.resource_name is 'Its name, for people.';
comment on column finding_history_new.account_id is 'Its id, where it is an account.';
comment on column finding_history_new.reason is 'How it breaks the rule.';
comment on column finding_history_new.remediation is 'What to do.';
comment on column finding_history_new.first_seen_at is 'The first scan that found it; kept when it comes back.';
comment on column finding_history_new.last_seen_at is 'The last scan that found it, where the scans of this row could not tell; null where they found it.';
comment on column finding_history_new.valid_from is 'The first scan as of which it was open and so described.';
comment on column finding_history_new.valid_until is 'The first scan that no longer found it, or for which another row stands; null while it is open.';

-- Between the scan that saw it last and the one that resolved it, or now, scans could not tell. What lay between its
-- being seen first and last was never kept.
insert into finding_history_new by name
with
spans as (
    select
        finding_history.finding_id,
        min(recordings.scanned_at) as unseen_at
    from finding_history
    inner join recordings
        on
            recordings.history = 'finding_history'
            and recordings.scanned_at > finding_history.last_seen_at
            and coalesce(recordings.scanned_at < finding_history.resolved_at, true)
    group by finding_history.finding_id
)

select
    history.* exclude (last_seen_at, resolved_at),
    null as last_seen_at,
    history.first_seen_at as valid_from,
    coalesce(spans.unseen_at, history.resolved_at) as valid_until
from finding_history as history
left join spans on history.finding_id = spans.finding_id
union all
select
    history.* exclude (last_seen_at, resolved_at),
    history.last_seen_at,
    spans.unseen_at as valid_from,
    history.resolved_at as valid_until
from finding_history as history
inner join spans on history.finding_id = spans.finding_id;
drop table finding_history;
alter table finding_history_new rename to finding_history;
