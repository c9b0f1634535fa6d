"""What a card of a case offers, says first and leaves out."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.case.actions import table as do
from flows.case.checklist.names import pressing
from flows.case.commands import Escalate
from flows.messages import checklist, templates
from flows.messages.phrases import kind, seat_of
from flows.model import Action, Level, Status, Urgency
from flows.school import Seat
from flows.ui.cards import Bullets, Callout, Card, Facts, Line, Tone, buttons_of
from flows.ui.intents import Act
from flows.ui.plain_text import card_text
from flows.words import say
from tests.flows.examples import (
    DANGER,
    led_by_nobody,
)
from tests.flows.matter import (
    ABUSE,
    AT,
    DEPUTY,
    DSL,
    HEAD,
    QUESTION,
    REPORTER,
    SCHOOL,
    THREAT,
    VICE,
    Matter,
)

# -- what a card offers, and how it feels ------------------------------------------------------------


def offered(card: Card) -> list[Action]:
    """Return the actions a card's buttons are for."""
    return [button.intent.action for button in buttons_of(card) if isinstance(button.intent, Act)]


def test_what_is_offered_follows_the_case() -> None:
    """A decision is offered while it is owed, contact while nothing holds it."""
    matter = Matter(THREAT)
    first = offered(templates.case_card(matter.case, SCHOOL, AT))
    assert {Action.TAKE_ON, Action.LEGAL, Action.POLICE} <= set(first)
    assert not {
        Action.CONTACT,
        Action.MEETING,
        Action.HOLD,
        Action.TOLD_999,
        Action.CLOSE,
        Action.CLEAR_HOLD,
    } & set(first)
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.RecordPolice(contacted=False, why="x"), HEAD)
    then = offered(checklist.more(matter.case, SCHOOL, HEAD))
    assert {Action.CONTACT, Action.MEETING, Action.HOLD, Action.CLOSE} <= set(then)
    assert not {Action.TAKE_ON, Action.POLICE, Action.CLEAR_HOLD} & set(then)
    assert Action.TAKE_ON not in offered(templates.notice(matter.case, SCHOOL, HEAD, AT))
    assert offered(templates.notice(matter.case, SCHOOL, VICE, AT)) == []
    assert Action.TOLD_999 in offered(templates.case_card(Matter(DANGER).case, SCHOOL, AT))


def test_a_stand_in_is_asked_until_somebody_answers() -> None:
    """*Please take this on* stands on a stand-in's card while nobody has; then what they are instead."""
    matter = Matter(THREAT)
    matter.do(Escalate())
    asks = "Nobody has answered"
    assert asks in card_text(templates.notice(matter.case, SCHOOL, DEPUTY, AT))
    matter.do(do.TakeOn(), DEPUTY)
    taken = card_text(templates.notice(matter.case, SCHOOL, DEPUTY, AT))
    assert "You have taken this on for the Headteacher." in taken
    matter.do(do.TakeOn(), HEAD)
    assert asks not in card_text(templates.notice(matter.case, SCHOOL, DEPUTY, AT))


@pytest.mark.parametrize(
    ("urgency", "tone"),
    [
        (Urgency.EMERGENCY, Tone.DANGER),
        (Urgency.URGENT, Tone.DANGER),
        (Urgency.SAME_DAY, Tone.CAUTION),
        (Urgency.TWO_WORKING_DAYS, Tone.PLAIN),
        (Urgency.ROUTINE, Tone.PLAIN),
    ],
)
def test_how_a_card_feels(urgency: Urgency, tone: Tone) -> None:
    """A card feels as urgent as its case, until the case is closed."""
    case = Matter(ABUSE).case
    hurried = replace(case, decision=replace(case.decision, urgency=urgency))
    assert templates.case_card(hurried, SCHOOL, AT).tone is tone
    shut = replace(hurried, status=Status.CLOSED, hold="x")
    card = templates.case_card(shut, SCHOOL, AT)
    assert card.tone is Tone.GOOD
    assert not any(isinstance(block, Callout | Bullets) for block in card.blocks), "nothing is asked any more"


def test_what_cannot_wait_is_said_first() -> None:
    """Ringing 999 comes before keeping a screenshot, whatever the alphabet says."""
    assert pressing(["behaviour_policy_route", "do_not_reply", "hold_contact_with_poster", "call_999"]) == [
        "call_999",
        "hold_contact_with_poster",
        "behaviour_policy_route",
        "do_not_reply",
    ]
    conduct = ["staff_conduct_route", "staff_conduct_route_later_if_cleared", "whistleblowing_check"]
    assert pressing(conduct)[0] == "whistleblowing_check", "conduct comes after it"


