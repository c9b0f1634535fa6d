"""What stands beside a case, for whoever may read all of it: links, what looks the same, an account's story.

Only in an answer to somebody, never in a message that stays: who may read both may change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from msgspec import Struct

from flows.calendar import local, on_day
from flows.case.actions.drilling import marked
from flows.messages import phrases, shared_blocks
from flows.model import Action, Case, Linking, Status
from flows.policy.wording import seat_name
from flows.postings import Why
from flows.school import School, Term
from flows.ui.cards import (
    Block,
    Button,
    Buttons,
    Callout,
    Card,
    Facts,
    Heading,
    Quote,
    Small,
    Text,
    Tone,
)
from flows.ui.intents import Act, Ask, ChatCommand
from flows.words import say


class Beside(Struct, frozen=True, kw_only=True):
    """What of other cases somebody may read beside one: each with its case.

    ``account`` are all that name the same account, this one among them, the oldest first.
    """

    links: tuple[tuple[Case, tuple[Linking, ...]], ...] = ()
    same: tuple[tuple[Case, Why], ...] = ()
    account: tuple[Case, ...] = ()


NOTHING = Beside()


def hints(case: Case, beside: Beside, school: School) -> list[Block]:
    """Return what looks like the same posting, and how often this account was reported."""
    blocks: list[Block] = []
    for other, why in beside.same:
        words = say(f"beside.same_{why}", ref=other.reference)
        pressed = (_press(case, Action.LINK, other.reference), _open(other))
        blocks += [Callout(Tone.CAUTION, words), Buttons(pressed)]
    if len(beside.account) > 1:
        blocks += [Small(_how_often(case, beside.account, school))]
        blocks.append(Buttons((shared_blocks.plain_button(case, Action.CHRONOLOGY),)))
    return blocks


def linked(case: Case, beside: Beside, school: School) -> list[Block]:
    """Return what a case is linked with, and what was done to link it, each with its reason."""
    blocks: list[Block] = [Small(say("beside.linked"))] if beside.links else []
    for other, story in beside.links:
        blocks.append(Text(f"{other.reference} · {phrases.kind(other)}"))
        for step in story:
            what = say("beside.did" if step.linked else "beside.undid", seat=_seat(case, step, school))
            blocks.append(Small(f"{phrases.moment(step.at, school)} – {what}"))
            blocks += [Quote(step.words)] if step.words else []
        done = Action.UNLINK if story[-1].linked else Action.LINK
        blocks.append(Buttons((_open(other), _press(case, done, other.reference))))
    return blocks


def chronology(case: Case, cases: Sequence[Case], school: School) -> Card:
    """Return what else there was of this account, the oldest first: when, of what kind, how it stands."""
    lines = tuple(
        (on_day(_day(one, school)), f"{one.reference} · {phrases.kind(one)} · {_became(one)}")
        for one in cases
    )
    others = tuple(_open(one) for one in cases if one.id != case.id)
    blocks: list[Block] = [
        Heading(say("beside.chronology_title", ref=case.reference)),
        Text(say("beside.account_said", name=case.report.posting.account_name)),
        Small(_how_often(case, cases, school)),
        Facts(lines),
        Small(say("beside.only_yours")),
    ]
    blocks += [Buttons(others)] if others else []
    card = Card(kind="chronology", summary=say("summary.record", ref=case.reference), blocks=tuple(blocks))
    return marked(card, case)


def _how_often(case: Case, cases: Sequence[Case], school: School) -> str:
    """Return the how-many-th time it is this term, and how often in all; only what this reader may read."""
    term = _term(case, school)
    in_term = [one for one in cases if term is not None and term.first <= _day(one, school) <= term.last]
    nth = sum(one.opened_at <= case.opened_at for one in in_term)
    if term is None or nth == 0:
        return say("beside.often", n=len(cases))
    word = say(f"beside.nth_{nth}") if nth <= _WORDS else say("beside.nth", n=nth)
    return say("beside.this_term", nth=word, n=len(cases))


#: Up to which number there is a word for it.
_WORDS = 5


def _term(case: Case, school: School) -> Term | None:
    day = _day(case, school)
    return next((term for term in school.time.terms if term.first <= day <= term.last), None)


def _day(case: Case, school: School) -> dt.date:
    return local(case.opened_at, school.time).date()


def _became(case: Case) -> str:
    if case.status is Status.CLOSED and case.outcome is not None:
        return say(f"outcome.{case.outcome}")
    return say(f"status.{case.status}")


def _seat(case: Case, step: Linking, school: School) -> str:
    return seat_name(step.seat) if step.seat else phrases.seat_of(case, step.by, school)


def _press(case: Case, action: Action, which: str) -> Button:
    intent = Act(case=case.id, action=action, version=case.version, which=which)
    longer = say("message.button_for", label=say(f"button.{action}"), ref=which)
    return Button(label=say(f"button.{action}"), intent=intent, describes=longer)


def _open(case: Case) -> Button:
    return Button(label=case.reference, intent=Ask(ChatCommand.CASE, case.reference))
