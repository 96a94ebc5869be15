"""From an answer of a demo tenant to a mould: places are marked where a copy differs.

A mould is JSON with ``%(name)b`` in its strings, so that one ``%`` makes an answer of it. Ids made by the demo's
generator keep their middle: the first eight digits become the tenant's, eight of the last group say which copy it is.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from sandbox.demo.credentials import APPS
from sandbox.demo.model import Account, Json, Tenant

Slots = dict[bytes, bytes]

APP_ID: Final = "f1ee7000-0000-4000-8000-000000000001"
"""The application that reads the fleet."""

FIRST: Final = b"%08x" % 0
COPY: Final = b"%(copy)b"
# uuid5: every id of the demo fleet but Microsoft's own and those of sign-ins.
_OWN: Final = re.compile(
    r"([0-9a-f]{8})(-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-)([0-9a-f]{8})([0-9a-f]{4})(?![0-9a-f])"
)
_OWN_BYTES: Final = re.compile(_OWN.pattern.encode())


class Marker:
    """Marks the answers of one demo tenant; ``partner`` is the tenant that manages it, or itself."""

    def __init__(self, tenant: Tenant, partner: Tenant) -> None:
        self._texts = [
            *((app.app_id.encode(), APP_ID.encode()) for app in APPS.values()),
            (tenant.id.encode(), b"%(tenant_id)b"),
            (partner.id.encode(), b"%(partner_id)b"),
            *((name.encode(), b"%(label)b." + name.encode()) for name in (tenant.domain, tenant.initial_domain)),
            (b'"' + encoded_name(tenant), b'"' + encoded_name(tenant) + b" %(label)b"),
        ]

    def answer(self, body: object) -> bytes:
        """Mark an answer that a tenant gives once."""
        return _own_ids(self._common(body), FIRST)

    def answer_of_copy(self, body: object) -> bytes:
        """Mark an answer that is given for each copy of an account."""
        return _own_ids(self._common(body), COPY)

    def customer_row(self, body: Json, customer: Tenant) -> bytes:
        """Mark what a partner says of one customer: the groups it names are the partner's."""
        text = self._common(body).replace(customer.id.encode(), b"%(customer_id)b")
        text = text.replace(customer.domain.encode(), b"%(customer_domain)b")
        text = text.replace(b'"' + encoded_name(customer), b'"%(customer_name)b')
        container = body.get("accessContainer", {}).get("accessContainerId", "").encode()
        text = text.replace(container, _own_ids(container, FIRST)) if container else text
        return _own_ids(text, COPY)

    def account_row(self, body: Json, account: Account) -> bytes:
        """Mark a row about an account: its id and names are the copy's, what it refers to is the tenant's."""
        own = account.id.encode()
        text = self._common(body).replace(own, _own_ids(own, COPY))
        for name in _local_parts(account):
            for end in (b"@", b"#EXT#", b"#ext#"):
                text = text.replace(b'"' + name + end, b'"' + name + b"%(again)b" + end)
        return _own_ids(text, FIRST)

    def sign_in_row(self, body: Json, account: Account) -> bytes:
        """Mark a sign-in: a row about an account, with ids and times of its own."""
        text = self.account_row(body, account)
        for name in ("id", "correlationId"):  # originalRequestId is the id again
            found = body[name].encode()
            text = text.replace(found, b"%(tenant)b" + found[8:24] + b"%(round)b" + found[32:])
        unique = body["uniqueTokenIdentifier"].encode()
        text = text.replace(b'"' + unique, b'"%(tenant)b%(round)b' + unique[16:])
        return text.replace(body["createdDateTime"].encode(), b"%(when)b")

    def _common(self, body: object) -> bytes:
        text = msgspec.json.encode(body).replace(b"%", b"%%")
        for old, new in self._texts:
            text = text.replace(old, new)
        return text


def mould_path(path: str) -> str:
    """Return a path of a demo tenant with its own ids reduced to what is the same in every tenant and copy."""
    return _OWN.sub(r"\2\4", path)


def requested_path(path: str, prefix: str, label: str) -> tuple[str, int]:
    """Return a path of a tenant in the same form, and the copy that its last own id names; 0 if it names none."""
    copy = 0

    def reduce(found: re.Match[str]) -> str:
        nonlocal copy
        if found[1] != prefix:
            return found[0]
        copy = int(found[3], 16)
        return found[2] + found[4]

    reduced = _OWN.sub(reduce, path)
    return reduced.replace(f"/{label}.", "/").replace(f".{label}.", "."), copy


def encoded_name(tenant: Tenant) -> bytes:
    """Return a tenant's name as it stands in JSON."""
    return msgspec.json.encode(tenant.name)[1:-1]


def _own_ids(text: bytes, copy: bytes) -> bytes:
    return _OWN_BYTES.sub(rb"%(tenant)b\g<2>" + copy + rb"\g<4>", text)


def _local_parts(account: Account) -> set[bytes]:
    addresses = (account.upn.partition("#EXT#")[0], str(account.user["mail"] or ""))
    names = {address.partition("@")[0] for address in addresses} - {""}
    return {name.encode() for part in names for name in (part, part.lower())}
