-- One row per tenant_id, resource_id (a partner in a programme of resale). What Microsoft's yearly validation of its authorization asks for, and when it comes next.
-- Control panel vendors and advisors are not here. What an answer of Microsoft says in contradiction to itself is unknown.
with
answers as (
    select
        tenant_id,
        requirement_type,
        bool_and(if(len(contradictions) = 0, says_compliant, null)) as is_met,
        bool_or(len(contradictions) > 0) as is_contradictory,
        max(total_admins) as total_admins,
        max(mfa_enabled_admins) as mfa_enabled_admins,
        max(average_response_hours) as average_response_hours
    from microsoft_requirements
    group by tenant_id, requirement_type
),

admins as (
    select
        tenant_id,
        count(*) filter (where is_admin) as admins,
        count(*) filter (where is_admin and not is_covered) as open_admins,
        count(*) filter (where is_covered is null or (is_admin is null and not is_covered)) as unclear_admins
    from contract_coverage
    where is_admin is not false
    group by tenant_id
),

dated as (
    select
        tenants.tenant_id,
        tenants.name,
        tenants.program,
        tenants.onboarded_on,
        clock.as_of::date as today,
        -- The first of the anniversary month that is running or comes next, and never of the year it joined in.
        make_date(
            greatest(
                year(clock.as_of) + if(month(clock.as_of) > month(tenants.onboarded_on), 1, 0),
                year(tenants.onboarded_on) + 1
            ),
            month(tenants.onboarded_on),
            1
        ) as next_validation_on
    from tenants
    inner join clock on true
    where
        tenants.kind = 'partner'
        and coalesce(tenants.program, 'direct-bill') in ('direct-bill', 'distributor', 'indirect-reseller')
),

states as (
    select
        dated.tenant_id,
        dated.name,
        dated.program,
        dated.onboarded_on,
        dated.today,
        dated.next_validation_on,
        coalesce(admins.admins, 0) as admins,
        case
            when admins.open_admins > 0 then admins.open_admins
            when coalesce(admins.unclear_admins, 0) = 0 then 0
        end as open_admins,
        mfa.mfa_enabled_admins,
        mfa.total_admins,
        case
            when mfa.is_contradictory then 'contradictory'
            when mfa.is_met then 'met'
            when not mfa.is_met then 'open'
            else 'unknown'
        end as admins_by_microsoft,
        case
            when contact.is_contradictory then 'contradictory'
            when contact.is_met then 'met'
            when not contact.is_met then 'open'
            else 'unknown'
        end as security_contact,
        case
            when dated.program = 'indirect-reseller' then 'not_required'
            when alerts.average_response_hours > 24 then 'slow'
            when alerts.is_contradictory then 'contradictory'
            when alerts.is_met then 'met'
            when not alerts.is_met then 'open'
            else 'unknown'
        end as alert_response
    from dated
    left join admins on dated.tenant_id = admins.tenant_id
    left join answers as mfa on dated.tenant_id = mfa.tenant_id and mfa.requirement_type = 'mfaEnforcedForAdmins'
    left join answers as contact
        on dated.tenant_id = contact.tenant_id and contact.requirement_type = 'securityContactProvided'
    left join answers as alerts
        on dated.tenant_id = alerts.tenant_id and alerts.requirement_type = 'securityAlertsPromptlyResolved'
),

weighed as (
    select
        *,
        list_filter(
            [
                if(open_admins > 0 or admins_by_microsoft = 'open', 'MFA of all administrators', null),
                if(security_contact = 'open', 'a security contact', null),
                if(alert_response in ('open', 'slow'), 'security alerts answered within 24 hours', null)
            ],
            lambda open: open is not null
        ) as missing,
        open_admins is null
        or admins_by_microsoft in ('contradictory', 'unknown')
        or security_contact in ('contradictory', 'unknown')
        or alert_response in ('contradictory', 'unknown') as has_unclear
    from states
)

select
    tenant_id,  -- The partner.
    'tenant' as resource_type,  -- What is judged.
    tenant_id as resource_id,  -- The partner.
    name as resource_name,  -- Name of the partner.
    null::varchar as account_id,  -- Always null: no account is judged.
    program,  -- direct-bill, distributor or indirect-reseller.
    admins,  -- Administrators and agents by our count.
    open_admins,  -- Those who can sign in without MFA; null where nobody is known to, and of some nobody can tell.
    admins_by_microsoft,  -- Whether Microsoft's score says that all have MFA: met, open, contradictory or unknown.
    mfa_enabled_admins,
    total_admins,
    security_contact,  -- met, open, contradictory or unknown.
    alert_response,  -- met, open, slow (more than 24 hours on average), not_required, contradictory or unknown.
    missing,  -- What of it is open, in words.
    onboarded_on,
    next_validation_on,  -- The first day of the month in which Microsoft validates next; null without the day it joined.
    if(next_validation_on is null, null, greatest(date_diff('day', today, next_validation_on), 0))
        as days_to_validation,  -- Days to it, 0 in that month; null without the day it joined.
    case
        when next_validation_on is null then null
        when len(missing) > 0 then false
        when not has_unclear then true
    end as is_ready  -- Whether everything is met; null where something is unknown, the day it joined, too.
from weighed
