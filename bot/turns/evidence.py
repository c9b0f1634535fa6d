"""Evidence files as they come in: size, type by content, a safe name. Nothing is opened or drawn.

One file that cannot be stored takes no other along.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
from pathlib import PurePath

import puremagic

from bot.context import AppContext
from bot.turns.turn import Turn
from flows.case import access
from flows.case.reassess import may_be_imagery
from flows.errors import InvalidAnswer
from flows.model import Audit, AuditKind, Capability, Case, CaseId, Change, EvidenceFile
from flows.school import PersonId, School
from flows.ui.inbound import Lost, Upload, Uploaded
from flows.words import say

#: What we store, by content: pictures, PDF, short videos, plain text.
STORED = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/heic",
        "application/pdf",
        "video/mp4",
        "video/quicktime",
    }
)
_LONGEST_NAME = 80
#: what a picture of a telephone says of itself; it lies in the same box as a video ·
#: https://nokiatech.github.io/heif/technical.html
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
#: pictures and sound in that box which we do not store
_NO_VIDEO = (b"avi", b"M4A", b"crx", b"jp2")


async def read(
    context: AppContext, school: School, person: PersonId, case_id: str, sha256: str
) -> tuple[str, bytes] | None:
    """Return (media type, bytes) of a case's file, if this person may read it; logged."""
    case = await context.store.case(school.id, CaseId(case_id))
    file = _file_for(case, person, school, sha256) if case is not None else None
    content = await context.store.file(school.id, sha256) if file is not None else None
    if case is None or file is None or content is None:
        return None
    entry = Audit(
        school=school.id,
        at=context.now(),
        kind=AuditKind.RECORD_OPENED,
        by=person,
        case=case.id,
        facts={"file": file.id},
    )
    await context.commit(Change(school=school.id, audit=(entry,)))
    return file.media_type, content


def _file_for(case: Case, person: PersonId, school: School, sha256: str) -> EvidenceFile | None:
    """Return the file of a case that has this hash, if this person may read it."""
    reads = access.may(case, person, school, Capability.READ)
    made = next((one for one in case.documents if one.sha256 == sha256), None)
    if made is not None:
        return made if reads else None
    if may_be_imagery(case.report) or not (reads or access.may(case, person, school, Capability.SEE_OWN)):
        return None
    files = case.report.posting.files
    return next((f for f in files if f.sha256 == sha256 and not (f.locked or f.gone)), None)


async def store(
    context: AppContext, turn: Turn, brought: Uploaded, had: tuple[EvidenceFile, ...], at: dt.datetime
) -> tuple[list[EvidenceFile], tuple[Lost, ...]]:
    """Store what can be stored; return its records, and the other files with the reason for each."""
    good, lost = list[EvidenceFile](), list(brought.lost)
    for upload in brought.files:
        try:
            media_type = check(upload, turn.school)
        except InvalidAnswer as error:
            lost.append(Lost(safe_name(upload.name), error.message, error.reference))
            continue
        good.append(
            EvidenceFile(
                id=context.new_id(),
                name=apart(safe_name(upload.name), tuple(file.name for file in (*had, *good))),
                media_type=media_type,
                size=len(upload.content),
                sha256=await context.store.put_file(turn.school.id, upload.content),
                added_by=turn.person.id,
                added_at=at,
            )
        )
    return good, tuple(lost)


def told(lost: tuple[Lost, ...]) -> str:
    """Return which files were not stored, each with the reason."""
    return " ".join(say("file.lost", name=safe_name(one.name), why=one.why) for one in lost)


def check(upload: Upload, school: School) -> str:
    """Return the sniffed media type. Raises InvalidAnswer if it is empty, too big or of another kind."""
    megabytes = school.limits.evidence_mb
    if not upload.content:
        raise InvalidAnswer("files", say("file.empty"), reference="file-empty")
    if len(upload.content) > megabytes * 1_000_000:
        raise InvalidAnswer("files", say("file.too_big", most=megabytes), reference="file-too-big")
    media_type = sniff(upload.content)
    if media_type not in STORED:
        raise InvalidAnswer("files", say("file.kind"), reference="file-kind")
    return media_type


def sniff(content: bytes) -> str:
    """Return the media type the bytes themselves show ("" = none we know)."""
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        if brand in _HEIC:
            return "image/heic"
        if brand.startswith(_NO_VIDEO):
            return ""
    try:
        matches = puremagic.magic_stream(io.BytesIO(content[:4096]))
    except (puremagic.PureError, ValueError):
        return ""
    return next((str(m.mime_type) for m in matches if m.mime_type in STORED), "")


def apart(name: str, taken: tuple[str, ...]) -> str:
    """Return a name that no other file has: pasted pictures are all called alike."""
    path = PurePath(name)
    numbered = (f"{path.stem} ({n}){path.suffix}" for n in itertools.count(2))
    return next(one for one in itertools.chain((name,), numbered) if one not in taken)


def safe_name(name: str) -> str:
    """Return a file name with no folders, no control or direction characters, and of bearable length."""
    last = PurePath(name.replace("\\", "/")).name
    cleaned = "".join(c for c in last if c.isprintable()).strip(". ")
    return cleaned[-_LONGEST_NAME:] or "file"
