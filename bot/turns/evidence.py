"""Evidence files as they come in: size, type by content, a safe name. Nothing is opened or drawn."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import PurePath

import puremagic

from flows.errors import InvalidAnswer
from flows.model import EvidenceFile
from flows.school import PersonId, School
from flows.ui.inbound import Upload
from flows.words import say

#: What we keep, by content: pictures, PDF, short videos, plain text.
KEPT = frozenset(
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


def check(upload: Upload, school: School) -> str:
    """Return the sniffed media type. Raises InvalidAnswer if it is empty, too big or of another kind."""
    megabytes = school.limits.evidence_mb
    if not upload.content:
        raise InvalidAnswer("files", say("file.empty"), reference="file-empty")
    if len(upload.content) > megabytes * 1_000_000:
        raise InvalidAnswer("files", say("file.too_big", most=megabytes), reference="file-too-big")
    media_type = sniff(upload.content)
    if media_type not in KEPT:
        raise InvalidAnswer("files", say("file.kind"), reference="file-kind")
    return media_type


def sniff(content: bytes) -> str:
    """Return the media type the bytes themselves show ("" = none we know)."""
    try:
        matches = puremagic.magic_stream(io.BytesIO(content[:4096]))
    except (puremagic.PureError, ValueError):
        return ""
    return next((str(m.mime_type) for m in matches if m.mime_type in KEPT), "")


def evidence(
    upload: Upload, media_type: str, sha256: str, *, file_id: str, by: PersonId, at: dt.datetime
) -> EvidenceFile:
    """Return the record of a file we now hold."""
    return EvidenceFile(
        id=file_id,
        name=safe_name(upload.name),
        media_type=media_type,
        size=len(upload.content),
        sha256=sha256,
        added_by=by,
        added_at=at,
    )


def safe_name(name: str) -> str:
    """Return a file name with no folders, no control or direction characters, and of bearable length."""
    last = PurePath(name.replace("\\", "/")).name
    cleaned = "".join(c for c in last if c.isprintable()).strip(". ")
    return cleaned[-_LONGEST_NAME:] or "file"
