-- One row per tenant_id, account_id, template_id, is_tenant_wide. A directory role that somebody holds or may activate, alone or through a group.
-- Only from what was read whole: with group members unread, what a group holds is not here.
with
-- Which of the roles held now were activated, and end again. Only their schedule tells.
kinds as (
    select
        role_assignment_instances.tenant_id,
        role_assignment_instances.principal_id,
        role_assignment_instances.role_definition_id,
        coalesce(role_assignment_instances.directory_scope_id, '/') as scope,
        bool_or(role_assignment_instances.assignment_type = 'Activated') as has_activated,
        bool_or(role_assignment_instances.assignment_type = 'Assigned') as has_assigned
    from role_assignment_instances
    inner join judged_sources
        on
            role_assignment_instances.tenant_id = judged_sources.tenant_id
            and judged_sources.sources['role_assignment_instances'] = 'usable'
    group by
        role_assignment_instances.tenant_id,
        role_assignment_instances.principal_id,
        role_assignment_instances.role_definition_id,
        coalesce(role_assignment_instances.directory_scope_id, '/')
),

given as (
    select
        role_assignments.tenant_id,
        role_assignments.principal_id,
        role_assignments.role_definition_id,
        role_assignments.directory_scope_id,
        'role_assignments' as dataset,
        -- A group activates nothing.
        case
            when kinds.has_assigned then true
            when kinds.has_activated then false
            when role_assignments.principal_type = '#microsoft.graph.group' then true
        end as is_standing
    from role_assignments
    left join kinds
        on
            role_assignments.tenant_id = kinds.tenant_id
            and role_assignments.principal_id = kinds.principal_id
            and role_assignments.role_definition_id = kinds.role_definition_id
            and coalesce(role_assignments.directory_scope_id, '/') = kinds.scope
    union all
    select
        tenant_id,
        principal_id,
        role_definition_id,
        directory_scope_id,
        'role_eligibilities' as dataset,
        null as is_standing
    from role_eligibilities
),

definitions as (
    select
        role_definitions.tenant_id,
        role_definitions.role_definition_id,
        role_definitions.template_id,
        role_definitions.is_built_in
    from role_definitions
    inner join judged_sources
        on
            role_definitions.tenant_id = judged_sources.tenant_id
            and judged_sources.sources['role_definitions'] = 'usable'
),

roles as (
    select
        given.tenant_id,
        given.principal_id,
        lower(coalesce(definitions.template_id, given.role_definition_id)) as template_id,
        coalesce(given.directory_scope_id, '/') = '/' as is_tenant_wide,
        coalesce(definitions.is_built_in, true) as is_built_in,
        given.dataset = 'role_assignments' as is_held,
        given.is_standing,
        judged_sources.sources['group_members'] = 'usable' as are_members_read
    from given
    inner join judged_sources
        on given.tenant_id = judged_sources.tenant_id and judged_sources.sources[given.dataset] = 'usable'
    left join definitions
        on given.tenant_id = definitions.tenant_id and given.role_definition_id = definitions.role_definition_id
),

holders as (
    select
        tenant_id,
        principal_id as account_id,
        template_id,
        is_tenant_wide,
        is_built_in,
        is_held,
        is_standing
    from roles
    union all
    select
        roles.tenant_id,
        group_members.member_id as account_id,
        roles.template_id,
        roles.is_tenant_wide,
        roles.is_built_in,
        roles.is_held,
        roles.is_standing
    from roles
    inner join group_members
        on roles.tenant_id = group_members.tenant_id and roles.principal_id = group_members.group_id
    where roles.are_members_read
)

select
    tenant_id,  -- The account's tenant.
    account_id,  -- Object id of the account; a group's or an application's is here, too.
    template_id,  -- The role's template id, in lower case, which policies name it by.
    is_tenant_wide,  -- Whether it counts in the whole tenant, not in an administrative unit or for one object.
    bool_and(is_built_in) as is_built_in,  -- Whether it is Microsoft's own; policies know no other.
    bool_or(is_held) as is_active,  -- Whether it is held now.
    bool_or(not is_held or coalesce(not is_standing, false))
        as is_eligible,  -- Whether it may be activated, or was activated and is held for now.
    coalesce(bool_or(is_standing), false)
        as is_standing,  -- Whether it is certain to be held without activating anything.
    bool_or(is_held and is_standing is null)
        as is_unclear  -- Whether it is held, and nothing tells whether it was activated for that.
from holders
group by tenant_id, account_id, template_id, is_tenant_wide
