-- Which accounts have another verdict than in the scan before?
-- An account that is new has no verdict before, one that is gone has none now. For any two scans write their times, such
-- as timestamp '2026-11-23 02:00', in the place of the two of moments.
with
moments as (
    select
        scanned_at as later,
        lag(scanned_at) over (order by scanned_at) as earlier
    from recordings
    where history = 'account_verdict_history'
    qualify row_number() over (order by scanned_at desc) = 1
),

compared as (
    select
        history.tenant_id,
        history.account_id,
        arg_max(history.user_principal_name, history.valid_from) as user_principal_name,
        any_value(coalesce(history.customer_posture, history.contract_verdict)) filter (
            history.valid_from <= moments.earlier and coalesce(history.valid_until > moments.earlier, true)
        ) as before,
        any_value(coalesce(history.customer_posture, history.contract_verdict)) filter (
            history.valid_from <= moments.later and coalesce(history.valid_until > moments.later, true)
        ) as verdict
    from account_verdict_history as history
    cross join moments
    where history.valid_from <= moments.later and coalesce(history.valid_until > moments.earlier, true)
    group by history.tenant_id, history.account_id
)

select
    tenants.name as tenant,  -- The tenant.
    compared.user_principal_name,  -- Who.
    compared.before,  -- Its verdict in the scan before; null if it had none.
    compared.verdict  -- Its verdict now, of a customer's the posture; null if it is gone.
from compared
inner join tenants on compared.tenant_id = tenants.tenant_id
where compared.verdict is distinct from compared.before
order by tenant, compared.user_principal_name
