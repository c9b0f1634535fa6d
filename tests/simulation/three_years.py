"""Three school years from one seed: reports, what becomes of them, and a machine that is off now and then."""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from random import Random

from msgspec.structs import replace

from bot.directory import SchoolDirectory, leadership_people, restricted_people
from bot.outbox.auditor import on_call
from bot.outbox.caps import MOST_A_DAY
from flows.calendar import iso_week, local, next_digest
from flows.case.clock.table import LADDER
from flows.model import Action, Answer, Case, CaseId, Event, EventKind, Message, Posted, Send, Status
from flows.ports import Address
from flows.school import PersonId, Platform, School, Term
from flows.ui.cards import Card, buttons_of
from flows.ui.inbound import Receipt
from flows.ui.intents import Act
from tests.fakes import FakeChat, FakeClock
from tests.simulation.invariants import Violation
from tests.simulation.shelf import Shelf
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town

BEGINS, YEARS = dt.datetime(2026, 9, 1, 7, 0, tzinfo=dt.UTC), 3
REPORTERS = ("brook", "jo", "office")
REPORTS: tuple[dict[str, Answer], ...] = (
    {"nature": ("abusive",), "poster": ("parent_carer",)},
    {"nature": ("genuine_concern",), "poster": ("parent_carer",)},
    {"racist": "yes", "targets": ("pupil",)},
    {"targets": ("headteacher", "pupil"), "nature": ("untrue_or_inaccurate",)},
    {"violence": "yes", "targets": ("staff",)},
    {"child_at_risk": "yes", "targets": ("pupil",)},
)
#: What is filled in for each action; everything else is a task that is done.
FILLED: dict[Action, dict[str, str]] = {
    Action.TOLD_999: {"text": "x"},
    Action.REFERENCE: {"text": "R1"},
    Action.CLEAR_HOLD: {"text": "x"},
    Action.CLOSE: {"outcome": "met", "text": "x"},
}
_DAY, _HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
#: However many waited, a case that nobody has looked at for so long has been through its whole ladder.
_LONG_ENOUGH = dt.timedelta(days=80)
Doing = Callable[[], Awaitable[None]]


def three_years(school: School) -> School:
    """Return the school with its terms until the summer of 2029."""
    terms: list[Term] = []
    for year in range(2026, 2026 + YEARS):
        for first, last, half in (
            ((9, 3), (12, 18), ((10, 26), (10, 30))),
            ((1, 5), (3, 26), ((2, 15), (2, 19))),
            ((4, 12), (7, 21), ((5, 31), (6, 4))),
        ):
            of = year if first[0] == 9 else year + 1
            days = [dt.date(of, *day) for day in (first, last, *half)]
            terms.append(Term(f"{of}-{first[0]}", days[0], days[1], (days[2], days[3])))
    return replace(school, time=replace(school.time, terms=tuple(terms), inset_days=(dt.date(2027, 1, 5),)))


class Watched(FakeChat):
    """A platform that is looked at as each message arrives."""

    look: Callable[[str, Card, str], Awaitable[None]]

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Take it, once it was looked at."""
        await self.look(to.account or to.channel, card, key)
        return await super().send(to, card, key=key, repeat=repeat)

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Take it, once it was looked at."""
        await self.look(self.messages[root.message].audience, card, key)
        return await super().reply(root, card, key=key, broadcast=broadcast, repeat=repeat)


