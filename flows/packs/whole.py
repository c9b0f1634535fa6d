"""All of a case as whoever exports it may read it: the record as a sheet, and its story line by line.

What is not in the record is not in it: never the reporter, and nothing of another case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from flows.case.reassess import may_be_imagery
from flows.delivery.told import Reach
from flows.messages import phrases
from flows.messages.record import particulars, record
from flows.model import Case, Event, EvidenceFile
from flows.packs.contents import Pack, Section, moment
from flows.school import PersonId, School
from flows.ui.cards import Attachment, Block, Bullets, Callout, Facts, Quote, Small, Text
from flows.words import say

#: What a document is that an export made: not a part of the next one.
SHEET, ARCHIVE = "export.pdf", "export.zip"


def sheet(
    case: Case,
    events: Sequence[Event],
    school: School,
    reached: Mapping[PersonId, Reach],
    *,
    by: PersonId,
    at: dt.datetime,
) -> Pack:
    """Return the record of a case as a sheet."""
    without = replace(case, documents=files_of(case)[1])
    shown = record(without, (), school, by, reached)
    sections = tuple(_sections(shown.blocks, case))
    story = Section(heading=say("record.story"), lines=tuple(_lines(case, events, school)))
    told = tuple(one for one in sections if one.pairs or one.quote or one.lines)
    return going_out(
        school,
        by,
        at,
        title=say("export.title", ref=case.reference),
        manifest_says=say("export.manifest_says"),
        sections=(*told, story),
        manifest=tuple((one.name, one.sha256) for group in files_of(case) for one in group),
    )


def going_out(
    school: School,
    by: PersonId,
    at: dt.datetime,
    *,
    title: str,
    manifest_says: str,
    sections: tuple[Section, ...],
    manifest: tuple[tuple[str, str], ...],
) -> Pack:
    """Return what goes out of a school, with who made it and when; ``manifest`` = names and their SHA-256."""
    return Pack(
        title=title,
        school=school.name,
        made=say("pack.made", who=phrases.own_seat(school, by), at=moment(at, school)),
        labels={name: say(f"pack.{name}") for name in ("what", "said", "manifest")}
        | {"manifest_says": manifest_says},
        sections=sections,
        manifest=manifest,
    )


def files_of(case: Case) -> tuple[tuple[EvidenceFile, ...], tuple[EvidenceFile, ...]]:
    """Return the evidence and the letters that an export holds.

    A pack was made for one body and may show who reported, so it stays; so does what may be imagery.
    """
    evidence = () if may_be_imagery(case.report) else case.report.posting.files
    letters = (one for one in case.documents if not one.of.startswith(("pack.", "export.")))
    return (
        tuple(file for file in evidence if not (file.gone or file.locked)),
        tuple(one for one in letters if not one.gone),
    )


def story(case: Case, events: Sequence[Event], school: School) -> list[dict[str, str | int]]:
    """Return what happened, event by event, in the words of the record.

    Who did it stands in these words as far as the record says it: who reported may hold a seat as well.
    """
    return [
        {
            "n": event.seq,
            "at": event.at.isoformat(),
            "kind": event.kind.value,
            "what": phrases.event_line(case, event, school),
            "particulars": particulars(case, event, school),
            "words": event.words,
        }
        for event in events
    ]


def _lines(case: Case, events: Sequence[Event], school: School) -> Iterator[str]:
    for event in events:
        line = f"{moment(event.at, school)} – {phrases.event_line(case, event, school)}"
        said = f"“{' / '.join(event.words.splitlines())}”" if event.words else ""
        yield " · ".join(part for part in (line, particulars(case, event, school), said) if part)


def _sections(blocks: Sequence[Block], case: Case) -> Iterator[Section]:
    """Yield the record's blocks as sections, each begun by a small line; nothing else begins one."""
    now = Section(heading=say("export.matter", ref=case.reference))
    for block in blocks:
        match block:
            case Small(text=text) if text == say("record.for_somebody"):
                now = replace(now, lines=(*now.lines, text))
            case Small(text=text) if text not in (say("record.logged"), say("record.story")):
                yield now
                now = Section(heading=text)
            case Facts(pairs=pairs):
                now = replace(now, pairs=(*now.pairs, *pairs))
            case Attachment():
                kind = f"{block.media_type}, {block.size:,} bytes"
                if now.heading != say("export.files"):
                    yield now
                    now = Section(heading=say("export.files"))
                now = replace(now, pairs=(*now.pairs, (block.name, kind)))
            case Quote(text=text):
                now = replace(now, quote=(*now.quote, *text.splitlines()))
            case Text(text=text) | Callout(text=text):
                now = replace(now, lines=(*now.lines, text))
            case Bullets(lines=lines):
                now = replace(now, lines=(*now.lines, *lines))
            case _:
                pass  # headings, dividers and buttons
    yield now
