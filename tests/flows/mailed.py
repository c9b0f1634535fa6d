"""Every message by e-mail, of cases that carry secrets; and those that are worth looking at, by name."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from flows.delivery.told import Reach
from flows.messages.mail.mailed import mailed
from flows.messages.templates import Occasion
from flows.model import MESSAGES, Message, Readers
from flows.school import Person, PersonId, Platform
from flows.ui.cards import Card
from tests.flows.examples import DANGER, events, occasion, worked
from tests.flows.matter import ABUSE, AT, CHAIR, CHILD, DSL, HEAD, REPORTER, SCHOOL, THREAT, Matter

SPOKEN = (Platform.SLACK, Platform.EMAIL)
LINK = "https://bot.school.example/c/"
#: Every message of a case, and those that are not, as far as a case's occasion holds what they are made of.
WRITTEN = [message for message, kind in MESSAGES.items() if kind.readers is not Readers.PLANNED]
WRITTEN += [Message.FIRST_ALERT, Message.DIGEST, Message.PLACE, Message.PLATFORM, Message.AWAY]
WRITTEN += [Message.STATUS]
HEAD_LED = {**ABUSE, "staff_allegation": ("headteacher",)}


def by_email(message: Message, on: Occasion, *, link: str = "") -> Card:
    """Return what a message says by e-mail; it says something."""
    card = mailed(message, on, platforms=SPOKEN, link=link)
    assert card is not None
    return card


def everything() -> Iterator[Card]:
    """Return every message there is, to everybody it may be for, of cases that carry secrets."""
    for matter in (Matter(THREAT), Matter(CHILD), Matter(DANGER), Matter(HEAD_LED), worked()):
        for message in WRITTEN:
            for person in (HEAD, CHAIR, DSL, REPORTER):
                on = replace(occasion(matter), person=person)
                whole = replace(on, facts={**on.facts, "ring": f"{DSL} {CHAIR}"})
                if (card := mailed(message, whole, platforms=SPOKEN)) is not None:
                    yield card
    for case, event in events():
        yield by_email(Message.UPDATE, replace(occasion(Matter(THREAT)), case=case, event=event))


def _examples() -> Iterator[tuple[str, Card]]:
    urgent, plain, head = (occasion(Matter(answers)) for answers in (THREAT, ABUSE, HEAD_LED))
    in_slack = _with(plain, accounts={Platform.SLACK: "U0ASH", Platform.EMAIL: "head@school.example"})
    yield "notice-urgent", by_email(Message.NOTICE, urgent)
    yield "notice-to-the-chair", by_email(Message.NOTICE, replace(head, person=CHAIR))
    yield "notice-in-slack", by_email(Message.NOTICE, in_slack)
    yield "notice-with-a-link", by_email(Message.NOTICE, replace(head, person=CHAIR), link=LINK)
    unreached = replace(plain, reached={DSL: Reach.UNREACHED, HEAD: Reach.SENT})
    yield "notice-somebody-not-reached", by_email(Message.NOTICE, unreached)
    yield "update", by_email(Message.UPDATE, plain)
    yield "receipt", by_email(Message.RECEIPT, replace(plain, person=REPORTER))
    yield "first-alert", by_email(Message.FIRST_ALERT, replace(urgent, facts={"ring": f"{DSL} {CHAIR}"}))
    yield "digest", by_email(Message.DIGEST, plain)


def _with(on: Occasion, **changed: object) -> Occasion:
    person: Person = replace(on.school.people[HEAD], **changed)
    people: dict[PersonId, Person] = {**on.school.people, HEAD: person}
    return replace(on, school=replace(SCHOOL, people=people), now=AT)


MAILED_CARDS = dict(_examples())
