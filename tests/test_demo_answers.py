"""Every answer that a scan of the demo fleet gets from the sandbox is one that Microsoft could have given."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collectors.catalogue import catalogue
from collectors.collect import collect
from collectors.config import load
from collectors.discover import discover, plan_tenants
from collectors.landing import Landing, Plan
from sandbox.calls import Answer, Call, Handler
from sandbox.demo import write_fleet
from sandbox.server import running
from tests.referee import referee

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DEMO = Path(__file__).parent.parent / "sandbox" / "demo" / "rollcall.toml"


def test_every_answer_agrees_with_microsofts_descriptions(
    tmp_path: Path, golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_fleet(tmp_path / "demo", as_of=AS_OF)
    answers: list[tuple[str, Answer]] = []

    async def watch(call: Call, handler: Handler) -> Answer:
        answer = await handler(call)
        if call.service == "graph":
            answers.append((f"https://graph.microsoft.com/{call.path}", answer))
        return answer

    connections = msgspec.json.decode((tmp_path / "demo" / "credentials" / "connections.json").read_bytes())
    for name, connection in connections.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", msgspec.json.encode(connection).decode())
    with running(tmp_path / "demo", hooks=(watch,)) as url:
        text = DEMO.read_text("utf-8").replace("http://127.0.0.1:8081", url).replace("../../var", "var")
        (tmp_path / "rollcall.toml").write_text(text, "utf-8")
        config = load(tmp_path / "rollcall.toml")
        tenants = plan_tenants([discover(config, partner) for partner in config.partner], [], [])
        assert len(tenants) == 14
        plan = Plan(scan_id="demo", scanned_at=AS_OF, tenants=tuple(tenants))
        Landing(config.landing, plan.scan_id).write_plan(plan)
        outcomes = collect(config, plan, tenants, catalogue())
    assert {o.state for o in outcomes} == {"complete", "not_licensed", "not_permitted", "skipped"}
    assert {o.code for o in outcomes if o.state == "skipped"} == {"NotNeeded", "NeedsUser"}
    # The one thing in the fleet that cannot be read, on purpose.
    assert [o.dataset for o in outcomes if o.state == "not_permitted"] == ["per_user_mfa"]

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
