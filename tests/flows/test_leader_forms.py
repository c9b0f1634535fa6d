"""The forms leaders fill in: filled right they become a command, filled wrong they say where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.case.actions import table as do
from flows.case.context import Command
from flows.case.duties import RecordDuty
from flows.case.forms import at_once, form, parse
from flows.errors import InvalidAnswer
from flows.model import Action, Alarm, Body, Duty, DutyDecision, Outcome
from flows.ui.cards import Callout, Small
from flows.ui.forms import Choice, DateField, Field, Many, OnlyIf, TextField, Value
from flows.ui.intents import Fill
from tests.flows.matter import AT, CHILD, HEAD, QUESTION, SCHOOL, THREAT, Matter
from tests.flows.outline import outline

OWED = Duty(body="own:warning", called="Decide on a warning", rows=("A",), due=AT.date())
OTHER = Duty(body="own:premises", called="Decide on the premises", rows=("A",), due=AT.date())
RUNG = DutyDecision(contacted=True, how="phone", by=HEAD, at=AT)
REPORTED = Duty(body=Body.POLICE, rows=("A",), due=AT.date(), decided=RUNG)
CASE = replace(
    Matter({**QUESTION, "keep_from": ("vice_chair",)}).case,
    hold="Set by hand.",
    duties=(OWED, OTHER, REPORTED),
    look_in={"support_person_affected": AT.date()},
    alarms={"preserve_evidence": Alarm(by=AT, next=AT), "own:warning": Alarm(by=AT, next=AT)},
)
#: Every action that has a form: how it is filled in, and the command that becomes of it.
FILLED: list[tuple[Action, dict[str, Value], Command]] = [
    (Action.CONFLICT, {}, do.HaveConflict("")),
    (Action.CONFLICT, {"text": " Invented. "}, do.HaveConflict("Invented.")),
    (Action.NOTE, {"text": "Invented."}, do.AddNote("Invented.")),
    (
        Action.CARE,
        {
            "which": "support_person_affected",
            "how": "phone",
            "when": "2026-11-24",
            "again": "week",
            "text": "x",
        },
        do.RecordCare("support_person_affected", "phone", "2026-11-24", "week", "x"),
    ),
    (Action.HOLD, {"text": "Invented."}, do.Hold("Invented.")),
    (Action.CLEAR_HOLD, {"agreed": "dsl", "text": "x"}, do.ClearHold("dsl", "x")),
    (
        Action.CONTACT,
        {"how": "phone", "when": "2026-11-24", "text": "x"},
        do.RecordContact("phone", "2026-11-24", "x"),
    ),
    (
        Action.CONTACT,
        {"how": ("letter",), "when": "20261124", "text": "x"},
        do.RecordContact("letter", "2026-11-24", "x"),
    ),
    (
        Action.MEETING,
        {"when": "2026-11-24", "who": "y", "text": "x"},
        do.RecordMeeting("2026-11-24", "y", "x"),
    ),
    (
        Action.LEGAL,
        {"contacted": "yes", "how": "email", "when": "2026-11-24", "reference": "R1", "why": "x"},
        do.RecordLegal(contacted=True, how="email", when="2026-11-24", reference="R1", why="x"),
    ),
    (
        Action.POLICE,
        {"contacted": "no", "how": "email", "when": "never", "why": "x"},
        do.RecordPolice(contacted=False, why="x"),
    ),
    (
        Action.CONTACT,
        {"how": "phone", "when": "2026-11-24", "text": "x", "ended": "asked_and_refused"},
        do.RecordContact("phone", "2026-11-24", "x", ended="asked_and_refused"),
    ),
    (
        Action.MEETING,
        {"when": "2026-11-24", "who": "y", "text": "x", "ended": "meeting_failed"},
        do.RecordMeeting("2026-11-24", "y", "x", ended="meeting_failed"),
    ),
    (
        Action.OWN,
        {"which": "own:warning", "contacted": "yes", "when": "2026-11-24", "why": "x"},
        do.RecordOwn(contacted=True, when="2026-11-24", why="x", which="own:warning"),
    ),
    (
        Action.OWN,
        {"which": "own:premises", "contacted": "no", "why": "x"},
        do.RecordOwn(contacted=False, why="x", which="own:premises"),
    ),
    (
        Action.TASK,
        {"which": "preserve_evidence", "became": "done", "text": " x "},
        do.RecordTask("preserve_evidence", "done", "x"),
    ),
    (
        Action.SNOOZE,
        {"which": "own:warning", "until": "2026-11-30", "text": " x "},
        do.Snooze("own:warning", "2026-11-30", "x"),
    ),
    (Action.REFERENCE, {"which": "police", "text": "R1"}, do.RecordReference("police", "R1")),
    (Action.GOES_ON, {"text": "x"}, do.GoesOn("x")),
    (Action.TOLD_999, {"text": "x"}, do.Confirm999("x")),
    (Action.CLOSE, {"outcome": "met", "text": "x"}, do.Close(Outcome.MET, "x")),
    (Action.REOPEN, {"text": "x"}, do.Reopen("x")),
    (Action.SHOW_REPORTER, {"text": "x"}, do.ShowReporter("x")),
]
#: What may be left empty, by action; nothing else may.
OPTIONAL = {
    Action.CONFLICT: {"text"},
    Action.CONTACT: {"ended", "did"},
    Action.MEETING: {"ended"},
    Action.LEGAL: {"reference"},
    Action.TASK: {"text"},
    Action.POLICE: {"how", "when", "reference"},
}
CORRECTED: dict[str, Value] = {"still_online": "removed", "reason_for_correction": "It is gone."}


@pytest.mark.parametrize(("action", "values", "command"), FILLED)
def test_filled_in_right(action: Action, values: dict[str, Value], command: Command) -> None:
    """A form that is filled in becomes its command; spaces around words are not words."""
    assert parse(action, values, CASE, SCHOOL) == command


@pytest.mark.parametrize(
    ("action", "values", "name"),
    [
        (action, values, name)
        for action, values, _ in FILLED
        for name in values
        if name not in OPTIONAL.get(action, set())
    ],
)
@pytest.mark.parametrize("empty", ["", "   ", (), ("a", "b"), None])
def test_what_is_needed(action: Action, values: dict[str, Value], name: str, empty: Value | None) -> None:
    """Each field that is needed and left empty – or filled with what it cannot hold – is named."""
    wrong = {key: value for key, value in values.items() if key != name}
    if empty is not None:
        wrong[name] = empty
    with pytest.raises(InvalidAnswer) as refused:
        parse(action, wrong, CASE, SCHOOL)
    assert refused.value.field == name
    assert refused.value.message


@pytest.mark.parametrize("day", ["yesterday", "24.11.2026", "2026-13-01", "2026-11-24T10:00"])
def test_a_day_is_a_day(day: str) -> None:
    """What is no day is refused at its field, with an example."""
    with pytest.raises(InvalidAnswer) as refused:
        parse(Action.CONTACT, {"how": "phone", "when": day, "text": "x"}, CASE, SCHOOL)
    assert refused.value.field == "when"
    assert "2026-11-24" in refused.value.message


@pytest.mark.parametrize("field", ["how", "outcome", "agreed", "contacted"])
def test_only_what_is_offered(field: str) -> None:
    """A value that no option has is refused at its field."""
    action, values, _ = next(row for row in FILLED if field in row[1])
    with pytest.raises(InvalidAnswer) as refused:
        parse(action, {**values, field: "something-else"}, CASE, SCHOOL)
    assert refused.value.field == field


def test_a_correction() -> None:
    """A corrected answer becomes the report as corrected, with what changed and why."""
    command = parse(Action.CORRECT, CORRECTED, CASE, SCHOOL)
    assert isinstance(command, do.Correct)
    assert (command.changed, command.reason) == (("still_online",), "It is gone.")
    assert command.report.answers == {**CASE.report.answers, "still_online": "removed"}
    assert command.report.posting == CASE.report.posting


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({**CORRECTED, "reason_for_correction": ""}, "reason_for_correction"),
        ({**CORRECTED, "still_online": "perhaps"}, "still_online"),
        ({"reason_for_correction": "x"}, ""),
        ({"targets": ("pupil",), "reason_for_correction": "x"}, ""),
    ],
)
def test_a_correction_that_is_none(values: dict[str, Value], field: str) -> None:
    """Without a reason, with an answer that is not offered or with nothing changed it is refused."""
    with pytest.raises(InvalidAnswer) as refused:
        parse(Action.CORRECT, values, CASE, SCHOOL)
    assert refused.value.field == field


def test_taking_on_needs_no_form() -> None:
    """What happens at a press needs nothing."""
    assert parse(Action.TAKE_ON, {}, CASE, SCHOOL) == do.TakeOn()
    assert {action for action in Action if at_once(action)} == {
        Action.TAKE_ON,
        Action.OPEN_RECORD,
        Action.MORE,
        Action.PLAN,
        Action.END_DRILL,
        Action.CHRONOLOGY,
    }


@pytest.mark.parametrize(
    ("action", "sent"),
    [
        (Action.TAKE_ON, {"text": "x"}),
        (Action.NOTE, {"text": "x", "keep_from": ("dsl",)}),
        (Action.CORRECT, {**CORRECTED, "keep_from": ("dsl",)}),
        (Action.CORRECT, {**CORRECTED, "accused_is": ("cam",)}),
        (Action.AMEND, {"reason_for_correction": "x", "violence": "yes"}),
    ],
)
def test_what_a_form_does_not_ask_is_refused(action: Action, sent: dict[str, Value]) -> None:
    """What is sent beside a form's own fields, as no form of ours does, is refused, not dropped."""
    with pytest.raises(InvalidAnswer) as refused:
        parse(action, sent, CASE, SCHOOL)
    assert "does not ask" in refused.value.message


