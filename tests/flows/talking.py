"""Somebody who answers a report page by page, or by typing, as a table of answers says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from bot.config.settings import SAMPLE_SCHOOL
from bot.school_file.load import load_schools
from flows.intake import conversation, typed
from flows.intake.answers import options_of
from flows.model import Draft, DraftId
from flows.policy.engine import default_policy
from flows.questions.table import QUESTIONS, SAFETY_LIST
from flows.school import PersonId
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
    "staff_allegation": (),
    "poster": ("parent_carer",),
    "did": ("made",),
    "stance": "cannot_tell",
    "nature": ("none_of_these",),
    "platform": ("collaborative_space",),
    "still_online": "yes",
    "evidence": "saved",
    "replied": "no",
    "repeated": "no",
    "reporter_link": (),
    "keep_name_private": "no",
    "keep_from": (),
    "insider_is": ("rather_not_say",),
    "target_is": ("rather_not_say",),
    "accused_is": ("rather_not_say",),
    "poster_is": ("rather_not_say",),
    "kept_out_is": ("rather_not_say",),
    **{f"flag_{key}": "no" for key in ("immediate_danger", *SAFETY_LIST)},
    "flag_staff_allegation": (),
}


def new(words: str = "", link: str = "") -> Draft:
    """Return a report just begun."""
    return conversation.start(
        draft_id=DraftId("draft-1"), school=SCHOOL, person=REPORTER, at=AT, words=words, link=link
    )


def see(draft: Draft, page: str | None = None, surface: Surface = Surface.MESSAGE) -> Form:
    """Return what is shown."""
    return conversation.view(draft, SCHOOL, POLICY, surface=surface, now=AT, page=page)


def at_check(form: Form) -> bool:
    """Return whether this is the check page."""
    return isinstance(form.submit, SendReport)


def wanted(name: str, answers: Mapping[str, Value]) -> Value:
    """Return what somebody with these answers says to one question."""
    if name == "safety":
        return tuple(key for key in SAFETY_LIST if answers.get(key, "no") != "no") or ("none_of_these",)
    return answers.get(name, PLAIN.get(name, ""))


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
        answered = conversation.answer(draft, page, values(form, answers), SCHOOL, AT)
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
        read = typed.read(draft, text, SCHOOL, AT, surface=Surface.MESSAGE)
        assert isinstance(read, typed.TypedAnswer), (form.cursor, text, read)
        draft = read.draft
    raise AssertionError("the questions never ended")


def fields(form: Form) -> dict[str, object]:
    """Return a form's fields by name."""
    return {field.name: field for field in form.fields}
