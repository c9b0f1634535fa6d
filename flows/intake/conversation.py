"""The conversation: what is asked next, what an answer does, going back – all from the answers alone.

There is no current question: the next page is the first with a question that applies and is not
answered. A draft keeps one thing more for each surface: a page that was opened again on purpose, and
the field a typed answer belongs to. Every function returns a new draft; none reads a clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from flows.errors import InvalidAnswer
from flows.intake.answers import clean, read, settle
from flows.intake.check_page import check_form
from flows.intake.pages import asked_pages, next_row, page_form, rows_on
from flows.intake.report import may_show_imagery, named, policy_answers, someone_unsafe
from flows.model import Answer, Draft, DraftId, EvidenceFile
from flows.policy.engine import Policy
from flows.questions.question import Question, Row
from flows.questions.table import CHECK, QUESTIONS, SAFETY_LIST, YES
from flows.school import PersonId, School, Seat
from flows.ui.forms import Form, Value
from flows.ui.inbound import Surface
from flows.words import say


class Answered(Struct, frozen=True):
    """What a submitted page came to: the draft with what was right, and a message for each wrong field."""

    draft: Draft
    errors: dict[str, str]


def start(
    *, draft_id: DraftId, school: School, person: PersonId, at: dt.datetime, words: str = "", link: str = ""
) -> Draft:
    """Return a new draft. Words and a link that came along are kept as answers."""
    came = {"words": clean(words), "link": clean(link)}
    answers: dict[str, Answer] = {name: text for name, text in came.items() if text}
    return Draft(id=draft_id, school=school.id, person=person, answers=answers, started_at=at, touched_at=at)


def view(
    draft: Draft,
    school: School,
    policy: Policy,
    *,
    surface: Surface,
    now: dt.datetime,
    page: str | None = None,
    errors: Mapping[str, str] | None = None,
) -> Form:
    """Return ``page`` if it is one that is asked; else the page that is open or next; else the check."""
    here, field = place(draft, surface)
    pages = asked_pages(draft.answers)
    if page in pages and page != here and (page != CHECK or complete(draft)):
        here, field = page, _first_field(draft, page)
    if here == CHECK:
        return check_form(draft, school, policy, now)
    return page_form(draft, here, school, cursor=field, errors=errors or {})


def place(draft: Draft, surface: Surface) -> tuple[str, str]:
    """Return the page that is open on a surface and the field a typed answer there belongs to."""
    held = draft.cursors.get(_held(surface), "")
    if held == CHECK and complete(draft):
        return CHECK, ""
    if held != CHECK and held in asked_pages(draft.answers):
        _, asked = settle(draft.answers)
        field = draft.cursors.get(surface, "")
        if any(row.page == held and row.name == field for row in asked):
            return held, field
        return held, _first_field(draft, held)
    row = next_row(draft.answers)
    return (row.page, row.name) if row else (CHECK, "")


def complete(draft: Draft) -> bool:
    """Return whether every question that applies is answered."""
    return next_row(draft.answers) is None


def answer(
    draft: Draft,
    page: str,
    values: Mapping[str, Value],
    school: School,
    at: dt.datetime,
    *,
    surface: Surface | None = None,
) -> Answered:
    """Take a page. Right answers are kept even where others are wrong; unknown names are ignored.

    ``surface`` = where it was filled in, so that words typed elsewhere are not read as an answer to a
    question that was never shown there. None = everything is shown everywhere.
    """
    before = {row.name for row in settle(draft.answers)[1] if row.page == page}
    answers: dict[str, Answer] = dict(draft.answers)
    errors: dict[str, str] = {}
    for row in rows_on(page, draft.answers):
        _take(row, values, answers, errors, school)
    kept, asked = settle(answers)
    for row in asked:
        if row.page != page or row.name in kept or row.name in errors:
            continue
        question = QUESTIONS[row.name]
        if question.text and (row.shown is None or row.name in before):
            kept[row.name] = ""
        elif row.name in before:
            errors[row.name] = say("conversation.needed_many" if question.many else "conversation.needed")
    after = _changed(draft, kept, at)
    if not errors:
        after = replace(after, cursors=_released(draft, page))
    return Answered(_unseen(after, surface), errors)


def _unseen(draft: Draft, surface: Surface | None) -> Draft:
    """Return the draft without what was last shown on a surface that now shows something else."""
    moved = [s for s in Surface if surface in (None, s) and _held(s) not in draft.cursors]
    return replace(draft, cursors={k: v for k, v in draft.cursors.items() if k not in moved})


def last_shown(draft: Draft, surface: Surface) -> str:
    """Return the question last shown on a surface while it walks with the report; "" = not known."""
    return "" if _held(surface) in draft.cursors else draft.cursors.get(surface, "")


def shown_now(draft: Draft, surface: Surface) -> Draft:
    """Return the draft with the question that is open on a surface remembered as shown there."""
    field = place(draft, surface)[1]
    cursors = {k: v for k, v in draft.cursors.items() if k != surface}
    return replace(draft, cursors={**cursors, surface: field} if field else cursors)


def _take(
    row: Row, values: Mapping[str, Value], answers: dict[str, Answer], errors: dict[str, str], school: School
) -> None:
    """Put the value given for one question into ``answers``, or what is wrong with it into ``errors``."""
    applies = any(r.name == row.name and r.page == row.page for r in settle(answers)[1])
    if row.name not in values or not applies:
        return
    try:
        found = read(QUESTIONS[row.name], values[row.name], school)
    except InvalidAnswer as error:
        errors[row.name] = error.message
        return
    if found is not None:
        answers.update(_meaning(QUESTIONS[row.name], found))


def _meaning(question: Question, found: Answer) -> dict[str, Answer]:
    """Return what an answer sets. "I can't tell at all" is *not sure* for each of the safety questions."""
    if question.name == "safety" and found == ("not_sure",):
        return {"safety": SAFETY_LIST, **dict.fromkeys(SAFETY_LIST, "not_sure")}
    return {question.name: found}


def put(draft: Draft, name: str, value: Value, school: School, at: dt.datetime) -> Draft:
    """Return the draft with one question answered; nothing chosen changes nothing.

    Raises InvalidAnswer for what is not offered.
    """
    question = QUESTIONS[name]
    found = read(question, value, school)
    meaning = {} if found is None else _meaning(question, found)
    return _changed(draft, {**draft.answers, **meaning}, at)


def _changed(draft: Draft, answers: Mapping[str, Answer], at: dt.datetime) -> Draft:
    """Return the draft with these answers: those that no longer apply dropped, files locked if need be."""
    kept, _ = settle(answers)
    lock = may_show_imagery(kept)
    files = tuple(replace(file, locked=True) if lock else file for file in draft.files)
    return replace(
        draft,
        answers=kept,
        files=files,
        revision=draft.revision + 1,
        touched_at=at,
    )


def with_words(draft: Draft, words: str, at: dt.datetime) -> Draft:
    """Return the draft with ``words`` added to the reporter's own words. Nothing is replaced."""
    had = str(draft.answers.get("words", ""))
    added = "\n".join(part for part in (had, clean(words)) if part)
    return _changed(draft, {**draft.answers, "words": added}, at)


