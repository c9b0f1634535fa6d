"""Letters are filled from the case, wait while they must, and keep what somebody approved, word for word."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.actions.table import ApproveLetter
from flows.case.actions.writing import drafted
from flows.case.forms import form, parse
from flows.errors import InvalidAnswer, NotAllowed
from flows.letters.table import FOR_TASK, KINDS, Letter, Waits, offered, waits
from flows.letters.template import LONGEST, MOST, faults, fill, packaged, placeholders
from flows.letters.values import values, write
from flows.messages import checklist, letters, templates
from flows.messages.record import record
from flows.model import Action, Answer, Case, Document, EventKind
from flows.school import Contact, PersonId, Seat
from flows.ui.cards import Line, Mark, buttons_of
from flows.ui.intents import Act
from flows.words import known
from tests.flows.matter import ABUSE, AT, CHAIR, DSL, HEAD, QUESTION, REPORTER, SCHOOL, SECRET, THREAT, Matter

CRITICAL: dict[str, Answer] = {"targets": ("school",), "nature": ("critical_of_leadership",)}
ACCUSED: dict[str, Answer] = {**ABUSE, "targets": ("school",), "staff_allegation": ("staff",)}
PARENT: dict[str, Answer] = {**ABUSE, "poster": ("parent_carer",)}
DOCUMENT = Document(
    id="D1", of="invitation", name="letter.docx", media_type="x/y", size=3, sha256="cd" * 32,
    added_by=HEAD, added_at=AT,
)  # fmt: skip


def taken_on(answers: dict[str, Answer]) -> Matter:
    """Return a case that its lead has taken on."""
    matter = Matter(answers)
    lead = matter.case.holders[matter.case.lead] if matter.case.lead else HEAD
    matter.do(do.TakeOn(), lead)
    return matter


@pytest.mark.parametrize("letter", Letter)
def test_every_packaged_template_is_whole(letter: Letter) -> None:
    """Each has its words, only placeholders that are filled, and room to be added to in a form."""
    text = packaged(letter)
    assert list(faults(letter, text)) == []
    assert known(f"letter.{letter}")
    assert known(f"letter.for.{letter}")
    title, blank, *_ = text.splitlines()
    assert title
    assert not blank
    for answers in (ABUSE, THREAT, QUESTION, CRITICAL, ACCUSED):
        filled = write(letter, Matter(answers).case, SCHOOL, AT)
        assert "{" not in filled.text
        assert len(filled.text) < LONGEST


#: Which letters a case is offered, by what was reported.
OFFERED: list[tuple[dict[str, Answer], set[str]]] = [
    (PARENT, {"invitation", "take_down", "holding", "briefing", "record"}),
    (QUESTION, {"holding", "briefing", "record"}),
    (CRITICAL, {"meeting", "chair", "holding", "families", "briefing", "record"}),
    ({**ABUSE, "poster": ("pupil",)}, {"class", "briefing", "record"}),
    (
        {**ABUSE, "did": ("shared",), "stance": "condemns_or_corrects"},
        {"thanks", "invitation", "holding", "briefing", "record"},
    ),
    ({"targets": ("school",), "nature": ("impersonates",)}, {"families", "briefing", "record"}),
    ({"sexual_imagery_child": "yes", "targets": ("pupil",)}, {"record"}),
]


@pytest.mark.feature("letters")
@pytest.mark.parametrize(("answers", "expected"), OFFERED)
def test_which_letters_fit(answers: dict[str, Answer], expected: set[str]) -> None:
    """A case is offered the letters that its decision asks for, or that its answers make sense of."""
    case = Matter(answers).case
    assert {letter.value for letter in offered(case)} == expected
    assert set(offered(case)) >= {FOR_TASK[a] for a in case.decision.actions if a in FOR_TASK}


#: A letter, a case, and whether it must wait.
WAITING: list[tuple[Letter, dict[str, Answer], bool]] = [
    (Letter.INVITATION, THREAT, True),
    (Letter.TAKE_DOWN, THREAT, True),
    (Letter.INVITATION, ABUSE, False),
    (Letter.BRIEFING, THREAT, False),
    (Letter.BRIEFING, ACCUSED, True),
    (Letter.FAMILIES, ACCUSED, True),
    (Letter.RECORD, ACCUSED, False),
]


@pytest.mark.parametrize(("letter", "answers", "late"), WAITING)
def test_what_would_reach_somebody_waits(letter: Letter, answers: dict[str, Answer], late: bool) -> None:  # noqa: FBT001 - a cell of the table
    """While contact waits no letter to whom it may reach is begun or approved; the refusal says why."""
    case = Matter(answers).case
    assert waits(letter, case) is late
    line = next(
        block
        for block in letters.choices(case, SCHOOL, HEAD).blocks
        if isinstance(block, Line) and block.text == letters.say(f"letter.{letter}")
    )
    assert (line.mark is Mark.WAITS) is late
    assert (line.button is None) is late
    if not late:
        assert drafted(letter, case, SCHOOL, AT)["text"]
        return
    matter = Matter(answers)
    for attempt in (
        lambda: drafted(letter, case, SCHOOL, AT),
        lambda: parse(Action.LETTER, {"text": "x"}, case, SCHOOL, which=letter),
        lambda: matter.do(ApproveLetter(letter.value, "x"), HEAD),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.reference == "letter-waits"
        assert "on hold" in refused.value.message


def test_a_letter_that_does_not_fit_is_refused() -> None:
    """What the case does not ask for, and a word that is no letter, is refused as that."""
    for which in ("class", "love", ""):
        with pytest.raises(NotAllowed) as refused:
            drafted(which, Matter(ABUSE).case, SCHOOL, AT)
        assert refused.value.reference == "letter-does-not-fit"


@pytest.mark.parametrize("letter", [letter for letter in Letter if not KINDS[letter].facts])
def test_what_goes_out_names_leaders_only(letter: Letter) -> None:
    """No word, link, account or file of the posting, and no reporter, is in what may leave the school."""
    for answers in (ABUSE, THREAT, CRITICAL):
        text = write(letter, Matter(answers).case, SCHOOL, AT).text
        assert SECRET not in text
        assert SCHOOL.people[REPORTER].name not in text
        assert "F1" not in text


def test_the_record_names_no_reporter() -> None:
    """A record for another system says what was posted, and neither who reported nor whom to keep out."""
    matter = Matter({**ABUSE, "keep_from": ("vice_chair",), "reporter_link": ("is_target",)})
    text = write(Letter.RECORD, matter.case, SCHOOL, AT).text
    assert SECRET in text
    assert SCHOOL.people[REPORTER].name not in text
    assert "Vice" not in text
    mine = replace(matter.case.report.posting, words=f"I, {SCHOOL.people[REPORTER].name}, saw it.")
    told = replace(matter.case, report=replace(matter.case.report, posting=mine))
    assert "I, [the reporter], saw it." in write(Letter.RECORD, told, SCHOOL, AT).text
    left = replace(told, report=replace(told.report, reporter=PersonId("gone")))
    assert SCHOOL.people[REPORTER].name in write(Letter.RECORD, left, SCHOOL, AT).text
    bare = replace(
        matter.case, report=replace(matter.case.report, posting=type(matter.case.report.posting)())
    )
    assert write(Letter.RECORD, bare, SCHOOL, AT).text.count("not known") >= 3


def test_a_record_says_what_was_decided() -> None:
    """Contacted with their reference, or not yet and by when; long words are cut and say so."""
    matter = taken_on(THREAT)
    assert "not decided yet, by" in values(matter.case, SCHOOL, AT)["decided"]
    matter.do(do.RecordPolice(contacted=True, how="phone", why="x", reference="R-77"), HEAD)
    matter.do(do.RecordLegal(contacted=False, why="x"), HEAD)
    said = values(matter.case, SCHOOL, AT)["decided"]
    assert "Police: contacted (R-77)" in said
    assert "not now" in said
    assert len(said.splitlines()) == len(matter.case.duties) == 2
    long = replace(matter.case.report.posting, words="word " * 900)
    case = replace(matter.case, report=replace(matter.case.report, posting=long))
    assert "(the rest is in the case)" in values(case, SCHOOL, AT)["words"]
    assert len(write(Letter.RECORD, case, SCHOOL, AT).text) < LONGEST


def test_the_lead_signs() -> None:
    """The Chair's name stands where the Chair leads; where nobody does, a person types it."""
    chairs = Matter({**ABUSE, "targets": ("headteacher",)})
    assert chairs.case.lead is Seat.CHAIR
    assert values(chairs.case, SCHOOL, AT)["lead"] == SCHOOL.people[CHAIR].name
    nobody = replace(chairs.case, lead=None)
    filled = write(Letter.INVITATION, nobody, replace(SCHOOL, seats={}), AT)
    assert "[name of who leads: please type it]" in filled.gaps
    assert "[phone number: please type it]" in filled.text


