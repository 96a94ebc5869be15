-- One row per tenant_id, account_id that holds a directory role now, itself or through a group. What kinds of role.
-- Only from what was read whole: with group members unread, roles that a group holds are not here.
with
roles as (
    select
        role_assignments.tenant_id,
        role_assignments.principal_id,
        lower(coalesce(role_definitions.template_id, role_assignments.role_definition_id)) as template_id,
        coalesce(role_assignments.directory_scope_id, '/') = '/' as is_tenant_wide,
        judged_sources.is_groups_whole
    from role_assignments
    inner join judged_sources
        on role_assignments.tenant_id = judged_sources.tenant_id and judged_sources.roles_source = 'usable'
    left join role_definitions
        on
            role_assignments.tenant_id = role_definitions.tenant_id
            and role_assignments.role_definition_id = role_definitions.role_definition_id
),

held as (
    select
        tenant_id,
        principal_id as account_id,
        template_id,
        is_tenant_wide
    from roles
    union
    select
        roles.tenant_id,
        group_members.member_id as account_id,
        roles.template_id,
        roles.is_tenant_wide
    from roles
    inner join group_members
        on roles.tenant_id = group_members.tenant_id and roles.principal_id = group_members.group_id
    where roles.is_groups_whole
)

select
    tenant_id,  -- The account's tenant.
    account_id,  -- Object id of the account.
    bool_or(
        is_tenant_wide
        and template_id in (
            'd29b2b05-8046-44ba-8758-1e26182fcf32',  -- Directory Synchronization Accounts
            'a92aed5d-d78a-4d16-b381-09adb37eb3b0'   -- On Premises Directory Sync Account
        )
    ) as is_sync_account,  -- Whether one is a directory synchronization role, tenant-wide.
    bool_or(
        template_id not in ('d29b2b05-8046-44ba-8758-1e26182fcf32', 'a92aed5d-d78a-4d16-b381-09adb37eb3b0')
    ) as holds_other_role,  -- Whether one is any other role.
    bool_or(
        is_tenant_wide
        and template_id in (
            '62e90394-69f5-4237-9190-012177145e10',  -- Global Administrator
            'b0f54661-2d74-4c50-afa3-1ec803f12efe',  -- Billing Administrator
            '194ae4cb-b126-40b2-bd5b-6091b380977d'   -- Security Administrator
        )
    ) as holds_portal_role  -- Whether one opens Partner Center: Global, Billing or Security Administrator, tenant-wide.
from held
group by tenant_id, account_id
