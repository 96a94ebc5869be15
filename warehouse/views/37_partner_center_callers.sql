-- One row per tenant_id (a partner), account_id in whose name an application called Partner Center in the last seven days, as Partner Center reports it.
-- Who is not here may have called as well: the report ends at 10,000 calls, and only a user can read it.
select
    partner_requests.tenant_id,  -- The partner.
    lower(partner_requests.user_id) as account_id,  -- Object id of the account, in lower case.
    coalesce(bool_or(not partner_requests.is_mfa_compliant), false)
        as called_without_mfa  -- Whether the token of a call proved no MFA.
from partner_requests
inner join judged_sources
    on
        partner_requests.tenant_id = judged_sources.tenant_id
        and judged_sources.sources['partner_requests'] = 'usable'
where
    partner_requests.user_id <> ''
    -- Of somebody else's tenant it would be somebody else.
    and lower(coalesce(nullif(partner_requests.user_tenant_id, ''), partner_requests.tenant_id))
    = lower(partner_requests.tenant_id)
group by partner_requests.tenant_id, lower(partner_requests.user_id)
