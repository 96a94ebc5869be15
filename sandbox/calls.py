"""A request on its way in, an answer on its way out, and the hooks between them."""

import gzip
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import reduce
from typing import Any, Final, Literal

import msgspec

from sandbox.store import DataError

Headers = tuple[tuple[bytes, bytes], ...]
JSON: Final = b"application/json; charset=utf-8"


class Body:
    """Bytes to send, compressed at most once however often they are sent."""

    __slots__ = ("_packed", "plain")

    def __init__(self, plain: bytes) -> None:
        self.plain = plain
        self._packed: bytes | None = None

    def packed(self) -> bytes:
        """Return the gzip form. ``mtime=0``: the same bytes in every run."""
        if self._packed is None:
            self._packed = gzip.compress(self.plain, compresslevel=4, mtime=0)
        return self._packed


class Sending(msgspec.Struct, frozen=True):
    """How an answer leaves the server when something is wrong with the connection or the coding.

    ``breaks``: where the connection ends; ``is_abrupt``: by a reset instead of a close. ``coding``: what a body that
    says gzip really is, the first ``kept`` of its bytes (0 to 1) or plain text. ``wait_seconds`` pass before the first
    byte, ``drip_seconds`` while the body goes out in ``pieces``.
    """

    breaks: Literal["", "before_headers", "after_headers", "mid_body"] = ""
    is_abrupt: bool = True
    coding: Literal["", "truncated_gzip", "wrong_gzip"] = ""
    kept: float = 1.0
    wait_seconds: float = 0.0
    drip_seconds: float = 0.0
    pieces: int = 1


class Answer(msgspec.Struct):
    """A response before its transport: ``headers`` leave out the content type and the length.

    ``sending`` is ``None`` for an answer that leaves the server whole and at once.
    """

    status: int
    body: Body
    headers: Headers = ()
    content_type: bytes = JSON
    sending: Sending | None = None


class Call(msgspec.Struct):
    """A request whose caller is known.

    ``bucket`` names the limit it counts against: ``token``, ``reports``, ``sign_in_activity``,
    ``conditional_access``, ``identity``, ``gdap``, ``partner_security``, ``partner_center``, ``other``; ``batch`` for a
    ``$batch`` as a whole. ``member`` is the place of a request in its batch, from 1; 0 outside of one.
    ``path`` is the path below the service with Microsoft's spelling (``v1.0/auditLogs/signIns``), ``query`` the
    query string as it came, ``base_url`` scheme and host as the client asked for them. ``units`` are Graph's
    resource units (0: not counted in units).
    """

    service: Literal["login", "graph", "partner_center"]
    method: str
    tenant: str
    app_id: str
    path: str
    bucket: str
    query: str
    headers: Mapping[bytes, bytes]
    base_url: str
    units: int = 0
    form: Mapping[str, str] = {}
    member: int = 0


Handler = Callable[[Call], Awaitable[Answer]]
Hook = Callable[[Call, Handler], Awaitable[Answer]]
"""Answers a call itself, or passes it on to the handler it is given and returns what comes back, changed or not.

Every call of every service passes through all hooks, each request of a ``$batch`` on its own.
"""


def chain(hooks: Iterable[Hook], last: Handler) -> Handler:
    """Return one handler that runs the hooks in their order, then ``last``."""

    def around(inner: Handler, hook: Hook) -> Handler:
        return lambda call: hook(call, inner)

    return reduce(around, reversed(tuple(hooks)), last)


def json_answer(status: int, value: Any, headers: Headers = (), content_type: bytes = JSON) -> Answer:
    """Return ``value`` as JSON."""
    return Answer(status, Body(msgspec.json.encode(value)), headers, content_type)


def new_id() -> str:
    """Return a random id in the form of a GUID (``uuid4`` without the price of its object)."""
    digits = os.urandom(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def error_from_file(found: Any, name: str) -> Answer:
    """Return the answer that a ``.error.json`` file describes.

    Raises ``DataError`` naming the file when it is not ``{"status": 400-599, "headers": {}, "body": ...}``.
    """
    try:
        form = msgspec.convert(found, _ErrorFile)
        headers = tuple((key.encode("latin-1"), value.encode("latin-1")) for key, value in form.headers.items())
    except (msgspec.ValidationError, UnicodeEncodeError) as problem:
        message = f'{name}: {problem}. Expected {{"status": 403, "headers": {{}}, "body": {{}}}}.'
        raise DataError(message) from None
    body = b"" if form.body is None else msgspec.json.encode(form.body)
    return Answer(form.status, Body(body), headers)


class _ErrorFile(msgspec.Struct, forbid_unknown_fields=True):
    status: Any
    headers: dict[str, str] = {}
    body: Any = None

    def __post_init__(self) -> None:
        if type(self.status) is not int or not 400 <= self.status <= 599:
            raise ValueError(f"status is {self.status!r}, not 400 to 599")
