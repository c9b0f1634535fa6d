"""The page behind a link of an e-mail as a surface: who gets a link, what it shows, what nobody else sees."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from flows.case import access, seat_link
from flows.case.seat_link import APART
from flows.model import Action, Capability, Message, Relation, Send, Way
from flows.school import PersonId, Platform
from flows.ui.forms import Value
from flows.ui.intents import Act
from tests.access.test_matrix import ANSWERS, PEOPLE, TABLE, WORDS
from tests.access.test_non_interference import EXCLUDED
from tests.story.test_story import ABUSE
from tests.town import SCHOOL
from tests.web.seat import Mailbox, Phone, mailbox

Open = Callable[[Mailbox, str], Coroutine[Any, Any, Phone]]


@pytest.fixture
async def visit() -> AsyncIterator[Open]:
    """Give what makes a phone before a mailbox's pages, with a token."""
    clients = []

    async def made(box: Mailbox, token: str) -> Phone:
        client = TestClient(TestServer(box.app))
        await client.start_server()
        clients.append(client)
        return Phone(client, box, token)

    yield made
    for client in clients:
        await client.close()


async def a_link(box: Mailbox, person: str) -> str:
    """Return the link that an e-mail to somebody about the case would carry, "" for none."""
    case = await box.place.case()
    send = Send(
        key="x",
        school=SCHOOL,
        message=Message.NOTICE,
        way=Way.DIRECT,
        platform=Platform.EMAIL,
        person=PersonId(person),
        case=case.id,
        due=box.place.clock.now(),
    )
    return await box.links.link_to(send)


@pytest.mark.feature("seat-page")
@pytest.mark.parametrize(
    ("relation", "person"),
    [pair for pair in PEOPLE.items() if pair[0] is not Relation.OVERSEES],  # no message goes to them
)
async def test_who_gets_a_link_and_what_it_shows(relation: Relation, person: str, visit: Open) -> None:
    """Whoever may read the case gets one, and sees and may do what they may in chat; nobody else gets any."""
    box = await mailbox(everybody=True)
    case = await box.report(ANSWERS)
    link = await a_link(box, person)
    reads = TABLE[relation][1]
    assert bool(link) is reads
    if not reads:
        return
    phone = await visit(box, link.rpartition("/")[2])
    address = box.place.school.people[PersonId(person)].email
    await phone.ask()
    await phone.enter(box.code(address))
    await phone.get()
    assert WORDS in phone.page
    for action in (Action.NOTE, Action.TAKE_ON, Action.CLOSE, Action.KEEP_OUT, Action.SHOW_REPORTER):
        may = access.may_do(case, PersonId(person), box.place.school, action)
        before = (await box.place.case()).version
        answer = await phone.press(Act(case=case.id, action=action, version=before))
        assert answer.status == 303
        assert ("That is not for you to do in this case." in phone.page) is not may, action
        await phone.post("back")
        await phone.get()


@pytest.mark.parametrize("person", ["ash", "cam", "dee", "fern", "gale", "office", "brook", "jo"])
async def test_a_link_of_the_chairs_opens_nothing_for_anybody_else(person: str, visit: Open) -> None:
    """The code goes to the mailbox of whose link it is, whoever presses; access is asked of that person."""
    box = await mailbox(everybody=True)
    await box.report(ANSWERS)
    phone = await visit(box, box.tokens()[0])
    address = box.place.school.people[PersonId(person)].email
    before = box.read(address) if address else ""
    await phone.ask()
    assert (box.read(address) if address else "") == before
    assert box.code()


@pytest.mark.feature("seat-page")
@pytest.mark.parametrize(("person", "answers"), EXCLUDED)
async def test_who_must_not_know_sees_what_they_would_without_the_case(
    person: str, answers: dict[str, Value], visit: Open
) -> None:
    """A link that they had – or made up – reads to the byte as where there is no case; nothing is sent."""
    seen: list[list[object]] = []
    for told in (True, False):
        box = await mailbox(everybody=True)
        token = "B" * 43
        if told:
            await box.report({**ABUSE, **answers})
            case = await box.place.case()
            assert person in case.recused
            assert await a_link(box, person) == ""
            theirs = seat_link.SeatLink(
                school=SCHOOL,
                case=case.id,
                person=PersonId(person),
                seat=min(box.place.school.seats_of(PersonId(person))),
                issued_at=box.place.clock.now(),
            )
            known_as = box.links._known_as(token)  # noqa: SLF001 - a link from before
            assert await box.links._replace(known_as, None, theirs)
        phone = await visit(box, token)
        mine: list[object] = []
        for posted in (None, {}, {"code": "123456"}):
            answer = await (phone.get() if posted is None else phone.post(**posted))
            await box.place.settle()
            box.place.clock.pass_by(APART)
            mine += [answer.status, await answer.text(), sorted(answer.headers)]
        mine.append(box.read(box.place.school.people[PersonId(person)].email))
        seen.append(mine)
    assert seen[0] == seen[1]


async def test_a_right_that_comes_late_is_no_right_of_the_links(visit: Open) -> None:
    """Whoever is kept out while the page is open is out, and brought in again has to open it anew."""
    box = await mailbox(everybody=True)
    case = await box.report({**ABUSE, "targets": ("pupil",)})
    assert access.may(case, PersonId("cam"), box.place.school, Capability.READ)
    link = await a_link(box, "cam")
    phone = await visit(box, link.rpartition("/")[2])
    await phone.ask()
    await phone.enter(box.code(box.place.school.people[PersonId("cam")].email))
    await phone.get()
    assert case.reference in phone.page
    await box.place.act(
        "ash", await box.place.case(), Action.KEEP_OUT, {"who": "cam", "text": "An invented reason."}
    )
    assert "cam" in (await box.place.case()).recused
    await phone.get()
    assert case.reference not in phone.page
    await box.place.act(
        "ash", await box.place.case(), Action.BRING_IN, {"who": "cam", "text": "An invented reason."}
    )
    await phone.get()
    assert case.reference not in phone.page
