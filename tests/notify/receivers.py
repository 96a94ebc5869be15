"""What messages really arrive at: a webhook and a mail server, both on this machine."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session


class Webhook:
    """What was posted where, and with which status it is answered from now on."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, Any]] = []
        self.status = 202
        self.base = ""

    def url(self, path: str) -> str:
        return f"{self.base}{path}"


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Serve a webhook that takes any path."""
    received = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.posted.append((self.path, json.loads(body)))
            self.send_response(received.status)
            self.end_headers()
            self.wfile.write(f"no: http://{self.headers['Host']}{self.path}".encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Mailbox:
    """Mails that arrived, and the port where they do."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.port = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Serve a mail server without encryption or login."""
    box = Mailbox()
    loop = asyncio.new_event_loop()
    controller = UnthreadedController(box, hostname="127.0.0.1", port=0, loop=loop)
    server = loop.run_until_complete(controller._create_server())
    assert isinstance(server, asyncio.Server)
    box.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
