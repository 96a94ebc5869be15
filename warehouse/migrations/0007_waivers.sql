-- What somebody accepted, beside what is true all the same.

alter table rule_result_history add column accepted bigint;
alter table rule_result_history add column true_result varchar;
comment on column rule_result_history.accepted is 'Things that break the rule and that waivers accept: some or all of failing.';
comment on column rule_result_history.true_result is 'The result that there would be without waivers. Scores count this one.';
update rule_result_history
set
    accepted = if(result = 'waived', failing, 0),
    true_result = case
        when result <> 'waived' then result
        when failing > 0 then 'fail'
        when in_scope > 0 and unknown = 0 then 'pass'
        else 'not_assessed'
    end;

create table waiver_history (
    waiver_id varchar not null,
    rule_id varchar not null,
    tenant_id varchar not null,
    owner varchar not null,
    reason varchar not null,
    approver varchar not null,
    begins_on date not null,
    ends_on date not null,
    accounts varchar[] not null,
    group_id varchar,
    state varchar not null,
    problem varchar not null,
    covers bigint not null,
    valid_from timestamp not null,
    valid_until timestamp
);
comment on table waiver_history is 'One row per waiver, rule, tenant and what was found of it in one scan after the other.';
comment on column waiver_history.waiver_id is 'The waiver: the same while what it accepts and its first day stay, whatever becomes of its end, words and people.';
comment on column waiver_history.rule_id is 'The rule that it accepts to be broken, as the file names it.';
comment on column waiver_history.tenant_id is 'The tenant where it does.';
comment on column waiver_history.owner is 'Who answers for it.';
comment on column waiver_history.reason is 'Why it is accepted.';
comment on column waiver_history.approver is 'Who accepted it.';
comment on column waiver_history.begins_on is 'Its first day (UTC).';
comment on column waiver_history.ends_on is 'Its last day (UTC).';
comment on column waiver_history.accounts is 'The accounts that it is for, as the file names them; empty, and no group: for all that breaks the rule.';
comment on column waiver_history.group_id is 'The group whose members it is for.';
comment on column waiver_history.state is 'active, pending (not yet begun), expired, unused (nothing fails that it covers) or broken (somebody must mend it).';
comment on column waiver_history.problem is 'What is wrong and what to do, in a sentence or more; empty while it is active or pending.';
comment on column waiver_history.covers is 'Things that break the rule and that it covers, whether or not another waiver does, too.';
comment on column waiver_history.valid_from is 'The first scan that found it so.';
comment on column waiver_history.valid_until is 'The first scan that found it otherwise, or no longer; null while it is so.';

create table waived_account_history (
    rule_id varchar not null,
    tenant_id varchar not null,
    account_id varchar not null,
    waiver_id varchar not null,
    accepted_until date not null,
    approver varchar not null,
    valid_from timestamp not null,
    valid_until timestamp
);
comment on table waived_account_history is 'One row per rule and account that breaks it and that a waiver accepts by name or group, in one scan after the other.';
comment on column waived_account_history.rule_id is 'The rule that the account breaks.';
comment on column waived_account_history.tenant_id is 'The tenant.';
comment on column waived_account_history.account_id is 'Object id of the account.';
comment on column waived_account_history.waiver_id is 'The waiver; of several the last to end.';
comment on column waived_account_history.accepted_until is 'The last day (UTC) on which it is accepted.';
comment on column waived_account_history.approver is 'Who accepted it.';
comment on column waived_account_history.valid_from is 'The first scan that found it so.';
comment on column waived_account_history.valid_until is 'The first scan that found it otherwise, or no longer; null while it is so.';

create table technical_exception_history (
    exception_id varchar not null,
    tenant_id varchar not null,
    scenario varchar not null,
    reason varchar not null,
    vendor varchar not null,
    ticket varchar not null,
    integration varchar not null,
    begins_on date not null,
    ends_on date not null,
    accounts varchar[] not null,
    account_ids varchar[] not null,
    state varchar not null,
    problem varchar not null,
    valid_from timestamp not null,
    valid_until timestamp
);
comment on table technical_exception_history is 'One row per technical exception that Microsoft granted and what was found of it in one scan after the other. It changes no verdict.';
comment on column technical_exception_history.exception_id is 'The exception: the same while its tenant, accounts and first day stay.';
comment on column technical_exception_history.tenant_id is 'The tenant it is for.';
comment on column technical_exception_history.scenario is 'The scenario of Microsoft''s: third_party_mfa, the only one that can be accepted.';
comment on column technical_exception_history.reason is 'What the technical issue is.';
comment on column technical_exception_history.vendor is 'Whose MFA it is that Entra does not recognise.';
comment on column technical_exception_history.ticket is 'Number of the request in Partner Center.';
comment on column technical_exception_history.integration is 'How the vendor''s MFA is joined to Entra: federation or custom_control.';
comment on column technical_exception_history.begins_on is 'Its first day (UTC).';
comment on column technical_exception_history.ends_on is 'Its last day (UTC).';
comment on column technical_exception_history.accounts is 'The accounts that it is for, as the file names them; empty: the whole tenant.';
comment on column technical_exception_history.account_ids is 'Object ids of those that were found.';
comment on column technical_exception_history.state is 'active, pending (not yet begun), expired or broken (somebody must mend it).';
comment on column technical_exception_history.problem is 'What is wrong and what to do; empty while it is active or pending.';
comment on column technical_exception_history.valid_from is 'The first scan that found it so.';
comment on column technical_exception_history.valid_until is 'The first scan that found it otherwise, or no longer; null while it is so.';
