"""A school at work: the real service and worker, the sample school, a fake chat, and a clock we hold.

Everything between a person's press and what another person reads is the product's own code; only the
platform and the time are ours. Used by the story, the access matrix and the crash harness.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from itertools import count

from bot.config.settings import SAMPLE_SCHOOL
from bot.context import AppContext
from bot.directory import SchoolDirectory, leadership_people, restricted_people
from bot.outbox.worker import Worker
from bot.school_file.load import load_schools
from bot.turns.service import Service
from flows.model import Action, Case
from flows.policy.engine import default_policy
from flows.ports import Store
from flows.questions.table import SAFETY_LIST
from flows.school import Platform, SchoolId
from flows.ui.cards import Card, buttons_of
from flows.ui.forms import Form, Many, TextField, Value
from flows.ui.inbound import (
    Actor,
    Asked,
    Filled,
    Pressed,
    Receipt,
    Refuse,
    Reply,
    Show,
    Started,
    Surface,
    Typed,
)
from flows.ui.intents import Act, AnswerPage, ChatCommand, Fill, Intent, SendReport
from flows.ui.plain_text import card_text, form_text
from tests.fakes import FakeChat, FakeClock

SCHOOL = SchoolId("HPS")
_numbers = count(1)


class Town:
    """The sample school with its people at their screens."""

    def __init__(self, store: Store, *, chat: FakeChat | None = None, clock: FakeClock | None = None) -> None:
        """Open the doors on a Tuesday at ten."""
        self.clock = clock or FakeClock()
        directory = SchoolDirectory(load_schools(SAMPLE_SCHOOL))
        self.school = directory.schools[SCHOOL]
        channels = {"leadership": frozenset(leadership_people(self.school))}
        for seat, places in self.school.restricted.items():
            channels[places[Platform.WEB]] = frozenset(restricted_people(self.school, seat))
        self.chat = chat or FakeChat(Platform.WEB, channels=channels)
        self.context = AppContext(
            store=store,
            directory=directory,
            clock=self.clock,
            policy=default_policy(),
            chats={Platform.WEB: self.chat},
            new_id=lambda: f"01TEST{next(_numbers):020d}",
            signing_seed=bytes(32),
            new_code=codes(),
        )
        self.store = store
        self.service = Service(self.context)
        self.worker = Worker(self.context, self.service)

    # -- people -----------------------------------------------------------------------------------

    def actor(self, person: str) -> Actor:
        """Return somebody at their screen."""
        return Actor(platform=Platform.WEB, workspace="", account=person)

    async def press(self, person: str, intent: Intent, *, key: str = "") -> Reply:
        """Let somebody press a button."""
        return await self.service.handle(Pressed(key=key or _key(), actor=self.actor(person), intent=intent))

    async def fill(self, person: str, intent: Intent, values: Mapping[str, Value], *, key: str = "") -> Reply:
        """Let somebody submit a form."""
        filled = Filled(key=key or _key(), actor=self.actor(person), intent=intent, values=dict(values))
        return await self.service.handle(filled)

    async def say(self, person: str, text: str, *, key: str = "") -> Reply:
        """Let somebody type to the bot."""
        return await self.service.handle(Typed(key=key or _key(), actor=self.actor(person), text=text))

    async def ask(self, person: str, command: ChatCommand, argument: str = "") -> Reply:
        """Let somebody ask with a command."""
        asked = Asked(key=_key(), actor=self.actor(person), command=command, argument=argument)
        return await self.service.handle(asked)

    async def start(self, person: str, words: str = "", *, key: str = "") -> Reply:
        """Let somebody begin a report, in a window of its own."""
        started = Started(key=key or _key(), actor=self.actor(person), words=words, surface=Surface.MODAL)
        return await self.service.handle(started)

    async def report(self, person: str, answers: Mapping[str, Value], *, words: str = "") -> Receipt:
        """Let somebody report from the first page to the receipt."""
        reply = await self.start(person, words)
        for _ in range(40):
            if isinstance(reply, Receipt):
                return reply
            form = shown_form(reply)
            if isinstance(form.submit, SendReport):
                reply = await self.press(person, form.submit)
            else:
                reply = await self.fill(person, form.submit, page_values(form, answers))
        raise AssertionError("the report never ended")

    async def act(
        self, person: str, case: Case, action: Action, values: Mapping[str, Value] | None = None
    ) -> Reply:
        """Let a leader press an action and, where it has one, fill in its form."""
        reply = await self.press(person, Act(case=case.id, action=action, version=case.version))
        if values is not None and isinstance(reply, Show) and isinstance(reply.view, Form):
            return await self.fill(person, reply.view.submit, values)
        return reply

    # -- what there is ----------------------------------------------------------------------------

    async def settle(self) -> None:
        """Let the worker do everything that is due now."""
        for _ in range(200):
            if not await self.worker.run_due():
                return
        raise AssertionError("the worker never came to rest")

    async def later(self, **time: float) -> None:
        """Let time pass, then let the worker work."""
        self.clock.pass_by(dt.timedelta(**time))
        await self.settle()

    async def case(self, reference: str = "HPS-2026-001") -> Case:
        """Return a case by its spoken reference."""
        found = await self.store.case_called(SCHOOL, reference)
        assert found is not None, f"no case {reference}"
        return found

    def reads(self, audience: str) -> str:
        """Return what stands in a channel or in somebody's direct messages, as text."""
        return "\n\n".join(f"[{m.card.kind}]\n{m.text}" for m in self.chat.audience(audience))

    def messages(self, audience: str, kind: str) -> list[str]:
        """Return the texts of one kind of message somewhere."""
        return [m.text for m in self.chat.audience(audience) if m.card.kind == kind]


