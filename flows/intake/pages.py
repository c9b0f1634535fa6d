"""Pages: each as a neutral form, filled in with what is known."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from flows.intake.answers import in_words, offered, options_of
from flows.intake.from_words import offered_by
from flows.intake.report import named
from flows.intake.ringing import leaders, outside, rung
from flows.intake.settled import Settled, State, settle
from flows.model import Draft, Named
from flows.questions.conditions import Answers
from flows.questions.keywords import found
from flows.questions.question import Kind, Row
from flows.questions.shortcuts import shortcuts
from flows.questions.table import CHECK, FILES, PAGES, QUESTIONS, SAFETY_LIST, YES
from flows.school import School
from flows.ui.cards import Attachment, Block, Button, Buttons, Callout, Facts, Style, Text, Tone
from flows.ui.forms import Choice, Field, FileField, Form, Many, TextField
from flows.ui.intents import AnswerPage, GoTo, SendReport, TakeOut
from flows.words import known, say

_MB = 1_000_000


def page_form(state: State, page: str, school: School, *, cursor: str, errors: Mapping[str, str]) -> Form:
    """Return a page of questions, filled in with what is known."""
    draft, settled = state.draft, state.settled
    pages = settled.pages
    place = pages.index(page)
    errors = {**_two_answers(settled, school), **errors}
    rows = settled.on(page)
    offered = offered_by(settled.standing)
    asked = (_offered(_field(row, settled.standing, school, errors), settled, offered) for row in rows)
    fields = [_advised(field, page, state, school) for field in asked]
    if page == "where" and not settled.imagery:
        fields.append(_files(school))
    return Form(
        id=f"report.{page}",
        title=say(f"page.{page}"),
        submit=AnswerPage(draft=draft.id, revision=draft.revision, page=page),
        submit_label=say("conversation.next"),
        intro=(
            *intro(draft, page, settled.standing, school, imagery=settled.imagery),
            *_files_so_far(state, page),
            *_please_check(rows, settled, offered),
        ),
        fields=tuple(fields),
        buttons=(*(back_button(draft, pages[place - 1]) if place else ()), *_send_now(state)),
        shortcuts=shortcuts(page, _shown(page, settled), {*settled.standing, *offered}),
        step=(place + 1, len(pages)),
        cursor=cursor,
        summary=say("conversation.summary"),
    )


def _shown(page: str, settled: Settled) -> set[str]:
    """Return the questions of a page that somebody sees; about danger one at a time."""
    rows = settled.asked.get(page, ()) if page == PAGES[0] else settled.on(page)
    return {row.name for row in rows}


def is_offered(name: str, settled: Settled, offered: Answers) -> bool:
    """Return whether a question that nobody has answered yet stands filled in from the reporter's words."""
    return name in offered and name not in settled.standing


def _offered(field: Field, settled: Settled, offered: Answers) -> Field:
    """Return the field filled in from the reporter's words, and marked, where it has no answer yet."""
    if not is_offered(field.name, settled, offered):
        return field
    marked = " ".join(part for part in (say("conversation.from_words"), field.help) if part)
    value = offered[field.name]
    return replace(field, value=value, help=marked)


def _please_check(rows: tuple[Row, ...], settled: Settled, offered: Answers) -> tuple[Block, ...]:
    """Return the line that says what to do with what is filled in."""
    filled = any(is_offered(row.name, settled, offered) for row in rows)
    return (Text(say("conversation.please_check")),) if filled else ()


def _two_answers(settled: Settled, school: School) -> dict[str, str]:
    """Return what stands beside a question that has two answers until one of them is meant."""
    return {
        name: say(
            "conversation.two_answers", answer=in_words(QUESTIONS[name], settled.standing[name], school)
        )
        for name in settled.again
    }


def _send_now(state: State) -> tuple[Button, ...]:
    """Return the button that sends a report of danger as far as it got, once the leaders can do with it."""
    draft, settled = state.draft, state.settled
    known = "targets" in settled.standing and "staff_allegation" in settled.known
    if settled.standing.get("immediate_danger") not in YES or draft.case is not None or not known:
        return ()
    intent = SendReport(draft.id, draft.revision, unfinished=True)
    return (Button(label=say("conversation.send_now"), intent=intent, style=Style.DANGER),)


def back_button(draft: Draft, page: str) -> tuple[Button, ...]:
    """Return the button to the page before."""
    return (Button(label=say("conversation.back"), intent=GoTo(draft.id, draft.revision, page)),)


def intro(draft: Draft, page: str, standing: Answers, school: School, *, imagery: bool) -> tuple[Block, ...]:
    """Return what must not be overlooked, before anything else on every page."""
    blocks: list[Block] = []
    danger, fresh = standing.get("immediate_danger"), _is_fresh(page, imagery=imagery)
    if page == PAGES[0] and danger not in YES:
        blocks.append(Text(say("conversation.first_999")))
    if danger in YES:
        words = ("ring_999" if danger == "yes" else "if_in_doubt") + ("" if fresh else "_again")
        blocks.append(Callout(Tone.DANGER, say(f"conversation.{words}")))
    if imagery:
        words = "conversation.imagery" if fresh else "conversation.imagery_again"
        blocks.append(Callout(Tone.DANGER, say(words)))
    if danger in YES or imagery:
        blocks += _whom_to_ring(draft, standing, school, fresh=fresh)
    replied = standing.get("replied", "no")
    if replied != "no":
        words = "advice.if_replied" if replied == "not_sure" else "conversation.replied"
        blocks.append(Callout(Tone.CAUTION, say(words)))
    if page == "hand_over":
        blocks.append(Text(say("conversation.hand_over")))
    return tuple(blocks)


