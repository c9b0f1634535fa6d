"""The conversation: what is asked next, what an answer does, going back – all from the answers alone.

There is no current question: the next page is the first with a question that applies and is not
answered. A draft keeps one thing more for each surface: a page that was opened again on purpose, and
the field a typed answer belongs to. A draft is settled once when it is taken up and once for each change
of its answers; the state goes from hand to hand. Every function returns a new one; none reads a clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from flows.intake.answers import clean, read
from flows.intake.check_page import check_form
from flows.intake.pages import page_form
from flows.intake.ringing import against
from flows.intake.settled import Filled, Settled, State, settle
from flows.intake.typed_page import question_form
from flows.model import Answer, Draft, DraftId, EvidenceFile
from flows.policy.engine import Policy
from flows.questions.table import CHECK, QUESTIONS, YES
from flows.school import PersonId, School, Seat
from flows.ui.forms import Form, Value
from flows.ui.inbound import Surface
from flows.words import say


class Answered(Struct, frozen=True):
    """What a submitted page came to: the state with what was right, and a message for each wrong field.

    ``opened`` are questions that these answers have brought and that are not answered yet.
    """

    state: State
    errors: dict[str, str]
    opened: tuple[str, ...] = ()


def start(
    *, draft_id: DraftId, school: School, person: PersonId, at: dt.datetime, words: str = "", link: str = ""
) -> State:
    """Begin a draft. Words and a link that came along are its first answers."""
    came = {"words": clean(words), "link": clean(link)}
    answers: dict[str, Answer] = {name: text for name, text in came.items() if text}
    return taken_up(
        Draft(id=draft_id, school=school.id, person=person, answers=answers, started_at=at, touched_at=at)
    )


def taken_up(draft: Draft) -> State:
    """Return a draft with what follows from its answers."""
    return State(draft, settle(draft.answers, draft.again))


def view(
    state: State,
    school: School,
    policy: Policy,
    *,
    surface: Surface,
    now: dt.datetime,
    page: str | None = None,
    errors: Mapping[str, str] | None = None,
    typed: bool = False,
) -> Form:
    """Return ``page`` if it is one that is asked; else the page that is open or next; else the check.

    ``typed`` = to somebody who types: of a page only the question that comes next, its choices numbered.
    """
    here, field = place(state, surface)
    settled = state.settled
    if page in settled.pages and page != here and (page != CHECK or settled.complete):
        here, field = page, settled.first_on(page)
    if here == CHECK:
        return check_form(state, school, policy, now)
    if typed:
        return question_form(state, here, school, field, errors=errors or {})
    return page_form(state, here, school, cursor=field, errors=errors or {})


def place(state: State, surface: Surface) -> tuple[str, str]:
    """Return the page that is open on a surface and the field a typed answer there belongs to."""
    draft, settled = state.draft, state.settled
    page = draft.cursors.get(_opened(surface), "")
    if page == CHECK and settled.complete:
        return CHECK, ""
    if page in settled.asked:
        field = draft.cursors.get(surface, "")
        if any(row.name == field for row in settled.asked[page]):
            return page, field
        return page, settled.first_on(page)
    row = settled.next
    return (row.page, row.name) if row else (CHECK, "")


def answer(
    draft: Draft,
    page: str,
    values: Mapping[str, Value],
    school: School,
    at: dt.datetime,
    *,
    surface: Surface | None = None,
    two: Iterable[str] = (),
) -> Answered:
    """Take a page. Right answers are kept even where others are wrong; unknown names are ignored.

    ``surface`` = where it was filled in, so that words typed elsewhere are not read as an answer to a
    question that was never shown there. None = everything is shown everywhere. ``two`` are the questions
    that have two answers with this one: they stay open.
    """
    settled, errors = Filled(page, values, school, two=two).settle(draft.answers, draft.again)
    after = _changed(draft, settled, at)
    if not errors:
        after = _with_cursors(after, _released(after.draft, page))
    moved = [s for s in Surface if surface in (None, s) and _opened(s) not in after.draft.cursors]
    opened = tuple(row.name for row in settled.asked.get(page, ()) if settled.open(row.name))
    return Answered(unseen(after, *moved), errors, () if errors else opened)


def unseen(state: State, *surfaces: Surface) -> State:
    """Return the state without what was last shown on surfaces that now show something else."""
    return _with_cursors(state, {k: v for k, v in state.draft.cursors.items() if k not in surfaces})


def last_shown(draft: Draft, surface: Surface) -> str:
    """Return the question last shown on a surface while it walks with the report; "" = not known."""
    return "" if _opened(surface) in draft.cursors else draft.cursors.get(surface, "")


def shown_now(state: State, surface: Surface) -> State:
    """Return the state with the question that is open on a surface remembered as shown there."""
    field = place(state, surface)[1]
    cursors = {k: v for k, v in state.draft.cursors.items() if k != surface}
    return _with_cursors(state, {**cursors, surface: field} if field else cursors)


def put(draft: Draft, name: str, value: Value, school: School, at: dt.datetime) -> State:
    """Return the draft with one question answered; nothing chosen changes nothing.

    Raises InvalidAnswer for what is not offered.
    """
    found = read(QUESTIONS[name], value, school)
    means = {} if found is None else {name: found}
    open_still = draft.again if found is None else _but(draft.again, name)
    return _changed(draft, settle({**draft.answers, **means}, open_still), at)


def unticked(draft: Draft, key: str, at: dt.datetime) -> State:
    """Return the draft without a tick of the safety list; with none left the list is asked again."""
    left = tuple(one for one in draft.answers.get("safety", ()) if one != key)
    kept = {name: value for name, value in draft.answers.items() if name not in (key, "safety")}
    return _changed(draft, settle({**kept, "safety": left} if left else kept, draft.again), at)


def confirmed(draft: Draft, name: str, at: dt.datetime) -> State:
    """Return the draft with the answer that stands taken as the one that is meant."""
    return _changed(draft, settle(draft.answers, _but(draft.again, name)), at)


def with_two(draft: Draft, name: str, stands: Answer, at: dt.datetime) -> State:
    """Return the draft with the graver of two answers, and the question open."""
    return _changed(draft, settle({**draft.answers, name: stands}, (*draft.again, name)), at)


def _but(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name)


def _changed(draft: Draft, settled: Settled, at: dt.datetime) -> State:
    """Return the draft with the answers that stand, its files locked if need be."""
    files = draft.files
    if files and settled.imagery:
        files = tuple(replace(file, locked=True) for file in files)
    revision = draft.revision + 1
    other = [name for name in QUESTIONS if settled.standing.get(name) != draft.answers.get(name)]
    changed = replace(
        draft,
        answers=settled.standing,
        files=files,
        revision=revision,
        changed={**draft.changed, **dict.fromkeys(other, revision)},
        again=settled.again,
        touched_at=at,
    )
    return State(changed, settled)


def with_words(draft: Draft, words: str, at: dt.datetime) -> State:
    """Return the draft with ``words`` added to the reporter's own words. Nothing is replaced."""
    had = str(draft.answers.get("words", ""))
    added = "\n".join(part for part in (had, clean(words)) if part)
    return _changed(draft, settle({**draft.answers, "words": added}, draft.again), at)


