"""Pages: which come, in which order, what they keep, who is alerted, and how a report ends."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from flows import conversation, finish
from flows.cards import Button, Buttons, Callout
from flows.conversation import answer, back, first_alert, goto, refuses_files, wants_safety_net, with_file
from flows.forms import Choice, FileField, Form, Many, TextField, Value
from flows.inbound import Surface
from flows.intents import AnswerPage, Discard, GoTo, SendReport
from flows.model import CaseId, Draft, EvidenceFile, Named
from flows.question_table import SAFETY
from flows.school import PersonId, Seat
from flows.text import form_text
from tests.flows.talking import AT, PLAIN, POLICY, REPORTER, SCHOOL, by_pages, by_typing, fields, new, see

FILE = EvidenceFile(
    id="f1", name="shot.png", media_type="image/png", size=10, sha256="00", added_by=REPORTER, added_at=AT
)
FAIR: dict[str, Value] = {**PLAIN, "nature": ("genuine_concern",)}
IMAGE: dict[str, Value] = {**PLAIN, "sexual_imagery_child": "yes", "targets": ("pupil",)}


def _say(draft: Draft, page: str, **values: Value) -> Draft:
    answered = answer(draft, page, values, SCHOOL, AT)
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


def test_each_form_carries_what_a_renderer_needs() -> None:
    """A page submits itself, says its step, and leads back; nothing on it tells a lock screen what it is about."""
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
    assert set(tied) == set(SAFETY)
    assert all(shown.field == "safety" and shown.values == (name,) for name, shown in tied.items() if shown)


def test_a_renderer_that_reveals_nothing_is_asked_the_rest() -> None:
    """Where only the tick came, the same page comes back for the follow-up, without an error."""
    draft = _say(new(), "danger", immediate_danger="no")
    first = answer(draft, "safety", {"safety": ("violence",)}, SCHOOL, AT)
    assert first.errors == {}
    assert see(first.draft).id == "report.safety"
    again = answer(first.draft, "safety", {"safety": ("violence",)}, SCHOOL, AT)
    assert set(again.errors) == {"violence"}
    done = _say(again.draft, "safety", violence="not_sure")
    assert done.answers["violence"] == "not_sure"
    assert done.answers["racist"] == "no"


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
        SCHOOL,
        AT,
    )
    assert set(answered.errors) == {"evidence"}
    assert answered.draft.answers["platform"] == ("blog",)
    assert answered.draft.answers["link"] == "http://x.example"
    form = conversation.view(
        answered.draft, SCHOOL, POLICY, surface=Surface.MODAL, now=AT, errors=answered.errors
    )
    evidence = fields(form)["evidence"]
    assert isinstance(evidence, Choice)
    assert evidence.error
    assert "script" not in form_text(form)


def test_an_empty_page_says_what_is_missing() -> None:
    """Required questions left out are marked; unknown names are ignored."""
    answered = answer(new(), "danger", {"no_such_question": "x"}, SCHOOL, AT)
    assert set(answered.errors) == {"immediate_danger"}
    assert answered.draft.answers == {}
    missing = answer(_say(new(), "danger", immediate_danger="no"), "safety", {"safety": ()}, SCHOOL, AT)
    assert set(missing.errors) == {"safety"}


def test_every_turn_is_one_version_and_one_revision() -> None:
    """The store and stale buttons can rely on the count."""
    draft = new()
    after = answer(draft, "danger", {}, SCHOOL, AT).draft
    assert (after.version, after.revision) == (draft.version + 1, draft.revision + 1)
    assert goto(after, "danger", Surface.MODAL, AT).version == after.version + 1
    assert goto(after, "danger", Surface.MODAL, AT).revision == after.revision


def test_i_cant_tell_at_all_is_not_sure_of_each() -> None:
    """One tick for "I can't tell" leaves nothing at no."""
    draft = _say(_say(new(), "danger", immediate_danger="no"), "safety", safety=("not_sure",))
    assert {draft.answers[key] for key in SAFETY} == {"not_sure"}


def test_the_order_of_answering_does_not_matter() -> None:
    """Pages answered last to first, as far as they are open, end in the same report."""
    forth, _ = by_pages({**PLAIN, "violence": "yes", "targets": ("staff",)})
    changed = forth
    for page in reversed(conversation.asked_pages(forth.answers)[:-1]):
        answered = answer(goto(changed, page, Surface.MODAL, AT), page, forth.answers, SCHOOL, AT)
        changed = answered.draft
    assert changed.answers == forth.answers


# -- going back and changing -----------------------------------------------------------------------


def test_back_keeps_the_answers() -> None:
    """Back shows the question before, with its answer; nothing is dropped."""
    draft = _say(new(), "danger", immediate_danger="no")
    before, page = back(draft, Surface.MESSAGE, AT)
    assert page == "danger"
    assert before.answers == draft.answers
    assert see(before).id == "report.danger"
    assert see(before, surface=Surface.MODAL).id == "report.safety"
    assert back(new(), Surface.MESSAGE, AT)[1] == "danger"


def test_change_from_the_check_page_leads_back_to_it() -> None:
    """A changed answer needs only what newly applies; then the check again."""
    draft, shown = by_pages(PLAIN)
    changes = [b.intent for block in shown[-1].intro if isinstance(block, Buttons) for b in block.buttons]
    assert GoTo(draft.id, draft.revision, "poster") in changes
    opened = goto(draft, "poster", Surface.MODAL, AT)
    assert see(opened, surface=Surface.MODAL).id == "report.poster"
    done = _say(opened, "poster", poster=("unknown",))
    assert "did" not in done.answers
    assert "repeated" not in done.answers
    assert see(done, surface=Surface.MODAL).id == "report.check"


def test_opening_a_page_that_is_not_asked_shows_what_is_next() -> None:
    """A stale or invented page name shows the next question; the check only once all is answered."""
    draft = goto(new(), "no such page", Surface.MODAL, AT)
    assert see(draft, "hand_over").id == "report.danger"
    assert see(draft, "check").id == "report.danger"
    assert see(goto(new(), "check", Surface.MODAL, AT), surface=Surface.MODAL).id == "report.danger"
    full, _ = by_pages(PLAIN)
    assert see(full, "nature").id == "report.nature"
    assert see(goto(full, "check", Surface.MODAL, AT), surface=Surface.MODAL).id == "report.check"


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


def test_imagery_refuses_and_locks_files() -> None:
    """After yes or not sure nothing is taken, nobody looks, and what came before is locked."""
    draft, shown = by_pages({**PLAIN})
    assert any(isinstance(f, FileField) for form in shown for f in form.fields)
    assert refuses_files(draft) is None
    draft = with_file(draft, FILE, AT)
    assert draft.files == (FILE,)
    assert "1 added" in form_text(see(draft))
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
    """What the reporter's words suggest is treated as not sure, whatever the tick says."""
    draft, _ = by_pages({**PLAIN, "words": "a naked picture"})
    assert with_file(draft, FILE, AT).files[0].locked


