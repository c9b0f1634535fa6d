"""What follows from a set of answers: which of them stand, what is asked, what the policy may know.

A question looks only at earlier ones, so one pass over the table settles everything. Whoever needs a part
of it is handed the whole, and nobody settles the same answers twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby, takewhile

from msgspec import Struct

from flows.errors import InvalidAnswer
from flows.intake.answers import read
from flows.model import Answer, Draft
from flows.questions.conditions import Answers, Condition, Need, met
from flows.questions.keywords import keys_in
from flows.questions.question import Question, Row
from flows.questions.table import (
    CHECK,
    IN_WORDS,
    KEPT,
    MISTAKE,
    PAGES,
    QUESTIONS,
    ROWS,
    SAFETY_KEYS,
    SAFETY_LIST,
    YES,
)
from flows.school import School
from flows.ui.forms import Value
from flows.words import say

#: What *I can't tell at all* on the safety list leaves open; the rest of the list was not asked.
CAN_NOT_TELL = "child_at_risk"
#: The rows of each page, as they stand in the table.
ON_PAGE: Mapping[str, tuple[Row, ...]] = {
    page: tuple(row for row in ROWS if row.page == page) for page in PAGES
}


class Settled(Struct, frozen=True):
    """``standing`` are the answers that (still) apply, ``asked`` the rows that are asked, by page.

    ``next`` is the first row that is open, ``known`` what the policy is told. ``again`` are questions that
    have an answer and are open all the same: two different ones were given.
    """

    standing: dict[str, Answer]
    asked: dict[str, tuple[Row, ...]]
    next: Row | None
    known: dict[str, Answer]
    again: tuple[str, ...] = ()

    def open(self, name: str) -> bool:
        """Return whether a question that is asked still wants an answer."""
        return name not in self.standing or name in self.again

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages that are asked, the check last."""
        return (*self.asked, CHECK)

    @property
    def complete(self) -> bool:
        """Whether every question that applies is answered."""
        return self.next is None

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows that are asked, in order."""
        return tuple(row for rows in self.asked.values() for row in rows)

    @property
    def imagery(self) -> bool:
        """Whether the report says, or its words suggest, that it may be an image of a child."""
        return self.known.get(SAFETY_LIST[0]) in YES or SAFETY_LIST[0] in self.known.get("text_flags", ())

    @property
    def unsafe(self) -> bool:
        """Whether any safety key is yes or not sure, by an answer or by the reporter's words."""
        flagged = set(self.known.get("text_flags", ())).intersection(SAFETY_KEYS)
        return bool(flagged) or any(self.known.get(key) in YES for key in SAFETY_KEYS)

    def on(self, page: str) -> tuple[Row, ...]:
        """Return what stands on a page: what is asked, and what an answer on it may yet reveal."""
        return _on(page, self.asked.get(page, ()), self.standing)

    def first_on(self, page: str) -> str:
        """Return the first question of a page that is open, else its first; "" = none is asked."""
        names = [row.name for row in self.asked.get(page, ())]
        return next((name for name in names if self.open(name)), next(iter(names), ""))


class State(Struct, frozen=True):
    """Where a conversation is: the draft, and what follows from its answers."""

    draft: Draft
    settled: Settled


def settle(answers: Answers, again: Iterable[str] = ()) -> Settled:
    """Return what follows from these answers; ``again`` are the questions to which there were two."""
    return _settle(answers, "", None, again)


class Filled:
    """A page as it was submitted. Its answers are taken one by one, while they are settled.

    Right answers count even where others are wrong; what the page cannot have shown is ignored.
    """

    def __init__(
        self, page: str, values: Mapping[str, Value], school: School, *, two: Iterable[str] = ()
    ) -> None:
        """``two`` are the questions of which this page gives another answer than one that stands."""
        self.page = page
        self.values = values
        self.school = school
        self.two = frozenset(two)
        self.again: set[str] = set()
        self.wrong: dict[str, str] = {}
        self.before: frozenset[str] = frozenset()

    def settle(self, answers: Answers, again: Iterable[str] = ()) -> tuple[Settled, dict[str, str]]:
        """Return what follows from the answers and this page, and a message for each wrong field."""
        self.again = {*again, *self.two}
        settled = _settle(answers, self.page, self, self.again)
        missing = {
            row.name: say("conversation.needed_many" if QUESTIONS[row.name].many else "conversation.needed")
            for row in settled.asked.get(self.page, ())
            if row.name in self.before and row.name not in settled.standing and row.name not in self.wrong
        }
        return settled, self.wrong | missing

    def ask(self, answers: dict[str, Answer], standing: dict[str, Answer]) -> tuple[Row, ...]:
        """Ask the page's questions of what was filled in, and where that is silent of ``answers``."""
        then = dict(standing)
        was = _ask(self.page, then, lambda row: _held(row, answers))
        self.before = frozenset(row.name for row in was)
        shown = frozenset(row.name for row in _on(self.page, was, then))

        def answer_to(row: Row) -> Answer | None:
            if row.name in self.values and row.name in shown:
                answers.update(self._read(QUESTIONS[row.name]))
            held = _held(row, answers)
            return "" if held is None and self._left_empty(row) else held

        return _ask(self.page, standing, answer_to)

    def _read(self, question: Question) -> Mapping[str, Answer]:
        try:
            found = read(question, self.values[question.name], self.school)
        except InvalidAnswer as error:
            self.wrong[question.name] = error.message
            return {}
        if found is None:
            return {}
        if question.name not in self.two:
            self.again.discard(question.name)
        return {question.name: found}

    def _left_empty(self, row: Row) -> bool:
        """Return whether silence is an answer: words that were asked for need not be given."""
        return QUESTIONS[row.name].text and (row.shown is None or row.name in self.before)


