"""An e-mail that came back: what it says is found, and whoever looks after the case hears of it."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.email import limits, parse
from adapters.email.listen import EmailApp, lay
from adapters.email.manifest import number
from adapters.email.parse import CameBack as Report
from adapters.email.parse import Verdict
from bot.__main__ import main
from bot.outbox.came_back import CameBack
from flows.case import lifecycle
from flows.case.actions import table as do
from flows.errors import StoreError
from flows.model import EventKind, Message, SendState, Way
from flows.ports import Store
from flows.school import PersonId, Platform, SchoolId, Seat
from tests.email import reading
from tests.email.bounces import OTHERS, REPORTS, report
from tests.email.server import Post, served
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town

ID = f"<{number('c1/notice')}@school.example>"
CHAIR = "chair@school.example"
HEAD_LED = {**ABUSE, "staff_allegation": ("headteacher",)}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_says_what_became_of_which_message(name: str) -> None:
    """Servers write it in several ways; the number and the verdict are found in each."""
    text, verdict = REPORTS[name]
    assert parse.parse(text.replace("{id}", ID).encode()) == Report(number("c1/notice"), Verdict(verdict))


@pytest.mark.parametrize("name", OTHERS)
def test_anything_else_is_no_report(name: str) -> None:
    """An answer, another's report or something broken means nothing."""
    assert parse.parse(OTHERS[name].replace("{id}", ID).encode("utf-8", "surrogateescape")) is None


def test_of_two_verdicts_the_worse_is_so() -> None:
    """One message for one person, of which something failed, has failed."""
    text = report("delivered").replace(
        "--b--", "--b\nContent-Type: message/delivery-status\n\nX: y\n\nAction: failed\n\n--b--"
    )
    found = parse.parse(text.replace("{id}", ID).encode())
    assert found is not None
    assert found.verdict is Verdict.FAILED


def test_one_that_is_too_large_is_not_read() -> None:
    """Nobody can keep us busy with it."""
    assert parse.parse(report().replace("{id}", ID).encode() + b"x" * limits.BOUNCE_BYTES) is None


@given(content=st.binary(max_size=400))
def test_whatever_comes_back_breaks_nothing(content: bytes) -> None:
    """Bytes of any kind are no report, or one."""
    text = report().replace("{id}", ID).encode()
    for one in (content, text[:200] + content + text[200:], content + text):
        parse.parse(one)


# -- through the command into the case ---------------------------------------------------------------


class Place:
    """A school whose Chair has e-mail alone, with a server and a folder for what comes back."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.post = Post()
        self.town = Town(store)
        self.folder = folder

    def open(self, app: EmailApp) -> None:
        """Let e-mail be the second platform, and the Chair on no other."""
        context, school = self.town.context, self.town.school
        chair = school.people[PersonId("ellis")]
        people = {**school.people, chair.id: replace(chair, accounts={Platform.EMAIL: CHAIR})}
        for person in ("ash", "cam"):
            accounts = {Platform.WEB: person}
            people[PersonId(person)] = replace(people[PersonId(person)], accounts=accounts)
        self.town.school = replace(school, people=people)
        context.directory.reload({SCHOOL: self.town.school})  # type: ignore[attr-defined]
        context.add_chat(app.chat)
        app.came_back = CameBack(context, self.town.worker.delivery.after).heard
        self.app = app

    async def back(self, message: int = 0) -> None:
        """Let one of the Chair's e-mails come back, by a pipe into the command."""
        sent = self.post.to(CHAIR)[message]
        text = report().replace("{id}", sent["Message-ID"])
        assert pipe(text) == 0
        assert await self.app.look() == 1
        await self.town.settle()

    async def lines(self) -> list[EventKind]:
        """Return what happened in the case."""
        case = await self.town.case()
        return [event.kind for event in await self.town.store.events(SCHOOL, case.id)]


def pipe(text: str) -> int:
    """Hand a text to the command on standard input, as a mail server does; return its exit code."""
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
    try:
        return main(["bounce", "-"])
    finally:
        sys.stdin = before


@pytest.fixture
async def place(
    store: Store, app: Callable[..., EmailApp], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Place]:
    """Give such a school; the command finds its store by the setting."""
    monkeypatch.setenv("REPORT_STORE", f"tinydb:{tmp_path / 'reports.db'}")
    found = Place(store, tmp_path / "reports.bounces")
    async with served(found.post) as port:
        side = app(port)
        found.open(side)
        yield found


