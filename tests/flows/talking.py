"""Somebody who answers a report page by page, or by typing, as a table of answers says.

Between two turns there is only the draft, as it is stored: each of these takes it up again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from msgspec import Struct

from bot.config.settings import SAMPLE_SCHOOL
from bot.school_file.load import load_schools
from flows.intake import conversation, report, typed
from flows.intake.answers import options_of
from flows.intake.conversation import taken_up
from flows.intake.said import asked_back
from flows.model import Draft, DraftId, EvidenceFile, Report
from flows.policy.engine import default_policy
from flows.questions.table import KEYS, QUESTIONS, SAFETY_LIST
from flows.school import PersonId, School, Seat
from flows.ui.forms import FileField, Form, TextField, Value
from flows.ui.inbound import Surface
from flows.ui.intents import SendReport

AT = dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)
SCHOOL = next(iter(load_schools(SAMPLE_SCHOOL).values()))
POLICY = default_policy()
REPORTER = PersonId("brook")
#: What somebody answers who has nothing special to say.
PLAIN: dict[str, Value] = {
    "immediate_danger": "no",
    "works_here": "no",
    "targets": ("school",),
    "staff_allegation": ("nobody",),
    "poster": ("parent_carer",),
    "did": ("made",),
    "stance": "cannot_tell",
    "nature": ("none_of_these",),
    "platform": ("collaborative_space",),
    "still_online": "yes",
    "evidence": "saved",
    "replied": "no",
    "repeated": "no",
    "reporter_link": ("none_of_these_apply",),
    "keep_name_private": "no",
    "keep_from": ("nobody",),
    "insider_is": ("rather_not_say",),
    "target_is": ("rather_not_say",),
    "accused_is": ("rather_not_say",),
    "poster_is": ("rather_not_say",),
    "kept_out_is": ("rather_not_say",),
    **{f"flag_{key}": "no" for key in ("immediate_danger", *SAFETY_LIST)},
    "flag_staff_allegation": ("nobody",),
}


def new(words: str = "", link: str = "") -> Draft:
    """Return a report just begun."""
    return conversation.start(
        draft_id=DraftId("draft-1"), school=SCHOOL, person=REPORTER, at=AT, words=words, link=link
    ).draft


def see(draft: Draft, page: str | None = None, surface: Surface = Surface.MESSAGE) -> Form:
    """Return what is shown."""
    return conversation.view(taken_up(draft), SCHOOL, POLICY, surface=surface, now=AT, page=page)


class Came(Struct, frozen=True):
    """What a page came to."""

    draft: Draft
    errors: dict[str, str]
    opened: tuple[str, ...] = ()


def answer(
    draft: Draft,
    page: str,
    values: Mapping[str, Value],
    *,
    surface: Surface | None = None,
    two: Iterable[str] = (),
) -> Came:
    """Submit a page."""
    came = conversation.answer(draft, page, values, SCHOOL, AT, surface=surface, two=two)
    return Came(came.state.draft, came.errors, came.opened)


def type_(
    draft: Draft, text: str, surface: Surface = Surface.MESSAGE
) -> typed.TypedAnswer | typed.Misunderstood | typed.Wants:
    """Type to the bot."""
    return typed.read(taken_up(draft), text, SCHOOL, AT, surface=surface)


def goto(draft: Draft, page: str, surface: Surface, *, field: str = "") -> Draft:
    """Open a page again."""
    return conversation.goto(taken_up(draft), page, surface, AT, field=field).draft


def back(draft: Draft, surface: Surface) -> tuple[Draft, str]:
    """Go back by a question."""
    state, page = conversation.back(taken_up(draft), surface, AT)
    return state.draft, page


def place(draft: Draft, surface: Surface) -> tuple[str, str]:
    """Return where somebody is."""
    return conversation.place(taken_up(draft), surface)


def with_words(draft: Draft, words: str) -> Draft:
    """Add words."""
    return conversation.with_words(draft, words, AT).draft


def with_file(draft: Draft, file: EvidenceFile) -> Draft:
    """Add a file."""
    return conversation.with_file(taken_up(draft), file, AT).draft


def without_file(draft: Draft, file: str) -> Draft:
    """Take a file out again."""
    return conversation.without_file(taken_up(draft), file, AT).draft


def refuses_files(draft: Draft) -> str | None:
    """Return why no file is taken."""
    return conversation.refuses_files(taken_up(draft))


def first_alert(draft: Draft, school: School = SCHOOL) -> tuple[Seat, ...]:
    """Return whom to alert now."""
    return conversation.first_alert(taken_up(draft), school)


def finish(draft: Draft) -> Report:
    """Return the report, sent now."""
    return report.finish(taken_up(draft), AT)


def finish_unfinished(draft: Draft) -> Report:
    """Return the report, sent now as far as it got."""
    return report.finish_unfinished(taken_up(draft), AT)


def at_check(form: Form) -> bool:
    """Return whether this is the check page."""
    return isinstance(form.submit, SendReport)


def wanted(name: str, answers: Mapping[str, Value]) -> Value:
    """Return what somebody with these answers says to one question."""
    if name == "safety":
        return tuple(key for key in SAFETY_LIST if answers.get(key, "no") != "no") or ("none_of_these",)
    usual = KEYS[name].default if name in KEYS else ""
    return answers.get(name, PLAIN.get(name, usual)) or QUESTIONS[name].nothing


def values(form: Form, answers: Mapping[str, Value]) -> dict[str, Value]:
    """Return a page filled in; of questions that are revealed, every one."""
    return {
        field.name: field.value
        if isinstance(field, TextField) and field.value
        else wanted(field.name, answers)
        for field in form.fields
        if not isinstance(field, FileField)
    }


def by_pages(answers: Mapping[str, Value], draft: Draft | None = None) -> tuple[Draft, list[Form]]:
    """Return the draft after the whole report, and every page that was shown, the check last."""
    draft, shown = draft or new(), []
    for _ in range(30):
        form = see(draft)
        shown.append(form)
        if at_check(form):
            return draft, shown
        page = form.id.removeprefix("report.")
        answered = answer(draft, page, values(form, answers))
        assert not answered.errors, (page, answered.errors)
        draft = answered.draft
    raise AssertionError("the pages never ended")


def spoken(name: str, value: Value) -> str:
    """Return a value as somebody types it: the numbers of the options."""
    question = QUESTIONS[name]
    if question.text:
        return str(value) or "skip"
    if value == () and question.nothing:
        value = (question.nothing,)
    held = (value,) if isinstance(value, str) else value
    offered = [option.value for option in options_of(question, SCHOOL)]
    return " and ".join(str(offered.index(one) + 1) for one in held)


def by_typing(answers: Mapping[str, Value], draft: Draft | None = None) -> Draft:
    """Return the draft after the whole report, typed one answer at a time."""
    draft = draft or new()
    for _ in range(80):
        form = see(draft)
        if at_check(form):
            return draft
        text = spoken(form.cursor, wanted(form.cursor, answers))
        read = type_(draft, text)
        assert isinstance(read, typed.TypedAnswer), (form.cursor, text, read)
        draft = read.state.draft
        if asked_back.waiting(read.state, Surface.MESSAGE):
            agreed = type_(draft, "yes")
            assert isinstance(agreed, typed.TypedAnswer), (form.cursor, text, agreed)
            draft = agreed.state.draft
    raise AssertionError("the questions never ended")


def fields(form: Form) -> dict[str, object]:
    """Return a form's fields by name."""
    return {field.name: field for field in form.fields}
