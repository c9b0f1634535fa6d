"""Who has been told is worked out from what was sent and opened; no text says more than that."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from flows.case.actions.table import TakeOn
from flows.case.commands import ReportTrouble
from flows.case.summary import openings
from flows.delivery import outbox
from flows.delivery.told import Reach, further, reached
from flows.messages import lists, templates
from flows.messages.digest import Week, digest
from flows.messages.phrases import how_far
from flows.messages.record import record
from flows.model import Audit, AuditKind, Case, Event, EventKind, Message, SendState, Status, Way
from flows.school import PersonId, Platform
from flows.ui.plain_text import card_text
from tests.flows.matter import (
    ABUSE,
    AT,
    CHILD,
    DEPUTY,
    DSL,
    HEAD,
    QUESTION,
    REPORTER,
    SCHOOL,
    Matter,
    listed,
    row,
)

TELLING, SENT, OPENED, UNREACHED = Reach.TELLING, Reach.SENT, Reach.OPENED, Reach.UNREACHED


@pytest.mark.parametrize(
    ("states", "found"),
    [
        ([], TELLING),
        ([SendState.WAITING], TELLING),
        ([SendState.ATTEMPTED], TELLING),
        ([SendState.SENT], SENT),
        ([SendState.FAILED], UNREACHED),
        ([SendState.DROPPED], UNREACHED),
        ([SendState.FAILED, SendState.WAITING], TELLING),
        ([SendState.FAILED, SendState.SENT], SENT),
        ([SendState.SENT, SendState.FAILED], SENT),
        ([SendState.WAITING, SendState.FAILED], TELLING),
    ],
)
def test_somebody_is_reached_as_far_as_their_furthest_message(states: list[SendState], found: Reach) -> None:
    """Waiting is being told, sent is sent, and who could be told on no way was not reached."""
    matter = Matter(ABUSE)
    notice = next(send for send in matter.sends.values() if send.message is Message.NOTICE)
    sends = [replace(notice, key=str(n), state=state) for n, state in enumerate(states)]
    others = [replace(notice, message=Message.UPDATE, state=SendState.SENT), replace(notice, way=Way.EDIT)]
    elsewhere = [replace(notice, key="card", person=None, state=SendState.SENT)]
    assert reached(matter.case, [*sends, *others, *elsewhere], ()) == {HEAD: found}
    assert reached(matter.case, sends, [HEAD]) == {HEAD: OPENED}, "opened is opened, however it came"


def test_who_is_on_no_platform_is_not_being_told() -> None:
    """Nobody claims that somebody is being told whom nothing can reach."""
    case = replace(Matter(ABUSE).case, unreached=(HEAD,))
    assert reached(case, (), ()) == {HEAD: UNREACHED}
    assert "Is being told" not in card_text(templates.receipt(case, SCHOOL, AT))


@pytest.mark.parametrize("state", [SendState.WAITING, SendState.ATTEMPTED, SendState.SENT])
def test_what_has_waited_too_long_is_telling_nobody(state: SendState) -> None:
    """A notice that is late has reached nobody yet, until it has: the others read whom to ring."""
    matter = Matter(ABUSE)
    notice = next(send for send in matter.sends.values() if send.message is Message.NOTICE)
    found = reached(matter.case, [replace(notice, state=state, late=True)], ())
    assert found == {HEAD: SENT if state is SendState.SENT else UNREACHED}


def test_whoever_cannot_be_looked_up_is_on_no_platform() -> None:
    """Somebody who was taken out of the file is on none; a case without a lead tells all its people."""
    case = Matter(ABUSE).case
    gone = replace(SCHOOL, people={who: one for who, one in SCHOOL.people.items() if who != HEAD})
    assert outbox.unreached(case, gone, (Platform.WEB,)) == (HEAD,)
    assert outbox.unreached(case, SCHOOL, (Platform.SLACK,)) == (HEAD,)
    assert outbox.unreached(case, SCHOOL, (Platform.WEB,)) == ()
    assert outbox.recipients(replace(case, lead=None, stand_ins=(DEPUTY, HEAD))) == (HEAD, DEPUTY)


@pytest.mark.feature("told-is-computed")
def test_who_opened_is_who_opened_the_record_or_acted() -> None:
    """Being refused or being sent something opens nothing; what the bot did was nobody's."""
    case = Matter(ABUSE).case
    lines = [
        Audit(school=SCHOOL.id, at=AT, kind=kind, by=by, case=case.id)
        for kind, by in (
            (AuditKind.RECORD_OPENED, DSL),
            (AuditKind.REFUSED, REPORTER),
            (AuditKind.DELIVERED, None),
            (AuditKind.RECORD_OPENED, None),
        )
    ]
    events = [
        Event(case=case.id, seq=n, kind=EventKind.NOTED, at=AT, by=by) for n, by in enumerate((HEAD, None))
    ]
    assert openings(lines, events) == {(case.id, DSL), (case.id, HEAD)}


def test_the_furthest_of_nobody() -> None:
    """Where nobody is told, nobody has been reached."""
    assert further() is UNREACHED
    assert further(TELLING, SENT, UNREACHED) is SENT


SAID = {
    OPENED: "Has opened it: Headteacher",
    SENT: "Was sent it, not opened yet: Headteacher",
    TELLING: "Is being told: Headteacher",
    UNREACHED: "Could not be reached: Headteacher – ring 01632",
}


