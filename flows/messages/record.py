"""The record of a case: the words, the files and the story, for one person who may read them.

Every opening is logged by the caller. The reporter stays hidden: their name, and the details that
would give them away, are shown to the lead only on request, with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flows.calendar import local, on_day
from flows.case import access
from flows.case.actions.drilling import marked
from flows.case.actions.table import offered
from flows.case.checklist.care import offers
from flows.case.checklist.names import sentence
from flows.case.corrections import answer_lines
from flows.case.declared import On
from flows.case.duties import duty_name
from flows.case.exclusion import name_of
from flows.delivery.told import JUST_NOW, Reach
from flows.messages import phrases, shared_blocks
from flows.messages.beside import NOTHING, Beside, hints, linked
from flows.model import Body, Case, Duty, Event, EvidenceFile, Posting
from flows.school import PersonId, School
from flows.ui.cards import (
    Attachment,
    Block,
    Buttons,
    Callout,
    Card,
    Divider,
    Facts,
    Heading,
    Quote,
    Small,
    Text,
    Tone,
)
from flows.words import say


def record(
    case: Case,
    events: Sequence[Event],
    school: School,
    viewer: PersonId,
    reached: Mapping[PersonId, Reach] = JUST_NOW,
    *,
    beside: Beside = NOTHING,
) -> Card:
    """Return the whole record as ``viewer`` may read it."""
    posting = case.report.posting
    blocks: list[Block] = [
        Heading(say("record.title", ref=case.reference, kind=phrases.kind(case))),
        Small(say("record.logged")),
    ]
    blocks += hints(case, beside, school)
    if posting.words:
        blocks += [Small(say("record.words")), Quote(posting.words)]
    details = _details(posting)
    if details:
        blocks.append(Facts(details))
    blocks += [Small(say("record.for_somebody"))] if case.report.reporting_for else []
    blocks += _files((*posting.files, *case.documents))
    blocks += linked(case, beside, school)
    blocks += [Small(say("record.told")), Facts(phrases.told(case, school, reached))]
    blocks += shared_blocks.support(school, to_pass_on=True) if offers(case) else []
    if case.duties:
        blocks += [Small(say("record.duties")), Facts(tuple(_duty(case, d, school) for d in case.duties))]
    blocks += [Small(say("record.answers")), Facts(tuple(answer_lines(case.report, school))), Divider()]
    blocks += [Small(say("record.reasons"))]
    blocks.append(shared_blocks.reasons(case))
    blocks += [Divider(), Small(say("record.story")), *_story(case, events, school)]
    blocks += _undone(case, school, viewer)
    card = Card(kind="record", summary=say("summary.record", ref=case.reference), blocks=tuple(blocks))
    return marked(card, case)


def _duty(case: Case, duty: Duty, school: School) -> tuple[str, str]:
    """Return a duty and what became of it; how, why and their reference stand in the story."""
    body, decided = duty_name(duty, case.decision), duty.decided
    if decided is None:
        return body, say("record.duty_open", day=on_day(duty.due))
    words = phrases.decision(contacted=decided.contacted, called=duty.called)
    if duty.body == Body.IMAGERY and decided.contacted:
        words = say("event.taken_over")
    at = f"{local(decided.at, school.time):%d.%m.%Y %H:%M}"
    who = phrases.seat_of(case, decided.by, school)
    return body, say("record.duty_decided", decision=words, who=who, at=at)


def _details(posting: Posting) -> tuple[tuple[str, str], ...]:
    # "captured by" may be the reporter's own name, so it is not among these.
    pairs = (
        (say("record.platform_other"), posting.platform_other),
        (say("record.link"), posting.link),
        (say("record.account"), posting.account_name),
        (say("record.audience"), posting.audience),
        (say("record.first_seen"), posting.first_seen),
    )
    return tuple((label, value) for label, value in pairs if value)


def _files(files: Sequence[EvidenceFile]) -> list[Block]:
    blocks: list[Block] = []
    for file in files:
        if file.gone:
            gone = say("record.locked_gone") if file.locked else say("record.file_gone", name=file.name)
            blocks.append(Small(gone))
        elif file.locked:
            blocks.append(Callout(Tone.DANGER, say("record.locked")))
        else:
            blocks.append(
                Attachment(name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256)
            )
    return blocks


def _story(case: Case, events: Sequence[Event], school: School) -> list[Block]:
    blocks: list[Block] = []
    for event in events:
        moment = local(event.at, school.time)
        line = phrases.event_line(case, event, school)
        blocks.append(Text(f"{moment:%d.%m.%Y %H:%M} – {line}"))
        if said := particulars(case, event, school):
            blocks.append(Small(said))
        if event.words:
            blocks.append(Quote(event.words))
    return blocks


def particulars(case: Case, event: Event, school: School) -> str:
    """Return how, when and who it was, and what it did, where that was put on record ("" = it was not)."""
    how, when, ended = event.fact("how"), event.fact("when"), event.fact("ended")
    people = (*event.several("who"), *filter(None, (event.fact("person"),)))
    who = ", ".join(name_of(PersonId(person), school) for person in people)
    did = (sentence(case, name).removesuffix(".") for name in event.several("did"))
    end = say(f"form.ended.{ended}") if ended else ""
    said = (say(f"form.how.{how}") if how else "", when, who, *did, end)
    return " · ".join(part for part in said if part)


def _undone(case: Case, school: School, viewer: PersonId) -> list[Block]:
    mine = [a for a in offered(case, On.RECORD, viewer) if access.may_do(case, viewer, school, a)]
    if not mine:
        return []
    return [Buttons(tuple(shared_blocks.plain_button(case, action) for action in mine))]


def reporter_shown(case: Case, school: School) -> Card:
    """Return who reported, for the lead who asked and gave a reason."""
    person = school.people.get(case.report.reporter)
    pairs = [(say("record.reporter"), person.name if person else say("record.gone"))]
    if case.report.reporting_for:
        pairs.append((say("record.reporting_for"), case.report.reporting_for))
    if case.report.wants_contact:
        pairs.append((say("record.wants_contact"), case.report.wants_contact))
    if case.report.posting.captured_by:
        pairs.append((say("record.captured_by"), case.report.posting.captured_by))
    private = (Callout(Tone.CAUTION, say("record.private")),) if case.report.private_name else ()
    card = Card(
        kind="reporter",
        summary=say("summary.record", ref=case.reference),
        blocks=(Facts(tuple(pairs)), *private, Small(say("record.logged"))),
    )
    return marked(card, case)
