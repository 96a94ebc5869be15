-- One row per tenant_id, sign_in_id that succeeded in the window. What it shows of MFA; failures are no proof.
-- Non-interactive ones show nothing about MFA: they renew what an earlier sign-in proved.
with
-- A list of the few names, not a join: a query that asks for some sign-ins only drops the others before it costs.
clients as (
    select list(client_app) as legacy
    from evidence.client_apps
    where is_legacy
),

successes as (
    select
        sign_ins.tenant_id,
        sign_ins.sign_in_id,
        sign_ins.user_id as account_id,
        sign_ins.signed_in_at,
        sign_ins.app_display_name,
        sign_ins.resource_display_name,
        sign_ins.client_app_used,
        sign_ins.authentication_protocol,
        lower(sign_ins.app_id) as app_id,
        lower(sign_ins.resource_id) as resource_id,
        coalesce(sign_ins.is_interactive, true) as is_interactive,
        coalesce(sign_ins.authentication_requirement = 'multiFactorAuthentication', false) as is_multi,
        coalesce(sign_ins.authentication_requirement = 'singleFactorAuthentication', false) as is_single,
        coalesce(
            lower(sign_ins.authentication_protocol) = 'ropc'
            or list_contains(clients.legacy, lower(trim(split_part(sign_ins.client_app_used, ';', 1)))),
            false
        ) as is_legacy,
        sign_ins.authentication_details,
        -- Parsing costs: without these words there is no step that shows MFA. A sign of escaping may hide them.
        contains(lower(sign_ins.authentication_details), 'satisfied')
        or contains(lower(sign_ins.authentication_details), 'multifactor authentication')
        or contains(sign_ins.authentication_details, chr(92)) as is_telling
    from recent_sign_ins as sign_ins
    inner join judged_sources
        on sign_ins.tenant_id = judged_sources.tenant_id and judged_sources.sources['sign_ins'] = 'usable'
    cross join clients
    where sign_ins.error_code = 0 and sign_ins.user_id <> ''
),

parsed as (
    select
        *,
        case
            when is_telling
                then
                    from_json(
                        authentication_details,
                        '[{"authenticationMethod": "VARCHAR", "authenticationStepRequirement": "VARCHAR",
                           "authenticationStepResultDetail": "VARCHAR", "succeeded": "BOOLEAN"}]'
                    )
        end as telling_steps
    from successes
),

-- A claim is MFA that an earlier sign-in or somebody else's provider proved and this one brought along. A first factor
-- can be brought along, too: it proves nothing of MFA, nor its absence.
shown as (
    select
        *,
        list_transform(
            list_filter(coalesce(telling_steps, []), lambda step: step.succeeded),
            lambda step:
            case
                when contains(lower(step.authenticationStepResultDetail), 'mfa requirement satisfied') then 'claim'
                when
                    lower(step.authenticationMethod) in ('previously satisfied', 'satisfied by token')
                    then if(lower(step.authenticationStepRequirement) = 'multifactor authentication', 'claim', 'earlier')
                when lower(step.authenticationStepRequirement) = 'multifactor authentication' then 'mfa'
            end
        ) as shows
    from parsed
)

select
    tenant_id,  -- The tenant whose log it is.
    sign_in_id,  -- Id of the sign-in.
    account_id,  -- Object id of the account.
    signed_in_at,  -- When it began.
    app_id,  -- Client application, in lower case.
    app_display_name,  -- Name of the client application.
    resource_id,  -- Application signed in to, in lower case.
    resource_display_name,  -- Name of the application signed in to.
    client_app_used,  -- Browser, a modern client, or a legacy protocol.
    authentication_protocol,  -- oAuth2, ropc, deviceCode, saml20, ...
    is_interactive,  -- Whether the user answered a prompt.
    is_single,  -- Whether it got by with the stage of one factor, as Microsoft calls it; a claim does not show there.
    is_legacy,  -- Whether it was by a legacy client or with the password alone (ROPC).
    list_transform(
        list_filter(
            coalesce(
                from_json(authentication_details, '[{"authenticationMethod": "VARCHAR", "succeeded": "BOOLEAN"}]'), []
            ),
            lambda step: step.succeeded
        ),
        lambda step: step.authenticationMethod
    ) as methods,  -- What each step that succeeded was done with, as Microsoft names it.
    is_interactive and list_contains(shows, 'mfa') as did_mfa,  -- Whether MFA was done in it.
    is_interactive and (is_multi or list_contains(shows, 'claim'))
        as brought_claim,  -- Whether it was asked for MFA, or came with a claim of it.
    is_legacy or (is_interactive and is_single and not list_has_any(shows, ['mfa', 'claim', 'earlier']))
        as is_single_factor  -- Whether one factor was enough for it.
from shown
