"""The token that goes along with what we send: fetched once for all, ahead of time, in nobody's way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from adapters.teams import limits
from adapters.teams.tokens import Token, Tokens, endpoint, from_entra
from flows.errors import Response, Retryable
from tests.teams.connector import TENANT


class Entra:
    """Gives a new token each time, good for an hour; it can be out of reach, and slow."""

    def __init__(self) -> None:
        """Begin at noon of nothing."""
        self.now, self.given, self.reachable = 0.0, 0, True
        self.refuses: Retryable | None = None
        self.slow = asyncio.Event()
        self.slow.set()
        self.tokens = Tokens(self.fetch, monotonic=lambda: self.now)

    async def fetch(self) -> Token:
        """Give one."""
        await self.slow.wait()
        if not self.reachable:
            raise TimeoutError
        if self.refuses is not None:
            raise self.refuses
        self.given += 1
        return Token(f"t{self.given}", 3600.0)


async def test_many_at_once_fetch_one() -> None:
    """A hundred messages go out together: Microsoft is asked for one token."""
    entra = Entra()
    assert set(await asyncio.gather(*(entra.tokens.get() for _ in range(100)))) == {"t1"}
    assert entra.given == 1


async def test_the_next_one_is_fetched_ahead_and_nobody_waits_for_it() -> None:
    """Shortly before a token runs out the next is fetched; meanwhile the old one is used."""
    entra = Entra()
    assert await entra.tokens.get() == "t1"
    entra.now = 3600.0 - limits.TOKEN_AHEAD_SECONDS
    assert await entra.tokens.get() == "t1"
    await asyncio.sleep(0)
    assert entra.given == 1, "there is time yet"
    entra.now += 1
    entra.slow.clear()
    assert [await entra.tokens.get() for _ in range(3)] == ["t1"] * 3
    entra.slow.set()
    for _ in range(3):
        await asyncio.sleep(0)
    assert await entra.tokens.get() == "t2"
    assert entra.given == 2


async def test_a_token_that_has_run_out_is_not_sent() -> None:
    """To the second: it is good until its time is over, and then never again."""
    entra = Entra()
    await entra.tokens.get()
    entra.reachable = False
    entra.now = 3599.0
    assert await entra.tokens.get() == "t1"
    for _ in range(3):
        await asyncio.sleep(0)
    entra.now = 3600.0
    with pytest.raises(Retryable) as refused:
        await entra.tokens.get()
    assert (refused.value.reference, refused.value.after) == ("no-token", limits.REST_SECONDS)
    entra.reachable = True
    assert await entra.tokens.get() == "t2"


async def test_that_microsoft_refuses_us_is_said_as_long_as_it_is_so() -> None:
    """A wrong secret has to be mended by a person; a line that is down has not."""
    entra = Entra()
    entra.refuses = Retryable("no-token", "Refused.", after=1.0, response=Response.CONNECTION)
    heard = []
    for reachable, refuses in ((True, entra.refuses), (False, None), (True, entra.refuses)):
        entra.reachable, entra.refuses = reachable, refuses
        with pytest.raises(Retryable) as refused:
            await entra.tokens.get()
        heard.append(refused.value.response)
    assert heard == [Response.CONNECTION, Response.UNREACHABLE, Response.CONNECTION]
    entra.refuses = None
    assert await entra.tokens.get() == "t1"
    entra.now, entra.reachable = 3600.0, False
    with pytest.raises(Retryable) as refused:
        await entra.tokens.get()
    assert refused.value.response is Response.UNREACHABLE


async def test_a_refusal_is_over_once_a_token_was_given() -> None:
    """Refused, then given one that is worth nothing any more: that is said, and not that we are refused."""
    given: list[Token | Retryable] = [
        Retryable("no-token", "Refused.", after=1.0, response=Response.CONNECTION),
        Token("t1", 0.0),
    ]

    async def fetch() -> Token:
        found = given.pop(0)
        if isinstance(found, Retryable):
            raise found
        return found

    tokens = Tokens(fetch, monotonic=lambda: 0.0)
    heard = []
    for _ in range(2):
        with pytest.raises(Retryable) as refused:
            await tokens.get()
        heard.append(refused.value.response)
    assert heard == [Response.CONNECTION, Response.UNREACHABLE]


async def test_a_refused_token_is_fetched_anew() -> None:
    """Microsoft refused the one we had: the next message goes with another."""
    entra = Entra()
    await entra.tokens.get()
    entra.tokens.forget()
    assert await entra.tokens.get() == "t2"


async def test_stopping_leaves_no_fetch_behind() -> None:
    """We stop while a token is being fetched: the fetch is given up, and nothing waits."""
    entra = Entra()
    entra.slow.clear()
    waiting = asyncio.create_task(entra.tokens.get())
    await asyncio.sleep(0)
    await entra.tokens.stop()
    with pytest.raises((Retryable, asyncio.CancelledError)):
        await waiting
    assert entra.given == 0
    await Entra().tokens.stop()


def test_a_school_is_asked_for_in_its_own_tenant() -> None:
    """The token comes from the school's tenant, not from everybody's."""
    assert endpoint(TENANT) == f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, {"access_token": "t", "expires_in": 60}, Token("t", 60.0)),
        (200, {"access_token": "t"}, Token("t", 3600.0)),
        (400, {"error": "unauthorized_client"}, Response.CONNECTION),
        (401, {"error": "invalid_client"}, Response.CONNECTION),
        (403, {}, Response.CONNECTION),
        (429, {}, Response.UNREACHABLE),
        (500, {}, Response.UNREACHABLE),
    ],
)
async def test_what_microsoft_is_asked_for(
    status: int, body: dict[str, Any], answer: Token | Response
) -> None:
    """Our id, our secret and the one scope go to the school's tenant; a refusal is told from a failure."""
    asked: list[dict[str, str]] = []

    async def give(request: web.Request) -> web.Response:
        asked.append({name: str(value) for name, value in (await request.post()).items()})
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_post("/token", give)
    async with TestServer(app) as server, ClientSession() as session:
        fetch = from_entra(session, str(server.make_url("/token")), "our-id", "our-secret")
        if isinstance(answer, Token):
            assert await fetch() == answer
        else:
            with pytest.raises(Retryable) as refused:
                await fetch()
            assert (refused.value.reference, refused.value.after) == ("no-token", limits.REST_SECONDS)
            assert refused.value.response is answer
    assert asked == [
        {
            "grant_type": "client_credentials",
            "client_id": "our-id",
            "client_secret": "our-secret",
            "scope": "https://api.botframework.com/.default",
        }
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error_codes": [700016]}, "does not know this app id in this tenant"),
        ({"error_codes": [7000215]}, "is not the app's secret"),
        ({"error_codes": [7000222]}, "has run out"),
        ({"error_codes": [90002]}, "does not know this tenant"),
        ({"error_codes": [1, 900023]}, "does not know this tenant"),
        ({"error_codes": [1]}, "refuses our app id, password or tenant"),
        ({"error": "invalid_client"}, "refuses our app id, password or tenant"),
        (["no object"], "refuses our app id, password or tenant"),
        (None, "refuses our app id, password or tenant"),
    ],
)
async def test_why_there_is_no_token_is_said_in_words(answer: Any, words: str) -> None:
    """What Entra gives as its reason is told by what is to be looked at; a proxy's page tells nothing."""

    async def refuse(_: web.Request) -> web.Response:
        page = web.Response(status=401, text="<h1>Sign in</h1>", content_type="text/html")
        return web.json_response(answer, status=401) if answer is not None else page

    app = web.Application()
    app.router.add_post("/token", refuse)
    async with TestServer(app) as server, ClientSession() as session:
        with pytest.raises(Retryable) as refused:
            await from_entra(session, str(server.make_url("/token")), "app", "wrong")()
    assert words in refused.value.message
    assert refused.value.response is Response.CONNECTION
