"""Reading Microsoft's services: one answer after another, patient when asked to wait, never shortening a list."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from gzip import BadGzipFile
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import msgspec
from isal import igzip, igzip_lib

from collectors.advice_partner_center import REFUSED
from collectors.declare import LimitName
from collectors.errors import (
    ListExpired,
    Malformed,
    NotFound,
    NotLicensed,
    NotPermitted,
    ScanError,
    Throttled,
    Unreachable,
    Unreadable,
)
from collectors.limiter import Limiter, charges_of
from collectors.pages import Decoder, carried, resolved
from collectors.tokens import TokenSource

CONNECTIONS = 2  # of a tenant; more cost more CPU than they gain
WAITING_SECONDS = 300.0  # in all, for one answer
ATTEMPTS = 12
MALFORMED_ATTEMPTS = 3
FIRST_BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 60.0
AGAIN = {408, 429, 500, 502, 503, 504, 509}
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "x-ms-throttle-priority": "low"}
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_REFUSALS: dict[int, type[ScanError]] = {401: NotPermitted, 403: NotPermitted, 404: NotFound, 429: Throttled}
_UNLICENSED = re.compile(r"premium licen[cs]e|NonPremiumTenant|PremiumLicenseRequired", re.IGNORECASE)


@dataclass
class Answered:
    """Counts of one client: requests sent and seconds waited because we were told to or had to."""

    requests: int = 0
    waited_seconds: float = 0.0


class Received(NamedTuple):
    """An answer, whole and unpacked."""

    status_code: int
    headers: httpx.Headers
    content: bytes


@dataclass(frozen=True)
class Gate:
    """The limiter that all processes of an application share, as one tenant's requests pass it."""

    limiter: Limiter
    app_id: str
    tenant_id: str

    async def enter(self, url: str, limit: LimitName) -> float:
        """Wait until a request may be sent; return the seconds waited. ``limit`` counts where the URL does not tell."""
        return await self.limiter.acquire(self.app_id, self.tenant_id, charges_of(url, declared=limit))

    async def learn(self, url: str, limit: LimitName, answer: Received, told: float | None) -> float | None:
        """Learn from an answer. Return, for a 429, how long its limit is closed; ``None`` for any other."""
        scope = answer.headers.get("x-ms-throttle-scope")
        used = answer.headers.get("x-ms-throttle-limit-percentage")
        charges = charges_of(url, declared=limit)
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return await self.limiter.refused(self.app_id, self.tenant_id, charges, retry_after=told, scope=scope)
        with suppress(TypeError, ValueError):  # no such header, or not a number
            await self.limiter.seen(self.app_id, self.tenant_id, charges, float(used), scope=scope)
        return None


@dataclass
class Trail:
    """How far a chain of pages was followed: where it goes on, and what tells a loop or a page that repeats.

    ``link`` is ``None`` at the end of the chain. ``edges`` stands for the first and last item of the last page.
    """

    link: str | None = None
    edges: str = ""
    followed: set[str] = field(default_factory=set)

    def go_on(self, link: str | None, edges: str) -> None:
        """Note a page that was read, and the link to the next."""
        if self.link is not None:
            self.followed.add(self.link)
        self.link, self.edges = link, edges


