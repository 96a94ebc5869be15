-- One row per tenant_id (a partner), resource_id (a requirement of its security score, or what Microsoft counts of a customer). Whether the answer contradicts itself.
with
insights as (
    select
        insights.*,
        coalesce(tenants.name, insights.customer_tenant_id) as customer_name,
        insights.compliant_admins + insights.compliant_non_admins as compliant_users
    from partner_customer_insights as insights
    semi join tenants as partners on insights.tenant_id = partners.tenant_id
    left join tenants on insights.customer_tenant_id = tenants.tenant_id
),

answers as (
    select
        tenant_id,
        'security_requirement' as resource_type,
        requirement_id as resource_id,
        coalesce(nullif(requirement_type, ''), requirement_id) as resource_name,
        contradictions
    from microsoft_requirements
    union all
    select
        tenant_id,
        'customer_insight' as resource_type,
        customer_tenant_id as resource_id,
        customer_name as resource_name,
        list_filter(
            [
                if(
                    -- Of so few it cannot be what protects the tenant: that it is on says nothing of whom it covers. Security
                    -- defaults cover everybody and let people register one after the other.
                    conditional_access_status = 'enabled' and compliant_users * 2 < total_users,
                    format(
                        'a Conditional Access policy for MFA is on with {} of {} users compliant',
                        compliant_users,
                        total_users
                    ),
                    null
                ),
                if(
                    security_defaults_status = 'enabled' and conditional_access_status = 'enabled',
                    'security defaults and Conditional Access are both on',
                    null
                ),
                if(
                    compliant_users > total_users,
                    format('more users are compliant than there are ({} of {})', compliant_users, total_users),
                    null
                )
            ],
            lambda problem: problem is not null
        ) as contradictions
    from insights
)

select
    tenant_id,  -- The partner.
    resource_type,  -- security_requirement or customer_insight.
    resource_id,  -- Id of the requirement, or of the customer's tenant.
    resource_name,  -- The requirement's type, or the customer's name.
    null::varchar as account_id,  -- Always null: no account is judged.
    len(contradictions) = 0 as is_consistent,  -- Whether nothing in it contradicts the rest.
    contradictions  -- What cannot be true at once, in words.
from answers
