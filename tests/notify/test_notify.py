"""One message a scan, through Airflow's own notifiers, to receivers that are really there."""

from __future__ import annotations

import json
import logging
from typing import Any

import msgspec
import pytest

from checks.errors import CheckError
from checks.notify.formats import as_card, as_slack
from checks.notify.message import MOST_BYTES, message
from checks.notify.send import NotNotified, notify
from checks.notify.states import Tenant
from checks.worse import Item
from collectors.config import Config
from collectors.notify import Notify
from tests.checks.world import AS_OF
from tests.notify.conftest import CUSTOMER, EVIL, OURS, THEIRS, telling
from tests.notify.receivers import Mailbox, Webhook

TEAMS = Notify(kind="teams", connection="my_teams")
SLACK = Notify(kind="slack", connection="my_slack")
MAIL = Notify(kind="mail", connection="my_mail", to=("a@x.example", "b@x.example"), from_="rollcall@x.example")
TOKEN = "T0K3N-of-a-webhook"


@pytest.fixture(autouse=True)
def connections(monkeypatch: pytest.MonkeyPatch, hook: Webhook, mails: Mailbox) -> None:
    for name in ("teams", "slack"):
        connection = {"conn_type": "http", "password": hook.url(f"/{name}/{TOKEN}?sig={TOKEN}")}
        monkeypatch.setenv(f"AIRFLOW_CONN_MY_{name.upper()}", json.dumps(connection))
    extra = {"disable_ssl": True, "disable_tls": True, "retry_limit": 0}
    mail = {"conn_type": "smtp", "host": "127.0.0.1", "port": mails.port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_MY_MAIL", json.dumps(mail))


def texts(payload: Any) -> list[str]:
    """Return every text that a payload shows."""
    if isinstance(payload, dict):
        own = [payload["text"]] if isinstance(payload.get("text"), str) else []
        return own + [text for value in payload.values() for text in texts(value)]
    return [text for value in payload for text in texts(value)] if isinstance(payload, list) else []


def test_each_channel_gets_one_message_of_all_that_got_worse(config: Config, hook: Webhook, mails: Mailbox) -> None:
    told = telling(config, TEAMS, SLACK, MAIL)
    assert notify(told, "scan-2") == {channel.name: "sent" for channel in told.notify}
    assert sorted(path.split("/")[1] for path, _ in hook.posted) == ["slack", "teams"]
    [mail] = mails.mails
    assert mail["To"] == "a@x.example, b@x.example"
    assert mail["From"] == "rollcall@x.example"
    assert mail["Bcc"] is None
    assert str(mail["Subject"]).startswith("MFA scan of 2026-11-24 02:00 UTC: ")
    for _, payload in hook.posted:
        said = "\n".join(texts(payload))
        for words in (
            "got worse (",
            "Nordlicht",
            "Kestrel Secret",
            "MFA.REG.1v1 fails (1), was pass",
            "-> non compliant",
            "could not be read: sign_ins: failed: 503 all night",
            "GDAP relationship Ends",
            "waiver of MFA.REG.1v1, accepted by Ann, ends on 2026-12-07",
            "score ",
        ):
            assert words in said


def test_nobody_is_told_twice_of_a_scan(config: Config, hook: Webhook) -> None:
    told = telling(config, TEAMS)
    notify(told, "scan-2")
    assert notify(told, "scan-2") == {TEAMS.name: "already told"}
    assert len(hook.posted) == 1


def test_who_could_not_be_told_is_told_the_next_time_and_the_others_not_again(
    config: Config, hook: Webhook, mails: Mailbox
) -> None:
    told = telling(config, TEAMS, MAIL)
    hook.status = 500
    with pytest.raises(
        NotNotified, match=r"1 of 2 channels were not told:\nteams my_teams low: NotSent: .* 500: no"
    ) as told_so:
        notify(told, "scan-2")
    assert TOKEN not in str(told_so.value)
    assert len(mails.mails) == 1
    hook.status = 200
    assert notify(told, "scan-2") == {TEAMS.name: "sent", MAIL.name: "already told"}
    assert len(mails.mails) == 1


def test_one_partners_message_names_no_tenant_of_another(config: Config, hook: Webhook) -> None:
    for channel in (TEAMS, SLACK):
        mine = Notify(kind=channel.kind, connection=channel.connection, partner=OURS)
        notify(telling(config, mine), "scan-2")
    assert len(hook.posted) == 2
    for _, payload in hook.posted:
        assert "Kestrel" not in json.dumps(payload)
        assert THEIRS not in json.dumps(payload)
        assert "Nordlicht" in json.dumps(payload)


def test_what_a_tenant_wrote_is_only_text(config: Config, hook: Webhook, mails: Mailbox) -> None:
    notify(telling(config, TEAMS, SLACK, MAIL), "scan-2")
    [mail] = mails.mails
    body = mail.get_body(("html",)) if hasattr(mail, "get_body") else None
    assert body is not None
    html = body.get_content()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in html  # not rendered: neither by us nor by Airflow
    assert "\u202e" not in html
    assert "\x1b" not in html
    payloads = {path.split("/")[1]: payload for path, payload in hook.posted}
    [card] = [attachment["content"] for attachment in payloads["teams"]["attachments"]]
    for block in card["body"]:
        # What knows Markdown holds our words alone.
        if block["type"] == "TextBlock":
            assert not set("<{[*\u202e") & set(block["text"])
        else:
            assert block["type"] == "RichTextBlock"
            assert all(run["type"] == "TextRun" for run in block["inlines"])
    said = "\n".join(texts(card))
    assert "{{" not in said
    assert "${1" not in said
    assert "<at>" not in said
    slack = payloads["slack"]
    assert "script" not in slack["text"]
    for block in slack["blocks"][1:]:
        assert block["type"] == "rich_text"
    kinds = {kind for block in slack["blocks"][1:] for kind in _kinds(block)}
    assert kinds == {"rich_text", "rich_text_section", "rich_text_list", "text"}


def _kinds(block: Any) -> list[str]:
    return [block["type"], *(kind for element in block.get("elements", ()) for kind in _kinds(element))]


def test_the_webhooks_address_is_in_no_log(
    config: Config, hook: Webhook, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    hook.status = 400
    with pytest.raises(NotNotified) as refused:
        notify(telling(config, TEAMS, SLACK), "scan-2")
    hook.status = 200
    notify(telling(config, TEAMS, SLACK), "scan-2")
    said = caplog.text + str(refused.value) + "".join(capfd.readouterr())
    assert hook.posted
    assert TOKEN not in said


@pytest.mark.parametrize("channel", [TEAMS, SLACK, MAIL])
def test_below_the_minimum_severity_nobody_is_told_unless_always(
    config: Config, hook: Webhook, mails: Mailbox, channel: Notify
) -> None:
    items = [Item("score", "low", OURS, "score 2 -> 1")]
    tenants = {OURS: Tenant("Nordlicht", OURS)}
    high = msgspec.structs.replace(channel, minimum_severity="high")
    assert message(high, AS_OF, items, tenants) is None
    said = message(msgspec.structs.replace(high, always=True), AS_OF, items, tenants)
    assert said is not None
    assert said.subject == "MFA scan of 2026-11-23 02:00 UTC: nothing got worse"
    assert not said.parts


def test_the_first_scan_has_nothing_to_compare_with() -> None:
    assert message(TEAMS, AS_OF, None, {}) is None
    said = message(Notify(kind="teams", connection="c", always=True), AS_OF, None, {})
    assert said is not None
    assert "the first" in said.subject


def test_a_great_many_still_fit_into_one_message() -> None:
    items = [Item("rule", "high", f"t{n % 300}", f"{EVIL} {'ä' * 900} {n}") for n in range(9_000)]
    tenants = {f"t{n}": Tenant(EVIL * 30, OURS) for n in range(300)}
    said = message(TEAMS, AS_OF, items, tenants)
    assert said is not None
    assert said.left_out.startswith("... and in 2")
    assert sum(len(text.encode()) for part in said.parts for text in (part.tenant, *part.lines)) <= MOST_BYTES
    assert len(json.dumps(as_card(said), ensure_ascii=False).encode()) < 28_000
    assert len(as_slack(said)["blocks"]) <= 50


def test_a_scan_that_was_not_published_is_not_told(config: Config, hook: Webhook) -> None:
    with pytest.raises(CheckError, match="the published scan is scan-2, not scan-3"):
        notify(telling(config, TEAMS), "scan-3")
    assert hook.posted == []


@pytest.mark.parametrize(
    ("password", "words"),
    [(None, "there is no Airflow connection 'my_teams'"), ("", "must hold the webhook's whole URL"),
     ("http://elsewhere.example/x", "must hold the webhook's whole URL"),
     ("http://127.0.0.1:9/x", "did not answer: ConnectError")],
)  # fmt: skip
def test_a_connection_that_does_not_fit_says_what_to_do(
    config: Config, monkeypatch: pytest.MonkeyPatch, password: str | None, words: str
) -> None:
    if password is None:
        monkeypatch.delenv("AIRFLOW_CONN_MY_TEAMS")
    else:
        monkeypatch.setenv("AIRFLOW_CONN_MY_TEAMS", json.dumps({"conn_type": "http", "password": password}))
    with pytest.raises(NotNotified, match=words):
        notify(telling(config, TEAMS), "scan-2")


def test_without_a_channel_nothing_is_read(config: Config) -> None:
    assert notify(config, "whatever") == {}


def test_customers_are_told_of_by_name(config: Config, hook: Webhook) -> None:
    notify(telling(config, SLACK), "scan-2")
    assert CUSTOMER not in json.dumps(hook.posted)
