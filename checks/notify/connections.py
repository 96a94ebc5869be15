"""The Airflow connections of the channels: what they must hold, and what is taken from them."""

from __future__ import annotations

import httpx
from airflow.sdk.log import mask_secret

from collectors.connections import connection
from collectors.errors import ConfigError
from collectors.notify import Notify

_SETTING = "`connection` of [[notify]]"


def require(channel: Notify) -> None:
    """Raise :class:`ConfigError` that says what to do, unless the channel's connection is there and fit to send."""
    if channel.kind == "mail":
        sender(channel)
    else:
        webhook(channel.connection)


def webhook(name: str) -> str:
    """Return the URL that a connection holds, masked in every log of Airflow's from here on."""
    url = str(connection(name, "its password the webhook's whole URL", _SETTING).password or "")
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        msg = f"the Airflow connection {name!r} must hold the webhook's whole URL (https://...) as its password."
        raise ConfigError(msg, "ConnectionIncomplete")
    mask_secret(url)
    mask_secret(path(url))  # the secret part, as libraries log it
    return url


def path(url: str) -> str:
    """Return what of a webhook's URL is the secret: its path and query."""
    return httpx.URL(url).raw_path.decode()


def sender(channel: Notify) -> str:
    """Return the address that a mail is from: the channel's own, or else the connection's."""
    found = connection(channel.connection, "type smtp, with the mail server as its host", _SETTING)
    if not found.host:
        msg = f"the Airflow connection {channel.connection!r} names no mail server. Put it there as the host."
        raise ConfigError(msg, "ConnectionIncomplete")
    address = channel.from_ or found.extra_dejson.get("from_email")
    if not address:
        msg = (
            f"mail by {channel.connection!r} has no sender. Add `from` to [[notify]], or from_email to the connection."
        )
        raise ConfigError(msg, "ConnectionIncomplete")
    return str(address)
