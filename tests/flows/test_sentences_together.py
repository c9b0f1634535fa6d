"""Sentences that cannot both be so, and some that are so only at times: every state, every audience."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Iterator

import pytest
from msgspec import Struct
from msgspec.structs import replace

from flows.case.actions import table as do
from flows.case.checklist.names import BY_ITSELF
from flows.case.checklist.tasks import rules, tasks
from flows.case.commands import Escalate
from flows.case.context import Command
from flows.case.duties import may_agree, outstanding, second
from flows.case.exclusion import KeepOut
from flows.messages import lists, templates
from flows.messages.digest import Week, digest
from flows.model import Action, Answer, Body, Case, Level, Named, Outcome, Status
from flows.policy.engine import default_policy
from flows.questions.table import REPRESENTATIVES
from flows.school import PersonId, Seat
from flows.ui.plain_text import card_text, form_text
from flows.words import say
from tests.flows.examples import led_by_nobody
from tests.flows.matter import (
    ABUSE,
    AT,
    CHAIR,
    CHILD,
    DSL,
    HEAD,
    REPORTER,
    SCHOOL,
    THREAT,
    VICE,
    Matter,
    listed,
    row,
)
from tests.flows.talking import PLAIN, by_pages
from tests.often import often
from tests.policy.conftest import answer_sets

LATER = "Only once the hold is cleared: "
CONTACT = "Contact the person who posted"
#: How a line of the checklist begins that somebody is asked to do now.
ASKED = r"^(?:Next|○ To do): "
#: Two that nobody can read on one card, whatever the case: what each says, and why not both.
EXCLUDE: list[tuple[str, str, str]] = [
    ("Nothing is sent until you press", "goes to the leaders by itself", "it goes, or it waits"),
    ("Don't tell the person who is accused", "Tell the person who is accused only", "never, or as agreed"),
    ("Keep what there is", "Write down what was seen", "kept, or remembered"),
    ("Keep what there is", "Don't look at, copy or forward", "a copy is a look"),
    ("Keep what there is", "Take no copies", "the same"),
    ("Report the posting to the site", "Don't look at, copy or forward", "nobody looks to report it"),
    ("Keep what you have", "Write down what you remember", "kept, or remembered"),
    ("Keep what you have", "Don't look, open, copy", "a copy is a look"),
    ("don't reply again", "don't reply to the posting", "there was a reply, or there was none"),
    ("don't reply again", "If somebody has replied", "there was, or nobody knows"),
    ("State: Closed", r"\bby \d\d:\d\d\b(?! on \w+ \d+ \w+ – )", "what is over is due at no time"),
    ("State: Closed", "What to do", "what is over is done"),
    ("State: Closed", "Hold: nobody contacts", "what is over holds nobody"),
    ("State: Closed", "Please take this on", "what is over is nobody's any more"),
    ("Hold: nobody contacts", rf"{ASKED}{CONTACT}", "on hold, or to be contacted"),
    ("Hold: nobody contacts", rf"{ASKED}Ask the person who posted", "the same"),
    ("Hold: nobody contacts", rf"{ASKED}Contact the pupil's parent", "the same"),
    ("Hold: nobody contacts", rf"{ASKED}Use the (behaviour|staff|governors')", "the same"),
    ("You can read the record and add notes", CONTACT, "who is affected does not contact"),
    ("You can read the record and add notes", rf"{ASKED}Decide whether", "nor decides"),
    ("You can read the record and add notes", rf"{ASKED}Offer support", "nor offers themselves support"),
    ("999 was rung. Ring the others", "Make sure 999 has been rung", "it was, or it is to be"),
    ("Nobody is left to lead", r"leads\.", "somebody leads, or nobody"),
    ("is being dealt with", "Waiting for somebody to take it on", "it waits, or not"),
    ("needs a leader", "State: Being dealt with", "the same"),
    ("needs a leader", "State: Closed", "the same"),
    (
        "Same day|Within (two|five) working days|Within the hour",
        r"by \d\d:\d\d",
        "a deadline is said one way",
    ),
    ("within one working day", r"Owed by \w+", "the same"),
    ("run and was not reported as abusive", "was reported as abusive too", "it was, or it was not"),
]


class Seen(Struct, frozen=True):
    """A text, who reads it ("" = nobody by name), and the case it is about."""

    text: str
    audience: str
    reader: PersonId | None
    case: Case


def decided(case: Case, body: Body) -> bool:
    """Return whether a person has recorded a decision on a body."""
    return any(duty.body == body and duty.decided is not None for duty in case.duties)


def _holds_dsl(seen: Seen) -> bool:
    return seen.reader is not None and seen.reader in (
        seen.case.holders.get(Seat.DSL),
        seen.case.holders.get(Seat.DEPUTY_DSL),
    )


#: A sentence, and when alone it may stand: what it would otherwise ask of somebody is done, or is not theirs.
ONLY_WHERE: list[tuple[str, Callable[[Seen], bool]]] = [
    ("Decide whether to tell the police", lambda s: not decided(s.case, Body.POLICE)),
    ("Decide whether to ask Legal", lambda s: not decided(s.case, Body.LEGAL)),
    ("Ring the LADO", lambda s: not decided(s.case, Body.LADO)),
    ("decide whether to ring children's services", lambda s: not decided(s.case, Body.CHILDRENS_SERVICES)),
    (r"Hand the image over", lambda s: not _holds_dsl(s)),
    (LATER, lambda s: bool(s.case.hold)),
    ("Hold: nobody contacts", lambda s: bool(s.case.hold) and s.case.status is not Status.CLOSED),
    ("until the decision on the police is recorded", lambda s: not decided(s.case, Body.POLICE)),
    (
        "don't reply again|nobody replies again",
        lambda s: s.case.report.given.get("replied") not in (None, "no", "not_sure") or "nobody" in s.text,
    ),
    (
        "Keep what you have",
        lambda s: (
            bool(s.case.report.posting.files)
            or s.case.report.given.get("evidence") in ("saved", "link", "both")
        ),
    ),
    ("[Rr]ing 999 now|Ring 999 if you have not|Make sure that 999", lambda s: not s.case.called_999),
    ("You lead this case", lambda s: s.reader == s.case.holders.get(s.case.lead or Seat.ON_CALL)),
    (
        "needs a leader",
        lambda s: s.case.status in (Status.OPEN, Status.ESCALATED),
    ),
    ("the DSL:|through the DSL|to the DSL now", lambda s: Seat.DSL in s.case.holders),
    (
        rf"{ASKED}(Decide whether|Contact the p|Ask the person|Offer support)",
        lambda s: (
            s.reader is None
            or s.reader in s.case.stand_ins
            or s.reader == s.case.holders.get(s.case.lead or Seat.ON_CALL)
        ),
    ),
    (
        f"{ASKED}Offer support to the person the posting is about",
        lambda s: (
            "Don't tell the person who is accused" not in s.text
            or set(REPRESENTATIVES).isdisjoint(s.case.report.answers.get("targets", ("school",)))
        ),
    ),
    ("could not be reached here", lambda s: s.case.status is not Status.CLOSED),
]


def clear(matter: Matter, lead: PersonId) -> None:
    """Record every duty and lift the hold, as far as this lead may."""
    record_of = {
        Body.LEGAL: do.RecordLegal,
        Body.POLICE: do.RecordPolice,
        Body.LADO: do.RecordLado,
        Body.CHILDRENS_SERVICES: do.RecordChildrensServices,
        Body.IMAGERY: do.RecordImagery,
    }
    for duty in outstanding(matter.case):
        kind = record_of[duty.body]
        matter.do(kind(contacted=True, how="phone", when="2026-11-24", why="x"), lead)
    if matter.case.hold:
        matter.do(do.ClearHold(may_agree(matter.case)[0], "x"), lead)


def states(answers: dict[str, Answer], **changed: object) -> Iterator[Matter]:
    """Yield a case in every state it can be in, each as one would meet it."""

    def case(*steps: Command) -> tuple[Matter, PersonId | None]:
        matter = Matter(answers, **changed)  # type: ignore[arg-type]
        lead = matter.case.holders.get(matter.case.lead) if matter.case.lead else None
        for step in steps if lead is not None else ():
            matter.do(step, lead)
        return matter, lead

    opened, lead = case()
    yield opened
    if lead is None or not opened.case.decision.notify:
        return
    waited, _ = case()
    waited.at = AT + dt.timedelta(days=9)
    waited.do(Escalate())
    yield waited
    yield case(do.TakeOn())[0]
    if not opened.case.hold:
        yield case(do.TakeOn(), do.Hold("x"))[0]
    if Body.POLICE in {duty.body for duty in opened.case.duties}:
        contacted = do.RecordPolice(contacted=True, how="phone", when="2026-11-24", why="x")
        yield case(contacted)[0]
        yield case(do.RecordPolice(contacted=False, why="x"))[0]
    if opened.case.decision.levels.get("police") is Level.CALL_999_NOW:
        yield case(do.Confirm999("x"))[0]
    if (opened.case.hold or opened.case.duties) and second(opened.case, lead, SCHOOL):
        yield case(do.TakeOn(), do.Close(Outcome.MISTAKE, "x"))[0]
    done, _ = case(do.TakeOn())
    clear(done, lead)
    yield done
    done.do(do.Close(Outcome.NO_FURTHER_ACTION, "x"), lead)
    yield done
    again, _ = case(do.TakeOn())
    clear(again, lead)
    again.do(do.Close(Outcome.NO_FURTHER_ACTION, "x"), lead)
    again.do(do.Reopen("x"), lead)
    yield again
    apart, _ = case()
    if len(set(apart.case.holders.values())) > 1:
        other = next(p for p in apart.case.holders.values() if p != lead)
        apart.do(KeepOut(other, "x"), lead)
        yield apart


def texts(matter: Matter) -> Iterator[Seen]:
    """Yield everything that anybody reads of a case as it is."""
    case, at = matter.case, matter.at
    card = templates.case_card(case, SCHOOL, at)
    yield Seen(f"{card.summary}\n{card_text(card)}", "channel", None, case)
    for event in matter.events:
        yield Seen(card_text(templates.update(case, event, SCHOOL, at)), "thread", None, case)
    receipt = templates.receipt(case, SCHOOL, at)
    yield Seen(card_text(receipt), "reporter", REPORTER, case)
    for person in dict.fromkeys((*case.holders.values(), *case.stand_ins)):
        notice = templates.notice(case, SCHOOL, person, at)
        yield Seen(card_text(notice), "told", person, case)
    rows = [row(case)]
    yield Seen(card_text(digest(rows, SCHOOL, at, Week(week="2026-W48", due=at))), "digest", None, case)
    yield Seen(card_text(listed(rows, at=at)), "list", None, case)
    yield Seen(card_text(lists.status(rows, None, SCHOOL)), "status", REPORTER, case)


def holds(seen: Seen) -> None:
    """Assert that nothing in a text excludes something else in it, and nothing stands where it is not so."""
    for one, other, why in EXCLUDE:
        both = re.search(one, seen.text, re.MULTILINE) and re.search(other, seen.text, re.MULTILINE)
        assert not both, f"{why}: {one!r} and {other!r} for {seen.audience}\n\n{seen.text}"
    for sentence, so in ONLY_WHERE:
        if re.search(sentence, seen.text, re.MULTILINE):
            assert so(seen), f"{sentence!r} for {seen.audience} {seen.reader}\n\n{seen.text}"


@pytest.mark.unwatched
def test_no_two_sentences_exclude_each_other() -> None:
    """Over the answer space, every state of a case, and everybody who reads of it."""
    dice = random.Random(23)  # noqa: S311 - a seed, not a secret
    for answers in answer_sets(often(1500), 23):
        unfinished = bool(answers.pop("unfinished", False))
        given: dict[str, Answer] = {k: tuple(v) if isinstance(v, list) else v for k, v in answers.items()}
        kept = tuple(dice.sample([HEAD, DSL, CHAIR, VICE], dice.choice((0, 0, 0, 1, 2))))
        for matter in states(given, unfinished=unfinished, named=Named(kept_out=kept)):
            for seen in texts(matter):
                holds(seen)


@pytest.mark.parametrize(
    "answers", [{"immediate_danger": "yes"}, {"sexual_imagery_child": "not_sure"}, {"violence": "yes"}, {}]
)
def test_nor_while_somebody_reports(answers: dict[str, str]) -> None:
    """Page by page: what waits does not go by itself, and what goes does not wait."""
    case = Matter(ABUSE).case
    for replied in ("no", "reporter", "not_sure"):
        _, shown = by_pages({**PLAIN, "targets": ("pupil",), "replied": replied, **answers})
        for form in shown:
            text = form_text(form)
            for one, other, why in EXCLUDE[:1]:
                assert not (one in text and other in text), why
            if replied == "not_sure":
                assert say("conversation.replied") not in text
    assert case.report


def test_the_table_knows_what_is_said() -> None:
    """Each sentence of the table stands in some text that is drawn: none has gone stale."""
    drawn = {seen.text for answers in ABOUT for matter in states(dict(answers)) for seen in texts(matter)}
    alone = card_text(templates.case_card(led_by_nobody(), SCHOOL, AT))
    everything = "\n".join([*drawn, alone, form_text(by_pages(PLAIN)[1][-1]), by_itself()])
    parts = {part for one, other, _ in EXCLUDE for part in (one, other)}
    never = {part for part in parts if not re.search(part, everything, re.MULTILINE)}
    assert never == GUARDS, "these were faults once, and no text says them now"
    stale = [sentence for sentence, _ in ONLY_WHERE if not re.search(sentence, everything, re.MULTILINE)]
    assert stale == ["could not be reached here"], "that one needs an outage"


#: What some text said before it was mended, and none says now.
GUARDS = {"Same day|Within (two|five) working days|Within the hour", "within one working day"}


def by_itself() -> str:
    """Return the check page of a report that goes by itself."""
    return form_text(by_pages({**PLAIN, "violence": "yes"})[1][-1])


ABOUT: list[dict[str, Answer]] = [
    THREAT,
    CHILD,
    {"immediate_danger": "yes", "targets": ("pupil",), "evidence": "saved"},
    {"immediate_danger": "not_sure", "staff_allegation": ("staff",), "targets": ("staff",)},
    {"sexual_imagery_child": "yes", "targets": ("pupil",)},
    {"sexual": "yes", "targets": ("staff",), "replied": "reporter"},
    {**ABUSE, "poster": ("unknown",), "replied": "reporter"},
    {"poster": ("pupil",), "nature": ("abusive",), "targets": ("pupil",)},
    {"poster": ("pupil",), "nature": ("untrue_or_inaccurate",), "targets": ("parent_or_other_adult",)},
    {"nature": ("critical_of_leadership",), "targets": ("headteacher",), "replied": "not_sure"},
    {"nature": ("critical_of_leadership", "abusive"), "targets": ("headteacher",)},
    {"nature": ("private_information",), "still_online": "removed"},
    {**ABUSE, "poster": ("pupil",)},
    {"poster": ("staff",), "nature": ("abusive",), "violence": "yes"},
]


def test_what_is_done_is_gone_from_what_is_to_do() -> None:
    """After *not now* nobody is asked to decide on the police; what waited under the hold is free."""
    matter = Matter(THREAT)
    ask = say("action.decide_on_police_and_record_why").removesuffix(".")
    assert ask in card_text(templates.case_card(matter.case, SCHOOL, AT))
    assert LATER in card_text(templates.case_card(matter.case, SCHOOL, AT))
    matter.do(do.RecordPolice(contacted=False, why="x"), HEAD)
    text = card_text(templates.case_card(matter.case, SCHOOL, AT))
    assert ask not in text
    assert LATER not in text
    assert CONTACT in text


def test_every_action_of_the_policy_is_for_somebody() -> None:
    """Whoever leads reads all that is asked of leaders but who leads; nothing is lost between the readers."""
    case = Matter(ABUSE).case
    asked = set(default_policy().names.actions)
    for action in asked:
        words = f"action.{action}"
        bare = replace(
            case, decision=replace(case.decision, actions=(action,)), hold="x" if "later" in action else ""
        )
        read = (*tasks(replace(bare, duties=()), HEAD), *rules(bare, HEAD))
        assert bool(read) is (action not in BY_ITSELF and action != "confirm_999_called_and_record"), words


def test_actions_are_buttons_of_those_who_may() -> None:
    """No card offers its reader a button for what is done already or not theirs."""
    matter = Matter(THREAT)
    matter.do(do.TakeOn(), HEAD)
    offered = card_text(templates.notice(matter.case, SCHOOL, HEAD, AT))
    assert say(f"button.{Action.TAKE_ON}") not in offered
