"""Packs of rules that are not ours: in a TOML file, and from a plugin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from checks.check import check
from checks.rule import Pack, all_of, any_of, at_least, at_most, equals, in_set, is_false, is_true
from checks.rules import packs, packs_of, rule
from checks.rules.files import read_pack
from checks.rules.installed import distinct, plugin_packs
from collectors.config import Rules
from collectors.errors import ConfigError
from tests.checks.tenants import tenant, together, user
from tests.checks.world import CATALOGUE, World, guid
from warehouse.engine import writer
from warehouse.preparation import is_ready

A, B = guid(1), guid(2)
PACK = '''
name = "acme"
title = "Acme's own"
description = "What Acme asks of itself."

[evidence]
acme_names = """
-- One row per tenant_id, resource_id (an account).
select
    tenant_id, 'account' as resource_type, user_id as resource_id, user_principal_name as resource_name,
    user_id as account_id, starts_with(user_principal_name, 'adm-') as is_named_well
from users
"""

[[rule]]
id = "ACME.NAME.1v1"
title = "Names begin with adm-"
description = "Every account."
severity = "low"
weight = 1
owed_by = ["partner"]
recommended_to = ["customer"]
evidence = "acme_names"
expect = { is_true = "is_named_well" }
needs = ["users"]
reason = "{resource_name} is called otherwise."
unknown = "{count} of {in_scope} accounts: no name"
remediation = "Rename it."

[rule.source]
document = "Acme's handbook"
url = "https://acme.example/handbook"
clause = "Names begin with adm-."
read_on = 2026-11-01
'''


def written(folder: Path, text: str = PACK) -> Path:
    path = folder / "acme.toml"
    path.write_text(text, "utf-8")
    return path


def world(folder: Path, text: str = PACK) -> World:
    users = [user("adm-ann"), user("bob")]
    one = World(folder, together(tenant(A, users=users), tenant(B, kind="customer", users=[user("adm-cid")])))
    one.config = msgspec.structs.replace(one.config, rules=Rules(packs=(str(written(folder, text)),)))
    return one


def test_a_pack_in_a_file_is_judged_like_any_other(tmp_path: Path) -> None:
    one = world(tmp_path)
    summary = check(one.config)
    assert summary.rules == sum(len(pack.rules) for pack in packs()) + 1
    about = "from rule_results where rule_id = 'ACME.NAME.1v1' order by tenant_id"
    assert one.table(f"select tenant_id, result, in_scope, failing {about}") == [(A, "fail", 2, 1), (B, "pass", 1, 0)]
    assert one.table("select reason, remediation from findings where rule_id = 'ACME.NAME.1v1'") == [
        ("bob@x.example is called otherwise.", "Rename it.")
    ]
    assert one.table("select pack, title, source from rules where rule_id = 'ACME.NAME.1v1'") == [
        ("acme", "Names begin with adm-", "Acme's handbook")
    ]
    assert (one.config.published.parent / "great_expectations" / "acme_results.json").exists()


def test_its_evidence_is_a_view_until_the_pack_is_gone(tmp_path: Path) -> None:
    one = world(tmp_path)
    check(one.config)
    assert len(one.table("from evidence.acme_names")) == 3
    with writer(one.config.warehouse) as con:
        assert is_ready(con, CATALOGUE)  # a load has nothing to make anew
    one.config = msgspec.structs.replace(one.config, rules=Rules())
    check(one.config)
    assert one.table("select view_name from duckdb_views() where view_name = 'acme_names'") == []


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("from users", "from nothing", "nothing"),
        ("from users", "from users; select 1", "more than one statement"),
        ("user_id as resource_id, ", "", "evidence.acme_names lacks resource_id. Select them"),
        ("starts_with(user_principal_name, 'adm-')", "cast(user_principal_name as integer) > 0", "Could not convert"),
    ],
    ids=["no such table", "two statements", "no resource", "raises"],
)
def test_evidence_that_is_wrong_is_an_error_of_its_rules_only(
    tmp_path: Path, was: str, becomes: str, said: str
) -> None:
    one = world(tmp_path, PACK.replace(was, becomes))
    summary = check(one.config)
    assert summary.results["error"] == 2
    [(reason,)] = one.table("select distinct reason from rule_results where result = 'error'")
    assert said in reason
    assert summary.problems == (f"ACME.NAME.1v1 could not be judged: {reason}",)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('severity = "low"', 'severity = "grim"', r"acme\.toml: Invalid enum value 'grim'.*rule.*severity"),
        ("weight = 1", "wieght = 1", "unknown field `wieght`"),
        ('title = "Names begin with adm-"', "", "missing required field `title`"),
        ("ACME.NAME.1v1", "acme-1", "rule acme-1: rule id 'acme-1': expected a subject"),
        ('{ is_true = "is_named_well" }', "{ }", "expect holds none, expected exactly one of in_set, equals"),
        (
            'is_true = "is_named_well"',
            'is_true = "is_named_well", is_false = "x"',
            "expect holds is_true and is_false, expected exactly one",
        ),
        ('is_true = "is_named_well"', 'is_true = "1; drop table users"', "is no column of an evidence view"),
        ('name = "acme"', 'name = "Acme!"', "pack 'Acme!': expected a name of lower-case letters"),
        ('name = "acme"', "name = acme", "cannot be read as TOML"),
        ("owed_by = [\"partner\"]", 'owed_by = ["reseller"]', "Invalid enum value 'reseller'"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_named(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    assert was in PACK
    with pytest.raises(ConfigError, match=said):
        read_pack(written(tmp_path, PACK.replace(was, becomes, 1)))


def test_a_file_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    one = world(tmp_path)
    config = msgspec.structs.replace(one.config, rules=Rules(packs=("packs/none.toml",)))
    with pytest.raises(ConfigError, match=r"packs/none\.toml: there is no such pack of rules\. Correct \[rules\]"):
        packs_of(config)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ('in_set = { column = "x", values = ["a", "b"] }', in_set("x", "a", "b")),
        ('in_set = { column = "x", values = ["a"], unknown = ["?"] }', in_set("x", "a", unknown=("?",))),
        ('equals = { column = "x", value = 3 }', equals("x", 3)),
        ('equals = { column = "x", value = "a", unknown = ["?"] }', equals("x", "a", ("?",))),
        ('is_false = "x"', is_false("x")),
        ('at_most = { column = "x", limit = 3 }', at_most("x", 3)),
        ('at_least = { column = "x", limit = 0.5 }', at_least("x", 0.5)),
        ('all_of = [{ is_true = "x" }, { is_false = "y" }]', all_of(is_true("x"), is_false("y"))),
        (
            'any_of = [{ is_true = "x" }, { all_of = [{ is_true = "y" }, { is_false = "z" }] }]',
            any_of(is_true("x"), all_of(is_true("y"), is_false("z"))),
        ),
    ],
)
def test_a_requirement_in_a_file_is_the_one_in_python(tmp_path: Path, said: str, meant: object) -> None:
    pack = read_pack(written(tmp_path, PACK.replace('is_true = "is_named_well"', said)))
    assert pack.rules[0].expect == meant


def test_evidence_called_like_ours_is_refused(tmp_path: Path) -> None:
    one = world(tmp_path, PACK.replace("acme_names", "mfa_registration"))
    with pytest.raises(ConfigError, match=r"pack acme: evidence\.mfa_registration is a view of ours\. Give it another"):
        packs_of(one.config)


def test_what_stands_twice_is_refused() -> None:
    [first, second, *_] = packs()
    with pytest.raises(ConfigError, match=f"these stand twice: {first.name}"):
        distinct([first, replace(second, name=first.name)])
    with pytest.raises(ConfigError, match=f"these stand twice: {first.rules[0].id}"):
        distinct([first, replace(second, rules=first.rules[:1])])


def test_a_plugin_gives_packs_or_files_of_them(tmp_path: Path) -> None:
    own = Pack(name="own", title="Own", description="One.", rules=(rule("MFA.REG.1v1"),))
    given = [("acme_plugin", own), ("acme_plugin", written(tmp_path)), ("other", str(written(tmp_path)))]
    assert [pack.name for pack in plugin_packs(given)] == ["own", "acme", "acme"]
    with pytest.raises(ConfigError, match="plugin acme_plugin: rollcall_rule_packs gave SimpleNamespace, expected"):
        [*plugin_packs([("acme_plugin", SimpleNamespace(name="own"))])]


def test_the_example_in_the_documentation_works(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "packs.md").read_text("utf-8")
    example = page.split("```toml")[2].split("```")[0]
    one = world(tmp_path, example)
    assert check(one.config).problems == ()
    assert one.table("select count(*) from rule_results where rule_id = 'ACME.NAME.1v1'") == [(2,)]
    words = ("in_set", "equals", "is_true", "is_false", "at_most", "at_least", "all_of", "any_of")
    assert [word for word in words if f"{{ {word} = " not in page] == []