def test_nothing_is_approved_with_a_gap() -> None:
    """Each gap that still stands is named with its line; what a person put into brackets is theirs."""
    matter = taken_on({**PARENT, "platform": ("forum",)})
    draft = str(drafted("invitation", matter.case, SCHOOL, AT)["text"])
    with pytest.raises(InvalidAnswer) as refused:
        parse(Action.LETTER, {"text": draft}, matter.case, SCHOOL, which="invitation")
    assert refused.value.field == "text"
    assert "Line 6" in refused.value.message
    assert "[name of the person you write to]" in refused.value.message
    whole = draft.replace("[name of the person you write to]", "Mx Nobody [sic]")
    approved = parse(Action.LETTER, {"text": whole}, matter.case, SCHOOL, which="invitation")
    assert approved == ApproveLetter("invitation", whole)


def test_what_was_approved_is_kept() -> None:
    """The words stand in the event, the file with the case; the line of the checklist says so and asks on."""
    matter = taken_on(PARENT)
    before = checklist.tasks(matter.case)
    assert Letter.INVITATION in {task.letter for task in before}
    matter.do(replace(ApproveLetter("invitation", "Invented."), document=DOCUMENT), HEAD)
    event = matter.events[-1]
    assert (event.kind, event.words) == (EventKind.LETTER_APPROVED, "Invented.")
    assert event.facts == {"letter": "invitation", "document": "D1"}
    assert matter.case.documents == (DOCUMENT,)
    after = {task.name: task for task in checklist.tasks(matter.case)}
    invite = after["invite_via_complaints_procedure"]
    assert (invite.letter, invite.mark, invite.came) == (None, Mark.TO_DO, "a letter is approved")
    shown = record(matter.case, matter.events, SCHOOL, HEAD)
    assert "letter.docx" in str(shown)
    assert "Invented." not in str(templates.update(matter.case, event, SCHOOL, AT))
    card = letters.approved(matter.case, "invitation", "Invented.", DOCUMENT)
    assert "letter.docx" in str(card)