@pytest.mark.feature("email-comes-back")
async def test_a_notice_that_came_back_is_said_in_the_thread_and_the_next_is_told(place: Place) -> None:
    """The Chair leads and is told by e-mail; it comes back: the thread says so and the vice-chair is told."""
    town = place.town
    await town.report("brook", HEAD_LED)
    await town.settle()
    case = await town.case()
    assert case.lead is Seat.CHAIR
    (mail,) = place.post.to(CHAIR)
    assert case.reference in mail["Subject"]
    assert "fern" not in case.stand_ins
    await place.back()
    case = await town.case()
    assert "fern" in case.stand_ins
    assert (await place.lines()).count(EventKind.DELIVERY_FAILED) == 1
    assert "could not be delivered to" in town.reads("fern") or "could not be reached" in town.reads("fern")
    assert list((place.folder).glob("*")) == []


@pytest.mark.feature("email-comes-back")
async def test_coming_back_twice_is_coming_back_once(place: Place) -> None:
    """Servers may say it again: nothing happens a second time, and the e-mail is not sent again."""
    await place.town.report("brook", HEAD_LED)
    await place.town.settle()
    await place.back()
    before = await place.lines()
    await place.back()
    await place.town.later(hours=5)
    assert (await place.lines()).count(EventKind.DELIVERY_FAILED) == before.count(EventKind.DELIVERY_FAILED)
    assert len([mail for mail in place.post.to(CHAIR) if mail["In-Reply-To"] is None]) == 1


@pytest.mark.feature("email-comes-back")
async def test_what_follows_and_comes_back_is_said_of_the_notice(place: Place) -> None:
    """The notice arrived, the next e-mail does not: nobody reads there any more, and that is said."""
    town = place.town
    await town.report("brook", HEAD_LED)
    await town.settle()
    await town.later(hours=1)
    follows = [number_ for number_, mail in enumerate(place.post.to(CHAIR)) if mail["In-Reply-To"]]
    await place.back(follows[0])
    assert EventKind.DELIVERY_FAILED in await place.lines()
    sends = await town.store.sends_of(SCHOOL, (await town.case()).id)
    notice = next(s for s in sends if s.message is Message.NOTICE and s.person == "ellis")
    assert (notice.way, notice.state, notice.trouble) == (Way.DIRECT, SendState.FAILED, "came-back")


@pytest.mark.feature("email-comes-back")
async def test_an_address_that_is_refused_at_once_moves_the_ladder_on(place: Place) -> None:
    """The server knows nobody of that name: the thread says so, and the next is told; later it may work."""
    place.post.answers["address"] = "550 5.1.1 User unknown"
    await place.town.report("brook", HEAD_LED)
    await place.town.settle()
    assert "fern" in (await place.town.case()).stand_ins
    assert EventKind.DELIVERY_FAILED in await place.lines()
    del place.post.answers["address"]
    await place.town.later(hours=1, minutes=1)
    assert len([mail for mail in place.post.to(CHAIR) if mail["In-Reply-To"] is None]) == 1


@pytest.mark.feature("email-comes-back")
async def test_greylisting_is_waited_for(place: Place) -> None:
    """A server that says "later" gets it again a little later, and nobody is alarmed."""
    place.post.answers["address"] = "451 4.7.1 Greylisted"
    await place.town.report("brook", HEAD_LED)
    await place.town.settle()
    del place.post.answers["address"]
    await place.town.later(seconds=61)
    assert len(place.post.to(CHAIR)) == 1
    assert EventKind.DELIVERY_FAILED not in await place.lines()


@pytest.mark.feature("email-comes-back")
async def test_an_answer_that_got_lost_makes_a_marked_repeat(place: Place) -> None:
    """Taken, and the answer lost: it goes again after a rest, says so, and has the same number."""
    place.post.answers["message"] = "take and drop"
    await place.town.report("brook", HEAD_LED)
    await place.town.settle()
    del place.post.answers["message"]
    await place.town.later(minutes=3)
    first, again = (mail for mail in place.post.to(CHAIR) if mail["In-Reply-To"] is None)
    assert first["Message-ID"] == again["Message-ID"]
    assert "may have come before" in reading.plain(again)


