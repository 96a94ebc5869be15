-- One row per tenant_id, group_id whose members are known: it exists, and the members of all groups were read whole.
-- A group that something names and that is not here was refused or is deleted; who is in it is unknown.
select
    groups.tenant_id,  -- The group's tenant.
    groups.group_id  -- Object id of the group.
from groups
inner join judged_sources
    on
        groups.tenant_id = judged_sources.tenant_id
        and judged_sources.sources['groups'] = 'usable'
        and judged_sources.sources['group_members'] = 'usable'
union
select
    group_members.tenant_id,
    group_members.group_id
from group_members
inner join judged_sources
    on group_members.tenant_id = judged_sources.tenant_id and judged_sources.sources['group_members'] = 'usable'
