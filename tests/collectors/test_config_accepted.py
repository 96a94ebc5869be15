"""What of waivers, technical exceptions and notifications the file alone shows to be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.accepted import SCENARIOS, scenario_of
from collectors.config import Config, load
from collectors.errors import ConfigError

TENANT, OTHER = "6f1d0c52-8a3e-4b7c-9d21-0a5b7e3c1f01", "a2c94e17-5b60-4f38-8e4d-7c1b9f2d6e02"
PARTNER = f'[[partner]]\ntenant_id = "{TENANT}"\nname = "N"\nprogram = "direct-bill"\ncredential = "c"\n'
WAIVER = f"""\
[[waiver]]
rule = "MFA.REG.1v1"
tenant = "{TENANT}"
owner = "Ola"
reason = "Keys are ordered."
approver = "Ann"
from = 2026-01-01
until = 2026-12-31
"""
EXCEPTION = f"""\
[[technical_exception]]
tenant = "{TENANT}"
scenario = "third_party_mfa"
reason = "It emits no claim."
vendor = "V"
vendor_confirmation = "D1"
configuration = "D2"
test_output = "D3"
purchase_order = "D4"
integration = "federation"
ticket = "T-1"
from = 2026-01-01
until = 2026-12-31
accounts = ["u@x.example"]
"""
NOTIFY = """\
[[notify]]
kind = "mail"
connection = "m"
to = ["a@x.example"]