class GraphClient:
    """Reads answers of one tenant through one small connection pool. Not for use by several tasks of one scan.

    It reads Partner Center, too, which answers in the same manner; ``decoder`` and :mod:`collectors.pages` know how
    its pages differ.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        base: str,
        tokens: TokenSource,
        gate: Gate | None = None,
        connections: asyncio.Semaphore | None = None,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._gate = gate
        # Whoever waits for a connection waits here: the pool of httpx looks through all who wait, for every answer.
        self._connections = connections or asyncio.Semaphore(CONNECTIONS)
        self.base = base
        self.answered = Answered()

    @property
    def is_delegated(self) -> bool:
        """Whether a user asks, and not an application alone."""
        return self._tokens.is_delegated

    async def get(self, url: str, headers: Mapping[str, str] | None = None, limit: LimitName = "directory") -> bytes:
        """Return the body of a successful answer.

        Waits and asks again on 408, 429, 5xx and broken connections, up to five minutes in all; renews the token
        once on 401. Raises the :class:`ScanError` that says what the answer means.
        """
        return await self._ask("GET", url, headers or {}, limit)

    async def batch(
        self, version: str, paths: Sequence[str], limit: LimitName = "directory"
    ) -> list[bytes | ScanError]:
        """Ask up to twenty paths below ``version`` in one request; return the body or the error of each, in order.

        A batch saves round trips, not quota: each member passes the limiter, and is asked again by itself if it was
        refused. Raises :class:`ScanError` only if the batch as a whole cannot be asked.
        """
        found: dict[int, bytes | ScanError] = {}
        waited = 0.0
        for attempt in range(ATTEMPTS):
            todo = [number for number in range(len(paths)) if number not in found]
            again, wait = await self._batch(version, {number: paths[number] for number in todo}, limit, found)
            if not again:
                break
            wait = _backoff(attempt) if wait is None else wait
            waited += wait
            if waited > WAITING_SECONDS or attempt == ATTEMPTS - 1:
                found |= again
                break
            self.answered.waited_seconds += wait
            await asyncio.sleep(wait)
        return [found[number] for number in range(len(paths))]

    async def _batch(
        self, version: str, todo: Mapping[int, str], limit: LimitName, found: dict[int, bytes | ScanError]
    ) -> tuple[dict[int, bytes | ScanError], float | None]:
        """Ask once. Put what is final into ``found``; return what to ask again, and how many seconds to wait first."""
        for path in todo.values():
            if self._gate:
                self.answered.waited_seconds += await self._gate.enter(f"{self.base}/{version}{path}", limit)
        members = [{"id": str(number), "method": "GET", "url": path} for number, path in todo.items()]
        url = f"{self.base}/{version}/$batch"
        body = await self._ask("POST", url, {}, limit, msgspec.json.encode({"requests": members}))
        again: dict[int, bytes | ScanError] = {}
        longest: float | None = None
        for member in decode(_BATCH, body, url).responses:
            number = int(member.id) if member.id.isdigit() else -1
            if number not in todo:
                msg = f"{_short(url)}: the answer holds a member {member.id!r} that was not asked for."
                raise Unreadable(msg, "UnexpectedAnswer")
            answer = Received(member.status, httpx.Headers(member.headers), bytes(member.body))
            told = retry_after(answer.headers.get("Retry-After"))
            if self._gate:
                await self._gate.learn(f"{self.base}/{version}{todo[number]}", limit, answer, told)
            if member.status == httpx.codes.OK:
                found[number] = answer.content
            elif member.status in AGAIN:
                again[number] = explain(answer, todo[number])
                longest = told if longest is None else max(longest, told or 0)
            else:
                found[number] = explain(answer, todo[number])
        # A member without an answer is no answer: it is asked again.
        lost = {n: Unreadable(f"{_short(url)}: no answer for {path}") for n, path in todo.items() if n not in found}
        return lost | again, longest

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str], limit: LimitName, content: bytes | None = None
    ) -> bytes:
        gate = self._gate if content is None else None  # the members of a batch pass one by one
        waited, fresh, renewed = 0.0, False, False
        problem: ScanError = Unreachable(f"{url}: was not asked")
        for attempt in range(ATTEMPTS):
            if gate:
                self.answered.waited_seconds += await gate.enter(url, limit)
            token = await self._tokens.token(fresh=fresh)
            fresh = False
            closed: float | None = None
            try:
                answer = await self._send(method, url, headers, content, token)
            except (httpx.TransportError, httpx.DecodingError) as error:
                problem = Unreachable(f"{_short(url)}: {type(error).__name__} {error}".rstrip(), type(error).__name__)
                wait = _backoff(attempt)
            else:
                told = retry_after(answer.headers.get("Retry-After"))
                closed = await gate.learn(url, limit, answer, told) if gate else None
                if answer.status_code == httpx.codes.OK:
                    return answer.content
                problem = explain(answer, url)
                if answer.status_code == httpx.codes.UNAUTHORIZED and not renewed:
                    fresh = renewed = True
                    continue
                if answer.status_code not in AGAIN:
                    raise problem
                wait = _backoff(attempt) if told is None else told
            waited += max(wait, closed or 0)
            if waited > WAITING_SECONDS:
                break
            if closed is None:  # else the gate lets us through when its limit opens again
                self.answered.waited_seconds += wait
                await asyncio.sleep(wait)
        raise problem

    async def _send(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, token: str
    ) -> Received:
        sent = {**HEADERS, **headers, "Authorization": f"Bearer {token}"}
        if content is not None:
            sent["Content-Type"] = "application/json"
        self.answered.requests += 1
        request = self._http.build_request(method, url, headers=sent, content=content)
        async with self._connections, aclosing(await self._http.send(request, stream=True)) as answer:
            raw = b"".join([piece async for piece in answer.aiter_raw()])
            return Received(answer.status_code, answer.headers, _plain(answer.headers, raw))

    async def read(self, url: str, headers: Mapping[str, str], decoder: Decoder, limit: LimitName = "directory") -> Any:
        """Return an answer decoded. One that is no JSON is asked for again: it may have been cut off."""
        for attempt in range(MALFORMED_ATTEMPTS):
            try:
                return decode(decoder, await self.get(url, headers, limit), url)
            except Malformed:
                if attempt == MALFORMED_ATTEMPTS - 1:
                    raise
                await asyncio.sleep(_backoff(attempt))
        raise AssertionError

    async def pages(
        self,
        url: str,
        headers: Mapping[str, str],
        decoder: Decoder,
        trail: Trail | None = None,
        limit: LimitName = "directory",
    ) -> AsyncIterator[tuple[Any, Trail]]:
        """Yield each page of a collection, decoded, with the trail after it; go on where a given ``trail`` ends.

        Raises rather than stop early. A next link to another host or tenant, one that was followed before, and a page
        that is the same as the one before it are refused: following them would leak the token or never end.
        """
        if trail is None:
            trail = Trail(url)
        else:
            trail.followed.add(url)
        while (link := trail.link) is not None:
            if link != url:
                check_link(link, url)
            if link in trail.followed:
                msg = f"{_short(link)}: the next link leads back to a page that was read already."
                raise Unreadable(msg, "PageLoop")
            page = await self.read(link, {**headers, **carried(link)}, decoder, limit)
            edges = _edges(page.value) if page.value else trail.edges
            if page.value and edges == trail.edges:
                msg = f"{_short(link)}: the page holds the same items as the page before it."
                raise Unreadable(msg, "PageRepeated")
            trail.go_on(resolved(page.next_link, url) if page.next_link else None, edges)
            yield page, trail


def _edges(items: Sequence[msgspec.Struct]) -> str:
    return hashlib.sha256(b"%d" % len(items) + msgspec.json.encode([items[0], items[-1]])).hexdigest()


def decode(decoder: Decoder, body: bytes, url: str) -> Any:
    """Decode an answer; raise :class:`Unreadable` that says where it is not as declared."""
    try:
        # Graph answers on one line. A recorded answer may not, and a line break inside a value kept as JSON would
        # break the landing file, which holds one row a line.
        return decoder.decode(msgspec.json.format(body, indent=-1) if b"\n" in body else body)
    except msgspec.ValidationError as error:
        msg = f"{_short(url)}: the answer is not as declared: {error}."
        raise Unreadable(msg, "UnexpectedAnswer") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        msg = f"{_short(url)}: the answer is not JSON: {error}."
        raise Malformed(msg, "MalformedAnswer") from None


def check_link(link: str, asked: str) -> None:
    """Raise :class:`Unreadable` unless ``link`` stays on the host, API version and tenant of the URL asked first."""
    ours, theirs = urlsplit(asked), urlsplit(link)
    same_host = (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)
    same_version = ours.path.split("/")[:2] == theirs.path.split("/")[:2]
    known = {guid.lower() for guid in _GUID.findall(ours.path)}
    strangers = {guid.lower() for guid in _GUID.findall(theirs.path)} - known
    if not same_host or not same_version or strangers:
        msg = f"{_short(asked)}: the next link leads away, to {theirs.netloc}{theirs.path}. It was not followed."
        raise Unreadable(msg, "ForeignNextLink")


def _plain(headers: httpx.Headers, raw: bytes) -> bytes:
    """Return a body unpacked: with half the work of httpx, which has to be ready for any piece of it."""
    if headers.get("Content-Encoding", "identity").lower() != "gzip":
        return raw
    try:
        return bytes(igzip.decompress(raw))  # type: ignore[no-untyped-call]
    except (BadGzipFile, igzip_lib.error, EOFError) as error:  # type: ignore[misc]
        raise httpx.DecodingError(str(error)) from None


def retry_after(value: str | None) -> float | None:
    """Return the seconds a Retry-After header asks for: whole, fractional, or a date; None if it does not say."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if seconds < float("inf") else None  # false for NaN, too


