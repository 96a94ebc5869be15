-- One row per tenant_id (a partner), resource_id (a customer of it). Whether a living GDAP relationship leads there.
-- Customers are those with a contract, with any relationship, or scanned as this partner's.
with
customers as (
    select
        tenant_id,
        customer_tenant_id,
        display_name as name
    from contracts
    union all
    select
        tenant_id,
        customer_tenant_id,
        customer_name as name
    from gdap_relationships
    union all
    select
        partner_id as tenant_id,
        tenant_id as customer_tenant_id,
        name
    from tenants
    where kind = 'customer'
),

relationships as (
    select
        tenant_id,
        customer_tenant_id,
        bool_or(
            status in ('approved', 'activating', 'active', 'expiring', 'terminationRequested', 'terminating')
        ) as is_living,
        -- A status that we do not know may be living.
        bool_or(
            status not in (
                'created', 'approvalPending', 'approved', 'activating', 'active', 'expiring', 'expired',
                'terminationRequested', 'terminating', 'terminated'
            )
        ) as is_unclear
    from gdap_relationships
    where customer_tenant_id <> ''
    group by tenant_id, customer_tenant_id
)

select
    customers.tenant_id,  -- The partner.
    'customer' as resource_type,  -- What is judged.
    customers.customer_tenant_id as resource_id,  -- The customer.
    coalesce(min(customers.name), customers.customer_tenant_id) as resource_name,  -- Its name, or its id.
    null::varchar as account_id,  -- Always null: no account is judged.
    case
        when bool_or(relationships.is_living) then true
        when bool_or(relationships.is_unclear) then null
        else false
    end as has_living_relationship  -- Whether one gives access now or is about to.
from customers
inner join tenants on customers.tenant_id = tenants.tenant_id and tenants.kind = 'partner'
left join relationships
    on
        customers.tenant_id = relationships.tenant_id
        and customers.customer_tenant_id = relationships.customer_tenant_id
where customers.customer_tenant_id <> ''
group by customers.tenant_id, customers.customer_tenant_id
