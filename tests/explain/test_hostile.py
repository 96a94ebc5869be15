"""Names of a tenant do nothing but stand there: in the terminal, as data, on the page."""

from __future__ import annotations

import pytest

from checks.explain.dossier import dossiers
from checks.explain.explain import explain
from checks.explain.explanation import Explanation
from checks.judge import judge
from checks.report.explained import as_json
from tests.checks.world import AS_OF
from tests.explain.told import text
from tests.judge.test_judge import LEFT_OUT, PARTNER, access, group, user, world
from tests.scorecards.fleet import EVIL
from warehouse.engine import reader
from warehouse.publish import publish


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    """Return the explanation of an account all of whose names, groups, policies and apps are hostile."""
    rows = access({**LEFT_OUT, "display_name": EVIL}, **group("g1", "bob", name=EVIL))
    rows["users"] = [user("bob", display_name=EVIL, user_principal_name=f"{EVIL}@x.example")]
    rows["tenants"] = [{"tenant_id": PARTNER, "kind": "partner", "partner_id": PARTNER, "name": EVIL}]
    rows["sign_ins"] = [
        {
            "tenant_id": PARTNER,
            "sign_in_id": "s1",
            "signed_in_at": AS_OF,
            "user_id": "bob",
            "error_code": 0,
            "is_interactive": True,
            "app_display_name": EVIL,
            "client_app_used": EVIL,
            "authentication_requirement": "singleFactorAuthentication",
            "authentication_details": [],
        }
    ]
    here = world(tmp_path_factory.mktemp("hostile"), **rows)
    judge(here.config)
    publish(here.config)
    with reader(here.config.published) as con:
        return explain(dossiers(con, here.config, [(PARTNER, "bob")])[PARTNER, "bob"])


def test_a_terminal_sees_no_escape_and_no_turn_of_direction(hostile: Explanation) -> None:
    shown = text(hostile, 100)
    assert "alert(1)" in shown
    assert all(line.isprintable() for line in shown.split("\n"))
    assert "[bold]" in shown  # no markup of rich's


def test_data_is_ascii(hostile: Explanation) -> None:
    assert as_json(hostile).isascii()
    assert "\\u001b" not in as_json(hostile)