def _is_fresh(page: str, *, imagery: bool) -> bool:
    """Return whether advice is new on a page: where it was called for, and on the next. Then it is brief.

    A phone shows little more than the advice in full, and the question is what a later page is for.
    """
    called_for = "safety" if imagery else PAGES[0]
    return page != CHECK and PAGES.index(page) <= PAGES.index(called_for) + 1


def _whom_to_ring(draft: Draft, standing: Answers, school: School, *, fresh: bool) -> tuple[Block, ...]:
    """Return the leaders to ring, with their numbers, and at first whom anybody may ring themselves."""
    inside = leaders(rung(draft, standing, school), school)
    first = Facts(inside) if inside else Text(say("ring.no_number"))
    if not fresh:
        return (first,)
    beside = outside(school)
    return (first, Text(say("ring.yourself")), *([Facts(beside)] if beside else []))


#: The questions of which an answer brings advice.
_BRINGS_ADVICE = {"immediate_danger", "replied", "safety"}
#: And those of which an answer may say who is not to be rung.
_SPEAKS_AGAINST = {"targets", "staff_allegation", "poster", "keep_from", "reporter_link"}


def _advised(field: Field, page: str, state: State, school: School) -> Field:
    """Return the field with what the next page would begin with, at each answer that would bring it."""
    draft, settled = state.draft, state.settled
    if not isinstance(field, Choice | Many) or not _may_bring_advice(field.name, settled):
        return field
    here = intro(draft, page, settled.standing, school, imagery=settled.imagery)

    def advice(value: str) -> tuple[Block, ...]:
        standing = {**settled.standing, field.name: value if isinstance(field, Choice) else (value,)}
        imagery = value == SAFETY_LIST[0]
        if _pressing(settled):  # who must not be rung may hang on an answer that falls away
            then = settle(standing)
            standing, imagery = then.standing, then.imagery
        blocks = intro(draft, page, standing, school, imagery=imagery)
        return tuple(block for block in blocks if block not in here)

    return replace(field, options=tuple(replace(o, advice=advice(o.value)) for o in field.options))


def _may_bring_advice(name: str, settled: Settled) -> bool:
    """Return whether an answer may. Where somebody is to be rung, that depends on who is spoken against."""
    if not _pressing(settled):
        return name in _BRINGS_ADVICE
    pointing = name in _BRINGS_ADVICE | _SPEAKS_AGAINST or QUESTIONS[name].kind is Kind.PEOPLE
    return pointing or named(settled.standing) != Named()


def _pressing(settled: Settled) -> bool:
    return settled.standing.get("immediate_danger") in YES or settled.imagery


def stored_files(state: State) -> tuple[Block, ...]:
    """Return the files that came so far, each with a way out again; locked ones only as that."""
    draft = state.draft
    if state.settled.imagery:
        return (Text(say("check.files_locked")),)
    blocks: list[Block] = []
    for file in draft.files:
        blocks.append(Attachment(name=file.name, media_type=file.media_type, size=file.size))
        if not file.locked:
            out = Button(
                label=say("button.take_out"),
                intent=TakeOut(draft.id, draft.revision, file.id),
                describes=say("conversation.take_out", file=file.name),
            )
            blocks.append(Buttons((out,)))
    return tuple(blocks)


def question_label(name: str, answers: Answers, *, short: bool = False) -> str:
    """Return a question as it is asked; ``short`` = as it stands in a list of answers."""
    if short and known(f"question.{name}.short"):
        return say(f"question.{name}.short")
    if name == "works_here" and answers.get("immediate_danger") == "no":
        return say("question.works_here.involved")
    words = say(f"question.{name}.label")
    if not name.startswith("flag_"):
        return words
    return words.format(word=found(str(answers.get("words", ""))).get(name.removeprefix("flag_"), ""))


def _field(row: Row, standing: Answers, school: School, errors: Mapping[str, str]) -> Field:
    question = QUESTIONS[row.name]
    answer = standing.get(row.name)
    label = question_label(row.name, standing)
    help_name = f"question.{row.name}.help"
    hint = say(help_name) if known(help_name) else ""
    error = errors.get(row.name, "")
    held = offered(question, answer)
    if question.text:
        return TextField(
            name=row.name,
            label=label,
            value=str(answer or ""),
            lines=6 if question.kind is Kind.LONG else 1,
            help=hint,
            error=error,
            shown=row.shown,
        )
    options = options_of(question, school)
    if isinstance(held, tuple):
        return Many(
            name=row.name,
            label=label,
            options=options,
            value=held,
            alone=question.alone,
            help=hint,
            error=error,
            shown=row.shown,
        )
    return Choice(
        name=row.name,
        label=label,
        options=options,
        value=held if held in question.options else "",
        help=hint,
        error=error,
        shown=row.shown,
    )


def _files_so_far(state: State, page: str) -> tuple[Block, ...]:
    """Return what was stored so far, on the page where files are added."""
    if page != "where" or not state.draft.files:
        return ()
    head = () if state.settled.imagery else (Text(say("conversation.files_kept")),)
    return (*head, *stored_files(state))


def _files(school: School) -> FileField:
    most = school.limits.evidence_mb * _MB
    return FileField(
        name=FILES, label=say("question.files.label"), help=say("question.files.help"), most_bytes=most
    )
