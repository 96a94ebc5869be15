-- One row per tenant_id, account_id that is hardly an ordinary person. What it seems to be, and what says so: advice only.
-- The strongest sign decides, and over all of them what the operator declares, which stands in account_verdicts alone. Nobody is left out of any count for it; only a directory role makes a sync account.
with
technicians as (
    select distinct
        delegated_roles.customer_tenant_id as tenant_id,
        lower(users.user_principal_name) as mail
    from delegated_roles
    inner join users
        on delegated_roles.tenant_id = users.tenant_id and delegated_roles.account_id = users.user_id
),

rooms as (
    select
        subscribed_skus.tenant_id,
        list(distinct lower(subscribed_skus.sku_id)) as sku_ids
    from subscribed_skus
    inner join judged_sources
        on
            subscribed_skus.tenant_id = judged_sources.tenant_id
            and judged_sources.sources['subscribed_skus'] = 'usable'
    where
        contains(lower(subscribed_skus.sku_part_number), 'teams_rooms')
        or starts_with(lower(subscribed_skus.sku_part_number), 'meeting_room')
    group by subscribed_skus.tenant_id
),

described as (
    select
        users.tenant_id,
        users.user_id as account_id,
        coalesce(account_roles.is_sync_account, false) as is_sync_account,
        technicians.mail is not null as is_technician,
        case
            when rooms.sku_ids is null then false
            else coalesce(
                list_has_any(
                    list_transform(json_extract_string(users.assigned_licenses, '$[*].skuId'), lambda sku: lower(sku)),
                    rooms.sku_ids
                ),
                false
            )
        end as has_room_licence,
        case
            when users.employee_type is not null then regexp_replace(lower(users.employee_type), '[^a-z]', '', 'g')
        end as employee_type,
        lower(concat_ws(' ', split_part(users.user_principal_name, '@', 1), users.display_name)) as written
    from users
    left join account_roles on users.tenant_id = account_roles.tenant_id and users.user_id = account_roles.account_id
    left join technicians on users.tenant_id = technicians.tenant_id and lower(users.mail) = technicians.mail
    left join rooms on users.tenant_id = rooms.tenant_id
),

-- Most names hold none of these words, and are not looked at more closely.
named as (
    select
        *,
        case
            when regexp_matches(written, 'glass|emergency|room|svc|service|mailbox')
                then regexp_replace(written, '[^a-z]+', ' ', 'g')
        end as names
    from described
),

judged as (
    select
        tenant_id,
        account_id,
        case
            when is_sync_account then ['sync', 'role']
            when is_technician then ['guest_shadow', 'mail']
            when has_room_licence then ['room', 'licence']
            when employee_type in ('room', 'equipment', 'resource') then ['room', 'employeeType']
            when employee_type in ('breakglass', 'emergencyaccess') then ['break_glass', 'employeeType']
            when employee_type in ('service', 'serviceaccount') then ['service', 'employeeType']
            when employee_type in ('sharedmailbox', 'shared') then ['shared_mailbox', 'employeeType']
            when regexp_matches(names, '\b(break ?glass|emergency access)\b') then ['break_glass', 'name']
            when regexp_matches(names, '\b(meeting|conference) room\b|^room ') then ['room', 'name']
            when regexp_matches(names, '^(svc|service) |\bservice account\b') then ['service', 'name']
            when regexp_matches(names, '\bshared mailbox\b') then ['shared_mailbox', 'name']
        end as found
    from named
)

select
    tenant_id,  -- The account's tenant.
    account_id,  -- Object id of the account.
    found[1] as account_class,  -- sync, guest_shadow, room, break_glass, service or shared_mailbox.
    found[2] as class_source  -- What says so: role, mail, licence, employeeType or name, the weakest.
from judged
where found is not null
