from __future__ import annotations

from pathlib import Path

import pytest

from collectors.config import load
from collectors.errors import ConfigError

GOOD = """\
[endpoints]
graph = "http://127.0.0.1:8081"

[storage]
landing = "landing"

[[partner]]
tenant_id = "6f1d0c52-8a3e-4b7c-9d21-0a5b7e3c1f01"
name = "Nordlicht"
program = "direct-bill"
credential = "rollcall_nordlicht"

[[partner]]
tenant_id = "a2c94e17-5b60-4f38-8e4d-7c1b9f2d6e02"
name = "Kestrel"
program = "distributor"
credential = "rollcall_kestrel"
customers = ["00000000-0000-4000-8000-000000000001"]

[[waiver]]
rule = "MFA.REG.1v1"
tenant = "a2c94e17-5b60-4f38-8e4d-7c1b9f2d6e02"
owner = "a"
reason = "b"
approver = "c"
from = 2026-01-01
until = 2026-12-31

[reading]
strict = true
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "rollcall.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_good_file_is_read_and_its_paths_are_relative_to_it(tmp_path: Path) -> None:
    config = load(write(tmp_path, GOOD))
    assert [p.customers for p in config.partner] == ["discover", ("00000000-0000-4000-8000-000000000001",)]
    assert config.landing == tmp_path / "landing"
    assert config.published == tmp_path / "var/published/rollcall.duckdb"
    assert config.limits == f"sqlite:///{tmp_path}/var/limits.sqlite"  # wherever a process was started
    assert config.reading.strict
    assert config.waiver[0].from_.year == 2026


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("graph =", "grpah =", r"line 2: the key 'grpah' is not known. Did you mean 'graph'\?"),
        ("[storage]", "[storag]", r"line 4: the key 'storag' is not known. Did you mean 'storage'\?"),
        ("[[waiver]]", "[[waver]]", r"the key 'waver' is not known. Did you mean 'waiver'\?"),
        ('program = "distributor"', 'programme = "distributor"', r"line 16: the key 'programme' .* 'program'\?"),
        ('program = "distributor"', 'program = "distributer"', r"line 16: partner.1.program: found 'distributer'"),
        ('name = "Kestrel"\n', "", r"line 13: .*missing required field `name`"),
        ('name = "Kestrel"', 'zzz = "Kestrel"', r"line 15: the key 'zzz' is not known. Known keys: tenant_id, "),
        ('name = "Kestrel"', "name = 7", r"line 15: partner.1.name: found 7. Expected `str`, got `int`"),
        ("a2c94e17-5b60-4f38-8e4d-7c1b9f2d6e02", "A2C9", r"line 14: partner.1.tenant_id: found 'A2C9'"),
        ("strict = true", "strict = 1", r"line 30: reading.strict: found 1"),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081/v1.0", r"line 2: endpoints.graph: found"),
        ("http://127.0.0.1:8081", "http://user:pass@host", r"line 2: endpoints.graph: found"),
        ("until = 2026-12-31", "until = 2025-12-31", "ends .2025-12-31. before it begins"),
        ("[[partner]]", "[partner]]", "cannot be read as TOML"),
        ("[reading]", 'folder = "/tmp"\n[reading]', "the key 'folder' is not known"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError, match=words):
        load(write(tmp_path, GOOD.replace(old, new, 2 if old == "[[partner]]" else 1)))


def test_a_partner_twice_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace("a2c94e17-5b60-4f38-8e4d-7c1b9f2d6e02", "6f1d0c52-8a3e-4b7c-9d21-0a5b7e3c1f01")
    with pytest.raises(ConfigError, match="listed twice"):
        load(write(tmp_path, text))


def test_no_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file\. Write one"):
        load(tmp_path / "nowhere.toml")


def test_no_partner_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no \[\[partner\]\] is listed"):
        load(write(tmp_path, ""))


CLASS = """
[[account_class]]
class = "room"
tenant = "a2c94e17-5b60-4f38-8e4d-7c1b9f2d6e02"
accounts = ["room-7@x.example"]

[[account_class]]
class = "service"
tenant = "a2c94e17-5b60-4f38-8e4d-7c1b9f2d6e02"
group = "60000000-0000-4000-8000-000000000001"
"""


def test_what_accounts_are_for_is_read(tmp_path: Path) -> None:
    found = load(write(tmp_path, GOOD + CLASS)).account_class
    assert [(each.class_, each.accounts, each.group) for each in found] == [
        ("room", ("room-7@x.example",), None),
        ("service", (), "60000000-0000-4000-8000-000000000001"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            '"room"',
            '"rom"',
            r"line 33: account_class.0.class: found 'rom'. Expected one of human, .* \(the nearest is 'room'\)",
        ),
        ('"service"', '"sync"', r"line 38: account_class.1.class: found 'sync'. Expected one of human"),
        ('class = "room"', 'clas = "room"', r"line 33: the key 'clas' is not known. Did you mean 'class'\?"),
        ('tenant = "a2c94e17-5b60-4f38-8e4d-7c1b9f2d6e02"\naccounts', "accounts", "missing required field `tenant`"),
        ('["room-7@x.example"]', "[]", r"'room' of the tenant a2c9.* names nobody\. Give accounts"),
        ('["room-7@x.example"]', '["Room 7"]', r"names 'Room 7', which is no object id and no user principal name"),
        ('["room-7@x.example"]', '"room-7@x.example"', r"line 35: account_class.0.accounts: found .*Expected `array`"),
        ('"60000000-0000-4000-8000-000000000001"', '"Rooms"', r"line 40: account_class.1.group: found 'Rooms'"),
        ("group =", 'accounts = ["ROOM-7@x.example"]\ngroup =', "names ROOM-7@x.example, which is 'room' by another"),
    ],
)
def test_a_declaration_that_is_wrong_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in CLASS
    with pytest.raises(ConfigError, match=words):
        load(write(tmp_path, GOOD + CLASS.replace(old, new, 1)))
