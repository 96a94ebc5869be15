"""Microsoft Graph over a tenant's folder: one GET of a list or an object.

A page is rendered once and kept until a file it was made from changes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from sandbox.calls import Answer, Body, Call, error_from_file
from sandbox.graph_wire import (
    GRAPH_JSON,
    GraphError,
    error_answer,
    headers_for,
    missing,
    resource_units,
    unauthorized,
)
from sandbox.page_links import PageLinks
from sandbox.paths import UNLISTED, VERSIONS, Match, match
from sandbox.query import BadQueryError, Query, is_activity, options, parse
from sandbox.rows import build, select_one
from sandbox.store import Cache, DataError, Sources, Store, Stored, first_sign
from sandbox.tokens import GRAPH, Token, TokenError, Tokens

_PRINCIPALS: Final = (("users", "user"), ("groups", "group"), ("servicePrincipals", "servicePrincipal"))
_NO_FILE: Final = Stored(b'{"value":[]}', "")

Members = dict[str, msgspec.Raw]
Rows = tuple[Sequence[msgspec.Raw], str]


class Graph:
    """Answers below ``/v1.0`` and ``/beta``."""

    def __init__(self, store: Store, tokens: Tokens) -> None:
        self._store = store
        self._tokens = tokens
        self._links = PageLinks()
        self._pages: Cache[Body] = Cache(512 << 20)
        self._rows: Cache[Rows] = Cache(512 << 20)

    def authenticate(self, headers: Mapping[bytes, bytes]) -> Token:
        """Return who calls. Raises ``GraphError``."""
        try:
            token = self._tokens.read(headers.get(b"authorization", b""), GRAPH)
        except TokenError as problem:
            raise unauthorized(str(problem)) from None
        if not self._store.has_tenant(token.tenant):
            message = "The identity of the calling application could not be established."
            raise GraphError(401, "Authorization_IdentityNotFound", message)
        return token

    def call(
        self, parts: tuple[str, ...] | None, token: Token, *, query: str, headers: Mapping[bytes, bytes], base_url: str
    ) -> Call:
        """Return the call that passes the hooks. Raises ``GraphError`` for a path that cannot be one."""
        matched = _understand(parts)
        route = matched.route
        is_slow = "signInActivity" in query and is_activity(matched, _selected(query))
        return Call(
            service="graph",
            method="GET",
            tenant=token.tenant,
            app_id=token.app_id,
            path=f"{matched.path}/microsoft.graph.{matched.cast}" if matched.cast else matched.path,
            bucket="sign_in_activity" if is_slow else route.bucket,
            query=query,
            headers=headers,
            base_url=base_url,
            units=resource_units(route.units, query) if route.units else 0,
        )

    def answer(self, call: Call) -> Answer:
        """Answer a call. Raises ``DataError``."""
        try:
            found = self._find(call)
        except BadQueryError as problem:
            return error_answer(GraphError(400, problem.code, problem.message), call.headers, call.units)
        except GraphError as problem:
            return error_answer(problem, call.headers, call.units)
        headers = headers_for(call.headers, call.units)
        if isinstance(found, Answer):
            return Answer(found.status, found.body, found.headers + headers, GRAPH_JSON)
        return Answer(200, found, headers, GRAPH_JSON)

    def _find(self, call: Call) -> Body | Answer:
        matched = self._by_object_id(call.tenant, _understand(tuple(call.path.split("/"))))
        for path in dict.fromkeys((matched.path, call.path)):
            planned = self._store.error(f"{call.tenant}/{path}")
            if planned is not None:
                return error_from_file(planned, f"{call.tenant}/{path}.error.json")
        if matched.cast:
            _check_cast(call)
        key = (call.tenant, call.path, call.query, call.base_url)
        kept = self._pages.get(key)
        if kept:
            return kept[0]
        plain, sources = self._render(call, matched, parse(call.query, matched))
        body = Body(plain)
        self._pages.put(key, body, sources, len(plain))
        return body

    def _by_object_id(self, tenant: str, matched: Match) -> Match:
        """Put a user's id where the path has the ``userPrincipalName``: files are named by id."""
        if matched.user is None or "@" not in matched.user:
            return matched
        users, _ = self._store.load(f"{tenant}/{matched.version}/users.json")
        found = users.find(matched.user) if users else None
        if found is None:
            raise missing(matched.user)
        user_id = msgspec.json.decode(found, type=_Identified).id
        below = matched.path.split("/")[3:]
        path = "/".join([matched.version, "users", user_id, *below])
        return msgspec.structs.replace(matched, path=path, key=user_id, user=user_id)

    def _render(self, call: Call, matched: Match, query: Query) -> tuple[bytes, Sources]:
        path = f"{call.tenant}/{matched.path}"
        stored, sources = self._store.load(f"{path}.json")
        many = matched.route.many
        if matched.route is UNLISTED:
            if stored is None:
                name = matched.path.rpartition("/")[2]
                raise GraphError(400, "BadRequest", f"Resource not found for the segment '{name}'.")
            many = stored.items is not None
        elif stored is not None and many != (stored.items is not None):
            expected = 'a list, {"value": [...]}' if many else "one object"
            raise DataError(f"{path}.json: expected {expected}.")
        if many:
            return self._list(call, matched, query, stored or _NO_FILE, sources)
        return self._object(call.tenant, matched, query, stored, sources)

    def _list(
        self, call: Call, matched: Match, query: Query, stored: Stored, sources: Sources
    ) -> tuple[bytes, Sources]:
        key = (call.tenant, call.path, query.select, query.filter, query.order, query.expand)
        kept = self._rows.get(key)
        if kept is None:
            used = list(sources)
            rows = build(
                stored,
                query,
                matched,
                lambda principal: self._principal(f"{call.tenant}/{matched.version}", principal, used),
            )
            kept = (
                (rows, _context(matched, query, stored if rows is stored.items else None)),
                tuple(dict.fromkeys(used)),
            )
            self._rows.put(key, *kept, stored.size)
        (rows, context), sources = kept
        begin = self._links.begin(call, query)
        end = begin + (query.size or len(rows))
        head: dict[str, Any] = {"@odata.context": context}
        if query.count and begin == 0:
            head["@odata.count"] = len(rows)
        if end < len(rows):
            head["@odata.nextLink"] = self._links.next_link(call, query, end)
        return msgspec.json.encode(head | {"value": rows[begin:end]}), sources

    def _principal(self, folder: str, principal: str, used: list[Any]) -> msgspec.Raw | None:
        for name, kind in _PRINCIPALS:
            stored, sources = self._store.load(f"{folder}/{name}.json")
            used.extend(sources)
            found = stored.find(principal) if stored else None
            if found is not None:
                named = {"@odata.type": msgspec.Raw(f'"#microsoft.graph.{kind}"'.encode())}
                return _raw(named | _members(found))
        return None

    def _object(
        self, tenant: str, matched: Match, query: Query, stored: Stored | None, sources: Sources
    ) -> tuple[bytes, Sources]:
        members = stored.members if stored else None
        if members is None and matched.in_list:
            listed, more = self._store.load(f"{tenant}/{matched.in_list}.json")
            sources += more
            found = listed.find(matched.key) if listed else None
            members = None if found is None else _members(found)
        if members is None:
            raise missing(matched.key or matched.path.rpartition("/")[2])
        # The documentation wraps some single objects in ``value``; such a recorded answer stays wrapped.
        is_wrapped = "value" in members and first_sign(members["value"]) == b"{"
        row = _members(members["value"]) if is_wrapped else dict(members)
        for name in matched.route.expands:
            if name not in query.expand:
                row.pop(name, None)
            elif name not in row:
                below, more = self._store.load(f"{tenant}/{matched.path}/{name}.json")
                sources += more
                row[name] = below.members["value"] if below and below.items is not None else msgspec.Raw(b"[]")
        row.pop("@odata.context", None)
        chosen = select_one(_raw(row), query, matched)
        head = {"@odata.context": _context(matched, query, stored)}
        if is_wrapped:
            return msgspec.json.encode(head | {"value": chosen}), sources
        return msgspec.json.encode(head | _members(chosen)), sources


