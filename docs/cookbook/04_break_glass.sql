-- Which accounts look like break-glass accounts, and does anything protect them?
-- What an account seems to be is advice: nobody is left out of any count for it.
select
    tenants.name as tenant,  -- The tenant.
    verdicts.user_principal_name,  -- Who.
    verdicts.class_source,  -- What says so: employeeType, or the name, the weakest.
    verdicts.is_admin,  -- Whether it holds a role of an administrator.
    verdicts.required,  -- Whether every sign-in of it is asked for MFA.
    verdicts.registered,  -- Whether it has a method to answer with.
    verdicts.protected_by  -- What asks it for MFA.
from account_verdicts as verdicts
inner join tenants on verdicts.tenant_id = tenants.tenant_id
where verdicts.account_class = 'break_glass'
order by tenant, verdicts.user_principal_name
