"""One request to Teams' connector, and what its outcome means. Nothing is ever sent twice in here.

Meaning of the answers: https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
and https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import itertools
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

from adapters.teams import limits
from adapters.teams.tokens import Tokens
from adapters.teams.verify import Trust
from flows.errors import Ambiguous, Permanent, PlatformError, Response, Retryable

#: an answer is Teams' own below that; then come redirections, which it never sends, and refusals
_OK, _REFUSED = 300, 400
_WHY = {400: "refused", 403: "blocked", 404: "not-there", 410: "not-there", 413: "too-large"}
#: what a status refuses; whoever asked knows better where it asked about a message or a place
_REFUSES = {403: Response.ADDRESS, 404: Response.ADDRESS, 410: Response.ADDRESS}
#: refused whatever is sent, by Teams' own word ·
#: https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
_SHUT_OUT = {
    *("BotDisabledByAdmin", "BotNotRegistered", "InvalidBotApiHost", "TenantNotAllowed"),
    *("BotNotAllowedByPolicy", "AppDisabledByAdmin"),
}
#: so much of an answer is read for that word
_MOST = 20_000
#: may have been accepted all the same: time-out, something at the same moment, and everything from 500 on
_UNKNOWN = (408, 409, 412, 423, 425)
#: said by whatever stands between Teams and us: a proxy that wants a password, a filter
_ON_THE_WAY = (407, 451)
#: refused whatever is sent: nobody pays for it
_UNPAID = 402
_SERVER = 500
#: nobody is asked to wait longer than that (seconds)
_LONGEST = 3600.0


class Wire:
    """Sends with our token, over one pool of connections. Opened by :meth:`open`, not before."""

    def __init__(self, trust: Trust) -> None:
        self.trust = trust
        self.tokens: Tokens | None = None
        self._refused = 0
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> aiohttp.ClientSession:
        """Open the pool; return it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=limits.CONNECTIONS, limit_per_host=limits.CONNECTIONS, keepalive_timeout=60
                ),
                timeout=aiohttp.ClientTimeout(total=limits.REQUEST_SECONDS),
                auto_decompress=True,
            )
        return self._session

    async def close(self) -> None:
        """Close the pool, and give up a token's fetch."""
        if self.tokens is not None:
            await self.tokens.stop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, method: str, url: str, headers: Mapping[str, str], data: Any) -> Any:
        """Return the JSON of the answer, {} if there is none. Raises Retryable, Ambiguous or Permanent."""
        if not self.trust.speaks_to(url):
            raise Permanent("unlisted-service-host", "That is no address of Teams that we know.")
        # The length was counted before the cards were put back: it is counted again.
        sent = {name: value for name, value in headers.items() if name.lower() != "content-length"}
        if self.tokens is not None:
            sent["Authorization"] = f"Bearer {await self.tokens.get()}"
        session = await self.open()
        try:
            async with session.request(
                method, URL(url, encoded=True), headers=sent, data=data, allow_redirects=False
            ) as response:
                if response.status >= _OK:
                    raise self._failure(response.status, response.headers, await _code(response))
                self._refused = 0
                return _read(await response.read())
        except aiohttp.ClientConnectorError as error:
            # No connection came about: certainly not accepted.
            what, rest = "Teams cannot be reached.", limits.REST_SECONDS
            raise Retryable("unreachable", what, after=rest, response=Response.UNREACHABLE) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Ambiguous("no-answer", "Teams did not answer.") from error

    def _failure(self, status: int, headers: Mapping[str, str], code: str) -> PlatformError:
        if code in _SHUT_OUT or status == _UNPAID:
            what = "The app is switched off in this tenant, or not registered for it."
            return Permanent("app-shut-out", what, response=Response.CONNECTION)
        if status == 429:  # noqa: PLR2004 - the one status that is certainly not accepted and passes
            return Retryable(
                "rate-limited", "Teams asks to wait.", after=retry_after(headers.get("Retry-After", ""))
            )
        if status == 401:  # noqa: PLR2004 - not accepted: our token is not good any more
            if self.tokens is not None:
                self.tokens.forget()
            # A fresh one may do; where that is refused as well, it is not the token.
            self._refused += 1
            means = Response.UNREACHABLE if self._refused == 1 else Response.CONNECTION
            rest = limits.REST_SECONDS
            return Retryable("token-refused", "Teams refused our token.", after=rest, response=means)
        if status < _REFUSED or status in _ON_THE_WAY:
            what, rest = "Something on the way answered instead of Teams.", limits.REST_SECONDS
            return Retryable("on-the-way", what, after=rest, response=Response.UNREACHABLE)
        if status in _UNKNOWN or status >= _SERVER:
            return Ambiguous("no-clear-answer", "Teams failed in the middle.")
        refuses = _REFUSES.get(status, Response.MESSAGE)
        return Permanent(_WHY.get(status, "refused"), "Teams will not take that.", response=refuses)


