"""Thirty days of sign-ins: each account's habit, spread over its working hours.

Graph lists the newest first, and so does the file. Times lie in the thirty days before ``as_of``, never at or after it.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

import msgspec

from sandbox.demo.conditional_access import policy_id
from sandbox.demo.model import BETA, Account, Directory, Files, Json, failure, stamp, uid
from sandbox.demo.registration import NO_PREMIUM
from sandbox.demo.sign_in_kinds import (
    ADMIN_APPS,
    DEVICES,
    ERRORS,
    HABITS,
    KINDS,
    MAIL_APP,
    METHOD,
    OFFICE_APPS,
    PARTNER_APPS,
    RICH,
    SCRIPT_APP,
    SECOND_FACTOR,
    SYNC_APP,
    TEAMS_APP,
    App,
    Kind,
    Step,
)

WINDOW_DAYS = 30
PATH = "beta/auditLogs/signIns"

CONTRADICTED = frozenset({"mueller"})

SPECIAL_APPS: dict[str, App] = {
    "imap": MAIL_APP,
    "smtp": MAIL_APP,
    "ropc": SCRIPT_APP,
    "room": TEAMS_APP,
    "sync": SYNC_APP,
}
APPS_OF: dict[str, tuple[App, ...]] = {
    "admin": OFFICE_APPS + ADMIN_APPS,
    "technician": OFFICE_APPS + PARTNER_APPS,
    "breakglass": ADMIN_APPS[:1],
}


class SignIns:
    """Makes the sign-in records of one tenant, in a fixed order, from a generator seeded with the tenant."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.tenant = directory.tenant
        self.rng = random.Random(f"{directory.seed}/{self.tenant.key}/sign-ins")
        self.log: list[tuple[str, str, msgspec.Raw]] = []  # time, id, record: bytes take a tenth of what dicts would
        self.interactive: Counter[tuple[str, str]] = Counter()  # by day and authenticationRequirement
        self.start = directory.as_of - timedelta(days=WINDOW_DAYS)

    def account(self, account: Account) -> None:
        """Add the sign-ins of one account. Disabled accounts have none."""
        kinds = HABITS[account.habit]
        if not kinds or not account.is_enabled:
            return
        first = [name for name, _ in kinds][: account.sign_ins]
        more = account.sign_ins - len(first)
        chosen = first + self.rng.choices([n for n, _ in kinds], [w for _, w in kinds], k=more)
        who = self.person(account)
        apps = APPS_OF.get(account.kind, OFFICE_APPS)
        for name in chosen:
            app = SPECIAL_APPS.get(name) or self.rng.choice(apps)
            self.add(self.record(account, KINDS[name], app, self.moment(account), who))

    def add(self, record: Json) -> None:
        """Put one record into the log."""
        when = record["createdDateTime"]
        self.log.append((when, record["id"], msgspec.Raw(msgspec.json.encode(record))))
        if record["isInteractive"]:
            self.interactive[when[:10], record["authenticationRequirement"]] += 1

    def person(self, account: Account) -> Json:
        """Return the properties that every sign-in of this account shares."""
        is_guest = account.user["userType"] == "Guest"
        mail = str(account.user["mail"])
        home = uid("home", mail.partition("@")[2]) if is_guest else self.tenant.id
        name = mail if is_guest else account.upn
        return {
            "userDisplayName": account.user["displayName"],
            "userPrincipalName": name.lower(),
            "userId": account.id,
            "userType": "guest" if is_guest else "member",
            "signInIdentifier": name,
            "homeTenantId": home,
            "homeTenantName": "",
            "resourceTenantId": self.tenant.id,
            "crossTenantAccessType": "b2bCollaboration" if is_guest else "none",
            "isTenantRestricted": False,
        }

    def moment(self, account: Account) -> datetime:
        """Return a time in the window: office hours on weekdays for people, any time for machines."""
        everything = WINDOW_DAYS * 86400
        while True:
            moment = self.start + timedelta(seconds=int(self.rng.random() * everything))
            local = moment + timedelta(hours=self.tenant.utc_offset)
            if account.kind in {"service", "sync", "room"}:
                return moment
            chance = 0.04 if local.weekday() > 4 else 1.0 if 7 <= local.hour < 18 else 0.12
            if self.rng.random() < chance:
                return moment

    def record(self, account: Account, kind: Kind, app: App, moment: datetime, who: Json) -> Json:
        """Return one sign-in as beta answers it."""
        device = int(self.rng.random() * len(DEVICES))
        client = kind.client or ("Mobile Apps and Desktop clients" if device in RICH else "Browser")
        identity = self.new_id()
        reason, details = ERRORS.get(kind.error, (None, None))
        when = stamp(moment)
        return {
            "id": identity,
            "createdDateTime": when,
            **who,
            "appId": app[0],
            "appDisplayName": app[1],
            "resourceId": app[2],
            "resourceDisplayName": app[3],
            "ipAddress": self.address(account, kind),
            "clientAppUsed": client,
            **DEVICES[device],
            "correlationId": self.new_id(),
            "originalRequestId": identity,
            "uniqueTokenIdentifier": identity.replace("-", "")[:22],
            "authenticationProtocol": kind.protocol,
            "incomingTokenType": kind.incoming,
            "isInteractive": kind.is_interactive,
            "signInEventTypes": ["interactiveUser" if kind.is_interactive else "nonInteractiveUser"],
            "tokenIssuerName": "",
            "tokenIssuerType": kind.issuer,
            "processingTimeInMilliseconds": 80 + int(self.rng.random() * 800),
            "riskDetail": "none",
            "riskLevelAggregated": "none",
            "riskLevelDuringSignIn": "none",
            "riskState": "none",
            "riskEventTypes_v2": [],
            "authenticationMethodsUsed": [],
            "authenticationRequirement": "multiFactorAuthentication" if kind.is_multi else "singleFactorAuthentication",
            "authenticationRequirementPolicies": self.demanded_by(account) if kind.demanded else [],
            "authenticationDetails": [step(one, account, when) for one in kind.steps],
            "authenticationProcessingDetails": [],
            "sessionLifetimePolicies": [],
            "conditionalAccessStatus": self.access_status(account, kind),
            "appliedConditionalAccessPolicies": self.applied(account, kind),
            "servicePrincipalId": "",
            "flaggedForReview": False,
            "autonomousSystemNumber": 64496,
            "networkLocationDetails": [],
            "location": {
                "city": self.tenant.city,
                "state": "",
                "countryOrRegion": self.tenant.country,
                "geoCoordinates": {},
            },
            "status": {"errorCode": kind.error, "failureReason": reason, "additionalDetails": details},
        }

    def new_id(self) -> str:
        """Return a random id from the seeded generator."""
        digits = f"{self.rng.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-9{digits[17:20]}-{digits[20:]}"

    def address(self, account: Account, kind: Kind) -> str:
        """Return an address: people who sign in with one factor at a trusted place do so from the office block."""
        at_office = account.habit == "mixed" and not kind.is_multi
        host = self.rng.randrange(1, 14) if at_office or account.kind == "room" else self.rng.randrange(64, 250)
        return f"{self.tenant.network}.{host}"

    def demanded_by(self, account: Account) -> list[Json]:
        """Return what asked for MFA."""
        if account.policy:
            return [{"requirementProvider": "multiConditionalAccess", "detail": "Conditional Access"}]
        if self.tenant.security_defaults:
            return [{"requirementProvider": "securityDefaults", "detail": "Security defaults"}]
        return [{"requirementProvider": "user", "detail": "Per-user MFA"}]

    def access_status(self, account: Account, kind: Kind) -> str:
        """Return the summary of Conditional Access for this sign-in."""
        if kind.error == 53003:
            return "failure"
        return "success" if account.policy and kind.demanded and not kind.error else "notApplied"

    def applied(self, account: Account, kind: Kind) -> list[Json]:
        """Return what the account's own policy did."""
        if not account.policy:
            return []
        result = "failure" if kind.error in ERRORS and kind.demanded else "success" if kind.demanded else "notApplied"
        return [
            {
                "id": policy_id(self.tenant.key, account.policy),
                "displayName": account.policy,
                "enforcedGrantControls": ["Mfa"],
                "enforcedSessionControls": [],
                "result": result,
                "conditionsSatisfied": "application,users",
                "conditionsNotSatisfied": "none",
            }
        ]


