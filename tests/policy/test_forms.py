"""Two other forms of policy by data alone: ten situations each, told through the conversation, to a case.

What comes of each – card, thread, limit – stands on a golden page to be read by eye; and what the second look
brings where talking or meeting did not help.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.case.actions import table as do
from flows.case.checklist.tasks import tasks
from flows.case.duties import outstanding
from flows.errors import NotAllowed
from flows.messages import templates
from flows.model import Action, Case, EventKind, Outcome, Status
from flows.school import Seat
from flows.ui.cards import Mark
from flows.ui.forms import Value
from flows.ui.plain_text import card_text
from tests.flows.matter import AT, HEAD, SCHOOL, Matter, by_form
from tests.flows.talking import PLAIN, by_pages, finish

GOLDEN = Path(__file__).parent / "golden"
FORMS = ("talk_first", "meet_and_mend")
SITUATIONS: dict[str, dict[str, Value]] = {
    "a parent is rude about a teacher": {"targets": ("staff",), "nature": ("abusive",)},
    "a parent criticises how the school is run": {"nature": ("critical_of_leadership",)},
    "a parent asks something fair": {"nature": ("genuine_concern",)},
    "a parent writes what is untrue of the Headteacher": {
        "targets": ("headteacher",),
        "nature": ("untrue_or_inaccurate",),
    },
    "a parent is unkind about a pupil": {"targets": ("pupil",), "nature": ("abusive",)},
    "a parent threatens a teacher": {
        "targets": ("staff",),
        "nature": ("abusive",),
        "safety": ("violence",),
        "violence": "yes",
    },
    "something racist about a teacher": {
        "targets": ("staff",),
        "nature": ("abusive",),
        "safety": ("racist",),
        "racist": "yes",
    },
    "a child could come to harm": {
        "targets": ("pupil",),
        "safety": ("child_at_risk",),
        "child_at_risk": "yes",
    },
    "nobody knows who is rude about the school": {"poster": ("unknown",), "nature": ("abusive",)},
    "a pupil is rude about a teacher": {"targets": ("staff",), "poster": ("pupil",), "nature": ("abusive",)},
}
#: How it can end badly, by form.
BADLY = {
    "talk_first": do.RecordContact("phone", "2026-11-24", "They will not.", ended="asked_and_refused"),
    "meet_and_mend": do.RecordMeeting("2026-11-24", "Nobody real", "No.", ended="meeting_failed"),
}


def told(answers: dict[str, Value], form: str) -> Matter:
    """Return the case that somebody's report opens who is asked page by page."""
    sent = finish(by_pages({**PLAIN, **answers})[0])
    return Matter(sent.answers, policy=by_form(form), presumed=sent.presumed)


