-- What would a partner mend once, and how many accounts would that cover?
-- One gap in a policy or one missing mechanism may leave hundreds of accounts open.
select
    tenants.name as partner,  -- The partner.
    coverage.cause_type,  -- What kind of thing is to be mended.
    coverage.cause_name,  -- The cause, with the names of the policies.
    count(*) as accounts,  -- Accounts it leaves open.
    count(*) filter (where coverage.is_admin) as administrators,  -- Administrators and agents among them.
    min(coverage.user_principal_name) as example  -- One of them.
from contract_coverage as coverage
inner join tenants on coverage.tenant_id = tenants.tenant_id
where not coverage.is_covered
group by all
order by administrators desc, accounts desc, partner, coverage.cause_name
