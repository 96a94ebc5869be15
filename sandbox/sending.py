"""The last step of an answer: its bytes, and on purpose the wrong ones, or too few, or too late."""

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.calls import Answer, Sending

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_EXTENSION: Final = "sandbox.transport"
_RESET: Final = struct.pack("ii", 1, 0)  # linger on, for no time: closing sends RST instead of FIN


class Protocol(HttpToolsProtocol):
    """Uvicorn's HTTP, which lets the application at the connection: ASGI itself has no word for breaking it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Keep the connection for the scopes of its requests."""
        super().connection_made(transport)
        self._extensions: dict[str, dict[object, object]] = {_EXTENSION: {"transport": transport}}

    def on_message_begin(self) -> None:
        """Give the request its connection."""
        super().on_message_begin()
        self.scope["extensions"] = self._extensions


async def send_answer(answer: Answer, headers: dict[bytes, bytes], scope: Scope, receive: Receive, send: Send) -> None:
    """Send ``answer`` to who asked with ``headers``.

    Raises ``RuntimeError`` if the connection is to break and there is none: an in-process client has no socket.
    """
    takes_gzip = bool(answer.body.plain) and _takes_gzip(headers.get(b"accept-encoding", b""))
    if answer.sending is not None:
        await _Faulty(answer, answer.sending, scope, receive, send).send(takes_gzip=takes_gzip)
        return
    body = answer.body.packed() if takes_gzip else answer.body.plain
    await send(_start(answer, len(body), is_packed=takes_gzip))
    await send({"type": "http.response.body", "body": body})


class _Faulty:
    """One answer that is not sent whole, as it is called, or at once."""

    def __init__(self, answer: Answer, sending: Sending, scope: Scope, receive: Receive, send: Send) -> None:
        self._answer = answer
        self._sending = sending
        self._receive = receive
        self._send = send
        self._transport: Any = scope.get("extensions", {}).get(_EXTENSION, {}).get("transport")

    async def send(self, *, takes_gzip: bool) -> None:
        sending = self._sending
        body, is_packed = self._coded(takes_gzip=takes_gzip)
        if sending.wait_seconds:
            await self._pause(sending.wait_seconds)
        if sending.breaks == "before_headers":
            await self._hang_up()
            return
        await self._send(_start(self._answer, len(body), is_packed=is_packed))
        end = {"after_headers": 0, "mid_body": len(body) // 2}.get(sending.breaks, len(body))
        size = max(1, -(-end // sending.pieces))
        begins = range(0, end, size)
        for begin in begins:
            if begin:
                await self._pause(sending.drip_seconds / len(begins))
            await self._send(
                {"type": "http.response.body", "body": body[begin : min(begin + size, end)], "more_body": True}
            )
        if sending.breaks:
            await self._hang_up()
        else:
            await self._send({"type": "http.response.body", "body": b""})

    def _coded(self, *, takes_gzip: bool) -> tuple[bytes, bool]:
        """Return the bytes to send and whether they are called gzip."""
        body = self._answer.body
        if self._sending.coding == "wrong_gzip":
            return body.plain, True
        if self._sending.coding == "truncated_gzip":
            return body.packed()[: int(len(body.packed()) * self._sending.kept)], True
        return (body.packed(), True) if takes_gzip else (body.plain, False)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not for a client that has gone: it would hold up the server's end."""
        if self._transport is None:
            await asyncio.sleep(seconds)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._disconnected()
        except TimeoutError:
            return

    async def _hang_up(self) -> None:
        transport = self._transport
        if transport is None:
            msg = "A connection can only break where there is one: ask the server over HTTP (sandbox.server.running)."
            raise RuntimeError(msg)
        # What is written goes out in a later turn of the loop, of which nobody tells; an abort would take it back.
        while transport.get_write_buffer_size() and not transport.is_closing():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        if self._sending.is_abrupt:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()
        else:
            transport.close()
        await self._disconnected()

    async def _disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _start(answer: Answer, length: int, *, is_packed: bool) -> dict[str, Any]:
    headers = [
        (b"Content-Type", answer.content_type),
        (b"Content-Length", b"%d" % length),
        (b"Date", _date(int(time.time()))),
        *answer.headers,
    ]
    if is_packed:
        headers.append((b"Content-Encoding", b"gzip"))
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


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
