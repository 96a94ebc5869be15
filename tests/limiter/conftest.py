"""Limiters of several processes over one file, in virtual time."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from collectors.limiter import Limiter
from collectors.limiter.sqlite import SqliteStore
from tests.limiter import servers, virtual

Fleet = Callable[..., AbstractAsyncContextManager[list[Limiter]]]


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Return what opens some limiters on one file, as so many processes would."""

    @asynccontextmanager
    async def opened(count: int = 1, **options: Any) -> Any:
        clock = virtual.now
        limiters = [Limiter(SqliteStore(tmp_path / "limiter.sqlite", clock), **options) for _ in range(count)]
        try:
            yield limiters
        finally:
            await asyncio.gather(*(limiter.close() for limiter in limiters))

    return opened


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the URL of a Redis of our own, or skip."""
    pytest.importorskip("redis", reason="the Python package redis is not installed")
    with servers.redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Yield the URL of a PostgreSQL of our own, or skip."""
    if not any(importlib.util.find_spec(name) for name in ("psycopg", "psycopg2")):
        pytest.skip("neither psycopg nor psycopg2 is installed")
    with servers.postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "redis", "postgres"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of each kind of store in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'limiter.sqlite'}"
    return str(request.getfixturevalue(request.param))