FORMS = [action for action in Action if not at_once(action)]


def typed(field: Field) -> Value:
    """Return something that a person may have put into a field."""
    match field:
        case Choice(options=options):
            return options[-1].value
        case Many(options=options):
            return (options[-1].value,)
        case DateField():
            return "2026-11-24"
        case _:
            return "Typed by somebody."


@pytest.mark.parametrize("action", FORMS)
def test_what_was_typed_stays(action: Action) -> None:
    """A form that comes back still holds what was put in, beside what is wrong with it."""
    blank = form(action, CASE, SCHOOL)
    assert blank.submit == Fill(case=CASE.id, action=action, version=CASE.version)
    assert CASE.reference in blank.title
    values = {field.name: typed(field) for field in blank.fields}
    errors = {blank.fields[-1].name: "Please mend this.", "": "And this."}
    back = form(action, CASE, SCHOOL, values=values, errors=errors)
    assert {field.name: field.value for field in back.fields} == values  # type: ignore[union-attr]
    assert [field.error for field in back.fields][-1] == "Please mend this."
    assert all(not field.error for field in back.fields[:-1])
    assert any(isinstance(b, Callout) and b.text == "And this." for b in back.intro)
    assert not any(isinstance(b, Callout) and b.text == "And this." for b in blank.intro)