def explain(answer: Received, url: str) -> ScanError:
    """Return the error that a refusal of Graph means."""
    code, words = _envelope(answer.content)
    status = answer.status_code
    text = f"{_short(url)}: {status} {code}: {words}" if words else f"{_short(url)}: {status} {code}".rstrip()
    if _UNLICENSED.search(f"{code} {words}"):
        return NotLicensed(text, code)
    if code == "Directory_ExpiredPageToken":
        return ListExpired(text, code)
    kind = REFUSED.get(code) or _REFUSALS.get(status, Unreachable if status in AGAIN else Unreadable)
    return kind(text, code)


class _Member(msgspec.Struct):
    id: str
    status: int
    headers: dict[str, str] = {}
    body: msgspec.Raw = msgspec.Raw(b"null")


class _Batch(msgspec.Struct):
    responses: list[_Member]


_BATCH: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Batch)


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Envelope(msgspec.Struct):
    """Graph's ``{"error": {...}}``, or Partner Center's ``{"code": 900308, "description": "..."}``."""

    error: _Error | None = None
    code: str | int | None = None
    description: str | None = None


def _envelope(body: bytes) -> tuple[str, str]:
    """Return (code, message) of an error body; whatever it is, it must not raise."""
    try:
        found = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "unknown", " ".join(body[:200].decode("utf-8", "replace").split())
    if found.error:
        return found.error.code or "unknown", found.error.message or ""
    if found.code is None:
        return "unknown", " ".join(body[:200].decode("utf-8", "replace").split())
    return str(found.code), found.description or ""


def _short(url: str) -> str:
    # Without the query: a skip token is long, and may name people.
    return f"GET {urlsplit(url).path}"


def _backoff(attempt: int) -> float:
    # Full jitter, so that many workers do not come back together.
    longest: float = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2**attempt)
    return random.uniform(0.5, 1.0) * longest  # noqa: S311