# -- the check page --------------------------------------------------------------------------------


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


def test_nobody_told_is_said_plainly() -> None:
    """A posting that has nothing to do with the school tells nobody, and the page says so."""
    _, shown = by_pages({**PLAIN, "targets": ("none",)})
    assert "Nobody. Nothing in the policy asks for it." in form_text(shown[-1])


# -- who must know at once -------------------------------------------------------------------------


def test_the_first_alert_goes_at_once_and_not_to_the_headteacher() -> None:
    """Danger alone tells the DSL and on-call; only a cleared Headteacher is told before the report is done."""
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
    assert wants_safety_net(answer(new(words), "danger", answers, SCHOOL, AT).draft) is net


# -- the end ---------------------------------------------------------------------------------------


def test_an_unfinished_report_holds_only_what_was_asked() -> None:
    """No question about people who work here was asked, so its key is absent; a bare tick is not sure."""
    draft = _danger(works_here="yes", insider_is=("ash",))
    draft = answer(draft, "safety", {"safety": ("violence",)}, SCHOOL, AT).draft
    sent = finish.unfinished_report(draft, AT)
    assert sent.unfinished
    assert "staff_allegation" not in sent.answers
    assert "targets" not in sent.answers
    assert sent.answers["violence"] == "not_sure"
    assert sent.answers["racist"] == "no"
    assert sent.named == Named(accused=(PersonId("ash"),))


