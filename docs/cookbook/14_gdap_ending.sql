-- Which GDAP relationships end within 30 days and do not extend themselves?
select
    tenants.name as partner,  -- The partner.
    relationships.customer_name,  -- The customer.
    relationships.resource_name as relationship,  -- The relationship.
    relationships.end_at,  -- When it ends.
    relationships.days_left  -- Calendar days from the scan to the end.
from evidence.gdap_relationship as relationships
inner join tenants on relationships.tenant_id = tenants.tenant_id
where relationships.days_left <= 30 and not coalesce(relationships.extends_itself, false)
order by relationships.end_at, partner, relationships.customer_name
