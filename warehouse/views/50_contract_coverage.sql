-- One row per tenant_id, account_id that the partner contract speaks of. Whether it is covered, in which population it counts, and what an operator would mend once for everybody whom it leaves open.
-- Each account is in one population: an emergency account that is an administrator, too, is the first of the two.
select
    tenant_id,  -- The partner.
    account_id,
    user_principal_name,
    population,
    is_admin,
    verdict as contract_verdict,  -- compliant, at_risk, non_compliant or indeterminate.
    is_covered,
    reasons,
    counterexample,
    cause_type,
    cause_id,
    cause_name
from account_coverage
where contract_scope = 'in_scope'
