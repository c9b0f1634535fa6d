"""Who may talk to the workspace at all: this machine's own browser, or one that knows the password.

A page of another site can make a browser send requests here, and a name server can make a foreign
name mean this machine. So: only loopback names and peers, every POST from our own pages (Origin,
https://developer.mozilla.org/docs/Web/HTTP/Headers/Origin) with a key we signed, and nothing framed.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import re
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web

from adapters.web import limits
from adapters.web.password import Password, cookie
from adapters.web.render import page
from flows.errors import SettingsError, StoreError
from flows.ports import Clock
from flows.words import say

_log = logging.getLogger("adapters.web")
#: where the pages behind links of e-mails are
SEAT_PATH = ("/c/", "/r/")
OPEN_PATHS = ("/enter", "/static/", "/healthz", "/readyz", "/metrics")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # "no-referrer" would make browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: RFC 9110, 7.2: a name or an address, and a port; nothing before it and nothing behind
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{0,5})?")
#: files a browser may show in place; any other is only ever saved
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


def host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets; "" for nonsense."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


def is_loopback(peer: str | None) -> bool:
    """Return whether a connection comes from this machine (an unknown peer does not)."""
    try:
        return ipaddress.ip_address(peer or "").is_loopback
    except ValueError:
        return False


class Keys:
    """Delivery keys, signed for one account: what a page of ours carries and nobody else can make."""

    def __init__(self, secret: bytes) -> None:
        """Sign with ``secret``."""
        self._secret = secret

    def mint(self, account: str) -> str:
        """Return a fresh key."""
        fresh = secrets.token_hex(12)
        return f"{fresh}.{self._sign(account, fresh)}"

    def good(self, account: str, key: str) -> bool:
        """Return whether we made this key for this account."""
        fresh, _, sign = key.partition(".")
        return hmac.compare_digest(sign.encode(), self._sign(account, fresh).encode())

    def _sign(self, account: str, fresh: str) -> str:
        return hmac.new(self._secret, f"{account}\n{fresh}".encode(), "sha256").hexdigest()[:32]


class Guard:
    """The checks before any page, and the headers on every answer."""

    def __init__(self, *, clock: Clock, password: str | None, allow_remote: bool) -> None:
        """Refuse a workspace that others could open without a password."""
        if allow_remote and len(password or "") < limits.PASSWORD_CHARACTERS:
            raise SettingsError(
                "workspace-needs-password",
                "The workspace may be opened to other computers only with a password.",
                f"Give one of {limits.PASSWORD_CHARACTERS} characters or more, or leave it on this computer.",
            )
        self._password = Password(password, clock) if password else None
        self._allow_remote = allow_remote

    @web.middleware
    async def middleware(self, request: web.Request, handler: _Next) -> web.StreamResponse:
        """Let a request through, or say why not."""
        refused = self._refused(request)
        if refused is not None:
            response: web.StreamResponse = refused
        else:
            try:
                response = await handler(request)
            except web.HTTPException as error:
                response = error if error.status < web.HTTPBadRequest.status_code else trouble(error.status)
            except TimeoutError:
                response = trouble(web.HTTPRequestTimeout.status_code)
            except StoreError:
                response = trouble(503, say("web.store_closed"))
            except Exception:  # noqa: BLE001 - said in plain words, and logged
                _log.exception("page.failed")
                response = trouble(500)
        if not response.prepared:
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _refused(self, request: web.Request) -> web.Response | None:
        if not self._allow_remote and (
            host_name(request.host) not in limits.LOOPBACK or not is_loopback(request.remote)
        ):
            return trouble(403, say("web.only_here"))
        if request.path.startswith(SEAT_PATH):
            return None  # it has two locks of its own, and a guard (seat_guard)
        if request.method not in ("GET", "HEAD") and not _is_own(request):
            return trouble(403, say("web.foreign_page"))
        if self._password is None or request.path.startswith(OPEN_PATHS) or self._password.knows(request):
            return None
        return web.Response(status=303, headers={"Location": "/enter"})

    async def ask(self, _request: web.Request) -> web.Response:
        """Show the page that asks for the password."""
        return html(page("enter", wrong=""))

    async def enter(self, request: web.Request) -> web.Response:
        """Check the password; ten wrong ones in a minute shut the door to that address for that minute."""
        if self._password is None:
            return web.Response(status=303, headers={"Location": "/"})
        status, words = await self._password.enter(request)
        if status != web.HTTPSeeOther.status_code:
            return html(page("enter", wrong=words), status=status)
        response = web.Response(status=status, headers={"Location": "/"})
        cookie(response, words, request)
        return response


def _is_own(request: web.Request) -> bool:
    """Return whether a POST comes from a page of ours: the same host in Origin as it was sent to."""
    origins, site = request.headers.getall("Origin", []), request.headers.get("Sec-Fetch-Site")
    if not origins:
        return site == "same-origin"
    scheme, _, host = origins[0].partition("://")
    ours = scheme in ("http", "https") and host == request.host
    return ours and len(origins) == 1 and site in (None, "same-origin")


def html(text: str, *, status: int = 200) -> web.Response:
    """Return a page."""
    return web.Response(text=text, status=status, content_type="text/html")


def trouble(status: int, message: str = "") -> web.Response:
    """Return a page that says in plain words what went wrong."""
    return html(page("trouble", message=message or said_of(status)), status=status)


def said_of(status: int) -> str:
    """Return in plain words what went wrong."""
    known = {400: "web.unreadable", 403: "web.not_yours", 404: "web.not_here", 413: "web.too_large"}
    return say(known.get(status, "web.went_wrong"))


def file_of(media_type: str, content: bytes) -> web.Response:
    """Return a file of a case: a picture to be looked at, all else to be saved; nothing in it is run."""
    picture = media_type in _PICTURES
    return web.Response(
        body=content,
        content_type=media_type if picture else "application/octet-stream",
        headers={
            "Content-Disposition": "inline" if picture else "attachment",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        },
    )
