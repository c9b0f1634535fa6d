"""Who may talk to the workspace: this machine's own pages, or one who knows the password."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request
from aiohttp.web import Application, Request
from multidict import CIMultiDict

from adapters.web.guard import HEADERS, Guard, Keys, host_name, is_loopback
from adapters.web.listen import create_app
from adapters.web.send import WebChat
from flows.errors import SettingsError, StoreError
from flows.ui.intents import encode
from flows.words import say
from tests.adapters.samples import INTENTS
from tests.fakes import FakeClock
from tests.web.conftest import Visitor
from tests.web.door import TestDoor
from tests.web.places import OneSchool, members
from tests.web.reading import Reading

PASSWORD = "a long invented password"
PRESS = encode(INTENTS["begin"])


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "192.168.1.7:8080",
        "[::2]",
        "",
        "localhost@x",
        "x@localhost",
        "localhost#x",
        "localhost/x",
        "localhost?x",
        "localhost.",
        "127.1",
        "0.0.0.0",  # noqa: S104 - refused
        "[::ffff:127.0.0.1]",
        "localhost:80:80",
        "localhost x",
    ],
)
async def test_a_foreign_name_is_refused(visit: Visitor, host: str) -> None:
    """A name somebody else's name server points here (DNS rebinding) opens nothing."""
    answer = await visit.get("/w/ash/dm", headers={"Host": host})
    assert answer.status == 403
    assert "Ash Example" not in await answer.text()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8080", "[::1]:8080", "LOCALHOST"])
