-- What was edited since the scan before, and with what effect?
-- An edit that changed nobody's verdict is here with zero accounts; whether it was meant to change one, only people know.
select
    tenants.name as tenant,  -- The tenant.
    changes.change_type,  -- What kind of thing it is.
    changes.name,  -- Its name.
    changes.what,  -- What happened to it: fields, before -> after.
    changes.accounts_changed,  -- Accounts of which it is a cause.
    changes.worse  -- Those of them whose verdict is a worse one.
from changes
inner join tenants on changes.tenant_id = tenants.tenant_id
where changes.scanned_at = (select max(scanned_at) from judgements)
order by tenant, changes.accounts_changed desc, changes.change_type, changes.name
