-- What cannot be rebuilt from a new scan. Tables of datasets are made from their declarations, everything else is a view.

create table scans (
    scan_id varchar not null,       -- Airflow's run id
    scanned_at timestamp not null,  -- the scan's own time: a second judgement of it gives the same answer
    collectors varchar[]            -- the collectors chosen; empty means all
);

create table tenants (
    tenant_id varchar not null,
    kind varchar not null,          -- partner, customer
    name varchar not null,
    partner_id varchar not null,    -- the partner that scans it; its own id for a partner
    program varchar,                -- null for a customer
    last_scan_id varchar not null,
    last_scan_at timestamp not null
);

create table source_status (
    scan_id varchar not null,
    tenant_id varchar not null,
    dataset varchar not null,
    state varchar not null,         -- complete, partial, not_licensed, not_permitted, failed, skipped
    code varchar not null,
    message varchar not null,
    rows bigint not null,
    pages bigint not null,
    collected_at timestamp not null
);

-- The last complete collection of a dataset: what the dataset's table holds for the tenant.
create table slices (
    tenant_id varchar not null,
    dataset varchar not null,
    scan_id varchar not null,
    rows bigint not null,
    sha256 varchar not null,        -- of the landing file it was loaded from
    collected_at timestamp not null
);

create table account_verdict_history (
    scan_id varchar not null,
    scanned_at timestamp not null,
    tenant_id varchar not null,
    account_id varchar not null,
    user_principal_name varchar not null,
    display_name varchar,
    contract_scope varchar not null,    -- in_scope, out_disabled, out_sync_account, out_customer_tenant, out_cloud
    contract_verdict varchar not null,  -- compliant, at_risk, non_compliant, indeterminate, not_applicable
    customer_posture varchar,           -- the same words for a customer's account, where MFA is recommended, not owed
    exposure varchar[] not null,
    protected_by varchar[] not null,
    required varchar not null,          -- full, partial, none, unknown
    registered varchar not null,
    proof varchar not null,
    reasons varchar[] not null,
    counterexample varchar,
    confidence varchar not null         -- high, medium, low
);

create table rule_result_history (
    scan_id varchar not null,
    scanned_at timestamp not null,
    rule_id varchar not null,
    tenant_id varchar not null,
    result varchar not null,            -- pass, fail, not_assessed, not_applicable, waived, error
    in_scope bigint not null,           -- things judged
    failing bigint not null,
    unknown bigint not null,            -- things in scope of which the needed fact could not be read
    reason varchar not null             -- why it is not assessed, not applicable, waived or in error; else empty
);

create table finding_history (
    finding_id varchar not null,        -- the same in every scan
    rule_id varchar not null,
    tenant_id varchar not null,
    resource_type varchar not null,     -- account, tenant, gdap_relationship, ...
    resource_id varchar not null,
    resource_name varchar,
    account_id varchar,                 -- the resource, where it is an account
    reason varchar not null,
    remediation varchar not null,
    first_seen_at timestamp not null,
    last_seen_at timestamp not null,
    resolved_at timestamp               -- null while it is open
);

create table scorecard_history (
    scan_id varchar not null,
    scanned_at timestamp not null,
    tenant_id varchar not null,
    score double,                       -- 0 to 100; null where nothing could be assessed
    coverage double not null,           -- 0 to 100: how much of what applies could be assessed
    in_scope bigint not null,
    compliant bigint not null,
    at_risk bigint not null,
    non_compliant bigint not null,
    indeterminate bigint not null,
    assessed_at timestamp not null
);
