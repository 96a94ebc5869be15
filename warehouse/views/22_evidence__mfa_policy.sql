-- One row per tenant_id, resource_id (the tenant). Whether security defaults are on or an enabled policy names MFA.
-- Both are null where the newest attempt to read them was not complete: an older slice could have changed since.
-- Naming is not covering: exclusions, locations, platforms, client types and alternatives to MFA are not looked at.
with
usable as (
    select
        tenant_id,
        bool_or(dataset = 'security_defaults') as has_defaults,
        bool_or(dataset = 'conditional_access_policies') as has_policies
    from source_state
    where is_usable
    group by tenant_id
),

strengths as (
    select
        tenant_id,
        policy_id,
        json_extract_string(grant_controls, '$.authenticationStrength.requirementsSatisfied') as satisfied,
        json_extract_string(grant_controls, '$.authenticationStrength.allowedCombinations[*]') as combinations
    from conditional_access_policies
    where json_type(grant_controls, '$.authenticationStrength') = 'OBJECT'
),

-- A strength counts if it says that it satisfies MFA and no combination it allows is a single factor.
judged_strengths as (
    select
        tenant_id,
        policy_id,
        list_contains(string_split(replace(satisfied, ' ', ''), ','), 'mfa')
        and not list_has_any(
            combinations,
            [
                'password', 'voice', 'sms', 'email', 'hardwareOath', 'softwareOath', 'microsoftAuthenticatorPush',
                'qrCodePin', 'federatedSingleFactor', 'x509CertificateSingleFactor'
            ]
        )
        -- One word that we do not know: null, neither a factor nor two.
        and case
            when
                len(list_filter(
                    combinations,
                    lambda combination:
                    not contains(combination, ',')
                    and combination not in (
                        'fido2', 'windowsHelloForBusiness', 'x509CertificateMultiFactor', 'deviceBasedPush',
                        'temporaryAccessPassOneTime', 'temporaryAccessPassMultiUse', 'federatedMultiFactor'
                    )
                )) = 0
                then true
        end as demands_mfa
    from strengths
),

policies as (
    select
        policies.tenant_id,
        case
            when policies.state = 'enabled' then true
            when policies.state in ('disabled', 'enabledForReportingButNotEnforced') then false
        end as is_enabled,
        case
            when json_type(conditions) = 'OBJECT'
                then
                    list_contains(json_extract_string(conditions, '$.users.includeUsers[*]'), 'All')
                    and list_contains(json_extract_string(conditions, '$.applications.includeApplications[*]'), 'All')
        end as names_all,
        -- Limited to some risk, flow or workload identities: it names nobody's ordinary sign-in.
        len(list_filter(
            json_extract(
                conditions,
                [
                    '$.signInRiskLevels', '$.userRiskLevels', '$.insiderRiskLevels', '$.servicePrincipalRiskLevels',
                    '$.agentIdRiskLevels', '$.authenticationFlows.transferMethods',
                    '$.clientApplications.includeServicePrincipals'
                ]
            ),
            lambda said: coalesce(said::varchar, 'null') not in ('null', '[]', '""', '"none"')
        )) > 0 as is_limited,
        coalesce(list_contains(json_extract_string(grant_controls, '$.builtInControls[*]'), 'mfa'), false)
        or case when strengths.policy_id is null then false else strengths.demands_mfa end as demands_mfa
    from conditional_access_policies as policies
    left join judged_strengths as strengths
        on policies.tenant_id = strengths.tenant_id and policies.policy_id = strengths.policy_id
),

counted as (
    select
        tenant_id,
        count(*) filter (where is_enabled) as enabled_policies,
        count(*) filter (where names) as naming,
        count(*) filter (where names is null) as doubtful
    from (
        select
            *,
            is_enabled and names_all and not is_limited and demands_mfa as names
        from policies
    )
    group by tenant_id
),

defaults as (
    select
        tenant_id,
        bool_or(is_enabled) as is_enabled
    from security_defaults
    group by tenant_id
)

select
    tenants.tenant_id,  -- The tenant.
    'tenant' as resource_type,  -- What is judged.
    tenants.tenant_id as resource_id,  -- The tenant.
    tenants.name as resource_name,  -- Name of the tenant.
    null::varchar as account_id,  -- Always null: no account is judged.
    case when usable.has_defaults then defaults.is_enabled end as has_security_defaults,  -- Whether they are on.
    case
        when not coalesce(usable.has_policies, false) then null
        when counted.naming > 0 then true
        when counted.doubtful > 0 then null
        else false
    end as has_policy_naming_mfa,  -- Whether one names MFA for all users and all apps.
    case
        when usable.has_policies then coalesce(counted.enabled_policies, 0)
    end as enabled_policies  -- How many Conditional Access policies are on.
from tenants
left join usable on tenants.tenant_id = usable.tenant_id
left join defaults on tenants.tenant_id = defaults.tenant_id
left join counted on tenants.tenant_id = counted.tenant_id