[[notify]]
kind = "teams"
connection = "t"
"""


def read(folder: Path, text: str) -> Config:
    path = folder / "rollcall.toml"
    path.write_text(f"{PARTNER}\n{text}", "utf-8")
    return load(path)


def test_a_waiver_knows_its_line_and_all_that_it_is_for(tmp_path: Path) -> None:
    many = WAIVER.replace('rule = "MFA.REG.1v1"', 'rules = ["A.B.1v1", "A.B.1v1", "A.C.1v1"]')
    many = many.replace(f'tenant = "{TENANT}"', f'tenants = ["{TENANT}", "{OTHER}"]')
    one, two = read(tmp_path, f"{WAIVER}\n{many}").waiver
    assert (one.rule_ids, one.tenant_ids, one.line, one.is_for_all) == (("MFA.REG.1v1",), (TENANT,), 7, True)
    assert (two.rule_ids, two.tenant_ids, two.line) == (("A.B.1v1", "A.C.1v1"), (TENANT, OTHER), 16)
    assert one.waiver_id != two.waiver_id


def test_its_end_and_its_words_make_no_other_waiver(tmp_path: Path) -> None:
    [one] = read(tmp_path, WAIVER).waiver
    [two] = read(tmp_path, WAIVER.replace("Ann", "Bo").replace("2026-12-31", "2027-01-31").replace("Keys", "k")).waiver
    [other] = read(tmp_path, WAIVER.replace("2026-01-01", "2026-01-02")).waiver
    assert one.waiver_id == two.waiver_id != other.waiver_id


def test_one_for_an_account_or_a_group_is_not_for_all(tmp_path: Path) -> None:
    for more in ('accounts = ["u@x.example"]', f'group = "{OTHER}"'):
        [one] = read(tmp_path, f"{WAIVER}{more}\n").waiver
        assert not one.is_for_all


@pytest.mark.parametrize("end", ["2026-01-01", "2027-02-05"])
def test_the_first_day_alone_and_400_days_are_allowed(tmp_path: Path, end: str) -> None:
    assert read(tmp_path, WAIVER.replace("2026-12-31", end)).waiver


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'reason = "Keys are ordered."\n',
            "",
            r"line 7: waiver.0: .*missing required field `reason`. Say in a sentence",
        ),
        ("Keys are ordered.", " ", r"line 11: the waiver has an empty `reason`. Say in a sentence why it is accepted"),
        ('owner = "Ola"', 'owner = ""', r"line 10: the waiver has an empty `owner`. Name who answers for it"),
        ('approver = "Ann"', 'approver = ""', r"line 12: the waiver has an empty `approver`. Name who accepted it"),
        ("2026-12-31", "2025-12-31", r"line 14: the waiver ends .2025-12-31. before it begins .2026-01-01."),
        ("2026-12-31", "2027-02-06", r"line 14: the waiver is for 401 days .*; 400 are the most. Give an earlier"),
        ("2026-12-31", '"soon"', r"line 14: waiver.0.until: found 'soon'"),
        ('rule = "MFA.REG.1v1"\n', "", r"line 7: the waiver names no rule. Give either `rule"),
        ("rule =", 'rules = ["A.B.1v1"]\nrule =', r"line 9: the waiver names its rules twice. Give either `rule"),
        (f'tenant = "{TENANT}"\n', "", r"line 7: the waiver names no tenant. Give either `tenant"),
        (
            f'tenant = "{TENANT}"\n',
            f'tenants = ["{TENANT}", "{OTHER}"]\naccounts = ["u@x.example"]\n',
            r"line 9: the waiver names accounts or a group, which belong to one tenant, and 2 tenants",
        ),
        ("owner =", 'accounts = ["Ola Nord"]\nowner =', r"line 10: the waiver names 'Ola Nord', which is no object id"),
        ("owner =", 'group = "Keys"\nowner =', r"line 10: waiver.0.group: found 'Keys'"),
        ("owner =", 'onwer = "x"\nowner =', r"line 10: the key 'onwer' is not known. Did you mean 'owner'\?"),
        ("owner =", "line = 1\nowner =", r"line 10: the key 'line' is not known"),
    ],
)
def test_a_waiver_that_is_wrong_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in WAIVER
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, WAIVER.replace(old, new, 1))


def test_the_second_of_two_waivers_is_named_by_its_own_line(tmp_path: Path) -> None:
    second = WAIVER.replace("MFA.REG", "MFA.POL").replace("Keys are ordered.", "")
    with pytest.raises(ConfigError, match=r"line 20: the waiver has an empty `reason`"):
        read(tmp_path, f"{WAIVER}\n{second}")
    with pytest.raises(ConfigError, match=r"line 22: .*accepts the same since the same day as the one on line 7"):
        read(tmp_path, f"{WAIVER}\n{WAIVER}")


@pytest.mark.parametrize("scenario", ["6", '"third_party_mfa"'])
def test_the_one_scenario_that_microsoft_accepts_is_read(tmp_path: Path, scenario: str) -> None:
    [one] = read(tmp_path, EXCEPTION.replace('"third_party_mfa"', scenario)).technical_exception
    assert scenario_of(one.scenario) == "third_party_mfa"
    assert one.line == 7


@pytest.mark.parametrize(
    ("number", "name", "words"),
    [
        (1, "more_time", "Microsoft grants no more time"),
        (
            2,
            "no_delegated_rights",
            "not affected by the technical enforcement.*the contract demands MFA of them all the",
        ),
        (3, "service_account", "do not touch Partner Center.*the contract demands MFA of them all the same"),
        (4, "clean_desk", "a rule that forbids phones is no technical issue: use"),
        (5, "legacy_authentication", "move to modern authentication, or use app passwords"),
    ],
)
def test_every_other_scenario_is_refused_for_microsofts_reason(
    tmp_path: Path, number: int, name: str, words: str
) -> None:
    assert list(SCENARIOS)[number - 1] == name
    for given in (str(number), f'"{name}"'):
        with pytest.raises(
            ConfigError, match=f"line 9: the technical exception is for {name}, which Microsoft refuses: .*{words}"
        ):
            read(tmp_path, EXCEPTION.replace('"third_party_mfa"', given))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            '"third_party_mfa"',
            '"third_party"',
            r"line 9: .* names the scenario 'third_party', .* Did you mean 'third_pa",
        ),
        (
            '"third_party_mfa"',
            "7",
            r"line 9: .* names the scenario 7, which Microsoft does not know. There are: more_time",
        ),
        (
            'ticket = "T-1"\n',
            "",
            r"line 7: .* lacks `ticket`: the number of the request in Partner Center .* only with",
        ),
        ('vendor = "V"\n', "", r"lacks `vendor`: the vendor of the MFA"),
        ('vendor_confirmation = "D1"\n', "", r"lacks `vendor_confirmation`: where the vendor confirms"),
        ('configuration = "D2"\n', "", r"lacks `configuration`"),
        (
            'test_output = "D3"\n',
            "",
            r"lacks `test_output`: where the output of Test-PartnerSecurityRequirement is kept",
        ),
        ('purchase_order = "D4"\n', 'purchase_order = " "\n', r"line 15: .* lacks `purchase_order`"),
        ('integration = "federation"\n', "", r"lacks `integration`. Say how the MFA is joined"),
        (
            '"federation"',
            '"federated"',
            r"line 16: .*Expected one of federation, custom_control .*nearest is 'federation'",
        ),
        ("It emits no claim.", "", r"line 10: the technical exception has an empty `reason`"),
        ("2026-12-31", "2025-12-31", r"ends .2025-12-31. before it begins"),
        ("2026-12-31", "2029-12-31", r"400 are the most"),
        ("u@x.example", "everybody", r"line 20: the technical exception names 'everybody', which is no object id"),
    ],
)
def test_an_exception_without_what_microsoft_asks_for_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in EXCEPTION
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, EXCEPTION.replace(old, new, 1))


def test_whom_to_tell_is_read(tmp_path: Path) -> None:
    mail, teams = read(tmp_path, NOTIFY).notify
    assert (mail.kind, mail.to, mail.minimum_severity, mail.always) == ("mail", ("a@x.example",), "low", False)
    assert (teams.kind, teams.partner) == ("teams", None)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"teams"', '"team"', r"line 13: notify.1.kind: found 'team'. Expected one of mail, teams, slack .*'teams'"),
        ('to = ["a@x.example"]\n', "", r"line 8: mail needs receivers. Add to = "),
        (
            'connection = "t"',
            'connection = "t"\nto = ["a@x.example"]',
            r"line 15: `to` is for mail; teams posts to its",
        ),
        ('["a@x.example"]', '["Ann <a@x.example>"]', r"line 10: 'Ann <a@x.example>' is no mail address"),
        ('["a@x.example"]', '["a@x.example\\nBcc: b@x.example"]', r"is no mail address"),
        ('"t"', f'"t"\npartner = "{OTHER}"', r"line 15: no \[\[partner\]\] has the tenant_id a2c9.* There are: 6f1d"),
        ('"t"', '"t"\nminimum_severity = "hi"', r"line 15: .*Expected one of high, medium, low .*'high'"),
        ('"t"', '"t"\n[[notify]]\nkind = "teams"\nconnection = "t"', r"line 16: this .* stands twice .teams t low."),
    ],
)
def test_a_channel_that_can_reach_nobody_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in NOTIFY
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, NOTIFY.replace(old, new, 1))
