-- Where do Microsoft's numbers and ours differ, and why?
-- Statuses are numbers, too: 1 is on, 0 is off. Nobody is judged by Microsoft's numbers.
select
    coalesce(tenants.name, differences.tenant_id) as tenant,  -- Whom the number is about.
    differences.figure,  -- Microsoft's report, and what it calls the number.
    differences.microsoft,  -- Microsoft's number.
    differences.ours,  -- Ours.
    differences.difference,  -- Ours less Microsoft's.
    differences.likely_cause  -- In a sentence.
from reconciliation as differences
left join tenants on differences.tenant_id = tenants.tenant_id
where differences.difference <> 0
order by abs(differences.difference) desc, tenant, differences.figure
