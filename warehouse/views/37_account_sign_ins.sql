-- One row per tenant_id, account_id that signed in with success in the window. What its successes show; failures are no proof.
-- Non-interactive ones show nothing about MFA: they renew what an earlier sign-in proved.
with
successes as (
    select
        sign_ins.tenant_id,
        sign_ins.user_id as account_id,
        lower(sign_ins.app_id) as app_id,
        lower(sign_ins.resource_id) as resource_id,
        coalesce(sign_ins.is_interactive, true) as is_interactive,
        coalesce(sign_ins.authentication_requirement = 'multiFactorAuthentication', false) as is_multi,
        coalesce(sign_ins.authentication_requirement = 'singleFactorAuthentication', false) as is_single,
        coalesce(lower(sign_ins.authentication_protocol) = 'ropc' or client_apps.is_legacy, false) as is_legacy,
        coalesce(
            from_json(
                sign_ins.authentication_details,
                '[{"authenticationMethod": "VARCHAR", "authenticationStepRequirement": "VARCHAR",
                   "authenticationStepResultDetail": "VARCHAR", "succeeded": "BOOLEAN"}]'
            ),
            []
        ) as steps
    from sign_ins
    inner join judged_sources
        on sign_ins.tenant_id = judged_sources.tenant_id and judged_sources.sources['sign_ins'] = 'usable'
    left join evidence.client_apps
        on lower(trim(split_part(sign_ins.client_app_used, ';', 1))) = client_apps.client_app
    where sign_ins.error_code = 0 and sign_ins.user_id <> ''
),

-- A claim is MFA that an earlier sign-in or somebody else's provider proved and this one brought along. A first factor
-- can be brought along, too: it proves nothing of MFA, nor its absence.
shown as (
    select
        *,
        list_transform(
            list_filter(steps, lambda step: step.succeeded),
            lambda step:
            case
                when contains(lower(step.authenticationStepResultDetail), 'mfa requirement satisfied') then 'claim'
                when
                    lower(step.authenticationMethod) in ('previously satisfied', 'satisfied by token')
                    then if(lower(step.authenticationStepRequirement) = 'multifactor authentication', 'claim', 'earlier')
                when lower(step.authenticationStepRequirement) = 'multifactor authentication' then 'mfa'
                else 'other'
            end
        ) as shows
    from successes
)

select
    tenant_id,  -- The tenant whose log it is.
    account_id,  -- Object id of the account.
    bool_or(is_interactive) as has_success,  -- Whether one was interactive.
    bool_or(is_interactive and list_contains(shows, 'mfa')) as has_mfa_step,  -- Whether MFA was done in one.
    bool_or(is_interactive and (is_multi or list_contains(shows, 'claim')))
        as has_claim,  -- Whether one was asked for MFA, or came with a claim of it.
    bool_or(
        is_legacy or (is_interactive and is_single and not list_has_any(shows, ['mfa', 'claim', 'earlier']))
    ) as has_single_factor,  -- Whether one factor was enough for one.
    bool_or(is_legacy) as has_legacy_success,  -- Whether one was by a legacy client or with the password alone (ROPC).
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
from shown
group by tenant_id, account_id
