"""A message for one channel: of what got worse only what concerns it, and no more than people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from checks.notify.states import Tenant
from checks.report.text import plain
from checks.worse import LEVELS, Item
from collectors.notify import Notify

MOST_TENANTS = 15
MOST_LINES = 6  # of a tenant
MOST_BYTES = 12_000  # Teams takes 28 KB, and a card is twice its text
_LONGEST = 240  # characters of a line: a name may have thousands
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Part:
    """What got worse in one tenant: its name and lines of text. Both may hold what a tenant wrote."""

    tenant: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """A subject of our own words, parts whose text is plain but hostile, and in our own words what was left out."""

    subject: str
    parts: tuple[Part, ...]
    left_out: str = ""


def message(
    channel: Notify, scanned_at: datetime, items: Sequence[Item] | None, tenants: Mapping[str, Tenant]
) -> Message | None:
    """Return what to tell a channel, or None for nothing. ``items`` are None where no scan came before.

    A channel of one partner hears of tenants of that partner alone.
    """
    wanted = [item for item in items or () if _concerns(channel, item, tenants)]
    if not wanted and not channel.always:
        return None
    subject = f"MFA scan of {scanned_at:%Y-%m-%d %H:%M} UTC: "
    if items is None:
        return Message(f"{subject}the first, there is nothing to compare it with", ())
    if not wanted:
        return Message(f"{subject}nothing got worse", ())
    counts = [(level, sum(item.severity == level for item in wanted)) for level in LEVELS]
    subject += f"{len(wanted)} got worse ({', '.join(f'{count} {level}' for level, count in counts if count)})"
    by_tenant: dict[str, list[Item]] = {}
    for item in wanted:
        by_tenant.setdefault(item.tenant_id, []).append(item)
    parts: list[Part] = []
    size = 0
    for tenant_id, found in list(by_tenant.items())[:MOST_TENANTS]:
        part = _part(tenant_id, found, tenants)
        size += sum(len(text.encode()) for text in (part.tenant, *part.lines))
        if size > MOST_BYTES and parts:
            break
        parts.append(part)
    left = len(by_tenant) - len(parts)
    return Message(subject, tuple(parts), f"... and in {left:,} more tenants: see the scorecards." if left else "")


def _concerns(channel: Notify, item: Item, tenants: Mapping[str, Tenant]) -> bool:
    tenant = tenants.get(item.tenant_id)
    if channel.partner is not None and (tenant is None or tenant.partner_id != channel.partner):
        return False
    return LEVELS.index(item.severity) <= LEVELS.index(channel.minimum_severity)


def _part(tenant_id: str, items: Sequence[Item], tenants: Mapping[str, Tenant]) -> Part:
    name = tenants[tenant_id].name if tenant_id in tenants else tenant_id
    lines = [_cut(f"{item.severity}: {item.text}", _LONGEST) for item in items[:MOST_LINES]]
    left = len(items) - len(lines)
    return Part(_cut(name, _LONGEST_NAME), (*lines, *([f"... and {left:,} more"] if left else [])))


def _cut(text: str, longest: int) -> str:
    shown = plain(text)
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."
