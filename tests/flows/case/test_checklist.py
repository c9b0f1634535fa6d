"""A case as a checklist: what is next, what else there is, what was done, and what keeps the case open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.actions.table import ACTIONS
from flows.case.checklist.tasks import Task, in_the_way, next_step, recordable, still_open, tasks
from flows.case.context import Command
from flows.case.forms import form, parse
from flows.errors import InvalidAnswer, NotAllowed
from flows.messages import checklist, templates
from flows.messages.phrases import event_line
from flows.messages.record import particulars
from flows.model import Action, Answer, Became, Body, Case, Event, EventKind, Named, Outcome, Posting, Status
from flows.school import PersonId
from flows.ui.cards import Buttons, Callout, Card, Facts, Heading, Line, Mark, Small, Style, buttons_of
from flows.ui.forms import Many, Value
from flows.ui.intents import Act, decode, encode
from flows.ui.plain_text import card_text
from flows.words import say
from storage.codec import decode as read_row
from storage.codec import encode as written_row
from tests.flows.examples import DANGER, half_way, led_by_nobody
from tests.flows.matter import (
    ABUSE,
    AT,
    CHAIR,
    CHILD,
    DEPUTY,
    DEPUTY_DSL,
    DSL,
    HEAD,
    QUESTION,
    REPORTER,
    SCHOOL,
    SUBSTITUTE,
    THREAT,
    VICE,
    Matter,
    by_form,
)
from tests.flows.test_sentences_together import ABOUT, states

IMAGE: dict[str, Answer] = {"sexual_imagery_child": "yes", "targets": ("pupil",)}
INVITE = "invite_via_complaints_procedure"
PARENT: dict[str, Answer] = {**ABUSE, "poster": ("parent_carer",), "did": ("made",), "still_online": "yes"}
PHONED = {"contacted": True, "how": "phone", "when": "2026-11-24", "why": "x"}


def cards(case: Case) -> Iterator[tuple[Card, PersonId | None]]:
    """Yield every card that carries the checklist, with who reads it (None = a channel)."""
    yield templates.case_card(case, SCHOOL, AT), None
    for person in dict.fromkeys((*case.holders.values(), *case.stand_ins)):
        yield templates.notice(case, SCHOOL, person, AT), person
        yield checklist.more(case, SCHOOL, person), person


def every_case() -> Iterator[Case]:
    """Yield cases of every kind in every state."""
    for answers in ABOUT:
        for matter in states(dict(answers)):
            yield matter.case


def named(case: Case, name: str, reader: PersonId | None = None) -> Task:
    """Return one task by its name."""
    return next(task for task in tasks(case, reader) if task.name == name)


def upcoming(case: Case, reader: PersonId | None = None) -> Task | None:
    """Return what is next for somebody, by what they may do."""

    def allowed(action: Action) -> bool:
        fits = case.status in ACTIONS[action].declared.leads_to
        return fits and (reader is None or access.may_do(case, reader, SCHOOL, action))

    return next_step(case, tasks(case, reader), allowed)


# -- what is next ------------------------------------------------------------------------------------


def test_what_is_next_from_the_beginning_to_the_end() -> None:
    """999, who sees to it, what is owed, the rest, the hold, and the end: one at a time."""
    matter = Matter({**DANGER, "evidence": "saved"}, named=Named(someone_else=("accused",)))
    found: list[str] = []
    for _ in range(16):
        task = upcoming(matter.case, HEAD)
        assert task is not None
        found.append(task.name)
        if task.name == "close":
            break
        matter.do(STEPS.get(task.name) or do.RecordTask(task.name, "done"), HEAD)
    first = ["call_999", "take_on", "lado", "legal", "clear_hold"]
    assert found == [*first, "reference_police", "reference_lado", "close"]


STEPS: dict[str, Command] = {
    "call_999": do.Confirm999("x"),
    "take_on": do.TakeOn(),
    "lado": do.RecordLado(**PHONED),  # type: ignore[arg-type]
    "legal": do.RecordLegal(contacted=False, why="x"),
    "clear_hold": do.ClearHold("lado", "x"),
    "reference_police": do.RecordReference("police", "R1"),
    "reference_lado": do.RecordReference("lado", "R2"),
}


def test_only_one_button_is_primary_and_it_is_the_first() -> None:
    """Whatever the case and whoever reads: what is next stands first, and nothing else looks like it."""
    for case in every_case():
        for card, _ in cards(case):
            styles = [button.style for button in buttons_of(card)]
            assert styles.count(Style.PRIMARY) <= 1
            assert Style.PRIMARY not in styles[1:]


@pytest.mark.feature("live-card")
def test_what_is_next_is_not_asked_twice() -> None:
    """It stands on top, and not again among the lines."""
    for case in every_case():
        for card, _ in list(cards(case))[:1]:
            said = [block.text for block in card.blocks if isinstance(block, Line)]
            nexts = [b.text.removeprefix("Next: ") for b in card.blocks if isinstance(b, Heading)]
            assert not {text.removesuffix(".") for text in said} & {text.removesuffix(".") for text in nexts}


@pytest.mark.parametrize(
    ("answers", "kept_out", "later", "said"),
    [
        pytest.param(THREAT, (), 0, True, id="it presses, and there is somebody next"),
        pytest.param(THREAT, (), 3, False, id="that time is over"),
        pytest.param(ABUSE, (), 0, False, id="it does not press"),
        pytest.param(
            THREAT, (DEPUTY, DSL, DEPUTY_DSL, CHAIR, VICE, SUBSTITUTE), 0, False, id="nobody is next"
        ),
    ],
)
def test_the_next_person_is_promised_where_there_is_one(
    answers: dict[str, Answer], kept_out: tuple[PersonId, ...], later: int, *, said: bool
) -> None:
    """*If nobody does by then* is said while it is so."""
    matter = Matter(answers, named=Named(kept_out=kept_out))
    card = templates.case_card(matter.case, SCHOOL, AT + dt.timedelta(hours=later))
    assert ("the next person is told" in card_text(card)) is said


def test_a_second_person_is_asked_first() -> None:
    """Where somebody said *a mistake*, what is next for another is to say whether it was; not for them."""
    matter = Matter(CHILD)
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.Close(Outcome.MISTAKE, "x"), HEAD)
    assert checklist.work(matter.case, SCHOOL, AT, DSL)[0] == Heading(
        say("task.next", what=say("task.countersign"))
    )
    mine = [b for b in checklist.work(matter.case, SCHOOL, AT, HEAD) if isinstance(b, Buttons)]
    assert Action.COUNTERSIGN not in {b.intent.action for b in mine[0].buttons if isinstance(b.intent, Act)}


def test_who_may_do_nothing_is_asked_nothing() -> None:
    """Who is told because it is about them reads the record; somebody outside reads no button at all."""
    matter = Matter({**ABUSE, "targets": ("headteacher",)})
    assert upcoming(matter.case, HEAD) is None
    drawn = checklist.work(matter.case, SCHOOL, AT, VICE)
    assert not any(isinstance(block, Buttons) for block in drawn)


def test_everything_waits_for_a_hold_that_nobody_here_can_lift() -> None:
    """The LADO was not rung yet, and they alone can agree: nothing is next, and the hold says for whom."""
    matter = Matter({**ABUSE, "staff_allegation": ("staff",), "evidence": "saved"})
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.RecordLado(contacted=False, why="x"), HEAD)
    for name in list(recordable(matter.case)):
        if named(matter.case, name).mark is Mark.TO_DO:
            matter.do(do.RecordTask(name, "done"), HEAD)
    for duty in in_the_way(matter.case)[:-1]:
        kind = do.RecordLegal if duty == say("seat.legal") else do.RecordPolice
        matter.do(kind(contacted=False, why="x"), HEAD)
    bring = replace(matter.case, recused={})
    assert upcoming(bring) is None
    assert "Next:" not in card_text(templates.case_card(bring, SCHOOL, AT))
    assert in_the_way(bring) == (say("task.hold"),)


@pytest.mark.parametrize(
    ("answers", "first", "later"),
    [
        (
            {"poster": ("staff",), "nature": ("abusive",), "targets": ("staff",)},
            "whistleblowing_check",
            Body.LEGAL,
        ),
        (IMAGE, "dsl_uses_report_remove", Body.POLICE),
    ],
)
def test_what_comes_first_is_not_behind_what_can_wait(
    answers: dict[str, Answer], first: str, later: Body
) -> None:
    """Whistleblowing is looked at before Legal is asked; a child is helped before the police are."""
    asked = [task.name for task in tasks(Matter(answers).case)]
    assert asked.index(first) < asked.index(later)


# -- the lines ---------------------------------------------------------------------------------------


def test_every_line_that_waits_says_for_what() -> None:
    """And has no button; every line says how it stands in words."""
    for case in every_case():
        for card, _ in cards(case):
            for line in (block for block in card.blocks if isinstance(block, Line)):
                if line.mark is Mark.WAITS:
                    assert "once the hold is cleared" in line.text
                    assert line.button is None


def test_what_is_done_is_short_says_who_and_folds() -> None:
    """Up to eight lines each stands there; beyond, those that are done are counted, and *More* has them."""
    few = card_text(templates.case_card(half_way().case, SCHOOL, AT))
    assert "✓ Done: Police – contacted, Headteacher, Tue 24 Nov, 10:00" in few
    matter = Matter({**IMAGE, "poster": ("pupil",), "racist": "yes", "text_flags": ("child_at_risk",)})
    case = matter.case
    many = dict.fromkeys(("report_to_platform", "tell_families_it_is_fake", "contact_parent_of_pupil"))
    asked = (*case.decision.actions, *many, "support_for_reporter", "decide_if_c4_applies")
    matter.case = replace(case, hold="", decision=replace(case.decision, actions=asked))
    assert len(tasks(matter.case)) > checklist.MOST
    matter.do(do.RecordTask("report_to_platform", "done"), HEAD)
    folded = card_text(templates.case_card(matter.case, SCHOOL, AT))
    assert say("task.folded", n=1) in folded
    assert "✓ Done: Report the posting" not in folded
    assert "✓ Done: Report the posting" in card_text(checklist.more(matter.case, SCHOOL, HEAD))


def test_the_lado_has_a_day_of_its_own_and_a_number() -> None:
    """A day that is the case's own is said once, above."""
    text = card_text(templates.case_card(Matter(DANGER).case, SCHOOL, AT))
    assert f"by Wednesday 25 November · {SCHOOL.lado.phone}" in text
    threat = card_text(templates.case_card(Matter(THREAT).case, SCHOOL, AT))
    assert threat.count("Tuesday 24 November") == 2, "the case's limit, and that of who takes it on"


