-- Who owes MFA and cannot be shown to do it?
-- The contract covers these accounts. Each is at risk, not compliant, or nobody can tell; the worst come first.
select
    tenants.name as tenant,  -- The partner.
    verdicts.user_principal_name,  -- Who.
    verdicts.contract_verdict,  -- non_compliant, at_risk or indeterminate.
    verdicts.severity,  -- high for administrators, agents and break-glass accounts.
    verdicts.reasons,  -- Why, as codes.
    verdicts.counterexample  -- A sign-in that nothing asks for MFA; null if there is none.
from account_verdicts as verdicts
inner join tenants on verdicts.tenant_id = tenants.tenant_id
where verdicts.contract_verdict in ('non_compliant', 'at_risk', 'indeterminate')
order by
    list_position(['non_compliant', 'at_risk', 'indeterminate'], verdicts.contract_verdict),
    verdicts.severity,
    tenant,
    verdicts.user_principal_name
