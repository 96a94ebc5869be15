-- What changed from scan to scan, and what did it: judged once, when both states are at hand, and kept.

create table verdict_changes (
    scan_id varchar not null,
    scanned_at timestamp not null,
    earlier_at timestamp not null,
    tenant_id varchar not null,
    account_id varchar not null,
    user_principal_name varchar not null,
    display_name varchar,
    before varchar,
    after varchar,
    direction varchar not null,
    is_worse boolean,
    required_before varchar,
    required_after varchar,
    registered_before varchar,
    registered_after varchar,
    proof_before varchar,
    proof_after varchar,
    reasons_before varchar[],
    reasons_after varchar[],
    aspect varchar not null,
    cause_type varchar not null,
    cause_id varchar not null,
    cause_name varchar not null,
    what varchar not null,
    how varchar not null,
    change_ids varchar[] not null,
    confidence varchar not null
);
comment on table verdict_changes is 'One row per scan and account that it found otherwise than the recorded scan before: another verdict, required, registered, proof or reasons, a new account or one that is gone. What did it.';
comment on column verdict_changes.scan_id is 'The scan that found it.';
comment on column verdict_changes.scanned_at is 'When the scan was.';
comment on column verdict_changes.earlier_at is 'When the recorded scan before it was, which it is compared with.';
comment on column verdict_changes.tenant_id is 'The tenant.';
comment on column verdict_changes.account_id is 'Object id of the user.';
comment on column verdict_changes.user_principal_name is 'Name the user signs in with; of one that is gone, as it was.';
comment on column verdict_changes.display_name is 'Name shown to people.';
comment on column verdict_changes.before is 'Its verdict in the scan before, of a customer''s account the posture; null for a new account.';
comment on column verdict_changes.after is 'Its verdict now, of a customer''s account the posture; null for one that is gone.';
comment on column verdict_changes.direction is 'worse, better, unclear (to or from indeterminate), same (the verdict is the same, something else is not), new or gone.';
comment on column verdict_changes.is_worse is 'Whether its verdict is a worse one; null where nobody can tell, and for new accounts and those that are gone.';
comment on column verdict_changes.required_before is 'What required said before; null for a new account.';
comment on column verdict_changes.required_after is 'What required says now; null for one that is gone.';
comment on column verdict_changes.registered_before is 'What registered said before.';
comment on column verdict_changes.registered_after is 'What registered says now.';
comment on column verdict_changes.proof_before is 'What proof said before.';
comment on column verdict_changes.proof_after is 'What proof says now.';
comment on column verdict_changes.reasons_before is 'Codes that led to the verdict before.';
comment on column verdict_changes.reasons_after is 'Codes that lead to the verdict now.';
comment on column verdict_changes.aspect is 'What the cause is the cause of, the first of these that changed: verdict, required, registered, proof, reasons; or account, where it is new or gone.';
comment on column verdict_changes.cause_type is 'What kind of thing did it: policy, named_location, authentication_strength, security_defaults, group, account, registration, ... (docs/changes.md); several, or unknown.';
comment on column verdict_changes.cause_id is 'Id of that thing, such as the policy''s; of several, those of all by " + ".';
comment on column verdict_changes.cause_name is 'Its name, for people.';
comment on column verdict_changes.what is 'What happened to it, in words: fields, before -> after.';
comment on column verdict_changes.how is 'alone: undone by itself, it gives back what was before. each: so does any one of several. together: only all of these undone do. unknown: nothing that is known does.';
comment on column verdict_changes.change_ids is 'The rows of changes that did it; empty where nobody knows.';
comment on column verdict_changes.confidence is 'high where undoing it gives back exactly what was before; medium where several things that changed cannot be told apart; low where nobody knows.';

create table changes (
    scan_id varchar not null,
    scanned_at timestamp not null,
    earlier_at timestamp not null,
    tenant_id varchar not null,
    change_id varchar not null,
    change_type varchar not null,
    object_id varchar not null,
    name varchar not null,
    what varchar not null,
    edited_at timestamp,
    accounts_changed bigint not null,
    accounts_together bigint not null,
    worse bigint not null,
    better bigint not null,
    unclear bigint not null
);
comment on table changes is 'One row per scan, tenant and thing that was otherwise in the recorded scan before, with how many accounts that changed. Every edit of a policy or setting is here; of accounts only what changed a verdict.';
comment on column changes.scan_id is 'The scan that found it.';
comment on column changes.scanned_at is 'When the scan was.';
comment on column changes.earlier_at is 'When the recorded scan before it was, which it is compared with.';
comment on column changes.tenant_id is 'The tenant.';
comment on column changes.change_id is 'Its type and its id, by which verdict_changes names it.';
comment on column changes.change_type is 'What kind of thing it is: policy, named_location, authentication_strength, security_defaults, group, account, registration, ... (docs/changes.md).';
comment on column changes.object_id is 'Id of the thing; empty where the tenant has but one, or where it stands for many accounts.';
comment on column changes.name is 'Its name, for people.';
comment on column changes.what is 'What happened to it, in words: fields, before -> after.';
comment on column changes.edited_at is 'When it was edited, as Microsoft says; null where that is not told.';
comment on column changes.accounts_changed is 'Accounts of which it is a cause, alone or with others.';
comment on column changes.accounts_together is 'Those of them of which it is not the only cause.';
comment on column changes.worse is 'Those of them whose verdict is a worse one now.';
comment on column changes.better is 'Those of them whose verdict is a better one now.';
comment on column changes.unclear is 'Those of them whose verdict was or is indeterminate.';

create table judgements (
    scan_id varchar not null,
    scanned_at timestamp not null,
    program varchar not null,
    is_strict boolean not null,
    sovereign_partners varchar[] not null
);
comment on table judgements is 'One row per scan. By what it was judged, beside what was read: a verdict can change with that as well.';
comment on column judgements.scan_id is 'The scan.';
comment on column judgements.scanned_at is 'When the scan was.';
comment on column judgements.program is 'Version of the program, and the hash of what judges.';
comment on column judgements.is_strict is 'Whether the strict reading of the contract was chosen ([reading] strict).';
comment on column judgements.sovereign_partners is 'Partners in a sovereign cloud, as the configuration says.';
