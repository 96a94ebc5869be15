"""Send what got worse to every channel: once a scan, however often the task is tried or cleared."""

from __future__ import annotations

from datetime import datetime

import msgspec
import structlog

from checks.errors import CheckError
from checks.notify.formats import as_card, as_html, as_slack
from checks.notify.message import Message, message
from checks.notify.states import scans
from checks.worse import worse
from collectors.config import Config
from collectors.files import replace
from collectors.notify import Notify
from warehouse.engine import reader

log = structlog.get_logger(__name__)

RECEIPTS = "notified.json"  # beside the published file


class Receipts(msgspec.Struct, frozen=True, kw_only=True):
    """Of the newest scan, the channels that are done: told, or with nothing to tell."""

    scan_id: str
    channels: tuple[str, ...] = ()


class NotNotified(Exception):  # noqa: N818  (a result, not an accident)
    """Some channels could not be told. Those that were are not told again."""


def notify(config: Config, scan_id: str) -> dict[str, str]:
    """Tell every channel what got worse in a published scan; return what became of each by name.

    The words are sent, nothing to tell and already told. Raises :class:`NotNotified` after all were tried, and
    :class:`~checks.errors.CheckError` where the published scan is another one.
    """
    if not config.notify:
        return {}
    with reader(config.published) as con:
        found = scans(con)
    if found.scan_id != scan_id:
        msg = f"the published scan is {found.scan_id}, not {scan_id}: nobody is told of a scan that was not published."
        raise CheckError(msg)
    items = None if found.before is None else worse(found.before, found.now)
    done = _receipts(config, scan_id)
    became, problems = {}, []
    for channel in config.notify:
        if channel.name in done:
            became[channel.name] = "already told"
            continue
        said = message(channel, found.scanned_at, items, found.tenants)
        try:
            if said:
                send(channel, said, found.scanned_at)
        except Exception as error:  # noqa: BLE001  (of three libraries; each channel is tried)
            problems.append(f"{channel.name}: {_words(error)}")
            continue
        became[channel.name] = "sent" if said else "nothing to tell"
        done.append(channel.name)
        _keep(config, Receipts(scan_id=scan_id, channels=tuple(done)))
    log.info(
        "notified", scan=scan_id, worse=None if items is None else len(items), channels=became, failed=len(problems)
    )
    if problems:
        raise NotNotified(f"{len(problems)} of {len(config.notify)} channels were not told:\n" + "\n".join(problems))
    return became


def send(channel: Notify, said: Message, scanned_at: datetime) -> None:
    """Send one message through Airflow's notifier for the channel. Raises what that raises."""
    from checks.notify.notifiers import WebhookNotifier

    if channel.kind == "mail":
        _mail(channel, said)
    else:
        payload = as_card(said) if channel.kind == "teams" else as_slack(said)
        WebhookNotifier(channel.connection, payload)({})
    log.info("message sent", kind=channel.kind, connection=channel.connection, scanned_at=f"{scanned_at:%Y-%m-%d}")


def _mail(channel: Notify, said: Message) -> None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    from checks.notify.connections import sender

    # Airflow renders these as templates: what a tenant wrote is a value in them, which is not rendered again.
    notifier = SmtpNotifier(
        smtp_conn_id=channel.connection,
        from_email=sender(channel),
        to=list(channel.to),
        subject="{{ said_subject }}",
        html_content="{{ said_html }}",
    )
    notifier({"said_subject": said.subject, "said_html": as_html(said)})


def _words(error: Exception) -> str:
    """Return the error for people; a library's own words on one line, and never long."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _receipts(config: Config, scan_id: str) -> list[str]:
    try:
        kept = msgspec.json.decode(config.published.with_name(RECEIPTS).read_bytes(), type=Receipts)
    except (OSError, msgspec.DecodeError):
        return []
    return [*kept.channels] if kept.scan_id == scan_id else []


def _keep(config: Config, receipts: Receipts) -> None:
    replace(config.published.with_name(RECEIPTS), msgspec.json.encode(receipts))