@pytest.mark.parametrize("reach", Reach)
def test_every_text_says_how_far_somebody_was_reached_and_no_more(reach: Reach) -> None:
    """Receipt, card, notice, first line of the thread and record say the same, and none of the others."""
    matter = Matter(ABUSE)
    known = {HEAD: reach}
    texts = [
        templates.receipt(matter.case, SCHOOL, AT, known),
        templates.case_card(matter.case, SCHOOL, AT, known),
        templates.notice(matter.case, SCHOOL, DSL, AT, known),
        templates.update(matter.case, matter.events[0], SCHOOL, AT, known),
        record(matter.case, matter.events, SCHOOL, HEAD, known),
    ]
    for text in map(card_text, texts):
        assert SAID[reach] in text
        assert [other for other in Reach if other is not reach and SAID[other] in text] == []


def test_each_person_stands_once_with_their_seats() -> None:
    """Those told stand by how far they were reached; who was called in, by their own seat."""
    case = replace(Matter(CHILD).case, stand_ins=(DEPUTY,))
    text = card_text(templates.case_card(case, SCHOOL, AT, {HEAD: SENT, DSL: OPENED, DEPUTY: SENT}))
    assert "Has opened it: Safeguarding lead (DSL)\n" in text
    assert "Was sent it, not opened yet: Headteacher, Deputy headteacher\n" in text


def waiting(status: Status = Status.OPEN, **changed: object) -> Case:
    """Return a case in this status."""
    return replace(Matter(ABUSE).case, status=status, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("case", "known", "words"),
    [
        (waiting(), {}, "Safe; the leaders are being told"),
        (waiting(), {HEAD: SENT}, "Safe; sent to the leaders, not opened yet"),
        (waiting(), {HEAD: OPENED}, "Safe; a leader has opened it, nobody has taken it on yet"),
        (
            waiting(),
            {HEAD: UNREACHED},
            "Safe; no leader could be reached yet. Please ring Headteacher: 01",
        ),
        (waiting(Status.ESCALATED), {HEAD: SENT}, "not opened yet; passed up to the next person"),
        (waiting(Status.ACKNOWLEDGED), {}, "Being dealt with"),
        (waiting(Status.CLOSED), {}, "Dealt with and closed"),
        (waiting(Status.CLOSED, holders={}), {}, "Kept; nobody had to be told"),
        (waiting(holders={}), {}, "Safe; nobody in school can be told. Please ring"),
    ],
)
@pytest.mark.feature("status")
def test_a_reporters_status_never_claims_more_than_is_so(
    case: Case, known: dict[str, Reach], words: str
) -> None:
    """What one reads of one's own report: sent is not opened, opened is not taken on."""
    assert words in how_far(row(case), known, SCHOOL)  # type: ignore[arg-type]
    shown = card_text(lists.status([row(case)], None, SCHOOL, {case.id: known}))  # type: ignore[dict-item]
    assert words in shown


def test_whose_seat_is_named_theirs_is_the_number() -> None:
    """Where no leader could be reached, the reporter reads the lead's number, whoever else was told first."""
    matter = Matter(CHILD)
    first = {DSL: UNREACHED, HEAD: UNREACHED}
    turned = dict(reversed(matter.case.holders.items()))
    for holders in (matter.case.holders, turned):
        words = how_far(row(matter.case, holders=holders), first, SCHOOL)
        assert words.endswith(f"Please ring Headteacher: {SCHOOL.people[HEAD].phone}")


def test_lists_and_the_digest_say_what_nobody_has_opened() -> None:
    """A case that waits unopened is marked in the list and counted in the digest; others are not."""
    one, other = row(Matter(ABUSE).case), row(Matter(QUESTION).case, id="C2", reference="HPS-2026-002")
    text = card_text(listed([one, other], unopened={one.id}))
    marked = [line.startswith("HPS-2026-001") for line in text.splitlines() if "nobody has opened it" in line]
    assert marked == [True]
    assert "1 not opened by anybody yet" in card_text(
        digest([one, other], SCHOOL, AT, Week(week="2026-W48", due=AT, unopened={one.id}))
    )
    assert "not opened" not in card_text(digest([one, other], SCHOOL, AT, Week(week="2026-W48", due=AT)))


def test_whatever_says_who_was_reached_is_drawn_again_with_every_step() -> None:
    """The reporter's receipt follows the case too: it never says less than the card."""
    matter = Matter(ABUSE, platforms=(Platform.WEB,))
    receipt = next(send.key for send in matter.sends.values() if send.message is Message.RECEIPT)
    change = matter.do(TakeOn(), HEAD)
    assert [send.way for send in change.new_sends if send.root == receipt] == [Way.EDIT]


@pytest.mark.parametrize(
    ("person", "says"), [(HEAD, "The record says who"), (None, "a channel that this case has left")]
)
def test_nobody_is_asked_to_ring_who_must_not_know(person: PersonId | None, says: str) -> None:
    """What is perhaps not taken back may still be read: somebody is warned of that, and rings nobody."""
    matter = Matter(ABUSE)
    matter.do(ReportTrouble(Message.WITHDRAWN, person))
    line = card_text(templates.update(matter.case, matter.events[-1], SCHOOL, AT))
    assert says in line
    assert "Please ring" not in line
    story = card_text(record(matter.case, matter.events, SCHOOL, DSL))
    assert line in story
    assert (SCHOOL.people[HEAD].name in story) is (person == HEAD)