def test_imagery_writes_the_cautious_values() -> None:
    """A report never becomes "a parent made it" because nobody asked."""
    draft, _ = by_pages({**IMAGE, "works_here": "yes", "insider_is": ("dee", "someone_else")})
    sent = finish.report(draft, AT)
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
    assert finish.report(by_pages({**PLAIN, "poster": ("unknown",)})[0], AT).answers["did"] == ("made",)
    both = finish.report(by_pages({**PLAIN, "poster": ("unknown", "pupil"), "did": ("shared",)})[0], AT)
    assert both.answers["did"] == ("shared",)


@pytest.mark.parametrize(
    ("said", "flag", "value", "flags"),
    [
        ("I'll kill him", "no", "no", ("violence",)),
        ("I'll kill him", "yes", "yes", ()),
        ("I'll kill him", "not_sure", "not_sure", ()),
        ("I like him", "no", "no", ()),
    ],
)
def test_words_raise_no_to_not_sure(said: str, flag: str, value: str, flags: tuple[str, ...]) -> None:
    """A word is asked about once; unless the answer is changed its key is flagged."""
    draft, shown = by_pages({**PLAIN, "words": said, "flag_violence": flag})
    sent = finish.report(draft, AT)
    assert sent.answers["violence"] == value
    assert sent.answers.get("text_flags", ()) == flags
    assert ("flag_violence" in {f.name for form in shown for f in form.fields}) is ("kill" in said)


def test_a_word_about_somebody_who_works_here_asks_who() -> None:
    """Named roles become the allegation; *is it one of these?* follows; no means flagged."""
    no = finish.report(by_pages({**PLAIN, "words": "she hit him"})[0], AT)
    assert no.answers["text_flags"] == ("staff_allegation",)
    yes = {**PLAIN, "words": "she hit him", "flag_staff_allegation": ("staff",), "accused_is": ("cam",)}
    sent = finish.report(by_pages(yes)[0], AT)
    assert sent.answers["staff_allegation"] == ("staff",)
    assert "text_flags" not in sent.answers
    assert sent.named.accused == ("cam",)


def test_somebody_else_who_should_not_see_it_is_kept_out_by_name() -> None:
    """The policy sees seats only; the person is kept apart from its answers."""
    answers = {**PLAIN, "keep_from": ("chair", "someone_else"), "kept_out_is": ("dee",)}
    sent = finish.report(by_pages(answers)[0], AT)
    assert sent.answers["keep_from"] == ("chair",)
    assert sent.named.kept_out == ("dee",)


def test_details_travel_with_the_report_and_stay_out_of_the_answers() -> None:
    """Link, account, audience, when, who saved it, for whom, how to be reached: kept, not seen by the policy."""
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
    sent = finish.report(draft, AT)
    assert sent.posting.link == "my link"
    assert sent.posting.captured_by == "my captured_by"
    assert (sent.reporting_for, sent.wants_contact) == ("my reporting_for", "my wants_contact")
    assert sent.private_name
    assert not set(details) & set(sent.answers)


def test_words_and_link_that_came_along_are_never_lost() -> None:
    """Not even on the imagery route, where nobody asks for them."""
    draft, shown = by_pages(IMAGE, new("what I\nsaw", "https://x.example"))
    sent = finish.report(draft, AT)
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
    """Markup of any platform, emoji, 50,000 letters, control and direction characters: kept, never refused."""
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
        assert finish.report(by_typing(answers), AT) == finish.report(by_pages(answers)[0], AT)


def test_is_it_one_of_these_offers_the_schools_seat_holders() -> None:
    """Everybody who holds a seat, each once, with their seats."""
    draft = _danger(works_here="yes")
    asked = fields(see(draft))["insider_is"]
    assert isinstance(asked, Many)
    assert [o.value for o in asked.options[-2:]] == ["someone_else", "rather_not_say"]
    assert {o.value for o in asked.options[:-2]} == {
        p for s, ps in SCHOOL.seats.items() if s is not Seat.ON_CALL for p in ps
    }
