"""An export of one case, made when whoever decides confirms it: stored before the case speaks of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import msgspec
from msgspec.structs import replace

from bot.context import AppContext
from bot.exports import archive
from bot.exports.archive import File, Manifest
from bot.exports.signing import Signer
from bot.reached import reached_in
from bot.turns.evidence import safe_name
from bot.turns.turn import Turn
from flows.case.actions.exporting import MakeExport
from flows.errors import StoreError
from flows.messages.phrases import own_seat
from flows.model import Case, Document, EvidenceFile
from flows.packs import whole
from flows.words import say

ZIP = "application/zip"


class Keep(Protocol):
    async def __call__(self, name: str, media_type: str, content: bytes, *, of: str) -> Document:
        """Store a file and return its record; ``of`` is what it is."""
        ...


async def made(context: AppContext, turn: Turn, case: Case, order: MakeExport, keep: Keep) -> MakeExport:
    """Return the order with its two files, stored."""
    from bot.documents import pdf  # noqa: PLC0415 - what it stands on is imported where one is made

    school, at = turn.school, context.now()
    events = await context.store.events(school.id, case.id)
    told = whole.sheet(case, events, school, await reached_in(context, case), by=turn.person.id, at=at)
    sheet = await asyncio.to_thread(pdf.pack, told, at=at)
    lines = [msgspec.json.encode(line) + b"\n" for line in whole.story(case, events, school)]
    evidence, letters = whole.files_of(case)
    files: list[File] = [
        ("READ-ME.txt", say("export.read_me", ref=case.reference, school=school.name).encode()),
        ("case.pdf", sheet),
        (archive.EVENTS, b"".join(lines)),
        *await _files(context, case, "evidence", evidence),
        *await _files(context, case, "letters", letters),
    ]
    about = Manifest(
        format=archive.FORMAT,
        case=case.reference,
        school=school.name,
        made=at.isoformat(timespec="seconds"),
        by=own_seat(school, turn.person.id),
        drill=case.drill,
    )
    sealed = await asyncio.to_thread(archive.sealed, files, about, Signer(context.signing_seed))
    return replace(
        order,
        sheet=await keep(f"{told.title}.pdf", pdf.TYPE, sheet, of=whole.SHEET),
        archive=await keep(f"{told.title}.zip", ZIP, sealed, of=whole.ARCHIVE),
    )


async def _files(context: AppContext, case: Case, folder: str, files: Sequence[EvidenceFile]) -> list[File]:
    """Return the bytes of files, each under a name that no other has. Raises StoreError where one is gone."""
    found = []
    for number, file in enumerate(files, 1):
        content = await context.store.file(case.school, file.sha256)
        if content is None:
            raise StoreError("no-file", "A file of this case is not there.", "Run: report-posting check")
        found.append((f"{folder}/{number:02}-{safe_name(file.name)}", content))
    return found