def test_a_deadline_reads_the_same_tomorrow() -> None:
    """A card stands for days: it says no *today*."""
    for card, _ in cards(Matter(THREAT).case):
        assert not {"today", "tomorrow"} & set(card_text(card).lower().split())


@pytest.mark.parametrize(
    ("evidence", "files", "mark"),
    [("none", 0, Mark.TO_DO), ("saved", 0, Mark.DONE), ("none", 1, Mark.DONE)],
)
def test_what_the_reporter_kept_is_not_asked_for(evidence: str, files: int, mark: Mark) -> None:
    """A screenshot that is here, or with the reporter, is kept."""
    matter = Matter({**ABUSE, "evidence": evidence})
    posting = matter.case.report.posting if files else Posting()
    case = replace(matter.case, report=replace(matter.case.report, posting=posting))
    assert named(case, "preserve_evidence").mark is mark


def test_who_does_not_decide_reads_who_does() -> None:
    """A told seat reads whose decision is outstanding, without its button; the DSL is asked for theirs."""
    case = Matter({**IMAGE, "violence": "yes"}).case
    assert named(case, Body.POLICE, DSL).what == "Headteacher sees to this: Police."
    assert named(case, Body.IMAGERY, DSL).what == say("task.take_over")
    assert named(case, Body.CHILDRENS_SERVICES, DSL).what.startswith("The DSL: decide")
    alone = replace(case, lead=None)
    assert named(alone, Body.POLICE, DSL).what == "Somebody sees to this: Police."
    assert tasks(led_by_nobody(), HEAD)


