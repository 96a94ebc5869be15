-- Who can answer with a text message or a call only?
select
    tenants.name as tenant,  -- The tenant.
    methods.user_principal_name,  -- Who.
    methods.methods_registered,  -- What is registered.
    methods.is_admin  -- Whether Microsoft counts it as an administrator.
from authentication_methods as methods
inner join tenants on methods.tenant_id = tenants.tenant_id
where
    list_has_any(methods.methods_registered, ['mobilePhone', 'alternateMobilePhone', 'officePhone'])
    -- These are no answer to a request for MFA.
    and len(list_filter(
        methods.methods_registered,
        lambda method: method not in (
            'mobilePhone', 'alternateMobilePhone', 'officePhone', 'email', 'securityQuestion'
        )
    )) = 0
order by tenant, methods.user_principal_name
