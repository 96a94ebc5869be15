-- One row per tenant_id (a partner), resource_id (a total that Microsoft gives of it or of a customer). Whether ours is close to it: within two, or within a twentieth.
select
    reconciliation.told_by as tenant_id,  -- The partner that was asked.
    'figure' as resource_type,  -- What is judged.
    concat(reconciliation.tenant_id, ' ', reconciliation.figure) as resource_id,  -- The tenant it is about, and the number.
    concat(reconciliation.figure, ' of ', coalesce(tenants.name, reconciliation.tenant_id))
        as resource_name,  -- The number, and the name of the tenant.
    null::varchar as account_id,  -- Always null: no account is judged.
    reconciliation.microsoft,
    reconciliation.ours,
    reconciliation.difference,
    reconciliation.likely_cause,
    abs(reconciliation.difference) <= greatest(2, 0.05 * greatest(reconciliation.ours, reconciliation.microsoft))
        as is_close  -- Whether they agree but for what a day brings; null where ours is unknown.
from reconciliation
left join tenants on reconciliation.tenant_id = tenants.tenant_id
where
    reconciliation.counts in ('users', 'admins', 'customers')
    and starts_with(reconciliation.figure, 'securityScore/')
