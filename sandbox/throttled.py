"""The three bodies that Graph has been seen to answer 429 with."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from sandbox.calls import Answer, Call, Headers, json_answer, new_id
from sandbox.graph_wire import GRAPH_JSON, headers_for

Words = Literal["please_retry", "too_many", "correlation"]


def _please_retry(request_id: str, _client_id: str, date: str) -> dict[str, Any]:
    inner = {
        "code": "429",
        "date": date,
        "message": "Please retry after",
        "request-id": request_id,
        "status": "429",
    }
    return {"code": "TooManyRequests", "innerError": inner, "message": "Please retry again later."}


def _too_many(request_id: str, client_id: str, date: str) -> dict[str, Any]:
    inner = {"date": date, "request-id": request_id, "client-request-id": client_id}
    return {"code": "UnknownError", "message": "Too Many Requests", "innerError": inner}


def _correlation(request_id: str, client_id: str, date: str) -> dict[str, Any]:
    message = (
        "This request is throttled. Please try again after the value (in seconds) specified in the Retry-After header. "
        f"CorrelationId: {new_id()}"
    )
    return _too_many(request_id, client_id, date) | {"message": message}


BODIES: Final[Mapping[Words, Callable[[str, str, str], dict[str, Any]]]] = {
    "please_retry": _please_retry,
    "too_many": _too_many,
    "correlation": _correlation,
}
"""``please_retry`` is in the documentation's page on throttling, the other two come from the reports."""


def refused(call: Call, body: Callable[[str, str, str], dict[str, Any]], headers: Headers) -> Answer:
    """Return the 429 to a call, with these headers beside those of every answer."""
    own = headers_for(call.headers, call.units)
    ids = {name: value.decode("latin-1") for name, value in own}
    date = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    error = body(ids[b"request-id"], ids[b"client-request-id"], date)
    return json_answer(429, {"error": error}, (*headers, *own), GRAPH_JSON)