def test_a_reminder_says_what_is_owed_and_only_that() -> None:
    """A school's own too, by its name; where nothing is owed, or all is over, it says nothing of it."""
    matter = Matter(ABUSE, policy=by_form("talk_first"))
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.RecordContact("phone", "2026-11-24", "x", ended="asked_and_refused"), HEAD)
    reminded = Event(case=matter.case.id, seq=9, kind=EventKind.REMINDED, at=AT)
    text = card_text(templates.update(matter.case, reminded, SCHOOL, AT))
    assert all(duty.called in text for duty in matter.case.duties)
    for case in (Matter(QUESTION).case, replace(matter.case, status=Status.CLOSED)):
        drawn = templates.update(case, reminded, SCHOOL, AT)
        assert not any(isinstance(block, Callout) for block in drawn.blocks)


def test_a_schools_own_words_are_its_lines() -> None:
    """What a school's policy wants decided, and what it only asks for."""
    matter = Matter(ABUSE, policy=by_form("talk_first"))
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.RecordContact("phone", "2026-11-24", "x", ended="asked_and_refused"), HEAD)
    own = [task for task in tasks(matter.case) if task.action is Action.OWN]
    assert own
    assert all(task.which == task.name for task in own)
    matter.do(do.RecordOwn(contacted=True, when="2026-11-25", why="x", which=own[0].which), HEAD)
    made = named(matter.case, own[0].name)
    assert (made.mark, made.came) == (Mark.DONE, say("event.decision_done"))
    mine = next(name for name in recordable(matter.case) if name in (matter.case.decision.own or {}))
    matter.do(do.RecordTask(mine, "done"), HEAD)
    assert matter.events[-1].fact("called") == (matter.case.decision.own or {})[mine].words


