"""Who may see the page behind a link of an e-mail: whoever opened it, from our own page, not too long ago.

Such a page stands where everybody can reach it. So nothing is done by a GET; what is answered to somebody who
is not in says nothing of the link and takes the same time. Its address is handed on to nobody: no-referrer,
by which browsers send ``Origin: null`` with our own forms, too. It is taken; what speaks against it is heard,
and whoever is in sends a key that we signed. https://fetch.spec.whatwg.org/#append-a-request-origin-header
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web

from adapters.web import guard, limits
from adapters.web.guard import html
from adapters.web.panes import Pane
from adapters.web.password import network
from adapters.web.render import page
from flows.errors import StoreError
from flows.ports import Clock
from flows.seat_page import Seated
from flows.words import say

_log = logging.getLogger("adapters.web")
HEADERS = guard.HEADERS | {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
_Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def middleware(request: web.Request, handler: _Next) -> web.StreamResponse:
    """Let a request through or say why not; put the headers on every answer."""
    response: web.StreamResponse
    try:
        foreign = request.method not in ("GET", "HEAD") and not _is_own(request)
        response = trouble(403, say("seat_page.foreign")) if foreign else await handler(request)
    except web.HTTPException as error:
        if error.status < web.HTTPBadRequest.status_code:
            error.headers.update(HEADERS)
            raise
        response = trouble(error.status)
    except TimeoutError:
        response = trouble(web.HTTPRequestTimeout.status_code)
    except StoreError:
        response = trouble(503, say("seat_page.not_kept"))
    except Exception:  # noqa: BLE001 - said in plain words, and logged
        _log.exception("page.failed")
        response = trouble(500)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response


def _is_own(request: web.Request) -> bool:
    """Return whether a POST may come from a page of ours: whatever speaks against it refuses it."""
    origins, site = request.headers.getall("Origin", []), request.headers.get("Sec-Fetch-Site", "same-origin")
    if site != "same-origin" or len(origins) > 1:
        return False
    scheme, _, host = (origins or ["null"])[0].partition("://")
    return scheme == "null" or (scheme in ("http", "https") and host == request.host)


def trouble(status: int, message: str = "") -> web.Response:
    """Return a page that says in plain words what went wrong."""
    words = message or guard.said_of(status)
    return html(page("seat_out", title=say("web.trouble_title"), message=words, again=False), status=status)


class Session:
    """One page that a link has opened, in one browser."""

    def __init__(self, seated: Seated, now: float) -> None:
        self.seated = seated
        self.pane = Pane()
        self.seen = now
        self.name = secrets.token_urlsafe(12)


class Sessions:
    """Pages that are open, in memory: a restart ends them all. Tokens and cookies are fingerprints."""

    def __init__(self, clock: Clock, *, secure: bool) -> None:
        """``secure`` = the pages are reached by https, so that cookies go by nothing else."""
        self._clock = clock
        self._secure = secure
        self._open: dict[tuple[bytes, bytes], Session] = {}

    def begin(self, token: str, seated: Seated, response: web.StreamResponse) -> Session:
        """Begin a session, and give the browser its cookie."""
        cookie = secrets.token_urlsafe(32)
        now = self._now()
        live = [(key, one) for key, one in self._open.items() if not self._idle(one)]
        session = Session(seated, now)
        key = _mark(token), _mark(cookie)
        self._open = dict([*live, (key, session)][-limits.SESSIONS :])
        response.set_cookie(
            self._cookie(token), cookie, httponly=True, samesite="Strict", secure=self._secure, path="/"
        )
        return session

    def of(self, request: web.Request, token: str) -> Session | None:
        """Return the session a request belongs to; None = none, or nobody did anything for too long."""
        key = _mark(token), _mark(request.cookies.get(self._cookie(token), ""))
        session = self._open.get(key)
        if session is not None and self._idle(session):
            del self._open[key]
            return None
        return session

    def touch(self, session: Session) -> None:
        """Remember that somebody did something just now."""
        session.seen = self._now()

    def end(self, token: str) -> None:
        """End every session of a link."""
        self._open = {key: session for key, session in self._open.items() if key[0] != _mark(token)}

    def forget(self, token: str, response: web.StreamResponse) -> None:
        """Have the browser drop its cookie."""
        response.del_cookie(
            self._cookie(token), path="/", secure=self._secure, httponly=True, samesite="Strict"
        )

    def _cookie(self, token: str) -> str:
        """Return the name of a link's own cookie: two pages may be open beside each other."""
        name = f"case-{_mark(token).hex()[:16]}"
        return f"__Host-{name}" if self._secure else name

    def _idle(self, session: Session) -> bool:
        return self._now() - session.seen >= limits.IDLE_SECONDS

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _mark(said: str) -> bytes:
    return hashlib.sha256(said.encode("utf-8", "replace")).digest()


class Posts:
    """How often each address has tried of late; of too many addresses the oldest are forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tried: dict[str, list[float]] = {}

    def too_many(self, request: web.Request) -> bool:
        """Count one more; return whether it is one too many."""
        address, now = network(peer(request)), self._clock.now().timestamp()
        recent = [at for at in self._tried.pop(address, ()) if now - at < limits.SEAT_WAIT_SECONDS]
        over = len(recent) >= limits.SEAT_POSTS
        self._tried[address] = recent if over else [*recent, now]
        while len(self._tried) > limits.ADDRESSES:
            del self._tried[next(iter(self._tried))]
        return over


def peer(request: web.Request) -> str | None:
    """Return who asks: where a proxy of our own network stands between us, whom it names last."""
    remote = request.remote
    try:
        ours = ipaddress.ip_address(remote or "").is_private
    except ValueError:
        ours = False
    named = request.headers.getall("X-Forwarded-For", [])
    return named[-1].rpartition(",")[2].strip() if ours and named else remote
