"""What goes by e-mail says that there is something, and no more: whoever else reads it learns nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.case.actions import table as do
from flows.case.context import Command
from flows.delivery import outbox
from flows.messages.mail.mailed import mailed
from flows.messages.templates import written
from flows.model import EventKind, Message, Outcome, SendState, Way
from flows.school import Contact, PersonId, Platform
from flows.ui.cards import Callout, Dated, Facts, Line, Link, Quote, buttons_of
from flows.ui.plain_text import card_text
from flows.words import say
from tests.flows.examples import events, occasion, worked
from tests.flows.mailed import LINK, MAILED_CARDS, SPOKEN, by_email, everything
from tests.flows.matter import (
    ABUSE,
    CHAIR,
    HEAD,
    REPORTER,
    SCHOOL,
    SECRET,
    THREAT,
    Matter,
)

#: What a case is about, in every word we have for it.
KINDS = [say(f"kind.{name}") for name in ("imagery", "allegation", "threat", "hate", "conduct")]
NEVER = [SECRET, "racist", "threat", "allegation", "C8", "Facebook", *KINDS]
PERSON = "support_person_affected"
MAIL = {Platform.EMAIL: "x@school.example"}


@pytest.mark.feature("email")
def test_no_email_says_what_it_is_about_or_who() -> None:
    """No name, no kind, no clause, no words and no button stands in any e-mail about a case."""
    names = {word for person in SCHOOL.people.values() for word in person.name.split()}
    for card in everything():
        said = f"{card.summary}\n{card_text(card)}"
        assert [word for word in (*NEVER, *names) if word in said] == [], card.kind
        assert list(buttons_of(card)) == []
        if card.kind not in ("digest", "place", "platform", "away"):
            assert not [block for block in card.blocks if isinstance(block, Quote | Line)]


def test_a_message_of_tomorrow_says_no_more_than_its_summary() -> None:
    """What nobody has thought of for e-mail, such as a card, is a reference, how soon, and whom to ring."""
    card = by_email(Message.CASE_CARD, occasion(Matter(THREAT)))
    assert "Case HPS-2026-001 needs a leader." in card_text(card)
    assert "Facebook" not in card_text(card)


@pytest.mark.feature("email")
@pytest.mark.parametrize("name", MAILED_CARDS)
def test_a_subject_says_that_and_not_what(name: str) -> None:
    """On a lock screen it reads that there is something: nothing of what, of whom, or for whom."""
    summary = MAILED_CARDS[name].summary
    assert summary.endswith(".")
    assert len(summary) < 60
    assert "\n" not in summary


def test_what_presses_says_so_at_once() -> None:
    """Whoever has to look now reads it in the subject; when it is closed there is nothing to look at now."""
    assert MAILED_CARDS["notice-urgent"].summary == "Please look now: case HPS-2026-001."
    assert MAILED_CARDS["notice-in-slack"].summary == "You have been told about case HPS-2026-001."
    matter = Matter(THREAT)
    closed = replace(matter.case, status=worked().case.status)
    card = by_email(Message.NOTICE, replace(occasion(matter), case=closed))
    assert card.summary == "You have been told about case HPS-2026-001."
    assert [block.pairs for block in card.blocks if isinstance(block, Facts)] == [(("State", "Closed"),)]


def test_the_way_on_is_one_that_there_is() -> None:
    """A link where there is one, else the chat they are in, else whom to ring."""
    linked, in_slack, alone = (
        MAILED_CARDS[name] for name in ("notice-with-a-link", "notice-in-slack", "notice-to-the-chair")
    )
    assert [block.url for block in linked.blocks if isinstance(block, Link)] == [LINK]
    assert "open Slack" in card_text(in_slack)
    assert "01632" in card_text(in_slack)
    assert not [block for block in (*in_slack.blocks, *alone.blocks) if isinstance(block, Link)]
    assert [block.text for block in alone.blocks if isinstance(block, Callout)][-1] == say("mailed.ring")
    assert "01632" in card_text(alone)


def test_whoever_is_none_of_the_told_is_sent_to_the_contact() -> None:
    """A reporter who is on no chat is told whom to ring; where no number is known, nothing is said of one."""
    card = by_email(Message.RECEIPT, replace(occasion(Matter(ABUSE)), person=REPORTER))
    assert "ring Council governor services, 01632 960015" in card_text(card)
    school = replace(SCHOOL, fallback_contact=Contact())
    card = by_email(Message.RECEIPT, replace(occasion(Matter(ABUSE)), person=REPORTER, school=school))
    assert "ring" not in card_text(card)
    assert mailed(Message.RECEIPT, replace(occasion(Matter(ABUSE)), case=None), platforms=SPOKEN) is None


def test_somebody_the_posting_is_about_is_not_told_so_by_email() -> None:
    """That it may be about them is said where only they read."""
    on = occasion(Matter(ABUSE))
    assert on.case is not None
    about = replace(on, case=replace(on.case, affected=(HEAD,)), person=HEAD)
    said = written(Message.NOTICE, about)
    assert said is not None
    assert "about you" in card_text(said)
    assert "about you" not in card_text(by_email(Message.NOTICE, about))


@pytest.mark.parametrize(("case", "event"), list(events()), ids=lambda one: getattr(one, "kind", ""))
@pytest.mark.unwatched
def test_of_what_happened_only_what_is_safe_is_said(case: object, event: object) -> None:
    """That somebody took it on, or nobody did, is said; what was decided and done stands in the case."""
    on = replace(occasion(Matter(THREAT)), case=case, event=event)  # type: ignore[type-var]
    said = card_text(by_email(Message.UPDATE, on))
    done = [EventKind.DUTY_RECORDED, EventKind.TASK_RECORDED, EventKind.REASSESSED, EventKind.CLOSED]
    if on.event is not None and on.event.kind in done:
        assert "Case HPS-2026-001 has an update." in said
    assert not [outcome for outcome in Outcome if say(f"outcome.{outcome}") in said]


def with_mail(*people: PersonId, only: bool = False) -> Matter:
    """Return an urgent case in a school in which these have e-mail, besides or only."""
    known = {
        who: replace(person, accounts={**({} if only else person.accounts), **MAIL})
        if who in people
        else replace(person, accounts={Platform.WEB: person.accounts[Platform.WEB]})
        for who, person in SCHOOL.people.items()
        if Platform.WEB in person.accounts
    }
    school = replace(SCHOOL, people={**SCHOOL.people, **known})
    return Matter(THREAT, school=school, platforms=(Platform.WEB, Platform.EMAIL))


@pytest.mark.feature("email")
def test_who_is_in_a_chat_has_one_email_and_the_rest_there() -> None:
    """What presses goes every way they have; each step after it goes once, in the chat."""
    matter = with_mail(CHAIR, HEAD)
    notices = [s.platform for s in matter.sends.values() if s.message is Message.NOTICE and s.person == HEAD]
    assert notices == [Platform.WEB, Platform.EMAIL]
    change = matter.do(do.TakeOn(), HEAD)
    assert [s for s in change.new_sends if s.platform is Platform.EMAIL] == []


@pytest.mark.feature("email")
def test_who_has_email_alone_has_one_for_each_step_and_never_an_edit() -> None:
    """One e-mail an event, following on the first; nothing that stands is written again."""
    matter = with_mail(HEAD, only=True)
    change = matter.do(do.TakeOn(), HEAD)
    mine = [s for s in change.new_sends if s.platform is Platform.EMAIL]
    assert [(s.message, s.way) for s in mine] == [(Message.UPDATE, Way.REPLY)]
    assert mine[0].root in {s.key for s in matter.sends.values() if s.message is Message.NOTICE}


@pytest.mark.feature("email-not-taken-back")
def test_of_all_somebodys_emails_one_says_that_it_stands() -> None:
    """Whoever leaves a case had several e-mails of it: the case is asked once to say that they stand."""
    matter = with_mail(HEAD, only=True)
    matter.do(do.TakeOn(), HEAD)
    change = matter.do(do.HaveConflict(), HEAD)
    back = [s for s in change.new_sends if s.message is Message.WITHDRAWN and s.person == HEAD]
    assert len(back) == 1
    assert outbox.withdrawals([replace(back[0], state=SendState.SENT)], [HEAD], roots=(), at=matter.at) == []


@pytest.mark.feature("email-day")
@pytest.mark.parametrize(("again", "announced"), [("2026-12-01", True), ("", False)])
def test_a_day_to_ask_again_is_announced_and_not_what_for(again: str, *, announced: bool) -> None:
    """Support with a day: the e-mail says that there is one, and brings it; without a day it does not."""
    on = occasion(Matter(THREAT))
    assert on.event is not None
    event = replace(on.event, kind=EventKind.CARE_RECORDED, facts={"again": again} if again else {})
    card = by_email(Message.UPDATE, replace(on, event=event))
    assert ("There is a day in this case" in card_text(card)) is announced
    assert bool(card.days) is announced
    for one in card.days:
        assert (one.day, one.off) == (dt.date(2026, 12, 1), False)
        assert one.summary == "Case HPS-2026-001: look at it"
    assert "support" not in card_text(card).casefold()


def days_said(matter: Matter, person: PersonId = HEAD) -> tuple[Dated, ...]:
    """Return the days that the e-mail on the last event of a case brings to somebody."""
    on = replace(occasion(matter), event=matter.events[-1], person=person)
    return by_email(Message.UPDATE, on).days


@pytest.mark.feature("email-day")
def test_a_day_is_one_entry_as_long_as_there_is_one() -> None:
    """Set anew it is the same entry, later; with no day any more, or closed, it is off; re-opened, on."""
    matter = Matter(THREAT)
    matter.do(do.TakeOn(), HEAD)
    steps: tuple[tuple[Command, bool, dt.date], ...] = (
        (do.RecordCare(PERSON, "phone", "2026-11-24", "week", "x"), False, dt.date(2026, 12, 1)),
        (do.RecordCare(PERSON, "phone", "2026-11-25", "fortnight", "x"), False, dt.date(2026, 12, 8)),
        (do.RecordCare(PERSON, "phone", "2026-11-26", "no", "x"), True, dt.date(2026, 12, 8)),
        (do.RecordCare(PERSON, "phone", "2026-11-26", "week", "x"), False, dt.date(2026, 12, 1)),
    )
    said = []
    for command, off, day in steps:
        matter.do(command, HEAD)
        (one,) = days_said(matter)
        assert (one.off, one.day) == (off, day)
        said.append(one)
    matter.do(do.RecordCare(PERSON, "phone", "2026-11-26", "no", "x"), HEAD)
    matter.do(do.RecordCare(PERSON, "phone", "2026-11-26", "no", "x"), HEAD)
    assert days_said(matter) == ()
    matter.do(do.RecordCare(PERSON, "phone", "2026-11-26", "week", "x"), HEAD)
    for kind, off in ((EventKind.CLOSED, True), (EventKind.REOPENED, False), (EventKind.DRILL_ENDED, True)):
        event = replace(matter.events[-1], kind=kind, seq=matter.events[-1].seq + 1, facts={"outcome": "met"})
        matter.events.append(event)
        (one,) = days_said(matter)
        assert (one.off, one.day) == (off, dt.date(2026, 12, 1))
        said.append(one)
        assert days_said(matter, REPORTER) == ()
    assert len({one.uid for one in said}) == 1
    assert [one.sequence for one in said] == sorted({one.sequence for one in said})
    assert PERSON not in said[0].uid


@pytest.mark.parametrize("message", [Message.CODE, Message.NEW_LINK])
def test_a_code_or_a_link_that_is_none_any_more_is_not_sent(message: Message) -> None:
    """Where neither is good when the e-mail is written, nothing is said."""
    assert mailed(message, replace(occasion(Matter(THREAT)), facts={})) is None