def codes() -> Callable[[], str]:
    """Return codes for references that a test can foretell: 001, 002 and so on."""
    numbers = count(1)
    return lambda: f"{next(numbers):03}"


def _key() -> str:
    return f"k{next(_numbers)}"


def shown_form(reply: Reply) -> Form:
    """Return the form somebody was shown."""
    if isinstance(reply, Refuse):
        raise TypeError(f"refused: {reply.reference} {reply.field} {reply.message}")
    assert isinstance(reply, Show), reply
    if isinstance(reply.view, Card):
        raise TypeError(f"a card: {reply.view.kind}")
    return reply.view


def page_values(form: Form, answers: Mapping[str, Value]) -> dict[str, Value]:
    """Return what somebody who would answer so puts on this page; what is not said is No or nothing."""
    values: dict[str, Value] = {}
    for field in form.fields:
        if field.name == "safety":
            ticked = tuple(key for key in SAFETY_LIST if answers.get(key, "no") != "no")
            values["safety"] = ticked or ("none_of_these",)
        elif field.name in answers:
            values[field.name] = answers[field.name]
        elif isinstance(field, TextField):
            values[field.name] = field.value
        elif isinstance(field, Many):
            values[field.name] = field.alone[:1] or (field.options[0].value,)
        elif hasattr(field, "options"):
            offered = [option.value for option in field.options]
            values[field.name] = "no" if "no" in offered else offered[0]
    return values


def buttons(card: Card) -> list[Intent]:
    """Return what a card lets one press."""
    return [button.intent for button in buttons_of(card)]


def said(reply: Reply) -> str:
    """Return what somebody was answered, as text."""
    match reply:
        case Receipt(card=card):
            return card_text(card)
        case Show(view=Card() as card, note=note):
            return f"{note}\n{card_text(card)}".strip()
        case Show(view=Form() as form, note=note):
            return f"{note}\n{form_text(form)}".strip()
        case Refuse(message=message, hint=hint, form=form):
            return f"{message} {hint}\n{form_text(form) if form else ''}".strip()


__all__ = ["SCHOOL", "AnswerPage", "Fill", "Town", "buttons", "page_values", "said", "shown_form"]