def with_file(state: State, file: EvidenceFile, at: dt.datetime) -> State:
    """Return the state with a file added. Ask :func:`refuses_files` first."""
    return _changed(replace(state.draft, files=(*state.draft.files, file)), state.settled, at)


def without_file(state: State, file: str, at: dt.datetime) -> State:
    """Return the state without a file; one that is locked stays, whoever asks."""
    left = tuple(one for one in state.draft.files if one.id != file or one.locked)
    return _changed(replace(state.draft, files=left), state.settled, at)


def refuses_files(state: State) -> str | None:
    """Return why no file is taken, in words; None where files are welcome."""
    return say("conversation.no_files") if state.settled.imagery else None


# -- where somebody is ---------------------------------------------------------------------------


def goto(state: State, page: str, surface: Surface, at: dt.datetime, *, field: str = "") -> State:
    """Return the state with a page opened again on a surface; the answers stay as they are."""
    draft, settled = state.draft, state.settled
    cursors = {k: v for k, v in draft.cursors.items() if k not in (surface, _opened(surface))}
    if page in settled.pages:
        cursors[_opened(surface)] = page
        cursors[surface] = field or settled.first_on(page)
    spoken = {k: v for k, v in draft.spoken.items() if k != surface}
    return State(replace(draft, cursors=cursors, spoken=spoken, touched_at=at), settled)