@pytest.mark.parametrize("action", FORMS)
def test_every_needed_field_is_marked(action: Action) -> None:
    """What the form marks as needed is what cannot be left empty."""
    needed = {
        f.name
        for f in form(action, CASE, SCHOOL).fields
        if f.required and f.shown is None and action is not Action.CORRECT
    }
    for name in needed:
        with pytest.raises(InvalidAnswer):
            parse(
                action,
                {key: v for a, row, _ in FILLED if a is action for key, v in row.items() if key != name},
                CASE,
                SCHOOL,
            )


def test_a_value_of_the_wrong_shape_is_left_out() -> None:
    """Several values for one choice, or one for several, do not end up in the field."""
    shaped = form(Action.CORRECT, CASE, SCHOOL, values={"still_online": ("removed",), "targets": "pupil"})
    fields = {field.name: field for field in shaped.fields}
    plain = {field.name: field for field in form(Action.CORRECT, CASE, SCHOOL).fields}
    assert fields == plain


@pytest.mark.parametrize("action", [Action.CONTACT, Action.MEETING])
@pytest.mark.parametrize("answers", [THREAT, CHILD])
def test_a_form_says_that_contact_is_on_hold(action: Action, answers: dict[str, str]) -> None:
    """While contact waits, the forms that record contact say so before anybody fills them in."""
    assert any(isinstance(block, Callout) for block in form(action, Matter(answers).case, SCHOOL).intro)