@pytest.mark.feature("email-not-taken-back")
async def test_what_cannot_be_taken_back_is_said_on_the_case(place: Place) -> None:
    """The Chair has the e-mail and steps out for a conflict: the case says that it may still be read."""
    town = place.town
    await town.report("brook", HEAD_LED)
    await town.settle()
    case = await town.case()

    step = await town.context.step_of(town.school, case, PersonId("ellis"))
    await town.context.commit(lifecycle.apply(case, do.HaveConflict(), step))
    await town.settle()
    events = await town.store.events(SCHOOL, case.id)
    said = [event for event in events if event.kind is EventKind.DELIVERY_FAILED]
    assert [(event.fact("message"), event.fact("person")) for event in said] == [("withdrawn", "ellis")]
    await town.later(hours=3)
    assert len([s for s in await town.store.sends_of(SCHOOL, case.id) if s.state is SendState.WAITING]) == 0


async def test_a_number_that_nobody_knows_is_forgotten(place: Place) -> None:
    """A mark that belongs to no message of ours is cleared away."""
    lay(place.folder, Report("rp." + "0" * 40, Verdict.FAILED))
    assert await place.app.look() == 0
    assert list(place.folder.glob("*")) == []


async def test_what_the_store_refuses_is_told_again(place: Place) -> None:
    """A store that cannot keep it now finds the mark again."""
    await place.town.report("brook", HEAD_LED)
    await place.town.settle()
    (mail,) = place.post.to(CHAIR)
    lay(place.folder, Report(mail["Message-ID"][1:].partition("@")[0], Verdict.FAILED))

    async def refuse(key: str, school: SchoolId) -> None:
        raise StoreError("disk-full", f"{school} {key}")

    heard, place.app.came_back = place.app.came_back, refuse
    assert await place.app.look() == 0
    place.app.came_back = heard
    assert await place.app.look() == 1
    assert EventKind.DELIVERY_FAILED in await place.lines()


@pytest.mark.parametrize("name", ["Postfix", "for now", "it arrived"])
def test_the_command_says_what_it_did(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a file: what failed leaves a mark that only its owner can read; what did not, none."""
    monkeypatch.setenv("REPORT_STORE", f"tinydb:{tmp_path / 'reports.db'}")
    text, verdict = REPORTS[name]
    (tmp_path / "mail").write_text(text.replace("{id}", ID))
    assert main(["bounce", str(tmp_path / "mail")]) == 0
    marks = list(tmp_path.glob("reports.bounces/*"))
    assert [mark.name for mark in marks] == ([f"{number('c1/notice')}.failed"] if verdict == "failed" else [])
    assert {mark.stat().st_mode & 0o077 for mark in [*marks, *(mark.parent for mark in marks)]} <= {0}
    assert capsys.readouterr().out.startswith("That message ")


@pytest.mark.parametrize(
    ("store", "text", "said"),
    [
        ("", report(), "REPORT_STORE"),
        ("memory:", report(), "REPORT_STORE"),
        ("tinydb:x.db", "Subject: hello\n\nx\n", "no report"),
    ],
)
def test_the_command_refuses_in_words(
    store: str, text: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No store, or no report: exit code 2, and what to do."""
    monkeypatch.setenv("REPORT_STORE", store)
    assert pipe(text.replace("{id}", ID)) == 2
    assert said in capsys.readouterr().err
    assert main(["bounce", "/nothing/there"]) == 2


@pytest.mark.feature("email-comes-back")
async def test_who_has_no_address_is_said_on_the_case(place: Place) -> None:
    """Somebody who is on no platform and has no e-mail is nobody who was told: the case says whom to ring."""
    town = place.town
    people = dict(town.school.people)
    people[PersonId("ellis")] = replace(people[PersonId("ellis")], accounts={}, email="")
    town.context.directory.reload({SCHOOL: replace(town.school, people=people)})  # type: ignore[attr-defined]
    await town.report("brook", HEAD_LED)
    await town.settle()
    assert EventKind.DELIVERY_FAILED in await place.lines()
    assert "fern" in (await town.case()).stand_ins


async def test_what_follows_goes_to_the_address_as_it_is_now(place: Place) -> None:
    """The school mends an address: the next e-mail of the case goes there, and none to the old one."""
    town = place.town
    await town.report("brook", HEAD_LED)
    await town.settle()
    people = dict(town.school.people)
    moved = {Platform.EMAIL: "right@school.example"}
    people[PersonId("ellis")] = replace(people[PersonId("ellis")], accounts=moved)
    town.context.directory.reload({SCHOOL: replace(town.school, people=people)})  # type: ignore[attr-defined]
    before = len(place.post.to(CHAIR))
    await town.later(hours=1)
    assert len(place.post.to(CHAIR)) == before
    assert place.post.to("right@school.example")
