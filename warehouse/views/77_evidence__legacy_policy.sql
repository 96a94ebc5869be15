-- One row per tenant_id, resource_id (the tenant). Whether security defaults or an enabled policy keep legacy clients out.
-- Both are null where the newest attempt to read them was not complete. Naming is not covering: exclusions, locations, platforms and devices are not looked at.
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

read as (
    select
        tenant_id,
        case
            when state = 'enabled' then true
            when state in ('disabled', 'enabledForReportingButNotEnforced') then false
        end as is_enabled,
        case
            when json_type(conditions) = 'OBJECT'
                then
                    list_contains(json_extract_string(conditions, '$.users.includeUsers[*]'), 'All')
                    and list_contains(json_extract_string(conditions, '$.applications.includeApplications[*]'), 'All')
        end as names_all,
        json_extract_string(conditions, '$.clientAppTypes[*]') as client_types,
        coalesce(json_extract_string(grant_controls, '$.builtInControls[*]'), []) as controls,
        json_type(grant_controls, '$.authenticationStrength') is not distinct from 'OBJECT' as has_strength,
        -- Of the alternatives of OR any one is enough: a device that complies can come by a legacy client.
        coalesce(json_extract_string(grant_controls, '$.operator') = 'AND', false)
        or coalesce(
            len(list_filter(
                list_concat(
                    json_extract_string(grant_controls, '$.builtInControls[*]'),
                    json_extract_string(grant_controls, ['$.customAuthenticationFactors[0]', '$.termsOfUse[0]'])
                ),
                lambda control: control <> 'mfa'
            )) = 0,
            false
        ) as is_strict,
        -- Limited to some risk, flow or workload identities: it says nothing of an ordinary sign-in.
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
        )) > 0 as is_limited
    from conditional_access_policies
),

-- A legacy client cannot do MFA: what demands MFA of it keeps it out.
judged as (
    select
        tenant_id,
        is_enabled
        and names_all
        and not is_limited
        and (
            len(client_types) = 0
            or list_contains(client_types, 'all')
            or (
                list_contains(client_types, 'other')
                and (list_contains(client_types, 'exchangeActiveSync') or list_contains(client_types, 'easSupported'))
            )
        )
        and (
            list_contains(controls, 'block')
            or (is_strict and (has_strength or list_contains(controls, 'mfa')))
        ) as blocks
    from read
),

counted as (
    select
        tenant_id,
        count(*) filter (where blocks) as blocking,
        count(*) filter (where blocks is null) as doubtful
    from judged
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
    case when usable.has_defaults then defaults.is_enabled end
        as has_security_defaults,  -- Whether they are on: they block legacy clients.
    case
        when not coalesce(usable.has_policies, false) then null
        when counted.blocking > 0 then true
        when counted.doubtful > 0 then null
        else false
    end as has_policy_against_legacy  -- Whether a policy blocks them, or demands MFA of them, for all users and all apps.
from tenants
left join usable on tenants.tenant_id = usable.tenant_id
left join defaults on tenants.tenant_id = defaults.tenant_id
left join counted on tenants.tenant_id = counted.tenant_id
