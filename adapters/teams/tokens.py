"""The token we send along: one for everything, fetched before the old one runs out, never in anybody's way.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
from msgspec import Struct

from adapters.teams import limits
from flows.errors import Response, Retryable

#: the endpoint knows our app, and does not take its secret, or does not know it · RFC 6749, 5.2
_REFUSED = (400, 401, 403)
#: why, in words, by Entra's own number · https://learn.microsoft.com/entra/identity-platform/reference-error-codes
_WHY = {
    700016: "Microsoft does not know this app id in this tenant.",
    7000215: "Microsoft does not take this password: it is not the app's secret.",
    7000222: "Microsoft does not take this password any more: it has run out.",
    90002: "Microsoft does not know this tenant.",
    900023: "Microsoft does not know this tenant.",
}
_REFUSES = "Microsoft refuses our app id, password or tenant."
SCOPE = "https://api.botframework.com/.default"


class Token(Struct, frozen=True):
    """A token, and for how many seconds from now it is good."""

    value: str
    seconds: float


Fetch = Callable[[], Awaitable[Token]]


class Tokens:
    """Gives the token. Many may ask at once: it is fetched once."""

    def __init__(self, fetch: Fetch, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Keep how to fetch; fetch nothing yet."""
        self._fetch = fetch
        self._monotonic = monotonic
        self._value, self._until = "", 0.0
        self._refused: Retryable | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def get(self) -> str:
        """Return a token that is good now. Raises Retryable if none can be had."""
        left = self._until - self._monotonic()
        if left < limits.TOKEN_AHEAD_SECONDS and self._fetching is None:
            self._fetching = asyncio.create_task(self._renew())
        if left <= 0 and self._fetching is not None:
            await asyncio.shield(self._fetching)
        if self._until - self._monotonic() <= 0:
            raise self._refused or _no_token()
        return self._value

    def forget(self) -> None:
        """Fetch anew next time: the one we had was refused."""
        self._until = 0.0

    async def stop(self) -> None:
        """Give up a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    async def _renew(self) -> None:
        try:
            token = await self._fetch()
            self._value, self._until = token.value, self._monotonic() + token.seconds
            self._refused = None
        except (aiohttp.ClientError, TimeoutError, Retryable) as error:
            # Whoever needs one says so; a token that is still good goes on being used.
            self._refused = error if isinstance(error, Retryable) else None
        finally:
            self._fetching = None


def from_entra(session: aiohttp.ClientSession, url: str, app_id: str, secret: str) -> Fetch:
    """Return how to fetch a token from a tenant's endpoint with the app's secret."""

    async def fetch() -> Token:
        form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": secret,
            "scope": SCOPE,
        }
        async with session.post(url, data=form) as response:
            if response.status in _REFUSED:
                what, rest = await _why(response), limits.REST_SECONDS
                raise Retryable("no-token", what, after=rest, response=Response.CONNECTION)
            if response.status != 200:  # noqa: PLR2004 - the one status with a token in it
                raise _no_token()
            body = await response.json()
        return Token(str(body["access_token"]), float(body.get("expires_in", 3_600)))

    return fetch


async def _why(response: aiohttp.ClientResponse) -> str:
    """Return in words why no token is given, as far as Entra says."""
    with suppress(aiohttp.ClientError, ValueError):  # a proxy's page, say
        body = await response.json(content_type=None)
        codes = body.get("error_codes") if isinstance(body, dict) else None
        return next((_WHY[code] for code in codes or () if code in _WHY), _REFUSES)
    return _REFUSES


def endpoint(tenant: str) -> str:
    """Return where a tenant gives out tokens."""
    return f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"


def _no_token() -> Retryable:
    what = "Microsoft gave us no token."
    return Retryable("no-token", what, after=limits.REST_SECONDS, response=Response.UNREACHABLE)
