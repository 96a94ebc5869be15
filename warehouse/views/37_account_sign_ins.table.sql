-- One row per tenant_id, account_id that signed in with success in the window. What its successes show together.
select
    tenant_id,  -- The tenant whose log it is.
    account_id,  -- Object id of the account.
    bool_or(is_interactive) as has_success,  -- Whether one was interactive.
    bool_or(did_mfa) as has_mfa_step,  -- Whether MFA was done in one.
    bool_or(brought_claim) as has_claim,  -- Whether one was asked for MFA, or came with a claim of it.
    bool_or(is_single_factor) as has_single_factor,  -- Whether one factor was enough for one.
    count(*) filter (where is_single_factor and (is_single or is_legacy))
        as single_factor_sign_ins,  -- How many got by with one factor alone.
    max(signed_in_at) filter (where is_single_factor and (is_single or is_legacy))
        as last_single_factor_at,  -- When the last of them was.
    arg_max(struct_pack(app := app_display_name, client := client_app_used), signed_in_at)
        filter (where is_single_factor and (is_single or is_legacy))
        as last_single_factor,  -- The app and the client of the last of them.
    bool_or(is_legacy) as has_legacy_success,  -- Whether one was by a legacy client or with the password alone (ROPC).
    count(*) filter (where is_legacy) as legacy_sign_ins,  -- How many were.
    max(signed_in_at) filter (where is_legacy) as last_legacy_at,  -- When the last of them was.
    list_sort(
        list(distinct if(lower(authentication_protocol) = 'ropc', 'ROPC', trim(client_app_used)))
            filter (where is_legacy)
    ) as legacy_clients,  -- With which clients they were; ROPC is one.
    coalesce(bool_or(app_id = 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c'), false)
        as used_azure_portals,  -- Whether one was to the Azure portal or the Entra or Intune admin center.
    coalesce(
        bool_or(app_id in ('04b07795-8ddb-461a-bbee-02f9e1bf7b46', '1950a258-227b-4e31-a9cf-717495945fc2')), false
    ) as used_azure_cli,  -- Whether one was by Azure CLI or Azure PowerShell.
    coalesce(bool_or(app_id = '00000006-0000-0ff1-ce00-000000000000'), false)
        as used_m365_admin,  -- Whether one was to the Microsoft 365 admin center.
    coalesce(bool_or(app_id = 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'), false)
        as used_partner_center,  -- Whether one was to Partner Center.
    coalesce(
        bool_or(
            resource_id = 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd' and app_id <> 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd'
        ),
        false
    ) as used_partner_center_api  -- Whether one was an application's, on behalf of the account, to Partner Center.
from sign_in_proofs
group by tenant_id, account_id
