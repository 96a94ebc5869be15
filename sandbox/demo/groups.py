"""Groups: who is excluded, who has a policy of their own, who may go to customers.

People are drawn one after the other, so nobody is in two groups that change how they sign in. Technicians are taken by
position and may be in several.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.demo.cases import cases_of
from sandbox.demo.model import V1, Account, Directory, Files, Group, Json, collection, failure, group_id, stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A group as data: how many ordinary accounts of which kind, and what being in it changes for them."""

    name: str
    people: int = 0
    kind: str = "person"
    skip: int = 0
    nested: tuple[str, ...] = ()
    role_assignable: bool = False
    rule: str | None = None
    habit: str = ""
    policy: str | None = None
    methods: tuple[str, ...] | None = None
    per_user: str = ""
    is_deleted: bool = False


GROUPS: dict[str, tuple[Wanted, ...]] = {
    "nordlicht": (
        Wanted(name="AdminAgents", kind="technician", people=4),
        Wanted(name="HelpdeskAgents", kind="technician", skip=4, people=7),
        Wanted(name="SalesAgents", kind="technician", skip=11, people=3),
        Wanted(name="GDAP Tier 1 - Readers", kind="technician", skip=2, people=8, nested=("Bereitschaft",)),
        Wanted(name="Bereitschaft", kind="technician", skip=10, people=2),
        Wanted(name="GDAP Tier 2 - Operators", kind="technician", people=5),
        Wanted(name="GDAP Automation"),
        Wanted(name="Alle Mitarbeiter", rule='(user.userType -eq "Member")', people=12),
    ),
    "kestrel": (
        Wanted(name="AdminAgents", kind="technician", people=6),
        Wanted(name="HelpdeskAgents", kind="technician", skip=6, people=16),
        Wanted(name="SalesAgents", kind="technician", skip=22, people=6),
        Wanted(
            name="GDAP Support Desk",
            kind="technician",
            skip=4,
            people=14,
            nested=("Support Desk - Night shift",),
        ),
        Wanted(name="Support Desk - Night shift", kind="technician", skip=18, people=5),
        Wanted(name="GDAP Engineers", kind="technician", people=8),
        Wanted(name="GDAP Billing", kind="technician", skip=22, people=3),
        Wanted(name="Role - Helpdesk", kind="technician", skip=6, people=3, role_assignable=True),
        Wanted(name="CA-Exclude-Warehouse", people=9, habit="single", policy="", methods=()),
        Wanted(name="CA-Exclude-ServiceAccounts", kind="service", people=9, policy=""),
        Wanted(name="CA-Exclude-TeamsRooms", kind="room", people=9, policy=""),
        Wanted(name="CA-Exclude-Contractors", nested=("Contractors",)),
        Wanted(name="Contractors", people=3, nested=("Contractors - Night shift",), habit="single", policy=""),
        Wanted(name="Contractors - Night shift", people=4, habit="single", policy=""),
        Wanted(name="CA-Exclude-PerUserMfa", people=5, habit="single", policy="", methods=(), per_user="enabled"),
        Wanted(name="CA-Exclude-FederatedApp"),
        Wanted(name="CA-Pilot-ReportOnly", people=6, habit="single", policy=""),
        Wanted(
            name="CA-Persona-OfficeNetwork",
            people=22,
            habit="mixed",
            policy="CA024 Office network people: MFA outside trusted locations",
        ),
        Wanted(
            name="CA-Persona-Linux",
            people=7,
            habit="mixed",
            policy="CA025 Developers: MFA except on Linux",
        ),
        Wanted(
            name="CA-Persona-LegacyMail",
            people=5,
            habit="legacy",
            policy="CA026 Mail people: MFA for modern clients",
        ),
        Wanted(
            name="CA-Persona-PortalsOnly",
            people=4,
            habit="single",
            policy="CA027 Portal people: MFA for admin portals",
        ),
        Wanted(
            name="CA-Persona-PhishingResistant",
            people=6,
            habit="strong",
            policy="CA028 Finance: phishing-resistant MFA",
            methods=("fido2SecurityKey",),
        ),
        Wanted(
            name="CA-Persona-DeviceOrMfa",
            people=14,
            habit="mixed",
            policy="CA029 Sales: compliant device or MFA",
        ),
        Wanted(
            name="CA-Persona-Duo",
            people=5,
            habit="single",
            policy="CA036 Duo people: custom control",
            methods=(),
        ),
        Wanted(name="External MFA users", people=4, habit="external_mfa", methods=("externalAuthMethod",)),
    ),
    "mueller": (Wanted(name="Rolle Helpdesk", people=2, role_assignable=True),),
    "stadtwerke": (Wanted(name="CA-Ausnahme Leitstelle", people=8, habit="federated_plain", policy=""),),
    "lodz": (
        Wanted(name="Finanse", people=12, habit="mixed", policy="Finanse: MFA bez Office 365"),
        Wanted(name="Wyjątki", nested=("Magazyn",)),
        Wanted(name="Magazyn", people=10, habit="legacy"),
        Wanted(name="Stara grupa", is_deleted=True),
    ),
    "brightwater": (
        Wanted(name="Night carers", people=24, habit="mixed", policy="Night carers: MFA except on macOS"),
        Wanted(name="Kitchen tablets", people=10, habit="single", policy=""),
    ),
}


