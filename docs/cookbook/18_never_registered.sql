-- Who can sign in and has registered nothing good for MFA?
select
    tenants.name as tenant,  -- The tenant.
    registrations.resource_name as user_principal_name,  -- Who.
    registrations.user_type,  -- Member or Guest.
    registrations.report_updated_at  -- When the registration report's row was made.
from evidence.mfa_registration as registrations
inner join tenants on registrations.tenant_id = tenants.tenant_id
where registrations.registration = 'none' and registrations.is_enabled
order by tenant, user_principal_name
