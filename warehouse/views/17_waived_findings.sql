-- One row per open finding that waivers accept as a whole or in part, as of the newest scan. The finding stays open.
with
in_part as (
    select
        findings.finding_id,
        count(*) as accounts,
        min(waived.accepted_until) as accepted_until,
        arg_min(waived.approver, waived.accepted_until) as approver,
        arg_min(waived.waiver_id, waived.accepted_until) as waiver_id
    from findings
    inner join finding_accounts as concerned on findings.finding_id = concerned.finding_id
    inner join waived_accounts as waived
        on
            findings.rule_id = waived.rule_id
            and findings.tenant_id = waived.tenant_id
            and concerned.account_id = waived.account_id
    group by findings.finding_id
),

whole as (
    select
        rule_id,
        tenant_id,
        max(ends_on) as accepted_until,
        arg_max(approver, ends_on) as approver,
        arg_max(waiver_id, ends_on) as waiver_id
    from waivers
    where state = 'active' and len(accounts) = 0 and group_id is null
    group by rule_id, tenant_id
)

select
    findings.finding_id,  -- The finding.
    findings.rule_id,  -- The rule that it breaks.
    findings.tenant_id,  -- The tenant.
    whole.waiver_id is not null or coalesce(in_part.accounts = findings.accounts, false)
        as is_whole,  -- Whether all of it is accepted, and not only some of its accounts.
    if(whole.waiver_id is null, in_part.accounts, findings.accounts)
        as accepted_accounts,  -- How many of its accounts are accepted.
    coalesce(whole.accepted_until, in_part.accepted_until)
        as accepted_until,  -- The last day (UTC) on which it is so; of several waivers of accounts the first to end.
    coalesce(whole.approver, in_part.approver) as approver,  -- Who accepted it.
    coalesce(whole.waiver_id, in_part.waiver_id) as waiver_id  -- The waiver.
from findings
left join whole on findings.rule_id = whole.rule_id and findings.tenant_id = whole.tenant_id
left join in_part on findings.finding_id = in_part.finding_id
where whole.waiver_id is not null or in_part.finding_id is not null
