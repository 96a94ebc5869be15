-- One row per tenant_id (a partner), requirement_id. A requirement of the partner security score as Microsoft answers it, and what contradicts itself in that answer.
with
judged as (
    select
        requirements.*,
        case lower(compliance_status)
            when 'compliant' then true
            when 'noncompliant' then false
            when 'noncomplaint' then false  -- as Microsoft's own enumeration spells it
        end as says_compliant
    from partner_security_requirements as requirements
    semi join tenants on requirements.tenant_id = tenants.tenant_id
)

select
    tenant_id,  -- The partner.
    requirement_id,  -- Id of the requirement.
    requirement_type,
    state,
    compliance_status,
    score,
    max_score,
    says_compliant,  -- What Microsoft says, in whichever spelling; null for a word that is not known.
    list_filter(
        [
            if(
                not says_compliant and score = max_score and max_score > 0,
                format('it is not compliant and has all points ({} of {})', score, max_score),
                null
            ),
            if(
                says_compliant and score = 0 and max_score > 0,
                format('it is compliant and has no points (0 of {})', max_score),
                null
            ),
            if(
                not says_compliant
                and requirement_type = 'mfaEnforcedForAdmins'
                and mfa_enabled_admins = total_admins
                and total_admins > 0
                and coalesce(admins_not_using_mfa, 0) = 0,
                format('it is not compliant and all administrators use MFA ({} of {})', mfa_enabled_admins, total_admins),
                null
            ),
            if(
                says_compliant and mfa_enabled_admins < total_admins,
                format('it is compliant with {} of {} administrators', mfa_enabled_admins, total_admins),
                null
            ),
            if(
                says_compliant and compliant_tenants < total_tenants,
                format('it is compliant with {} of {} customers', compliant_tenants, total_tenants),
                null
            ),
            if(
                not says_compliant and compliant_tenants = total_tenants and total_tenants > 0,
                format('it is not compliant with all customers ({} of {})', compliant_tenants, total_tenants),
                null
            ),
            if(
                mfa_enabled_admins > total_admins or admins_not_using_mfa > total_admins,
                format('more administrators are counted than there are ({})', total_admins),
                null
            ),
            if(
                mfa_enabled_users > total_users or users_not_using_mfa > total_users or total_admins > total_users,
                format('more users are counted than there are ({})', total_users),
                null
            ),
            if(
                compliant_tenants > total_tenants,
                format('more customers are counted than there are ({} of {})', compliant_tenants, total_tenants),
                null
            )
        ],
        lambda problem: problem is not null
    ) as contradictions,  -- What cannot be true at once, in words; empty where nothing is.
    total_admins,
    mfa_enabled_admins,
    admins_not_using_mfa,
    total_users,
    mfa_enabled_users,
    users_not_using_mfa,
    security_defaults_status,
    conditional_access_status,
    per_user_mfa_status,
    compliant_tenants,
    total_tenants,
    average_response_hours,
    updated_at
from judged
