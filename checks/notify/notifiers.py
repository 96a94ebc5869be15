"""Airflow's notifiers for the channels. What is sent is a value of their context and never a template of theirs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx
from airflow.sdk import BaseNotifier

from checks.notify.connections import path, webhook

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
        """Send it. Raises :class:`NotSent`, and what :func:`webhook` raises."""
        del context
        url = webhook(self.connection)
        try:
            answer = httpx.post(url, json=self.payload, timeout=TIMEOUT_SECONDS, follow_redirects=False)
        except httpx.HTTPError as error:
            # Its own words may name the URL, which is the secret.
            msg = f"the webhook of the connection {self.connection!r} did not answer: {type(error).__name__}."
            raise NotSent(msg) from None
        if not answer.is_success:
            said = " ".join(answer.text.replace(url, "...").replace(path(url), "...").split())[:_SAID]
            msg = f"the webhook of the connection {self.connection!r} answered {answer.status_code}: {said}"
            raise NotSent(msg)
