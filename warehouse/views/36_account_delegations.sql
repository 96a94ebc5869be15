-- One row per tenant_id (a partner), account_id that can act in a customer: a GDAP relationship lets it, or it was seen there.
-- Members of the group AdminAgents can: Microsoft gives it rights over customers' Azure subscriptions.
select
    tenant_id,  -- The partner.
    account_id  -- Object id of the account, at home in the partner.
from delegated_roles
union
-- A visit stands in the logs of both tenants, under the object id it has at home.
select
    sign_ins.home_tenant_id as tenant_id,
    sign_ins.user_id as account_id
from recent_sign_ins as sign_ins
inner join judged_sources
    on sign_ins.tenant_id = judged_sources.tenant_id and judged_sources.sources['sign_ins'] = 'usable'
where
    sign_ins.cross_tenant_access_type = 'serviceProvider'
    and sign_ins.error_code = 0
    and sign_ins.user_id <> ''
    and sign_ins.home_tenant_id <> ''
union
select
    groups.tenant_id,
    group_members.member_id as account_id
from groups
inner join read_groups on groups.tenant_id = read_groups.tenant_id and groups.group_id = read_groups.group_id
inner join group_members on groups.tenant_id = group_members.tenant_id and groups.group_id = group_members.group_id
inner join judged_sources
    on groups.tenant_id = judged_sources.tenant_id and judged_sources.sources['groups'] = 'usable'
where groups.display_name = 'AdminAgents'
