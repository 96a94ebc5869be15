-- Whom do policies that are on leave out, group by group and account by account?
with
excluded as (
    select
        tenant_id,
        display_name,
        unnest(json_extract_string(conditions, '$.users.excludeUsers[*]')) as excluded_id,
        'account' as what
    from conditional_access_policies
    where state = 'enabled'
    union all
    select
        tenant_id,
        display_name,
        unnest(json_extract_string(conditions, '$.users.excludeGroups[*]')) as excluded_id,
        'group' as what
    from conditional_access_policies
    where state = 'enabled'
),

members as (
    select
        tenant_id,
        group_id,
        count(*) as members
    from group_members
    group by tenant_id, group_id
)

select
    tenants.name as tenant,  -- The tenant.
    excluded.display_name as policy,  -- The policy.
    excluded.what,  -- account or group.
    coalesce(users.user_principal_name, groups.display_name, excluded.excluded_id) as excluded_name,  -- Whom it leaves out.
    if(excluded.what = 'group', members.members, 1) as accounts  -- How many that is; null where the members are unknown.
from excluded
inner join tenants on excluded.tenant_id = tenants.tenant_id
left join users on excluded.tenant_id = users.tenant_id and excluded.excluded_id = users.user_id
left join groups on excluded.tenant_id = groups.tenant_id and excluded.excluded_id = groups.group_id
left join members on excluded.tenant_id = members.tenant_id and excluded.excluded_id = members.group_id
order by tenant, policy, excluded.what, excluded_name
