-- One row per tenant_id, principal_id, role_definition_id. A role held by what is no user, group or application read here.
-- Most often a partner's group: its people are judged once, at home. Where that home was read, it is named.
select
    role_assignments.tenant_id,  -- The tenant in which the role is held.
    role_assignments.principal_id,  -- Who holds it.
    role_assignments.role_definition_id,  -- The role.
    'external_delegated_identity' as identity_kind,  -- Always the same: somebody who is judged elsewhere, if at all.
    homes.tenant_id as home_tenant_id,  -- The partner that scans this tenant, if the group is its own.
    homes.display_name as group_name  -- Name of that group.
from role_assignments
inner join judged_sources
    on
        role_assignments.tenant_id = judged_sources.tenant_id
        and judged_sources.sources['role_assignments'] = 'usable'
        and judged_sources.sources['users'] = 'usable'
anti join users
    on role_assignments.tenant_id = users.tenant_id and role_assignments.principal_id = users.user_id
anti join groups as own
    on role_assignments.tenant_id = own.tenant_id and role_assignments.principal_id = own.group_id
inner join tenants on role_assignments.tenant_id = tenants.tenant_id
left join groups as homes
    on
        tenants.partner_id = homes.tenant_id
        and tenants.tenant_id <> homes.tenant_id
        and role_assignments.principal_id = homes.group_id
where role_assignments.principal_type is null or role_assignments.principal_type = '#microsoft.graph.group'
