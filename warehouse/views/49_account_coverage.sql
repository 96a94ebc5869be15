-- One row per tenant_id, account_id that can sign in: of a partner whom the contract speaks of, and of a customer. Whether it is covered, in which population it counts, and what an operator would mend once for everybody whom it leaves open.
-- Each account is in one population: an emergency account that is an administrator, too, is the first of the two.
with
-- What each code of a verdict's reasons is a case of. The digit orders them: the first kind is the cause.
lookup as (
    select
        map(list(code), list(kind)) as kinds,
        map(list(code), list(words)) as words
    from (
        values
        ('CA_APP_SUBSET', '1 policy_gap', 'MFA is asked for in some apps only'),
        ('CA_APP_EXCLUDED', '1 policy_gap', 'apps are left out by name'),
        ('CA_APP_FILTER', '1 policy_gap', 'MFA is asked for only in apps that a filter picks'),
        ('CA_LOCATION_GAP', '1 policy_gap', 'from some places no MFA is asked for'),
        ('CA_PLATFORM_GAP', '1 policy_gap', 'on some platforms no MFA is asked for'),
        ('CA_CLIENT_SUBSET', '1 policy_gap', 'with some kinds of client no MFA is asked for'),
        ('CA_DEVICE_FILTER_GAP', '1 policy_gap', 'from devices that a filter picks no MFA is asked for'),
        ('CA_FLOW_GAP', '1 policy_gap', 'by some ways of signing in no MFA is asked for'),
        ('CA_MFA_OR_OTHER', '1 policy_gap', 'something else satisfies the policy in place of MFA'),
        ('CA_ROLE_ELIGIBLE_ONLY', '1 policy_gap', 'MFA is asked for only once a role is activated'),
        ('CA_ROLE_EXCLUSION_WHEN_ACTIVE', '1 policy_gap', 'a policy no longer applies once a role is activated'),
        ('LEGACY_AUTH_GAP', '1 policy_gap', 'legacy clients are neither covered nor blocked'),
        ('GUEST_EXCLUDED', '2 guests_excluded', 'a policy asks everybody for MFA but guests'),
        ('CA_REPORT_ONLY', '3 hollow_policy', 'a policy would demand MFA, but is in report-only mode'),
        ('CA_RISK_ONLY', '3 hollow_policy', 'MFA is asked for only at some risk'),
        ('CUSTOM_CONTROL_NOT_MFA', '3 hollow_policy', 'a custom control is no MFA'),
        ('STRENGTH_NOT_MFA', '3 hollow_policy', 'a single factor satisfies the authentication strength'),
        ('CA_UNKNOWN_VALUE', '3 hollow_policy', 'a policy holds a value that is not known here'),
        ('FEDERATED_NO_MFA_CLAIM', '4 federation', 'the identity provider sends no claim of MFA'),
        ('FEDERATED_MFA_NOT_ENFORCED_IN_ENTRA', '4 federation', 'nothing in Microsoft Entra enforces the MFA of the identity provider'),
        ('PERUSER_ENABLED_NOT_ENFORCED', '5 per_user_mfa', 'per-user MFA is enabled, not enforced'),
        ('SD_NOT_REGISTERED', '6 registration', 'security defaults ask for MFA, and none is registered'),
        ('ENFORCED_NOT_REGISTERED', '6 registration', 'MFA is asked for, and none is registered'),
        ('METHOD_NOT_ALLOWED', '6 registration', 'a method is registered that the tenant does not allow')
    ) as known (code, kind, words)
),

named as (
    select
        tenant_id,
        policy_id,
        display_name,
        state = 'enabled'
        and (
            list_contains(json_extract_string(grant_controls, '$.builtInControls[*]'), 'mfa')
            or json_type(grant_controls, '$.authenticationStrength') = 'OBJECT'
        ) as demands_mfa,
        len(list_filter(
            json_extract(
                conditions, ['$.users.excludeUsers[0]', '$.users.excludeGroups[0]', '$.users.excludeRoles[0]']
            ),
            lambda left_out: left_out is not null
        )) > 0 as leaves_out_names,
        json_type(conditions, '$.users.excludeGuestsOrExternalUsers') = 'OBJECT'
        or list_contains(json_extract_string(conditions, '$.users.excludeUsers[*]'), 'GuestsOrExternalUsers')
            as leaves_out_guests
    from conditional_access_policies
),

policies as (
    select
        tenant_id,
        map(list(policy_id), list(coalesce(nullif(display_name, ''), policy_id))) as names,
        -- On, and with somebody left out by name: where nothing else asks, these are where to look.
        list_sort(list(policy_id) filter (where demands_mfa and leaves_out_names)) as excluding,
        list_sort(list(policy_id) filter (where demands_mfa and leaves_out_guests)) as excluding_guests
    from named
    group by tenant_id
),

