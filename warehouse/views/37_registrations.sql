-- One row per tenant_id, account_id of whom something tells what is registered: the report, or where Microsoft denies it for want of a licence, the account's own list of methods.
-- Neither has a row of everybody. Who is not here is unknown: a report omits people, and not everybody's list is asked for.
with
reported as (
    select
        authentication_methods.tenant_id,
        authentication_methods.user_id as account_id,
        'authentication_methods' as dataset,
        authentication_methods.is_mfa_registered,
        authentication_methods.is_mfa_capable,
        authentication_methods.methods_registered as methods
    from authentication_methods
    inner join judged_sources
        on
            authentication_methods.tenant_id = judged_sources.tenant_id
            and judged_sources.sources['authentication_methods'] = 'usable'
),

-- What the tenant lets everybody use. For whom a method is on that only some may use cannot be told from here; nor what
-- the older settings of MFA allow, which nobody can read.
allowed as (
    select
        policies.tenant_id,
        list(distinct lower(policies.configuration.id)) as settings
    from (
        select
            authentication_methods_policy.tenant_id,
            unnest(from_json(
                authentication_methods_policy.authentication_method_configurations,
                '[{"id": "VARCHAR", "state": "VARCHAR", "includeTargets": "JSON", "excludeTargets": "JSON"}]'
            )) as configuration
        from authentication_methods_policy
        inner join judged_sources
            on
                authentication_methods_policy.tenant_id = judged_sources.tenant_id
                and judged_sources.sources['authentication_methods_policy'] = 'usable'
    ) as policies
    where
        policies.configuration.state = 'enabled'
        and list_contains(json_extract_string(policies.configuration.includeTargets, '$[*].id'), 'all_users')
        and coalesce(json_array_length(policies.configuration.excludeTargets), 0) = 0
    group by policies.tenant_id
),

listed as (
    select
        registered_methods.tenant_id,
        registered_methods.user_id,
        registered_methods.method_type,
        regexp_extract(registered_methods.method_type, 'graph\.(\w+)AuthenticationMethod$', 1) as kind,
        registered_methods.phone_type,
        coalesce(allowed.settings, []) as settings
    from registered_methods
    inner join judged_sources
        on
            registered_methods.tenant_id = judged_sources.tenant_id
            and judged_sources.sources['authentication_methods'] = 'not_licensed'
            and judged_sources.sources['registered_methods'] = 'usable'
    left join allowed on registered_methods.tenant_id = allowed.tenant_id
),

-- What the report calls each, whether it answers for MFA, and which settings allow it; some need none.
kinds as (
    select *
    from (
        values
        ('password', null, 'password', false, []),
        ('email', null, 'email', false, []),
        ('securityQuestion', null, 'securityQuestion', false, []),
        ('qrCodePin', null, 'qrCode', false, []),
        ('external', null, 'externalAuthMethod', false, []),
        ('phone', 'mobile', 'mobilePhone', true, ['sms', 'voice']),
        ('phone', 'alternateMobile', 'alternateMobilePhone', true, ['voice']),
        ('phone', 'office', 'officePhone', true, ['voice']),
        ('microsoftAuthenticator', null, 'microsoftAuthenticatorPush', true, ['microsoftauthenticator']),
        (
            'passwordlessMicrosoftAuthenticator', null, 'microsoftAuthenticatorPasswordless', true,
            ['microsoftauthenticator']
        ),
        ('softwareOath', null, 'softwareOneTimePasscode', true, ['softwareoath']),
        ('hardwareOath', null, 'hardwareOneTimePasscode', true, ['hardwareoath']),
        ('fido2', null, 'fido2SecurityKey', true, ['fido2']),
        ('temporaryAccessPass', null, 'temporaryAccessPass', true, ['temporaryaccesspass']),
        ('windowsHelloForBusiness', null, 'windowsHelloForBusiness', true, []),
        ('platformCredential', null, 'macOsSecureEnclaveKey', true, [])
    ) as known (kind, phone_type, method, is_mfa, settings)
),

named as (
    select
        listed.tenant_id,
        listed.user_id,
        coalesce(kinds.method, listed.method_type) as method,
        kinds.is_mfa,
        kinds.is_mfa and (len(kinds.settings) = 0 or list_has_any(kinds.settings, listed.settings)) as is_allowed
    from listed
    left join kinds
        on listed.kind = kinds.kind and (kinds.phone_type is null or listed.phone_type = kinds.phone_type)
),

asked as (
    select
        tenant_id,
        user_id as account_id,
        'registered_methods' as dataset,
        -- A kind of method that is not known may answer for MFA or not.
        case
            when bool_or(is_mfa) then true
            when bool_and(is_mfa is not null) then false
        end as is_mfa_registered,
        case
            when bool_or(is_allowed) then true
            when bool_and(is_mfa is not null and not is_mfa) then false
        end as is_mfa_capable,
        list(distinct method) filter (where method is not null) as methods
    from named
    group by tenant_id, user_id
),

told as (
    select * from reported
    union all by name
    select * from asked
)

select
    tenant_id,  -- The account's tenant.
    account_id,  -- Object id of the account.
    dataset,  -- Which dataset tells: authentication_methods or registered_methods.
    is_mfa_registered,  -- Whether a method good for MFA is registered; null if a method's kind is not known.
    is_mfa_capable,  -- Whether such a method is allowed, too; null if that is not certain.
    list_sort(list_filter(methods, lambda method: method not in ('password', 'email', 'securityQuestion')))
        as methods  -- What is registered, as the report names it, without what is for password reset alone.
from told
