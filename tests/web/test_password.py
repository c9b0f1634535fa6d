"""The password before a workspace that others can reach: whom it keeps out, for how long, and whom not."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from adapters.web import limits
from adapters.web.listen import create_app
from adapters.web.password import network
from adapters.web.send import WebChat
from tests.fakes import FakeClock
from tests.web.door import TestDoor
from tests.web.places import OneSchool, members

PASSWORD = "a long invented password"
HERE = {"Host": "school.test", "Origin": "http://school.test"}
Client = TestClient[web.Request, web.Application]


@web.middleware
async def from_anywhere(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Let a test say which address it comes from."""
    return await handler(request.clone(remote=request.headers.get("X-Test-From", "192.0.2.1")))


@pytest.fixture
async def client(clock: FakeClock) -> AsyncIterator[Client]:
    """Give a client of a workspace that is open to others."""
    chat = WebChat(":memory:", members=members, clock=clock)
    app = create_app(
        door=TestDoor(), chat=chat, directory=OneSchool(), clock=clock, password=PASSWORD, allow_remote=True
    )
    app.middlewares.insert(0, from_anywhere)
    async with TestClient(TestServer(app)) as client:
        yield client
    chat.close()


async def guess(client: Client, password: str, **headers: str) -> ClientResponse:
    """Try a password."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(
        "/enter", data={"password": password}, headers=HERE | named, allow_redirects=False
    )


async def test_one_who_guesses_shuts_nobody_else_out(client: Client, clock: FakeClock) -> None:
    """Ten wrong passwords shut the door to the address they came from, for a minute, and to no other."""
    for n in range(limits.TRIES):
        assert (await guess(client, f"guess {n}", X_Test_From="192.0.2.7")).status == 403
    assert (await guess(client, PASSWORD, X_Test_From="192.0.2.7")).status == 429
    assert (await guess(client, PASSWORD, X_Test_From="192.0.2.8")).status == 303
    clock.pass_by(dt.timedelta(minutes=1))
    assert (await guess(client, PASSWORD, X_Test_From="192.0.2.7")).status == 303


async def test_many_guesses_at_once_are_as_many_guesses(client: Client) -> None:
    """Who guesses at once instead of one after the other has no more tries; who knows it has used none."""
    assert (await guess(client, PASSWORD, X_Test_From="192.0.2.7")).status == 303
    begun, together = asyncio.Event(), 5 * limits.TRIES
    waiting: list[int] = []

    async def half(n: int) -> AsyncIterator[bytes]:
        yield b"password="
        waiting.append(n)
        if len(waiting) == together:
            begun.set()
        await begun.wait()
        yield b"%04d" % n

    headers = {**HERE, "X-Test-From": "192.0.2.7", "Content-Length": "13"}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    answers = await asyncio.gather(
        *(
            client.post("/enter", data=half(n), headers=headers, allow_redirects=False)
            for n in range(together)
        )
    )
    assert sorted(answer.status for answer in answers) == [403] * limits.TRIES + [429] * 4 * limits.TRIES


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, ""),
        ("nonsense", ""),
    ],
)
def test_a_household_counts_as_one_address(peer: str | None, counted: str) -> None:
    """Whoever has a whole range of addresses to guess from is still one visitor."""
    assert counted == network(peer)


async def test_many_addresses_do_not_fill_the_memory(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more addresses than are remembered the oldest are forgotten; the newest still have to wait."""
    monkeypatch.setattr(limits, "ADDRESSES", 2)
    for last in (1, 2, 3):
        for n in range(limits.TRIES):
            await guess(client, f"guess {n}", X_Test_From=f"192.0.2.{last}")
    assert (await guess(client, PASSWORD, X_Test_From="192.0.2.3")).status == 429
    assert (await guess(client, PASSWORD, X_Test_From="192.0.2.1")).status == 303


