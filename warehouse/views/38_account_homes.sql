-- One row per tenant_id, account_id that was seen signing in from another tenant. Which tenant it is at home in.
-- Nothing in a guest's own object says so. One that was seen from several homes is not here.
select
    sign_ins.tenant_id,  -- The tenant whose log it is.
    sign_ins.user_id as account_id,  -- Object id the account has there.
    lower(any_value(sign_ins.home_tenant_id)) as home_tenant_id  -- The tenant it comes from.
from recent_sign_ins as sign_ins
inner join judged_sources
    on sign_ins.tenant_id = judged_sources.tenant_id and judged_sources.sources['sign_ins'] = 'usable'
where
    sign_ins.user_id <> ''
    and sign_ins.home_tenant_id <> ''
    and lower(sign_ins.home_tenant_id) <> lower(sign_ins.tenant_id)
group by sign_ins.tenant_id, sign_ins.user_id
having count(distinct lower(sign_ins.home_tenant_id)) = 1