def back(state: State, surface: Surface, at: dt.datetime) -> tuple[State, str]:
    """Return the state with the question before opened on a surface, and that question's page."""
    page, field = place(state, surface)
    rows = state.settled.rows
    here = next((n for n, row in enumerate(rows) if (row.page, row.name) == (page, field)), len(rows))
    before = rows[max(here - 1, 0)]
    return goto(state, before.page, surface, at, field=before.name), before.page


def step_on(state: State, surface: Surface) -> State:
    """Return the state with the next question of an opened page under the cursor, or the page let go."""
    cursors = state.draft.cursors
    page, field = cursors.get(_opened(surface), ""), cursors.get(surface, "")
    names = [row.name for row in state.settled.asked.get(page, ())]
    rest = names[names.index(field) + 1 :] if field in names else []
    if rest:
        return _with_cursors(state, {**cursors, surface: rest[0]})
    return _with_cursors(state, _released(state.draft, page))


def _with_cursors(state: State, cursors: dict[str, str]) -> State:
    return State(replace(state.draft, cursors=cursors), state.settled)


def _opened(surface: Surface) -> str:
    return f"{surface}.page"


def _released(draft: Draft, page: str) -> dict[str, str]:
    """Return the cursors without the surfaces on which this page was open."""
    gone = {s for s in Surface if draft.cursors.get(_opened(s)) == page}
    keys = {*gone, *(_opened(s) for s in gone)}
    return {k: v for k, v in draft.cursors.items() if k not in keys}


# -- who must know before the report is finished -------------------------------------------------

#: Who is alerted first, and who in their place when it may come from them.
_FIRST = (Seat.DSL, Seat.DEPUTY_DSL, Seat.CHAIR, Seat.VICE_CHAIR)


def first_alert(state: State, school: School) -> tuple[Seat, ...]:
    """Return the seats to alert now that were not alerted yet: danger is yes or not sure.

    Nobody whom the reporter pointed at. The Headteacher only once the question about people who work
    here is answered without them, and nothing else speaks against it.
    """
    standing = state.settled.standing
    if standing.get("immediate_danger") not in YES:
        return ()
    out = against(state.draft, standing, school)
    free = [seat for seat in _FIRST if not out.intersection(school.seats.get(seat, ())[:1])]
    seats = free[:1]
    head = school.seats.get(Seat.HEADTEACHER, ())[:1]
    if out.isdisjoint(p for p in school.seats.get(Seat.ON_CALL, ()) if p not in head):
        seats.append(Seat.ON_CALL)
    if _head_is_clear(state.settled) and not out.intersection(head):
        seats.append(Seat.HEADTEACHER)
    return tuple(seat for seat in seats if seat not in state.draft.alerted)


def _head_is_clear(settled: Settled) -> bool:
    known = settled.known
    accused = known.get("staff_allegation")
    if accused is None or {"headteacher", "not_sure"}.intersection(accused):
        return False
    against = {*known.get("poster", ()), *known.get("keep_from", ())}
    return settled.standing.get("works_here") == "no" and "headteacher" not in against
