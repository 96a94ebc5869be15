-- One row per tenant_id (a partner), resource_id (a living GDAP relationship). What it holds and when it ends.
-- Living: it gives access now or is about to. Offers (created, approvalPending) and what is over (expired, terminated)
-- are not here; a status that we do not know is, with every state unknown that living alone would settle.
with
relationships as (
    select
        *,
        status in ('approved', 'activating', 'active', 'expiring', 'terminationRequested', 'terminating') as is_living,
        -- Null unless every role is told.
        case
            when json_type(roles) <> 'ARRAY' then null
            when list_contains(
                list_transform(json_extract_string(roles, '$[*].roleDefinitionId'), lambda role: lower(role)),
                '62e90394-69f5-4237-9190-012177145e10'
            ) then true
            when len(json_extract_string(roles, '$[*].roleDefinitionId')) = json_array_length(roles) then false
        end as names_global_admin
    from gdap_relationships
    where status not in ('created', 'approvalPending', 'expired', 'terminated')
)

select
    relationships.tenant_id,  -- The partner.
    'gdap_relationship' as resource_type,  -- What is judged.
    relationships.relationship_id as resource_id,  -- Id of the relationship.
    coalesce(relationships.display_name, relationships.relationship_id) as resource_name,  -- Its name, or its id.
    null::varchar as account_id,  -- Always null: no account is judged.
    relationships.customer_tenant_id,  -- The customer.
    relationships.customer_name,  -- Name of the customer.
    relationships.status,  -- Its status, as Graph gives it.
    case
        when not relationships.names_global_admin then false
        when relationships.is_living then relationships.names_global_admin
    end as has_global_admin,  -- Whether it may grant Global Administrator.
    case
        when not relationships.is_living then null
        when relationships.auto_extend_duration = 'P180D' then true
        when coalesce(relationships.auto_extend_duration, '') in ('', 'PT0S', 'P0D') then false
    end as extends_itself,  -- Whether it goes on by itself when it ends.
    relationships.end_at,  -- When it ends.
    case
        when relationships.is_living then date_diff('day', clock.as_of, relationships.end_at)
    end as days_left  -- Calendar days from the scan to the end.
from relationships
semi join tenants on relationships.tenant_id = tenants.tenant_id
inner join clock on true
