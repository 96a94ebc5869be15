-- One row per tenant_id (a customer), resource_id (an account of the partner that may enter it, or what keeps us from knowing one). Whether it has to do MFA at home.
-- Who enters is known by GDAP, and by the partner's groups that hold roles here. A foreign group of nobody we scan is here, too, and unknown.
with
people as (
    select
        customer_tenant_id as tenant_id,
        tenant_id as home_tenant_id,
        account_id
    from delegated_roles
    union
    select
        foreign_role_holders.tenant_id,
        foreign_role_holders.home_tenant_id,
        group_members.member_id as account_id
    from foreign_role_holders
    inner join read_groups
        on
            foreign_role_holders.home_tenant_id = read_groups.tenant_id
            and foreign_role_holders.principal_id = read_groups.group_id
    inner join group_members
        on read_groups.tenant_id = group_members.tenant_id and read_groups.group_id = group_members.group_id
),

strangers as (
    select distinct
        foreign_role_holders.tenant_id,
        foreign_role_holders.principal_id
    from foreign_role_holders
    anti join read_groups
        on
            foreign_role_holders.home_tenant_id = read_groups.tenant_id
            and foreign_role_holders.principal_id = read_groups.group_id
),

told as (
    select
        people.tenant_id,
        'technician' as resource_type,
        people.account_id as resource_id,
        verdicts.user_principal_name as resource_name,
        verdicts.contract_verdict
    from people
    inner join account_verdicts as verdicts
        on people.home_tenant_id = verdicts.tenant_id and people.account_id = verdicts.account_id
    where verdicts.contract_scope = 'in_scope'
    union all
    select
        tenant_id,
        'foreign_group' as resource_type,
        principal_id as resource_id,
        principal_id as resource_name,
        'indeterminate' as contract_verdict
    from strangers
    union all
    select
        customers.tenant_id,
        'partner' as resource_type,
        customers.partner_id as resource_id,
        partners.name as resource_name,
        'indeterminate' as contract_verdict
    from tenants as customers
    inner join judged_tenants on customers.partner_id = judged_tenants.tenant_id
    inner join tenants as partners on customers.partner_id = partners.tenant_id
    where customers.kind = 'customer' and not judged_tenants.are_delegations_known
)

select
    told.tenant_id,  -- The customer.
    told.resource_type,  -- technician; foreign_group or partner where nobody knows who enters.
    told.resource_id,  -- Object id of the account at home, or of the group; the partner.
    told.resource_name,  -- Name the account signs in with; the group's id; the partner's name.
    null::varchar as account_id,  -- Always null: it is no account of the customer.
    told.contract_verdict,  -- compliant, at_risk, non_compliant or indeterminate: the verdict at home.
    case told.contract_verdict
        when 'compliant' then true
        when 'at_risk' then false
        when 'non_compliant' then false
    end as is_covered  -- Whether it is certain to have to do MFA at home; null where nobody can tell.
from told
semi join tenants on told.tenant_id = tenants.tenant_id
