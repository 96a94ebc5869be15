"""The Partner Center REST API over ``<tenant>/partner-center``: lists of a partner."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from sandbox.calls import Answer, Body, Call, Headers, error_from_file, json_answer, new_id
from sandbox.store import DataError, Store
from sandbox.tokens import OLD_GRAPH, PARTNER_CENTER, Token, TokenError, Tokens

_LISTS: Final = frozenset({"v1/customers", "v1/nonMfaCompliantPartnerPrincipals", "v1/partnerRequests"})
_BARE_LISTS: Final = frozenset({"v1/applicationmfaadoptionstatus"})
_WHOLE: Final = frozenset({"v1/nonMfaCompliantPartnerPrincipals", "v1/partnerRequests"})
_FOR_USERS: Final = _WHOLE | _BARE_LISTS
_SPELLING: Final = {path.lower(): path for path in _LISTS | _BARE_LISTS}
_MOST: Final = 500  # also the size where none is asked for; not documented


class PartnerCenterError(Exception):
    """Partner Center answers with this status, code and description."""

    def __init__(self, status: int, code: int, description: str, headers: Headers = ()) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description
        self.headers = headers


NOT_ALLOWED: Final = PartnerCenterError(405, 405, "This API only reads.", ((b"Allow", b"GET"),))


class PartnerCenter:
    """Answers below ``/v1``."""

    def __init__(self, store: Store, tokens: Tokens) -> None:
        self._store = store
        self._tokens = tokens
        self._key = secrets.token_bytes(16)

    def authenticate(self, headers: Mapping[bytes, bytes]) -> Token:
        """Return who calls. Raises ``PartnerCenterError``."""
        authorization = headers.get(b"authorization", b"")
        challenge = ((b"WWW-Authenticate", b'Bearer error="invalid_token"'),)
        try:
            token = self._tokens.read(authorization, PARTNER_CENTER)
        except TokenError as problem:
            code = 900420 if self._is_for(authorization, OLD_GRAPH) else 401
            raise PartnerCenterError(401, code, str(problem), challenge) from None
        if not self._store.has_tenant(token.tenant):
            raise PartnerCenterError(401, 60003, "The tenant was not found.", challenge)
        return token

    def _is_for(self, authorization: bytes, audience: str) -> bool:
        try:
            self._tokens.read(authorization, audience)
        except TokenError:
            return False
        return True

    def call(
        self, parts: tuple[str, ...] | None, token: Token, *, query: str, headers: Mapping[bytes, bytes], base_url: str
    ) -> Call:
        """Return the call that passes the hooks. Raises ``PartnerCenterError`` for a path that cannot be one."""
        if parts is None or len(parts) < 2:
            raise PartnerCenterError(404, 404, "Resource not found.")
        path = _SPELLING.get("/".join(parts).lower(), "/".join(parts))
        if path in _FOR_USERS and token.user_id is None:
            raise PartnerCenterError(403, 900329, "App only access is not supported for this API.")
        return Call(
            service="partner_center",
            method="GET",
            tenant=token.tenant,
            app_id=token.app_id,
            path=path,
            bucket="partner_center",
            query=query,
            headers=headers,
            base_url=base_url,
        )

    def answer(self, call: Call) -> Answer:
        """Answer a call. Raises ``DataError``."""
        path = f"{call.tenant}/partner-center/{call.path}"
        headers = headers_for(call.headers)
        planned = self._store.error(path)
        if planned is not None:
            found = error_from_file(planned, f"{path}.error.json")
            return Answer(found.status, found.body, found.headers + headers)
        try:
            return Answer(200, Body(self._page(call, f"{path}.json")), headers)
        except PartnerCenterError as problem:
            return error_answer(problem, call.headers)

    def _page(self, call: Call, name: str) -> bytes:
        text, _ = self._store.read(name)
        if text is not None and call.path not in _LISTS and not _is_list(text):
            return _checked(text, name)
        if call.path in _BARE_LISTS:
            return b"[]"
        if call.path not in _LISTS and text is None:
            raise PartnerCenterError(404, 404, "Resource not found.")
        return self._list(call, _items(text, name))

    def _list(self, call: Call, items: list[msgspec.Raw]) -> bytes:
        asked = parse_qs(call.query)
        size = max(len(items), 1) if call.path in _WHOLE else _size(asked)
        begin = self._begin(call, asked)
        place = f"/{call.path.partition('/')[2]}"
        links: dict[str, Any] = {"self": {"uri": f"{place}?size={size}", "method": "GET", "headers": []}}
        if begin + size < len(items):
            headers = [{"key": "MS-ContinuationToken", "value": self._continuation(call, begin + size)}]
            uri = f"{place}?size={size}&seekOperation=Next"
            links["next"] = {"uri": uri, "method": "GET", "headers": headers}
        body = {
            "totalCount": len(items),
            "items": items[begin : begin + size],
            "links": links,
            "attributes": {"objectType": "Collection"},
        }
        return msgspec.json.encode(body)

    def _begin(self, call: Call, asked: Mapping[str, list[str]]) -> int:
        if "seekOperation" not in asked:
            return 0
        token = call.headers.get(b"ms-continuationtoken", b"").decode("latin-1")
        try:
            begin = int(base64.urlsafe_b64decode(token.partition(".")[0]))
            is_ours = hmac.compare_digest(token.encode(), self._continuation(call, begin).encode())
        except ValueError:
            is_ours = False
        if asked["seekOperation"] != ["Next"] or not is_ours:
            raise PartnerCenterError(400, 2000, "The continuation token or the seek operation is not valid.")
        return begin

    def _continuation(self, call: Call, begin: int) -> str:
        seal = hmac.new(self._key, f"{call.tenant}/{call.path}/{begin}".encode(), hashlib.sha256).hexdigest()[:24]
        return f"{base64.urlsafe_b64encode(str(begin).encode()).decode()}.{seal}"


def _size(asked: Mapping[str, list[str]]) -> int:
    text = asked.get("size", [str(_MOST)])[0]
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= _MOST):
        raise PartnerCenterError(400, 2000, f"The size '{text}' is not a number from 1 to {_MOST}.")
    return int(text[:9])


class _List(msgspec.Struct):
    items: list[msgspec.Raw]


def _is_list(text: bytes) -> bool:
    """Say whether a file of a path that is not in the table holds a list to be served in pages."""
    try:
        msgspec.json.decode(text, type=_List)
    except msgspec.DecodeError:
        return False
    return True


def _items(text: bytes | None, name: str) -> list[msgspec.Raw]:
    if text is None:
        return []
    try:
        return msgspec.json.decode(msgspec.json.format(text, indent=-1), type=_List).items
    except msgspec.DecodeError as problem:
        raise DataError(f'{name}: expected {{"totalCount": n, "items": [...]}} ({problem}).') from None


def _checked(text: bytes, name: str) -> bytes:
    try:
        return msgspec.json.format(text, indent=-1)
    except msgspec.DecodeError as problem:
        raise DataError(f"{name}: not JSON ({problem}).") from None


def headers_for(asked: Mapping[bytes, bytes]) -> Headers:
    """Return the headers that every answer of Partner Center carries."""
    return (
        (b"MS-RequestId", asked.get(b"ms-requestid", new_id().encode())),
        (b"MS-CorrelationId", asked.get(b"ms-correlationid", new_id().encode())),
        (b"MS-CV", b"sandbox.0"),
        (b"Cache-Control", b"no-cache"),
        (b"Vary", b"Accept-Encoding"),
        (b"Strict-Transport-Security", b"max-age=31536000"),
    )


def error_answer(problem: PartnerCenterError, asked: Mapping[bytes, bytes]) -> Answer:
    """Return Partner Center's error body."""
    body: dict[str, Any] = {
        "code": problem.code,
        "description": problem.description,
        "data": [],
        "source": "PartnerFD",
    }
    return json_answer(problem.status, body, (*problem.headers, *headers_for(asked)))
