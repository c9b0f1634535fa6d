"""Anybody does anything, in any order, while the platform fails and time passes: what always holds."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from flows.model import Action
from flows.ports import Store
from flows.ui.forms import Form
from flows.ui.inbound import (
    Asked,
    Filled,
    Inbound,
    Noted,
    Pressed,
    Receipt,
    Show,
    Started,
    Surface,
    Typed,
    Uploaded,
)
from flows.ui.intents import Act, AnswerPage, ChatCommand, Fill, SendReport
from storage.open import Opening, open_store
from tests.fakes import Failure
from tests.fuzz.crowd import WORDS, Crowd
from tests.fuzz.holds import PEOPLE
from tests.town import SCHOOL, page_values

people = st.sampled_from(PEOPLE)
seeds = st.integers(0, 2**32 - 1).map(Random)
TIMES = ({"minutes": 3}, {"minutes": 25}, {"hours": 9}, {"days": 1}, {"days": 8}, {"days": 31}, {"days": 125})
#: Answers that lead to every kind of case; what is left open is filled in at random.
LEANINGS: tuple[dict[str, Any], ...] = (
    {"nature": ("abusive",)},
    {"poster": ("headteacher",)},
    {"targets": ("headteacher", "pupil"), "nature": ("untrue_or_inaccurate",)},
    {"staff_allegation": ("headteacher", "chair"), "targets": ("staff",)},
    {"immediate_danger": "yes", "works_here": "no"},
    {"safety": ("none_of_these",), "immediate_danger": "no", "nature": ("genuine_concern",)},
    {"safety": ("none_of_these",), "immediate_danger": "no", "poster": ("parent_carer",)},
    {"keep_from": ("headteacher", "chair", "vice_chair"), "safety": ("none_of_these",)},
    {"reporter_link": ("is_poster",), "safety": ("violence",), "violence": "yes"},
)


class Anything(RuleBasedStateMachine):
    url = "memory:"

    def __init__(self) -> None:
        """Open a town on a store of its own."""
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.place = self.url.replace("PATH", str(Path(self.folder.name) / "school.db"))
        self.crowd = Crowd(self.open())

    def open(self) -> Store:
        """Return a store of its own."""
        found: Store = self.run(open_store(self.place, key=bytes(32), opening=Opening.EITHER))
        return found

    def run(self, step: Any) -> Any:
        """Let the loop run until it is done."""
        return self.loop.run_until_complete(step)

    def hand_in(self, person: str, inbound: Inbound) -> Any:
        """Hand something in for somebody."""
        return self.run(self.crowd.do(person, inbound))

    def common(self, person: str, rng: Random) -> dict[str, Any]:
        """Return what every delivery has."""
        return {
            "key": self.crowd.key(),
            "actor": self.crowd.town.actor(person),
            "surface": rng.choice((Surface.MESSAGE, Surface.MODAL)),
        }

    @rule(person=people, rng=seeds)
    def start(self, person: str, rng: Random) -> None:
        """Begin a report, or go on with one."""
        words = self.crowd.text(rng) if rng.random() < 0.7 else ""
        self.hand_in(person, Started(**self.common(person, rng), words=words))

    @rule(person=people, rng=seeds, leaning=st.sampled_from(LEANINGS))
    def report(self, person: str, rng: Random, leaning: dict[str, Any]) -> None:
        """Go on to the end of a report."""
        reply = self.hand_in(person, Started(**self.common(person, rng), words=""))
        for _ in range(25):
            if not isinstance(reply, Show) or not isinstance(reply.view, Form):
                return
            form = reply.view
            tame = page_values(form, leaning) if rng.random() < 0.8 else self.crowd.filled(form, rng)
            values = {**tame, **{f.name: leaning[f.name] for f in form.fields if f.name in leaning}}
            if "words" in values:
                values["words"] = f"{values['words']} {self.crowd.text(rng)}".strip()
            made = Filled(**self.common(person, rng), intent=form.submit, values=values)
            reply = self.hand_in(person, made)
            if isinstance(reply, Receipt):
                return

    @rule(rng=seeds, wild=st.booleans())
    def page(self, rng: Random, wild: bool) -> None:  # noqa: FBT001 - hypothesis names it
        """Let a form that somebody was shown come back, perhaps late, perhaps from somebody else."""
        if not self.crowd.forms:
            return
        owner, form = rng.choice(self.crowd.forms[-6:] if rng.random() < 0.7 else self.crowd.forms)
        person = owner if rng.random() < 0.85 else rng.choice(PEOPLE)
        made = Filled(
            **self.common(person, rng), intent=form.submit, values=self.crowd.filled(form, rng, wild=wild)
        )
        self.hand_in(person, made)

    @rule(person=people, rng=seeds)
    def press(self, person: str, rng: Random) -> None:
        """Press a button that anybody was ever shown."""
        self.hand_in(person, Pressed(**self.common(person, rng), intent=rng.choice(self.crowd.intents)))

    @rule(person=people, rng=seeds)
    def typed(self, person: str, rng: Random) -> None:
        """Type something."""
        text = rng.choice(WORDS) if rng.random() < 0.6 else self.crowd.text(rng)
        self.hand_in(person, Typed(**self.common(person, rng), text=text))

    @rule(person=people, rng=seeds, action=st.sampled_from(Action))
    def leader(self, person: str, rng: Random, action: Action) -> None:
        """Try an action on a case."""
        self.act(person, rng, action)

    def act(self, person: str, rng: Random, action: Action) -> None:
        """Press a leader's button and fill in what it asks for: right, wrong or stale."""
        cases = self.run(self.crowd.cases())
        if not cases:
            return
        case = rng.choice(cases)
        if rng.random() < 0.8:
            lead = [case.holders[case.lead]] * 3 if case.lead in case.holders else []
            person = rng.choice([*lead, *case.holders.values(), *case.stand_ins, case.report.reporter])
        version = case.version - (rng.random() < 0.1)
        act = Pressed(**self.common(person, rng), intent=Act(case=case.id, action=action, version=version))
        reply = self.hand_in(person, act)
        if isinstance(reply, Show) and isinstance(reply.view, Form):
            values = self.crowd.filled(reply.view, rng, wild=rng.random() < 0.2)
            fill = Fill(case=case.id, action=action, version=version)
            self.hand_in(person, Filled(**self.common(person, rng), intent=fill, values=values))

    @rule(rng=seeds)
    def shift(self, rng: Random) -> None:
        """Let leaders work on their cases for a while."""
        for _ in range(6):
            self.act(rng.choice(PEOPLE), rng, rng.choice(list(Action)))
            if rng.random() < 0.3:
                self.run(self.crowd.town.settle())
            self.run(self.crowd.check())

    @rule(person=people, rng=seeds)
    def upload(self, person: str, rng: Random) -> None:
        """Send files, to a draft or a case."""
        cases = self.run(self.crowd.cases())
        case = rng.choice(cases).id if cases and rng.random() < 0.5 else ""
        self.hand_in(person, Uploaded(**self.common(person, rng), files=self.crowd.upload(rng), case=case))

    @rule(person=people, rng=seeds, command=st.sampled_from(ChatCommand))
    def ask(self, person: str, rng: Random, command: ChatCommand) -> None:
        """Ask with a command."""
        argument = rng.choice(("", "HPS-2026-001", "hps-2026-002", "\ud800", "x" * 5000))
        self.hand_in(person, Asked(**self.common(person, rng), command=command, argument=argument))

    @rule(person=people, rng=seeds)
    def note(self, person: str, rng: Random) -> None:
        """Write into a thread."""
        roots = list(self.crowd.town.chat.messages.values())
        if roots:
            posted = rng.choice(roots).posted
            made = Noted(
                **self.common(person, rng),
                channel=posted.channel,
                thread=posted.thread or posted.message,
                text=self.crowd.text(rng),
            )
            self.hand_in(person, made)

    @rule(rng=seeds)
    def again(self, rng: Random) -> None:
        """Deliver something a second time."""
        if not self.crowd.sent:
            return
        old = rng.choice(self.crowd.sent[-20:])
        key = f"{old.actor.platform}:{old.key}"
        if self.run(self.crowd.town.store.handled(SCHOOL, key)) is None:
            return
        before = self.run(self.crowd.snapshot())
        self.run(self.crowd.town.service.handle(old))
        assert self.run(self.crowd.snapshot()) == before, "the same delivery twice changed something"

    @rule(rng=seeds)
    def late(self, rng: Random) -> None:
        """Deliver something once more, out of its order."""
        if self.crowd.sent:
            old = rng.choice(self.crowd.sent)
            if not isinstance(getattr(old, "intent", None), AnswerPage | SendReport):
                self.hand_in(old.actor.account, old)

    @rule(time=st.sampled_from(TIMES))
    def time_passes(self, time: dict[str, float]) -> None:
        """Let time pass."""
        self.run(self.crowd.later(**time))

    @rule(failures=st.lists(st.sampled_from((*Failure, None)), min_size=1, max_size=6))
    def fail(self, failures: list[Failure | None]) -> None:
        """Let the platform fail in the next calls."""
        self.crowd.town.chat.fail(*failures)

    @rule()
    def work(self) -> None:
        """Let the worker work."""
        self.run(self.crowd.town.settle())

    @rule()
    def calm(self) -> None:
        """Let everything come to rest."""
        self.run(self.crowd.calm())

    @invariant()
    def holds(self) -> None:
        """Check what must be so after every step."""
        self.run(self.crowd.check())

    def teardown(self) -> None:
        """Check once more at rest, then close."""
        try:
            self.run(self.crowd.calm())
            self.run(self.crowd.check())
        finally:
            self.run(self.crowd.town.store.close())
            self.loop.close()
            self.folder.cleanup()
