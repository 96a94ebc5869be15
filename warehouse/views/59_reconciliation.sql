-- One row per tenant_id, figure, told_by. A number that Microsoft gives of a tenant, ours beside it, what they differ by, and the likely cause.
-- Microsoft's numbers judge nobody here: which way it counts is published in part only. Statuses are numbers, too: 1 is on, 0 is off.
with
accounts as (
    select
        verdicts.tenant_id,
        count(*) as users,
        -- Agents are no administrators to Microsoft unless they hold a role.
        count(*) filter (where account_roles.is_admin) as admins,
        count(*) filter (
            where verdicts.registered in ('capable', 'weak_only', 'external_unknown')
        ) as registered_users,
        count(*) filter (
            where account_roles.is_admin and verdicts.registered in ('capable', 'weak_only', 'external_unknown')
        ) as registered_admins,
        count(*) filter (
            where verdicts.required in ('full', 'partial') and verdicts.registered in ('none', 'registered_not_allowed')
        ) as waiting_users,
        count(*) filter (
            where account_roles.is_admin
            and verdicts.required in ('full', 'partial')
            and verdicts.registered in ('none', 'registered_not_allowed')
        ) as waiting_admins,
        count(*) filter (
            where verdicts.is_admin
            and coalesce(verdicts.customer_posture, verdicts.contract_verdict) in ('at_risk', 'non_compliant')
        ) as open_admins,
        count(*) filter (
            where coalesce(verdicts.is_admin, true)
            and coalesce(verdicts.customer_posture, verdicts.contract_verdict) = 'indeterminate'
        ) as unclear_admins
    from account_verdicts as verdicts
    left join account_roles
        on verdicts.tenant_id = account_roles.tenant_id and verdicts.account_id = account_roles.account_id
    where not list_contains(verdicts.reasons, 'DISABLED')
    group by verdicts.tenant_id
),

policies as (
    select
        tenant_id,
        bool_or(
            state = 'enabled'
            and (
                list_contains(json_extract_string(grant_controls, '$.builtInControls[*]'), 'mfa')
                or json_type(grant_controls, '$.authenticationStrength') = 'OBJECT'
            )
        ) as has_mfa_policy
    from conditional_access_policies
    group by tenant_id
),

states as (
    select
        tenant_id,
        bool_or(per_user_mfa_state in ('enabled', 'enforced')) as has_per_user
    from per_user_mfa
    group by tenant_id
),

reported as (
    select
        tenant_id,
        count(*) as rows,
        count(*) filter (where is_admin) as admins
    from authentication_methods
    group by tenant_id
),

ours as (
    select
        tenants.tenant_id,
        tenants.name,
        tenants.partner_id,
        tenants.kind,
        -- Somebody whom the registration report leaves out counts as not registered here, and nowhere else.
        judged.sources['authentication_methods'] = 'usable' as is_registration_read,
        judged.are_roles_known and judged.are_eligibilities_known as are_admins_known,
        if(judged.sources['users'] = 'usable', coalesce(accounts.users, 0), null) as users,
        if(are_admins_known, coalesce(accounts.admins, 0), null) as admins,
        if(is_registration_read, coalesce(accounts.registered_users, 0), null) as registered_users,
        if(
            is_registration_read and are_admins_known, coalesce(accounts.registered_admins, 0), null
        ) as registered_admins,
        if(is_registration_read, coalesce(accounts.waiting_users, 0), null) as waiting_users,
        if(
            is_registration_read and are_admins_known, coalesce(accounts.waiting_admins, 0), null
        ) as waiting_admins,
        case
            when accounts.open_admins > 0 then false
            when accounts.unclear_admins = 0 then true
        end as are_admins_covered,
        judged.security_defaults::int as security_defaults,
        if(
            judged.sources['conditional_access_policies'] = 'usable', coalesce(policies.has_mfa_policy, false)::int, null
        ) as mfa_policy,
        if(judged.sources['per_user_mfa'] = 'usable', coalesce(states.has_per_user, false)::int, null) as per_user,
        if(judged.sources['authentication_methods'] = 'usable', coalesce(reported.rows, 0), null) as report_rows,
        if(judged.sources['authentication_methods'] = 'usable', coalesce(reported.admins, 0), null) as report_admins
    from tenants
    inner join judged_tenants as judged on tenants.tenant_id = judged.tenant_id
    left join accounts on tenants.tenant_id = accounts.tenant_id
    left join policies on tenants.tenant_id = policies.tenant_id
    left join states on tenants.tenant_id = states.tenant_id
    left join reported on tenants.tenant_id = reported.tenant_id
),

