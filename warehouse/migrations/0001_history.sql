-- What cannot be rebuilt from a new scan. Tables of datasets are made from their declarations, everything else is a view.

create table scans (
    scan_id varchar not null,
    scanned_at timestamp not null,
    collectors varchar[]
);
comment on table scans is 'One row per scan.';
comment on column scans.scan_id is 'Airflow''s run id.';
comment on column scans.scanned_at is 'The scan''s own time: a second judgement of it gives the same answer.';
comment on column scans.collectors is 'The collectors chosen; empty means all.';

create table tenants (
    tenant_id varchar not null,
    kind varchar not null,
    name varchar not null,
    partner_id varchar not null,
    program varchar,
    last_scan_id varchar not null,
    last_scan_at timestamp not null
);
comment on table tenants is 'One row per tenant that was ever planned to be scanned.';
comment on column tenants.tenant_id is 'The tenant.';
comment on column tenants.kind is 'partner or customer.';
comment on column tenants.name is 'Name of the tenant.';
comment on column tenants.partner_id is 'The partner that scans it; its own id for a partner.';
comment on column tenants.program is 'The partner''s programme: direct-bill, distributor, ...; null for a customer.';
comment on column tenants.last_scan_id is 'The newest scan that meant to read it.';
comment on column tenants.last_scan_at is 'When that scan was.';

create table source_status (
    scan_id varchar not null,
    tenant_id varchar not null,
    dataset varchar not null,
    state varchar not null,
    code varchar not null,
    message varchar not null,
    rows bigint not null,
    pages bigint not null,
    collected_at timestamp not null
);
comment on table source_status is 'One row per scan, tenant and dataset. Whether all of the dataset arrived, and if not why.';
comment on column source_status.scan_id is 'The scan.';
comment on column source_status.tenant_id is 'The tenant.';
comment on column source_status.dataset is 'The dataset.';
comment on column source_status.state is 'complete, partial, not_licensed, not_permitted, failed or skipped.';
comment on column source_status.code is 'Microsoft''s code of what went wrong, or ours; empty if nothing did.';
comment on column source_status.message is 'What went wrong, for people; empty if nothing did.';
comment on column source_status.rows is 'Rows that arrived, of a dataset that is not complete, too.';
comment on column source_status.pages is 'Pages that arrived.';
comment on column source_status.collected_at is 'When the attempt ended.';

create table slices (
    tenant_id varchar not null,
    dataset varchar not null,
    scan_id varchar not null,
    rows bigint not null,
    sha256 varchar not null,
    collected_at timestamp not null
);
comment on table slices is 'One row per tenant and dataset that was ever complete. What the dataset''s table holds for the tenant.';
comment on column slices.tenant_id is 'The tenant.';
comment on column slices.dataset is 'The dataset.';
comment on column slices.scan_id is 'The scan that last brought all of it.';
comment on column slices.rows is 'Rows the table holds for the tenant.';
comment on column slices.sha256 is 'Hash of the landing file they are from; empty if they must be loaded anew.';
comment on column slices.collected_at is 'When it was last collected completely; the rows say the same.';

create table account_verdict_history (
    scan_id varchar not null,
    scanned_at timestamp not null,
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
    confidence varchar not null
);
comment on table account_verdict_history is 'One row per scan and account. Whether it has to do MFA, whether it really must, and what proves it.';
comment on column account_verdict_history.scan_id is 'The scan.';
comment on column account_verdict_history.scanned_at is 'When the scan was.';
comment on column account_verdict_history.tenant_id is 'The tenant.';
comment on column account_verdict_history.account_id is 'Object id of the user.';
comment on column account_verdict_history.user_principal_name is 'Name the user signs in with.';
comment on column account_verdict_history.display_name is 'Name shown to people.';
comment on column account_verdict_history.contract_scope is 'Whether the contract speaks of it: in_scope, out_disabled, out_sync_account, out_customer_tenant or out_cloud.';
comment on column account_verdict_history.contract_verdict is 'compliant, at_risk, non_compliant, indeterminate or not_applicable.';
comment on column account_verdict_history.customer_posture is 'The same words for a customer''s account, where MFA is recommended, not owed.';
comment on column account_verdict_history.exposure is 'Where Microsoft itself demands MFA of it, and how certain that is. It never changes the verdict.';
comment on column account_verdict_history.protected_by is 'What demands MFA of it: policies, security defaults, per-user MFA.';
comment on column account_verdict_history.required is 'Whether every sign-in of it is asked for MFA: full, partial, none or unknown.';
comment on column account_verdict_history.registered is 'Whether it has a method to answer with.';
comment on column account_verdict_history.proof is 'Whether a sign-in showed it.';
comment on column account_verdict_history.reasons is 'Codes of what led to the verdict.';
comment on column account_verdict_history.counterexample is 'A sign-in that no policy asks for MFA, in words; null if there is none.';
comment on column account_verdict_history.confidence is 'high, medium or low.';

