"""``$batch``: up to 20 requests in one, each answered, throttled and failing on its own."""

from typing import Any, Final

import msgspec

from sandbox.calls import Answer, Call, Handler, json_answer
from sandbox.graph import Graph
from sandbox.graph_wire import GRAPH_JSON, GraphError, error_answer, headers_for, not_allowed
from sandbox.paths import segments
from sandbox.tokens import Token

_MOST: Final = 20
_PER_CONNECTION: Final = frozenset({b"vary", b"strict-transport-security", b"www-authenticate"})


class _Request(msgspec.Struct):
    id: str
    method: str
    url: str
    headers: dict[str, str] = {}
    dependsOn: list[str] = []  # noqa: N815  # Microsoft's spelling


class _Batch(msgspec.Struct):
    requests: list[_Request]


class Batch:
    """Takes a batch apart and sends each request through ``handler``, in the order they are written."""

    def __init__(self, graph: Graph, handler: Handler) -> None:
        self._graph = graph
        self._handler = handler

    async def answer(self, batch: Call, token: Token, body: bytes) -> Answer:
        """Answer all requests. Raises ``GraphError`` if the batch as a whole is refused."""
        answered: dict[str, Answer] = {}
        for place, one in enumerate(_read(body), 1):
            if any(answered[needed].status >= 400 for needed in one.dependsOn):
                message = "The request was not sent: a request it depends on has failed."
                answered[one.id] = error_answer(GraphError(424, "FailedDependency", message), batch.headers)
            else:
                answered[one.id] = await self._one(batch, token, one, place)
        found = [_response(name, answer) for name, answer in answered.items()]
        whole = json_answer(200, {"responses": found}, headers_for(batch.headers), GRAPH_JSON)
        # A request of a batch has no connection of its own: what breaks it breaks the batch.
        whole.sending = next((answer.sending for answer in answered.values() if answer.sending), None)
        return whole

    async def _one(self, batch: Call, token: Token, one: _Request, place: int) -> Answer:
        # The credential and the host are those of the batch; everything else a request says itself.
        own = {name.lower().encode("utf-8"): value.encode("utf-8") for name, value in one.headers.items()}
        if b"client-request-id" in batch.headers:
            own.setdefault(b"client-request-id", batch.headers[b"client-request-id"])
        path, _, query = one.url.partition("?")
        if one.method.upper() != "GET":
            return error_answer(not_allowed(one.method), own)
        if "://" in path or path.strip("/") == "$batch":
            message = f"Invalid batch request url '{one.url}': it must be relative."
            return error_answer(GraphError(400, "BadRequest", message), own)
        version = batch.path.partition("/")[0]
        try:
            parts = segments(f"{version}/{path.lstrip('/')}".encode())
            call = self._graph.call(parts, token, query=query, headers=own, base_url=batch.base_url)
        except GraphError as problem:
            return error_answer(problem, own)
        call.member = place
        return await self._handler(call)


def _read(body: bytes) -> list[_Request]:
    try:
        requests = msgspec.json.decode(body, type=_Batch).requests
    except msgspec.DecodeError as problem:
        raise GraphError(400, "BadRequest", f"Invalid batch payload format: {problem}.") from None
    if not requests:
        raise GraphError(400, "BadRequest", "Invalid batch payload format: 'requests' is empty.")
    if len(requests) > _MOST:
        message = f"Number of batch request steps exceeds the maximum value of {_MOST}."
        raise GraphError(400, "MaximumValueExceeded", message)
    seen: set[str] = set()
    for one in requests:
        if one.id in seen:
            raise GraphError(400, "BadRequest", f"Request Id '{one.id}' has to be unique in a batch.")
        for needed in one.dependsOn:
            if needed not in seen:
                message = f"Request '{one.id}' depends on '{needed}', which does not come before it in the batch."
                raise GraphError(400, "BadRequest", message)
        seen.add(one.id)
    return requests


def _response(name: str, answer: Answer) -> dict[str, Any]:
    headers = {
        key.decode("latin-1"): value.decode("latin-1")
        for key, value in ((b"Content-Type", answer.content_type), *answer.headers)
        if key.lower() not in _PER_CONNECTION
    }
    response: dict[str, Any] = {"id": name, "status": answer.status, "headers": headers}
    if answer.body.plain:
        response["body"] = msgspec.Raw(answer.body.plain)
    return response
