"""The two files of what goes out to somebody who asks: a sheet to be read, and a ZIP that proves itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from bot.context import AppContext
from bot.exports import archive
from bot.exports.archive import File, Manifest, sha256
from bot.exports.signing import Signer
from bot.turns.turn import Turn
from flows.messages.phrases import own_seat
from flows.model import Document
from flows.packs.contents import Pack
from flows.subject import bundle
from flows.subject.bundle import Given
from flows.subject.request import Request
from flows.words import say


async def made(
    context: AppContext, turn: Turn, request: Request, told: Pack, given: Sequence[Given]
) -> list[tuple[Document, bytes]]:
    """Return the files with their records; beside the event loop, as they take a moment."""
    from bot.documents import pdf  # noqa: PLC0415 - what it stands on is imported where one is made

    at = context.now()
    sheet = await asyncio.to_thread(pdf.pack, told, at=at)
    lines = b"".join(msgspec.json.encode(line) + b"\n" for line in bundle.lines(given))
    files: list[File] = [
        ("READ-ME.txt", say("subject.read_me", ref=request.id, school=turn.school.name).encode()),
        ("subject.pdf", sheet),
        (archive.EVENTS, lines),
    ]
    about = Manifest(
        format=archive.FORMAT,
        case=request.id,
        school=turn.school.name,
        made=at.isoformat(timespec="seconds"),
        by=own_seat(turn.school, turn.person.id),
        drill=False,
    )
    whole = await asyncio.to_thread(archive.sealed, files, about, Signer(context.signing_seed))
    kinds = ((bundle.SHEET, pdf.TYPE, ".pdf", sheet), (bundle.ARCHIVE, "application/zip", ".zip", whole))
    return [
        (
            Document(
                id=context.new_id(),
                of=of,
                name=f"{request.id}{ending}",
                media_type=media_type,
                size=len(content),
                sha256=sha256(content),
                added_by=turn.person.id,
                added_at=at,
            ),
            content,
        )
        for of, media_type, ending, content in kinds
    ]