def test_who_steps_out_is_told_what_it_means() -> None:
    """The form for a conflict says that it takes effect at once."""
    assert any(isinstance(block, Small) for block in form(Action.CONFLICT, CASE, SCHOOL).intro)
    assert isinstance(form(Action.CONFLICT, CASE, SCHOOL).fields[0], TextField)


DUTIES = tuple(Action(body.value) for body in Body)


@pytest.mark.parametrize("action", DUTIES)
def test_a_form_asks_only_what_applies(action: Action) -> None:
    """How, when and their reference are asked of contact; *not now* is asked why, and nothing else."""
    fields = {field.name: field for field in form(action, CASE, SCHOOL).fields}
    only = {name for name, field in fields.items() if field.shown == OnlyIf("contacted", ("yes",))}
    assert only == {"how", "when", "reference"}
    command = parse(action, {"contacted": "no", "why": "x"}, CASE, SCHOOL)
    assert isinstance(command, RecordDuty)
    assert (command.contacted, command.why) == (False, "x")


@pytest.mark.parametrize(
    ("action", "values", "wrong"),
    [
        *((action, {}, {"contacted", "why"}) for action in DUTIES),
        *((action, {"contacted": "yes", "when": "soon"}, {"how", "when", "why"}) for action in DUTIES),
        (Action.MEETING, {}, {"when", "who", "text"}),
        (Action.CLOSE, {"outcome": "never"}, {"outcome", "text"}),
        (
            Action.CORRECT,
            {"still_online": "never", "did": ("nothing",)},
            {"still_online", "did", "reason_for_correction"},
        ),
    ],
)
def test_all_that_is_wrong_is_said_at_once(action: Action, values: dict[str, Value], wrong: set[str]) -> None:
    """One press names every field that has to be mended, and the form marks each."""
    with pytest.raises(InvalidAnswer) as refused:
        parse(action, values, CASE, SCHOOL)
    assert set(refused.value.errors) == wrong
    assert refused.value.field in wrong
    marked = form(action, CASE, SCHOOL, values=values, errors=refused.value.errors).fields
    assert {field.name for field in marked if field.error} == wrong


def test_what_each_form_asks(golden: Callable[[Path, str], None]) -> None:
    """What a leader must know before they fill it in stands above it, and each field says what it wants."""
    forms = (form(action, CASE, SCHOOL) for action in Action if not at_once(action))
    said = "\n\n".join("\n".join(outline(one)) for one in forms)
    golden(Path(__file__).parent / "golden" / "leader_forms.txt", said + "\n")


def test_a_decision_on_what_a_policy_of_ones_own_asks_is_kept_as_it_was_made() -> None:
    """Who decided, when and why is what a parent may ask a year later."""
    command = do.RecordOwn(contacted=True, when="2026-11-23", why="Until June.", which="own:warning")
    kept = command.decision(HEAD, AT)
    assert (kept.contacted, kept.when, kept.why, kept.by, kept.at) == (
        True,
        "2026-11-23",
        "Until June.",
        HEAD,
        AT,
    )
