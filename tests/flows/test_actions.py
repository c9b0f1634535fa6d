"""Whatever can be done is offered to somebody, somewhere: no action is there for nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.actions.table import ACTIONS
from flows.case.commands import Escalate, SayItGoes
from flows.messages import checklist, templates
from flows.messages.beside import Beside
from flows.messages.record import record
from flows.model import Action, Body, EventKind, Linking, Outcome, Status
from flows.ui.cards import Buttons, Card, buttons_of
from flows.ui.intents import Act, decode, encode
from flows.words import known
from tests.flows.examples import DANGER
from tests.flows.matter import (
    ABUSE,
    AT,
    CHILD,
    DEPUTY,
    DSL,
    HEAD,
    QUESTION,
    REPORTER,
    SCHOOL,
    THREAT,
    Matter,
    by_form,
)

#: Another case that this one is linked with.
LINKED = Beside(links=((Matter(ABUSE).case, (Linking(linked=True, by=HEAD, at=AT),)),))
PEOPLE = (HEAD, DEPUTY, DSL, REPORTER)


def reachable() -> Iterator[Matter]:
    """Return cases in every status, with and without a hold, as people and the clock bring them there."""
    for answers in (QUESTION, ABUSE, THREAT, CHILD, DANGER):
        yield Matter(answers)
        late = Matter(answers)
        late.do(Escalate())
        yield late
        taken = Matter(answers)
        taken.do(do.TakeOn(), HEAD)
        yield taken
    yield Matter(ABUSE, drill=True)
    yield Matter({"sexual_imagery_child": "yes"})
    chased = Matter(ABUSE)
    chased.do(do.RecordLegal(contacted=True, how="phone", when="2026-11-24", why="x"), HEAD)
    yield chased
    mistaken = Matter(CHILD)
    mistaken.do(do.TakeOn(), HEAD)
    mistaken.do(do.Close(Outcome.MISTAKE, "x"), HEAD)
    yield mistaken
    over = Matter(QUESTION)
    over.do(do.TakeOn(), HEAD)
    over.do(do.Close(Outcome.INVITED, "x"), HEAD)
    over.do(SayItGoes(AT.date()))
    yield over
    held = Matter(ABUSE)
    held.do(do.LegalHold("x"), HEAD)
    yield held
    out = Matter({**ABUSE, "keep_from": ("chair",)})
    yield out
    talked = Matter(ABUSE, policy=by_form("talk_first"))
    talked.do(do.TakeOn(), HEAD)
    yield talked
    refused = Matter(ABUSE, policy=by_form("talk_first"))
    refused.do(do.TakeOn(), HEAD)
    refused.do(do.RecordContact("phone", "2026-11-24", "x", ended="asked_and_refused"), HEAD)
    yield refused
    told_by_email = Matter(ABUSE)
    told_by_email.case = replace(told_by_email.case, cards=(f"{told_by_email.case.id}/notice/email:{HEAD}",))
    yield told_by_email
    ended = Matter(QUESTION)
    ended.do(do.TakeOn(), HEAD)
    ended.do(do.Close(Outcome.MET, "x"), HEAD)
    yield ended


def shown_to(matter: Matter) -> Iterator[tuple[Card, str]]:
    """Return every card of a case that carries buttons, with whom it is shown to."""
    yield templates.case_card(matter.case, SCHOOL, AT), HEAD
    yield templates.receipt(matter.case, SCHOOL, AT), REPORTER
    for person in PEOPLE[:3]:
        yield templates.notice(matter.case, SCHOOL, person, AT), person
        yield checklist.more(matter.case, SCHOOL, person), person
        yield record(matter.case, matter.events, SCHOOL, person, beside=LINKED), person


def offers_on(card: Card) -> Iterator[Action]:
    """Return the actions that the buttons of a card are for."""
    for button in buttons_of(card):
        if isinstance(button.intent, Act):
            yield button.intent.action


@pytest.mark.parametrize("action", Action)
@pytest.mark.unwatched
def test_every_action_is_offered_to_somebody_who_may(action: Action) -> None:
    """In some case that people can get to, a button for it stands before somebody who may press it."""
    pressable = [
        matter
        for matter in reachable()
        for card, person in shown_to(matter)
        if action in offers_on(card) and access.may_do(matter.case, person, SCHOOL, action)
    ]
    assert pressable, f"{action} stands on no card of anybody who may: see `on`, `worth` and `needs`"
    assert all(matter.case.status in ACTIONS[action].declared.leads_to for matter in pressable)


@pytest.mark.parametrize("action", Action)
def test_every_action_has_its_words(action: Action) -> None:
    """A button, and where there is a form its title and what sends it, are said."""
    assert known(f"button.{action}")
    if ACTIONS[action].declared.fields is not None:
        assert known(f"form.{action}.title")
        assert known(f"form.{action}.submit")


def test_every_action_leaves_an_event_of_its_own() -> None:
    """Two actions never leave the same event, but for duties and closing; what shows or links leaves none."""
    left = {action: kind.declared.event for action, kind in ACTIONS.items()}
    nothing = [action for action, event in left.items() if event is None]
    assert nothing == [
        Action.OPEN_RECORD,
        Action.MORE,
        Action.PLAN,
        Action.LINK,
        Action.UNLINK,
        Action.CHRONOLOGY,
    ]
    several = {
        *Body,
        Action.OWN,
        Action.COUNTERSIGN,
    }  # a duty is recorded, and a case closed, whoever it is owed to
    assert len(set(left.values()) - {None}) == len(left) - len(nothing) - len(several) + 1
    assert set(left.values()) - {None} <= set(EventKind)


def test_a_row_of_buttons_has_one_order() -> None:
    """Whatever the case, buttons stand in the order of the table."""
    order = list(ACTIONS)
    for matter in reachable():
        row = checklist.more(matter.case, SCHOOL, HEAD).blocks[-1]
        assert isinstance(row, Buttons)
        found = [one.intent.action for one in row.buttons if isinstance(one.intent, Act)]
        assert found == sorted(found, key=order.index)


#: What stood in a button of a channel before actions were declared: it must be understood for ever.
POSTED = [
    ("take_on", "conflict", "note", "hold", "clear_hold", "contact", "meeting", "legal", "police"),
    ("correct", "add", "close", "reopen", "open_record", "show_reporter", "told_999"),
]


@pytest.mark.parametrize("word", [word for words in POSTED for word in words])
def test_a_button_that_was_posted_is_understood(word: str) -> None:
    """A button in a channel is read as it was written, whatever has become of the code since."""
    raw = f'{{"type":"c","case":"01JD00000000000000000CASE0","action":"{word}","version":3}}'
    intent = decode(raw)
    assert isinstance(intent, Act)
    assert intent.action in ACTIONS
    assert encode(intent) == raw


@pytest.mark.parametrize("status", Status)
def test_a_case_in_every_status_is_reached(status: Status) -> None:
    """The cases looked at here stand in every status there is."""
    assert any(matter.case.status is status for matter in reachable())
