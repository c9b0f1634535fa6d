"""What whoever writes a letter or makes a pack is shown: which there are for this case, and what was made."""

from __future__ import annotations

from flows.case import access
from flows.case.actions.packing import packable
from flows.letters.table import Letter, offered, waits
from flows.messages import shared_blocks
from flows.model import Action, Case, Document
from flows.school import PersonId, School
from flows.ui.cards import (
    Attachment,
    Block,
    Button,
    Buttons,
    Card,
    Facts,
    Heading,
    Line,
    Mark,
    Quote,
    Small,
    Text,
)
from flows.words import say


def mine(case: Case, school: School, person: PersonId) -> tuple[Letter, ...]:
    """Return the letters that fit this case and that this person may write."""
    return tuple(
        letter for letter in offered(case) if access.may_do(case, person, school, Action.LETTER, which=letter)
    )


def choices(case: Case, school: School, person: PersonId) -> Card:
    """Return the letters that somebody may write in a case, each with its button or for what it waits."""
    lines: list[Block] = []
    for letter in mine(case, school, person):
        late = waits(letter, case)
        named, about = say(f"letter.{letter}"), say(f"letter.for.{letter}")
        note = f"{about} {say('letter.waits')}" if late else about
        button = None if late else _button(case, Action.LETTER, letter.value, named)
        lines.append(Line(Mark.WAITS if late else Mark.TO_DO, named, note, button))
    heading = Heading(say("letter.choose", ref=case.reference))
    return Card(
        kind="letters",
        summary=say("summary.notice", ref=case.reference),
        blocks=(heading, Small(say("letter.nobody_is_sent")), *lines),
    )


def packs(case: Case, school: School, person: PersonId) -> Card:
    """Return the packs that somebody may make in a case, each with its button."""
    lines: list[Block] = [
        Line(
            Mark.TO_DO,
            say("form.pack.title_of", what=say(f"pack.{body}"), ref=case.reference),
            say(f"pack.for.{body}"),
            _button(case, Action.PACK, body.value, say(f"pack.{body}")),
        )
        for body in packable(case)
        if access.may_do(case, person, school, Action.PACK, which=body)
    ]
    heading = Heading(say("pack.choose", ref=case.reference))
    blocks = (heading, Small(say("pack.nobody_is_sent")), *lines)
    return Card(kind="packs", summary=say("summary.notice", ref=case.reference), blocks=blocks)


def made(case: Case, body: str, document: Document, told: str) -> Card:
    """Return a pack that was made: its file, and what it says, to be copied."""
    return Card(
        kind="pack",
        summary=say("summary.record", ref=case.reference),
        blocks=(
            Heading(say("pack.made_card", ref=case.reference, body=say(f"pack.{body}"))),
            Text(say("pack.hand_it_over")),
            _attached(document),
            Small(say("letter.to_copy")),
            Quote(told),
            Buttons((shared_blocks.plain_button(case, Action.OPEN_RECORD),)),
        ),
    )


def approved(case: Case, letter: str, text: str, document: Document) -> Card:
    """Return a letter that was approved, to be copied, and its file."""
    record = shared_blocks.plain_button(case, Action.OPEN_RECORD)
    blocks: tuple[Block, ...] = (
        Heading(say("letter.approved", ref=case.reference, what=say(f"letter.{letter}"))),
        Text(say("letter.send_it_yourself")),
        _attached(document),
        Small(say("letter.to_copy")),
        Quote(text),
        Buttons((record,)),
    )
    return Card(kind="letter", summary=say("summary.record", ref=case.reference), blocks=blocks)


def exported(case: Case, sheet: Document, archive: Document, key: str) -> Card:
    """Return both files of an export, and what the signature of the second proves and what not."""
    blocks: tuple[Block, ...] = (
        Heading(say("export.title", ref=case.reference)),
        Text(say("export.hand_it_over")),
        _attached(sheet),
        _attached(archive),
        Small(say("export.proves")),
        Facts(((say("export.key"), key),)),
        Buttons((shared_blocks.plain_button(case, Action.OPEN_RECORD),)),
    )
    return Card(kind="export", summary=say("summary.record", ref=case.reference), blocks=blocks)


def _attached(document: Document) -> Attachment:
    return Attachment(document.name, document.media_type, document.size, document.sha256)


def _button(case: Case, action: Action, which: str, named: str) -> Button:
    plain = shared_blocks.plain_button(case, action, which)
    return Button(label=plain.label, intent=plain.intent, describes=f"{plain.label}: {named}")