class KitAnswer:
    """What the kit reads of an answer: its status, and its JSON where the kit looks for it."""

    status_code = 200

    def __init__(self, content: Any) -> None:
        self.http_response, self.context = self, {"deserialized_data": content}


class Pipeline:
    """The kit's way to the network, ours: no thread, no second try, no session of its own."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def run(self, request: Any, **_: Any) -> KitAnswer:
        """Send one request, the cards put back into it; return its answer."""
        data = released(request.data) if isinstance(request.data, str) else request.data
        return KitAnswer(await self._wire.ask(request.method, request.url, request.headers, data))


#: cards on their way through the kit, by the word that stands for each
_HELD: dict[str, str] = {}
_numbers = itertools.count()
_STANDS_FOR = re.compile(r'"\\u0000card-\d+\\u0000"')


def held(card: Mapping[str, Any]) -> str:
    """Return a word to give to the kit in place of a card.

    The kit would walk through every part of it, which costs more than all the rest of sending. No text
    of ours or anybody's holds the signs around the word: :func:`adapters.teams.escape.clean` drops them.
    """
    word = f"\x00card-{next(_numbers)}\x00"
    _HELD[json.dumps(word)] = json.dumps(card)
    while len(_HELD) > limits.HELD:  # one whose sending failed before it began is never asked for
        del _HELD[next(iter(_HELD))]
    return word


def released(data: str) -> str:
    """Return a request's body with the cards put back in place of their words."""
    return _STANDS_FOR.sub(lambda found: _HELD.pop(found[0], "null"), data)


def retry_after(said: str) -> float:
    """Return the seconds to wait: a number, or a moment as HTTP writes it; our own where nothing is said."""
    try:
        seconds = float(said)
    except ValueError:
        pass
    else:
        return min(max(seconds, 0.0), _LONGEST) if math.isfinite(seconds) else limits.REST_SECONDS
    try:
        moment = email.utils.parsedate_to_datetime(said)
    except ValueError:
        return limits.REST_SECONDS
    now = dt.datetime.now(tz=dt.UTC)
    return min(max((moment.astimezone(dt.UTC) - now).total_seconds(), 0.0), _LONGEST)


async def _code(response: aiohttp.ClientResponse) -> str:
    """Return Teams' own word for a refusal; "" if there is none to be read."""
    with contextlib.suppress(ValueError, RecursionError, aiohttp.ClientError, TimeoutError):
        found = json.loads(await response.content.read(_MOST))
        error = found.get("error") if isinstance(found, dict) else None
        return str(error.get("code") or "") if isinstance(error, dict) else ""
    return ""


def _read(body: bytes) -> Any:
    try:
        found = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise Ambiguous("odd-answer", "Teams answered something else than JSON.") from error
    if not isinstance(found, dict):
        raise Ambiguous("odd-answer", "Teams answered with JSON of another form.")
    return found
