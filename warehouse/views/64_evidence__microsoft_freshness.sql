-- One row per tenant_id, resource_id (a partner whose security score was read). How old Microsoft's own numbers are.
select
    scores.tenant_id,  -- The partner.
    'tenant' as resource_type,  -- What is judged.
    scores.tenant_id as resource_id,  -- The partner.
    any_value(tenants.name) as resource_name,  -- Name of the partner.
    null::varchar as account_id,  -- Always null: no account is judged.
    max(scores.refreshed_at) as refreshed_at,
    date_diff('hour', max(scores.refreshed_at), any_value(clock.as_of))
        as age_hours  -- Hours from Microsoft's last look to the scan; null if it does not say when that was.
from partner_security_score as scores
inner join tenants on scores.tenant_id = tenants.tenant_id
inner join clock on true
group by scores.tenant_id
