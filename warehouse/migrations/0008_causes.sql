-- One finding for one cause, however many accounts it concerns; and what the rules say, beside their results.

alter table finding_history add column accounts bigint;
comment on column finding_history.accounts is 'Accounts that it concerns: finding_accounts names them. None where it is about something else.';
update finding_history set accounts = if(account_id is null, 0, 1);

create table finding_account_history (
    finding_id varchar not null,
    tenant_id varchar not null,
    account_id varchar not null,
    valid_from timestamp not null,
    valid_until timestamp
);
comment on table finding_account_history is 'One row per finding about a cause, account that the cause concerns, and time in which it did.';
comment on column finding_account_history.finding_id is 'The finding.';
comment on column finding_account_history.tenant_id is 'The tenant.';
comment on column finding_account_history.account_id is 'Object id of the account.';
comment on column finding_account_history.valid_from is 'The first scan that found it concerned.';
comment on column finding_account_history.valid_until is 'The first scan that no longer did; null while it is so.';

create table rules (
    place integer not null,
    rule_id varchar not null,
    pack varchar not null,
    pack_title varchar not null,
    title varchar not null,
    description varchar not null,
    severity varchar not null,
    weight integer not null,
    owed_by varchar[] not null,
    recommended_to varchar[] not null,
    evidence varchar not null,
    requirement varchar not null,
    needs varchar[] not null,
    source varchar not null,
    source_url varchar not null,
    source_clause varchar not null,
    source_read_on date not null,
    remediation varchar not null
);
comment on table rules is 'One row per rule that the newest check judged.';
comment on column rules.place is 'Its place in the catalogue, in which pages show it.';
comment on column rules.rule_id is 'The rule; its version is part of the id.';
comment on column rules.pack is 'The pack it comes with: the name of its suite in Great Expectations.';
comment on column rules.pack_title is 'Name of the pack, for people.';
comment on column rules.title is 'What it requires, in a sentence.';
comment on column rules.description is 'What is in scope, what counts, and what is unknown.';
comment on column rules.severity is 'How bad it is that it does not hold: high, medium or low.';
comment on column rules.weight is 'Its share in a score.';
comment on column rules.owed_by is 'Kinds of tenant (partner, customer) that the contract obliges to it.';
comment on column rules.recommended_to is 'Kinds of tenant that it is recommended to.';
comment on column rules.evidence is 'What it looks at: a view of the schema evidence, or a pack''s own.';
comment on column rules.requirement is 'What must be true of each row of the evidence.';
comment on column rules.needs is 'Datasets without which it is not assessed.';
comment on column rules.source is 'The document it follows from.';
comment on column rules.source_url is 'Where that document is.';
comment on column rules.source_clause is 'What the document says, in our words.';
comment on column rules.source_read_on is 'When it was read.';
comment on column rules.remediation is 'What to do where it does not hold.';
