"""A message as mail, Teams and Slack want it. What a tenant wrote never is markup, a link, a mention or a template."""

from __future__ import annotations

from html import escape
from typing import Any

from checks.notify.message import Message


def as_html(message: Message) -> str:
    """Return the body of a mail. Each text is isolated, so that its direction ends with it."""
    parts = [f"<p>{escape(message.subject)}</p>"]
    for part in message.parts:
        lines = "".join(f"<li><bdi>{escape(line)}</bdi></li>" for line in part.lines)
        parts.append(f"<h3><bdi>{escape(part.tenant)}</bdi></h3><ul>{lines}</ul>")
    if message.left_out:
        parts.append(f"<p>{escape(message.left_out)}</p>")
    return f'<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body>{"".join(parts)}</body></html>'


def as_card(message: Message) -> dict[str, Any]:
    """Return what a Teams workflow takes: one Adaptive Card.

    Only runs of text: unlike a TextBlock, a TextRun knows no Markdown. https://adaptivecards.io/explorer/TextRun.html
    """
    body: list[dict[str, Any]] = [{"type": "TextBlock", "text": message.subject, "weight": "Bolder", "wrap": True}]
    for part in message.parts:
        body.append(_run(part.tenant, separator=True, weight="Bolder"))
        body += [_run(f"\u2022 {line}") for line in part.lines]
    if message.left_out:
        body.append({"type": "TextBlock", "text": message.left_out, "wrap": True, "separator": True})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "msteams": {"width": "Full"},
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, *, separator: bool = False, **style: str) -> dict[str, Any]:
    # Cards expand {{DATE(...)}}, templates ${...} and mentions <at>...</at>: an invisible joiner keeps these apart.
    harmless = text.replace("{", "{\u2060").replace("<", "<\u2060")
    return {
        "type": "RichTextBlock",
        "separator": separator,
        "inlines": [{"type": "TextRun", "text": harmless, **style}],
    }


def as_slack(message: Message) -> dict[str, Any]:
    """Return what a Slack webhook takes. Rich text is literal: neither mrkdwn nor ``<!channel>`` means anything there.

    https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
    """
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": message.subject[:150], "emoji": False}}
    ]
    for part in message.parts:
        items = [_section(line) for line in part.lines]
        elements = [_section(part.tenant, bold=True), {"type": "rich_text_list", "style": "bullet", "elements": items}]
        blocks.append({"type": "rich_text", "elements": elements})
    if message.left_out:
        blocks.append({"type": "rich_text", "elements": [_section(message.left_out)]})
    # What devices show before they open it is of our own words alone.
    return {"text": message.subject, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False, "blocks": blocks}


def _section(text: str, *, bold: bool = False) -> dict[str, Any]:
    run: dict[str, Any] = {"type": "text", "text": text or " "}
    return {"type": "rich_text_section", "elements": [run | {"style": {"bold": True}} if bold else run]}
