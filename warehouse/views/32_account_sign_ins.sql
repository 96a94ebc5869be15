-- One row per tenant_id, account_id that signed in with success in the window. What its successes show; failures are no proof.
-- Non-interactive ones show nothing about MFA: they renew what an earlier sign-in proved.
with
successes as (
    select
        sign_ins.tenant_id,
        sign_ins.user_id as account_id,
        sign_ins.app_id,
        coalesce(sign_ins.is_interactive, true) as is_interactive,
        sign_ins.authentication_requirement = 'multiFactorAuthentication' as is_multi,
        sign_ins.authentication_requirement = 'singleFactorAuthentication' as is_single,
        lower(sign_ins.authentication_protocol) = 'ropc' or client_apps.is_legacy as is_legacy,
        sign_ins.cross_tenant_access_type = 'serviceProvider'
        or sign_ins.resource_tenant_id <> sign_ins.tenant_id as is_at_customer,
        list_filter(
            from_json(
                sign_ins.authentication_details,
                '[{"authenticationMethod": "VARCHAR", "authenticationStepRequirement": "VARCHAR",
                   "authenticationStepResultDetail": "VARCHAR", "succeeded": "BOOLEAN"}]'
            ),
            lambda step: step.succeeded
        ) as steps
    from sign_ins
    left join evidence.client_apps
        on lower(trim(split_part(sign_ins.client_app_used, ';', 1))) = client_apps.client_app
    where sign_ins.error_code = 0 and sign_ins.user_id <> ''
),

-- A claim: MFA that an earlier sign-in or somebody else's provider proved, brought along.
stepped as (
    select
        *,
        list_filter(
            steps,
            lambda step:
            lower(step.authenticationMethod) in ('previously satisfied', 'satisfied by token')
            or contains(lower(step.authenticationStepResultDetail), 'satisfied by claim')
        ) as claims
    from successes
),

proved as (
    select
        *,
        len(list_filter(
            steps,
            lambda step:
            lower(step.authenticationStepRequirement) = 'multifactor authentication'
            and not list_contains(claims, step)
        )) > 0 as is_mfa_step,
        is_multi or len(claims) > 0 as is_claim
    from stepped
)

select
    tenant_id,
    account_id,
    coalesce(bool_or(is_interactive), false) as has_success,
    coalesce(bool_or(is_interactive and is_mfa_step), false) as has_mfa_step,
    coalesce(bool_or(is_interactive and is_claim), false) as has_claim,
    coalesce(
        bool_or(
            coalesce(is_legacy, false)
            or (is_interactive and is_single and not coalesce(is_mfa_step, false) and not coalesce(is_claim, false))
        ),
        false
    ) as has_single_factor,
    coalesce(bool_or(is_legacy), false) as has_legacy_success,
    coalesce(bool_or(app_id = 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c'), false) as used_azure_portals,
    coalesce(
        bool_or(app_id in ('04b07795-8ddb-461a-bbee-02f9e1bf7b46', '1950a258-227b-4e31-a9cf-717495945fc2')), false
    ) as used_azure_cli,
    coalesce(bool_or(is_at_customer), false) as visited_customer
from proved
group by tenant_id, account_id
