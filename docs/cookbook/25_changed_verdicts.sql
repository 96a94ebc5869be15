-- Which accounts have another verdict than in the scan before?
-- An account that is new, or that was not judged then, has no verdict before.
with
judged as (
    select
        tenant_id,
        account_id,
        scanned_at,
        user_principal_name,
        coalesce(customer_posture, contract_verdict) as verdict,
        lag(coalesce(customer_posture, contract_verdict)) over (
            partition by tenant_id, account_id order by scanned_at
        ) as before
    from account_verdict_history
)

select
    tenants.name as tenant,  -- The tenant.
    judged.user_principal_name,  -- Who.
    judged.before,  -- Its verdict in the scan before; null if it had none.
    judged.verdict  -- Its verdict now; of a customer's the posture.
from judged
inner join tenants on judged.tenant_id = tenants.tenant_id
inner join clock on judged.scanned_at = clock.as_of
where judged.verdict is distinct from judged.before
order by tenant, judged.user_principal_name