async def test_this_machines_own_names_are_let_in(visit: Visitor, host: str) -> None:
    """Every name of this machine works."""
    assert (await visit.get("/w/ash/dm", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost"},
        {"Origin": "nonsense://[", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_a_foreign_page_cannot_send(visit: Visitor, headers: dict[str, str]) -> None:
    """A form on another site, even with a good key, does nothing."""
    answer = await visit.post("press", headers=headers, intent=PRESS)
    assert answer.status == 403
    assert visit.door.times == []


async def test_two_origins_are_none(visit: Visitor) -> None:
    """Who says two places to come from comes from neither."""
    ours = str(visit.client.make_url("")).rstrip("/")
    headers = CIMultiDict([("Origin", ours), ("Origin", "https://evil.example")])
    sent = {"place": "dm", "key": visit.keys.mint("kit"), "intent": PRESS}
    answer = await visit.client.post("/w/kit/press", data=sent, headers=headers, allow_redirects=False)
    assert (answer.status, visit.door.times) == (403, [])


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"


def part(head: bytes, content: bytes = b"!") -> bytes:
    """Return a form of one part with this head."""
    return b"--x\r\n" + head + b"\r\n\r\n" + content + b"\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (f"{FORM}; charset=nonsense", b"key=x"),
        (f"{FORM}; charset=rot13", b"key=x"),
        (f"{FORM}; charset=utf-8", b"key=%ff%fe"),
        (f"{FORM}; charset=utf-8", b"\xff\xfe"),
        (f"{FORM}; charset=utf-16", b"k"),
        ("multipart/form-data", b"x"),
        (f"multipart/form-data; boundary={'y' * 100}", b"x"),
        (PARTS, b"--x\r\nfoo\r\n"),
        (PARTS, part(b"a: b\r\n" * 3_000)),
        (PARTS, part(b'Content-Disposition: form-data; name="key"', b"\xff")),
        (PARTS, part(b'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64')),
        (PARTS, part(b'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: x')),
    ],
)
async def test_what_cannot_be_read_is_refused(
    visit: Visitor, caplog: pytest.LogCaptureFixture, kind: str, body: bytes
) -> None:
    """A form that no browser sends is refused as what it is; nothing is done, and no fault is told."""
    ours = str(visit.client.make_url("")).rstrip("/")
    headers = {"Origin": ours, "Content-Type": kind}
    answer = await visit.client.post("/w/kit/upload", data=body, headers=headers, allow_redirects=False)
    assert 400 <= answer.status < 500
    assert visit.door.times == []
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(("headers", "status"), [({}, 403), ({"Sec-Fetch-Site": "same-origin"}, 303)])
async def test_without_an_origin_the_browser_must_vouch(
    visit: Visitor, headers: dict[str, str], status: int
) -> None:
    """A POST that does not say where it comes from is refused, unless the browser says: the same site."""
    key = visit.keys.mint("kit")
    answer = await visit.client.post(
        "/w/kit/press",
        data={"place": "dm", "key": key, "intent": PRESS},
        headers=headers,
        allow_redirects=False,
    )
    assert status == answer.status


@pytest.mark.parametrize("key", ["", "x", "abc.def", "made.up.key", "é.ü"])
async def test_a_form_without_our_key_does_nothing(visit: Visitor, key: str) -> None:
    """A key nobody signed is refused."""
    answer = await visit.post("press", key=key or " ", intent=PRESS)
    assert answer.status == 403
    assert visit.door.times == []


async def test_a_key_is_good_for_one_person(visit: Visitor) -> None:
    """A key minted for one account does not work for another; after a restart it still works."""
    answer = await visit.post("press", account="ash", key=visit.keys.mint("kit"), intent=PRESS)
    assert answer.status == 403
    assert Keys(visit.chat.secret()).good("kit", visit.keys.mint("kit"))
    assert [len(part) for part in visit.keys.mint("kit").split(".")] == [24, 32], (
        "96 random bits, 128 of sign"
    )


async def test_one_cannot_post_where_one_may_not_read(visit: Visitor) -> None:
    """A channel one is no member of takes nothing in."""
    answer = await visit.post("press", place="hps.leadership", intent=PRESS)
    assert answer.status == 404
    assert visit.door.times == []


#: What stands on every answer, a refusal's too. A line less opens a way in that no page of ours needs.
LOCKED = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize(
    "path", ["/", "/w/kit/dm", "/w/nobody", "/static/workspace.js", "/manifest.webmanifest"]
)
async def test_every_answer_is_locked_down(visit: Visitor, path: str) -> None:
    """Nothing may be loaded from elsewhere, run from a page's text, framed, or kept by a cache."""
    headers = (await visit.get(path)).headers
    assert {name: headers.get(name) for name in LOCKED} == LOCKED
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_nothing_is_loaded_from_elsewhere(visit: Visitor) -> None:
    """Pages, style and script name no other machine, and the script makes no code from text."""
    for path in ("/", "/w/ash/hps.leadership", "/static/workspace.css", "/static/workspace.js"):
        text = await (await visit.get(path)).text()
        assert "http://" not in text
        assert "https://" not in text
        assert "eval(" not in text
        assert "innerHTML" not in text


def build(password: str | None, *, remote: bool) -> Application:
    """Return an application with these settings."""
    clock = FakeClock()
    chat = WebChat(":memory:", members=members, clock=clock)
    return create_app(
        door=TestDoor(), chat=chat, directory=OneSchool(), clock=clock, password=password, allow_remote=remote
    )


@pytest.mark.parametrize("password", [None, "", "too short"])
def test_it_does_not_open_to_others_without_a_password(password: str | None) -> None:
    """Other computers are let in only with a flag *and* a password worth the name."""
    with pytest.raises(SettingsError) as refused:
        build(password, remote=True)
    assert refused.value.reference == "workspace-needs-password"
    assert "only with a password" in refused.value.message
    assert "12 characters" in refused.value.hint
    assert build("just enough.", remote=True) is not None, "of twelve"


@pytest.fixture
async def guarded() -> AsyncIterator[TestClient[Request, Application]]:
    """Give a client of a workspace that is open to others."""
    async with TestClient(TestServer(build(PASSWORD, remote=True))) as client:
        yield client


async def enter(client: TestClient[Request, Application], password: str) -> int:
    """Try a password; return the status."""
    answer = await client.post(
        "/enter",
        data={"password": password},
        headers={"Host": "school.test", "Origin": "http://school.test"},
        allow_redirects=False,
    )
    return answer.status


async def test_behind_a_proxy_the_page_is_an_https_one(guarded: TestClient[Request, Application]) -> None:
    """What ends TLS for us passes on the host: the browser names the same one, by its own scheme."""
    for scheme, status in (("https", 303), ("http", 303), ("ftp", 403)):
        answer = await guarded.post(
            "/enter",
            data={"password": PASSWORD},
            headers={"Host": "school.test", "Origin": f"{scheme}://school.test"},
            allow_redirects=False,
        )
        assert answer.status == status, scheme


async def test_a_password_opens_the_door(guarded: TestClient[Request, Application]) -> None:
    """Without the password every page leads to the question; with it, in."""
    host = {"Host": "school.test"}
    closed = await guarded.get("/w/ash/dm", headers=host, allow_redirects=False)
    assert (closed.status, closed.headers["Location"]) == (303, "/enter")
    assert (await guarded.get("/enter", headers=host)).status == 200
    assert await enter(guarded, "wrong") == 403
    opened = await guarded.post(
        "/enter",
        data={"password": PASSWORD},
        headers=host | {"Origin": "http://school.test"},
        allow_redirects=False,
    )
    assert (opened.status, opened.headers["Location"]) == (303, "/")
    cookie = opened.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    inside = await guarded.get("/w/ash/dm", headers=host | {"Cookie": cookie.split(";")[0]})
    assert inside.status == 200


@pytest.mark.parametrize(
    ("host", "name"),
    [("localhost:80", "localhost"), ("[::1]:80", "::1"), ("[", ""), ("", ""), ("a@b:1", ""), ("x:y", "")],
)
def test_host_names_are_read_without_falling_over(host: str, name: str) -> None:
    """Any Host header gives a name or nothing."""
    assert name == host_name(host)


@pytest.mark.parametrize(
    ("peer", "ours"), [("127.0.0.1", True), ("::1", True), ("10.0.0.1", False), (None, False), ("x", False)]
)
def test_only_this_machine_is_loopback(peer: str | None, ours: bool) -> None:  # noqa: FBT001 - a table's column
    """A peer that is not known is not trusted."""
    assert ours == is_loopback(peer)


async def test_without_a_password_the_door_leads_in() -> None:
    """Where no password is set, the page that asks for one leads straight in, and no request is held up."""
    async with TestClient(TestServer(build(None, remote=False))) as client:
        host = {"Origin": f"http://127.0.0.1:{client.port}"}
        answer = await client.post("/enter", data={"password": "x"}, headers=host, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(
    ("host", "peer", "let_in"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("localhost", "::1", True),
        ("127.0.0.1", "192.0.2.7", False),
        ("evil.example", "127.0.0.1", False),
        ("127.0.0.1", None, False),
    ],
)
async def test_both_the_name_and_the_peer_are_this_machines(
    host: str, peer: str | None, *, let_in: bool
) -> None:
    """Another computer that calls itself 127.0.0.1 is refused, and so is another name from this one."""
    guard = Guard(clock=FakeClock(), password=None, allow_remote=False)
    request = make_mocked_request("GET", "/w/ash/dm", headers={"Host": host}).clone(remote=peer or "")

    async def inside(_: web.Request) -> web.Response:
        return web.Response(text="in")

    answer = await guard.middleware(request, inside)
    assert (answer.status == 200) is let_in


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (StoreError("store-closed", "x", "y"), 503, "web.store_closed"),
        (ValueError("secret words"), 500, "web.went_wrong"),
        (web.HTTPNotFound(), 404, "web.not_here"),
        (web.HTTPForbidden(), 403, "web.not_yours"),
        (web.HTTPBadRequest(), 400, "web.unreadable"),
        (web.HTTPRequestEntityTooLarge(1, 2), 413, "web.too_large"),
        (web.HTTPConflict(), 409, "web.went_wrong"),
    ],
)
async def test_what_goes_wrong_is_said_in_plain_words(
    error: Exception, status: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever runs into an error reads what it means for them; the log has the rest."""
    guard = Guard(clock=FakeClock(), password=None, allow_remote=False)
    request = make_mocked_request("GET", "/", headers={"Host": "localhost"}).clone(remote="127.0.0.1")

    async def fails(_: web.Request) -> web.Response:
        raise error

    answer = await guard.middleware(request, fails)
    assert isinstance(answer, web.Response)
    assert answer.status == status
    text = Reading(answer.text or "").words
    assert say(words) in " ".join(text)
    assert "secret words" not in (answer.text or "")
    assert answer.headers["Cache-Control"] == "no-store"
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert ["page.failed"] * (status == 500) == [r.message for r in caplog.records]


async def test_a_redirect_is_no_error() -> None:
    """What only leads elsewhere is let through as it is."""
    guard = Guard(clock=FakeClock(), password=None, allow_remote=False)
    request = make_mocked_request("GET", "/", headers={"Host": "localhost"}).clone(remote="127.0.0.1")

    async def leads(_: web.Request) -> web.Response:
        raise web.HTTPSeeOther("/w/ash/dm")

    answer = await guard.middleware(request, leads)
    assert (answer.status, answer.headers["Location"]) == (303, "/w/ash/dm")
