"""Pages: which there are for these answers, what stands on each, and each as a neutral form."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from flows.intake.answers import offered, options_of, settle
from flows.intake.report import may_show_imagery, named
from flows.model import Draft
from flows.questions.conditions import Answers, met
from flows.questions.keywords import found
from flows.questions.question import Kind, Row
from flows.questions.table import CHECK, FILES, PAGES, QUESTIONS, ROWS, SAFETY_LIST, YES
from flows.school import School, Seat
from flows.ui.cards import Attachment, Block, Button, Buttons, Callout, Facts, Text, Tone
from flows.ui.forms import Choice, Field, FileField, Form, Many, TextField
from flows.ui.intents import AnswerPage, GoTo, TakeOut
from flows.words import known, say

_MB = 1_000_000


def asked_pages(answers: Answers) -> tuple[str, ...]:
    """Return the pages these answers lead through, the check last."""
    _, asked = settle(answers)
    standing = {row.page for row in asked}
    return (*(page for page in PAGES if page in standing), CHECK)


def next_row(answers: Answers) -> Row | None:
    """Return the first question that applies and is not answered; None = all are."""
    kept, asked = settle(answers)
    return next((row for row in asked if row.name not in kept), None)


def rows_on(page: str, answers: Answers) -> tuple[Row, ...]:
    """Return what stands on a page: what is asked, and what an answer on it may yet reveal."""
    kept, asked = settle(answers)
    standing: list[Row] = []
    for row in ROWS:
        if row.page != page:
            continue
        parent = row.shown is not None and any(r.name == row.shown.field for r in standing)
        if row in asked or (parent and met(row.when, kept)):
            standing.append(row)
    return tuple(standing)


def page_form(draft: Draft, page: str, school: School, *, cursor: str, errors: Mapping[str, str]) -> Form:
    """Return a page of questions, filled in with what is known."""
    kept, _ = settle(draft.answers)
    pages = asked_pages(kept)
    place = pages.index(page)
    fields = [_advised(_field(row, draft, school, errors), page, kept, school) for row in rows_on(page, kept)]
    if page == "where" and not may_show_imagery(kept):
        fields.append(_files(school))
    return Form(
        id=f"report.{page}",
        title=say(f"page.{page}"),
        submit=AnswerPage(draft=draft.id, revision=draft.revision, page=page),
        submit_label=say("conversation.next"),
        intro=(*intro(page, kept, school), *_files_so_far(draft, page)),
        fields=tuple(fields),
        buttons=back_button(draft, pages[place - 1]) if place else (),
        step=(place + 1, len(pages)),
        cursor=cursor,
        summary=say("conversation.summary"),
    )


def back_button(draft: Draft, page: str) -> tuple[Button, ...]:
    """Return the button to the page before."""
    return (Button(label=say("conversation.back"), intent=GoTo(draft.id, draft.revision, page)),)


def intro(page: str, kept: Answers, school: School) -> tuple[Block, ...]:
    """Return what must not be overlooked, before anything else on every page."""
    blocks: list[Block] = []
    danger = kept.get("immediate_danger")
    if page == PAGES[0] and danger not in YES:
        blocks.append(Text(say("conversation.first_999")))
    if danger in YES:
        words = "conversation.ring_999" if danger == "yes" else "conversation.if_in_doubt"
        blocks.append(Callout(Tone.DANGER, say(words)))
        blocks += _whom_to_ring(kept, school) if page != CHECK else ()
    if may_show_imagery(kept):
        blocks.append(Callout(Tone.DANGER, say("conversation.imagery")))
    if kept.get("replied", "no") != "no":
        blocks.append(Callout(Tone.CAUTION, say("conversation.replied")))
    if page == "hand_over":
        blocks.append(Text(say("conversation.hand_over")))
    return tuple(blocks)


#: Who is rung where somebody is in danger, the first three who may be.
_RUNG = (Seat.DSL, Seat.DEPUTY_DSL, Seat.ON_CALL, Seat.CHAIR)


def _whom_to_ring(kept: Answers, school: School) -> tuple[Block, ...]:
    """Return the leaders to ring, with their numbers: nobody whom the reporter pointed at."""
    pointed = named(kept)
    out = {*pointed.accused, *pointed.poster, *pointed.kept_out}
    # The Headteacher is not cleared yet: not through the on-call list either.
    out.update(school.seats.get(Seat.HEADTEACHER, ()))
    pairs = {
        f"{school.people[person].name} ({say(f'seat.{seat}')})": school.people[person].phone
        for seat in reversed(_RUNG)
        for person in school.seats.get(seat, ())
        if person not in out and school.people[person].phone
    }
    return (Facts(tuple(reversed(pairs.items()))[:3]),) if pairs else ()


#: The questions of which an answer brings advice. In danger any may: who must not be rung depends on many.
_BRINGS_ADVICE = {"immediate_danger", "replied", "safety", SAFETY_LIST[0], f"flag_{SAFETY_LIST[0]}"}


def _advised(field: Field, page: str, kept: Answers, school: School) -> Field:
    """Return the field with what the next page would begin with, at each answer that would bring it."""
    if not isinstance(field, Choice | Many):
        return field
    if field.name not in _BRINGS_ADVICE and kept.get("immediate_danger") not in YES:
        return field  # trying every answer of every question would be half of what a turn costs
    here = intro(page, kept, school)

    def advice(value: str) -> tuple[Block, ...]:
        answer = value if isinstance(field, Choice) else (value,)
        then = intro(page, settle({**kept, field.name: answer})[0], school)
        return tuple(block for block in then if block not in here)

    return replace(field, options=tuple(replace(o, advice=advice(o.value)) for o in field.options))


def kept_files(draft: Draft) -> tuple[Block, ...]:
    """Return the files that came so far, each with a way out again; locked ones only as that."""
    if may_show_imagery(draft.answers):
        return (Text(say("check.files_locked")),)
    blocks: list[Block] = []
    for file in draft.files:
        blocks.append(
            Attachment(name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256)
        )
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
    words = say(f"question.{name}.label")
    if not name.startswith("flag_"):
        return words
    return words.format(word=found(str(answers.get("words", ""))).get(name.removeprefix("flag_"), ""))


def _field(row: Row, draft: Draft, school: School, errors: Mapping[str, str]) -> Field:
    question = QUESTIONS[row.name]
    answer = draft.answers.get(row.name)
    label = question_label(row.name, draft.answers)
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


def _files_so_far(draft: Draft, page: str) -> tuple[Block, ...]:
    """Return what was kept so far, on the page where files are added."""
    if page != "where" or not draft.files:
        return ()
    head = () if may_show_imagery(draft.answers) else (Text(say("conversation.files_kept")),)
    return (*head, *kept_files(draft))


def _files(school: School) -> FileField:
    most = school.limits.evidence_mb * _MB
    return FileField(
        name=FILES, label=say("question.files.label"), help=say("question.files.help"), most_bytes=most
    )
