"""The accounts of a tenant: ordinary people of every kind first, then the hard cases.

The people an account sits among come from the tenant's counts and a generator seeded with the tenant; ids do not.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from sandbox.demo.cases import Case, cases_of
from sandbox.demo.licences import MAIN, ROOMS, assigned
from sandbox.demo.model import Account, Directory, Json, Tenant, account_id, opaque, stamp, uid
from sandbox.demo.names import HOSTILE, Person, people

GUEST_HOMES = ("lieferant.example", "freelance.example", "agentur.example", "wirtschaftspruefer.example")

METHODS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("microsoftAuthenticatorPush", "softwareOneTimePasscode"), 52),
    (("mobilePhone", "microsoftAuthenticatorPush", "softwareOneTimePasscode"), 22),
    (("mobilePhone",), 9),
    (("windowsHelloForBusiness", "microsoftAuthenticatorPush"), 7),
    (("fido2SecurityKey", "microsoftAuthenticatorPush"), 5),
    (("passKeyDeviceBoundAuthenticator",), 3),
    (("softwareOneTimePasscode",), 2),
)
"""What registered people have, with weights."""

UNREGISTERED: tuple[tuple[str, ...], ...] = ((), (), (), ("email",), ("email", "securityQuestion"))
"""What people without MFA have: nothing, or methods that only reset a password."""

ADMIN_METHODS = ("fido2SecurityKey", "microsoftAuthenticatorPush")

MACHINES = frozenset({"service", "room", "shared", "breakglass", "sync"})
EMPLOYEE_TYPE = {
    "service": "service",
    "room": "room",
    "shared": "shared_mailbox",
    "breakglass": "breakglass",
    "sync": None,
    "guest": None,
}


def build_accounts(directory: Directory) -> None:
    """Fill ``directory.accounts``: admins, technicians, people, guests, machines, then the cases."""
    tenant = directory.tenant
    rng = random.Random(f"{directory.seed}/{tenant.key}/accounts")
    cases = [case for case in cases_of(tenant) if case.kind != "principal"]
    listed = sum(case.is_listed for case in cases)
    machines = tenant.shared + tenant.services + tenant.rooms + _extra_sync(tenant)
    staff = tenant.accounts - listed - tenant.guests - machines
    names = people(tenant.people, staff + tenant.guests, rng)
    for index, name in enumerate(names[:staff]):
        directory.accounts.append(_person(directory, rng, index, name))
    for index, name in enumerate(names[staff:]):
        directory.accounts.append(_guest(directory, rng, index, name))
    directory.accounts += _machines(directory, rng)
    _mark(directory)
    directory.accounts += [_case(directory, case) for case in cases]


def user(directory: Directory, *, local: str, upn: str, name: str, kind: str, created: datetime, **more: Any) -> Json:
    """Return a user object with every property the product reads; ``more`` replaces single properties."""
    tenant = directory.tenant
    sku = MAIN[tenant.licence] if kind in {"person", "admin", "technician"} else None
    is_synced = tenant.synced and kind in {"person", "admin"}
    body: Json = {
        "id": account_id(tenant.key, local),
        "deletedDateTime": None,
        "accountEnabled": True,
        "businessPhones": [],
        "createdDateTime": stamp(created),
        "creationType": None,
        "department": None,
        "displayName": name,
        "employeeType": EMPLOYEE_TYPE.get(kind, "employee"),
        "externalUserState": None,
        "externalUserStateChangeDateTime": None,
        "givenName": None,
        "identities": [{"signInType": "userPrincipalName", "issuer": tenant.initial_domain, "issuerAssignedId": upn}],
        "identityParentId": None,
        "isManagementRestricted": None,
        "isResourceAccount": None,
        "jobTitle": None,
        "lastPasswordChangeDateTime": stamp(created),
        "mail": upn if kind not in {"sync", "service", "breakglass"} else None,
        "mailNickname": local,
        "mobilePhone": None,
        "officeLocation": tenant.city,
        "onPremisesImmutableId": opaque(tenant.key, local)[:22] + "==" if is_synced else None,
        "onPremisesLastSyncDateTime": stamp(directory.ago(minutes=22)) if is_synced else None,
        "onPremisesSyncEnabled": True if is_synced else None,
        "otherMails": [],
        "passwordPolicies": "DisablePasswordExpiration" if kind in MACHINES else None,
        "preferredLanguage": tenant.people,
        "signInSessionsValidFromDateTime": stamp(created),
        "surname": None,
        "usageLocation": tenant.country,
        "userPrincipalName": upn,
        "userType": "Member",
    }
    body |= assigned(ROOMS if kind == "room" else sku, created)
    return body | more


def _created(directory: Directory, rng: random.Random) -> datetime:
    return directory.ago(days=rng.randrange(60, 2500), seconds=rng.randrange(86400))


def _methods(rng: random.Random, share: float) -> tuple[str, ...]:
    if rng.random() < share:
        return rng.choices([m for m, _ in METHODS], [w for _, w in METHODS])[0]
    return rng.choice(UNREGISTERED)


def _person(directory: Directory, rng: random.Random, index: int, person: Person) -> Account:
    given, surname, local = person
    tenant = directory.tenant
    is_admin = index < tenant.admins
    is_technician = not is_admin and index < tenant.admins + tenant.technicians
    kind = "admin" if is_admin else "technician" if is_technician else "person"
    name = f"{surname} {given}" if tenant.people == "ja" else f"{given} {surname}"
    body = user(
        directory,
        local=local,
        upn=f"{local}@{tenant.domain}",
        name=name,
        kind=kind,
        created=_created(directory, rng),
        givenName=given,
        surname=surname,
        department=rng.choice(("Sales", "Finance", "Operations", "Support", "Management")),
        lastPasswordChangeDateTime=stamp(directory.ago(days=rng.randrange(3, 400))),
    )
    methods = ADMIN_METHODS if is_admin else _methods(rng, 1.0 if is_technician else tenant.registered)
    account = Account(user=body, kind=kind, methods=methods, habit=tenant.habit, policy=tenant.policy)
    account.per_user = _per_user(tenant, index)
    account.sign_ins = max(1, int(rng.gauss(tenant.sign_ins_each, tenant.sign_ins_each / 3)))
    if account.per_user == "enforced":
        account.methods, account.habit = account.methods or ("mobilePhone",), "per_user"
    elif account.per_user == "enabled":
        account.methods = ()
    if not methods and tenant.habit == "covered":
        account.habit = "cannot"  # whoever has to prove MFA and cannot does not get in
    return account


def _per_user(tenant: Tenant, index: int) -> str:
    reached = 0.0
    for state, share in tenant.per_user.items():
        reached += share
        if (index % 20) / 20 < reached:
            return state
    return "disabled"


def _guest(directory: Directory, rng: random.Random, index: int, person: Person) -> Account:
    given, surname, local = person
    home = GUEST_HOMES[index % len(GUEST_HOMES)]
    account = Account(
        user=_guest_user(
            directory, f"{local}_{home}", f"{local}@{home}", f"{given} {surname}", directory.ago(days=200)
        ),
        kind="guest",
        methods=_methods(rng, directory.tenant.registered),
        habit=directory.tenant.guest_habit,
        policy=directory.tenant.policy if directory.tenant.guest_habit == "guest_covered" else "",
        sign_ins=rng.randrange(2, 9),
    )
    account.user |= {"givenName": given, "surname": surname, "companyName": home.partition(".")[0].title()}
    return account


def _guest_user(directory: Directory, local: str, mail: str, name: str, created: datetime) -> Json:
    upn = f"{local}#EXT#@{directory.tenant.initial_domain}"
    issuer = {"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": None}
    own = {
        "signInType": "userPrincipalName",
        "issuer": directory.tenant.initial_domain,
        "issuerAssignedId": upn,
    }
    return user(
        directory,
        local=local,
        upn=upn,
        name=name,
        kind="guest",
        created=created,
        creationType="Invitation",
        externalUserState="Accepted",
        externalUserStateChangeDateTime=stamp(created),
        identities=[issuer, own],
        mail=mail,
        mailNickname=f"{local}#EXT#",
        otherMails=[mail],
        userType="Guest",
    )


def _extra_sync(tenant: Tenant) -> int:
    """Return 1 for a synced tenant, whose sync account is an ordinary one unless a case is it."""
    return int(tenant.synced and not any(case.kind == "sync" for case in cases_of(tenant)))


def _machines(directory: Directory, rng: random.Random) -> list[Account]:
    tenant = directory.tenant
    wanted = (
        ("shared", "Shared mailbox", tenant.shared, "silent", 0),
        ("service", "Service", tenant.services, "ropc", 24),
        ("room", "Room", tenant.rooms, "room", 20),
        ("sync", "On-Premises Directory Synchronization Service Account", _extra_sync(tenant), "sync", 40),
    )
    made: list[Account] = []
    for kind, label, count, habit, sign_ins in wanted:
        for number in range(1, count + 1):
            local = f"Sync_DC01_{uid(tenant.key, 'sync')[:12]}" if kind == "sync" else f"{kind}-{number:02}"
            domain = tenant.initial_domain if kind == "sync" else tenant.domain
            body = user(
                directory,
                local=local,
                upn=f"{local}@{domain}",
                name=label if kind == "sync" else f"{label} {number:02}",
                kind=kind,
                created=_created(directory, rng),
                accountEnabled=kind != "shared",
            )
            made.append(Account(user=body, kind=kind, habit=habit, sign_ins=sign_ins))
    return made


def _mark(directory: Directory) -> None:
    """Disable the last people, hide some from the report, and give others the names that break pages."""
    tenant = directory.tenant
    ordinary = [account for account in directory.accounts if account.kind == "person"]
    for account in ordinary[len(ordinary) - tenant.disabled :]:
        account.user |= {"accountEnabled": False, **assigned(None, directory.as_of)}
    living = ordinary[: len(ordinary) - tenant.disabled]
    for account in living[len(living) - tenant.missing_rows :]:
        account.has_report_row = False
    rest = living[: len(living) - tenant.missing_rows]
    for account, name in zip(reversed(rest[-tenant.hostile :] if tenant.hostile else []), HOSTILE, strict=False):
        account.user["displayName"] = name
    if tenant.kind == "partner" and rest:
        rest[-tenant.hostile - 1].user["isResourceAccount"] = True  # a person all the same


def _case(directory: Directory, case: Case) -> Account:
    tenant = directory.tenant
    created = directory.ago(hours=case.created_hours) if case.created_hours else directory.ago(days=420)
    label = f"Case: {case.short}"
    if case.home:
        mail = f"{case.local_part().removesuffix('_' + case.home)}@{case.home}"
        body = _guest_user(directory, case.local_part(), mail, label, directory.ago(days=90))
    else:
        upn = str(case.upn(tenant))
        body = user(directory, local=case.local_part(), upn=upn, name=label, kind=case.kind, created=created)
    body |= {"jobTitle": label} | case.user
    return Account(
        user=body,
        kind=case.kind,
        methods=case.methods,
        is_registered=case.is_registered,
        has_report_row=case.has_report_row,
        is_listed=case.is_listed,
        per_user=case.per_user,
        habit=case.habit,
        policy=case.policy,
        sign_ins=case.sign_ins,
        case=case.name,
    )
