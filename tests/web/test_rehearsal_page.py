"""The page behind the link of a rehearsal's e-mail: it takes a press, once, and a GET takes none."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.web import limits
from adapters.web.rehearsal_page import rehearsal_page
from bot.rehearsal.press_links import PressLinks
from bot.seat_page.seat_links import SeatLinks
from flows.ui.intents import ChatCommand
from tests.town import SCHOOL, said
from tests.web.seat import ADDRESS, CHAIR, Mailbox, mailbox


@pytest.fixture
async def box() -> Mailbox:
    """Give a school whose Chair has e-mail alone, with a rehearsal under way."""
    found = await mailbox()
    place = found.place
    presses = PressLinks(place.context, secret=bytes(32), address=ADDRESS)
    place.context.pages = SeatLinks(
        place.context, secret=bytes(32), address=ADDRESS, press_at=presses.link_to
    )
    found.app = web.Application()
    found.app.add_subapp("/r", rehearsal_page(presses=presses, records=place.store, clock=place.clock))
    await place.ask("office", ChatCommand.REHEARSE, "begin")
    await place.settle()
    return found


@pytest.fixture
async def client(box: Mailbox) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    """Give a browser."""
    async with TestClient(TestServer(box.app)) as found:
        yield found


def path(box: Mailbox) -> str:
    """Return where the link in the Chair's mailbox leads."""
    (found,) = re.findall(rf"{ADDRESS}(/r/[\w-]+)", box.read())
    return str(found)


async def pressed(box: Mailbox) -> bool:
    """Return whether it is said that the Chair has pressed."""
    text = said(await box.place.ask("office", ChatCommand.REHEARSE))
    (line,) = (one for one in text.splitlines() if "Ellis Specimen" in one and not one.startswith("-"))
    return line.endswith("e-mail: pressed")


@pytest.mark.feature("rehearsal-by-e-mail")
async def test_a_get_does_nothing_and_a_press_counts_once(box: Mailbox, client: TestClient) -> None:  # type: ignore[type-arg]
    """A mail scanner that follows the link has pressed nothing; however often it is pressed, it is once."""
    for _ in range(3):
        answer = await client.get(path(box))
        assert answer.status == 200
        assert "I got it" in await answer.text()
    await client.head(path(box))
    assert not await pressed(box)
    before = box.read()
    for _ in range(2):
        answer = await client.post(path(box))
        assert answer.status == 200
        assert "it is noted" in await answer.text()
    assert await pressed(box)
    await box.place.settle()
    assert box.read() == before, "an e-mail stays as it went, and no second one is sent"


async def test_what_is_not_ours_reads_as_what_is_over(box: Mailbox, client: TestClient) -> None:  # type: ignore[type-arg]
    """A link that was changed, cut or made up, and a good one when the rehearsal is over."""
    whole = path(box)
    answers = []
    wrong = [whole[:-1], whole[:9] + "AAAA" + whole[13:], "/r/x", "/r/%C3%A4", "/r/" + "A" * 400, whole + "A"]
    for one in wrong:
        answer = await client.post(one)
        answers.append((answer.status, await answer.text()))
    assert not await pressed(box)
    await box.place.ask("office", ChatCommand.REHEARSE, "end")
    answer = await client.post(whole)
    answers.append((answer.status, await answer.text()))
    assert len(set(answers)) == 1
    assert answers[0][0] == 404
    assert "does nothing any more" in answers[0][1]
    for _ in range(4):
        await box.place.later(minutes=3)
    assert await box.place.store.rehearsal(SCHOOL) is None
    assert (await client.post(whole)).status == 404


async def test_a_press_from_another_page_or_too_often_is_not_taken(
    box: Mailbox,
    client: TestClient,  # type: ignore[type-arg]
) -> None:
    """The page's own form alone; and from one address so often in ten minutes."""
    answer = await client.post(path(box), headers={"Origin": "https://elsewhere.example"})
    assert answer.status == 403
    for _ in range(limits.SEAT_POSTS):
        assert (await client.post("/r/x")).status == 404
    assert (await client.post(path(box))).status == 429
    assert not await pressed(box)


async def test_without_a_page_the_e_mail_says_whom_to_tell() -> None:
    """No public address: the mail is sent all the same, and says so."""
    found = await mailbox()
    place = found.place
    await place.ask("office", ChatCommand.REHEARSE, "begin")
    await place.settle()
    assert "Please tell whoever administers the bot" in found.read(CHAIR)
    assert "/r/" not in found.read(CHAIR)
