"""What each refusal of Microsoft Entra and Microsoft Graph means, what it makes of a dataset, and what to do about it.

The table is data: ``docs/errors.md`` is made from it. Microsoft warns that numbers and texts change, so a number nobody
here knows is told by its OAuth word, and a Graph code nobody knows by its HTTP status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from collectors.advice_graph import GRAPH, UNEXPECTED
from collectors.advice_partner_center import PARTNER_CENTER, REFUSED
from collectors.advice_token import TOKEN, UNKNOWN
from collectors.errors import ScanError
from collectors.permissions import role_for, spelled
from collectors.refusal import Advice


@dataclass(frozen=True)
class Place:
    """Whom a refusal concerns: an application, the connection that holds it, and the tenant it asked."""

    app_id: str
    connection: str
    tenant_id: str
    authority: str
    is_delegated: bool = False

    @property
    def app(self) -> str:
        """The application as an operator can find it."""
        return f"application {self.app_id} (connection {self.connection!r})"

    @property
    def consent_url(self) -> str:
        """Where an administrator of the tenant consents to everything the application's registration asks for."""
        return f"{self.authority}/{self.tenant_id}/adminconsent?client_id={self.app_id}"


def of_token(numbers: Iterable[int], oauth: str, words: str) -> Advice:
    """Return the advice for a refused token: by AADSTS number, else by Entra's words, else by the OAuth error."""
    for number in numbers:
        if number in _BY_CODE:
            return _BY_CODE[number]
    return _by_text(TOKEN, words) or _BY_OAUTH.get(oauth) or UNKNOWN


def of_graph(status: int, code: str, words: str) -> Advice:
    """Return the advice for a refusal of Graph or Partner Center: by what is said, its code, its HTTP status."""
    own = _BY_CODE.get(code) if code in REFUSED else None
    return own or _by_text(GRAPH, f"{code} {words}") or _BY_CODE.get(code) or _BY_STATUS.get(status) or UNEXPECTED


def token_error(answer: dict[str, Any], place: Place) -> ScanError:
    """Return the error for what Entra answered instead of a token.

    Its ``code`` is Entra's (``AADSTS50076``), or the OAuth word if there is no number; its ``word`` the advice's.
    """
    words = str(answer.get("error_description") or answer.get("error") or "")
    oauth = str(answer.get("error") or "")
    numbers = _numbers(answer, words)
    advice = of_token(numbers, oauth, words)
    code = f"AADSTS{numbers[0]}" if numbers else oauth or "token"
    said = re.split(r"\s*(?:Trace|Correlation) ID:", " ".join(words.split()))[0].strip().rstrip(".")
    correlation = str(answer.get("correlation_id") or next(iter(re.findall(r"Correlation ID: ([\w-]+)", words)), "?"))
    return advice.error(f"{said}. {advice.word}: {fill(advice, place, correlation=correlation)}", code, advice.word)


def fill(advice: Advice, place: Place, *, permissions: Iterable[str] = (), correlation: str = "?") -> str:
    """Return the advice's sentence about this application, tenant and permission."""
    wanted = tuple(permissions)
    template = advice.delegated if place.is_delegated and advice.delegated else advice.sentence
    return template.format(
        app=place.app,
        connection=repr(place.connection),
        tenant=place.tenant_id,
        consent_url=place.consent_url,
        permission=spelled(wanted, is_delegated=place.is_delegated),
        role=role_for(wanted),
        correlation=correlation,
    )


def everything() -> Iterator[Advice]:
    """Yield the whole table, in the order it is documented in."""
    yield from (*TOKEN, UNKNOWN, *GRAPH, UNEXPECTED, *PARTNER_CENTER)


def _numbers(answer: dict[str, Any], words: str) -> list[int]:
    given = answer.get("error_codes")
    known = [number for number in given if isinstance(number, int)] if isinstance(given, list) else []
    return known or [int(number) for number in re.findall(r"AADSTS(\d+)", words)]


def _by_text(table: Iterable[Advice], words: str) -> Advice | None:
    said = words.casefold()
    return next((advice for advice in table if any(text.casefold() in said for text in advice.texts)), None)


_BY_CODE = {code: advice for advice in (*TOKEN, *GRAPH, *PARTNER_CENTER) for code in advice.codes}
_BY_OAUTH = {word: advice for advice in TOKEN for word in advice.oauth}
_BY_STATUS = {status: advice for advice in GRAPH for status in advice.statuses}
