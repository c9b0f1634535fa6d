"""What must be said and who must know at once: danger, imagery, the check page, the first alert."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.intake.settled import settle
from flows.model import CaseId, Draft, EvidenceFile
from flows.school import Seat
from flows.ui.cards import Button, Callout
from flows.ui.forms import FileField, Form, Value
from flows.ui.intents import Discard, SendReport
from flows.ui.plain_text import form_text
from tests.flows.talking import (
    AT,
    PLAIN,
    REPORTER,
    SCHOOL,
    answer,
    by_pages,
    first_alert,
    new,
    refuses_files,
    see,
    with_file,
)

FILE = EvidenceFile(
    id="f1", name="shot.png", media_type="image/png", size=10, sha256="00", added_by=REPORTER, added_at=AT
)
FAIR: dict[str, Value] = {**PLAIN, "nature": ("genuine_concern",)}
IMAGE: dict[str, Value] = {**PLAIN, "sexual_imagery_child": "yes", "targets": ("pupil",)}


def _say(draft: Draft, page: str, **values: Value) -> Draft:
    answered = answer(draft, page, values)
    assert not answered.errors
    return answered.draft


def _danger(draft: Draft | None = None, **values: Value) -> Draft:
    return _say(draft or new(), "danger", immediate_danger="yes", **values)


def _ids(forms: list[Form]) -> list[str]:
    return list(dict.fromkeys(form.id.removeprefix("report.") for form in forms))


# -- what must be said -----------------------------------------------------------------------------


def _callouts(form: Form) -> str:
    return " ".join(b.text for b in form.intro if isinstance(b, Callout))


def test_after_danger_999_comes_before_anything_else() -> None:
    """The very next thing shown is to ring 999 and to tell a leader who is not involved."""
    assert see(_danger()).intro[0] == Callout(see(_danger()).intro[0].tone, (  # type: ignore[union-attr]
        "Ring 999 now, then tell the DSL or another leader who is not involved, in person or by phone. "
        "Come back here afterwards."
    ))  # fmt: skip
    unsure = _say(new(), "danger", immediate_danger="not_sure", works_here="no")
    assert "in doubt, ring 999" in _callouts(see(unsure))
    assert _callouts(see(_say(new(), "danger", immediate_danger="no"))) == ""


def test_after_a_reply_the_advice_is_not_to_reply_again() -> None:
    """Whoever replied is told to leave it, and to keep the reply."""
    _, shown = by_pages({**PLAIN, "replied": "reporter"})
    assert "don't reply again" in _callouts(shown[-1])


@pytest.mark.feature("imagery-refused")
def test_imagery_refuses_and_locks_files() -> None:
    """After yes or not sure nothing is taken, nobody looks, and what came before is locked."""
    draft, shown = by_pages({**PLAIN})
    assert any(isinstance(f, FileField) for form in shown for f in form.fields)
    assert refuses_files(draft) is None
    draft = with_file(draft, FILE)
    assert draft.files == (FILE,)
    assert FILE.name in form_text(see(draft))
    where = see(draft, "where")
    assert "Your files so far" in form_text(where)
    assert FILE.name in form_text(where)
    changed = _say(draft, "safety", safety=("sexual_imagery_child",))
    assert changed.files[0].locked
    assert refuses_files(changed)
    assert "Don't look" in _callouts(see(changed))
    assert not any(isinstance(f, FileField) for f in see(changed).fields)
    full, _ = by_pages(IMAGE, changed)
    assert "Nobody opens them" in form_text(see(full))
    again = _say(full, "safety", safety=("none_of_these",))
    assert again.files[0].locked


def test_a_word_about_a_naked_picture_locks_files_too() -> None:
    """What the reporter's words suggest is treated as not sure until they say that it is not so."""
    for said, locked in (("not_sure", True), ("no", False)):
        answers = {**PLAIN, "words": "a naked picture", "flag_sexual_imagery_child": said}
        assert with_file(by_pages(answers)[0], FILE).files[0].locked is locked
    assert with_file(new(words="a naked picture"), FILE).files[0].locked


# -- the check page --------------------------------------------------------------------------------


@pytest.mark.feature("why-before-sending")
def test_the_check_page_says_who_how_soon_and_why_before_sending() -> None:
    """Every answer with Change; the seats in words; the policy's own words as the reason."""
    draft, shown = by_pages({**PLAIN, "targets": ("staff",), "nature": ("abusive",)})
    check = shown[-1]
    text = form_text(check)
    assert check.submit == SendReport(draft=draft.id, revision=draft.revision)
    assert "Who will be told: Headteacher" in text
    assert "The school's policy" in text
    assert "Abusive" in text
    assert "Nothing is sent until" in text
    assert Discard(draft.id, draft.revision) in [b.intent for b in check.buttons if isinstance(b, Button)]