class ThreeYears:
    """``reports`` so many a year; ``place`` may be a broken one, to see that it is noticed."""

    def __init__(self, seed: int, *, reports: int = 8, place: type[Town] = Town) -> None:
        self.seed, self.reports, self.kind = seed, reports, place
        self.rng = Random(seed)  # noqa: S311 - nothing secret: a seed has to bring the same years back
        self.clock, self.store, self.order = FakeClock(BEGINS), Shelf(), count()
        self.diary: list[tuple[dt.datetime, int, Doing]] = []
        self.off: list[tuple[dt.datetime, dt.datetime]] = []
        #: what somebody did of each case, and until when it was put off
        self.done: dict[CaseId, set[str]] = defaultdict(set)
        self.left: dict[CaseId, dt.datetime] = {}
        self.heard: Counter[tuple[dt.date, str]] = Counter()
        self.had: Counter[str] = Counter()
        self.digests: Counter[str] = Counter()
        self.alarmed: Counter[tuple[str, str, dt.date]] = Counter()
        self.chat: Watched | None = None
        self.violation: Violation | None = None

    async def run(self) -> None:
        """Live through them. Raises a Violation that says which seed it was."""
        try:
            await self._live()
        except Exception as error:
            error.add_note(
                f"ThreeYears({self.seed}).run() brings it back: {self.clock.now()}, {dict(self.had)}"
            )
            raise

    async def _live(self) -> None:
        end = BEGINS + YEARS * 365 * _DAY
        self._plan(end)
        await self._start()
        while self.diary:
            moment, _, doing = heapq.heappop(self.diary)
            await self._until(min(moment, end))
            await doing()
        await self._until(end)
        await self._look_back(end)

    # -- the machine --------------------------------------------------------------------------------

    async def _start(self) -> None:
        """Start the bot on what is stored; all that it knew otherwise is gone."""
        place = self.kind(self.store, clock=self.clock, chat=self.chat)
        place.school = three_years(place.school)
        place.context.directory = SchoolDirectory({SCHOOL: place.school})
        if self.chat is None:
            channels = {"leadership": frozenset(leadership_people(place.school))}
            for seat, places in place.school.restricted.items():
                channels[places[Platform.WEB]] = frozenset(restricted_people(place.school, seat))
            self.chat = Watched(Platform.WEB, channels=channels)
            place.context.chats[Platform.WEB] = self.chat
        self.chat.look = self._look
        self.place = place
        await place.worker.begin()
        await self._work()

    async def _work(self) -> None:
        for _ in range(2000):
            await self.place.worker.auditor.look()
            done = await self.place.worker.run_due()
            if self.violation is not None:
                raise self.violation
            if not done:
                return
        raise Violation("the worker never comes to rest")

    async def _until(self, moment: dt.datetime) -> None:
        """Let time pass from one thing that is due to the next."""
        while True:
            due = await self.store.next_due(self.clock.now())
            if due is None or due > moment:
                break
            self.clock.at = max(due, self.clock.now())
            await self._work()
        self.clock.at = max(moment, self.clock.now())

    async def _outage(self, lasts: dt.timedelta) -> None:
        """Switch the machine off; afterwards it is started again."""
        began = self.clock.now()
        self.clock.pass_by(lasts)
        self.off.append((began, self.clock.now()))
        await self._start()
        self.had["outages"] += 1

    async def _sleeps(self, lasts: dt.timedelta) -> None:
        """Let the machine sleep, and go on where it was."""
        began = self.clock.now()
        self.clock.pass_by(lasts)
        self.off.append((began, self.clock.now()))
        await self._work()
        self.had["sleeps"] += 1

    async def _set_back(self) -> None:
        """Somebody sets the clock back by two hours, and nobody puts it right."""
        await self._work()  # it looks every half minute
        self.clock.pass_by(-2 * _HOUR)
        day = local(self.clock.now(), self.place.school.time).date()
        before = sum(n for (state, _, on), n in self.alarmed.items() if (state, on) == ("back", day))
        await self._work()
        after = sum(n for (state, _, on), n in self.alarmed.items() if (state, on) == ("back", day))
        if after - before != len(on_call(self.place.school)):
            raise Violation("nobody hears that the clock was set back")
        self.had["set back"] += 1

    # -- what happens -------------------------------------------------------------------------------

    def _plan(self, end: dt.datetime) -> None:
        rng = self.rng
        for _ in range(self.reports * YEARS):
            self._at(BEGINS + (end - BEGINS) * rng.random() * 0.9, self._report)
        for _ in range(2):
            flood = BEGINS + (end - BEGINS) * rng.random() * 0.8
            for _ in range(6):
                self._at(flood + rng.random() * _DAY, self._report)
        for lasts in (*(_DAY,) * 4, 21 * _DAY, 21 * _DAY):
            self._at(BEGINS + (end - BEGINS) * rng.random() * 0.9, partial(self._outage, lasts))
        self._at(dt.datetime(2027, 12, 20, 15, tzinfo=dt.UTC), partial(self._sleeps, 15 * _DAY))
        for _ in range(12):
            self._at(BEGINS + (end - BEGINS) * rng.random(), self._start)
        self._at(BEGINS + (end - BEGINS) * rng.random() * 0.9, self._set_back)

    def _at(self, moment: dt.datetime, doing: Doing) -> None:
        heapq.heappush(self.diary, (moment, next(self.order), doing))

    async def _report(self) -> None:
        answers = {**ABUSE, **self.rng.choice(REPORTS)}
        reply = await self.place.report(self.rng.choice(REPORTERS), answers)  # type: ignore[arg-type]
        assert isinstance(reply, Receipt)
        await self._work()
        case = max(self.store.whole(), key=lambda one: one.id)
        now, lot = self.clock.now(), self.rng.random()
        self.had["reports"] += 1
        if lot < 0.75:
            self._at(now + self.rng.expovariate(1 / 20) * _HOUR, partial(self._work_on, case.id))
        elif lot < 0.88:
            self._at(now + self.rng.random() * _DAY, partial(self._open, case.id))
            self._leave(case.id)
        else:
            self._leave(case.id)

    def _leave(self, case: CaseId) -> None:
        """Nobody takes it on for months; at last somebody does."""
        self.left[case] = self.clock.now()
        self._at(self.clock.now() + _LONG_ENOUGH, partial(self._at_last, case))
        self.had["left"] += 1

    async def _open(self, called: CaseId) -> None:
        case = await self._case(called)
        await self.place.act(str(self._lead(case)), case, Action.OPEN_RECORD)

    async def _at_last(self, called: CaseId) -> None:
        """Before anybody takes it on: it has been through its whole ladder, and a person has read that."""
        events = await self.store.events(SCHOOL, called)
        if not any(e.kind is EventKind.ESCALATED and e.facts.get("told") == "" for e in events):
            raise Violation(f"{called} never reached the end of its ladder")
        phone = self.place.school.fallback_contact.phone
        assert self.chat is not None
        told = [
            m
            for m in self.chat.messages.values()
            if m.key.startswith(f"{called}/remind/") and phone in m.text
        ]
        if not told:
            raise Violation(f"nobody has read whom to ring about {called}")
        await self._work_on(called)

    async def _case(self, called: CaseId) -> Case:
        case = await self.store.case(SCHOOL, called)
        assert case is not None
        return case

    def _lead(self, case: Case) -> PersonId:
        return case.owner or (case.holders.get(case.lead) if case.lead else None) or case.stand_ins[0]

    async def _work_on(self, called: CaseId) -> None:
        """Do the next thing there is to do, put something off now and then, and come back later."""
        case = await self._case(called)
        if case.status is Status.CLOSED:
            return
        person = str(self._lead(case))
        if case.status is not Status.ACKNOWLEDGED:
            await self.place.act(person, case, Action.TAKE_ON)
        else:
            await self._next_thing(case, person)
        await self._work()
        self._at(self.clock.now() + self.rng.expovariate(1 / 30) * _HOUR, partial(self._work_on, called))

    async def _next_thing(self, case: Case, person: str) -> None:
        names = [name for name, alarm in case.alarms.items() if alarm.next is not None and name != LADDER]
        if names and self.rng.random() < 0.1:
            until = (local(self.clock.now(), self.place.school.time) + 3 * _DAY).date().isoformat()
            values = {"which": self.rng.choice(names), "until": until, "text": "x"}
            await self.place.act(person, case, Action.SNOOZE, values)
            self.had["put off"] += 1
            return
        name = self.rng.choice(names) if names else ""
        bodies = {duty.body: duty for duty in case.duties if duty.decided is None}
        if name in bodies:
            values = {"contacted": self.rng.choice(("yes", "no")), "how": "phone", "why": "x"}
            values |= {"when": local(self.clock.now(), self.place.school.time).date().isoformat()}
            values = values if values["contacted"] == "yes" else {"contacted": "no", "why": "x"}
            await self.place.act(person, case, Action(name), values)
        elif name.startswith("reference_"):
            await self.place.act(
                person, case, Action.REFERENCE, {"which": name.removeprefix("reference_"), "text": "R1"}
            )
        elif name.startswith("support_"):
            day = local(self.clock.now(), self.place.school.time).date().isoformat()
            again = self.rng.choice(("no", "week"))
            values = {"which": name, "how": "phone", "when": day, "again": again, "text": "x"}
            await self.place.act(person, case, Action.CARE, values)
        elif name == "call_999":
            await self.place.act(person, case, Action.TOLD_999, FILLED[Action.TOLD_999])
        elif name:
            await self.place.act(person, case, Action.TASK, {"which": name, "became": "done", "text": ""})
        elif case.hold:
            agreed = "dsl" if case.hold_safeguarding else str(case.lead)
            await self.place.act(person, case, Action.CLEAR_HOLD, {"agreed": agreed, "text": "x"})
        else:
            await self.place.act(person, case, Action.CLOSE, FILLED[Action.CLOSE])
        after = await self._case(case.id)
        if name and after.version != case.version:
            self.done[case.id].add(name)
            self.had["done"] += 1
        if after.status is Status.CLOSED:
            self.had["closed"] += 1

    # -- what must be so ----------------------------------------------------------------------------

    async def _look(self, audience: str, card: Card, key: str) -> None:
        """Look at a message as it arrives; the worker goes on whatever stumbles, so what is wrong is kept."""
        try:
            await self._arrives(audience, card, key)
        except Violation as violation:
            self.violation = self.violation or violation

    async def _arrives(self, audience: str, card: Card, key: str) -> None:
        """Look at a message as it arrives."""
        send = await self.store.send(SCHOOL, key)
        assert send is not None
        day = local(self.clock.now(), self.place.school.time).date()
        if send.message is Message.DIGEST:
            self.digests[send.facts["week"]] += 1
        if send.message is Message.CLOCK:
            self.alarmed[send.facts["state"], audience, day] += 1
            if self.alarmed[send.facts["state"], audience, day] > 1:
                raise Violation(f"said twice that the clock was wrong: {audience} {day}")
        if send.message is Message.REMINDER:
            await self._not_after_it_was_done(send, card)
        event = await self._event(send)
        by_clock = send.message in (Message.REMINDER, Message.MORE_WAITS) or (
            event is not None and event.kind in (EventKind.REMINDED, EventKind.ESCALATED, EventKind.OVERDUE)
        )
        if by_clock and send.person and not send.urgency.presses:
            self.heard[day, send.person] += 1
            self.had["heard"] += 1
            if self.heard[day, send.person] > MOST_A_DAY:
                raise Violation(f"{send.person} hears more than {MOST_A_DAY} times on {day}")

    async def _event(self, send: Send) -> Event | None:
        if send.case is None or not send.event:
            return None
        events = await self.store.events(SCHOOL, send.case)
        return next((one for one in events if one.seq == send.event), None)

    async def _not_after_it_was_done(self, send: Send, card: Card) -> None:
        """Assert that a reminder asks for nothing that somebody has done: by its own buttons."""
        assert send.case is not None
        case = await self._case(send.case)
        if case.status is Status.CLOSED:
            raise Violation(f"a reminder of a closed case: {send.key}")
        self.had["reminders"] += 1
        for button in buttons_of(card):
            if isinstance(button.intent, Act):
                name = button.intent.which or button.intent.action.value
                name = f"reference_{name}" if button.intent.action is Action.REFERENCE else name
                # A later request to take it down asks for another look; and they may be asked how they are.
                again = name == "still_up" or name.startswith("support_")
                if name in self.done[send.case] and not again:
                    raise Violation(f"a reminder of what was done: {name} in {send.key}")
                if button.intent.action is Action.TAKE_ON and case.owner is not None:
                    raise Violation(f"a reminder to take on what is taken on: {send.key}")

    async def _look_back(self, end: dt.datetime) -> None:
        """Look at the years as a whole: each digest once, and each alarm has its timer."""
        school, moment = self.place.school, BEGINS
        missed: dict[dt.datetime, str] = {}
        while (moment := next_digest(school, moment)) < end - 7 * _DAY:
            week = iso_week(moment, school)
            gone = next((back for off, back in self.off if off <= moment <= back), None)
            if gone is not None:
                missed[gone] = week  # of several that fell due while nobody ran the last one goes out
            elif self.digests[week] != 1:
                raise Violation(f"{self.digests[week]} digests of {week}")
        for week in missed.values():
            if self.digests[week] != 1:
                raise Violation(f"{self.digests[week]} digests of {week}, which was late")
        timers = await self.store.due_timers(end + 400 * _DAY, most=100_000)
        kept = {(timer.case, timer.about): timer.due for timer in timers if timer.about}
        wanted = {
            (case.id, name): alarm.next
            for case in self.store.whole()
            for name, alarm in case.alarms.items()
            if name != LADDER and alarm.next is not None
        }
        if kept != wanted:
            raise Violation(f"alarms and timers do not agree: {set(kept.items()) ^ set(wanted.items())}")