-- Who is in which population, before anything is looked up that weighs more: most who ask are about a few.
people as (
    select
        account_verdicts.tenant_id,
        account_verdicts.account_id,
        account_verdicts.user_principal_name,
        account_verdicts.contract_scope,
        coalesce(account_verdicts.customer_posture, account_verdicts.contract_verdict) as verdict,
        account_verdicts.is_admin,
        account_verdicts.reasons,
        account_verdicts.protected_by,
        account_verdicts.counterexample,
        account_verdicts.account_class,
        coalesce(users.user_type = 'Guest', false)
        or contains(lower(account_verdicts.user_principal_name), '#ext#') as is_guest
    from account_verdicts
    left join users
        on account_verdicts.tenant_id = users.tenant_id and account_verdicts.account_id = users.user_id
    where
        account_verdicts.contract_scope in ('in_scope', 'out_customer_tenant')
        and coalesce(account_verdicts.customer_posture, account_verdicts.contract_verdict) <> 'not_applicable'
),

verdicts as (
    select
        people.* exclude (protected_by),
        policies.names,
        policies.excluding,
        policies.excluding_guests,
        lookup.kinds,
        lookup.words,
        list_filter(people.reasons, lambda code: lookup.kinds[code] is not null) as codes,
        list_transform(
            list_sort(list_filter(people.protected_by, lambda what: starts_with(what, 'ca_policy:'))),
            lambda what: substr(what, 11)
        ) as policy_ids
    from people
    left join policies on people.tenant_id = policies.tenant_id
    inner join lookup on true
),

caused as (
    select
        *,
        case
            when verdict in ('at_risk', 'non_compliant')
                then
                    coalesce(
                        substr(list_min(list_transform(codes, lambda code: kinds[code])), 3),
                        if(len(excluding) > 0, 'exclusion', 'no_mechanism')
                    )
        end as cause_type
    from verdicts
),

worded as (
    select
        * exclude (codes),
        list_sort(list_distinct(list_filter(
            codes, lambda code: substr(kinds[code], 3) = cause_type
        ))) as codes,
        case
            when cause_type = 'policy_gap' then policy_ids
            when cause_type = 'exclusion' then excluding
            when cause_type = 'guests_excluded' then coalesce(excluding_guests, [])
            else []
        end as concerned
    from caused
)

select
    tenant_id,  -- The account's tenant.
    contract_scope,  -- in_scope: MFA is owed; out_customer_tenant: it is recommended.
    account_id,  -- Object id of the account.
    user_principal_name,  -- Name the account signs in with.
    case
        when account_class = 'break_glass' then 'break_glass'
        when is_admin then 'administrator'
        when is_guest then 'guest'
        when account_class in ('service', 'room', 'shared_mailbox') then 'service'
        else 'member'
    end as population,  -- break_glass, administrator (agents are, too), guest, service (rooms are, too) or member.
    account_class,  -- What it seems to be if no ordinary person.
    is_admin,  -- Whether it holds or may activate a directory role, or is an agent in Partner Center; null if unknown.
    verdict,  -- compliant, at_risk, non_compliant or indeterminate: of a customer's account the posture.
    case verdict
        when 'compliant' then true
        when 'at_risk' then false
        when 'non_compliant' then false
    end as is_covered,  -- Whether it is certain to have to do MFA; null where nobody can tell.
    reasons,  -- Codes of what led to the verdict.
    counterexample,  -- A sign-in that no policy asks for MFA, in words; null if there is none.
    cause_type,  -- policy_gap, guests_excluded, exclusion, hollow_policy, federation, per_user_mfa, registration or no_mechanism: what would have to be mended, once for all alike; null where nothing is known to be open.
    if(
        cause_type is null,
        null,
        concat_ws(
            ' ',
            coalesce(nullif(array_to_string(codes, '+'), ''), upper(cause_type)),
            nullif(array_to_string(concerned, ','), ''),
            if(cause_type = 'federation', lower(split_part(user_principal_name, '@', -1)), null)
        )
    ) as cause_id,  -- The same in every scan: codes of reasons, and the policies or the domain they are about.
    if(
        cause_type is null,
        null,
        concat(
            case
                when len(codes) > 0
                    then array_to_string(list_transform(codes, lambda code: words[code]), '; ')
                when cause_type = 'exclusion'
                    then 'no mechanism asks for MFA, and policies that demand it leave accounts out by name'
                else 'no security defaults, no Conditional Access policy and no per-user MFA asks for it'
            end,
            if(
                len(concerned) > 0,
                concat(
                    ' (',
                    array_to_string(list_transform(concerned, lambda id: coalesce(names[id], id)), ', '),
                    ')'
                ),
                ''
            ),
            if(cause_type = 'federation', concat(' (', lower(split_part(user_principal_name, '@', -1)), ')'), '')
        )
    ) as cause_name  -- The cause for people, with the names of the policies.
from worded
