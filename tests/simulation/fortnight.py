"""A fortnight of a school from one seed: what people do, what goes wrong, and the looks in between."""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from functools import partial
from itertools import count
from random import Random
from typing import Any

from bot.outbox.places import EVERY
from flows.errors import UnreadableRow
from flows.model import Action, CaseId
from flows.school import PersonId, Platform
from flows.ui.forms import Choice, Form, Many, TextField, Value
from flows.ui.inbound import Filled, Inbound, Pressed, Receipt, Show, Started
from flows.ui.intents import Act, ChatCommand, Fill, SendReport
from tests.fakes import FakeClock
from tests.simulation.field import NOTICED, Fault, Field, Spell
from tests.simulation.invariants import CAUGHT_UP, Invariants, Span, Violation
from tests.simulation.place import BOTH, CHAIRS, LEADERS, Place
from tests.simulation.shelf import Shelf
from tests.story.test_story import ABUSE
from tests.town import page_values
from tests.virtual_time import in_virtual_time

_OFTEN = (Action.OPEN_RECORD, Action.TAKE_ON)
_ACTIONS = (
    *(Action.CONFLICT, Action.NOTE, Action.CLOSE, Action.KEEP_OUT, Action.CONTACT, Action.REOPEN),
    *(Action.CORRECT, Action.BRING_IN, Action.LEGAL),
)
REPORTERS = ("brook", "jo", "office", "brook", "jo", "bryn", "ash", "ellis")
ANSWERS: tuple[dict[str, Any], ...] = (
    {"nature": ("abusive",), "poster": ("parent_carer",)},
    {"nature": ("genuine_concern",), "poster": ("parent_carer",)},
    {"poster": ("headteacher",), "nature": ("abusive",)},
    {"targets": ("headteacher", "pupil"), "nature": ("untrue_or_inaccurate",)},
    {"staff_allegation": ("headteacher", "chair"), "targets": ("staff",)},
    {"staff_allegation": ("dsl",), "targets": ("pupil",)},
    {"immediate_danger": "yes", "works_here": "no"},
    {"violence": "yes", "targets": ("staff",)},
    {"keep_from": ("headteacher",), "nature": ("abusive",)},
    {"keep_from": ("headteacher", "chair", "vice_chair"), "nature": ("abusive",)},
    {"child_at_risk": "yes", "targets": ("pupil",)},
)
#: How long each trouble lasts: mostly minutes, sometimes hours, seldom days.
_LASTS = (1, 5, 20, 20, 60, 360, 1440)
#: A platform that asks to wait takes things again soon; one that did so for a day would count as out.
_LASTS_BUSY = (1, 1, 5, 20)
_LASTS_ROW = (120, 360, 1440)
_DAYS = dt.timedelta(days=14)
#: How many of each fault a fortnight has at the most.
_MOST = {Fault.TWICE: 3, Fault.LATE: 3}
_SPELLS = (
    *(Fault.OUTAGE, Fault.METHOD, Fault.CHANNEL, Fault.FAILING, Fault.BUSY, Fault.LOST, Fault.REVOKED),
    *(Fault.MESSAGE, Fault.GONE, Fault.PUBLIC, Fault.SHARED),
)
_METHODS = {
    Platform.SLACK: ("chat_postMessage", "chat_update", "conversations_open", "conversations_members"),
    Platform.TEAMS: ("POST", "PUT", "GET"),
}
#: A case whose row did not open is looked at again by then.
_ROW_RESTS = dt.timedelta(hours=2)
Doing = Callable[[], Awaitable[Any]]


