-- What lies in a warehouse after a scan of the tenants in ``sized``. Chances are those of a usual organization.
-- ``chance(number, salt)`` is the same for the same two, and evenly spread from 0 to 1.
create temp macro guid(tenant, kind, number) as format('{:08x}-{:04x}-4000-{}-000000000000', tenant, number, kind);

create temp table tenant_facts as
select
    *,
    tenant = partner as is_partner,
    guid(tenant, '8000', 0) as tenant_id,
    guid(partner, '8000', 0) as partner_id,
    chance(tenant, 1) < 0.15 as is_federated,
    chance(tenant, 2) < 0.1 as has_per_user,
    0.5 + chance(tenant, 3) / 2 as registered_share
from sized;

create temp table people as
select
    tenant_facts.*,
    place,
    tenant * 2000000::bigint + place as number,
    format('{:08x}-0000-4000-a000-{:012x}', tenant, place) as user_id,
    chance(number, 11) < 0.1 as is_guest,
    chance(number, 12) < 0.03 as is_service,
    case
        when is_guest then null
        else (hash(number + 77) % 24)::integer
    end as team
from tenant_facts, unnest(range(size)) as _ (place);

insert into scans by name select 'scan-1' as scan_id, as_of as scanned_at, []::varchar[] as collectors from numbers;

insert into tenants by name
select
    tenant_id, if(is_partner, 'partner', 'customer') as kind, 'Tenant ' || tenant as name, partner_id,
    if(is_partner, 'direct-bill', null) as program, 'scan-1' as last_scan_id, as_of as last_scan_at
from tenant_facts cross join numbers;

-- Each dataset fails somewhere.
insert into source_status by name
select
    'scan-1' as scan_id, tenant_id, dataset, '' as code, '' as message, 0 as rows, 1 as pages, as_of as collected_at,
    if(dataset <> 'users' and chance(tenant * 100 + hash(dataset) % 97, 4) < 0.005, 'failed', 'complete') as state
from tenant_facts cross join numbers
inner join datasets on is_installed and list_contains(kinds, if(is_partner, 'partner', 'customer'));

insert into slices by name
select tenant_id, dataset, 'scan-1' as scan_id, 0 as rows, '' as sha256, collected_at
from source_status where state = 'complete';

insert into users by name
select
    tenant_id, user_id, as_of as collected_at,
    case
        when is_guest then 'guest' || place || '_home.example#EXT#@t' || tenant || '.example'
        else if(is_service, 'svc-', 'user') || place || '@t' || tenant || '.example'
    end as user_principal_name,
    if(is_service, 'Service ', 'Person ') || place as display_name,
    chance(number, 13) > 0.06 as is_enabled,
    if(is_guest, 'Guest', 'Member') as user_type,
    if(is_guest, 'Invitation', null) as creation_type,
    as_of - to_days((chance(number, 14) * 2000)::integer) - interval 2 days as created_at,
    case when chance(number, 15) < 0.002 then 'break glass' end as employee_type,
    '[{"skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965"}]' as assigned_licenses,
    if(
        is_guest,
        '[{"signInType": "federated", "issuer": "' || if(chance(number, 16) < 0.8, 'ExternalAzureAD', 'mail') || '"}]',
        '[]'
    ) as identities
from people cross join numbers;

-- The report does not know the disabled.
insert into authentication_methods by name
select
    tenant_id, user_id, as_of as collected_at, len(methods) > 0 as is_mfa_registered,
    len(methods) > 0 and chance(number, 21) > 0.02 as is_mfa_capable,
    list_concat(['password'], methods) as methods_registered
from (
    select
        *,
        case
            when chance(number, 22) > registered_share then []
            when chance(number, 23) < 0.55 then ['microsoftAuthenticatorPush', 'softwareOneTimePasscode']
            when chance(number, 23) < 0.75 then ['mobilePhone', 'microsoftAuthenticatorPush']
            when chance(number, 23) < 0.88 then ['mobilePhone']
            when chance(number, 23) < 0.94 then ['windowsHelloForBusiness', 'microsoftAuthenticatorPush', 'mobilePhone']
            when chance(number, 23) < 0.98 then ['fido2SecurityKey']
            when chance(number, 23) < 0.99 then ['externalAuthMethod']
            else ['temporaryAccessPass']
        end as methods
    from people where chance(number, 13) > 0.06 and chance(number, 24) > 0.01
) cross join numbers;

