"""What follows from the answers: the one pass over the table says what the table says, row by row."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from types import CodeType, FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import InvalidAnswer
from flows.intake import settled
from flows.intake.answers import options_of, read
from flows.intake.settled import Filled, settle
from flows.model import Answer
from flows.questions.conditions import Need, Word, looks_at, met
from flows.questions.question import Question, Row
from flows.questions.table import KEPT, PAGES, QUESTIONS, ROWS, SAFETY_LIST
from flows.ui.forms import Value
from flows.ui.inbound import Receipt
from flows.ui.intents import SendReport
from storage.open import open_store
from tests.flows.talking import SCHOOL
from tests.story.test_story import ABUSE
from tests.town import Town, page_values, shown_form

WORDS = ("", "nothing to see", "there is a knife", "a naked picture", "he was hit", "suicide")


def values_of(question: Question) -> st.SearchStrategy[Value]:
    """Return what somebody may send for a question; now and then what it does not offer."""
    if question.text:
        return st.sampled_from(WORDS)
    offered = st.sampled_from([*(option.value for option in options_of(question, SCHOOL)), "not offered"])
    return st.lists(offered, max_size=3).map(tuple) if question.many else st.one_of(offered, st.just(""))


def answers_of(question: Question) -> st.SearchStrategy[Answer | None]:
    """Return an answer as it may stand in a draft, or none."""

    def kept(value: Value) -> Answer | None:
        try:
            return read(question, value, SCHOOL)
        except InvalidAnswer:
            return None

    return values_of(question).map(kept)


ANSWERS = st.fixed_dictionaries({name: answers_of(question) for name, question in QUESTIONS.items()})
VALUES = st.fixed_dictionaries({}, optional={name: values_of(q) for name, q in QUESTIONS.items()})


def by_the_table(answers: Mapping[str, Answer]) -> tuple[dict[str, Answer], list[Row]]:
    """Return the answers that stand and the rows that are asked, row by row with all that each asks for."""
    standing: dict[str, Answer] = {}
    asked = []
    for row in ROWS:
        if not met(row.condition, standing):
            continue
        asked.append(row)
        answer = answers.get(row.name)
        if answer is None or (answer == "no" and row.name in SAFETY_LIST):
            continue
        standing[row.name] = answer
        if row.name == "safety":
            standing.update({key: "no" for key in SAFETY_LIST if key not in answer})
            if answer == ("not_sure",):
                standing["child_at_risk"] = "not_sure"
    standing |= {name: answers[name] for name in KEPT if name in answers and name not in standing}
    return standing, asked


def one_by_one(
    answers: dict[str, Answer], page: str, values: Mapping[str, Value]
) -> tuple[dict[str, Answer], set[str]]:
    """Return what stands after a page, and its wrong fields: each value on its own, all settled again."""
    standing, rows = by_the_table(answers)
    before = [row for row in rows if row.page == page]
    shown: list[Row] = []
    for row in ROWS:
        tied = row.shown is not None and row.shown.field in {one.name for one in shown}
        if row.page == page and (row in before or (tied and met(row.when, standing))):
            shown.append(row)
    wrong: set[str] = set()
    for row in shown:
        asked = {(one.page, one.name) for one in by_the_table(answers)[1]}
        if row.name not in values or (page, row.name) not in asked:
            continue
        try:
            found = read(QUESTIONS[row.name], values[row.name], SCHOOL)
        except InvalidAnswer:
            wrong.add(row.name)
        else:
            answers |= {} if found is None else {row.name: found}
    standing, rows = by_the_table(answers)
    for row in rows:
        if row.page == page and row.name not in standing and row.name not in wrong:
            was_asked = row.name in {one.name for one in before}
            if QUESTIONS[row.name].text and (row.shown is None or was_asked):
                standing[row.name] = ""
            elif was_asked:
                wrong.add(row.name)
    return by_the_table(standing)[0], wrong


@given(ANSWERS)
@pytest.mark.unwatched
def test_one_pass_says_what_the_table_says(drawn: dict[str, Answer | None]) -> None:
    """The same answers stand and the same rows are asked, in the same order; again changes nothing."""
    answers = {name: answer for name, answer in drawn.items() if answer is not None}
    standing, asked = by_the_table(answers)
    once = settle(answers)
    assert list(once.standing.items()) == list(standing.items())
    assert list(once.rows) == asked
    assert once.next == next((row for row in asked if row.name not in standing), None)
    assert once.pages == (*dict.fromkeys(row.page for row in asked), "check")
    assert settle(once.standing) == once


@given(ANSWERS, st.sampled_from(PAGES), VALUES)
@pytest.mark.unwatched
def test_a_page_is_taken_as_if_its_answers_came_one_by_one(
    drawn: dict[str, Answer | None], page: str, values: dict[str, Value]
) -> None:
    """Taken in the pass itself, a page leads to the same answers and the same wrong fields."""
    answers = settle({name: answer for name, answer in drawn.items() if answer is not None}).standing
    after, errors = Filled(page, values, SCHOOL).settle(answers)
    standing, wrong = one_by_one(dict(answers), page, values)
    assert after.standing == standing
    assert set(errors) == wrong


def test_no_condition_looks_at_its_own_neighbours() -> None:
    """Rows under one condition are asked about it once, before any of them: none may change it."""
    for page in settled._PAGES.values():  # noqa: SLF001 - that is what the test is about
        assert not looks_at(page.route) & {row.name for run in page.runs for row, _ in run.rows}
        for run in page.runs:
            assert not looks_at(run.when) & {row.name for row, _ in run.rows}


class Calls:
    """How often each of some functions is entered."""

    def __init__(self, **functions: Callable[..., object]) -> None:
        self.names: dict[CodeType, str] = {function.__code__: name for name, function in functions.items()}
        self.count: Counter[str] = Counter()

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Count one."""
        if event == "call" and frame.f_code in self.names:
            self.count[self.names[frame.f_code]] += 1


@pytest.mark.parametrize("answers", [ABUSE, {**ABUSE, "nature": ("genuine_concern",)}])
def test_a_turn_settles_its_answers_once(answers: dict[str, Value]) -> None:
    """From the press to the next page the pass is entered once, and no turn asks more than it must."""
    calls = Calls(passes=settled._settle, rules=Need.holds, words=Word.holds)  # noqa: SLF001 - to be counted
    seen: list[Counter[str]] = []

    async def report() -> None:
        town = Town(await open_store("memory:", key=bytes(32)))
        reply = await town.start("brook")
        while not isinstance(reply, Receipt):
            form = shown_form(reply)
            values = {} if isinstance(form.submit, SendReport) else page_values(form, answers)
            calls.count.clear()
            sys.setprofile(calls)
            try:
                reply = await town.fill("brook", form.submit, values)
            finally:
                sys.setprofile(None)
            seen.append(Counter(calls.count))

    asyncio.run(report())
    assert len(seen) > 6
    assert {count["passes"] for count in seen} == {1}
    assert max(count["rules"] + count["words"] for count in seen) <= 67