def with_file(draft: Draft, file: EvidenceFile, at: dt.datetime) -> Draft:
    """Return the draft with a file added. Ask :func:`refuses_files` first."""
    return _changed(replace(draft, files=(*draft.files, file)), draft.answers, at)


def without_file(draft: Draft, file: str, at: dt.datetime) -> Draft:
    """Return the draft without a file; one that is locked stays, whoever asks."""
    return _changed(
        replace(draft, files=tuple(f for f in draft.files if f.id != file or f.locked)), draft.answers, at
    )


def refuses_files(draft: Draft) -> str | None:
    """Return why no file is taken, in words; None where files are welcome."""
    return say("conversation.no_files") if may_show_imagery(draft.answers) else None


# -- where somebody is ---------------------------------------------------------------------------


def goto(draft: Draft, page: str, surface: Surface, at: dt.datetime, *, field: str = "") -> Draft:
    """Return the draft with a page opened again on a surface; the answers stay as they are."""
    cursors = {k: v for k, v in draft.cursors.items() if k not in (surface, _held(surface))}
    if page in asked_pages(draft.answers):
        cursors[_held(surface)] = page
        cursors[surface] = field or _first_field(draft, page)
    return replace(draft, cursors=cursors, touched_at=at)


def back(draft: Draft, surface: Surface, at: dt.datetime) -> tuple[Draft, str]:
    """Return the draft with the question before opened on a surface, and that question's page."""
    page, field = place(draft, surface)
    _, asked = settle(draft.answers)
    here = next((n for n, row in enumerate(asked) if (row.page, row.name) == (page, field)), len(asked))
    before = asked[max(here - 1, 0)]
    return goto(draft, before.page, surface, at, field=before.name), before.page


