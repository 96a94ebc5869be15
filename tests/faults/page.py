"""The page that lists faults, and what comes of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tests.faults.cases import SECTIONS
from tests.faults.tried import Tried

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PORT = re.compile(r"127\.0\.0\.1:\d+")
_START = """\
# When something goes wrong

What becomes of a dataset when Microsoft's answers, the network or a permission fail it. Every line was tried against
the [sandbox](sandbox.md), through the collectors as they are; this page is generated from what happened.

* What may be over in a moment is waited out: at most five minutes for an answer, with Retry-After where it is given.
* A page that arrived whole is kept. A list that is not whole is `partial`: it lands, and never replaces a good one.
* Nothing is made up: what landed is a part of what was there, each item once.
* The message is what `source_status` holds and the scorecard shows. What to do about a code of Microsoft's:
  [errors](errors.md)."""


def page(tried: Sequence[Tried]) -> str:
    return "\n\n".join([_START, *_sections({one.case.name: one for one in tried})]) + "\n"


def _sections(tried: dict[str, Tried]) -> Iterator[str]:
    for title, cases in SECTIONS.items():
        rows = [tried[case.name] for case in cases]
        lines = ["| what goes wrong | with | state | rows | message |", "|---|---|---|---|---|"]
        lines += [
            f"| {one.case.name} | `{one.case.dataset}` | {one.outcome.state} | {_kept(one)} | {_message(one)} |"
            for one in rows
        ]
        yield f"## {title}\n\n" + "\n".join(lines)


def _kept(one: Tried) -> str:
    return "all" if len(one.landed) == len(one.there) else f"{len(one.landed)} of {len(one.there)}"


def _message(one: Tried) -> str:
    # Ids and ports are others every time.
    text = _ID.sub("(id)", _PORT.sub("127.0.0.1", one.outcome.message.replace("|", "\\|")))
    return f"`{one.outcome.code}` {text}" if one.outcome.code else text
