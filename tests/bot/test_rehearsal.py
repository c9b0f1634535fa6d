"""A rehearsal through the door: who is asked, what is said of each, and that nothing of it is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bot.rehearsal.september import September
from flows.delivery.rehearsal import LASTS, TAKES_AWAY
from flows.errors import Ambiguous, Permanent, Response, Retryable
from flows.model import AuditKind
from flows.school import Person, PersonId, Platform, School
from flows.ui.cards import Card, buttons_of
from flows.ui.inbound import Refuse, Show
from flows.ui.intents import Ask, ChatCommand
from storage.open import Opening, open_store
from tests.fakes import FakeChat, FakeClock
from tests.story.test_schools import OTHER, trust
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, said

KEY = bytes(32)
#: Everybody of the sample who holds a seat or administers the bot.
ASKED = ("ash", "bryn", "cam", "dee", "ellis", "fern", "gale", "office")
OVER = "There was a rehearsal here. It is over"


async def town(store: str = "memory:") -> Town:
    """Return the sample school, with nothing under way."""
    return Town(await open_store(store, key=KEY))


async def rehearse(place: Town, argument: str = "begin") -> str:
    """Let the administrator ask; return what they read, once all that is due has gone."""
    reply = await place.ask("office", ChatCommand.REHEARSE, argument)
    assert isinstance(reply, Show), reply
    await place.settle()
    return said(await place.ask("office", ChatCommand.REHEARSE))


def to_press(place: Town, person: str) -> Ask:
    """Return the button that somebody was sent."""
    (card,) = (one.card for one in place.chat.audience(person) if one.card.kind == "rehearsal")
    (button,) = buttons_of(card)
    assert isinstance(button.intent, Ask)
    return button.intent


def line(text: str, name: str) -> str:
    """Return what is said of one."""
    return next(one for one in text.splitlines() if name in one and not one.startswith("- "))


async def over(place: Town) -> None:
    """Let the time pass in which all of it is taken away."""
    for _ in range(4):
        await place.later(minutes=3)


async def world(place: Town) -> bytes:
    """Return all that is stored but the audit, and that a delivery was handled."""
    store = place.store
    state = [await store.roster(SCHOOL), await store.rehearsal(SCHOOL), await store.cases(SCHOOL)]
    far = place.clock.now() + dt.timedelta(days=9999)
    sends = [await store.send(SCHOOL, key) for _, key in sorted(store._sends)]  # type: ignore[attr-defined]  # noqa: SLF001 - all of them
    timers = [one for one in await store.due_timers(far) if one.case is not None or "digest" not in one.key]
    return msgspec.json.encode([state, sends, timers, await store.apart()])


@pytest.mark.feature("rehearsal")
async def test_everybody_who_holds_a_seat_is_asked_and_every_channel_tried() -> None:
    """One message each, marked; a channel is posted to, changed and answered; nobody else hears of it."""
    place = await town()
    text = await rehearse(place)
    for person in ASKED:
        (message,) = place.chat.audience(person)
        assert "REHEARSAL" in message.text
        assert "REHEARSAL" in message.card.summary
        assert to_press(place, person).command is ChatCommand.REHEARSE
    for person in ("brook", "jo"):
        assert place.chat.audience(person) == []
    for channel in place.chat.channels:
        first, below = place.chat.audience(channel)
        assert "it can" in first.text
        assert len(first.was) == 1
        assert below.root == first.posted.message
    assert "Pressed: 0 of 8 messages" in text
    assert line(text, "The leadership channel").endswith("posted · changed · answered in its thread")


async def test_it_is_said_who_has_pressed() -> None:
    """Once, however often; then its button is gone. Whoever has not is said to have been sent it, no more."""
    place = await town()
    await rehearse(place)
    press = to_press(place, "ash")
    for key in ("one", "one", "another"):
        reply = await place.press("ash", press, key=key)
        assert isinstance(reply, Show)
        assert "it is noted" in said(reply)
    text = await rehearse(place, "")
    assert "Pressed: 1 of 8 messages" in text
    assert line(text, "Ash Example").endswith("pressed")
    assert line(text, "Cam Invented").endswith("sent, not pressed yet")
    (card,) = (one.card for one in place.chat.audience("ash"))
    assert list(buttons_of(card)) == []
    lines = [one.facts["what"] for one in await place.store.audit(SCHOOL) if one.kind is AuditKind.REHEARSED]
    assert lines == ["pressed", "begun"]


@pytest.mark.parametrize("who", ["bryn", "jo", "office"])
async def test_a_press_of_somebody_else_counts_for_nobody(who: str) -> None:
    """Whoever presses what another was sent is told so."""
    place = await town()
    await rehearse(place)
    reply = await place.press(who, to_press(place, "ash"))
    assert isinstance(reply, Refuse)
    assert reply.reference == "rehearsal-elsewhere"
    assert "Pressed: 0 of 8" in await rehearse(place, "")


@pytest.mark.parametrize(
    "argument", ["got", "got X 0", "HPS-20 got X", "got {of} -1", "got {of} 99", "got {of} x", "got {of} ²"]
)
async def test_a_button_made_by_hand_presses_nothing(argument: str) -> None:
    """Whatever stands in it: it is over, or not theirs."""
    place = await town()
    await rehearse(place)
    of = to_press(place, "ash").argument.split()[2]
    for person in ("ash", "jo"):
        reply = await place.ask(person, ChatCommand.REHEARSE, argument.format(of=of))
        assert isinstance(reply, Refuse) or OVER in said(reply)
    assert "Pressed: 0 of 8" in await rehearse(place, "")


async def test_a_press_after_the_end_is_told_so() -> None:
    """When it is over, when all is gone, and of one before while another runs: nothing is noted."""
    place = await town()
    await rehearse(place)
    press = to_press(place, "ash")
    await rehearse(place, "end")
    assert OVER in said(await place.press("ash", press))
    await over(place)
    assert OVER in said(await place.press("ash", press))
    await rehearse(place)
    assert OVER in said(await place.press("ash", press))
    assert "Pressed: 0 of 8" in await rehearse(place, "")


# -- who may --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["ash", "ellis", "cam", "brook", "jo"])
@pytest.mark.parametrize("argument", ["", "begin", "end", "HPS-20 begin"])
async def test_nobody_but_the_administrator_begins_looks_or_ends(person: str, argument: str) -> None:
    """Everybody else is refused, before one has begun and while one runs."""
    place = await town()
    for _ in range(2):
        reply = await place.ask(person, ChatCommand.REHEARSE, argument)
        assert isinstance(reply, Refuse)
        assert reply.reference == "no-rehearsal"
        assert (await place.store.rehearsal(SCHOOL) is None) is (_ == 0)
        await rehearse(place)


async def test_where_nobody_administers_the_headteacher_does() -> None:
    """As of the yearly reminders."""
    place = await town()
    with_school(place, administrators=())
    assert isinstance(await place.ask("office", ChatCommand.REHEARSE), Refuse)
    assert isinstance(await place.ask("ash", ChatCommand.REHEARSE, "begin"), Show)
    await place.settle()
    assert place.chat.audience("office") == []


async def test_typed_it_is_the_same() -> None:
    """The word alone shows what it does; with a word behind it begins and ends."""
    place = await town()
    shown = await place.say("office", "rehearsal")
    assert isinstance(shown, Show)
    assert isinstance(shown.view, Card)
    (button,) = buttons_of(shown.view)
    assert button.confirm
    assert await place.store.rehearsal(SCHOOL) is None
    await place.say("office", "Rehearse begin")
    assert await place.store.rehearsal(SCHOOL) is not None
    await place.say("office", "rehearse end")
    assert "It is over" in said(await place.say("office", "rehearse"))
    assert "rehearse – try whether" in said(await place.say("office", "help"))
    assert "rehearse – try whether" not in said(await place.say("ash", "help"))


async def test_one_at_a_time() -> None:
    """Begun again while one runs it is the same one; nobody is sent a second message."""
    place = await town()
    await rehearse(place)
    before = len(place.chat.messages)
    await rehearse(place)
    await place.ask("office", ChatCommand.REHEARSE, "begin")
    await place.settle()
    assert len(place.chat.messages) == before


async def test_who_administers_two_schools_rehearses_in_each() -> None:
    """The word shows both; each has its own button, and a press is for the school whose message it is."""
    place = await trust()
    place.context.directory.reload(  # type: ignore[attr-defined]
        {
            school.id: replace(school, administrators=(PersonId("brook"),))
            for school in place.context.directory.schools.values()
        }
    )
    shown = await place.ask("brook", ChatCommand.REHEARSE)
    assert isinstance(shown, Show)
    assert isinstance(shown.view, Card)
    first, second = buttons_of(shown.view)
    await place.press("brook", second.intent)
    await place.settle()
    assert await place.store.rehearsal(SCHOOL) is None
    assert await place.store.rehearsal(OTHER) is not None
    assert place.chat.audience("other-ash")
    assert place.chat.audience("ash") == []
    await place.press("brook", first.intent)
    await place.settle()
    mine = [one for one in place.chat.audience("brook") if one.card.kind == "rehearsal"]
    assert len(mine) == 2
    for message in mine:
        (button,) = buttons_of(message.card)
        assert "it is noted" in said(await place.press("brook", button.intent))
    for school in (SCHOOL, OTHER):
        tried = await place.store.rehearsal(school)
        assert tried is not None
        assert [one.person for one in tried.asked if one.pressed_at] == ["brook"]


# -- what can go wrong with each ------------------------------------------------------------------------


def with_school(place: Town, **changed: object) -> School:
    """Change the school's file, as a start would."""
    school = replace(place.school, **changed)
    place.context.directory.reload({SCHOOL: school})  # type: ignore[attr-defined]
    return school


