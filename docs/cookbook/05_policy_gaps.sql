-- Which gap in the policies affects how many accounts?
-- A counterexample is one sign-in that no policy asks for MFA. Accounts with the same one share the gap.
select
    tenants.name as tenant,  -- The tenant.
    verdicts.counterexample,  -- The sign-in, in words.
    count(*) as accounts,  -- How many accounts could make it.
    count(*) filter (where verdicts.is_admin) as administrators  -- How many of them are administrators.
from account_verdicts as verdicts
inner join tenants on verdicts.tenant_id = tenants.tenant_id
where verdicts.counterexample is not null
group by tenant, verdicts.counterexample
order by accounts desc, tenant, verdicts.counterexample
