"""The token that goes along with what we send: fetched once for all, ahead of time, in nobody's way."""

from __future__ import annotations

import asyncio

import pytest

from adapters.teams import limits
from adapters.teams.tokens import Token, Tokens, endpoint
from flows.errors import Retryable
from tests.teams.connector import TENANT


class Entra:
    """Gives a new token each time, good for an hour; it can be out of reach, and slow."""

    def __init__(self) -> None:
        """Begin at noon of nothing."""
        self.now, self.given, self.reachable = 0.0, 0, True
        self.slow = asyncio.Event()
        self.slow.set()
        self.tokens = Tokens(self.fetch, monotonic=lambda: self.now)

    async def fetch(self) -> Token:
        """Give one."""
        await self.slow.wait()
        if not self.reachable:
            raise TimeoutError
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