# -- the pass --------------------------------------------------------------------------------------


class _Run(Struct, frozen=True):
    """Neighbours on a page under one condition, each with the question it is tied to."""

    when: Condition
    rows: tuple[tuple[Row, Need | None], ...]


class _Page(Struct, frozen=True):
    """A page's rows, and the needs that all of them begin with: where one is not met, nothing is asked."""

    route: Condition
    runs: tuple[_Run, ...]


def _compiled(rows: tuple[Row, ...]) -> _Page:
    """Return a page with each condition once. None may look at the rows under it: that would be too early."""
    whens = [row.when for row in rows]
    single = all(len(when) == 1 for when in whens)
    abreast = zip(*(when[0] for when in whens), strict=False) if single else ()
    route = tuple(needs[0] for needs in takewhile(lambda needs: len(set(needs)) == 1, abreast))
    runs = tuple(
        _Run(
            tuple(needs[len(route) :] for needs in when),
            tuple((row, Need(row.shown.field, row.shown.values) if row.shown else None) for row in run),
        )
        for when, run in groupby(rows, key=lambda row: row.when)
    )
    return _Page((route,), runs)


_PAGES: Mapping[str, _Page] = {page: _compiled(rows) for page, rows in ON_PAGE.items()}


def _settle(answers: Answers, page: str, filled: Filled | None, again: Iterable[str]) -> Settled:
    held = dict(answers)
    standing: dict[str, Answer] = {}
    asked: dict[str, tuple[Row, ...]] = {}
    for here in _PAGES:
        if filled and here == page:
            rows = filled.ask(held, standing)
        else:
            rows = _ask(here, standing, lambda row: _held(row, held))
        if rows:
            asked[here] = rows
    standing.update({name: held[name] for name in KEPT if name in held and name not in standing})
    wanted = tuple(again)  # a page that was filled in has answered some of them by now
    rows = tuple(row for rows in asked.values() for row in rows)
    still = tuple(row.name for row in rows if row.name in wanted and row.name in standing)
    opened = (row for row in rows if row.name not in standing or row.name in still)
    return Settled(standing, asked, next(opened, None), known_of(standing), still)


def _ask(
    page: str, standing: dict[str, Answer], answer_to: Callable[[Row], Answer | None]
) -> tuple[Row, ...]:
    """Return the rows of a page that are asked, and add their answers to those that stand."""
    asked: list[Row] = []
    if not met(_PAGES[page].route, standing):
        return ()
    for run in _PAGES[page].runs:
        if not met(run.when, standing):
            continue
        for row, tie in run.rows:
            if tie is not None and not tie.holds(standing):
                continue
            asked.append(row)
            answer = answer_to(row)
            if answer is None:
                continue
            standing[row.name] = answer
            if row.name == "safety":
                standing.update(_not_ticked(answer))
    return tuple(asked)


def _not_ticked(ticked: Answer) -> dict[str, Answer]:
    """Return what the safety list says of what is not ticked on it.

    Who can't tell at all is asked no more: a child may be at risk, so the DSL is told (policy page §3).
    """
    rest: dict[str, Answer] = {key: "no" for key in SAFETY_LIST if key not in ticked}
    return rest | {CAN_NOT_TELL: "not_sure"} if ticked == ("not_sure",) else rest


def _held(row: Row, answers: Answers) -> Answer | None:
    """Return the answer a row has. Of the six keys *no* is none: what is ticked under *safety* decides."""
    answer = answers.get(row.name)
    return None if answer == "no" and row.name in SAFETY_LIST else answer


def _on(page: str, asked: tuple[Row, ...], standing: Answers) -> tuple[Row, ...]:
    on: list[Row] = []
    for row in ON_PAGE.get(page, ()):
        tied = row.shown is not None and any(other.name == row.shown.field for other in on)
        if row in asked or (tied and met(row.when, standing)):
            on.append(row)
    return tuple(on)


# -- what the policy may know ----------------------------------------------------------------------


def known_of(standing: Answers) -> dict[str, Answer]:
    """Return the policy's keys that were answered, and nothing else.

    A safety tick without *yes or not sure* is *not sure*. An answer about a word raises its key; an explicit
    *no* to it stands, and is kept as a denial. Left open, the key is flagged.
    """
    known = {name: QUESTIONS[name].heard(value) for name, value in standing.items() if QUESTIONS[name].policy}
    known.update({key: "no" for key in SAFETY_LIST if known.get(key) == MISTAKE})
    ticked = standing.get("safety", ())
    known.update({key: "not_sure" for key in SAFETY_LIST if key in ticked and key not in known})
    for key in SAFETY_KEYS:
        if standing.get(f"flag_{key}") in YES:
            known[key] = standing[f"flag_{key}"]
    if standing.get("flag_staff_allegation"):
        known["staff_allegation"] = standing["flag_staff_allegation"]
    if known.get("poster") == ("unknown",):
        known["did"] = ("made",)
    found = keys_in(standing)
    calm = [key for key in IN_WORDS if key in found and known.get(key, "no") in ("no", ())]
    denied = tuple(key for key in calm if standing.get(f"flag_{key}") in ("no", ()))
    flags = tuple(key for key in calm if key not in denied)
    pointed = {"text_flags": flags, "text_denied": denied}
    return known | {name: keys for name, keys in pointed.items() if keys}
