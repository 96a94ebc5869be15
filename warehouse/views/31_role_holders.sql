-- One row per tenant_id, account_id, template_id, is_tenant_wide. A directory role that somebody holds or may activate, alone or through a group.
-- Only from what was read whole: with group members unread, what a group holds is not here.
with
given as (
    select
        tenant_id,
        principal_id,
        role_definition_id,
        directory_scope_id,
        'role_assignments' as dataset
    from role_assignments
    union all
    select
        tenant_id,
        principal_id,
        role_definition_id,
        directory_scope_id,
        'role_eligibilities' as dataset
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
        is_held
    from roles
    union all
    select
        roles.tenant_id,
        group_members.member_id as account_id,
        roles.template_id,
        roles.is_tenant_wide,
        roles.is_built_in,
        roles.is_held
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
    bool_or(not is_held) as is_eligible  -- Whether it may be activated; active as well, it is activated now.
from holders
group by tenant_id, account_id, template_id, is_tenant_wide
