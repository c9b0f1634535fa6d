"""The way to Slack's Web API: one session, one TLS context, one client per workspace.

Nothing is opened before the first call. Clients never retry by themselves: the library's default
re-sends a post whose connection dropped, and so doubles it.
https://docs.slack.dev/tools/python-slack-sdk/web
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.installs import Tokens
from flows.errors import Permanent, Response

#: seconds for one call; a post that takes longer is looked for before it is sent again
TIMEOUT = 10.0
#: clients kept; rotated tokens leave old ones behind
_MOST = 100
API = "https://slack.com/api/"


class Web:
    def __init__(self, *, api_url: str = API, timeout: float = TIMEOUT) -> None:
        """Keep the address; open nothing."""
        self.api_url = api_url if api_url.endswith("/") else f"{api_url}/"
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        self._clients: dict[str, AsyncWebClient] = {}
        self._tokens: Tokens | None = None
        #: a client without a token, for what needs none or brings its own
        self.bare = AsyncWebClient(base_url=self.api_url, retry_handlers=[], timeout=int(timeout))

    def use(self, tokens: Tokens) -> None:
        """Say where tokens come from."""
        self._tokens = tokens

    @property
    def tokens(self) -> Tokens:
        """Where tokens come from."""
        if self._tokens is None:
            raise Permanent(
                "slack-no-token", "Slack has no token.", "Set SLACK_BOT_TOKEN.", response=Response.CONNECTION
            )
        return self._tokens

    @property
    def session(self) -> aiohttp.ClientSession:
        """The one session; it is opened here, so this needs a running loop."""
        if self._session is None or self._session.closed:
            loop = asyncio.get_running_loop()
            connector = aiohttp.TCPConnector(ssl=self._tls(), limit=50, keepalive_timeout=60, loop=loop)
            limit = aiohttp.ClientTimeout(total=self._timeout)
            self._session = aiohttp.ClientSession(connector=connector, timeout=limit, trust_env=True)
            self.bare.session = self._session
        return self._session

    async def client(self, team: str, enterprise: str = "") -> AsyncWebClient:
        """Return the client of a workspace. Raises Permanent if the app is not installed there."""
        session = self.session
        grant = await self.tokens.grant(team, enterprise)
        if grant is None:
            hint = "Install the app in that workspace."
            raise Permanent(
                "slack-not-installed", "The app is not in that workspace.", hint, response=Response.CONNECTION
            )
        client = self._clients.get(grant.token)
        if client is None:
            client = AsyncWebClient(
                token=grant.token, base_url=self.api_url, session=session, retry_handlers=[]
            )
            if len(self._clients) >= _MOST:
                self._clients.clear()
            self._clients[grant.token] = client
        client.session = session
        return client

    async def close(self) -> None:
        """Let go of the session."""
        if self._session is not None:
            await self._session.close()
        self._clients.clear()

    def _tls(self) -> ssl.SSLContext | bool:
        """Return the one TLS context; making one costs 35 ms of processor, so it is made once."""
        make: Callable[[], ssl.SSLContext] = ssl.create_default_context
        return make() if self.api_url.startswith("https:") else True
