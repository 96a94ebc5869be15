-- One row per tenant_id, resource_id (an account that can sign in). Which kinds of method it has registered.
-- As it was judged: who is disabled or synchronizes the directory is not here. Where nothing tells of somebody, nothing is known.
with
judged as (
    select
        account_verdicts.tenant_id,
        account_verdicts.account_id,
        account_verdicts.user_principal_name,
        account_verdicts.is_admin,
        account_verdicts.registered,
        -- Whether it can sign in at all is not certain: it counts for nothing that would have to be mended.
        not list_contains(account_verdicts.reasons, 'SOURCE_UNAVAILABLE(users.accountEnabled,missing)') as is_certain,
        registrations.methods,
        list_filter(
            registrations.methods, lambda method: not starts_with(method, 'temporaryAccessPass')
        ) as lasting
    from account_verdicts
    left join registrations
        on
            account_verdicts.tenant_id = registrations.tenant_id
            and account_verdicts.account_id = registrations.account_id
    where coalesce(account_verdicts.customer_posture, account_verdicts.contract_verdict) <> 'not_applicable'
)

select
    tenant_id,  -- Tenant the account belongs to.
    'account' as resource_type,  -- What is judged.
    account_id as resource_id,  -- Object id of the account.
    user_principal_name as resource_name,  -- Name the account signs in with.
    account_id,  -- Object id of the account.
    is_admin,  -- Whether it holds or may activate a directory role, or is an agent in Partner Center; null if unknown.
    registered,  -- capable, weak_only, registered_not_allowed, none, external_unknown or unknown.
    case
        when registered in ('capable', 'weak_only') then true
        when registered in ('registered_not_allowed', 'none') and is_certain then false
    end as is_capable,  -- Whether it has a method for MFA that it may use; null if a provider elsewhere does its MFA.
    case
        when registered = 'weak_only' then if(is_certain, true, null)
        when registered not in ('unknown', 'external_unknown') then false
    end as has_only_phone,  -- Whether calls and text messages are all it can answer with.
    case
        when methods is null then null
        when len(methods) = len(lasting) then false
        when len(lasting) = 0 then false
        when is_certain then true
    end as has_spare_pass,  -- Whether a Temporary Access Pass is left beside methods that last.
    case
        when
            list_has_any(
                methods,
                [
                    'fido2SecurityKey', 'passKeyDeviceBound', 'passKeyDeviceBoundAuthenticator',
                    'passKeyDeviceBoundWindowsHello', 'passKeySynced', 'windowsHelloForBusiness',
                    'macOsSecureEnclaveKey', 'x509Certificate', 'x509CertificateMultiFactor'
                ]
            )
            then true
        -- A method whose name is new may be one.
        when
            is_certain
            and registered not in ('unknown', 'external_unknown')
            and len(list_filter(
                methods,
                lambda method: method not in (
                    'mobilePhone', 'alternateMobilePhone', 'officePhone', 'microsoftAuthenticatorPush',
                    'microsoftAuthenticatorPasswordless', 'softwareOneTimePasscode', 'hardwareOneTimePasscode',
                    'temporaryAccessPass', 'temporaryAccessPassOneTime', 'temporaryAccessPassMultiUse', 'qrCode',
                    'x509CertificateSingleFactor'
                )
            )) = 0
            then false
    end as has_phishing_resistant,  -- Whether one withstands phishing: a passkey, Windows Hello, a certificate.
    coalesce(methods, []) as methods  -- What is registered for sign-in, as the report names it.
from judged
