"""Who may see the page behind a link of an e-mail: whoever opened it, from our own page, not too long ago.

Such a page stands where everybody can reach it. So nothing is done by a GET; what is answered to somebody who
is not in says nothing of the link and takes the same time. Its address is handed on to nobody: no-referrer,
by which browsers send ``Origin: null`` with our own forms, too. It is taken; what speaks against it is heard,
and whoever is in sends a key that we signed. https://fetch.spec.whatwg.org/#append-a-request-origin-header
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import logging
import secrets
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web
from msgspec import Struct

from adapters.web import guard, limits
from adapters.web.guard import Keys, html
from adapters.web.panes import Pane
from adapters.web.password import network
from adapters.web.render import page
from flows.errors import StoreError
from flows.ports import Clock
from flows.records import Records
from flows.school import Platform
from flows.seat_page import Seated
from flows.ui.cards import Card
from flows.ui.forms import Form
from flows.ui.inbound import Refuse
from flows.words import say

_log = logging.getLogger("adapters.web")
HEADERS = guard.HEADERS | {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
_Next = Callable[[web.Request], Awaitable[web.StreamResponse]]
#: says whose page a link stands for at this moment; None = nobody's any more
Still = Callable[[str], Awaitable[Seated | None]]


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
    """One page that a link has opened, in one browser, as far as one request goes."""

    def __init__(self, key: str, seated: Seated, secret: str) -> None:
        self.key, self.seated = key, seated
        #: what the keys in its forms are signed with
        self.secret = secret
        self.pane = Pane()
        #: as it was read; None = not kept yet
        self.before: bytes | None = None

    @property
    def keys(self) -> Keys:
        """What signs the keys in its forms: they are good in any process, and on no other page."""
        return Keys(self.secret.encode())


class _Open(Struct, frozen=True, kw_only=True):
    """What is kept of an open page: when somebody did something last, and what they were answered."""

    seen: dt.datetime
    secret: str
    form: Form | None
    card: Card | None
    note: str
    refusal: Refuse | None


_decode = msgspec.json.Decoder(_Open).decode


def _read(kept: bytes) -> _Open | None:
    """Return what was kept; None = by another version, in which cards look otherwise."""
    try:
        return _decode(kept)
    except msgspec.ValidationError:
        return None


class Sessions:
    """Pages that are open, kept in the store: whichever process is asked, it is the same page.

    Each lies under a fingerprint of its link and its cookie together, so that one of the two finds nothing.
    """

    def __init__(self, records: Records, clock: Clock, *, secure: bool) -> None:
        """``secure`` = the pages are reached by https, so that cookies go by nothing else."""
        self._records = records
        self._clock = clock
        self._secure = secure

    async def begin(self, token: str, seated: Seated, response: web.StreamResponse) -> Session:
        """Begin a session, and give the browser its cookie."""
        cookie = secrets.token_urlsafe(32)
        session = Session(_key(token, cookie), seated, secrets.token_urlsafe(32))
        await self.touch(session)
        response.set_cookie(
            self._cookie(token), cookie, httponly=True, samesite="Strict", secure=self._secure, path="/"
        )
        return session

    async def of(self, request: web.Request, token: str, still: Still) -> Session | None:
        """Return the session a request belongs to; None = none, or nobody did anything for too long.

        ``still`` says whose page it is at this moment; it is not asked where there is no session.
        """
        cookie = request.cookies.get(self._cookie(token), "")
        key = _key(token, cookie)
        before = await self._records.record(Platform.WEB, key) if cookie else None
        if before is None:
            return None
        kept = _read(before)
        live = kept is not None and self._clock.now() < kept.seen + limits.IDLE
        seated = await still(token) if live else None
        if kept is None or seated is None:
            await self._records.remove_record(Platform.WEB, key)
            return None
        session = Session(key, seated, kept.secret)
        session.before, pane = before, session.pane
        pane.view, pane.note, pane.refusal = kept.form or kept.card, kept.note, kept.refusal
        return session

    async def touch(self, session: Session) -> bool:
        """Remember that somebody did something just now; False = another request did, or ended it."""
        view = session.pane.view
        now = self._clock.now()
        kept = _Open(
            seen=now,
            secret=session.secret,
            form=view if isinstance(view, Form) else None,
            card=view if isinstance(view, Card) else None,
            note=session.pane.note,
            refusal=session.pane.refusal,
        )
        content, before = msgspec.json.encode(kept), session.before
        put = self._records.replace_record
        if not await put(Platform.WEB, session.key, content, before=before, until=now + limits.IDLE):
            return False
        session.before = content
        return True

    async def keep(self, session: Session) -> None:
        """Remember what was answered last, over what another window did meanwhile; not once it has ended."""
        while not await self.touch(session):
            session.before = await self._records.record(Platform.WEB, session.key)
            if session.before is None:
                return

    async def end(self, session: Session) -> None:
        """End a session, in every process."""
        await self._records.remove_record(Platform.WEB, session.key)

    def forget(self, token: str, response: web.StreamResponse) -> None:
        """Have the browser drop its cookie."""
        response.del_cookie(
            self._cookie(token), path="/", secure=self._secure, httponly=True, samesite="Strict"
        )

    def _cookie(self, token: str) -> str:
        """Return the name of a link's own cookie: two pages may be open beside each other."""
        name = f"case-{_mark(token)[:16]}"
        return f"__Host-{name}" if self._secure else name


def _key(token: str, cookie: str) -> str:
    return f"page/{_mark(token + chr(10) + cookie)}"


def _mark(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


class Posts:
    """How often each address has tried of late, counted in the store: in all processes together."""

    def __init__(self, records: Records, clock: Clock, *, name: str) -> None:
        """``name`` = what is counted, apart from anything else."""
        self._records, self._clock, self._name = records, clock, name

    async def too_many(self, request: web.Request) -> bool:
        """Count one more; return whether it is one too many."""
        key, now = f"posts/{self._name}/{network(peer(request))}", self._clock.now()
        while True:
            before = await self._records.record(Platform.WEB, key)
            tried = msgspec.json.decode(before, type=list[dt.datetime]) if before is not None else []
            recent = [at for at in tried if now - at < limits.SEAT_WAIT]
            if len(recent) >= limits.SEAT_POSTS:
                return True
            content, until = msgspec.json.encode([*recent, now]), now + limits.SEAT_WAIT
            put = self._records.replace_record
            if await put(Platform.WEB, key, content, before=before, until=until):
                return False


def peer(request: web.Request) -> str | None:
    """Return who asks: where a proxy of our own network stands between us, whom it names last."""
    remote = request.remote
    try:
        ours = ipaddress.ip_address(remote or "").is_private
    except ValueError:
        ours = False
    named = request.headers.getall("X-Forwarded-For", [])
    return named[-1].rpartition(",")[2].strip() if ours and named else remote
