-- One row per tenant_id (a customer), account_id that can sign in there. Whether it really has to do MFA, in which population it counts, and why.
-- Each account is in one population: an emergency account that is an administrator, too, is the first of the two.
select
    verdicts.tenant_id,  -- The customer.
    verdicts.account_id,  -- Object id of the account.
    verdicts.user_principal_name,  -- Name the account signs in with.
    case
        when verdicts.account_class = 'break_glass' then 'break_glass'
        when verdicts.is_admin then 'administrator'
        when
            contains(lower(verdicts.user_principal_name), '#ext#') or coalesce(users.user_type = 'Guest', false)
            then 'guest'
        else 'member'
    end as population,  -- break_glass, administrator, guest or member.
    verdicts.account_class,  -- What it seems to be if no ordinary person.
    verdicts.is_admin,  -- Whether it holds or may activate a directory role; null if unknown.
    verdicts.customer_posture,  -- compliant, at_risk, non_compliant or indeterminate.
    case verdicts.customer_posture
        when 'compliant' then true
        when 'at_risk' then false
        when 'non_compliant' then false
    end as is_covered,  -- Whether it is certain to have to do MFA; null where nobody can tell.
    array_to_string(
        list_filter(
            verdicts.reasons,
            lambda code: code not in ('CUSTOMER_RECOMMENDED', 'LEGACY_SUCCESS', 'EVIDENCE_CONTRADICTS_POLICY')
            and not starts_with(code, 'NEW_ACCOUNT')
        ),
        ', '
    ) as codes  -- Codes of what led to that, without what sign-ins show.
from account_verdicts as verdicts
semi join tenants on verdicts.tenant_id = tenants.tenant_id and tenants.kind = 'customer'
left join users
    on verdicts.tenant_id = users.tenant_id and verdicts.account_id = users.user_id
where verdicts.customer_posture <> 'not_applicable'