customers as (
    select
        partner_id,
        count(*) as customers,
        if(
            bool_or(are_admins_covered is null), null, count(*) filter (where are_admins_covered)
        ) as covered_customers
    from ours
    where kind = 'customer'
    group by partner_id
),

scores as (
    select
        tenant_id,
        max(refreshed_at) as refreshed_at
    from partner_security_score
    group by tenant_id
),

statuses as (
    select *
    from (values ('enabled', 1), ('disabled', 0)) as known (status, value)
),

of_requirements as (
    select
        answers.tenant_id,
        answers.tenant_id as told_by,
        'securityScore/requirements' as report,
        coalesce(scores.refreshed_at, answers.updated_at) as microsoft_as_of,
        unnest([
            {'figure': 'totalAdminsCount', 'kind': 'admins', 'microsoft': answers.total_admins, 'ours': ours.admins},
            {
                'figure': 'mfaEnabledAdminsCount',
                'kind': 'using',
                'microsoft': answers.mfa_enabled_admins,
                'ours': ours.registered_admins
            },
            {
                'figure': 'adminsRequiredNotUsingMfaCount',
                'kind': 'waiting',
                'microsoft': answers.admins_not_using_mfa,
                'ours': ours.waiting_admins
            },
            {'figure': 'totalUsersCount', 'kind': 'users', 'microsoft': answers.total_users, 'ours': ours.users},
            {
                'figure': 'mfaEnabledUsersCount',
                'kind': 'using',
                'microsoft': answers.mfa_enabled_users,
                'ours': ours.registered_users
            },
            {
                'figure': 'usersRequiredNotUsingMfaCount',
                'kind': 'waiting',
                'microsoft': answers.users_not_using_mfa,
                'ours': ours.waiting_users
            },
            {
                'figure': 'securityDefaultsStatus',
                'kind': 'switch',
                'microsoft': defaults.value,
                'ours': ours.security_defaults
            },
            {
                'figure': 'mfaConditionalAccessPolicyStatus',
                'kind': 'switch',
                'microsoft': access.value,
                'ours': ours.mfa_policy
            },
            {'figure': 'legacyPerUserMfaStatus', 'kind': 'switch', 'microsoft': each.value, 'ours': ours.per_user},
            {
                'figure': 'totalTenantCount',
                'kind': 'customers',
                'microsoft': answers.total_tenants,
                'ours': coalesce(customers.customers, 0)
            },
            {
                'figure': 'compliantTenantCount',
                'kind': 'covered_customers',
                'microsoft': answers.compliant_tenants,
                'ours': customers.covered_customers
            }
        ]) as pair
    from microsoft_requirements as answers
    inner join ours on answers.tenant_id = ours.tenant_id
    left join customers on answers.tenant_id = customers.partner_id
    left join scores on answers.tenant_id = scores.tenant_id
    left join statuses as defaults on answers.security_defaults_status = defaults.status
    left join statuses as access on answers.conditional_access_status = access.status
    left join statuses as each on answers.per_user_mfa_status = each.status
    where answers.requirement_type in ('mfaEnforcedForAdmins', 'mfaEnforcedForAdminsOfCustomers')
),

of_customers as (
    select
        insights.customer_tenant_id as tenant_id,
        insights.tenant_id as told_by,
        'securityScore/customerInsights' as report,
        scores.refreshed_at as microsoft_as_of,
        unnest([
            {
                'figure': 'mfa/compliantAdminsCount',
                'kind': 'using',
                'microsoft': insights.compliant_admins,
                'ours': ours.registered_admins
            },
            {
                'figure': 'mfa/compliantNonAdminsCount',
                'kind': 'using',
                'microsoft': insights.compliant_non_admins,
                'ours': ours.registered_users - ours.registered_admins
            },
            {'figure': 'mfa/totalUsersCount', 'kind': 'users', 'microsoft': insights.total_users, 'ours': ours.users},
            {
                'figure': 'mfa/securityDefaultsStatus',
                'kind': 'switch',
                'microsoft': defaults.value,
                'ours': ours.security_defaults
            },
            {
                'figure': 'mfa/mfaConditionalAccessPolicyStatus',
                'kind': 'switch',
                'microsoft': access.value,
                'ours': ours.mfa_policy
            },
            {'figure': 'mfa/legacyPerUserMfaStatus', 'kind': 'switch', 'microsoft': each.value, 'ours': ours.per_user}
        ]) as pair
    from partner_customer_insights as insights
    semi join tenants on insights.tenant_id = tenants.tenant_id
    left join ours on insights.customer_tenant_id = ours.tenant_id
    left join scores on insights.tenant_id = scores.tenant_id
    left join statuses as defaults on insights.security_defaults_status = defaults.status
    left join statuses as access on insights.conditional_access_status = access.status
    left join statuses as each on insights.per_user_mfa_status = each.status
),

