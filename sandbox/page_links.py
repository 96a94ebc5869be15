"""``@odata.nextLink`` and the opaque token in it."""

import base64
import hashlib
import hmac
import secrets

from sandbox.calls import Call
from sandbox.graph_wire import GraphError
from sandbox.query import Query, options


class PageLinks:
    """Page tokens work for the tenant, list and options they were given out with, as long as the process lives."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)

    def next_link(self, call: Call, query: Query, begin: int) -> str:
        """Return the absolute link to the page at ``begin``: the client's own host and options, word for word."""
        kept = [part for part in call.query.split("&") if part and "$skiptoken" not in options(part)]
        token = base64.urlsafe_b64encode(f"{begin}/{self._seal(call, query, begin)}".encode()).decode().rstrip("=")
        return f"{call.base_url}/{call.path}?{'&'.join([*kept, f'$skiptoken={token}'])}"

    def begin(self, call: Call, query: Query) -> int:
        """Return the place in the list where the page starts. Raises ``GraphError`` for a token that is not ours."""
        if not query.skiptoken:
            return 0
        try:
            text = base64.urlsafe_b64decode(query.skiptoken + "=" * (-len(query.skiptoken) % 4)).decode("ascii")
            begin, _, seal = text.partition("/")
            is_ours = hmac.compare_digest(seal, self._seal(call, query, int(begin)))
        except ValueError:
            is_ours = False
        if not is_ours:
            message = "The specified page token value has expired and can no longer be included in your request."
            raise GraphError(400, "Directory_ExpiredPageToken", message)
        return int(begin)

    def _seal(self, call: Call, query: Query, begin: int) -> str:
        bound = repr((call.tenant, call.path, begin, query.select, query.filter, query.order, query.expand))
        return hmac.new(self._key, bound.encode(), hashlib.sha256).hexdigest()[:24]