def test_an_image_that_was_taken_over_is_said_so() -> None:
    """Not as contacted."""
    matter = Matter(IMAGE)
    matter.do(do.RecordImagery(**PHONED), HEAD)  # type: ignore[arg-type]
    assert named(matter.case, Body.IMAGERY).came == say("event.taken_over")


def test_a_meeting_that_was_held_is_done() -> None:
    """Recording it is the record; nobody is asked for it again."""
    matter = Matter(ABUSE)
    asked = (*matter.case.decision.actions, "contact_and_meet")
    matter.case = replace(matter.case, decision=replace(matter.case.decision, actions=asked))
    matter.do(do.TakeOn(), HEAD)
    assert named(matter.case, "contact_and_meet").action is Action.MEETING
    matter.do(do.RecordMeeting("2026-11-24", "Nobody real", "x"), HEAD)
    assert named(matter.case, "contact_and_meet").mark is Mark.DONE
    bot = Matter(ABUSE)
    bot.do(do.TakeOn(), HEAD)
    bot.do(do.RecordMeeting("2026-11-24", "Nobody real", "x"))
    bot.do(do.Confirm999("x"))
    assert bot.case.tasks == {}, "a record is a person's"


@pytest.mark.parametrize("ticked", [(), (INVITE,), ("ask_to_take_it_down", INVITE)])
def test_contact_that_was_made_is_not_asked_for_again(ticked: tuple[str, ...]) -> None:
    """Its form asks which of what is asked for it did; what is ticked is done, and stands in the record."""
    matter = Matter(PARENT)
    matter.do(do.TakeOn(), HEAD)
    (did,) = (field for field in form(Action.CONTACT, matter.case, SCHOOL).fields if field.name == "did")
    assert isinstance(did, Many)
    assert {option.value for option in did.options} == {INVITE, "ask_to_take_it_down"}
    filled: dict[str, Value] = {"how": "phone", "when": "2026-11-24", "text": "x", "did": ticked}
    matter.do(parse(Action.CONTACT, filled, matter.case, SCHOOL), HEAD)
    for name in (option.value for option in did.options):
        task = named(matter.case, name)
        assert (task.mark, task.by) == ((Mark.DONE, HEAD) if name in ticked else (Mark.TO_DO, None))
    event = matter.events[-1]
    assert event.several("did") == ticked
    read = particulars(matter.case, event, SCHOOL)
    assert ("Invite them to use the complaints procedure" in read) is (INVITE in ticked)
    left = {option.value for option in did.options}.difference(ticked)
    again = [field for field in form(Action.CONTACT, matter.case, SCHOOL).fields if isinstance(field, Many)]
    assert {option.value for field in again for option in field.options} == left


