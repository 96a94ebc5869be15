"""What can go wrong while reading a tenant, named for what to do next."""

from __future__ import annotations

from typing import ClassVar, Literal

State = Literal["complete", "partial", "not_licensed", "not_permitted", "failed", "skipped"]


class ScanError(Exception):
    """Something could not be read.

    ``code`` is Microsoft's code (or ours), ``state`` what it makes of the dataset, and ``word`` names it in
    ``docs/errors.md`` if Microsoft refused something.
    """

    state: ClassVar[State] = "failed"

    def __init__(self, message: str, code: str = "", word: str = "") -> None:
        super().__init__(message)
        self.code = code or type(self).__name__
        self.word = word


class ConfigError(ScanError):
    """The operator must change something before trying again."""


class CredentialError(ConfigError):
    """Microsoft Entra refused the application itself: wrong or expired secret, certificate, or refresh token."""


class NotPermitted(ScanError):  # noqa: N818  (a state, not an accident)
    """This dataset cannot be read in this tenant for want of consent or a role; the others still can."""

    state = "not_permitted"


class NotLicensed(ScanError):  # noqa: N818
    """The tenant lacks the licence this dataset needs. That is a fact about the tenant, not a failure."""

    state = "not_licensed"


class Unreachable(ScanError):  # noqa: N818
    """Nobody answered, or the service kept failing, for as long as we may wait."""


class Throttled(ScanError):  # noqa: N818
    """The service kept refusing with 429 for as long as we may wait."""


class Unreadable(ScanError):  # noqa: N818
    """An answer arrived that is not what was asked for."""


class Malformed(Unreadable):
    """An answer arrived that cannot even be parsed. It may have been cut off on its way."""


class NotFound(Unreadable):
    """There is no such thing: where the tenant itself named it, it is gone."""


class ListExpired(ScanError):  # noqa: N818
    """The page chain ended before the list did; it must be read again from its start."""
