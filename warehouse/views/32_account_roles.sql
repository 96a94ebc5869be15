-- One row per tenant_id, account_id that holds a directory role now or may activate one. What kinds of role.
select
    tenant_id,  -- The account's tenant.
    account_id,  -- Object id of the account.
    coalesce(
        list_sort(
            list(template_id) filter (
                where is_tenant_wide and is_built_in and is_active and (is_standing or not is_eligible)
            )
        ),
        []
    ) as active_roles,  -- Template ids of what policies know it by without its activating anything.
    coalesce(
        list_sort(list(template_id) filter (where is_tenant_wide and is_built_in and is_eligible)), []
    ) as eligible_roles,  -- Template ids of what it may activate, activated now or not.
    bool_or(is_tenant_wide and is_built_in and is_unclear and not is_standing and not is_eligible)
        as has_unclear_role,  -- Whether one held now may be one that it activated, for all that its schedule tells.
    coalesce(
        list_sort(list(template_id) filter (where not is_tenant_wide and is_built_in and is_active)), []
    ) as scoped_roles,  -- Template ids of what it holds now in an administrative unit or for one object alone.
    coalesce(
        bool_or(
            is_active
            and is_tenant_wide
            and template_id in (
                'd29b2b05-8046-44ba-8758-1e26182fcf32',  -- Directory Synchronization Accounts
                'a92aed5d-d78a-4d16-b381-09adb37eb3b0'   -- On Premises Directory Sync Account
            )
        ),
        false
    ) as is_sync_account,  -- Whether one is a directory synchronization role, held now and tenant-wide.
    bool_or(
        is_active
        and template_id not in ('d29b2b05-8046-44ba-8758-1e26182fcf32', 'a92aed5d-d78a-4d16-b381-09adb37eb3b0')
    ) as holds_other_role,  -- Whether one held now is any other role.
    bool_or(
        template_id not in (
            'd29b2b05-8046-44ba-8758-1e26182fcf32',
            'a92aed5d-d78a-4d16-b381-09adb37eb3b0',
            '88d8e3e3-8f55-4a1e-953a-9b9898b8876b'  -- Directory Readers
        )
    ) as is_admin,  -- Whether one, held or eligible, is more than reading the directory or synchronizing it.
    bool_or(
        is_active
        and is_tenant_wide
        and template_id in (
            '62e90394-69f5-4237-9190-012177145e10',  -- Global Administrator
            'b0f54661-2d74-4c50-afa3-1ec803f12efe',  -- Billing Administrator
            '194ae4cb-b126-40b2-bd5b-6091b380977d'   -- Security Administrator
        )
    ) as holds_portal_role  -- Whether one opens Partner Center: Global, Billing or Security Administrator, tenant-wide.
from role_holders
group by tenant_id, account_id