@pytest.mark.parametrize("ticked", ["support_person_affected", (INVITE, "contact_and_meet")])
def test_contact_does_only_what_is_asked_for(ticked: str | tuple[str, ...]) -> None:
    """What its form does not offer is refused, and nothing is on record."""
    matter = Matter(PARENT)
    filled: dict[str, Value] = {"how": "phone", "when": "2026-11-24", "text": "x", "did": ticked}
    with pytest.raises(InvalidAnswer) as refused:
        parse(Action.CONTACT, filled, matter.case, SCHOOL)
    assert set(refused.value.errors) == {"did"}


def test_under_a_hold_no_contact_can_have_been_made() -> None:
    """What waits is not offered either: there is nothing that a contact could have done."""
    case = Matter(CHILD).case
    assert named(case, INVITE).mark is Mark.WAITS
    assert not [one for one in form(Action.CONTACT, case, SCHOOL).fields if isinstance(one, Many)]


# -- its record --------------------------------------------------------------------------------------


@pytest.mark.parametrize("became", Became)
def test_a_task_is_recorded_by_whom_and_when_and_undone(became: Became) -> None:
    """Done, or not needed and why; still to do after all; the words are in the record alone."""
    matter = Matter(ABUSE)
    name = "support_person_affected"
    matter.do(do.RecordTask(name, became.value, "Invented words."), HEAD)
    made = named(matter.case, name)
    assert (made.mark is Mark.DONE) is (became is Became.DONE)
    assert (made.by, made.at) == (HEAD, AT)
    event = matter.events[-1]
    assert (event.kind, event.words) == (EventKind.TASK_RECORDED, "Invented words.")
    assert "Invented words" not in event_line(matter.case, event, SCHOOL)
    assert "Invented words" not in card_text(templates.case_card(matter.case, SCHOOL, AT))
    with pytest.raises(NotAllowed) as refused:
        matter.do(do.RecordTask(name, became.value, "x"), HEAD)
    assert refused.value.reference == "already-recorded"
    matter.do(do.RecordTask(name, "to_do"), HEAD)
    assert named(matter.case, name).mark is Mark.TO_DO
    assert matter.events[-1].fact("became") == "to_do"


@pytest.mark.parametrize(
    ("command", "by", "reference"),
    [
        (do.RecordTask("support_person_affected", "to_do"), HEAD, "already-recorded"),
        (do.RecordTask("report_to_platform_of_nobody", "done"), HEAD, "not-asked-for"),
        (do.RecordTask("ask_to_take_it_down", "done"), HEAD, "not-asked-for"),
        (do.RecordTask("decide_on_legal_and_record_why", "done"), HEAD, "not-asked-for"),
        (do.RecordTask("support_person_affected", "done"), None, "no-decider"),
    ],
)
def test_what_makes_no_sense_is_refused(command: Command, by: PersonId | None, reference: str) -> None:
    """What is not asked for, waits, is a duty's, or is so already."""
    matter = Matter(THREAT)
    with pytest.raises(NotAllowed) as refused:
        matter.do(command, by)
    assert refused.value.reference == reference
    assert matter.case.tasks == {}


def test_not_needed_needs_a_reason() -> None:
    """*Done* does not; the form names the field."""
    case = Matter(ABUSE).case
    values = {"which": "support_person_affected", "became": "elsewhere"}
    with pytest.raises(InvalidAnswer) as refused:
        parse(Action.TASK, values, case, SCHOOL)
    assert refused.value.field == "text"
    assert parse(Action.TASK, {**values, "became": "to_do"}, case, SCHOOL)
    nothing = replace(case, decision=replace(case.decision, actions=()))
    with pytest.raises(NotAllowed):
        form(Action.TASK, nothing, SCHOOL)


def test_the_button_of_a_line_says_what_it_is_about() -> None:
    """The form opens with it chosen; a button from before this was so is still read."""
    case = Matter(ABUSE).case
    wanted = {
        button.intent.which
        for button in buttons_of(templates.case_card(case, SCHOOL, AT))
        if isinstance(button.intent, Act) and button.intent.action in (Action.TASK, Action.CARE)
    }
    assert "support_person_affected" in wanted
    for which in wanted:
        intent = Act(case=case.id, action=Action.TASK, version=1, which=which)
        assert decode(encode(intent)) == intent


def test_a_case_that_was_stored_before_is_read() -> None:
    """It has no record of a task, and nobody who closed it."""
    case = Matter(ABUSE).case
    old = written_row(case)
    for field in (b'"tasks":{},', b'"closed_by":null,', b'"closed_why":"",'):
        assert field in old
        old = old.replace(field, b"")
    assert read_row(Case, old) == case