def nowhere(place: Town) -> None:
    """Let somebody have no account at all."""
    people = {
        **place.school.people,
        PersonId("cam"): replace(place.school.people[PersonId("cam")], accounts={}),
    }
    with_school(place, people=people)


WRONG: dict[str, tuple[Callable[[Town], object], str, str, str]] = {
    "switched off": (
        lambda place: place.chat.gone.add("cam"),
        "Cam Invented",
        "not sent yet, is being tried",
        "The account is switched off. Name somebody else",
    ),
    "blocked": (
        lambda place: place.chat.shut.add("cam"),
        "Cam Invented",
        "not sent yet, is being tried",
        "They have blocked or removed the bot. Look at their account",
    ),
    "in no file": (nowhere, "Dee Imagined", "sent, not pressed yet", "nothing can be sent to them"),
    "a channel that is not there": (
        lambda place: place.chat.channels.pop("leadership"),
        "The leadership channel",
        "could not be posted to",
        "It could not be posted to. It is not there any more. Put the channel right",
    ),
    "a channel that is not private": (
        lambda place: place.chat.unfit.add("leadership"),
        "The leadership channel",
        "could not be posted to",
        "It could not be posted to. It is not private. Put the channel right",
    ),
    "a channel with a guest": (
        lambda place: (
            place.chat.channels.__setitem__("leadership", frozenset({"x"})),
            place.chat.guests.add("x"),
        ),
        "The leadership channel",
        "could not be posted to",
        "A guest who holds no seat is in it.",
    ),
    "a channel that takes nothing": (
        lambda place: place.chat.shut.add("leadership"),
        "The leadership channel",
        "could not be posted to",
        "It could not be posted to. The bot may not use it any more. Put the channel right",
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_said_with_what_to_do(name: str) -> None:
    """Of the one it is about, in plain words; all the others are reached."""
    place = await town()
    spoil, who, stands, do = WRONG[name]
    spoil(place)
    text = await rehearse(place)
    assert line(text, who).endswith(stands), text
    assert do in text
    assert line(text, "Ash Example").endswith("sent, not pressed yet")


@pytest.mark.parametrize(
    ("method", "step"), [("edit", "could not be changed"), ("reply", "could not be answered")]
)
async def test_a_channel_in_which_one_step_fails(method: str, step: str) -> None:
    """What could be done is said, up to what could not; it is not tried by anything else."""
    place = await town()
    place.context.chats[Platform.WEB] = Refusing(place.chat, method)  # type: ignore[assignment]
    text = await rehearse(place)
    assert step in line(text, "The leadership channel")
    assert line(text, "The leadership channel").count("posted · ") == 1
    assert "The platform says “refused”" in text


class Refusing:
    """A platform that refuses one thing in channels."""

    def __init__(self, chat: FakeChat, method: str) -> None:
        self._chat, self._method = chat, method

    def __getattr__(self, name: str) -> object:
        """Return what the platform has, but for one thing."""
        if name == self._method:
            return self._refuse
        return getattr(self._chat, name)

    async def _refuse(self, *_: object, **__: object) -> None:
        raise Permanent("refused", "No.", response=Response.PLACE)


async def test_a_platform_that_is_down_is_said_to_be_tried_and_catches_up() -> None:
    """Nobody is said to have been reached before they were; once it works all have been."""
    place = await town()
    place.chat.outage = Retryable("unreachable", "Down.", after=1.0, response=Response.UNREACHABLE)
    text = await rehearse(place)
    assert "not sent yet, is being tried" in line(text, "Ash Example")
    assert "At this moment the try-out page takes none of our messages" in text
    place.chat.outage = None
    for _ in range(10):
        await place.later(minutes=5)
    text = await rehearse(place, "")
    assert line(text, "Ash Example").endswith("sent, not pressed yet")
    assert line(text, "The leadership channel").endswith("answered in its thread")
    assert "At this moment" not in text
    assert len(place.chat.audience("ash")) == 1


async def test_an_answer_that_was_lost_is_said_as_it_is() -> None:
    """What a platform has perhaps taken is neither *not sent* nor *sent*; ended, it was never answered."""
    place = await town()
    place.chat.outage = Ambiguous("timeout", "No answer came.")
    shown = await rehearse(place)
    assert "went out, but no answer has come: it may be there" in shown
    assert "was written to, but no answer has come" in shown
    assert "not sent yet" not in shown
    ended = await rehearse(place, "end")
    assert "no answer ever came" in ended


async def test_an_e_mail_that_comes_back_was_no_good() -> None:
    """Hours after it was taken: it is said, and what to do."""
    place = await town()
    mail = FakeChat(Platform.EMAIL, can_look_up=False)
    place.context.add_chat(mail)
    everybody_has_mail(place)
    await rehearse(place)
    (key,) = (one.key for one in mail.messages.values() if one.audience == "dsl@school.example")
    await came_back(place)(key)
    text = await rehearse(place, "")
    assert line(text, "Cam Invented").endswith("e-mail: could not be reached")
    assert "The e-mail came back. Look at the address" in text


def came_back(place: Town) -> Callable[[str], Awaitable[None]]:
    """Return what hears of an e-mail that came back."""
    from bot.outbox.came_back import CameBack  # noqa: PLC0415 - here alone

    return CameBack(place.context, place.worker.delivery.after).heard


def everybody_has_mail(place: Town) -> None:
    """Let everybody who has an address be reached by it too."""

    def mailed(one: Person) -> Person:
        return replace(one, accounts={**one.accounts, Platform.EMAIL: one.email}) if one.email else one

    with_school(place, people={who: mailed(one) for who, one in place.school.people.items()})


# -- its end --------------------------------------------------------------------------------------------


@pytest.mark.feature("rehearsal-leaves-nothing")
async def test_nothing_is_left_but_the_audit() -> None:
    """Each message says only that there was one; of what is stored all is as before, but for the audit."""
    place = await town()
    await place.report("brook", ABUSE)
    await place.settle()
    before, messages = await world(place), len(place.chat.messages)
    await rehearse(place)
    await place.press("ash", to_press(place, "ash"))
    assert await world(place) != before
    assert "is being taken away" in await rehearse(place, "end")
    await over(place)
    assert await place.store.rehearsal(SCHOOL) is None
    fresh = list(place.chat.messages.values())[messages:]
    assert {one.card.kind for one in fresh} == {"rehearsal_over", "rehearsed"}
    (told,) = (one for one in fresh if one.card.kind == "rehearsed")
    assert told.audience == "office"
    assert "Pressed: 1 of 8" in told.text
    assert line(told.text, "Cam Invented").endswith("sent, never pressed")
    assert "has been taken away" in told.text
    assert await world(place) == before


async def test_it_ends_by_itself_after_five_days() -> None:
    """Not before; whoever administers is told what came of it, once."""
    place = await town()
    await rehearse(place)
    await place.later(days=LASTS.days, minutes=-1)
    running = await place.store.rehearsal(SCHOOL)
    assert running is not None
    assert running.ended_at is None
    await place.later(minutes=2)
    await over(place)
    assert await place.store.rehearsal(SCHOOL) is None
    assert len(place.messages("office", "rehearsed")) == 1
    assert OVER in place.reads("cam")


async def test_what_cannot_be_taken_away_is_said() -> None:
    """A message that its platform lets nobody change stands: it is said where, and nothing waits for it."""
    place = await town()
    await rehearse(place)
    (stuck,) = place.chat.audience("cam")
    place.chat.frozen.add(stuck.posted.message)
    await rehearse(place, "end")
    await over(place)
    (text,) = place.messages("office", "rehearsed")
    assert "Could not be taken away, as far as is known: Cam Invented (Safeguarding lead (DSL)" in text
    assert await place.store.rehearsal(SCHOOL) is None


async def test_a_platform_that_stays_down_keeps_nobody_waiting_for_ever() -> None:
    """It is tried for two days to take it away, and for two to say what came of it; then all of it goes."""
    place = await town()
    await rehearse(place)
    place.chat.outage = Retryable("unreachable", "Down.", after=1.0, response=Response.UNREACHABLE)
    await rehearse(place, "end")
    await place.later(days=TAKES_AWAY.days, minutes=-30)
    assert await place.store.rehearsal(SCHOOL) is not None
    for _ in range(4):
        await place.later(days=TAKES_AWAY.days)
    assert await place.store.rehearsal(SCHOOL) is None
    assert await place.store.send(SCHOOL, "rehearsal") is None


async def test_what_was_still_to_go_when_it_ended_goes_no_more() -> None:
    """Nobody is asked to press what is over: not when the platform works again either."""
    place = await town()
    place.chat.outage = Retryable("unreachable", "Down.", after=1.0, response=Response.UNREACHABLE)
    await rehearse(place)
    await rehearse(place, "end")
    place.chat.outage = None
    for _ in range(10):
        await place.later(minutes=5)
    assert {one.card.kind for one in place.chat.messages.values()} <= {"rehearsed", "platform"}
    (text,) = place.messages("office", "rehearsed")
    assert "It had not gone out when the rehearsal ended." in text


# -- killed and started again ---------------------------------------------------------------------------


@pytest.mark.feature("rehearsal-restart")
async def test_started_again_in_the_middle_it_goes_on(tmp_path: Path) -> None:
    """Killed after it began, after a press, after the end: nobody is sent two, and all is taken away."""
    store = f"tinydb:{tmp_path / 'reports.db'}"
    place = Town(await open_store(store, key=KEY, opening=Opening.EITHER))
    await place.ask("office", ChatCommand.REHEARSE, "begin")  # and killed before anything went out
    place = await again(place, store)
    await place.settle()
    press = to_press(place, "ash")
    place = await again(place, store)
    await place.press("ash", press)
    await rehearse(place, "end")
    place = await again(place, store)
    assert [len(place.chat.audience(person)) for person in ASKED] == [1] * len(ASKED)
    await over(place)
    place = await again(place, store)
    (text,) = place.messages("office", "rehearsed")
    assert "Pressed: 1 of 8" in text
    assert OVER in place.reads("cam")
    assert await place.store.rehearsal(SCHOOL) is None
    await place.store.close()


async def again(place: Town, store: str) -> Town:
    """End the process and begin another, on the same store, platform and clock."""
    await place.store.close()
    return Town(await open_store(store, key=KEY), chat=place.chat, clock=place.clock)


# -- it counts nowhere, and knows no case ---------------------------------------------------------------


async def test_it_counts_nowhere_and_shows_no_case() -> None:
    """Lists, figures, digest: all as before; and a rehearsal says the same whatever cases there are."""
    alone, busy = await town(), await town()
    await busy.report("brook", {**ABUSE, "violence": "yes"})
    await busy.settle()
    asked = [
        (person, c)
        for person in ("ash", "office")
        for c in (ChatCommand.CASES, ChatCommand.FIGURES, ChatCommand.DIGEST)
    ]
    before = [said(await busy.ask(*one)) for one in asked]
    for place in (alone, busy):
        place.context.new_id = lambda: "01R"
    texts = [await rehearse(place) for place in (alone, busy)]
    assert texts[0] == texts[1]
    assert [said(await busy.ask(*one)) for one in asked] == before
    for person in ASKED:
        mine = [
            [one.text for one in place.chat.audience(person) if one.card.kind == "rehearsal"]
            for place in (alone, busy)
        ]
        assert mine[0] == mine[1]


# -- each September -------------------------------------------------------------------------------------

EARLY, FIRST = (dt.datetime(2026, 9, 3, hour, 30, tzinfo=dt.UTC) for hour in (7, 8))


async def test_each_september_the_administrator_is_told_once() -> None:
    """From nine on the first day the school works, once a year, however often it is started again."""
    place = Town(await open_store("memory:", key=KEY), clock=FakeClock(EARLY))
    found = []
    for hours in (0, 3, 24, 24 * 20, 24 * 347):
        place.clock.pass_by(dt.timedelta(hours=hours))
        looks = September(place.context)
        await looks.look()
        await looks.look()
        await place.settle()
        found.append(len(place.messages("office", "rehearse")))
    assert found == [0, 1, 1, 1, 2]
    assert place.messages("ash", "rehearse") == []


@pytest.mark.parametrize(("days", "told"), [(10, 0), (80, 1)])
async def test_whoever_has_just_rehearsed_is_not_told(days: int, told: int) -> None:
    """One in August is enough; one before the summer term ended is not."""
    place = Town(await open_store("memory:", key=KEY), clock=FakeClock(FIRST - dt.timedelta(days=days)))
    await rehearse(place)
    await rehearse(place, "end")
    await over(place)
    place.clock.at = FIRST
    await September(place.context).look()
    await place.settle()
    assert len(place.messages("office", "rehearse")) == told
