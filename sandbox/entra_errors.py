"""How Entra refuses a token: the shape of the answer."""

import time
from collections.abc import Mapping
from typing import Final

from sandbox.calls import Answer, Headers, json_answer, new_id
from sandbox.entra_codes import REFUSALS, Refusal

CLOUD: Final = "https://login.microsoftonline.com"


class RefusedError(Exception):
    """The token is refused with this AADSTS code; ``words`` fill its text."""

    def __init__(self, code: int, **words: str) -> None:
        super().__init__(f"AADSTS{code}")
        self.code = code
        self.words = words


def refusal(refused: RefusedError, correlation_id: str, headers: Headers, *, error: str = "") -> Answer:
    """Return the answer; ``error`` replaces the OAuth word (discovery has its own for an unknown tenant)."""
    form = REFUSALS[refused.code]
    if error:
        form = form._replace(error=error)
    return refusal_of(refused.code, form, refused.words, correlation_id, headers)


def refusal_of(code: int, form: Refusal, words: Mapping[str, str], correlation_id: str, headers: Headers) -> Answer:
    """Return the answer that tells ``form``; ``words`` fill its text."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
    trace_id = new_id()
    text = form.text.format_map(words)
    body: dict[str, object] = {
        "error": form.error,
        "error_description": (
            f"AADSTS{code}: {text} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {stamp}"
        ),
        "error_codes": [code],
        "timestamp": stamp,
        "trace_id": trace_id,
        "correlation_id": correlation_id,
        "error_uri": f"{CLOUD}/error?code={code}",
    }
    if form.suberror:
        body["suberror"] = form.suberror
    return json_answer(form.status, body, headers)
