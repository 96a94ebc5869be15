"""Two nights of two partners, published: in the second some things got worse, and names are hostile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from checks.changes.record import record as record_changes
from checks.check import check
from checks.judge import judge
from checks.rules import rule
from checks.scorecards import record
from collectors.config import Config
from tests.checks.tenants import registered, relationship, tenant, together, user
from tests.checks.world import AS_OF, World, guid, only, waiver
from tests.notify.receivers import Mailbox, Webhook, mailbox, webhook
from warehouse.publish import publish

OURS, CUSTOMER, THEIRS = guid(1), guid(2), guid(3)
EVIL = (
    "<script>alert(1)</script> {{ 7*7 }} {% raw %} ${1+1} [x](http://x.example) <!channel> <at>all</at> *b* "
    "\x1b[31m\u202e\r\nBcc: x@x.example"
)
RULES = (rule("MFA.REG.1v1"), rule("MFA.POL.1v1"))
RULE = RULES[0].id
LAST = "select max(scan_id) from scans"


def _tenant(tenant_id: str, name: str, partner: str, **changes: Any) -> dict[str, list[dict[str, Any]]]:
    rows = tenant(tenant_id, kind="partner" if tenant_id == partner else "customer", **changes)
    rows["tenants"] = [{**rows["tenants"][0], "name": name, "partner_id": partner}]
    return rows


def pytest_configure(config: pytest.Config) -> None:
    # Great Expectations imports two modules of the standard library that Python 3.11 deprecates.
    config.addinivalue_line(
        "filterwarnings", "ignore:module 'sre_(constants|parse|compile)' is deprecated:DeprecationWarning"
    )


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Scan, judge, check and publish twice; return the configuration, without anybody to tell."""
    people = {
        "users": [user("u1"), user("u2")],
        "authentication_methods": [registered("u1"), registered("u2")],
        "organization": [
            {"organization_id": "o", "verified_domains": [{"name": "x.example", "type": "Managed", "isDefault": True}]}
        ],
        "per_user_mfa": [{"user_id": one, "per_user_mfa_state": "disabled"} for one in ("u1", "u2")],
    }
    ending = relationship("r-ends", display_name=f"Ends {EVIL}", end_at=AS_OF + timedelta(days=30, hours=12))
    world = World(
        tmp_path_factory.mktemp("nights"),
        together(
            _tenant(OURS, "Nordlicht", OURS, gdap_relationships=[ending], **people),
            _tenant(CUSTOMER, EVIL, OURS, **people),
            _tenant(THEIRS, "Kestrel Secret", THEIRS, **people),
        ),
        [waiver(RULE, OURS, accounts=("u2@x.example",), until=date(2026, 12, 7))],
    )
    _night(world)
    world.execute("insert into scans values ('scan-2', '2026-11-24 02:00:00', [])")
    world.execute(
        "insert into source_status select * replace ('scan-2' as scan_id, "
        f"if(dataset = 'sign_ins' and tenant_id = '{CUSTOMER}', 'failed', state) as state, "
        "'503 all night' as message) from source_status where scan_id = 'scan-1'"
    )
    world.execute(
        "update authentication_methods set is_mfa_registered = false, is_mfa_capable = false, methods_registered = [] "
        "where user_id = 'u1'"
    )
    world.execute("update security_defaults set is_enabled = false")
    _night(world)
    publish(world.config)
    return world.config


def _night(world: World) -> None:
    judge(world.config)
    check(world.config, only(*RULES))
    record_changes(world.config)
    record(world.config)


@pytest.fixture
def config(nights: Config) -> Iterator[Config]:
    """Return the nights without receipts."""
    yield nights
    nights.published.with_name("notified.json").unlink(missing_ok=True)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as received:
        yield received


@pytest.fixture
def mails() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


def telling(config: Config, *channels: Any) -> Config:
    return msgspec.structs.replace(config, notify=channels)
