"""The ASGI application: one door for the three services."""

import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sandbox import graph_wire, partner_center
from sandbox.batch import Batch
from sandbox.calls import Answer, Call, Hook, chain, json_answer
from sandbox.graph import Graph
from sandbox.graph_wire import GraphError
from sandbox.login import Login, read_form
from sandbox.partner_center import PartnerCenter, PartnerCenterError
from sandbox.paths import VERSIONS, segments
from sandbox.store import DataError, Store
from sandbox.tokens import Tokens

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LARGEST_BODY: Final = 4 << 20


class Sandbox:
    """Login, Graph and Partner Center over one data folder. ``clock`` returns Unix seconds."""

    def __init__(self, data: Path, hooks: Iterable[Hook] = (), clock: Callable[[], float] = time.time) -> None:
        store = Store(data)
        tokens = Tokens(clock)
        self._login = Login(store, tokens, clock)
        self._graph = Graph(store, tokens)
        self._partner_center = PartnerCenter(store, tokens)
        self._handler = chain(hooks, self._answer)
        self._batch = Batch(self._graph, self._handler)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI 3."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        headers = dict(scope["headers"])
        try:
            answer = await self._route(scope, headers, receive)
        except DataError as problem:
            answer = _broken(problem)
        except _TooLargeError:
            message = f"The request is larger than {_LARGEST_BODY} bytes."
            answer = json_answer(413, {"error": {"code": "RequestEntityTooLarge", "message": message}})
        await _send(answer, headers, send)

    async def _answer(self, call: Call) -> Answer:
        """Answer a call after the hooks let it pass."""
        try:
            if call.service == "graph":
                return self._graph.answer(call)
            if call.service == "partner_center":
                return self._partner_center.answer(call)
            return self._login.answer(call)
        except DataError as problem:
            return _broken(problem)

    async def _route(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Answer:
        raw = scope["raw_path"]
        parts = segments(raw)
        first = raw.strip(b"/").partition(b"/")[0].decode("latin-1")
        if first in VERSIONS:
            return await self._to_graph(scope, parts, headers, receive)
        if first == "v1":
            return await self._to_partner_center(scope, parts, headers)
        return await self._to_login(scope, parts, headers, receive)

    async def _to_graph(
        self, scope: Scope, parts: tuple[str, ...] | None, headers: dict[bytes, bytes], receive: Receive
    ) -> Answer:
        method, base_url = scope["method"], _base_url(scope, headers)
        is_batch = parts is not None and parts[1:] == ("$batch",)
        query = scope["query_string"].decode("latin-1")
        try:
            token = self._graph.authenticate(headers)
            if method != ("POST" if is_batch else "GET"):
                return graph_wire.error_answer(graph_wire.not_allowed(method), headers)
            if is_batch and parts is not None:
                return await self._batch.answer(parts[0], token, await _body(receive), headers, base_url)
            call = self._graph.call(parts, token, query=query, headers=headers, base_url=base_url)
        except GraphError as problem:
            return graph_wire.error_answer(problem, headers)
        return await self._handler(call)

    async def _to_partner_center(
        self, scope: Scope, parts: tuple[str, ...] | None, headers: dict[bytes, bytes]
    ) -> Answer:
        query, base_url = scope["query_string"].decode("latin-1"), _base_url(scope, headers)
        try:
            token = self._partner_center.authenticate(headers)
            if scope["method"] != "GET":
                return partner_center.error_answer(partner_center.NOT_ALLOWED, headers)
            call = self._partner_center.call(parts, token, query=query, headers=headers, base_url=base_url)
        except PartnerCenterError as problem:
            return partner_center.error_answer(problem, headers)
        return await self._handler(call)

    async def _to_login(
        self, scope: Scope, parts: tuple[str, ...] | None, headers: dict[bytes, bytes], receive: Receive
    ) -> Answer:
        if not parts:
            return json_answer(404, {})
        if scope["method"] == "GET":
            return self._login.public(parts, headers)
        if scope["method"] != "POST" or parts[1:] != ("oauth2", "v2.0", "token"):
            return json_answer(404, {})
        form = read_form(await _body(receive))
        call = Call(
            service="login",
            method="POST",
            tenant=parts[0].lower(),
            app_id=form.get("client_id", "").lower(),
            path="token",
            bucket="token",
            query="",
            headers=headers,
            base_url=_base_url(scope, headers),
            form=form,
        )
        return await self._handler(call)


class _TooLargeError(Exception):
    """The body is larger than any that a client of these services sends."""


def _broken(problem: DataError) -> Answer:
    return json_answer(500, {"error": {"code": "sandboxData", "message": str(problem)}})


def _base_url(scope: Scope, headers: dict[bytes, bytes]) -> str:
    host = headers.get(b"host", b"").decode("latin-1")
    if not host:
        name, port = scope.get("server") or ("127.0.0.1", 80)
        host = f"{name}:{port}"
    return f"{scope['scheme']}://{host}"


async def _body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > _LARGEST_BODY:
            raise _TooLargeError
        chunks.append(chunk)
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return b"".join(chunks)


async def _lifespan(receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def _send(answer: Answer, asked: dict[bytes, bytes], send: Send) -> None:
    is_packed = bool(answer.body.plain) and _takes_gzip(asked.get(b"accept-encoding", b""))
    body = answer.body.packed() if is_packed else answer.body.plain
    headers = [
        (b"Content-Type", answer.content_type),
        (b"Content-Length", b"%d" % len(body)),
        (b"Date", _date(int(time.time()))),
        *answer.headers,
    ]
    if is_packed:
        headers.append((b"Content-Encoding", b"gzip"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@lru_cache(maxsize=64)
def _takes_gzip(accepted: bytes) -> bool:
    for part in accepted.lower().split(b","):
        coding, _, weight = part.partition(b";")
        if coding.strip() == b"gzip":
            return weight.replace(b" ", b"") not in {b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"}
    return False


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()