of_the_report as (
    select
        tenant_id,
        tenant_id as told_by,
        'userRegistrationDetails' as report,
        null::timestamp as microsoft_as_of,
        unnest([
            {'figure': 'rows', 'kind': 'report_rows', 'microsoft': report_rows, 'ours': users},
            {'figure': 'isAdmin', 'kind': 'admins', 'microsoft': report_admins, 'ours': admins}
        ]) as pair
    from ours
),

-- Who came to the portal without MFA, as the sign-in logs show it, and whom Partner Center names.
seen as (
    select
        sign_in_proofs.tenant_id,
        count(distinct sign_in_proofs.account_id) as accounts
    from sign_in_proofs
    inner join clock on sign_in_proofs.signed_in_at >= clock.as_of - interval 7 days
    where sign_in_proofs.app_id = 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd' and sign_in_proofs.is_single_factor
    group by sign_in_proofs.tenant_id
),

named as (
    select
        tenant_id,
        count(*) as accounts
    from non_mfa_compliant_principals
    group by tenant_id
),

of_partner_center as (
    select
        source_state.tenant_id,
        source_state.tenant_id as told_by,
        'nonMfaCompliantPartnerPrincipals' as report,
        source_state.last_complete_at as microsoft_as_of,
        {
            'figure': 'totalCount',
            'kind': 'principals',
            'microsoft': coalesce(named.accounts, 0),
            'ours': if(judged_sources.sources['sign_ins'] = 'usable', coalesce(seen.accounts, 0), null)
        } as pair
    from source_state
    inner join judged_sources on source_state.tenant_id = judged_sources.tenant_id
    left join named on source_state.tenant_id = named.tenant_id
    left join seen on source_state.tenant_id = seen.tenant_id
    where source_state.dataset = 'non_mfa_compliant_principals' and source_state.is_usable
    union all
    select
        sums.tenant_id,
        sums.tenant_id as told_by,
        'applicationmfaadoptionstatus' as report,
        null::timestamp as microsoft_as_of,
        unnest([
            {'figure': 'totalRequestCount', 'kind': 'calls', 'microsoft': sums.denominator, 'ours': calls.denominator},
            {
                'figure': 'mfaCompliantRequestCount',
                'kind': 'calls',
                'microsoft': sums.numerator,
                'ours': calls.numerator
            }
        ]) as pair
    from microsoft_shares as sums
    inner join microsoft_shares as calls on sums.tenant_id = calls.tenant_id and calls.figure = 'api_requests'
    where sums.figure = 'api_requests_by_application'
),

summed as (
    select
        tenant_id,
        sum(total_sign_ins)::bigint as total_sign_ins,
        sum(single_factor_sign_ins)::bigint as single_factor_sign_ins,
        sum(multi_factor_sign_ins)::bigint as multi_factor_sign_ins,
        list(distinct summed_at::date) as days
    from mfa_sign_in_summary
    group by tenant_id
),

logged as (
    select
        recent_sign_ins.tenant_id,
        count(*) as total_sign_ins,
        count(*) filter (
            where recent_sign_ins.authentication_requirement = 'singleFactorAuthentication'
        ) as single_factor_sign_ins,
        count(*) filter (
            where recent_sign_ins.authentication_requirement = 'multiFactorAuthentication'
        ) as multi_factor_sign_ins
    from recent_sign_ins
    inner join summed on recent_sign_ins.tenant_id = summed.tenant_id
    where list_contains(summed.days, recent_sign_ins.signed_in_at::date)
    group by recent_sign_ins.tenant_id
),

