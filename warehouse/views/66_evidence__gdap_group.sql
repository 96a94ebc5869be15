-- One row per tenant_id (a partner), resource_id (a group to which a living GDAP relationship gives roles). Whether it is there, and how full.
with
given as (
    select
        assignments.tenant_id,
        assignments.group_id,
        count(distinct assignments.relationship_id) as relationships,
        count(distinct coalesce(relationships.customer_tenant_id, assignments.relationship_id)) as customers
    from gdap_assignments as assignments
    inner join gdap_relationships as relationships
        on
            assignments.tenant_id = relationships.tenant_id
            and assignments.relationship_id = relationships.relationship_id
    where
        assignments.status in ('active', 'pending')
        and assignments.group_id <> ''
        and relationships.status not in ('created', 'approvalPending', 'expired', 'terminated')
    group by assignments.tenant_id, assignments.group_id
),

members as (
    select
        tenant_id,
        group_id,
        count(*) as people
    from group_members
    where member_type = '#microsoft.graph.user'
    group by tenant_id, group_id
),

counted as (
    select
        given.*,
        groups.group_id is not null as exists_still,
        groups.display_name,
        case when groups.group_id is not null then coalesce(members.people, 0) end as people
    from given
    semi join tenants on given.tenant_id = tenants.tenant_id
    left join groups on given.tenant_id = groups.tenant_id and given.group_id = groups.group_id
    left join members on given.tenant_id = members.tenant_id and given.group_id = members.group_id
)

select
    tenant_id,  -- The partner.
    'group' as resource_type,  -- What is judged.
    group_id as resource_id,  -- Object id of the group.
    coalesce(nullif(display_name, ''), group_id) as resource_name,  -- Its name, or its id.
    null::varchar as account_id,  -- Always null: no account is judged.
    exists_still,  -- Whether the group exists; what a deleted one was given is left behind.
    people as member_count,  -- How many users are in it, however deeply nested; null if it does not exist.
    case
        when not exists_still then 'does not exist any more'
        when people = 0 then 'has no members'
        else concat('has members: ', people)
    end as state,  -- The same in words.
    relationships as relationship_count,  -- How many living relationships give it roles.
    customers as customer_count  -- In how many customers.
from counted
