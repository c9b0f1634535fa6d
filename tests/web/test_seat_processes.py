"""The page behind a link of an e-mail, of two processes: each request goes to the other one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientResponse, CookieJar
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from adapters.web import limits
from flows.case.seat_link import TRIES
from flows.model import Action, AuditKind
from flows.school import Platform
from flows.ui.intents import Act, Fill, encode
from storage.open import open_store
from tests.database import Server
from tests.town import Town
from tests.web.seat import Mailbox, Phone

NAME = "reports"
pytestmark = pytest.mark.feature("many-processes")


class Turnabout:
    """A browser before an address behind which two processes stand: each is asked in turn."""

    def __init__(self, *clients: TestClient[Request, Application]) -> None:
        self.clients = list(clients)
        #: how many requests each has had
        self.asked = [0] * len(clients)

    async def get(self, path: str, **said: Any) -> ClientResponse:
        """Ask the next one for a page."""
        return await self._next().get(path, **said)

    async def post(self, path: str, **said: Any) -> ClientResponse:
        """Post to the next one."""
        return await self._next().post(path, **said)

    def _next(self) -> TestClient[Request, Application]:
        number = sum(self.asked) % len(self.clients)
        self.asked[number] += 1
        return self.clients[number]


class Two:
    """Two processes on one database, one mailbox, one case that the Chair leads."""

    def __init__(self, boxes: list[Mailbox], browser: Turnabout) -> None:
        self.boxes, self.browser = boxes, browser
        self.first = boxes[0]
        self.phone = Phone(browser, self.first, self.first.tokens()[0])  # type: ignore[arg-type]

    async def kept(self, beginning: str) -> list[str]:
        """Return what is kept of this kind."""
        return list(await self.first.place.store.records(Platform.WEB, beginning))


@pytest.fixture
async def two(running: Server) -> AsyncIterator[Two]:
    """Give two processes, and a browser that has neither for itself."""
    running.empty(NAME)
    first = Mailbox(Town(await open_store(running.address(NAME, "bot"), key=bytes(32))))
    store = await open_store(running.address(NAME, "bot"), key=bytes(32))
    second = Mailbox(Town(store, chat=first.place.chat, clock=first.place.clock))
    second.mail = first.mail
    second.place.context.add_chat(first.mail)
    await first.report()
    jar = CookieJar(unsafe=True)
    async with (
        TestClient(TestServer(first.app), cookie_jar=jar) as one,
        TestClient(TestServer(second.app), cookie_jar=jar) as other,
    ):
        yield Two([first, second], Turnabout(one, other))
    for box in (first, second):
        await box.place.store.close()


async def test_a_case_is_worked_though_each_request_goes_to_another(two: Two) -> None:
    """The code, the page, a button, a form with its key, its refusal and its answer; and the way out."""
    phone, place = two.phone, two.first.place
    await phone.open()
    assert "You lead this case" in phone.page
    case = await place.case()
    await phone.press(Act(case=case.id, action=Action.TAKE_ON, version=case.version))
    assert "Chair of governors has taken this on." in phone.page
    case = await place.case()
    assert case.owner == "ellis"
    await phone.press(Act(case=case.id, action=Action.NOTE, version=case.version))
    for _ in two.boxes:  # whichever is asked, it is the form
        await phone.get()
        assert "Add a note" in phone.page
    fill = encode(Fill(case=case.id, action=Action.NOTE, version=case.version))
    assert (await phone.post("fill", intent=fill)).status == 303
    await phone.get()
    assert 'aria-invalid="true"' in phone.page
    await phone.post("fill", **{"intent": fill, "text.text": "I have rung the LADO."})
    await phone.get()
    assert "I have rung the LADO." in phone.page
    assert (await phone.post("still", active="yes")).status == 204
    await phone.post("back")
    await phone.get()
    assert 'id="case"' in phone.page
    assert min(two.browser.asked) > 5
    cookies = {one.key: one.value for one in two.browser.clients[0].session.cookie_jar}
    assert (await phone.post("leave")).status == 200
    two.browser.clients[0].session.cookie_jar.update_cookies(cookies)
    for _ in two.boxes:
        await phone.get()
        assert case.reference not in phone.page
    assert await two.kept("page/") == []


async def test_of_two_right_codes_at_once_one_opens_it(two: Two) -> None:
    """Each process is given the right code in the same moment."""
    await two.phone.ask()
    code, token = two.first.code(), two.phone.token
    posts = (client.post(f"/c/{token}", data={"code": code}, allow_redirects=False) for client in both(two))
    assert sorted([answer.status for answer in await asyncio.gather(*posts)]) == [303, 403]
    case = await two.first.place.case()
    kinds = [line.kind for line in await two.first.place.store.audit(case.school, case=case.id)]
    assert kinds.count(AuditKind.PAGE_OPENED) == 1
    assert len(await two.kept("page/")) == 1


async def test_tries_and_codes_count_in_both_together(two: Two) -> None:
    """As many wrong codes as one process takes are all that both take, at once or one after the other."""
    token = two.phone.token
    await asyncio.gather(*(box.links.send_code(token) for box in two.boxes * 3))
    await two.first.place.settle()
    assert [one.card.kind for one in two.first.mail.messages.values()].count("code") == 1
    wrong = str((int(two.first.code()) + 1) % 10**6).zfill(6)
    tried = (box.links.open(token, wrong) for box in two.boxes * TRIES)
    assert set(await asyncio.gather(*tried)) == {None}
    kept = [await two.first.place.store.record(Platform.WEB, link) for link in await two.kept("link/")]
    assert sum(b'"tries":%d' % (2 * TRIES) in (one or b"") for one in kept) == 1
    assert [await box.links.open(token, two.first.code()) for box in two.boxes] == [None, None]


async def test_an_address_that_tries_too_often_waits_before_both(two: Two) -> None:
    """Its posts count together; what is kept of them goes when they count no more."""
    for _ in range(limits.SEAT_POSTS):
        assert (await two.phone.post(code="1")).status == 403
    for _ in two.boxes:
        assert (await two.phone.post(code="1")).status == 429
    store, clock = two.first.place.store, two.first.place.clock
    clock.pass_by(limits.SEAT_WAIT)
    await store.forget_records(Platform.WEB, clock.now())
    assert await two.kept("posts/") == []
    assert (await two.phone.post()).status == 200


async def _nothing_done(two: Two) -> None:
    two.first.place.clock.pass_by(limits.IDLE)


async def _seat_lost(two: Two) -> None:
    for box in two.boxes:
        box.lose_the_seat()


@pytest.mark.parametrize("taken", [_nothing_done, _seat_lost], ids=["idle", "seat lost"])
async def test_what_is_taken_away_is_taken_away_in_both(
    two: Two, taken: Callable[[Two], Awaitable[None]]
) -> None:
    """Ten minutes count from what was done last in either; a right is asked for at each use, by each."""
    phone, clock = await two.phone.open(), two.first.place.clock
    for _ in range(4):
        clock.pass_by(limits.IDLE * 0.9)
        assert (await phone.post("still", active="yes")).status == 204
    await taken(two)
    assert (await phone.post("still", active="yes")).status == 403
    assert await two.kept("page/") == []
    for _ in two.boxes:
        await phone.get()
        assert "HPS-2026-001" not in phone.page


async def test_a_page_that_nobody_leaves_goes_from_the_store(two: Two) -> None:
    """A browser that was closed says nothing: when ten minutes are over, what is kept of its page goes."""
    await two.phone.open()
    clock, store = two.first.place.clock, two.first.place.store
    for left in (1, 0):
        await store.forget_records(Platform.WEB, clock.now())
        assert len(await two.kept("page/")) == left
        clock.pass_by(limits.IDLE)


async def test_signing_out_is_not_undone_by_a_page_that_is_under_way(two: Two) -> None:
    """A page that one process draws while the other hears the way out keeps nothing of it open."""
    await two.phone.open()
    one, other = both(two)
    key, path = two.phone.key, f"/c/{two.phone.token}"
    await asyncio.gather(
        one.post(f"{path}/leave", data={"key": key}),
        *(other.post(f"{path}/still", data={"key": key, "active": "yes"}) for _ in range(3)),
        *(other.get(path) for _ in range(3)),
    )
    assert await two.kept("page/") == []


def both(two: Two) -> list[TestClient[Request, Application]]:
    """Return what speaks to each of them."""
    return two.browser.clients