def step(one: Step, account: Account, when: str) -> Json:
    """Return one step of ``authenticationDetails``; the second factor is one the account has."""
    method, detail, requirement, result, succeeded = one
    if method == METHOD:
        known = [SECOND_FACTOR[name] for name in account.methods if name in SECOND_FACTOR]
        method = known[0] if known else "Mobile app notification"
    return {
        "authenticationStepDateTime": when,
        "authenticationMethod": method,
        "authenticationMethodDetail": detail,
        "succeeded": succeeded,
        "authenticationStepResultDetail": result,
        "authenticationStepRequirement": requirement,
    }


def add_ordinary(maker: SignIns) -> None:
    """Add everybody's own sign-ins, and in one tenant a single-factor success that its policy should have prevented."""
    if maker.tenant.licence == "free":
        return  # the log exists, but nobody may read it without P1
    for account in maker.directory.accounts:
        maker.account(account)
    if maker.tenant.key in CONTRADICTED:
        account = next(one for one in maker.directory.of_kind("person") if one.habit == "covered")
        who, moment = maker.person(account), maker.moment(account)
        maker.add(maker.record(account, KINDS["single"], OFFICE_APPS[0], moment, who))


def sign_in_files(maker: SignIns) -> Files:
    """Return the log, newest first, or its refusal in a tenant without P1."""
    if maker.tenant.licence == "free":
        return {f"{PATH}.error": failure(403, *NO_PREMIUM, maker.directory.as_of)}
    newest_first = [record for _, _, record in sorted(maker.log, key=lambda entry: entry[:2], reverse=True)]
    return {PATH: {"@odata.context": f"{BETA}auditLogs/signIns", "value": newest_first}}
