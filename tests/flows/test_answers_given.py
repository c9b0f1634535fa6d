"""An answer is given, follows from a rule that is named, or was not asked. It is never filled in."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.case.corrections import answer_lines, corrected, correction_fields
from flows.intake import typed
from flows.intake.answers import options_of, read
from flows.intake.settled import settle
from flows.intake.unanswered import follows, not_asked
from flows.model import Answer, Draft
from flows.questions.keywords import keys_in
from flows.questions.table import KEYS, QUESTIONS, SAFETY_LIST
from flows.ui.forms import Choice, Many, Value
from flows.ui.inbound import Surface
from flows.ui.plain_text import form_text
from tests.flows.talking import (
    PLAIN,
    SCHOOL,
    answer,
    at_check,
    by_pages,
    finish,
    finish_unfinished,
    new,
    see,
    type_,
    values,
)
from tests.often import often

BLANK = "left blank"
IMAGE: dict[str, Value] = {**PLAIN, "sexual_imagery_child": "not_sure", "targets": ("pupil",)}


def _upto(page: str, **said: Value) -> Draft:
    """Return a report whose next page is this one."""
    draft = new()
    while see(draft).id != f"report.{page}":
        form = see(draft)
        draft = answer(draft, form.id.removeprefix("report."), values(form, {**PLAIN, **said})).draft
    return draft


# -- what is left blank ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "name", "rest"),
    [
        ("about", "staff_allegation", {"targets": ("pupil",)}),
        ("you", "keep_from", {"reporter_link": ("is_target",), "keep_name_private": "no"}),
        ("you", "reporter_link", {"keep_from": ("dsl",), "keep_name_private": "no"}),
        ("danger", "works_here", {"immediate_danger": "yes"}),
        ("safety", "safety", {}),
        ("poster", "did", {"poster": ("pupil",)}),
    ],
)
def test_a_question_left_blank_is_asked_again(page: str, name: str, rest: dict[str, Value]) -> None:
    """Shown and not answered is not answered: the page comes back with it, and nothing stands for it."""
    empty = () if QUESTIONS[name].many else ""
    came = answer(_upto(page), page, {**rest, name: empty})
    assert name in {*came.errors, *came.opened}
    assert see(came.draft).id == f"report.{page}"
    assert name not in came.draft.answers
    assert name not in finish_unfinished(came.draft).answers


def test_nothing_is_said_by_its_own_choice() -> None:
    """Nobody, and none of these, are ticks like any other."""
    came = answer(_upto("you"), "you", {**PLAIN, "keep_from": ("nobody",)})
    assert (came.errors, came.draft.answers["keep_from"]) == ({}, ())


# -- who can't tell ----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["idk", "I can't tell at all", "not sure", "9"])
def test_a_shrug_is_no_grave_report(words: str) -> None:
    """Typed or ticked: a child may be at risk, nothing else is reported, and the report goes its way."""
    draft = _upto("safety")
    shown = type_(draft, words)
    assert isinstance(shown, typed.TypedAnswer)
    draft, _ = by_pages(PLAIN, shown.state.draft)
    assert "where" in settle(draft.answers).pages
    sent = finish(draft)
    assert {key: sent.answers[key] for key in SAFETY_LIST} == {
        **dict.fromkeys(SAFETY_LIST, "no"),
        "child_at_risk": "not_sure",
    }
    lines = dict(answer_lines(sent))
    assert "It is racist" in lines["Was not asked"]
    assert "Dangers and hate on the list" not in lines, "nobody said no to it"
    assert lines["Means a child could come to harm, or want to hurt themselves"] == "Not sure"
    assert not {"It is racist", "It threatens violence"}.intersection(lines)


def test_who_ticks_everything_reports_everything() -> None:
    """Seven ticks are seven answers, not a shrug."""
    draft, shown = by_pages({**PLAIN, **dict.fromkeys(SAFETY_LIST, "not_sure"), "targets": ("pupil",)})
    assert finish(draft).presumed == ("poster", "did", "nature", "still_online", "evidence")
    assert "I can't tell at all" not in form_text(shown[-1])


# -- what was not asked ------------------------------------------------------------------------------


def test_what_the_imagery_path_never_asks_is_named_as_not_asked() -> None:
    """The policy hears the cautious values; whoever reads the report is told that nobody was asked."""
    draft, shown = by_pages(IMAGE)
    sent = finish(draft)
    assert sent.answers["poster"] == ("unknown",)
    assert {"poster", "did", "nature", "still_online", "evidence"} == set(sent.presumed)
    for text in (form_text(shown[-1]), str(answer_lines(sent))):
        assert "Was not asked" in text
        assert "I don't know" not in text
    assert "Who put it there?" in dict(answer_lines(sent))["Was not asked"]


def test_what_follows_by_a_rule_names_the_rule() -> None:
    """Nobody knows who put it there: what they did follows, and is said to follow."""
    draft, shown = by_pages({**PLAIN, "poster": ("unknown",)})
    taken = "They wrote or made it – taken so, because nobody knows who put it there."
    assert dict(answer_lines(finish(draft)))["What did they do?"] == taken
    assert taken in form_text(shown[-1])


def test_a_whole_report_has_nothing_left_out() -> None:
    """Where everything was asked, nothing is said to be missing."""
    draft, shown = by_pages({**PLAIN, "targets": ("staff",)})
    assert not_asked(finish(draft)) == ()
    assert "Was not asked" not in form_text(shown[-1])


def test_a_leader_who_answers_gives_the_answer() -> None:
    """What was not asked stands empty in the correction; once chosen it is an answer, the rest stays open."""
    sent = finish(by_pages(IMAGE)[0])
    empty = {f.name: f.value for f in correction_fields(sent) if isinstance(f, Choice | Many)}
    assert (empty["poster"], empty["did"], empty["still_online"]) == ((), (), "")
    after = corrected(sent, {**empty, "poster": ("pupil",)})
    assert after.answers["poster"] == ("pupil",)
    assert set(after.presumed) == set(sent.presumed) - {"poster"}
    assert corrected(sent, empty) == sent


# -- any conversation --------------------------------------------------------------------------------


def _press(draft: Draft, surface: Surface, pick: st.DataObject, said: dict[str, list[Answer]]) -> Draft:
    """Fill a page in, some of it left blank."""
    form = see(draft, surface=surface)
    filled: dict[str, Value] = {}
    for field in form.fields:
        if isinstance(field, Choice | Many):
            one = pick.draw(st.sampled_from([BLANK, *(o.value for o in field.options)]))
            value = one if isinstance(field, Choice) else (one,)
            filled[field.name] = ("" if isinstance(field, Choice) else ()) if one == BLANK else value
            answered = None if one == BLANK else read(QUESTIONS[field.name], value, SCHOOL)
            said[field.name] += [] if answered is None else [answered]
        elif field.name == "words":
            filled["words"] = pick.draw(st.sampled_from(["", "a bomb", "he hit her", "suicide"]))
    return answer(draft, form.id.removeprefix("report."), filled, surface=surface).draft


def _type(draft: Draft, surface: Surface, pick: st.DataObject, said: dict[str, list[Answer]]) -> Draft:
    """Type the number of a choice, or words that are none."""
    name = see(draft, surface=surface).cursor
    offered = options_of(QUESTIONS[name], SCHOOL)
    choices = ["perhaps something quite different", *map(str, range(1, len(offered) + 1))]
    text = pick.draw(st.sampled_from(choices))
    came = type_(draft, text, surface)
    if not isinstance(came, typed.TypedAnswer):
        return draft
    if text.isdecimal() and not QUESTIONS[name].text:
        number = offered[int(text) - 1].value
        answered = read(QUESTIONS[name], (number,) if QUESTIONS[name].many else number, SCHOOL)
        said[name] += [] if answered is None else [answered]
    return came.state.draft


def _was_given(name: str, value: Answer, said: dict[str, list[Answer]], draft: Draft) -> bool:
    """Return whether an answer of a report can be traced to what somebody said."""
    if name in ("text_flags", "text_denied"):
        no = {key for key in value if {"no", ()}.intersection(said[f"flag_{key}"])}
        return set(value) <= keys_in(draft.answers) and (no == {*value} or name == "text_flags")
    if name in SAFETY_LIST:
        lists = said["safety"]
        if value == "no":
            taken_back = "mistake" in said[name]
            return taken_back or any(name not in ticked and ticked != ("not_sure",) for ticked in lists)
        shrugged = name == "child_at_risk" and ("not_sure",) in lists
        ticked = value == "not_sure" and any(name in ticked for ticked in lists)
        return value in said[name] or value in said[f"flag_{name}"] or shrugged or ticked
    heard = [QUESTIONS[name].heard(one) for one in (*said[name], *said[f"flag_{name}"])]
    return value in heard


@settings(max_examples=often(400, 40), deadline=None)
@given(st.data())
@pytest.mark.unwatched
def test_every_answer_of_a_report_was_given_or_is_named(pick: st.DataObject) -> None:
    """By pages, by typing, both, on two devices, with blanks: nothing in a report is made up."""
    draft, said = new(), defaultdict[str, list[Answer]](list)
    for _ in range(pick.draw(st.integers(1, 25))):
        surface = pick.draw(st.sampled_from([Surface.MODAL, Surface.MESSAGE]))
        if at_check(see(draft, surface=surface)):
            break
        draft = pick.draw(st.sampled_from([_press, _press, _type]))(draft, surface, pick, said)
    reports = [finish_unfinished(draft)]
    if settle(draft.answers).complete:
        reports.append(finish(draft))
    for sent in reports:
        for name, value in sent.answers.items():
            if name not in sent.presumed:
                assert _was_given(name, value, said, draft), (name, value, said)
        spoken = {*sent.answers, *not_asked(sent), "text_flags", "text_denied"}
        assert set(KEYS) - spoken <= {"did", "stance"}
        named = {*not_asked(sent)} | ({"did"} if follows(sent) else set())
        assert set(sent.presumed) <= named