def test_the_check_page_names_the_substitute_of_somebody_pointed_at() -> None:
    """Where the Headteacher was pointed at, the Headteacher is not among those who will be told."""
    answers = {**PLAIN, "targets": ("staff",), "staff_allegation": ("staff",), "accused_is": ("ash",)}
    text = form_text(by_pages(answers)[1][-1])
    assert "Who will be told: Headteacher" not in text
    assert "Chair of governors" in text


def test_the_check_page_says_whom_to_ring_when_nobody_is_left() -> None:
    """All seat holders kept out: the contact outside the school is shown."""
    everybody = tuple({p for people in SCHOOL.seats.values() for p in people})
    answers = {**PLAIN, "nature": ("abusive",), "keep_from": ("someone_else",), "kept_out_is": everybody}
    assert "Council governor services 01632 960015" in form_text(by_pages(answers)[1][-1])


def test_the_check_page_says_what_goes_by_itself() -> None:
    """A report that says somebody is not safe goes ahead if it is left; once gone, that is said."""
    draft, shown = by_pages({**PLAIN, "violence": "yes"})
    assert "10 minutes" in form_text(shown[-1])
    assert "has gone ahead" in form_text(see(replace(draft, case=CaseId("c1"))))


def test_long_words_leave_the_send_button_in_reach() -> None:
    """Words over 800 characters are shortened on the check page, said so, and kept whole."""
    words = "invented " * 500
    draft, shown = by_pages({**PLAIN, "words": words})
    text = form_text(shown[-1])
    assert words not in text
    assert "every word is kept" in text
    assert draft.answers["words"] == words.strip()


def test_nobody_told_is_said_plainly() -> None:
    """A posting that has nothing to do with the school tells nobody, and the page says so."""
    _, shown = by_pages({**PLAIN, "targets": ("none",)})
    assert "Nobody. Nothing in the policy asks for it." in form_text(shown[-1])


# -- who must know at once -------------------------------------------------------------------------


def test_the_first_alert_goes_at_once_and_not_to_the_headteacher() -> None:
    """Danger alone tells the DSL and on-call; a Headteacher only once cleared."""
    assert first_alert(new(), SCHOOL) == ()
    assert first_alert(_danger(), SCHOOL) == (Seat.DSL, Seat.ON_CALL)
    told = replace(_danger(), alerted=("dsl", "on_call"))
    assert first_alert(told, SCHOOL) == ()


@pytest.mark.parametrize(
    ("works_here", "accused", "head"),
    [
        ("no", (), True),
        ("no", ("staff",), True),
        ("no", ("headteacher",), False),
        ("no", ("not_sure",), False),
        ("not_sure", (), False),
        ("yes", (), False),
    ],
)
def test_when_the_headteacher_is_alerted(works_here: str, accused: tuple[str, ...], head: bool) -> None:  # noqa: FBT001 - a table's column
    """Only once it is answered that it is not about the Headteacher, and cannot come from inside."""
    answers = {**PLAIN, "immediate_danger": "yes", "works_here": works_here, "staff_allegation": accused}
    draft, _ = by_pages(answers)
    assert (Seat.HEADTEACHER in first_alert(draft, SCHOOL)) is head


@pytest.mark.parametrize(
    "more",
    [
        {"poster": ("headteacher",)},
        {"keep_from": ("headteacher",)},
        {"staff_allegation": ("staff",), "accused_is": ("ash",)},
    ],
)
def test_a_headteacher_spoken_against_later_is_not_alerted(more: dict[str, Value]) -> None:
    """Poster, kept out, or pointed at: no alert, although nobody accused the seat."""
    draft, _ = by_pages({**PLAIN, "immediate_danger": "yes", **more})
    assert Seat.HEADTEACHER not in first_alert(draft, SCHOOL)


def test_a_dsl_pointed_at_is_not_alerted() -> None:
    """The deputy is told instead, and the on-call list is left out if it begins with the same person."""
    draft = _danger(works_here="yes", insider_is=("cam",))
    assert first_alert(draft, SCHOOL) == (Seat.DEPUTY_DSL,)


@pytest.mark.parametrize(
    ("words", "answers", "net"),
    [
        ("", {"immediate_danger": "no"}, False),
        ("", {"immediate_danger": "not_sure"}, True),
        ("he will kill her", {"immediate_danger": "no"}, True),
        ("he hit her", {"immediate_danger": "no"}, False),
    ],
)
def test_who_is_not_safe_is_not_left(words: str, answers: dict[str, Value], net: bool) -> None:  # noqa: FBT001 - a table's column
    """Yes, not sure, or a listed word: the report goes ahead if it is left."""
    assert settle(answer(new(words), "danger", answers).draft.answers).unsafe is net