class Fortnight:
    def __init__(
        self,
        seed: int,
        *,
        place: type[Place] = Place,
        store: Callable[[], Shelf] = Shelf,
        faults: Collection[Fault] = tuple(Fault),
    ) -> None:
        self.seed, self.faults = seed, tuple(faults)
        self.rng = Random(seed)  # noqa: S311 - nothing secret: a seed has to bring the same fortnight back
        self.clock = FakeClock()
        self.place = place(store(), self.rng, self.clock)
        self.diary: list[tuple[dt.datetime, int, Doing]] = []
        self.order, self.keys = count(), count()
        self.done: list[Inbound] = []
        self.had: Counter[str] = Counter()

    def run(self) -> None:
        """Live through it. Raises a Violation that says which seed it was."""
        try:
            in_virtual_time(self.clock, self._live())
        except Exception as error:
            error.add_note(
                f"Fortnight({self.seed}).run() brings it back: {self.clock.now()}, {dict(self.had)}"
            )
            raise

    async def _live(self) -> None:
        end = self.clock.now() + _DAYS
        self._plan(end)
        self.holds = Invariants(self.place)
        self.place.begin()
        while self.diary:
            moment, _, doing = heapq.heappop(self.diary)
            await self.place.until(moment)
            await doing()
        for field in self.place.fields.values():
            assert field.since() is not None, "a trouble outlasts the fortnight"
        await self.place.until(self.clock.now() + 2 * CAUGHT_UP)
        await self.holds.check()
        await self.place.end()

    # -- what will happen ---------------------------------------------------------------------------

    def _plan(self, end: dt.datetime) -> None:
        rng, now = self.rng, self.clock.now()
        for _ in range(rng.randint(1, 2)):
            self._at(self._moment(now, end), self._report)
        for _ in range(rng.randint(2, 6)):
            self._at(self._moment(now, end), self._lead)
        for _ in range(rng.randint(2, 4)):
            self._at(self._moment(now, end), self._ask)
        for day in range(1, 14):
            self._at(now + dt.timedelta(days=day), self._look)
        for fault in self.faults:
            for _ in range(rng.randint(0, _MOST.get(fault, 1))):
                self._trouble(fault, now, end)

    def _trouble(self, fault: Fault, now: dt.datetime, end: dt.datetime) -> None:
        moment = self._moment(now, end)
        if fault in _SPELLS:
            lasts = dt.timedelta(minutes=self.rng.choice(_LASTS_BUSY if fault is Fault.BUSY else _LASTS))
            field = self.place.fields[self.rng.choice(BOTH)]
            spell = Spell(
                fault=fault,
                platform=field.platform,
                begins=moment,
                ends=min(moment + lasts, end),
                of=self._scope(fault, field),
            )
            field.spells.append(spell)
            if self.rng.random() < 0.3:  # much of it goes wrong while somebody reports
                self._at(moment + lasts * self.rng.random(), self._report)
            if fault in (Fault.PUBLIC, Fault.SHARED):
                self._changes(field, spell.of, spell.begins)
                self._changes(field, spell.of, spell.ends)
                self._at(spell.begins + 2 * CAUGHT_UP, self._look)
            self._at(spell.ends + 2 * CAUGHT_UP, self._look)
            self.had[fault.name] += 1
        else:
            do = {
                Fault.JOINS: self._joins,
                Fault.ROOT: self._root,
                Fault.LATE: self._late,
                Fault.ROW: self._row,
                Fault.TWICE: self._twice,
                Fault.RESTART: self._restart,
                Fault.KILL: self._kill,
            }[fault]
            self._at(moment, do)

    def _changes(self, field: Field, channel: str, moment: dt.datetime) -> None:
        """Let something about a channel change: it is said at once or never, and is looked at in time."""
        if self.rng.random() < 0.5:
            self._at(moment, partial(self._hear, field, channel))
        self._at(moment + EVERY + NOTICED, self._nothing)

    def _scope(self, fault: Fault, field: Field) -> str:
        people = [
            p.accounts[field.platform]
            for p in self.place.school.people.values()
            if field.platform in p.accounts
        ]
        places = (LEADERS[field.platform], CHAIRS[field.platform])
        match fault:
            case Fault.METHOD:
                return self.rng.choice(_METHODS[field.platform])
            case Fault.CHANNEL | Fault.MESSAGE:
                return self.rng.choice((*places, *(name for name in field.places if name not in places)))
            case Fault.GONE:
                return self.rng.choice(people)
            case Fault.PUBLIC | Fault.SHARED:
                return self.rng.choice(places)
            case _:
                return ""

    def _moment(self, now: dt.datetime, end: dt.datetime) -> dt.datetime:
        return now + (end - now) * self.rng.random()

    def _at(self, moment: dt.datetime, doing: Doing) -> None:
        heapq.heappush(self.diary, (moment, next(self.order), doing))

    # -- what people do -----------------------------------------------------------------------------

    async def _report(self) -> None:
        """Somebody reports, from the first page to the receipt, and may leave it before."""
        person, answers = self.rng.choice(REPORTERS), self.rng.choice(ANSWERS)
        reply = await self._do(Started(**self._common(person)))
        for _ in range(25):
            if isinstance(reply, Receipt) or not isinstance(reply, Show) or not isinstance(reply.view, Form):
                break
            if self.rng.random() < 0.01:  # the bell rings
                break
            form = reply.view
            made: Inbound = Filled(
                **self._common(person), intent=form.submit, values=page_values(form, {**ABUSE, **answers})
            )
            if isinstance(form.submit, SendReport):
                made = Pressed(**self._common(person), intent=form.submit)
            reply = await self._do(made)
        if isinstance(reply, Receipt):
            self.had["reports"] += 1
            self._at(self.clock.now() + dt.timedelta(hours=6), self._takes_on)
            for _ in range(3):  # most leaders look soon, some late, some never
                self._at(self.clock.now() + dt.timedelta(minutes=self.rng.expovariate(1 / 40)), self._lead)

    async def _lead(self) -> None:
        """Somebody who is told does something to a case, or tries to."""
        press = self._press()
        reply = await self._do(press) if press is not None else None
        if press is not None and isinstance(reply, Show) and isinstance(reply.view, Form):
            meant = press.intent
            assert isinstance(meant, Act)
            fill = Fill(case=meant.case, action=meant.action, version=meant.version)
            values = {field.name: self._value(field) for field in reply.view.fields}
            key = f"s{next(self.keys)}"
            await self._do(Filled(key=key, actor=press.actor, intent=fill, values=values))

    def _press(self) -> Pressed | None:
        """Return what somebody presses on a case as it is now; a reporter has buttons of their own."""
        cases = [case for case in self.place.cases() if case.holders]
        if not cases:
            return None
        case = self.rng.choice((cases[0], cases[0], *cases))
        lead = [case.holders[case.lead]] * 3 if case.lead in case.holders else []
        person = self.rng.choice([*lead, *case.holders.values(), *case.stand_ins])
        action = self.rng.choice((*_OFTEN, *_OFTEN, *_ACTIONS))
        if self.rng.random() < 0.1:
            person, action = case.report.reporter, self.rng.choice((Action.AMEND, Action.ADD))
        return Pressed(**self._common(person), intent=Act(case=case.id, action=action, version=case.version))

    async def _takes_on(self) -> None:
        """Let everybody who is told look at last: a case that nobody opens is spoken of without end."""
        for case in self.place.cases():
            for person in (*case.holders.values(), *case.stand_ins):
                for action in (Action.OPEN_RECORD, Action.TAKE_ON):
                    intent = Act(case=case.id, action=action, version=case.version)
                    await self._do(Pressed(**self._common(person), intent=intent))

    async def _ask(self) -> None:
        """Somebody asks how things stand."""
        person = self.rng.choice(REPORTERS)
        await self.place.ask(
            person, self.rng.choice((ChatCommand.STATUS, ChatCommand.CASES, ChatCommand.HOME))
        )

    def _value(self, field: Any) -> Value:
        match field:
            case Choice(options=options):
                return self.rng.choice(options).value
            case Many(options=options):
                return (self.rng.choice(options).value,)
            case TextField():
                return "Said by somebody invented."
            case _:
                return "2026-11-24"

    async def _do(self, inbound: Inbound) -> Any:
        """Let somebody do something; a row that does not open is said to be a fault of ours, nothing more."""
        with suppress(UnreadableRow):
            reply = await self.place.service.handle(inbound)
            self.done.append(inbound)
            return reply

    def _common(self, person: str) -> dict[str, Any]:
        return {"key": f"s{next(self.keys)}", "actor": self.place.actor(person)}

    # -- what goes wrong at one moment --------------------------------------------------------------

    async def _look(self) -> None:
        await self.holds.check()

    async def _hear(self, field: Field, channel: str) -> None:
        if field.since() is not None or field.wrong(channel) in (Fault.PUBLIC, Fault.SHARED):
            self.place.hear(field.platform, channel)

    async def _nothing(self) -> None:
        """Do nothing: no nap goes beyond this moment."""

    async def _late(self) -> None:
        """Something that somebody presses comes minutes or days later, after what they did since."""
        press = self._press()
        if press is not None:
            late = dt.timedelta(minutes=self.rng.choice(_LASTS))
            self._at(self.clock.now() + late, partial(self._do, press))
            self.had["LATE"] += 1

    async def _row(self) -> None:
        """Let the row of a case not open for a while as soon as it is there; others report meanwhile."""
        await self._report()
        cases, now = self.place.cases(), self.clock.now()
        if cases:
            case, lasts = cases[0].id, dt.timedelta(minutes=self.rng.choice(_LASTS_ROW))
            self.place.shelf.shut.add(case)
            self.holds.excused[case] = Span(now, now + lasts + _ROW_RESTS)
            self._at(now + lasts * self.rng.random() / 2, self._report)
            self._at(now + lasts * 0.99, self._look)
            self._at(now + lasts, partial(self._opens, case))
            self.had["ROW"] += 1

    async def _opens(self, case: CaseId) -> None:
        self.place.shelf.shut.discard(case)

    async def _twice(self) -> None:
        """Something that somebody did comes a second time, however late."""
        if self.done:
            before = [(case.id, case.events) for case in self.place.cases()]
            again = self.rng.choice(self.done[-30:])
            with suppress(UnreadableRow):
                await self.place.service.handle(again)
            if [(case.id, case.events) for case in self.place.cases()] != before:
                raise Violation(f"done twice: {again}")
            self.had["TWICE"] += 1

    async def _restart(self) -> None:
        await self.place.end()
        self.place.begin()
        self.had["RESTART"] += 1

    async def _kill(self) -> None:
        """Kill it a moment after somebody has reported, while messages are under way."""
        await self._report()
        await self.place.until(self.clock.now() + dt.timedelta(seconds=self.rng.random() * 4))
        await self.place.kill()
        self.place.begin()
        self.had["KILL"] += 1

    async def _joins(self) -> None:
        """Somebody who is kept out of a case comes into the leadership channel, and leaves it again."""
        out = sorted({person for case in self.place.cases() for person in case.recused})
        if not out:
            return
        person = self.place.school.people[PersonId(self.rng.choice(out))]
        for platform, own in person.accounts.items():
            people = self.place.fields[platform].places[LEADERS[platform]]
            if own not in people:
                people[own] = self.clock.now()
                self.had["JOINS"] += 1
                field = self.place.fields[platform]
                self._changes(field, LEADERS[platform], self.clock.now())
                self._at(self.clock.now() + 2 * CAUGHT_UP, self._look)

    async def _root(self) -> None:
        """Somebody deletes the first message of a thread."""
        field = self.place.fields[self.rng.choice(BOTH)]
        roots = [m for m in field.messages.values() if not m.thread and m.place in LEADERS.values()]
        if roots:
            field.delete(self.rng.choice(roots))
            self.had["ROOT"] += 1