def test_the_checklist_offers_the_letter() -> None:
    """A line that a letter does has the letter's button; recording it stands behind *More* beside them."""
    matter = taken_on({**PARENT, "nature": ("untrue_or_inaccurate",)})
    for card in (
        templates.notice(matter.case, SCHOOL, HEAD, AT),
        templates.case_card(matter.case, SCHOOL, AT),
        checklist.more(matter.case, SCHOOL, HEAD),
    ):
        pressed = [b.intent for b in buttons_of(card) if isinstance(b.intent, Act)]
        assert "invitation" in {one.which for one in pressed if one.action is Action.LETTER}
    assert Action.TASK in {one.action for one in pressed if not one.which}
    assert Action.LETTER in {one.action for one in pressed if not one.which}


def test_whoever_is_only_told_records_and_writes_no_letter() -> None:
    """Somebody told who does not lead sees the button that records; the DSL writes the record alone."""
    matter = Matter({**PARENT, "child_at_risk": "yes"})
    matter.case = replace(matter.case, hold="", hold_safeguarding=False)
    assert letters.mine(matter.case, SCHOOL, DSL) == (Letter.RECORD,)
    assert set(letters.mine(matter.case, SCHOOL, HEAD)) == set(offered(matter.case))
    assert letters.mine(matter.case, SCHOOL, REPORTER) == ()
    card = templates.notice(matter.case, SCHOOL, DSL, AT)
    pressed = [b.intent for b in buttons_of(card) if isinstance(b.intent, Act)]
    assert Action.LETTER not in {one.action for one in pressed}
    assert not access.may_do(matter.case, DSL, SCHOOL, Action.LETTER, which="invitation")
    assert access.may_do(matter.case, DSL, SCHOOL, Action.LETTER, which="record")


