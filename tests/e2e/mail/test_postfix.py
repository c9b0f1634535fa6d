"""What Debian's Postfix answers, and what each answer does to the message and to the thread of its case."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec.structs import replace

from adapters.email.listen import EmailApp
from adapters.email.options import Options
from adapters.email.smtp import Patience
from bot.__main__ import main
from bot.outbox.came_back import CameBack
from flows.model import EventKind, Message, Send, SendState
from flows.school import PersonId, Platform
from storage.open import open_store
from tests.e2e.mail.postfix import DOMAIN, HANG, Postfix, running
from tests.email import reading
from tests.email.server import authority_file
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.feature("email-server"),
    pytest.mark.asyncio(loop_scope="module"),
]
HEAD_LED = {**ABUSE, "staff_allegation": ("headteacher",)}
#: What tells of a case that somebody could not be reached.
FAILED = EventKind.DELIVERY_FAILED


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def postfix() -> AsyncIterator[Postfix]:
    """Give a Postfix, one for all of these."""
    async with running() as found:
        yield found


class Place:
    """A school whose Chair leads a case and has e-mail alone, at an address of that Postfix's."""

    def __init__(self, town: Town, app: EmailApp) -> None:
        self.town, self.app = town, app

    async def report(self) -> None:
        """Let somebody report something that the Headteacher must not know of."""
        await self.town.report("brook", HEAD_LED)
        await self.town.settle()

    async def notice(self) -> Send:
        """Return the Chair's notice as it stands."""
        sends = await self.town.store.sends_of(SCHOOL, (await self.town.case()).id)
        return next(one for one in sends if one.message is Message.NOTICE and one.person == "ellis")

    async def failed(self) -> int:
        """Return how often the case says that somebody was not reached."""
        case = await self.town.case()
        return [one.kind for one in await self.town.store.events(SCHOOL, case.id)].count(FAILED)

    async def next_is_told(self) -> bool:
        """Return whether whoever comes after the Chair was told."""
        return "fern" in (await self.town.case()).stand_ins


async def place(
    server: Postfix, address: str, folder: Path, *, trusts: bool = True, waits: float = 10.0
) -> Place:
    """Return such a school; ``waits`` so long for each answer."""
    town = Town(await open_store("memory:", key=bytes(32)))
    options = Options(
        host="127.0.0.1",
        port=server.port,
        sender=f"Reports <reports@{DOMAIN}>",
        bounces=f"bounces@{DOMAIN}",
        ca_file=authority_file() if trusts else None,
    )
    patience = Patience(connect=10.0, command=waits, taken=waits)
    app = EmailApp(
        options=options,
        store=town.store,
        clock=town.clock,
        folder=folder / "reports.bounces",
        patience=patience,
    )
    chair = town.school.people[PersonId("ellis")]
    people = {**town.school.people, chair.id: replace(chair, accounts={Platform.EMAIL: address})}
    for person in ("ash", "cam"):
        people[PersonId(person)] = replace(people[PersonId(person)], accounts={Platform.WEB: person})
    town.school = replace(town.school, people=people)
    town.context.directory.reload({SCHOOL: town.school})  # type: ignore[attr-defined]
    town.context.add_chat(app.chat)
    app.came_back = CameBack(town.context, town.worker.delivery.after).heard
    return Place(town, app)


async def test_it_is_taken_and_lies_in_the_mailbox(postfix: Postfix, tmp_path: Path) -> None:
    """By TLS, from our sender, as it was written; the notice is sent and nobody else is told for it."""
    there = await place(postfix, f"chair@{DOMAIN}", tmp_path)
    await there.report()
    (mail,) = [one for one in await postfix.comes("chair") if one["In-Reply-To"] is None]
    assert "ESMTPS" in mail["Received"]
    assert mail["Return-Path"] == f"<bounces@{DOMAIN}>"
    assert (await there.town.case()).reference in mail["Subject"]
    assert (await there.notice()).state is SendState.SENT
    assert (await there.failed(), await there.next_is_told()) == (0, False)


async def test_an_address_that_is_nobodys_is_refused(postfix: Postfix, tmp_path: Path) -> None:
    """550 5.1.1: the case says whom to ring, the next person is told, and it is tried again each hour."""
    there = await place(postfix, f"nobody@{DOMAIN}", tmp_path)
    await there.report()
    await postfix.writes("550 5.1.1")
    assert ((await there.notice()).state, (await there.notice()).trouble) == (
        SendState.WAITING,
        "email-address",
    )
    assert (await there.failed(), await there.next_is_told()) == (1, True)
    assert "could not be" in there.town.reads("fern")


