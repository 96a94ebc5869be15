-- One row per tenant_id, resource_id (a column that takes words from a list). Which words in it are not known here.
-- Microsoft adds words to its lists. What rests on one that is not known is judged as unknown, never as a pass.
with
words as (
    select
        tenant_id,
        'users.user_type' as place,
        user_type as word
    from users
    where user_type <> ''
    union
    select
        tenant_id,
        'conditional_access_policies.state' as place,
        state as word
    from conditional_access_policies
    union
    select
        tenant_id,
        'conditional_access_policies.grant_controls' as place,
        unnest(json_extract_string(grant_controls, '$.builtInControls[*]')) as word
    from conditional_access_policies
    where state <> 'disabled'
    union
    select
        tenant_id,
        'conditional_access_policies.conditions' as place,
        unnest(json_extract_string(conditions, '$.clientAppTypes[*]')) as word
    from conditional_access_policies
    where state <> 'disabled'
    union
    select
        tenant_id,
        'per_user_mfa.per_user_mfa_state' as place,
        per_user_mfa_state as word
    from per_user_mfa
    union
    select
        tenant_id,
        'gdap_relationships.status' as place,
        status as word
    from gdap_relationships
    union
    select
        tenant_id,
        'partner_security_requirements.compliance_status' as place,
        compliance_status as word
    from partner_security_requirements
    union
    select
        tenant_id,
        'partner_security_requirements.requirement_type' as place,
        requirement_type as word
    from partner_security_requirements
    union
    select
        tenant_id,
        'sign_ins.authentication_requirement' as place,
        authentication_requirement as word
    from recent_sign_ins
    union
    select
        tenant_id,
        'sign_ins.cross_tenant_access_type' as place,
        cross_tenant_access_type as word
    from recent_sign_ins
),

known as (
    select *
    from (
        values
        ('users.user_type', ['member', 'guest']),
        ('conditional_access_policies.state', ['enabled', 'disabled', 'enabledforreportingbutnotenforced']),
        (
            'conditional_access_policies.grant_controls',
            [
                'block', 'mfa', 'compliantdevice', 'domainjoineddevice', 'approvedapplication', 'compliantapplication',
                'passwordchange', 'riskremediation'
            ]
        ),
        (
            'conditional_access_policies.conditions',
            ['all', 'browser', 'mobileappsanddesktopclients', 'exchangeactivesync', 'eassupported', 'other']
        ),
        ('per_user_mfa.per_user_mfa_state', ['disabled', 'enabled', 'enforced']),
        (
            'gdap_relationships.status',
            [
                'created', 'approvalpending', 'approved', 'activating', 'active', 'expiring', 'expired',
                'terminationrequested', 'terminating', 'terminated'
            ]
        ),
        ('partner_security_requirements.compliance_status', ['compliant', 'noncompliant', 'noncomplaint']),
        (
            'partner_security_requirements.requirement_type',
            [
                'mfaenforcedforadmins', 'mfaenforcedforadminsofcustomers', 'securityalertspromptlyresolved',
                'securitycontactprovided', 'spendingbudgetsetforcustomerazuresubscriptions'
            ]
        ),
        ('sign_ins.authentication_requirement', ['singlefactorauthentication', 'multifactorauthentication']),
        (
            'sign_ins.cross_tenant_access_type',
            ['none', 'b2bcollaboration', 'b2bdirectconnect', 'microsoftsupport', 'serviceprovider', 'passthrough']
        )
    ) as lists (place, known)
)

select
    words.tenant_id,  -- The tenant.
    'column' as resource_type,  -- What is judged.
    words.place as resource_id,  -- The table and its column.
    words.place as resource_name,  -- The same.
    null::varchar as account_id,  -- Always null: no account is judged.
    list_sort(list(distinct words.word)) as words,  -- What stands there.
    coalesce(
        list_sort(list(distinct words.word) filter (where not list_contains(known.known, lower(words.word)))), []
    ) as unknown_words,  -- What of it is not known here.
    bool_and(list_contains(known.known, lower(words.word))) as is_known  -- Whether all of it is.
from words
semi join tenants on words.tenant_id = tenants.tenant_id
inner join known on words.place = known.place
where words.word is not null and words.word <> ''
group by words.tenant_id, words.place
