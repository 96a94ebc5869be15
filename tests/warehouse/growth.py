"""How much nights in which little changed let the file grow: ``python -m tests.warehouse.growth FOLDER USERS NIGHTS``.

Each tenant has 2,000 users, who are in the registration report and have a per-user MFA state. Each night 2 % of them
are otherwise than the night before: a name, a job, licences, whether they can sign in; some are gone and others came.
What has not changed is read again all the same, and of the report every row has a new time.
"""

from __future__ import annotations

import random
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from collectors.config import Tenant
from tests.warehouse.scans import MICROSOFT, NIGHT, Scan, tenant
from warehouse.engine import occupied, writer
from warehouse.load import load
from warehouse.migrate import prepare

USERS_A_TENANT = 2000
SKUS = [str(uuid.UUID(int=random.Random(n).getrandbits(128))) for n in range(12)]
METHODS = ["mobilePhone", "microsoftAuthenticatorPush", "softwareOneTimePasscode", "windowsHelloForBusiness", "email"]


class People:
    """The users of one tenant, as Graph gives them, night after night."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.domain = f"tenant{number}.example"
        self.chance = chance
        self.users = [self._user() for _ in range(USERS_A_TENANT)]

    def _user(self) -> dict[str, Any]:
        chance = self.chance
        name = f"{chance.choice('ABCDEFGH')}{chance.randrange(10**6):x}"
        made = NIGHT - timedelta(seconds=chance.randrange(10**8))
        return {
            "id": str(uuid.UUID(int=chance.getrandbits(128))),
            "userPrincipalName": f"{name}@{self.domain}",
            "displayName": f"{name} {chance.randrange(5000)}",
            "mail": f"{name}@{self.domain}",
            "accountEnabled": chance.random() < 0.9,
            "userType": "Member",
            "createdDateTime": f"{made:%Y-%m-%dT%H:%M:%SZ}",
            "lastPasswordChangeDateTime": f"{made + timedelta(days=chance.randrange(400)):%Y-%m-%dT%H:%M:%SZ}",
            "department": f"Department {chance.randrange(40)}",
            "jobTitle": f"Job {chance.randrange(200)}",
            "assignedLicenses": [{"disabledPlans": [], "skuId": chance.choice(SKUS)} for _ in range(2)],
            "identities": [
                {"signInType": "userPrincipalName", "issuer": self.domain, "issuerAssignedId": f"{name}@{self.domain}"}
            ],
        }

    def change(self) -> None:
        """Let a night pass in which 2 % changed."""
        for at in self.chance.sample(range(len(self.users)), len(self.users) // 50):
            one = self.users[at]
            match self.chance.randrange(5):
                case 0:
                    self.users[at] = self._user()
                case 1:
                    one["displayName"] = f"New {self.chance.randrange(10**6)}"
                case 2:
                    one["jobTitle"] = f"Job {self.chance.randrange(200, 400)}"
                case 3:
                    one["assignedLicenses"] = [{"disabledPlans": [], "skuId": self.chance.choice(SKUS)}]
                case _:
                    one["accountEnabled"] = not one["accountEnabled"]

    def registered(self, night: int) -> Iterator[dict[str, Any]]:
        """Yield the rows of the registration report, which has a new time each night."""
        for one in self.users:
            which = int(one["id"][:2], 16) % len(METHODS)
            yield {
                "id": one["id"],
                "userPrincipalName": one["userPrincipalName"],
                "userType": "member",
                "isAdmin": which == 0,
                "isMfaRegistered": which > 1,
                "isMfaCapable": which > 1,
                "isPasswordlessCapable": which == 4,
                "methodsRegistered": METHODS[:which],
                "lastUpdatedDateTime": f"{NIGHT + timedelta(days=night, milliseconds=which):%Y-%m-%dT%H:%M:%S.%fZ}",
            }


def land(folder: Path, night: int, tenants: dict[Tenant, People], what: str) -> Scan:
    scan = Scan(folder, *tenants, night=night)
    for one, people in tenants.items():
        scan.land(one.tenant_id, MICROSOFT.dataset("users"), people.users)
        if what == "all":
            scan.land(one.tenant_id, MICROSOFT.dataset("authentication_methods"), [*people.registered(night)])
            states = [{"id": each["id"], "perUserMfaState": "disabled"} for each in people.users]
            scan.land(one.tenant_id, MICROSOFT.dataset("per_user_mfa"), states)
    return scan


def main(folder: Path, users: int, nights: int, what: str = "all") -> None:
    chance = random.Random(7)
    tenants = {
        tenant(str(uuid.UUID(int=number + 1))): People(number, chance) for number in range(users // USERS_A_TENANT)
    }
    file = folder / "w.duckdb"
    before = 0
    for night in range(nights):
        scan = land(folder, night, tenants, what)
        began = time.monotonic()
        with writer(file) as con:
            prepare(con, MICROSOFT)
            load(con, scan.landing, scan.plan, MICROSOFT)
            [[versions]] = con.execute("select count(*) from users_history").fetchall()
        seconds = time.monotonic() - began
        held, size = occupied(file), file.stat().st_size
        grown = f"{(size - before) / before:+.1%}" if before else "new"
        print(
            f"night {night}: {size / 2**20:.1f} MiB ({grown}), free {held.free / 2**20:.1f}, "
            f"dead {held.dead / 2**20:.1f}; {versions:,} versions of users; loaded in {seconds:.1f} s",
            flush=True,
        )
        before = size
        for people in tenants.values():
            people.change()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
