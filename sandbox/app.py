"""The ASGI application: one door for the three services."""

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

import msgspec

from sandbox import graph_wire, partner_center
from sandbox.batch import Batch
from sandbox.calls import Answer, Call, Hook, chain, json_answer
from sandbox.faults import Faults
from sandbox.graph import Graph
from sandbox.graph_wire import GraphError
from sandbox.limits import Limits
from sandbox.login import Login, read_form
from sandbox.partner_center import PartnerCenter, PartnerCenterError
from sandbox.paths import VERSIONS, segments
from sandbox.sending import Receive, Scope, Send, send_answer
from sandbox.statistics import Statistics
from sandbox.store import DataError, Store
from sandbox.tokens import Token, Tokens

_LARGEST_BODY: Final = 4 << 20


class Sandbox:
    """Login, Graph and Partner Center over one store of tenants.

    A call is counted in ``statistics``, passes ``hooks``, then ``limits`` (``None``: unlimited), then ``faults``.
    ``clock`` returns Unix seconds. Every HTTP request takes ``latency_seconds`` more than it needs;
    ``publishes_statistics`` lets ``/_sandbox/statistics`` answer.
    """

    def __init__(
        self,
        store: Store,
        hooks: Iterable[Hook] = (),
        clock: Callable[[], float] = time.time,
        *,
        limits: Limits | None = None,
        faults: Faults | None = None,
        latency_seconds: float = 0.0,
        publishes_statistics: bool = False,
    ) -> None:
        tokens = Tokens(clock)
        self.statistics = Statistics()
        self.limits = limits
        self.faults = faults or Faults()
        self._login = Login(store, tokens, clock)
        self._graph = Graph(store, tokens)
        self._partner_center = PartnerCenter(store, tokens)
        self._latency_seconds = latency_seconds
        self._publishes_statistics = publishes_statistics
        limiting = () if limits is None else (limits.hook(store.count_users),)
        failing = self.faults.hook(tokens, store)
        self._handler = chain((self.statistics.count, *hooks, *limiting, failing), self._answer)
        self._batch = Batch(self._graph, self._handler)
        # A batch as a whole costs nothing: its requests do.
        self._around_batch = partial(chain, (self.statistics.count, failing))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI 3."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        headers = dict(scope["headers"])
        if self._latency_seconds:
            await asyncio.sleep(self._latency_seconds)
        try:
            answer = await self._route(scope, headers, receive)
        except DataError as problem:
            answer = _broken(problem)
        except _TooLargeError:
            message = f"The request is larger than {_LARGEST_BODY} bytes."
            answer = json_answer(413, {"error": {"code": "RequestEntityTooLarge", "message": message}})
        await send_answer(answer, headers, scope, receive, send)

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
        if self._publishes_statistics and raw == b"/_sandbox/statistics":
            return json_answer(200, self._statistics())
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
                call = _batch_call(parts[0], token, headers, base_url)
                answer = partial(self._answer_batch, token, await _body(receive))
                return await self._around_batch(answer)(call)
            call = self._graph.call(parts, token, query=query, headers=headers, base_url=base_url)
        except GraphError as problem:
            return graph_wire.error_answer(problem, headers)
        return await self._handler(call)

    async def _answer_batch(self, token: Token, body: bytes, call: Call) -> Answer:
        try:
            return await self._batch.answer(call, token, body)
        except GraphError as problem:
            return graph_wire.error_answer(problem, call.headers)

    def _statistics(self) -> dict[str, object]:
        by_limit = {} if self.limits is None else dict(self.limits.refused)
        faults = [msgspec.structs.asdict(fault) for fault in self.faults.applied]
        return {**self.statistics.summary(), "refused_by_limit": by_limit, "faults": faults}

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


def _batch_call(version: str, token: Token, headers: dict[bytes, bytes], base_url: str) -> Call:
    return Call(
        service="graph",
        method="POST",
        tenant=token.tenant,
        app_id=token.app_id,
        path=f"{version}/$batch",
        bucket="batch",
        query="",
        headers=headers,
        base_url=base_url,
    )


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
