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
    if answer.sending is not None:
        await _send_badly(answer, answer.sending, headers, scope, receive, send)
        return
    is_packed = bool(answer.body.plain) and _takes_gzip(headers.get(b"accept-encoding", b""))
    body = answer.body.packed() if is_packed else answer.body.plain
    await send(_start(answer, len(body), is_packed=is_packed))
    await send({"type": "http.response.body", "body": body})


async def _send_badly(
    answer: Answer, sending: Sending, headers: dict[bytes, bytes], scope: Scope, receive: Receive, send: Send
) -> None:
    body, is_packed = _coded(answer, sending, headers)
    if sending.wait_seconds:
        await _pause(sending.wait_seconds, scope, receive)
    if sending.breaks == "before_headers":
        await _hang_up(sending, scope, receive)
        return
    await send(_start(answer, len(body), is_packed=is_packed))
    end = {"after_headers": 0, "mid_body": len(body) // 2}.get(sending.breaks, len(body))
    size = max(1, -(-end // sending.pieces))
    starts = range(0, end, size)
    for begin in starts:
        more = bool(sending.breaks) or begin != starts[-1]
        await send({"type": "http.response.body", "body": body[begin : min(begin + size, end)], "more_body": more})
        if begin != starts[-1]:
            await _pause(sending.drip_seconds / len(starts), scope, receive)
    if sending.breaks:
        await _hang_up(sending, scope, receive)
    elif not starts:
        await send({"type": "http.response.body", "body": b""})


def _coded(answer: Answer, sending: Sending, headers: dict[bytes, bytes]) -> tuple[bytes, bool]:
    """Return the bytes to send and whether they are called gzip."""
    if sending.coding == "wrong_gzip":
        return answer.body.plain, True
    if sending.coding == "truncated_gzip":
        packed = answer.body.packed()
        return packed[: int(len(packed) * sending.kept)], True
    if answer.body.plain and _takes_gzip(headers.get(b"accept-encoding", b"")):
        return answer.body.packed(), True
    return answer.body.plain, False


def _transport(scope: Scope) -> Any:
    return scope.get("extensions", {}).get(_EXTENSION, {}).get("transport")


async def _pause(seconds: float, scope: Scope, receive: Receive) -> None:
    """Wait, but not for a client that has gone: it would hold up the server's end."""
    if _transport(scope) is None:
        await asyncio.sleep(seconds)
        return
    try:
        async with asyncio.timeout(seconds):
            await _disconnected(receive)
    except TimeoutError:
        return


async def _hang_up(sending: Sending, scope: Scope, receive: Receive) -> None:
    transport = _transport(scope)
    if transport is None:
        msg = "A connection can only be broken where there is one: ask the server over HTTP (sandbox.server.running)."
        raise RuntimeError(msg)
    # What is written is sent in the loop's next turn; an abort before that would take it back.
    while transport.get_write_buffer_size() and not transport.is_closing():
        await asyncio.sleep(0)
    if sending.is_abrupt:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    else:
        transport.close()
    await _disconnected(receive)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
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
