-- Which guests are enabled, and what is known of their MFA?
-- A guest registers and proves MFA at home: here it counts only where the tenant trusts that home.
select
    tenants.name as tenant,  -- The tenant that invited them.
    users.user_principal_name,  -- Who.
    users.external_user_state,  -- Whether the invitation was accepted.
    verdicts.required,  -- Whether every sign-in of it is asked for MFA.
    verdicts.registered,  -- Whether it has a method to answer with.
    verdicts.proof,  -- Whether a sign-in showed it.
    coalesce(verdicts.customer_posture, verdicts.contract_verdict) as verdict  -- The verdict; of a customer's the posture.
from users
inner join tenants on users.tenant_id = tenants.tenant_id
inner join account_verdicts as verdicts on users.tenant_id = verdicts.tenant_id and users.user_id = verdicts.account_id
where users.user_type = 'Guest' and users.is_enabled
order by tenant, users.user_principal_name
