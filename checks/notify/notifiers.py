"""Airflow's notifiers for the channels. What is sent is a value of their context and never a template of theirs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx
from airflow.sdk import BaseNotifier, Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

from collectors.errors import ConfigError

TIMEOUT_SECONDS = 30.0
_SAID = 200  # characters of an answer that are worth telling
logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs each URL, which is the secret here


class NotSent(Exception):  # noqa: N818  (a result, not an accident)
    """The receiver did not take the message. The text holds nothing of the webhook's URL."""


class WebhookNotifier(BaseNotifier):
    """Post a message as JSON to the webhook whose URL is the password of an Airflow connection.

    It serves Teams (a workflow's webhook takes an Adaptive Card) and Slack (an incoming webhook takes blocks). Use it
    in a task, or as a callback. ``payload`` is sent as it is: nothing in it is rendered.
    """

    template_fields = ("connection",)

    def __init__(self, connection: str, payload: Mapping[str, Any], context: Any = None) -> None:
        super().__init__(context)
        self.connection = connection
        self.payload = payload

    def notify(self, context: Any) -> None:
        """Send it. Raises :class:`NotSent`, and :class:`ConfigError` for a connection that names no webhook."""
        del context
        url = webhook(self.connection)
        try:
            answer = httpx.post(url, json=self.payload, timeout=TIMEOUT_SECONDS, follow_redirects=False)
        except httpx.HTTPError as error:
            # Its own words may name the URL, which is the secret.
            msg = f"the webhook of the connection {self.connection!r} did not answer: {type(error).__name__}."
            raise NotSent(msg) from None
        if not answer.is_success:
            said = " ".join(answer.text.replace(url, "...").replace(_path(url), "...").split())[:_SAID]
            msg = f"the webhook of the connection {self.connection!r} answered {answer.status_code}: {said}"
            raise NotSent(msg)


def webhook(name: str) -> str:
    """Return the URL that a connection holds, masked in every log of Airflow's from here on."""
    try:
        connection = Connection.get(name)
    except AirflowNotFoundException:
        msg = (
            f"there is no Airflow connection {name!r}. Add it (Admin > Connections, its password the webhook's whole "
            "URL), or correct `connection` of [[notify]] in rollcall.toml."
        )
        raise ConfigError(msg, "ConnectionNotFound") from None
    url = str(connection.password or "")
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        msg = f"the Airflow connection {name!r} must hold the webhook's whole URL (https://...) as its password."
        raise ConfigError(msg, "ConnectionIncomplete")
    mask_secret(url)
    mask_secret(_path(url))  # the secret part, as libraries log it
    return url


def _path(url: str) -> str:
    return httpx.URL(url).raw_path.decode()
