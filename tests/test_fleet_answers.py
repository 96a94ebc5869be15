"""The fleet that is made up while it is read answers as Microsoft could, and adds up: whatever its size."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import load
from collectors.discover import discover, plan_tenants
from collectors.landing import Landing, Outcome, Plan, read_rows
from collectors.shape import row_type
from sandbox.calls import Answer, Call, Handler
from sandbox.fleet import APP_ID, SECRET, Fleet, FleetStore, open_fleet
from sandbox.server import running
from tests.referee import referee

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WIDE = Fleet(tenants=12, users=60, sign_ins=150, as_of=AS_OF)  # every mould
DEEP = Fleet(tenants=2, users=1203, sign_ins=4300, as_of=AS_OF)  # more than two copies of a mould


@pytest.fixture(scope="module")
def store() -> FleetStore:
    return FleetStore(DEEP)


def scan(folder: Path, url: str, monkeypatch: pytest.MonkeyPatch, fleet: Fleet) -> tuple[Landing, list[Outcome]]:
    connection = {"conn_type": "entra", "login": APP_ID, "password": SECRET}
    monkeypatch.setenv("AIRFLOW_CONN_FLEET", json.dumps(connection))
    (folder / "rollcall.toml").write_text(
        f"""
        [endpoints]
        login = "{url}"
        graph = "{url}"
        partner_center = "{url}"
        [[partner]]
        tenant_id = "{fleet.partner.tenant_id}"
        name = "Fleet"
        program = "direct-bill"
        credential = "fleet"
        """,
        "utf-8",
    )
    config = load(folder / "rollcall.toml")
    tenants = plan_tenants([discover(config, partner) for partner in config.partner], [], [])
    assert sorted(tenant.tenant_id for tenant in tenants) == sorted(
        fleet.tenant(number).tenant_id for number in range(fleet.tenants)
    )
    plan = Plan(scan_id="fleet", scanned_at=fleet.as_of, tenants=tuple(tenants))
    landing = Landing(config.landing, plan.scan_id)
    landing.write_plan(plan)
    return landing, collect(config, plan, tenants, catalogue())


def test_every_answer_agrees_with_microsofts_descriptions(
    tmp_path: Path, golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[tuple[str, Answer]] = []

    async def watch(call: Call, handler: Handler) -> Answer:
        answer = await handler(call)
        if call.service == "graph":
            answers.append((f"https://graph.microsoft.com/{call.path}", answer))
        return answer

    with running(FleetStore(WIDE), hooks=(watch,)) as url:
        _, outcomes = scan(tmp_path, url, monkeypatch, WIDE)
    assert [o for o in outcomes if o.state not in {"complete", "not_licensed", "skipped"}] == []
    # P1 has no Privileged Identity Management.
    not_licensed = {o.dataset for o in outcomes if o.state == "not_licensed"}
    assert not_licensed == {"role_eligibilities", "role_assignment_instances"}
    judge = referee()
    judged, objections = 0, []
    for asked, answer in answers:
        body: Any = msgspec.json.decode(answer.body.plain)
        headers = {"Content-Type": answer.content_type.decode()} | {
            name.decode(): value.decode() for name, value in answer.headers
        }
        judged += judge.covers(asked)
        objections += [(asked, said) for said in judge.objections("GET", asked, answer.status, headers, body)]
    assert objections == []
    assert judged > 100


def test_lists_that_repeat_their_mould_are_whole_and_name_only_who_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: FleetStore
) -> None:
    with running(store) as url:
        landing, outcomes = scan(tmp_path, url, monkeypatch, DEEP)
    found = {(o.tenant_id, o.dataset): o for o in outcomes}

    def column(tenant_id: str, name: str, source: str) -> list[Any]:
        table = next(dataset.table for dataset in catalogue().datasets if dataset.name == name)
        place = [column.source for column in table.columns].index(source)
        rows = read_rows(landing.path(found[tenant_id, name]), row_type(table))
        return [getattr(row, f"f{place}") for row in rows]

    for number in range(DEEP.tenants):
        tenant_id = DEEP.tenant(number).tenant_id
        users = column(tenant_id, "users", "id")
        assert len(users) == len(set(users)) == 1203
        names = column(tenant_id, "users", "userPrincipalName")
        assert len(names) == len(set(names))
        reported = column(tenant_id, "authentication_methods", "id")
        assert len(reported) == len(set(reported))
        assert set(reported) < set(users)
        assert len(reported) > 1000
        assert sorted(column(tenant_id, "per_user_mfa", "id")) == sorted(users)
        sign_ins = column(tenant_id, "sign_ins", "id")
        assert len(sign_ins) == len(set(sign_ins)) == 4300
        assert set(column(tenant_id, "sign_ins", "userId")) < set(users)
        kinds = column(tenant_id, "group_members", "@odata.type")
        members = zip(column(tenant_id, "group_members", "id"), kinds, strict=True)
        assert {member for member, kind in members if kind == "#microsoft.graph.user"} <= set(users)
    assert found[DEEP.partner.tenant_id, "gdap_relationships"].rows == 1
    assert found[DEEP.partner.tenant_id, "gdap_assignments"].rows == 3


def test_the_same_numbers_give_the_same_bytes_and_another_seed_other_ids(store: FleetStore) -> None:
    twin = FleetStore(DEEP)
    other = FleetStore(Fleet(tenants=2, users=100, sign_ins=10, seed=2, as_of=AS_OF))
    tenant = DEEP.tenant(1)
    for path in ("v1.0/users", "beta/auditLogs/signIns"):
        assert [*map(bytes, store.items(tenant, path))] == [*map(bytes, twin.items(tenant, path))]
    assert not other.has_tenant(tenant.tenant_id)


def test_a_list_is_filtered_by_time_as_if_it_were_a_file(store: FleetStore) -> None:
    rows = store.items(DEEP.tenant(1), "beta/auditLogs/signIns")
    times = [msgspec.json.decode(row)["createdDateTime"] for row in rows]
    assert times == sorted(times, reverse=True)
    edge = times[500]
    for operator, wanted in (
        ("ge", [t for t in times if t >= edge]),
        ("gt", [t for t in times if t > edge]),
        ("le", [t for t in times if t <= edge]),
        ("lt", [t for t in times if t < edge]),
    ):
        matching = rows.matching(f"createdDateTime {operator} {edge}")
        assert matching is not None
        assert [msgspec.json.decode(row)["createdDateTime"] for row in matching] == wanted
    nothing = rows.matching(f"createdDateTime lt {times[600]} and createdDateTime ge {times[500]}")
    assert nothing is not None
    assert list(nothing) == []
    assert rows.matching("userType eq 'guest'") is None


def test_a_description_that_is_no_fleet_is_refused() -> None:
    for text in ("", "tenants=4", "tenants=4,users=100,sign_ins=x", "tenants=4,users=100,sign_ins=1,colour=red"):
        with pytest.raises(ValueError, match=r"fleet|int"):
            open_fleet(text)
    with pytest.raises(ValueError, match="at least 60"):
        open_fleet("tenants=4,users=3,sign_ins=1")
