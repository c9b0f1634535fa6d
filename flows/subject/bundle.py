"""What goes out to who asks: the passages that were picked, case by case, as they were approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from msgspec import Struct

from flows.packs.contents import Pack, Section
from flows.packs.whole import going_out
from flows.school import PersonId, School
from flows.subject.passages import Passage
from flows.subject.request import Request
from flows.words import say

#: What each file of it is.
SHEET, ARCHIVE = "subject.pdf", "subject.zip"


class Given(Struct, frozen=True):
    """What goes out of one case."""

    reference: str
    passages: tuple[Passage, ...]


def bundle(request: Request, given: Sequence[Given], school: School, by: PersonId, at: dt.datetime) -> Pack:
    """Return it as a sheet."""
    head = Section(
        heading=say("subject.about"),
        pairs=((say("subject.asked_by"), request.names[0]), (say("pack.school"), school.name)),
        lines=(
            say("subject.says"),
            say("subject.masks_say"),
            say("subject.files_stay"),
            say("pack.not_proven"),
        ),
    )
    sections = (
        head,
        *(
            Section(heading=f"{one.reference} · {part.heading}", quote=tuple(part.text.splitlines()))
            for one in given
            for part in one.passages
        ),
    )
    return going_out(
        school,
        by,
        at,
        title=say("subject.sheet", ref=request.id),
        manifest_says=say("subject.manifest_says"),
        sections=sections,
        manifest=tuple((one.heading, one.sha256) for one in sections),
    )


def lines(given: Sequence[Given]) -> list[dict[str, str | int]]:
    """Return it line by line."""
    parts = [(one.reference, part) for one in given for part in one.passages]
    return [
        {"n": number, "case": reference, "what": part.heading, "words": part.text}
        for number, (reference, part) in enumerate(parts, 1)
    ]
