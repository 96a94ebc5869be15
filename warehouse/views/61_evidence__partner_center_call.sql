-- One row per tenant_id (a partner), resource_id (an application and the user it called Partner Center for in the last seven days). Whether the tokens proved MFA.
-- The list ends at the newest 10,000 calls. Calls that an application makes for itself are not here: no user signs in for them.
with
names as (
    select
        tenant_id,
        lower(application_id) as application_id,
        max(nullif(application_name, '')) as application_name
    from application_mfa_adoption
    group by tenant_id, lower(application_id)
)

select
    calls.tenant_id,  -- The partner.
    'integration' as resource_type,  -- What is judged.
    concat(lower(coalesce(calls.application_id, '')), ' ', lower(calls.user_id)) as resource_id,  -- Ids of the application and of the user.
    concat(
        coalesce(max(names.application_name), lower(coalesce(calls.application_id, 'an application'))),
        ' for ',
        coalesce(max(nullif(calls.user_principal_name, '')), lower(calls.user_id))
    ) as resource_name,  -- The application, and the name the user signs in with.
    lower(calls.user_id) as account_id,  -- Object id of the user.
    bool_and(calls.is_mfa_compliant) as proves_mfa,  -- Whether the token of every call proved MFA.
    count(*) as calls,  -- How many.
    count(*) filter (where not calls.is_mfa_compliant) as calls_without_mfa,  -- How many of them without MFA.
    max(calls.requested_at) filter (where not calls.is_mfa_compliant) as last_without_mfa_at,  -- When the last of those was.
    'application' as cause_type,  -- An application gets its tokens in one way for all its users.
    lower(coalesce(calls.application_id, '')) as cause_id,  -- Id of the application.
    coalesce(max(names.application_name), lower(coalesce(calls.application_id, 'an application')))
        as cause_name  -- Its name, or its id.
from partner_requests as calls
semi join tenants on calls.tenant_id = tenants.tenant_id
inner join clock on true
left join names on calls.tenant_id = names.tenant_id and lower(calls.application_id) = names.application_id
where
    calls.user_id <> ''
    and (calls.requested_at is null or calls.requested_at >= clock.as_of - interval 7 days)
group by calls.tenant_id, lower(coalesce(calls.application_id, '')), lower(coalesce(calls.application_id, 'an application')), lower(calls.user_id)