of_summaries as (
    select
        summed.tenant_id,
        summed.tenant_id as told_by,
        'userMfaSignInSummary' as report,
        null::timestamp as microsoft_as_of,
        unnest([
            {
                'figure': 'totalSignIns',
                'kind': 'sign_ins',
                'microsoft': summed.total_sign_ins,
                'ours': if(judged_sources.sources['sign_ins'] = 'usable', coalesce(logged.total_sign_ins, 0), null)
            },
            {
                'figure': 'singleFactorSignIns',
                'kind': 'sign_ins',
                'microsoft': summed.single_factor_sign_ins,
                'ours': if(
                    judged_sources.sources['sign_ins'] = 'usable', coalesce(logged.single_factor_sign_ins, 0), null
                )
            },
            {
                'figure': 'multiFactorSignIns',
                'kind': 'sign_ins',
                'microsoft': summed.multi_factor_sign_ins,
                'ours': if(
                    judged_sources.sources['sign_ins'] = 'usable', coalesce(logged.multi_factor_sign_ins, 0), null
                )
            }
        ]) as pair
    from summed
    inner join judged_sources on summed.tenant_id = judged_sources.tenant_id
    left join logged on summed.tenant_id = logged.tenant_id
),

pairs as (
    select * from of_requirements
    union all by name
    select * from of_customers
    union all by name
    select * from of_the_report
    union all by name
    select * from of_partner_center
    union all by name
    select * from of_summaries
),

causes as (
    select *
    from (
        values
        (
            'users',
            'Microsoft counts up to a day late and may leave out guests and new accounts; we count every enabled account.',
            'Microsoft may still count accounts that were disabled or deleted since it last looked.'
        ),
        (
            'admins',
            'We count who holds or may activate any role, in part of the tenant or through a group, too; which roles Microsoft counts is not published.',
            'Microsoft counts a role that we do not (directory readers, synchronization), or one that was taken away since it last looked.'
        ),
        (
            'using',
            'We count who has registered a method, Microsoft who uses MFA: the others have not signed in with it yet.',
            'Somebody uses MFA that the registration report does not show: it lags by hours and knows no third party.'
        ),
        (
            'waiting',
            'We count everybody whom something asks for MFA and who has registered nothing; Microsoft may not count guests, or counted before.',
            'Somebody has registered since Microsoft last looked, or is asked by something that we do not count.'
        ),
        (
            'switch',
            'It was switched on after Microsoft last looked, or Microsoft does not count this policy.',
            'It was switched off after Microsoft last looked, or Microsoft counts a policy that asks for no MFA.'
        ),
        (
            'customers',
            'We scan customers that Microsoft no longer counts: their relationship ended, or they are listed in rollcall.toml.',
            'Microsoft counts every customer; we scan those with a GDAP relationship, or those that rollcall.toml lists.'
        ),
        (
            'covered_customers',
            'Microsoft asks whether administrators use MFA, we whether each has to; and the two may count other customers.',
            'Microsoft asks whether administrators use MFA, we whether each has to: in the rest somebody does not have to.'
        ),
        (
            'report_rows',
            'The report lags by hours and leaves some accounts out; whose row is missing is unknown, not unregistered.',
            'The report has rows of accounts that are disabled or gone: it lags by hours.'
        ),
        (
            'principals',
            'The logs show a sign-in with one factor that Partner Center does not count: nothing was done in the portal then.',
            'Partner Center counts visits whose token was made without MFA earlier; such a sign-in need not be in the log of these days.'
        ),
        (
            'calls',
            'The list of calls reaches further into the first day than the sums by day do.',
            'The list of calls ends at the newest 10,000; the sums by day do not.'
        ),
        (
            'sign_ins',
            'We count attempts that failed, too, and days that Microsoft has summed up in part only.',
            'Microsoft also sums up sign-ins that clients make by themselves; we read those where people answered a prompt.'
        )
    ) as known (kind, if_more, if_less)
)

select
    pairs.tenant_id,  -- The tenant the number is about.
    concat(pairs.report, '/', pairs.pair.figure) as figure,  -- Microsoft's report, and what it calls the number.
    pairs.told_by,  -- The tenant that was asked: a partner's of its customer.
    pairs.pair.microsoft,  -- Microsoft's number.
    pairs.pair.ours,  -- What we count; null where we cannot tell.
    pairs.pair.ours - pairs.pair.microsoft as difference,  -- Ours less Microsoft's.
    pairs.pair.kind as counts,  -- What kind of thing is counted: users, admins, using, waiting, switch, ...
    pairs.microsoft_as_of,  -- When Microsoft last looked; null where it does not say.
    case
        when pairs.pair.ours is null then 'Not everything that ours is counted from could be read or understood.'
        when pairs.pair.ours = pairs.pair.microsoft then 'None: both agree.'
        when pairs.pair.ours > pairs.pair.microsoft then causes.if_more
        else causes.if_less
    end as likely_cause  -- In a sentence.
from pairs
inner join causes on pairs.pair.kind = causes.kind
where pairs.pair.microsoft is not null
