-- One row per tenant_id (a partner), figure. The percentages of Microsoft's security requirements status report, by its own arithmetic, from what was read here; each with what was counted.
-- As of the newest scan, and the seven days before it. Calls that an application makes for itself do not count: no user signs in for them.
with
partners as (
    select
        tenants.tenant_id,
        judged_sources.sources,
        clock.as_of
    from tenants
    inner join judged_sources on tenants.tenant_id = judged_sources.tenant_id
    inner join clock on true
    where tenants.kind = 'partner'
),

configured as (
    select
        account_verdicts.tenant_id,
        count(*) filter (where account_verdicts.required = 'full') as numerator,
        count(*) as denominator,
        count(*) filter (where account_verdicts.required = 'unknown') as unknown
    from account_verdicts
    semi join partners on account_verdicts.tenant_id = partners.tenant_id
    where not list_contains(account_verdicts.reasons, 'DISABLED')
    group by account_verdicts.tenant_id
),

-- What people did in the portal nobody tells us. How they came in is in the sign-in logs.
portal as (
    select
        sign_in_proofs.tenant_id,
        count(*) filter (where sign_in_proofs.did_mfa or sign_in_proofs.brought_claim) as numerator,
        count(*) as denominator
    from sign_in_proofs
    inner join partners on sign_in_proofs.tenant_id = partners.tenant_id
    where
        sign_in_proofs.app_id = 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'
        and sign_in_proofs.is_interactive
        and sign_in_proofs.signed_in_at >= partners.as_of - interval 7 days
    group by sign_in_proofs.tenant_id
),

calls as (
    select
        partner_requests.tenant_id,
        count(*) filter (where partner_requests.is_mfa_compliant) as numerator,
        count(*) as denominator,
        count(*) filter (where partner_requests.is_mfa_compliant is null) as unknown
    from partner_requests
    inner join partners on partner_requests.tenant_id = partners.tenant_id
    where
        partner_requests.user_id <> ''
        and (
            partner_requests.requested_at is null
            or partner_requests.requested_at >= partners.as_of - interval 7 days
        )
    group by partner_requests.tenant_id
),

summed_calls as (
    select
        application_mfa_adoption.tenant_id,
        sum(application_mfa_adoption.mfa_compliant_requests)::bigint as numerator,
        sum(application_mfa_adoption.total_requests)::bigint as denominator,
        count(*) filter (
            where application_mfa_adoption.mfa_compliant_requests is null
            or application_mfa_adoption.total_requests is null
        ) as unknown
    from application_mfa_adoption
    inner join partners on application_mfa_adoption.tenant_id = partners.tenant_id
    where
        coalesce(
            try_cast(left(application_mfa_adoption.login_date, 10) as date)
            >= (partners.as_of - interval 7 days)::date,
            true
        )
    group by application_mfa_adoption.tenant_id
),

figures as (
    select
        partners.tenant_id,
        'mfa_configuration' as figure,
        'enabled accounts whom a policy, security defaults or per-user MFA asks at every sign-in' as numerator_of,
        'enabled accounts' as denominator_of,
        if(partners.sources['users'] = 'usable', coalesce(configured.numerator, 0), null) as numerator,
        if(partners.sources['users'] = 'usable', coalesce(configured.denominator, 0), null) as denominator,
        coalesce(configured.unknown, 0) as unknown,
        partners.sources['users'] as source
    from partners
    left join configured on partners.tenant_id = configured.tenant_id
    union all
    select
        partners.tenant_id,
        'portal_requests' as figure,
        'sign-ins to the Partner Center portal in seven days that did MFA or brought a claim of it' as numerator_of,
        'successful sign-ins to the Partner Center portal in seven days' as denominator_of,
        if(partners.sources['sign_ins'] = 'usable', coalesce(portal.numerator, 0), null) as numerator,
        if(partners.sources['sign_ins'] = 'usable', coalesce(portal.denominator, 0), null) as denominator,
        0 as unknown,
        partners.sources['sign_ins'] as source
    from partners
    left join portal on partners.tenant_id = portal.tenant_id
    union all
    select
        partners.tenant_id,
        'api_requests' as figure,
        'calls of Partner Center for a user in seven days whose token proved MFA' as numerator_of,
        'calls of Partner Center for a user in seven days, the newest 10,000' as denominator_of,
        if(partners.sources['partner_requests'] = 'usable', coalesce(calls.numerator, 0), null) as numerator,
        if(partners.sources['partner_requests'] = 'usable', coalesce(calls.denominator, 0), null) as denominator,
        coalesce(calls.unknown, 0) as unknown,
        partners.sources['partner_requests'] as source
    from partners
    left join calls on partners.tenant_id = calls.tenant_id
    union all
    select
        partners.tenant_id,
        'api_requests_by_application' as figure,
        'calls of Partner Center for a user in seven days whose token proved MFA, by day and application' as numerator_of,
        'calls of Partner Center for a user in seven days, by day and application' as denominator_of,
        if(adoption.is_usable, coalesce(summed_calls.numerator, 0), null) as numerator,
        if(adoption.is_usable, coalesce(summed_calls.denominator, 0), null) as denominator,
        coalesce(summed_calls.unknown, 0) as unknown,
        if(adoption.is_usable, 'usable', coalesce(adoption.state, 'not_collected')) as source
    from partners
    left join source_state as adoption
        on partners.tenant_id = adoption.tenant_id and adoption.dataset = 'application_mfa_adoption'
    left join summed_calls on partners.tenant_id = summed_calls.tenant_id
)

select
    tenant_id,  -- The partner.
    figure,  -- mfa_configuration, portal_requests, api_requests or api_requests_by_application.
    numerator,  -- What was counted; null where it could not be read.
    numerator_of,  -- What that is.
    denominator,  -- Of how many.
    denominator_of,  -- What that is.
    unknown,  -- Of how many of them nobody knows on which side they belong.
    if(unknown = 0 and denominator > 0, 100.0 * numerator / denominator, null)
        as percentage,  -- The share, 0 to 100; null where there is nothing to divide by, or something is unknown.
    source  -- usable, or the state that keeps what it is counted from from telling.
from figures