insert into per_user_mfa by name
select
    tenant_id, user_id, as_of as collected_at,
    case
        when not has_per_user then 'disabled'
        when chance(number, 31) < 0.6 then 'enforced'
        when chance(number, 31) < 0.7 then 'enabled'
        else 'disabled'
    end as per_user_mfa_state
from people cross join numbers;

-- About one for each account; half of the accounts have none.
insert into sign_ins by name
select
    tenant_id, user_id || '-' || turn as sign_in_id, as_of as collected_at, user_id,
    as_of - to_hours((chance(number, 41 + turn) * 700)::integer) as signed_in_at,
    case
        when chance(number, 51 + turn) < 0.02 then 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c'
        when chance(number, 51 + turn) < 0.03 then '00000006-0000-0ff1-ce00-000000000000'
        when chance(number, 51 + turn) < 0.035 then '04b07795-8ddb-461a-bbee-02f9e1bf7b46'
        else '00000003-0000-0ff1-ce00-000000000000'
    end as app_id,
    '00000003-0000-0000-c000-000000000000' as resource_id,
    if(is_guest, guid(100000 + (hash(number) % 50)::integer, '8000', 0), tenant_id) as home_tenant_id,
    if(chance(number, 61 + turn) < 0.01, 'IMAP4', 'Browser') as client_app_used,
    chance(number, 71 + turn) < 0.8 as is_interactive,
    if(chance(number, 81) < 0.8, 'multiFactorAuthentication', 'singleFactorAuthentication') as authentication_requirement,
    case
        when chance(number, 81) >= 0.8 then '[{"authenticationMethod": "Password", "succeeded": true, "authenticationStepRequirement": "Primary authentication", "authenticationStepResultDetail": "Correct password"}]'
        when chance(number, 91 + turn) < 0.5 then '[{"authenticationMethod": "Password", "succeeded": true, "authenticationStepRequirement": "Primary authentication", "authenticationStepResultDetail": "Correct password"}, {"authenticationMethod": "Mobile app notification", "succeeded": true, "authenticationStepRequirement": "Multifactor authentication", "authenticationStepResultDetail": "MFA completed in Azure AD"}]'
        else '[{"authenticationMethod": "Previously satisfied", "succeeded": true, "authenticationStepRequirement": "Multifactor authentication", "authenticationStepResultDetail": "MFA requirement satisfied by claim in the token"}]'
    end as authentication_details,
    if(chance(number, 101 + turn) < 0.1, 50126, 0) as error_code
from people cross join numbers cross join unnest(range(2)) as _ (turn)
where chance(number, 17) < 0.5;