async def test_who_goes_on_guessing_is_not_the_oldest(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody guesses to the end, others come meanwhile: it is the last guess that counts, not the first."""
    monkeypatch.setattr(limits, "ADDRESSES", 2)
    await guess(client, "guess", X_Test_From="192.0.2.1")
    await guess(client, "guess", X_Test_From="192.0.2.2")
    for n in range(limits.TRIES - 1):
        await guess(client, f"guess {n}", X_Test_From="192.0.2.1")
    await guess(client, "guess", X_Test_From="192.0.2.3")
    assert (await guess(client, PASSWORD, X_Test_From="192.0.2.1")).status == 429


@pytest.mark.parametrize("shut", [False, True])
async def test_a_password_is_not_read_past_its_bound(client: Client, *, shut: bool) -> None:
    """A body too long for a password, or one from somebody who must wait, is answered without being read."""
    for n in range(limits.TRIES if shut else 0):
        await guess(client, f"guess {n}")
    size = limits.PASSWORD_BYTES if shut else limits.PASSWORD_BYTES + 1
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = [
        "POST /enter HTTP/1.1",
        *(f"{name}: {value}" for name, value in HERE.items()),
        f"Content-Length: {size}",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    writer.write("\r\n".join([*head, "", "password="]).encode())
    async with asyncio.timeout(5):
        answer = await reader.readline()
    writer.close()
    assert answer.split()[1] == (b"429" if shut else b"413")


@pytest.mark.parametrize("path", ["/enter", "/w/kit/type"])
async def test_half_a_form_is_not_waited_for(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Whoever sends half a form and stops is let go, before and behind the password."""
    monkeypatch.setattr(limits, "PASSWORD_WAIT", 0.05)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.05)
    cookie = (await guess(client, PASSWORD)).headers["Set-Cookie"].split(";")[0]
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = [
        f"POST {path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in (HERE | {"Cookie": cookie}).items()),
        "Content-Length: 100",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    writer.write("\r\n".join([*head, "", "password="]).encode())
    async with asyncio.timeout(5):
        answer = await reader.readline()
    writer.close()
    assert answer.split()[1] == b"408"


async def test_a_password_wears_off(client: Client, clock: FakeClock) -> None:
    """After a working day the password is asked for again."""
    cookie = (await guess(client, PASSWORD)).headers["Set-Cookie"].split(";")[0]
    inside = {"Host": "school.test", "Cookie": cookie}
    assert (await client.get("/w/ash/dm", headers=inside, allow_redirects=False)).status == 200
    clock.pass_by(dt.timedelta(hours=13))
    late = await client.get("/w/ash/dm", headers=inside, allow_redirects=False)
    assert (late.status, late.headers["Location"]) == (303, "/enter")


@pytest.mark.parametrize(
    ("headers", "secure"),
    [({}, False), ({"X_Forwarded_Proto": "https"}, True), ({"X_Forwarded_Proto": "http"}, False)],
)
async def test_the_cookie_keeps_to_tls(client: Client, headers: dict[str, str], *, secure: bool) -> None:
    """Where the page came over TLS, ended here or before us, the cookie comes back only over TLS."""
    cookie = (await guess(client, PASSWORD, **headers)).headers["Set-Cookie"]
    assert ("Secure" in cookie) == secure
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert f"Max-Age={12 * 3600}" in cookie
    assert len(cookie.split(";")[0].partition("=")[2]) == 32, "of 192 random bits"


async def test_only_the_newest_sessions_are_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions do not pile up."""
    monkeypatch.setattr(limits, "SESSIONS", 2)
    cookies = [(await guess(client, PASSWORD)).headers["Set-Cookie"].split(";")[0] for _ in range(3)]
    client.session.cookie_jar.clear()
    answers = [
        await client.get("/", headers={"Host": "school.test", "Cookie": cookie}, allow_redirects=False)
        for cookie in cookies
    ]
    assert [answer.status for answer in answers] == [303, 200, 200]