create table rule_result_history (
    scan_id varchar not null,
    scanned_at timestamp not null,
    rule_id varchar not null,
    tenant_id varchar not null,
    result varchar not null,
    in_scope bigint not null,
    failing bigint not null,
    unknown bigint not null,
    reason varchar not null
);
comment on table rule_result_history is 'One row per scan, rule and tenant.';
comment on column rule_result_history.scan_id is 'The scan.';
comment on column rule_result_history.scanned_at is 'When the scan was.';
comment on column rule_result_history.rule_id is 'The rule; its version is part of the id.';
comment on column rule_result_history.tenant_id is 'The tenant.';
comment on column rule_result_history.result is 'pass, fail, not_assessed, not_applicable, waived or error.';
comment on column rule_result_history.in_scope is 'Things judged.';
comment on column rule_result_history.failing is 'Things that break the rule.';
comment on column rule_result_history.unknown is 'Things in scope of which the needed fact could not be read.';
comment on column rule_result_history.reason is 'Why it is not assessed, not applicable, waived or in error; else empty.';

create table finding_history (
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
    last_seen_at timestamp not null,
    resolved_at timestamp
);
comment on table finding_history is 'One row per thing that broke a rule, open or resolved.';
comment on column finding_history.finding_id is 'The same in every scan.';
comment on column finding_history.rule_id is 'The rule it breaks.';
comment on column finding_history.tenant_id is 'The tenant.';
comment on column finding_history.resource_type is 'What kind of thing it is: account, tenant, gdap_relationship, ...';
comment on column finding_history.resource_id is 'Its id.';
comment on column finding_history.resource_name is 'Its name, for people.';
comment on column finding_history.account_id is 'Its id, where it is an account.';
comment on column finding_history.reason is 'How it breaks the rule.';
comment on column finding_history.remediation is 'What to do.';
comment on column finding_history.first_seen_at is 'The first scan that found it; kept when it comes back.';
comment on column finding_history.last_seen_at is 'The newest scan that found it.';
comment on column finding_history.resolved_at is 'The first scan that looked and no longer found it; null while it is open.';

create table scorecard_history (
    scan_id varchar not null,
    scanned_at timestamp not null,
    tenant_id varchar not null,
    score double,
    coverage double not null,
    in_scope bigint not null,
    compliant bigint not null,
    at_risk bigint not null,
    non_compliant bigint not null,
    indeterminate bigint not null,
    assessed_at timestamp not null
);
comment on table scorecard_history is 'One row per scan and tenant.';
comment on column scorecard_history.scan_id is 'The scan.';
comment on column scorecard_history.scanned_at is 'When the scan was.';
comment on column scorecard_history.tenant_id is 'The tenant.';
comment on column scorecard_history.score is '0 to 100; null where nothing could be assessed. It means nothing without coverage.';
comment on column scorecard_history.coverage is '0 to 100: how much of what applies could be assessed.';
comment on column scorecard_history.in_scope is 'Accounts the contract speaks of.';
comment on column scorecard_history.compliant is 'Accounts in scope that are compliant.';
comment on column scorecard_history.at_risk is 'Accounts in scope that are at risk.';
comment on column scorecard_history.non_compliant is 'Accounts in scope that are not compliant.';
comment on column scorecard_history.indeterminate is 'Accounts in scope of which nobody can tell.';
comment on column scorecard_history.assessed_at is 'When the tenant was judged.';

-- No history, but what tells a table of a dataset from the tables above. Rewritten whenever the warehouse is prepared.
create table datasets (
    dataset varchar not null,
    collector varchar not null,
    kinds varchar[] not null,
    is_installed boolean not null
);
comment on table datasets is 'One row per dataset that was ever declared; its rows are in the table of that name.';
comment on column datasets.dataset is 'The dataset.';
comment on column datasets.collector is 'The collector it belongs to.';
comment on column datasets.kinds is 'The kinds of tenant that have it: partner, customer.';
comment on column datasets.is_installed is 'Whether an installed collector declares it now.';
