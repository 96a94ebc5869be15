-- What is accepted, until when and by whom, and which waivers need a hand?
select
    coalesce(tenants.name, waivers.tenant_id) as tenant,  -- The tenant, or its id where no scan has seen it.
    waivers.rule_id,  -- The rule that is accepted to be broken.
    waivers.state,  -- active, pending, expired, unused or broken.
    waivers.ends_on,  -- Its last day.
    waivers.approver,  -- Who accepted it.
    waivers.owner,  -- Who answers for it.
    waivers.covers,  -- Things that break the rule and that it covers.
    waivers.problem  -- What is wrong and what to do; empty if nothing is.
from waivers
left join tenants on waivers.tenant_id = tenants.tenant_id
order by waivers.state <> 'broken', waivers.ends_on, tenant, waivers.rule_id
