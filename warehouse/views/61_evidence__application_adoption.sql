-- One row per tenant_id (a partner), resource_id (an application that called Partner Center for users in the last seven days). How many of its calls proved MFA.
select
    adoption.tenant_id,  -- The partner.
    'application' as resource_type,  -- What is judged.
    lower(adoption.application_id) as resource_id,  -- Id of the application.
    coalesce(max(nullif(adoption.application_name, '')), lower(adoption.application_id)) as resource_name,  -- Its name, or its id.
    null::varchar as account_id,  -- Always null: no account is judged.
    sum(adoption.total_requests)::bigint as calls,  -- Calls for users.
    sum(adoption.mfa_compliant_requests)::bigint as calls_with_mfa,  -- Those whose token proved MFA.
    case
        when bool_or(adoption.mfa_compliant_requests < adoption.total_requests) then false
        when bool_and(adoption.mfa_compliant_requests >= adoption.total_requests) then true
    end as proves_mfa,  -- Whether all did; null if a number is missing.
    max(adoption.login_date) as last_day  -- The last day it called.
from application_mfa_adoption as adoption
semi join tenants on adoption.tenant_id = tenants.tenant_id
inner join clock on true
where
    coalesce(try_cast(left(adoption.login_date, 10) as date) >= (clock.as_of - interval 7 days)::date, true)
group by adoption.tenant_id, lower(adoption.application_id)
