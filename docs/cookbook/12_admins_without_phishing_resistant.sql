-- Which administrators have no phishing-resistant method?
-- Where the registration report has no row for an account its methods are unknown, not none.
select
    tenants.name as tenant,  -- The tenant.
    verdicts.user_principal_name,  -- Who.
    methods.methods_registered,  -- What is registered; null is unknown.
    coalesce(verdicts.customer_posture, verdicts.contract_verdict) as verdict  -- The verdict; of a customer's the posture.
from account_verdicts as verdicts
inner join tenants on verdicts.tenant_id = tenants.tenant_id
left join authentication_methods as methods
    on verdicts.tenant_id = methods.tenant_id and verdicts.account_id = methods.user_id
where
    verdicts.is_admin
    and not list_has_any(
        coalesce(methods.methods_registered, []),
        [
            'fido2SecurityKey', 'passKeyDeviceBound', 'passKeyDeviceBoundAuthenticator',
            'passKeyDeviceBoundWindowsHello', 'windowsHelloForBusiness', 'x509CertificateMultiFactor'
        ]
    )
order by tenant, verdicts.user_principal_name
