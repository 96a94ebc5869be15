"""A fleet as the sandbox serves it: in the place of a data folder, with nothing on disk."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from typing import Any, Final

import msgspec

from sandbox.fleet.fleet import Fleet, FleetTenant, parse_fleet
from sandbox.fleet.mark import APP_ID, Slots, requested_path
from sandbox.fleet.moulds import RELATIONSHIPS, REPORT, SIGN_INS, USERS, MouldTenant, build_moulds
from sandbox.fleet.rows import AccountRows, SignInRows, copy_slots
from sandbox.store import Generated, Sources, Stamp, Store, Stored

SECRET: Final = "fleet"  # noqa: S105  # opens made-up tenants
_APPS: Final = {
    "app_id": APP_ID,
    "secrets_sha256": [hashlib.sha256(SECRET.encode()).hexdigest()],
    "tenants": ["*"],
}
_CONTEXTS: Final = {
    path: f"https://graph.microsoft.com/{path.replace('/', '/$metadata#', 1)}" for path in (USERS, REPORT, SIGN_INS)
}


class FleetStore(Store):
    """Serves a fleet. Its app is ``APP_ID`` with ``SECRET``, consented in every tenant.

    Raises ``ValueError`` for a fleet whose tenants are too small.
    """

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self._partner, self._customers = build_moulds(fleet.tenants - 1, fleet.users, fleet.as_of, fleet.seed)
        self._tenants = {tenant.tenant_id: tenant for tenant in map(fleet.tenant, range(fleet.tenants))}

    def __str__(self) -> str:
        return str(self.fleet)

    def full(self, path: str) -> str:
        """Return a place where nothing is: a path cannot go on below a device."""
        return f"/dev/null/{path}"

    def has_tenant(self, tenant: str) -> bool:
        """Say whether the fleet has the tenant."""
        return tenant in self._tenants

    def load(self, path: str) -> tuple[Stored | None, Sources]:
        """See :class:`Store`. Nothing an answer is made from ever changes."""
        tenant_id, _, below = path.removesuffix(".json").partition("/")
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            return None, ()
        if below in _CONTEXTS:
            return _List(self, tenant, below), ()
        text = self._cast(tenant, below)
        return (None if text is None else Stored(text, path)), ()

    def read(self, path: str) -> tuple[bytes | None, Stamp | None]:
        """See :class:`Store`."""
        if path == "apps.json":
            return msgspec.json.encode({"apps": [_APPS]}), None
        tenant_id, _, below = path.removesuffix(".json").partition("/")
        tenant = self._tenants.get(tenant_id)
        return (None if tenant is None else self._cast(tenant, below)), None

    def error(self, path: str) -> Any:
        """See :class:`Store`."""
        tenant_id, _, below = path.partition("/")
        tenant = self._tenants.get(tenant_id)
        text = None if tenant is None else self._cast(tenant, f"{below}.error")
        return None if text is None else msgspec.json.decode(text)

    def items(self, tenant: FleetTenant, path: str) -> Generated:
        """Return users, the registration report or sign-ins of a tenant, whole."""
        mould, fleet = self.mould(tenant), self.fleet
        rows, slots = mould.lists[path], fleet.slots(tenant)
        copies, rest = divmod(fleet.users, len(mould.places))
        if path == SIGN_INS:
            return SignInRows(rows, slots, fleet.sign_ins, copies, fleet.as_of)
        count = fleet.users if path == USERS else copies * len(rows.rows) + bisect_left(mould.reported, rest)
        return AccountRows(rows, slots, range(count))

    def mould(self, tenant: FleetTenant) -> MouldTenant:
        """Return what a tenant is cast from."""
        if tenant.number == 0:
            return self._partner
        return self._customers[(tenant.number - 1) % len(self._customers)]

    def place(self, tenant: FleetTenant, user_id: str) -> int | None:
        """Return where in the list of users one is, by id; ``None`` if there is no such user."""
        mould = self.mould(tenant)
        reduced, copy = requested_path(user_id, tenant.prefix, tenant.label)
        place = mould.places.get(reduced)
        found = None if place is None else copy * len(mould.places) + place
        return found if found is not None and found < self.fleet.users else None

    def _cast(self, tenant: FleetTenant, path: str) -> bytes | None:
        """Return an answer that is not one of the long lists."""
        mould, slots = self.mould(tenant), self.fleet.slots(tenant)
        reduced, copy = requested_path(path, tenant.prefix, tenant.label)
        if reduced in mould.of_customers:
            listed = mould.of_customers[reduced]
            rows = b",".join(listed.row % (slots | own) for own in map(self._customer, range(1, self.fleet.tenants)))
            return listed.head % (slots | copy_slots(0)) + rows + listed.tail % (slots | copy_slots(0))
        if reduced in mould.of_copies and self._has_copy(tenant, path, copy):
            own = self._customer(copy) if reduced.startswith(RELATIONSHIPS) else copy_slots(copy)
            return mould.of_copies[reduced] % (slots | own)
        found = mould.answers.get(reduced)
        return None if found is None or copy else found % (slots | copy_slots(0))

    def _has_copy(self, tenant: FleetTenant, path: str, copy: int) -> bool:
        if path.startswith(RELATIONSHIPS):
            return 0 < copy < self.fleet.tenants
        return self.place(tenant, path.split("/")[2]) is not None

    def _customer(self, number: int) -> Slots:
        customer = self.fleet.tenant(number)
        mould, label = self.mould(customer), customer.label.encode()
        return copy_slots(number) | {
            b"customer_id": customer.tenant_id.encode(),
            b"customer_name": mould.name + b" " + label,
            b"customer_domain": label + b"." + mould.domain,
        }


def open_fleet(text: str) -> FleetStore:
    """Return the store of the fleet that ``tenants=400,users=100,sign_ins=1000`` describes. Raises ``ValueError``."""
    return FleetStore(parse_fleet(text))


class _List(Stored):
    """One of the long lists."""

    __slots__ = ("_store", "_tenant")

    def __init__(self, store: FleetStore, tenant: FleetTenant, path: str) -> None:
        self._store = store
        self._tenant = tenant
        self.members = {"@odata.context": msgspec.Raw(msgspec.json.encode(_CONTEXTS[path]))}
        self.items = store.items(tenant, path)
        self.size = 1
        self._places = None

    def find(self, key: str) -> msgspec.Raw | None:
        """Return an item by ``id`` without making those before it, or by ``userPrincipalName``."""
        place = self._store.place(self._tenant, key.lower())
        if place is not None and self.items is not None:
            return self.items[place]
        return super().find(key) if "@" in key else None
