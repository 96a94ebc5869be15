-- Which service accounts, shared mailboxes and rooms can sign in, and what is asked of them?
select
    tenants.name as tenant,  -- The tenant.
    verdicts.user_principal_name,  -- Which account.
    verdicts.account_class,  -- What it seems to be.
    verdicts.class_source,  -- What says so.
    verdicts.required,  -- Whether every sign-in of it is asked for MFA.
    coalesce(verdicts.customer_posture, verdicts.contract_verdict) as verdict  -- The verdict; of a customer's the posture.
from account_verdicts as verdicts
inner join tenants on verdicts.tenant_id = tenants.tenant_id
inner join users on verdicts.tenant_id = users.tenant_id and verdicts.account_id = users.user_id
where verdicts.account_class in ('service', 'shared_mailbox', 'room') and users.is_enabled
order by tenant, verdicts.account_class, verdicts.user_principal_name
