"""Refresh tokens that Entra gave in exchange for the one in a connection, kept from one scan to the next.

Entra gives a new refresh token with every access token and lets unused ones expire. The new ones are kept in files of
our own, beside the landing folder, and not in the connection: a task cannot write connections, and secrets backends are
read-only. A file belongs to one connection and to the token its operator put there (by its hash), so a new token in the
connection begins a file of its own and wins at once over all that came from the old one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from collectors.config import Config
from collectors.errors import ConfigError
from collectors.files import replace

log = structlog.get_logger(__name__)

FOLDER = "tokens"
# After so long without use Entra no longer takes a token, so a file nobody wrote since is of no use.
UNUSED_DAYS = 90
_PLAIN = b"plain:"


@dataclass
class Held:
    """The newest refresh token, while nobody else can exchange it."""

    token: str = field(repr=False)
    _store: RefreshTokens = field(repr=False)

    def keep(self, token: str) -> None:
        """Keep the token that came in exchange. It is on the disk when this returns."""
        if token != self.token:
            self._store.write(token)
            self.token = token


class RefreshTokens:
    """The refresh tokens that descend from one token of one connection."""

    def __init__(self, folder: Path, connection: str, original: str, key: str = "") -> None:
        """``key`` is a Fernet key, or several with commas between, the first to encrypt with; empty: do not encrypt."""
        self._folder = folder
        self._name = quote(connection, safe="")
        self._original = original
        self._fernet = _fernet(key)
        digest = hashlib.sha256(original.encode()).hexdigest()
        self._file = folder / f"{self._name}.{digest[:16]}.token"

    @classmethod
    def of(cls, config: Config, connection: str, original: str) -> RefreshTokens:
        """Return the store beside the landing folder, encrypted with Airflow's key if there is one."""
        from airflow.sdk.configuration import conf

        key = conf.get("core", "fernet_key", fallback="") or ""
        # Airflow's default is a template; it is filled when Airflow writes its configuration file.
        return cls(config.landing.with_name(FOLDER), connection, original, "" if "{" in key else key)

    @contextmanager
    def rotation(self) -> Iterator[Held]:
        """Yield the newest token and let no other thread or process have it until the block ends."""
        descriptor = self._open_lock()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield Held(self.newest(), self)
        finally:
            os.close(descriptor)  # and with it the lock

    def newest(self) -> str:
        """Return the newest token: the one kept last, or the connection's own."""
        try:
            kept = self._file.read_bytes()
        except FileNotFoundError:
            return self._original
        try:
            return self._opened(kept)
        except (InvalidToken, UnicodeDecodeError):
            # Airflow's key was changed, or the file is damaged. The connection's own token may still do.
            log.warning("ignored", file=str(self._file), reason="it cannot be decrypted with Airflow's key")
            return self._original

    def write(self, token: str) -> None:
        """Put a token in the place of the one before it: a reader finds the one or the other, whole."""
        sealed = self._fernet.encrypt(token.encode()) if self._fernet else _PLAIN + token.encode()
        replace(self._file, sealed)
        self._forget()

    def _opened(self, kept: bytes) -> str:
        if kept.startswith(_PLAIN):
            return kept.removeprefix(_PLAIN).decode()
        if self._fernet is None:
            raise InvalidToken
        return self._fernet.decrypt(kept).decode()

    def _open_lock(self) -> int:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._folder.stat().st_mode & 0o077:
                self._folder.chmod(0o700)
            return os.open(self._folder / f"{self._name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            msg = (
                f"{self._folder}: refresh tokens cannot be kept here: {error.strerror}. The folder must be ours alone; "
                "make it writable for the user who scans, or move `landing` in [storage]."
            )
            raise ConfigError(msg, "TokenStore") from None

    def _forget(self) -> None:
        """Remove what descends from tokens the connection no longer holds, once it is of no use, and torn writes."""
        oldest = time.time() - UNUSED_DAYS * 86_400
        for pattern in (f"{self._name}.*.token", f".{self._name}.*.part"):
            for path in self._folder.glob(pattern):
                with suppress(FileNotFoundError):
                    if path != self._file and path.stat().st_mtime < oldest:
                        path.unlink()


def _fernet(key: str) -> MultiFernet | None:
    if not key:
        return None
    try:
        return MultiFernet([Fernet(part.strip()) for part in key.split(",")])
    except ValueError:
        msg = "[core] fernet_key of Airflow is not a Fernet key, so refresh tokens cannot be kept. Correct it."
        raise ConfigError(msg, "TokenStore") from None
