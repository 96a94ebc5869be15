"""Where the buckets are kept: one small protocol, and the store that a URL names."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from collectors.errors import ConfigError, Unreachable
from collectors.limiter.bucket import Answer, Reading, Take

T = TypeVar("T")


class Store(Protocol):
    """Buckets that several processes share. Every call is one transaction, and none waits for a bucket.

    Raises :class:`StoreUnreachable` if the store does not answer.
    """

    async def reserve(self, takes: Sequence[Take]) -> Answer:
        """Take from all buckets or from none (:func:`collectors.limiter.bucket.reserve`)."""

    async def give_back(self, takes: Sequence[Take]) -> None:
        """Return what a reservation took, before its time has come."""

    async def read(self, keys: Sequence[str]) -> list[Reading]:
        """Return how the buckets stand."""

    async def block(self, key: str, seconds: float | None, first_seconds: float, patience_seconds: float) -> float:
        """Empty and stop a bucket, and return for how many seconds (:meth:`Bucket.block`)."""

    async def slow(self, key: str, pace: float) -> None:
        """Slow a bucket down to ``pace`` of its documented rate."""

    async def close(self) -> None:
        """Let go of files and connections."""


class StoreUnreachable(Unreachable):
    """The store of the limiter does not answer. Without it nothing may be asked: the limits are everybody's."""


def open_store(url: str) -> Store:
    """Return the store of ``sqlite:///path`` (four slashes: absolute), ``redis://...`` or ``postgresql://...``.

    Nothing is opened yet. Raises :class:`ConfigError` for a URL nobody knows and for a driver that is not there.
    """
    scheme = url.partition(":")[0]
    match scheme.partition("+")[0]:
        case "sqlite":
            from collectors.limiter.sqlite import SqliteStore

            if not (found := re.fullmatch(r"sqlite:///([^?#]+)", url)):
                msg = f"limiter {url!r}: expected sqlite:///relative/path or sqlite:////absolute/path."
                raise ConfigError(msg)
            return SqliteStore(Path(found[1]))
        case "redis" | "rediss" | "unix":
            from collectors.limiter.redis import RedisStore

            return RedisStore(url, driver("redis.asyncio", url=url, extra="redis"))
        case "postgresql" | "postgres":
            from collectors.limiter.postgres import PostgresStore

            # The URL as SQLAlchemy writes it names a driver, too.
            dsn = url.replace(scheme, "postgresql", 1)
            return PostgresStore(dsn, driver("psycopg", "psycopg2", url=url, extra="postgres"))
    msg = f"limiter {shown(url)!r}: expected a URL that begins with sqlite:///, redis:// or postgresql://."
    raise ConfigError(msg)


def driver(*names: str, url: str, extra: str) -> Any:
    """Return the first of the modules that is installed. Raises :class:`ConfigError`."""
    for name in names:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if error.name not in {name, name.partition(".")[0]}:
                raise
    msg = f"limiter {shown(url)}: {' or '.join(names)} is not installed. Install mfa-rollcall[{extra}]."
    raise ConfigError(msg)


def shown(url: str) -> str:
    """Return a URL without the password that may stand in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


async def finished(asked: asyncio.Future[T], undo: Callable[[T], Awaitable[None]]) -> T:
    """Return what was asked for. Cancelled meanwhile, wait for the answer all the same and undo what it did."""
    try:
        return await asyncio.shield(asked)
    except asyncio.CancelledError:
        with suppress(StoreUnreachable):
            await undo(await asked)
        raise