class _Identified(msgspec.Struct):
    id: str


def _members(row: msgspec.Raw) -> Members:
    return msgspec.json.decode(row, type=Members)


def _raw(members: Members) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(members))


def _understand(parts: tuple[str, ...] | None) -> Match:
    if parts is None or len(parts) < 2 or parts[0] not in VERSIONS:
        raise GraphError(400, "BadRequest", "Resource not found for the segment.")
    found = match(parts[0], parts[1:])
    return found or Match(path="/".join(parts), version=parts[0], route=UNLISTED)


def _selected(query: str) -> tuple[str, ...]:
    try:
        return tuple(name.strip() for name in options(query).get("$select", "").split(","))
    except BadQueryError:
        return ()


def _check_cast(call: Call) -> None:
    is_eventual = call.headers.get(b"consistencylevel", b"").lower() == b"eventual"
    if not is_eventual or options(call.query).get("$count", "").lower() != "true":
        message = "OData cast needs the ConsistencyLevel header set to eventual and $count=true."
        raise GraphError(400, "Request_UnsupportedQuery", message)


def _context(matched: Match, query: Query, stored: Stored | None) -> str:
    """Return ``@odata.context``: the one in the file as long as the answer is what the file says."""
    if stored and not query.select and not query.expand and "@odata.context" in stored.members:
        return str(msgspec.json.decode(stored.members["@odata.context"]))
    names = (matched.in_list or matched.path).split("/")[1:]
    patterns = matched.route.path.split("/") if matched.route.path else names
    place = "".join(
        f"('{name}')" if pattern == "{id}" else f"/{name}" for name, pattern in zip(names, patterns, strict=False)
    ).lstrip("/")
    if matched.route.context:
        place = f"{matched.cast}s" if matched.cast else matched.route.context
    chosen = [*query.select, *(f"{name}()" for name in query.expand)]
    suffix = f"({','.join(chosen)})" if chosen else ""
    entity = "/$entity" if matched.in_list else ""
    return f"https://graph.microsoft.com/{matched.version}/$metadata#{place}{suffix}{entity}"
