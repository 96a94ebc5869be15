"""Whom to tell what got worse: ``[[notify]]`` of ``rollcall.toml``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from collectors.errors import ConfigError
from collectors.fields import TenantId, Text
from collectors.misread import Where

Channel = Literal["mail", "teams", "slack"]
Least = Literal["high", "medium", "low"]


class Notify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """One message a scan about what got worse, or none where nothing did, unless ``always``.

    ``connection`` names an Airflow connection: of type ``smtp`` for mail, else one whose password is the webhook's
    whole URL. With ``partner`` it is about that partner's tenants alone.
    """

    kind: Channel
    connection: Text
    minimum_severity: Least = "low"
    partner: TenantId | None = None
    always: bool = False
    to: tuple[Text, ...] = ()
    from_: Text | None = None

    @property
    def name(self) -> str:
        """What to call it in logs and receipts: no secret, and another for every channel that differs."""
        return " ".join(filter(None, [self.kind, self.connection, self.partner, self.minimum_severity, *self.to]))


def check_notify(channels: Sequence[Notify], partners: Collection[str], where: Where) -> None:
    """Refuse channels that can reach nobody, or the same ones twice. Raises :class:`ConfigError` with the line."""
    names: set[str] = set()
    for number, channel in enumerate(channels):
        if channel.kind == "mail" and not channel.to:
            msg = f'{where(number, "kind")}: mail needs receivers. Add to = ["security@contoso.example"].'
            raise ConfigError(msg)
        for key, given in (("to", channel.to), ("from", channel.from_)):
            if given and channel.kind != "mail":
                msg = f"{where(number, key)}: `{key}` is for mail; {channel.kind} posts to its webhook. Remove it."
                raise ConfigError(msg)
        for address in (*channel.to, *filter(None, [channel.from_])):
            if address.count("@") != 1 or any(c.isspace() or c in ",;<>" for c in address):
                msg = f"{where(number, 'to')}: {address!r} is no mail address. Give one address a text, without names."
                raise ConfigError(msg)
        if channel.partner is not None and channel.partner not in partners:
            msg = (
                f"{where(number, 'partner')}: no [[partner]] has the tenant_id {channel.partner}. "
                f"There are: {', '.join(partners)}."
            )
            raise ConfigError(msg)
        if channel.name in names:
            msg = f"{where(number, 'kind')}: this [[notify]] stands twice ({channel.name}). Remove one."
            raise ConfigError(msg)
        names.add(channel.name)
