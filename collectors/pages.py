"""How each service words a page of a list, made the same: ``value`` is the list of rows, ``next_link`` may be None.

Partner Center puts its items into an envelope or sends them bare, and spells a property in any letter case: its tables
and its samples differ. To go on it wants a header that the page before gave. It travels in the link's fragment, which
no request sends: so a link is all that is needed to go on, whoever does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

import msgspec

from collectors.declare import Dataset, Service, Table
from collectors.shape import Tree, page_decoder, tree

CONTINUATION: Final = "MS-ContinuationToken"
_ROOT: Final = "/v1"


class Decoder(Protocol):
    """Turns the bytes of an answer into what is declared. Raises ``msgspec.DecodeError``."""

    def decode(self, body: bytes, /) -> Any:
        """Return the answer decoded."""


class PartnerCenterPages:
    """Decodes a page of Partner Center."""

    def __init__(self, table: Table) -> None:
        self._tree = tree(table)
        self._pages = page_decoder(table)

    def decode(self, body: bytes, /) -> Any:
        """Return the page. Raises ``msgspec.DecodeError``."""
        answer = msgspec.json.decode(body)
        items = answer if isinstance(answer, list) else _named(answer, "items")
        if not isinstance(items, list):
            msg = "Expected an array of items, or an object with one - at `$`"
            raise msgspec.ValidationError(msg)
        page = {"value": [_spelled(item, self._tree) for item in items], "@odata.nextLink": _next(answer)}
        return self._pages.decode(msgspec.json.encode(page))


def decoder_of(dataset: Dataset) -> Decoder:
    """Return the decoder of a page of the dataset."""
    return _DECODERS[dataset.service](dataset.table)


def carried(link: str) -> dict[str, str]:
    """Return the headers that a link wants to be followed with."""
    return {name: value for name, value in parse_qsl(urlsplit(link).fragment) if name == CONTINUATION}


def resolved(link: str, asked: str) -> str:
    """Return a next link as a URL: Graph gives one, Partner Center a path below ``/v1`` of the host that was asked."""
    return urljoin(asked, link) if link.startswith(f"{_ROOT}/") else link


def _next(answer: Any) -> str | None:
    link = _named(_named(answer, "links"), "next")
    uri = _named(link, "uri")
    if not isinstance(uri, str) or not uri:
        return None
    headers = _named(link, "headers")
    tokens = [_named(one, "value") for one in headers if _is_continuation(one)] if isinstance(headers, list) else []
    place = uri if not uri.startswith("/") or uri.startswith(f"{_ROOT}/") else f"{_ROOT}{uri}"
    return f"{place}#{urlencode({CONTINUATION: tokens[0]}, quote_via=quote)}" if tokens else place


def _is_continuation(header: Any) -> bool:
    return str(_named(header, "key")).casefold() == CONTINUATION.casefold()


def _named(found: Any, name: str) -> Any:
    """Return a property by its name in any letter case; None where there is none."""
    if not isinstance(found, Mapping):
        return None
    return next((value for key, value in found.items() if key.casefold() == name.casefold()), None)


def _spelled(item: Any, wanted: Tree) -> Any:
    """Return an item with the declared properties, spelled as declared."""
    if not isinstance(item, Mapping):
        return item
    given = {key.casefold(): value for key, value in item.items()}
    return {
        name: _spelled(given[name.casefold()], inner) if isinstance(inner, dict) else given[name.casefold()]
        for name, inner in wanted.items()
        if name.casefold() in given
    }


_DECODERS: Final[Mapping[Service, Callable[[Table], Decoder]]] = {
    "graph": page_decoder,
    "partner_center": cache(PartnerCenterPages),
}
