"""Microsoft's clients of Graph, pointed at a server of ours."""

from contextlib import asynccontextmanager

import httpx
from kiota_abstractions.authentication import AuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph_beta import GraphRequestAdapter as BetaRequestAdapter
from msgraph_beta import GraphServiceClient as BetaServiceClient
from msgraph_core import APIVersion, GraphClientFactory


class Bearer(AuthenticationProvider):
    """Sends a token to wherever it is asked: the SDK's own provider refuses hosts that are not Microsoft's."""

    def __init__(self, token):
        self._token = token

    async def authenticate_request(self, request, additional_authentication_context=None):
        del additional_authentication_context
        request.headers.try_add("Authorization", f"Bearer {self._token}")


@asynccontextmanager
async def clients(url, token, headers=None):
    """Give a client of v1.0 and one of beta, with the SDK's own middleware."""
    async with (
        httpx.AsyncClient(headers=headers, timeout=120) as first,
        httpx.AsyncClient(headers=headers, timeout=120) as second,
    ):
        for http, version in ((first, APIVersion.v1), (second, APIVersion.beta)):
            GraphClientFactory.create_with_default_middleware(api_version=version, client=http)
        stable = GraphRequestAdapter(Bearer(token), client=first)
        stable.base_url = f"{url}/v1.0"
        beta = BetaRequestAdapter(Bearer(token), client=second)
        beta.base_url = f"{url}/beta"
        yield GraphServiceClient(request_adapter=stable), BetaServiceClient(request_adapter=beta)
