"""What Graph's answers look like around their content: headers, the error envelope, the cost in resource units."""

import base64
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from sandbox.calls import Answer, Headers, json_answer, new_id
from sandbox.query import BadQueryError, options
from sandbox.tokens import REVOKED

GRAPH_JSON: Final = (
    b"application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)
_DIAGNOSTIC: Final = (
    b'{"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5","ScaleUnit":"001",'
    b'"RoleInstance":"AM0PEPF00000001"}}'
)
_CHALLENGE: Final = (
    b'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    b'client_id="00000003-0000-0000-c000-000000000000"'
)


class GraphError(Exception):
    """Graph answers with this status, code and message."""

    def __init__(self, status: int, code: str, message: str, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


def unauthorized(message: str) -> GraphError:
    """Return the refusal of a token; a revoked one is told what a new one must claim."""
    challenge = _CHALLENGE
    if message == REVOKED:
        claims = f'{{"access_token":{{"nbf":{{"essential":true,"value":"{int(time.time())}"}}}}}}'
        challenge += b', error="insufficient_claims", claims="%s"' % base64.b64encode(claims.encode())
    return GraphError(401, "InvalidAuthenticationToken", message, ((b"WWW-Authenticate", challenge),))


def not_allowed(method: str) -> GraphError:
    """Return the refusal of a method: this service only reads."""
    message = f"Specified HTTP method '{method}' is not allowed for the request target."
    return GraphError(405, "Request_BadRequest", message, ((b"Allow", b"GET"),))


def missing(name: str) -> GraphError:
    """Return the refusal of an object that is not there."""
    message = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(404, "Request_ResourceNotFound", message)


def headers_for(asked: Mapping[bytes, bytes], units: int = 0) -> Headers:
    """Return the headers that every answer of Graph carries. ``asked`` are the request's."""
    request_id = new_id().encode()
    cost = ((b"x-ms-resource-unit", b"%d" % units),) if units else ()
    return (
        (b"Cache-Control", b"no-cache"),
        (b"Vary", b"Accept-Encoding"),
        (b"Strict-Transport-Security", b"max-age=31536000"),
        (b"request-id", request_id),
        (b"client-request-id", asked.get(b"client-request-id", request_id)),
        (b"x-ms-ags-diagnostic", _DIAGNOSTIC),
        (b"OData-Version", b"4.0"),
        *cost,
    )


def error_answer(problem: GraphError, asked: Mapping[bytes, bytes], units: int = 0) -> Answer:
    """Return Graph's error envelope."""
    headers = headers_for(asked, units)
    ids = dict(headers)
    inner = {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()),
        "request-id": ids[b"request-id"].decode("latin-1"),
        "client-request-id": ids[b"client-request-id"].decode("latin-1"),
    }
    body = {"error": {"code": problem.code, "message": problem.message, "innerError": inner}}
    return json_answer(problem.status, body, (*problem.headers, *headers), GRAPH_JSON)


@lru_cache(maxsize=4096)
def resource_units(base: int, query: str) -> int:
    """Return what a request costs: ``$select`` saves one, ``$expand`` costs one, ``$top`` below 20 saves one."""
    try:
        found = options(query)
    except BadQueryError:
        return base
    top = found.get("$top", "")
    is_small = top.isascii() and top.isdecimal() and int(top[:9]) < 20
    return max(1, base - ("$select" in found) + ("$expand" in found) - is_small)
