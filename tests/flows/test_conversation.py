"""Pages: which come, in which order, what they keep, going back and changing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from flows.intake import conversation
from flows.intake.settled import settle
from flows.model import Draft, EvidenceFile
from flows.questions.table import SAFETY_LIST
from flows.ui.cards import Heading, Text
from flows.ui.forms import Choice, Form, Value
from flows.ui.inbound import Surface
from flows.ui.intents import AnswerPage, GoTo
from flows.ui.plain_text import form_text
from flows.words import say
from tests.flows.talking import (
    AT,
    PLAIN,
    POLICY,
    REPORTER,
    SCHOOL,
    answer,
    back,
    by_pages,
    fields,
    goto,
    new,
    place,
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


# -- pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "pages"),
    [
        (PLAIN, "danger safety about poster nature where since you words check"),
        (FAIR, "danger safety about poster nature last check"),
        (IMAGE, "danger safety about hand_over check"),
        ({**IMAGE, "immediate_danger": "yes"}, "danger safety about hand_over check"),
        (
            {**PLAIN, "immediate_danger": "not_sure"},
            "danger safety about poster nature where since you words check",
        ),
    ],
)
def test_how_many_pages_there_are(answers: Mapping[str, Value], pages: str) -> None:
    """Ten pages with the check for an ordinary report, seven for a fair question, five for imagery."""
    _, shown = by_pages(answers)
    assert _ids(shown) == pages.split()
    assert shown[-1].step == (len(pages.split()), len(pages.split()))


def test_a_report_of_imagery_says_that_it_is_over_and_why() -> None:
    """Its last page says that nothing more is asked, and who will talk about the rest; no other says so."""
    _, shown = by_pages(IMAGE)
    said = {form.id for form in shown if Text(say("conversation.hand_over")) in form.intro}
    assert said == {"report.hand_over"}


def test_each_form_carries_what_a_renderer_needs() -> None:
    """A page submits itself, says its step, and leads back; its summary is safe on a lock screen."""
    draft = _say(new(), "danger", immediate_danger="no")
    form = see(draft)
    assert form.submit == AnswerPage(draft=draft.id, revision=1, page="safety")
    assert form.step == (2, 10)
    assert form.cursor == "safety"
    assert [b.intent for b in form.buttons] == [GoTo(draft.id, 1, "danger")]
    assert form.summary
    assert see(new()).buttons == ()


def test_a_page_reveals_its_follow_ups() -> None:
    """The six yes-or-not-sure questions stand on the safety page already, each tied to its tick."""
    form = see(_say(new(), "danger", immediate_danger="no"))
    tied = {f.name: f.shown for f in form.fields if f.shown}
    assert set(tied) == set(SAFETY_LIST)
    assert all(shown.field == "safety" and shown.values == (name,) for name, shown in tied.items() if shown)


def test_a_renderer_that_reveals_nothing_is_asked_the_rest() -> None:
    """Where only the tick came, the same page comes back for the follow-up, without an error."""
    draft = _say(new(), "danger", immediate_danger="no")
    first = answer(draft, "safety", {"safety": ("violence",)})
    assert first.errors == {}
    assert first.opened == ("violence",)
    assert see(first.draft).id == "report.safety"
    again = answer(first.draft, "safety", {"safety": ("violence",)})
    assert set(again.errors) == {"violence"}
    done = _say(again.draft, "safety", violence="not_sure")
    assert done.answers["violence"] == "not_sure"
    assert done.answers["racist"] == "no"


def test_a_text_that_was_not_revealed_is_asked_for() -> None:
    """Who saved it is asked only of those who saved it; a page without that field asks for it next."""
    draft, _ = by_pages({**PLAIN, "evidence": "none"})
    saved = _say(draft, "where", evidence="saved")
    assert see(saved).cursor == "captured_by"
    assert _say(saved, "where").answers["captured_by"] == ""


def test_right_answers_stay_where_others_are_wrong() -> None:
    """One wrong field does not throw the page away; the wrong one says what is wrong, nothing more."""
    draft, _ = by_pages(PLAIN)
    draft = replace(
        draft, answers={k: v for k, v in draft.answers.items() if k not in ("platform", "evidence")}
    )
    answered = answer(
        draft,
        "where",
        {"platform": ("blog",), "evidence": "<script>", "link": "http://x.example"},
    )
    assert set(answered.errors) == {"evidence"}
    assert answered.draft.answers["platform"] == ("blog",)
    assert answered.draft.answers["link"] == "http://x.example"
    form = conversation.view(
        conversation.taken_up(answered.draft),
        SCHOOL,
        POLICY,
        surface=Surface.MODAL,
        now=AT,
        errors=answered.errors,
    )
    evidence = fields(form)["evidence"]
    assert isinstance(evidence, Choice)
    assert evidence.error
    assert "script" not in form_text(form)


def test_an_empty_page_says_what_is_missing() -> None:
    """Required questions left out are marked; unknown names are ignored."""
    answered = answer(new(), "danger", {"no_such_question": "x"})
    assert set(answered.errors) == {"immediate_danger"}
    assert answered.draft.answers == {}
    missing = answer(_say(new(), "danger", immediate_danger="no"), "safety", {"safety": ()})
    assert set(missing.errors) == {"safety"}


def test_an_answer_is_one_revision_and_the_version_is_the_stores() -> None:
    """Stale buttons rely on the one count, and nobody but the store touches the other."""
    draft = new()
    after = answer(draft, "danger", {}).draft
    assert (after.version, after.revision) == (draft.version, draft.revision + 1)
    assert goto(after, "danger", Surface.MODAL).version == after.version
    assert goto(after, "danger", Surface.MODAL).revision == after.revision


def test_i_cant_tell_at_all_leaves_open_whether_a_child_is_at_risk() -> None:
    """It is no report of a picture, of violence or of hate, and no path of its own."""
    draft = _say(_say(new(), "danger", immediate_danger="no"), "safety", safety=("not_sure",))
    said = {key: draft.answers[key] for key in SAFETY_LIST}
    assert said == {**dict.fromkeys(SAFETY_LIST, "no"), "child_at_risk": "not_sure"}
    assert "hand_over" not in settle(draft.answers).pages


def test_the_order_of_answering_does_not_matter() -> None:
    """Pages answered last to first, as far as they are open, end in the same report."""
    forth, _ = by_pages({**PLAIN, "violence": "yes", "targets": ("staff",)})
    changed = forth
    for page in reversed(settle(forth.answers).pages[:-1]):
        answered = answer(goto(changed, page, Surface.MODAL), page, forth.answers)
        changed = answered.draft
    assert changed.answers == forth.answers


# -- going back and changing -----------------------------------------------------------------------


def test_back_keeps_the_answers() -> None:
    """Back shows the question before, with its answer; nothing is dropped."""
    draft = _say(new(), "danger", immediate_danger="no")
    before, page = back(draft, Surface.MESSAGE)
    assert page == "danger"
    assert before.answers == draft.answers
    assert see(before).id == "report.danger"
    assert see(before, surface=Surface.MODAL).id == "report.safety"
    assert back(new(), Surface.MESSAGE)[1] == "danger"


def test_back_goes_one_question_back_from_wherever_one_is() -> None:
    """From the check page to the first question, a press at a time: none is jumped, and the first stays."""
    draft, _ = by_pages(PLAIN)
    asked = [(row.page, row.name) for row in settle(draft.answers).rows]
    assert len(asked) > 9
    for here in reversed(asked):
        draft, page = back(draft, Surface.MESSAGE)
        assert (page, place(draft, Surface.MESSAGE)) == (here[0], here)
    assert place(back(draft, Surface.MESSAGE)[0], Surface.MESSAGE) == asked[0]


def test_change_from_the_check_page_leads_back_to_it() -> None:
    """A changed answer needs only what newly applies; then the check again."""
    draft, shown = by_pages(PLAIN)
    changes = [
        block.button.intent for block in shown[-1].intro if isinstance(block, Heading) and block.button
    ]
    assert GoTo(draft.id, draft.revision, "poster") in changes
    opened = goto(draft, "poster", Surface.MODAL)
    assert see(opened, surface=Surface.MODAL).id == "report.poster"
    done = _say(opened, "poster", poster=("unknown",))
    assert "did" not in done.answers
    assert "repeated" not in done.answers
    assert see(done, surface=Surface.MODAL).id == "report.check"


def test_opening_a_page_that_is_not_asked_shows_what_is_next() -> None:
    """A stale or invented page name shows the next question; the check only once all is answered."""
    draft = goto(new(), "no such page", Surface.MODAL)
    assert see(draft, "hand_over").id == "report.danger"
    assert see(draft, "check").id == "report.danger"
    assert see(goto(new(), "check", Surface.MODAL), surface=Surface.MODAL).id == "report.danger"
    full, _ = by_pages(PLAIN)
    assert see(full, "nature").id == "report.nature"
    assert see(goto(full, "check", Surface.MODAL), surface=Surface.MODAL).id == "report.check"
