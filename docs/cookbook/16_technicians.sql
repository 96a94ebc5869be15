-- Which technicians of a partner reach most customers, and do they do MFA?
select
    tenants.name as partner,  -- The partner.
    verdicts.user_principal_name,  -- The technician.
    count(distinct delegated.customer_tenant_id) as customers,  -- Customers that GDAP opens to it.
    count(distinct delegated.template_id) as roles,  -- Roles it has there.
    verdicts.contract_verdict,  -- Its verdict at home.
    verdicts.proof  -- Whether a sign-in showed MFA.
from delegated_roles as delegated
inner join tenants on delegated.tenant_id = tenants.tenant_id
inner join account_verdicts as verdicts
    on delegated.tenant_id = verdicts.tenant_id and delegated.account_id = verdicts.account_id
group by partner, verdicts.user_principal_name, verdicts.contract_verdict, verdicts.proof
order by customers desc, roles desc, partner, verdicts.user_principal_name
