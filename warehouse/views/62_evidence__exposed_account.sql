-- One row per tenant_id (a partner), resource_id (an account that uses what Microsoft itself demands MFA for: Partner Center, its API, or a customer's tenant). Whether it has something to answer with.
-- One that may use it, because what would tell is unread, is here, too; it can only hold or be unknown.
with
exposed as (
    select
        tenant_id,
        account_id,
        user_principal_name,
        registered,
        list_filter(
            exposure, lambda surface: surface in ('pc_portal', 'pc_api_app_user', 'customer_delegated_admin')
        ) as surfaces,
        case
            when registered in ('capable', 'weak_only') then true
            when registered in ('none', 'registered_not_allowed') then false
        end as has_method
    from account_verdicts
    where
        contract_scope in ('in_scope', 'out_cloud')
        and list_has_any(
            exposure,
            [
                'pc_portal', 'pc_api_app_user', 'customer_delegated_admin',
                'pc_portal(possible)', 'pc_api_app_user(possible)', 'customer_delegated_admin(possible)'
            ]
        )
)

select
    tenant_id,  -- The partner.
    'account' as resource_type,  -- What is judged.
    account_id as resource_id,  -- Object id of the account.
    user_principal_name as resource_name,  -- Name the account signs in with.
    account_id,  -- Object id of the account.
    surfaces,  -- What it certainly uses: pc_portal, pc_api_app_user, customer_delegated_admin.
    registered,
    case
        when has_method then true
        when len(surfaces) > 0 then has_method
    end as can_answer  -- Whether a method is registered that is allowed; null where it, or the use, is unknown.
from exposed
