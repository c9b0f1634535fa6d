"""How a report ends: what the policy is given, what is kept beside it, and that nothing is lost."""

from __future__ import annotations

import pytest

from flows.model import Draft, EvidenceFile, Named
from flows.school import PersonId, Seat
from flows.ui.forms import Form, Many, TextField, Value
from flows.ui.plain_text import form_text
from tests.flows.talking import (
    AT,
    PLAIN,
    REPORTER,
    SCHOOL,
    answer,
    by_pages,
    by_typing,
    fields,
    finish,
    finish_unfinished,
    new,
    see,
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


# -- the end ---------------------------------------------------------------------------------------


def test_an_unfinished_report_holds_only_what_was_asked() -> None:
    """No question about people who work here was asked, so its key is absent; a bare tick is not sure."""
    draft = _danger(works_here="yes", insider_is=("ash",))
    draft = answer(draft, "safety", {"safety": ("violence",)}).draft
    sent = finish_unfinished(draft)
    assert sent.unfinished
    assert "staff_allegation" not in sent.answers
    assert "targets" not in sent.answers
    assert sent.answers["violence"] == "not_sure"
    assert sent.answers["racist"] == "no"
    assert sent.named == Named(accused=(PersonId("ash"),))


def test_imagery_writes_the_cautious_values() -> None:
    """A report never becomes "a parent made it" because nobody asked."""
    draft, _ = by_pages({**IMAGE, "works_here": "yes", "insider_is": ("dee", "someone_else")})
    sent = finish(draft)
    assert not sent.unfinished
    assert {
        k: sent.answers[k] for k in ("targets", "poster", "did", "nature", "still_online", "evidence")
    } == {
        "targets": ("pupil",),
        "poster": ("unknown",),
        "did": ("not_sure",),
        "nature": ("not_sure",),
        "still_online": "not_sure",
        "evidence": "none",
    }
    assert sent.answers["staff_allegation"] == ()
    assert sent.named.accused == ("dee",)


def test_a_poster_nobody_knows_made_it() -> None:
    """Poster exactly unknown: the form says made without asking."""
    assert finish(by_pages({**PLAIN, "poster": ("unknown",)})[0]).answers["did"] == ("made",)
    both = finish(by_pages({**PLAIN, "poster": ("unknown", "pupil"), "did": ("shared",)})[0])
    assert both.answers["did"] == ("shared",)


@pytest.mark.parametrize(
    ("said", "flag", "value", "denied"),
    [
        ("I'll kill him", "no", "no", ("violence",)),
        ("I'll kill him", "yes", "yes", ()),
        ("I'll kill him", "not_sure", "not_sure", ()),
        ("I like him", "no", "no", ()),
    ],
)
def test_a_word_is_asked_about_once(said: str, flag: str, value: str, denied: tuple[str, ...]) -> None:
    """Yes and not sure raise its key; an explicit no stands, and is kept as one."""
    draft, shown = by_pages({**PLAIN, "words": said, "flag_violence": flag})
    sent = finish(draft)
    assert sent.answers["violence"] == value
    assert "text_flags" not in sent.answers
    assert sent.answers.get("text_denied", ()) == denied
    assert ("flag_violence" in {f.name for form in shown for f in form.fields}) is ("kill" in said)


def test_a_word_that_nobody_was_asked_about_flags_its_key() -> None:
    """Cut short before the question: left open is not denied."""
    sent = finish_unfinished(new(words="I'll kill him"))
    assert sent.answers["text_flags"] == ("violence",)
    assert "text_denied" not in sent.answers


def test_a_word_about_somebody_who_works_here_asks_who() -> None:
    """Named roles become the allegation; *is it one of these?* follows; no stands."""
    no = finish(by_pages({**PLAIN, "words": "she hit my son"})[0])
    assert no.answers["text_denied"] == ("staff_allegation",)
    yes = {**PLAIN, "words": "she hit my son", "flag_staff_allegation": ("staff",), "accused_is": ("cam",)}
    sent = finish(by_pages(yes)[0])
    assert sent.answers["staff_allegation"] == ("staff",)
    assert "text_flags" not in sent.answers
    assert sent.named.accused == ("cam",)


def test_somebody_else_who_should_not_see_it_is_kept_out_by_name() -> None:
    """The policy sees seats only; the person is kept apart from its answers."""
    answers = {**PLAIN, "keep_from": ("chair", "someone_else"), "kept_out_is": ("dee",)}
    sent = finish(by_pages(answers)[0])
    assert sent.answers["keep_from"] == ("chair",)
    assert sent.named.kept_out == ("dee",)


def test_details_travel_with_the_report_and_stay_out_of_the_answers() -> None:
    """Link, account, audience, when, who saved it, for whom, how to be reached: not for the policy."""
    details = (
        "link",
        "account_name",
        "audience",
        "first_seen",
        "captured_by",
        "reporting_for",
        "wants_contact",
    )
    draft, _ = by_pages({**PLAIN, **{d: f"my {d}" for d in details}, "keep_name_private": "yes"})
    sent = finish(draft)
    assert sent.posting.link == "my link"
    assert sent.posting.captured_by == "my captured_by"
    assert (sent.reporting_for, sent.wants_contact) == ("my reporting_for", "my wants_contact")
    assert sent.private_name
    assert not set(details) & set(sent.answers)


def test_words_and_link_that_came_along_are_never_lost() -> None:
    """Not even on the imagery route, where nobody asks for them."""
    draft, shown = by_pages(IMAGE, new("what I\nsaw", "https://x.example"))
    sent = finish(draft)
    assert (sent.posting.words, sent.posting.link) == ("what I\nsaw", "https://x.example")
    assert "what I\nsaw" in form_text(shown[-1])


@pytest.mark.parametrize(
    "text",
    [
        "<!channel> *bold* <@U1> <at>x</at> [a](b) &lt;",
        "🔥" * 500,
        "x" * 50_000,
        "a\u202eb\x00\x07c\n\n\n\nd",
    ],
)
def test_hostile_words_are_kept_as_words(text: str) -> None:
    """Markup of any platform, emoji, 50,000 letters, control and direction marks: kept, never refused."""
    draft, shown = by_pages({**PLAIN, "words": text})
    kept = str(draft.answers["words"])
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]
    assert not {"\u202e", "\x00", "\x07"} & set(kept)
    assert isinstance(fields(see(draft, "words"))["words"], TextField)
    assert shown[-1].id == "report.check"


def test_typing_and_pages_end_in_the_same_report() -> None:
    """The same answers typed one at a time and given page by page make the same report."""
    for answers in (
        PLAIN,
        FAIR,
        IMAGE,
        {**PLAIN, "violence": "yes", "words": "a bomb", "targets": ("staff",)},
    ):
        assert finish(by_typing(answers)) == finish(by_pages(answers)[0])


def test_is_it_one_of_these_offers_the_schools_seat_holders() -> None:
    """Everybody who holds a seat, each once, with their seats."""
    draft = _danger(works_here="yes")
    asked = fields(see(draft))["insider_is"]
    assert isinstance(asked, Many)
    assert [o.value for o in asked.options[-2:]] == ["someone_else", "rather_not_say"]
    assert {o.value for o in asked.options[:-2]} == {
        p for s, ps in SCHOOL.seats.items() if s is not Seat.ON_CALL for p in ps
    }