def build_groups(directory: Directory) -> None:
    """Fill ``directory.groups`` and let membership change how ordinary members sign in."""
    tenant = directory.tenant
    pools: dict[str, Iterator[Account]] = {
        kind: iter([a for a in directory.of_kind(kind) if a.is_enabled and a.has_report_row and not a.case])
        for kind in ("person", "service", "room")
    }
    technicians = [account for account in directory.of_kind("technician") if not account.case]
    for wanted in GROUPS.get(tenant.key, ()):
        group = Group(
            name=wanted.name,
            id=group_id(tenant.key, wanted.name),
            nested=wanted.nested,
            role_assignable=wanted.role_assignable,
            rule=wanted.rule,
            is_deleted=wanted.is_deleted,
        )
        if wanted.kind == "technician":
            members = technicians[wanted.skip : wanted.skip + wanted.people]
        else:
            members = [a for _, a in zip(range(wanted.people), pools[wanted.kind], strict=False)]
        for account in members:
            _change(account, wanted)
            group.members.append(account.id)
        directory.groups[wanted.name] = group
    for case in cases_of(tenant):
        for name in case.groups:
            directory.groups[name].members.append(case.id(tenant))


def _change(account: Account, wanted: Wanted) -> None:
    account.habit = wanted.habit or account.habit
    account.policy = account.policy if wanted.policy is None else wanted.policy
    account.methods = account.methods if wanted.methods is None else wanted.methods
    account.per_user = wanted.per_user or account.per_user
    if account.habit not in {"single", "legacy", "cannot"} and not account.methods and account.kind == "person":
        account.methods = ("microsoftAuthenticatorPush", "softwareOneTimePasscode")


def transitive(directory: Directory, name: str) -> tuple[list[str], list[Group]]:
    """Return the ids of everybody in the group at any depth, and the groups nested in it."""
    people: dict[str, None] = {}
    nested: dict[str, Group] = {}
    queue = [directory.groups[name]]
    while queue:
        group = queue.pop(0)
        people |= dict.fromkeys(group.members)
        for inner in group.nested:
            if inner not in nested:
                nested[inner] = directory.groups[inner]
                queue.append(directory.groups[inner])
    return list(people), list(nested.values())


def group_files(directory: Directory) -> Files:
    """Return the list of groups, and the direct and transitive members of each."""
    by_id = {account.id: account for account in directory.accounts}
    files: Files = {}
    listed = []
    for group in directory.groups.values():
        if group.is_deleted:
            message = (
                f"Resource '{group.id}' does not exist or one of its queried reference-property objects is missing."
            )
            gone = failure(404, "Request_ResourceNotFound", message, directory.as_of)
            files[f"v1.0/groups/{group.id}/transitiveMembers.error"] = gone
            files[f"v1.0/groups/{group.id}/members.error"] = gone
            continue
        listed.append(_group(group, directory))
        direct = [_group_member(directory.groups[name]) for name in group.nested]
        direct += [_member(by_id[member]) for member in group.members]
        people, nested = transitive(directory, group.name)
        everybody = [_group_member(inner) for inner in nested] + [_member(by_id[member]) for member in people]
        files[f"v1.0/groups/{group.id}/members"] = collection(f"{V1}directoryObjects", direct)
        files[f"v1.0/groups/{group.id}/transitiveMembers"] = collection(f"{V1}directoryObjects", everybody)
    files["v1.0/groups"] = collection(f"{V1}groups", listed)
    return files


def _group(group: Group, directory: Directory) -> Json:
    return {
        "id": group.id,
        "deletedDateTime": None,
        "classification": None,
        "createdDateTime": stamp(directory.ago(days=700)),
        "description": None,
        "displayName": group.name,
        "groupTypes": ["DynamicMembership"] if group.rule else [],
        "isAssignableToRole": group.role_assignable or None,
        "mail": None,
        "mailEnabled": False,
        "mailNickname": group.id[:10],
        "membershipRule": group.rule,
        "membershipRuleProcessingState": "On" if group.rule else None,
        "onPremisesSyncEnabled": None,
        "securityEnabled": True,
        "visibility": None,
    }


def _group_member(group: Group) -> Json:
    return {"@odata.type": "#microsoft.graph.group", "id": group.id, "displayName": group.name, "securityEnabled": True}


def _member(account: Account) -> Json:
    shown = ("id", "displayName", "givenName", "jobTitle", "mail", "surname", "userPrincipalName")
    return {"@odata.type": "#microsoft.graph.user"} | {name: account.user[name] for name in shown}
