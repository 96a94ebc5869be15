-- One row per tenant_id (a partner), resource_id (an account that GDAP lets into a customer). Whether it is a guest there, too.
-- A guest signs in past GDAP, with roles and a registration of its own. Customers whose users are not read leave it unknown.
with
technicians as (
    select distinct
        delegated_roles.tenant_id,
        delegated_roles.account_id,
        delegated_roles.customer_tenant_id,
        delegated_roles.customer_name,
        users.user_principal_name,
        users.mail
    from delegated_roles
    inner join users
        on delegated_roles.tenant_id = users.tenant_id and delegated_roles.account_id = users.user_id
    where users.is_enabled is not false
),

-- What an invitation makes of a guest: its mail, and its name at home before #EXT#.
invited as (
    select
        tenant_id,
        lower(mail) as called
    from users
    where contains(lower(user_principal_name), '#ext#') and is_enabled is not false
    union
    select
        tenant_id,
        split_part(lower(user_principal_name), '#ext#', 1) as called
    from users
    where contains(lower(user_principal_name), '#ext#') and is_enabled is not false
),

called as (
    select
        *,
        unnest([
            lower(user_principal_name), lower(mail), replace(lower(user_principal_name), '@', '_')
        ]) as called
    from technicians
),

met as (
    select distinct
        called.tenant_id,
        called.account_id,
        called.customer_tenant_id
    from called
    inner join invited on called.customer_tenant_id = invited.tenant_id and called.called = invited.called
),

told as (
    select
        technicians.*,
        case when sources.sources['users'] = 'usable' then met.account_id is not null end as is_guest
    from technicians
    left join met
        on
            technicians.tenant_id = met.tenant_id
            and technicians.account_id = met.account_id
            and technicians.customer_tenant_id = met.customer_tenant_id
    left join judged_sources as sources on technicians.customer_tenant_id = sources.tenant_id
)

select
    tenant_id,  -- The partner.
    'account' as resource_type,  -- What is judged.
    account_id as resource_id,  -- Object id of the account.
    any_value(user_principal_name) as resource_name,  -- Name the account signs in with.
    account_id,  -- Object id of the account.
    case
        when bool_or(is_guest) then true
        when bool_and(is_guest is not null) then false
    end as is_shadowed,  -- Whether it is a guest in a customer that it may enter by GDAP; null if some is not read.
    coalesce(
        list_sort(list(distinct coalesce(customer_name, customer_tenant_id)) filter (where is_guest)), []
    ) as shadow_customers,  -- In which customers it is.
    count(distinct customer_tenant_id) as customer_count  -- How many customers it may enter by GDAP.
from told
group by tenant_id, account_id