-- Members as Graph expands them: of the team, of its department, of the staff.
insert into group_members by name
select tenant_id, guid(tenant, '9000', of_group) as group_id, user_id as member_id, '#microsoft.graph.user' as member_type, as_of as collected_at
from people cross join numbers
cross join lateral (
    select unnest(case when is_service then [2] when team is null then [] else [1, 3 + team // 4, 9 + team] end) as of_group
);

-- Who is left out: a few of each policy, and two of nearly all.
insert into group_members by name
select distinct
    tenant_id, guid(tenant, '9000', if(place < 2, 0, 40 + hash(number + pick) % 36)::integer) as group_id, user_id as member_id,
    '#microsoft.graph.user' as member_type, as_of as collected_at
from people cross join numbers cross join unnest(range(2)) as _ (pick)
where place < 2 or chance(number, 18 + pick) < 0.04;

insert into group_members by name
select tenant_id, guid(tenant, '9000', 128) as group_id, user_id as member_id, '#microsoft.graph.user' as member_type, as_of as collected_at
from people cross join numbers
where is_partner and not is_guest and place between 3 and 12;

insert into groups by name
select
    tenant_id, guid(tenant, '9000', number::integer) as group_id, if(number = 128, 'AdminAgents', 'Group ' || number) as display_name, as_of as collected_at
from tenant_facts cross join numbers cross join unnest(list_concat(range(33), range(40, 76), [128])) as _ (number)
where number < 128 or is_partner;

insert into role_definitions by name
select tenant_id, role as role_definition_id, role as template_id, 'Role ' || left(role, 4) as display_name, true as is_built_in, true as is_enabled, as_of as collected_at
from tenant_facts cross join numbers cross join unnest(roles) as _ (role);

insert into role_assignments by name
select
    tenant_id, user_id || '-' || role as assignment_id, user_id as principal_id, '#microsoft.graph.user' as principal_type,
    role as role_definition_id, '/' as directory_scope_id, as_of as collected_at
from people cross join numbers cross join unnest(roles) as _ (role)
where not is_guest and (place = 2 or chance(number, 19) < 0.01) and chance(number + hash(role) % 1000, 20) < 0.4;

insert into role_eligibilities by name
select
    tenant_id, user_id || '-' || role as eligibility_id, user_id as principal_id, '#microsoft.graph.user' as principal_type,
    role as role_definition_id, '/' as directory_scope_id, as_of as collected_at
from people cross join numbers cross join unnest(roles) as _ (role)
where not is_guest and chance(number, 25) < 0.005 and chance(number + hash(role) % 1000, 26) < 0.3;

insert into conditional_access_policies by name
select
    tenant_id, guid(tenant, 'c000', number) as policy_id, 'CA' || number as display_name, state,
    replace(conditions, 'TTTTTTTT', format('{:08x}', tenant)) as conditions, grant_controls, as_of as collected_at
from tenant_facts cross join numbers cross join pool
qualify row_number() over (partition by tenant order by chance(tenant * 100 + pool.number, 5)) <= 30;

insert into named_locations by name
select tenant_id, guid(tenant, 'b000', 1) as location_id, '#microsoft.graph.countryNamedLocation' as location_type, 'Allowed' as display_name, ['BE', 'NL', 'LU'] as countries, false as includes_unknown, 'clientIpAddress' as lookup_method, as_of as collected_at
from tenant_facts cross join numbers;

insert into named_locations by name
select
    tenant_id, guid(tenant, 'b000', 2) as location_id, '#microsoft.graph.ipNamedLocation' as location_type, 'Office' as display_name, true as is_trusted,
    '[{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "198.51.' || (tenant % 250) || '.0/24"}]' as ip_ranges, as_of as collected_at
from tenant_facts cross join numbers;

insert into security_defaults by name
select tenant_id, 'sd' as policy_id, false as is_enabled, as_of as collected_at from tenant_facts cross join numbers;

insert into domains by name
select
    tenant_id, 't' || tenant || '.example' as domain_name, if(is_federated, 'Federated', 'Managed') as authentication_type,
    true as is_default, true as is_verified, as_of as collected_at
from tenant_facts cross join numbers;

insert into cross_tenant_access_default by name
select tenant_id, false as is_service_default, chance(tenant, 6) < 0.3 as is_mfa_accepted, as_of as collected_at
from tenant_facts cross join numbers;

insert into subscribed_skus by name
select
    tenant_id, 'e5' as subscribed_sku_id, '05e9a617-0261-4cee-bb44-138d3ef5d965' as sku_id, 'AAD_PREMIUM_P2' as sku_part_number,
    'Enabled' as capability_status, '[{"servicePlanName": "AAD_PREMIUM_P2"}]' as service_plans, as_of as collected_at
from tenant_facts cross join numbers;

insert into gdap_relationships by name
select
    partner_id as tenant_id, tenant_id || '-r' as relationship_id, 'active' as status, tenant_id as customer_tenant_id, 'Tenant ' || tenant as customer_name,
    as_of + interval 300 days as end_at, as_of as collected_at
from tenant_facts cross join numbers where not is_partner;

insert into gdap_assignments by name
select
    partner_id as tenant_id, tenant_id || '-r' as relationship_id, 'a' as assignment_id, 'active' as status,
    left(partner_id, 8) || '-0003-4000-9000-000000000000' as group_id,
    '[{"roleDefinitionId": "729827e3-9c14-49f7-bb1b-9608f156bbb8"}, {"roleDefinitionId": "fe930be7-5e62-47db-91af-98c3a49a38b1"}]' as roles, as_of as collected_at
from tenant_facts cross join numbers where not is_partner