async def test_greylisting_is_waited_for(postfix: Postfix, tmp_path: Path) -> None:
    """450 first, then taken: a minute later it is there, once, and the thread says nothing of it."""
    postfix.policy.answers["grey", "RCPT"] = ["defer_if_permit 4.2.0 Greylisted, try again"]
    there = await place(postfix, f"grey@{DOMAIN}", tmp_path)
    await there.report()
    await postfix.writes("450 4.2.0")
    assert ((await there.notice()).state, postfix.box("grey")) == (SendState.WAITING, [])
    await there.town.later(seconds=61)
    assert (await there.notice()).state is SendState.SENT
    assert len(await postfix.comes("grey")) == 1
    assert (await there.failed(), await there.next_is_told()) == (0, False)


@pytest.mark.parametrize("fault", ["certificate", "relaying"])
async def test_where_it_does_not_let_us_send_all_waits(postfix: Postfix, tmp_path: Path, fault: str) -> None:
    """A certificate we may not trust, or no relaying for us: all e-mail waits, and nothing is used up."""
    address = "chair@elsewhere.example" if fault == "relaying" else f"chair@{DOMAIN}"
    before = len(postfix.box("chair"))
    there = await place(postfix, address, tmp_path, trusts=fault == "relaying")
    await there.report()
    notice = await there.notice()
    assert notice.state is SendState.WAITING
    assert [where[0] for where in there.town.context.states.down()] == [Platform.EMAIL]
    assert len(postfix.box("chair")) == before
    if fault == "relaying":
        await postfix.writes("Relay access denied")
    assert await there.next_is_told()


async def test_a_server_that_says_nothing_at_an_address_is_tried_again(
    postfix: Postfix, tmp_path: Path
) -> None:
    """No answer in time: it waits, nothing was taken; when the server answers again it goes."""
    postfix.policy.answers["slow", "RCPT"] = [HANG]
    there = await place(postfix, f"slow@{DOMAIN}", tmp_path, waits=0.7)
    await there.report()
    assert ((await there.notice()).state, postfix.box("slow")) == (SendState.WAITING, [])
    postfix.policy.go_on.set()
    await there.town.later(minutes=2)
    assert (await there.notice()).state is SendState.SENT
    assert len([one for one in await postfix.comes("slow") if one["In-Reply-To"] is None]) == 1


async def test_a_lost_answer_makes_a_marked_repeat(postfix: Postfix, tmp_path: Path) -> None:
    """The message said, no answer in time, and it was taken: it goes once more, marked, the same number."""
    postfix.policy.go_on.clear()
    postfix.policy.answers["late", "END-OF-MESSAGE"] = [HANG]
    there = await place(postfix, f"late@{DOMAIN}", tmp_path, waits=0.7)
    await there.report()
    assert (await there.notice()).state is SendState.ATTEMPTED
    postfix.policy.go_on.set()
    await asyncio.sleep(0)
    await there.town.later(minutes=3)
    assert (await there.notice()).state is SendState.SENT
    again = [one for one in await postfix.comes("late") if "may have come before" in reading.plain(one)]
    assert len(again) == 1
    assert len({one["Message-ID"] for one in postfix.box("late") if one["In-Reply-To"] is None}) == 1


async def test_a_message_that_is_refused_goes_as_its_summary(postfix: Postfix, tmp_path: Path) -> None:
    """554 to what it says, not to whom: its one line is taken."""
    postfix.policy.answers["picky", "END-OF-MESSAGE"] = ["554 5.6.0 not this"]
    there = await place(postfix, f"picky@{DOMAIN}", tmp_path)
    await there.report()
    await there.town.later(minutes=1)
    notice = await there.notice()
    assert (notice.state, notice.plain) == (SendState.SENT, True)
    assert await postfix.comes("picky")
    assert (await there.failed(), await there.next_is_told()) == (0, False)


async def test_what_was_taken_and_comes_back_is_said_in_the_thread(
    postfix: Postfix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is taken; Postfix cannot put it anywhere and says so to our bounces: fed back, the next is told."""
    monkeypatch.setenv("REPORT_STORE", f"tinydb:{tmp_path / 'reports.db'}")
    there = await place(postfix, f"gone@{DOMAIN}", tmp_path)
    await there.report()
    assert (await there.notice()).state is SendState.SENT
    assert (await there.failed(), await there.next_is_told()) == (0, False)
    (tmp_path / "came").write_bytes((await postfix.comes("bounces"))[0].as_bytes())
    assert main(["bounce", str(tmp_path / "came")]) == 0
    assert await there.app.look() == 1
    await there.town.settle()
    notice = await there.notice()
    assert (notice.state, notice.trouble) == (SendState.FAILED, "came-back")
    assert (await there.failed(), await there.next_is_told()) == (1, True)