def shown(matter: Matter) -> list[str]:
    """Return limit, thread and card of a case as text."""
    case = matter.case
    thread = [templates.update(case, event, SCHOOL, matter.at) for event in matter.events[-2:]]
    return [
        f"Until {case.due_at:%A %d.%m.%Y %H:%M}. By the policy of {case.decision.policy_version}.",
        *(f"\n```\n{card_text(card)}\n```" for card in thread),
        f"\n```\n{card_text(templates.case_card(case, SCHOOL, matter.at))}\n```",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_ten_situations_come_to_a_case(form: str, golden: Callable[[Path, str], None]) -> None:
    """Each is decided by data alone; where it may be contacted, it ends badly and is looked at again."""
    page = [f"# {form}: ten situations", ""]
    for name, answers in SITUATIONS.items():
        matter = told(answers, form)
        page += [f"## {name[0].upper()}{name[1:]}", "", *shown(matter), ""]
        lead = matter.case.holders[matter.case.lead or Seat.HEADTEACHER]
        matter.do(do.TakeOn(), lead)
        if not matter.case.hold and matter.case.decision.again:
            matter.do(BADLY[form], lead)
            page += ["### Then it ends badly", "", *shown(matter), ""]
    golden(GOLDEN / f"{form}.md", "\n".join(page))


def refused(form: str = "talk_first") -> Matter:
    """Return a case in which whoever was rude was asked, and refused."""
    matter = told(SITUATIONS["a parent is rude about a teacher"], form)
    matter.do(do.TakeOn(), HEAD)
    matter.do(BADLY[form], HEAD)
    return matter


def rows(case: Case) -> set[str]:
    """Return the rows that a case was decided by."""
    return {reason.row for reason in case.decision.reasons}


def test_a_refusal_is_looked_at_again_and_says_why() -> None:
    """The case is decided again, with the consequences to consider, a limit of its own, and the reason."""
    matter = refused()
    assert "Refused, or goes on" in rows(matter.case)
    assert {"consider_written_warning", "consider_keep_off_the_premises"} <= set(matter.case.decision.actions)
    assert [event.kind for event in matter.events[-2:]] == [EventKind.CONTACT_RECORDED, EventKind.REASSESSED]
    line = card_text(templates.update(matter.case, matter.events[-1], SCHOOL, matter.at))
    assert "looked at again, since they were asked and refused. Talking did not end it." in line
    assert matter.case.happened == ("asked_and_refused",)


def test_what_the_policy_wants_decided_keeps_the_case_open() -> None:
    """Each consequence that has to be decided is owed, by its words, and the case closes after all are."""
    matter = refused()
    owed = outstanding(matter.case)
    assert [duty.called for duty in owed] == [
        "Decide on a written warning that asks again for it to be removed",
        "Decide whether to ask them to keep away from the premises",
    ]
    assert all(duty.rows == ("Refused, or goes on",) for duty in owed)
    with pytest.raises(NotAllowed, match="still a decision to record") as still:
        matter.do(do.Close(Outcome.REMOVED, "x"), HEAD)
    assert owed[0].called in still.value.message
    matter.do(do.RecordOwn(contacted=False, why="Not this time.", which=owed[0].body), HEAD)
    matter.do(do.RecordOwn(contacted=True, when="2026-11-25", why="Until June.", which=owed[1].body), HEAD)
    assert [event.fact("called") for event in matter.events[-2:]] == [duty.called for duty in owed]
    line = card_text(templates.update(matter.case, matter.events[-1], SCHOOL, matter.at))
    assert line == f"Headteacher recorded: {owed[1].called} – done."
    left = " ".join(task.what for task in tasks(matter.case) if task.mark is Mark.TO_DO)
    assert owed[0].called not in left, "nothing that was decided is still asked for"
    assert "keep away from the premises" not in left
    matter.do(do.Close(Outcome.REMOVED, "x"), HEAD)
    assert matter.case.status is Status.CLOSED


def test_it_goes_on() -> None:
    """The button stands where the policy would look again, and brings what it says for that."""
    matter = told(SITUATIONS["a parent is rude about a teacher"], "talk_first")
    assert matter.case.decision.again == ("asked_and_refused", "goes_on")
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.GoesOn("There is another one."), HEAD)
    assert "Refused, and perhaps harassment" in rows(matter.case)
    assert matter.case.decision.levels == {"police": "consider"}
    assert "goes_on" not in (matter.case.decision.again or ())
    before = len(matter.events)
    matter.do(do.GoesOn("And another."), HEAD)
    assert [event.kind for event in matter.events[before:]] == [EventKind.WENT_ON]


def test_a_late_second_look_has_time_of_its_own() -> None:
    """What is looked at again after its limit gets a limit from now; one that is still to come stays."""
    matter = told(SITUATIONS["a parent is rude about a teacher"], "talk_first")
    matter.do(do.TakeOn(), HEAD)
    limit = matter.case.due_at
    matter.at = limit.replace(day=limit.day + 2)
    matter.do(BADLY["talk_first"], HEAD)
    assert matter.case.due_at > matter.at
    assert refused().case.due_at == limit


def test_a_policy_that_does_not_ask_only_keeps_it_on_record() -> None:
    """By the county's form nothing is looked at again: how it ended stands in the record, and that is all."""
    matter = told(SITUATIONS["a parent is rude about a teacher"], "county")
    matter.do(do.TakeOn(), HEAD)
    matter.do(BADLY["talk_first"], HEAD)
    assert matter.events[-1].kind is EventKind.CONTACT_RECORDED
    assert matter.events[-1].fact("ended") == "asked_and_refused"
    matter.do(do.RecordContact("phone", "2026-11-24", "x", ended="settled"), HEAD)
    assert matter.case.happened == ("asked_and_refused",)
    assert Action.GOES_ON not in do.offered(matter.case, do.On.CARD, HEAD)


def test_a_second_meeting_brings_in_the_chair_and_asks_for_a_body_of_its_own_name() -> None:
    """The Chair is told now, and whether to contact the trust's office has to be decided."""
    matter = refused("meet_and_mend")
    assert "chair_of_governors" in matter.case.decision.notify
    assert [duty.called for duty in outstanding(matter.case)] == [
        "Hold a second meeting, with the Chair or a committee of governors",
        "Whether to contact the trust's governance office",
    ]
    line = card_text(templates.update(matter.case, matter.events[-1], SCHOOL, AT))
    assert "A first meeting did not settle it." in line
    assert "Also told: Chair of governors." in line


@pytest.mark.feature("hold")
def test_what_reaches_the_poster_waits_under_a_hold() -> None:
    """A consequence waits while contact is on hold, unless it does not reach whoever posted it."""
    threat = told(SITUATIONS["a parent threatens a teacher"], "talk_first").case.decision
    assert "talk_it_over_later_if_cleared" in threat.actions
    assert "talk_it_over" not in threat.actions
    assert "tell_governors_in_the_report" in threat.actions
    assert threat.own
    assert threat.own["talk_it_over_later_if_cleared"].words.startswith(
        "Only once the hold is cleared: Talk it"
    )
