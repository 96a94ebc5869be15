"""The same as data, for programs; and which account is meant."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from checks.errors import CheckError
from checks.explain.dossier import dossiers
from checks.explain.explain import explain
from checks.explain.explanation import Explanation
from checks.explain.find import find
from checks.report.explained import as_json
from collectors.config import Config
from tests.explain.conftest import CASES
from warehouse.engine import reader

KESTREL = "Kestrel Distribution Ltd"


@pytest.mark.parametrize("name", CASES)
def test_json_has_the_shape_of_an_explanation(explained: dict[str, Explanation], name: str) -> None:
    text = as_json(explained[name])
    assert text.isascii()
    assert msgspec.json.decode(text, type=Explanation) == explained[name]
    schema = msgspec.json.schema(Explanation)["$defs"]["Explanation"]
    assert set(schema["required"]) <= set(json.loads(text)) == set(schema["properties"])


@pytest.mark.parametrize("name", CASES[::9])
def test_an_account_asked_about_alone_is_told_the_same(
    fleet: Config, cases: dict[str, dict[str, Any]], explained: dict[str, Explanation], name: str
) -> None:
    """Alone, it is read by other queries: of its tenant and of nobody else."""
    account = (cases[name]["tenant_id"], cases[name]["account_id"])
    with reader(fleet.published) as con:
        assert explain(dossiers(con, fleet, [account])[account]) == explained[name]
        other = next(each for each in con.execute("select tenant_id, user_id from users").fetchall() if each != account)
        assert explain(dossiers(con, fleet, [account, other])[account]) == explained[name]


def test_an_account_is_found_by_id_sign_in_name_and_display_name(fleet: Config) -> None:
    upn = "case-sms-only@kestrel.example"
    with reader(fleet.published) as con:
        account = find(con, upn)
        assert find(con, upn.upper(), KESTREL) == account
        assert find(con, account[1]) == account
        assert find(con, "Case: registered SMS only") == account


@pytest.mark.parametrize(
    ("wanted", "tenant", "words"),
    [
        ("case-sms", None, "The nearest: case-sms-only@kestrel.example"),
        ("case-sms-only@kestrel.example", "Nordlicht Cloud GmbH", "no account has"),
        ("case-sms-only@kestrel.example", "Kestrl", 'There are: "Kestrel Distribution Ltd"'),
        ("x\x1b[31m\u202e", None, 'display name "x [31m"'),
    ],
)
def test_who_is_not_there_is_told_with_who_comes_close(
    fleet: Config, wanted: str, tenant: str | None, words: str
) -> None:
    with reader(fleet.published) as con, pytest.raises(CheckError) as caught:
        find(con, wanted, tenant)
    assert words in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_name_that_several_have_is_told_with_all_of_them(fleet: Config) -> None:
    with reader(fleet.published) as con:
        [[name, count]] = con.execute(
            "select display_name, count(*) from users group by all having count(*) between 2 and 8 limit 1"
        ).fetchall()
        with pytest.raises(CheckError, match=f"{count} accounts are called") as caught:
            find(con, name)
    assert str(caught.value).count(", id ") == count
