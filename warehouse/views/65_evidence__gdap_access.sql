-- One row per tenant_id (a partner), resource_id (a living GDAP relationship). How much it holds, and how much of that a group uses.
-- Those of evidence.gdap_relationship. Where the status is one that we do not know, what living alone would settle is null.
with
-- Short of Global Administrator, what makes itself or somebody else one: it resets that one's password, gives the role,
-- signs in as an application that has it, or lets another provider sign people in.
powerful as (
    select *
    from (
        values
        ('e8611ab8-c189-46e8-94e1-60213ab1f814', 'Privileged Role Administrator'),
        ('7be44c8a-adaf-4e2a-84d6-ab2649e08a13', 'Privileged Authentication Administrator'),
        ('e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8', 'Partner Tier2 Support'),
        ('9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3', 'Application Administrator'),
        ('158c047a-c907-4556-b7ef-446551a6b5f7', 'Cloud Application Administrator'),
        ('8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2', 'Hybrid Identity Administrator')
    ) as known (template_id, name)
),

names as (
    select map(list(template_id), list(name)) as names
    from powerful
),

-- What is told of its roles, and whether that is all.
held as (
    select
        tenant_id,
        relationship_id,
        list_distinct(list_transform(
            json_extract_string(roles, '$[*].roleDefinitionId'), lambda role: lower(role)
        )) as told_ids,
        json_type(roles) = 'ARRAY'
        and len(json_extract_string(roles, '$[*].roleDefinitionId')) = json_array_length(roles) as is_whole
    from gdap_relationships
    where status not in ('created', 'approvalPending', 'expired', 'terminated')
),

-- One that is about to give access is meant to be used, too.
given as (
    select
        tenant_id,
        relationship_id,
        count(*) as assignments,
        bool_or(json_type(roles) is distinct from 'ARRAY') as has_unclear_roles,
        flatten(list(list_transform(
            json_extract_string(roles, '$[*].roleDefinitionId'), lambda role: lower(role)
        ))) as role_ids
    from gdap_assignments
    where status in ('active', 'pending')
    group by tenant_id, relationship_id
),

judged as (
    select
        relationships.*,
        if(held.is_whole, held.told_ids, null) as role_ids,
        list_sort(list_filter(
            list_transform(held.told_ids, lambda role: names.names[role]), lambda name: name is not null
        )) as powerful,
        held.is_whole,
        coalesce(given.assignments, 0) as assignments,
        coalesce(given.has_unclear_roles, false) as has_unclear_roles,
        coalesce(given.role_ids, []) as given_ids,
        case
            when relationships.status in ('active', 'expiring', 'terminationRequested') then true
            when relationships.status in ('approved', 'activating', 'terminating') then false
        end as gives_access
    from evidence.gdap_relationship as relationships
    inner join held
        on relationships.tenant_id = held.tenant_id and relationships.resource_id = held.relationship_id
    left join given
        on relationships.tenant_id = given.tenant_id and relationships.resource_id = given.relationship_id
    inner join names on true
)

select
    tenant_id,  -- The partner.
    'gdap_relationship' as resource_type,  -- What is judged.
    resource_id,  -- Id of the relationship.
    resource_name,  -- Its name, or its id.
    null::varchar as account_id,  -- Always null: no account is judged.
    customer_tenant_id,  -- The customer.
    customer_name,  -- Name of the customer.
    status,  -- Its status, as Graph gives it.
    gives_access,  -- Whether it gives access now, to whom a role is assigned; null if the status is a new one.
    case
        when gives_access is not null then len(role_ids)
    end as role_count,  -- How many roles it may grant.
    case
        when gives_access is not null and (is_whole or len(powerful) > 0)
            then coalesce(nullif(array_to_string(powerful, ', '), ''), 'none')
    end as powerful_roles,  -- Names of those that lead to Global Administrator, which is not among them; or none.
    case
        when gives_access is not null and (is_whole or len(powerful) > 0) then len(powerful)
    end as powerful_role_count,  -- How many those are, or are known to be.
    case when gives_access is not null then assignments end as assignment_count,  -- How many groups it gives roles to.
    case
        when gives_access is null then null
        -- Nothing is used where nobody has access: that is told by the number of assignments.
        when not gives_access or assignments = 0 then 0
        when not has_unclear_roles
            then len(list_filter(role_ids, lambda role: not list_contains(given_ids, role)))
    end as unused_role_count,  -- How many roles no group has, of one that gives access to some group.
    case
        when not starts_with(resource_name, 'MLT_') then false
        when gives_access is not null then true
    end as is_microsoft_led  -- Whether it is one that Microsoft made in place of full administrator rights.
from judged
