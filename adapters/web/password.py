"""The password before a workspace that other computers can reach: who is in, until when, who must wait.

A wrong guess counts against the address it came from, so that nobody can lock anybody else out.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import secrets

from aiohttp import web

from adapters.web import limits
from adapters.web.reading import readable
from flows.ports import Clock
from flows.words import say

COOKIE = "workspace"


class Password:
    """Sessions and wrong guesses, in memory: a restart ends both."""

    def __init__(self, password: str, clock: Clock) -> None:
        self._password = password.encode()
        self._clock = clock
        self._sessions: dict[str, float] = {}
        self._guesses: dict[str, list[float]] = {}

    def knows(self, request: web.Request) -> bool:
        """Return whether a request comes from somebody who gave the password, not too long ago."""
        return self._sessions.get(request.cookies.get(COOKIE, ""), 0.0) > self._now()

    async def enter(self, request: web.Request) -> tuple[int, str]:
        """Check a guess. Return 303 and a new session, or a refusal's status and its words.

        Whoever must wait is told so before a byte of their body is read.
        """
        address = network(request.remote)
        now = self._now()
        recent = [at for at in self._guesses.get(address, ()) if now - at < limits.SHUT_SECONDS]
        if len(recent) >= limits.TRIES:
            return 429, say("web.too_many_tries")
        if request.content_length is None or request.content_length > limits.PASSWORD_BYTES:
            return 413, say("web.wrong_password")
        self._note(address, [*recent, now])  # before it is read: many at once are as many guesses
        with readable():
            async with asyncio.timeout(limits.PASSWORD_WAIT):
                given = str((await request.post()).get("password", ""))
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._password):
            return 403, say("web.wrong_password")
        self._guesses.get(address, [now]).remove(now)
        return 303, self._begin()

    def _begin(self) -> str:
        now = self._now()
        session = secrets.token_urlsafe(24)
        live = [(key, until) for key, until in self._sessions.items() if until > now]
        self._sessions = dict([*live, (session, now + limits.SESSION_SECONDS)][-limits.SESSIONS :])
        return session

    def _note(self, address: str, guesses: list[float]) -> None:
        """Remember wrong guesses, the newest last; of too many addresses the oldest are forgotten."""
        self._guesses.pop(address, None)
        self._guesses[address] = guesses
        while len(self._guesses) > limits.ADDRESSES:
            del self._guesses[next(iter(self._guesses))]

    def _now(self) -> float:
        return self._clock.now().timestamp()


def network(peer: str | None) -> str:
    """Return what stands for one visitor: an address, or the /64 that one household is given in IPv6."""
    try:
        address = ipaddress.ip_address((peer or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def cookie(response: web.Response, session: str, request: web.Request) -> None:
    """Give the browser its session: for this site's own requests alone, and over TLS where there is TLS."""
    over_tls = request.secure or request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip() == "https"
    response.set_cookie(
        COOKIE,
        session,
        max_age=int(limits.SESSION_SECONDS),
        httponly=True,
        samesite="Strict",
        secure=over_tls,
    )