# -- the end -----------------------------------------------------------------------------------------


def test_what_is_in_the_way_stops_and_the_rest_is_said() -> None:
    """A duty and the hold stop; an offer of support that nobody recorded does not, but the form says so."""
    matter = Matter(THREAT)
    matter.do(do.TakeOn(), HEAD)
    assert in_the_way(matter.case) == (say("seat.legal"), say("seat.police"), say("task.hold"))
    warned = [
        block.text for block in form(Action.CLOSE, matter.case, SCHOOL).intro if isinstance(block, Callout)
    ]
    assert "Legal Services, Police, the hold on contact" in warned[0]
    matter.do(do.RecordPolice(contacted=False, why="x"), HEAD)
    matter.do(do.RecordLegal(contacted=False, why="x"), HEAD)
    assert in_the_way(matter.case) == ()
    (left,) = (b.text for b in form(Action.CLOSE, matter.case, SCHOOL).intro if isinstance(b, Callout))
    assert all(what in left for what in still_open(matter.case))
    assert "Offer support" in left
    matter.do(do.Close(Outcome.SUPPORTED, "x"), HEAD)
    assert matter.case.status is Status.CLOSED


@pytest.mark.feature("checklist")
def test_when_all_is_done_it_is_to_be_closed() -> None:
    """And its form warns of nothing."""
    matter = Matter({**QUESTION, "evidence": "saved"})
    matter.do(do.TakeOn(), HEAD)
    for name in list(recordable(matter.case)):
        if named(matter.case, name).mark is Mark.TO_DO:
            matter.do(do.RecordTask(name, "done"), HEAD)
    task = upcoming(matter.case, HEAD)
    assert task is not None
    assert task.action is Action.CLOSE
    assert not any(isinstance(block, Callout) for block in form(Action.CLOSE, matter.case, SCHOOL).intro)


@pytest.mark.feature("closing-asks-why")
def test_a_closed_card_says_how_it_ended_and_no_more() -> None:
    """Outcome, who and when; why to those who may read; no deadline; *re-open* and *open the record*."""
    matter = Matter(QUESTION)
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.Close(Outcome.MET, "Invented: it was a mix-up."), HEAD)
    card, own = templates.case_card(matter.case, SCHOOL, AT), templates.notice(matter.case, SCHOOL, HEAD, AT)
    for each in (card, own):
        pressed = [button.intent.action for button in buttons_of(each) if isinstance(button.intent, Act)]
        assert pressed == [Action.REOPEN, Action.OPEN_RECORD]
        facts = next(dict(block.pairs) for block in each.blocks if isinstance(block, Facts))
        assert facts[say("message.closed_by")] == "Headteacher, Tue 24 Nov, 10:00"
        assert say("message.soon") not in facts
    assert "mix-up" in card_text(own)
    assert "mix-up" not in card_text(card)
    assert not any(isinstance(block, Line) for block in card.blocks)
    assert not any(isinstance(block, Small) and "Before" in block.text for block in card.blocks)
    matter.do(do.Reopen("x"), HEAD)
    assert (matter.case.closed_by, matter.case.closed_why) == (None, "")
    old = replace(matter.case, status=Status.CLOSED, closed_at=AT + dt.timedelta(days=1))
    assert say("message.closed_by") not in card_text(templates.case_card(old, SCHOOL, AT))


def test_the_reporter_sees_nothing_of_it() -> None:
    """What leaders have done stands on no card of theirs."""
    text = card_text(templates.receipt(half_way().case, SCHOOL, AT))
    assert "Done" not in text
    assert not any(
        isinstance(b.intent, Act) and b.intent.action in (Action.TASK, Action.MORE)
        for b in buttons_of(templates.receipt(half_way().case, SCHOOL, AT))
    )
    assert not access.may_do(half_way().case, REPORTER, SCHOOL, Action.TASK)


@pytest.mark.parametrize("mark", list(Mark))
def test_what_is_done_steps_back(mark: Mark) -> None:
    """A line about which nobody has to do anything any more is drawn small."""
    assert Line(mark, "Keep what there is").quiet is (mark in (Mark.DONE, Mark.NOT_NEEDED))