def test_the_form_is_about_one_letter() -> None:
    """Its title says which, and what is typed into one letter's form is not another's."""
    case: Case = taken_on(PARENT).case
    one, other = (form(Action.LETTER, case, SCHOOL, which=which) for which in ("invitation", "take_down"))
    assert one.id != other.id
    assert "Invitation" in one.title
    assert one.submit != other.submit


#: What is wrong with a template, on which line, and what is said.
WRONG: list[tuple[str, str, int, str]] = [
    ("invitation", "Dear parent,\n\nat {scool} we", 3, "Did you mean {school}?"),
    ("invitation", "Title\n{words}", 2, "there is no placeholder {words}."),
    ("record", "Title\n{xyzzy}", 2, "Known in this letter: {school}"),
    ("thanks", "Title\n\n{school", 3, "a brace stands alone"),
    ("thanks", "Title }", 1, "a brace stands alone"),
    ("thanks", " \n ", 1, "empty"),
    ("thanks", "word " * MOST, 1, "characters"),
]


@pytest.mark.feature("own-letters")
@pytest.mark.parametrize(("letter", "text", "line", "said"), WRONG)
def test_a_template_that_is_wrong(letter: str, text: str, line: int, said: str) -> None:
    """Each mistake is named with its line and how to mend it."""
    found = list(faults(Letter(letter), text))
    assert len(found) == 1
    assert found[0].line == line
    assert said in f"{found[0].what} {found[0].mend}"
    assert found[0].what[0].islower(), "what is wrong goes on from the line's number"
    assert found[0].mend[0].isupper(), "how to mend it is a sentence of its own"


def test_placeholders_say_what_they_are() -> None:
    """Each that any letter may hold has a value, and words for where the school has not said it."""
    have = values(Matter(ABUSE).case, SCHOOL, AT)
    assert set(have) == set(placeholders(Letter.RECORD))
    for name in placeholders(Letter.INVITATION):
        assert known(f"letter.said.{name}")
    assert KINDS.keys() == set(Letter)
    assert {kind.waits for kind in KINDS.values()} == set(Waits)


def test_what_somebody_typed_is_no_placeholder() -> None:
    """A brace in somebody's own words is filled by nothing, and a bracket there is no gap."""
    filled = fill("Title\n\n{words} [name]", {"words": "{school} [their words]", "school": "x"})
    assert filled.text == "Title\n\n{school} [their words] [name]"
    assert filled.gaps == ("[name]",)


def test_the_schools_own_template_stands_instead() -> None:
    """A school that has its own template is given that, filled from the same case."""
    own = replace(SCHOOL, letters={"thanks": "Ours\n\nThank you from {school}."}, legal=Contact())
    assert write(Letter.THANKS, Matter(ABUSE).case, own, AT).text == f"Ours\n\nThank you from {SCHOOL.name}."