def test_what_the_school_left_empty_is_said() -> None:
    """A number that was never filled in is a line that says so; an alert without numbers has none."""
    empty = replace(
        SCHOOL, lado=type(SCHOOL.lado)(), legal=type(SCHOOL.legal)(), fallback_contact=type(SCHOOL.lado)()
    )
    said = card_text(templates.notice(Matter(DANGER).case, empty, DSL, AT))
    assert say("message.not_filled_in") in said
    assert say("message.nobody_leads") in card_text(templates.notice(led_by_nobody(), empty, HEAD, AT))
    mute = {who: replace(person, phone="") for who, person in SCHOOL.people.items()}
    alert = templates.first_alert(replace(SCHOOL, people=mute))
    assert not any(isinstance(block, Facts) for block in alert.blocks)


def test_a_decision_only_on_legal_or_without_advice() -> None:
    """A receipt leaves out what there is none of: nobody to decide, no advice, no actions."""
    case = Matter(QUESTION).case
    plain = replace(case, decision=replace(case.decision, levels={}, actions=()))
    said = card_text(templates.receipt(plain, SCHOOL, AT))
    assert say("message.for_you") not in said
    assert say("message.considered") not in said
    for draw in (templates.case_card(plain, SCHOOL, AT), templates.notice(plain, SCHOOL, HEAD, AT)):
        assert not any(isinstance(block, Line) for block in draw.blocks)
    bare = replace(plain, decision=replace(plain.decision, reasons=()))
    assert say("message.clauses") not in card_text(templates.case_card(bare, SCHOOL, AT))
    assert kind(bare) == say("kind.concern")


def test_999_asks_for_the_police_alone() -> None:
    """With 999 as the level there is one line on the police: to ring, then to record as the decision."""
    matter = Matter(DANGER)
    assert matter.case.decision.levels["police"] is Level.CALL_999_NOW
    owed = say("task.after_999").removesuffix(".")
    first = card_text(templates.case_card(matter.case, SCHOOL, AT))
    assert say("task.next", what=say("action.call_999")) in first
    assert owed not in first, "one line speaks of 999"
    matter.do(do.Confirm999("x"), DSL)
    card = templates.case_card(matter.case, SCHOOL, AT)
    assert owed in card_text(card), "the lead records it"
    assert Action.TOLD_999 not in offered(card), "and nobody is asked to ring a second time"
    assert matter.case.lead is not None
    lead = matter.case.holders[matter.case.lead]
    matter.do(do.Confirm999("x"), lead)
    assert owed not in card_text(templates.case_card(matter.case, SCHOOL, AT))


def test_what_somebody_is_in_a_case() -> None:
    """People are what they are in the case, who was called in what they are in the school; else somebody."""
    case = replace(Matter(ABUSE).case, stand_ins=(DEPUTY,))
    found = [seat_of(case, who, SCHOOL) for who in (HEAD, DEPUTY, REPORTER, VICE, None)]
    assert found == ["Headteacher", "Deputy headteacher", "The reporter", "Somebody", "Somebody"]
    seats = {seat: people for seat, people in SCHOOL.seats.items() if seat is not Seat.DEPUTY_HEADTEACHER}
    second = replace(SCHOOL, seats={**seats, Seat.HEADTEACHER: (HEAD, DEPUTY)})
    assert seat_of(case, DEPUTY, second) == "Stand-in for the seat “Headteacher”"
    assert seat_of(case, DEPUTY, replace(SCHOOL, seats=seats)) == "The stand-in"


def test_several_who_were_called_in_are_told_apart() -> None:
    """Each is named once, by a seat of their own, to the reporter and on the card; nobody twice."""
    case = replace(Matter(ABUSE).case, stand_ins=(DEPUTY, DSL, VICE))
    for card in (templates.receipt(case, SCHOOL, AT), templates.case_card(case, SCHOOL, AT)):
        (told,) = [
            v for block in card.blocks if isinstance(block, Facts) for k, v in block.pairs if "told" in k
        ]
        assert told == "Headteacher, Deputy headteacher, Safeguarding lead (DSL), Vice-chair of governors"


def test_two_who_stand_in_for_one_seat_are_said_once() -> None:
    """Where nothing tells them apart, the words stand once."""
    seats = {Seat.HEADTEACHER: (HEAD, DEPUTY, VICE)}
    case = replace(Matter(ABUSE).case, stand_ins=(DEPUTY, VICE))
    text = card_text(templates.case_card(case, replace(SCHOOL, seats=seats), AT))
    assert text.count("Stand-in for the seat “Headteacher”") == 2, "told once, and to be rung"