def step_on(draft: Draft, surface: Surface) -> Draft:
    """Return the draft with the next question of an opened page under the cursor, or the page let go."""
    held, field = draft.cursors.get(_held(surface), ""), draft.cursors.get(surface, "")
    _, asked = settle(draft.answers)
    names = [row.name for row in asked if row.page == held]
    rest = names[names.index(field) + 1 :] if field in names else []
    if rest:
        return replace(draft, cursors={**draft.cursors, surface: rest[0]})
    return replace(draft, cursors=_released(draft, held))


def _held(surface: Surface) -> str:
    return f"{surface}.page"


def _released(draft: Draft, page: str) -> dict[str, str]:
    """Return the cursors without the surfaces on which this page was open."""
    gone = {s for s in Surface if draft.cursors.get(_held(s)) == page}
    keys = {*gone, *(_held(s) for s in gone)}
    return {k: v for k, v in draft.cursors.items() if k not in keys}


def _first_field(draft: Draft, page: str) -> str:
    """Return the first question of a page that is not answered, else its first."""
    kept, asked = settle(draft.answers)
    names = [row.name for row in asked if row.page == page]
    return next((name for name in names if name not in kept), next(iter(names), ""))


# -- who must know before the report is finished -------------------------------------------------

#: Who is alerted first, and who in their place when it may come from them.
_FIRST = (Seat.DSL, Seat.DEPUTY_DSL, Seat.CHAIR, Seat.VICE_CHAIR)


def first_alert(draft: Draft, school: School) -> tuple[Seat, ...]:
    """Return the seats to alert now that were not alerted yet: danger is yes or not sure.

    Nobody whom the reporter pointed at. The Headteacher only once the question about people who work
    here is answered without them, and nothing else speaks against it.
    """
    kept, _ = settle(draft.answers)
    if kept.get("immediate_danger") not in YES:
        return ()
    pointed = named(kept)
    out = {*pointed.accused, *pointed.poster, *pointed.kept_out}
    free = [seat for seat in _FIRST if not out.intersection(school.seats.get(seat, ())[:1])]
    seats = free[:1]
    head = school.seats.get(Seat.HEADTEACHER, ())[:1]
    if not out.intersection(p for p in school.seats.get(Seat.ON_CALL, ()) if p not in head):
        seats.append(Seat.ON_CALL)
    if _head_is_clear(kept) and not out.intersection(head):
        seats.append(Seat.HEADTEACHER)
    return tuple(seat for seat in seats if seat not in draft.alerted)


def _head_is_clear(kept: Mapping[str, Answer]) -> bool:
    known = policy_answers(kept)
    accused = known.get("staff_allegation")
    if accused is None or {"headteacher", "not_sure"}.intersection(accused):
        return False
    against = {*known.get("poster", ()), *known.get("keep_from", ())}
    return kept.get("works_here") == "no" and "headteacher" not in against


def wants_safety_net(draft: Draft) -> bool:
    """Return whether the report goes ahead by itself if it is left: somebody may not be safe."""
    return someone_unsafe(draft.answers)
