"""The settings of backups: where they go each night, when, and what an S3 needs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bot.config.environment import Reading
from bot.config.settings import BackupSettings, is_database, is_loopback
from bot.config.written import no_path

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def read(reading: Reading, store: str) -> BackupSettings | None:
    """Return where backups go; None where none is made. What is wrong is noted in ``reading``."""
    place, at = reading.text("REPORT_BACKUP"), reading.text("REPORT_BACKUP_AT", "02:00")
    if not place:
        if reading.text("REPORT_BACKUP_AT"):
            reading.wrongs.append("REPORT_BACKUP: REPORT_BACKUP_AT is set, this one is missing.")
        return None
    time = _TIME.fullmatch(at)
    found = BackupSettings(
        place=place,
        at=dt.time(int(time[1]), int(time[2])) if time else dt.time(2),
        endpoint=reading.text("AWS_ENDPOINT_URL"),
        region=reading.text("AWS_REGION"),
        access_key=reading.text("AWS_ACCESS_KEY_ID"),
        secret_key=reading.secret("AWS_SECRET_ACCESS_KEY"),
    )
    wrongs = [*_wrongs(found, store)]
    if time is None:
        wrongs.append('REPORT_BACKUP_AT: this is no time of day. Write it like "02:00".')
    reading.wrongs += wrongs
    return None if wrongs else found


def _wrongs(found: BackupSettings, store: str) -> Iterator[str]:
    if is_database(store):
        yield "REPORT_BACKUP: a database is backed up by its own means: docs/scale.md. Take this setting out."
    elif found.place.startswith("s3:"):
        yield from _s3_wrongs(found)
    elif wrong := no_path(found.place):
        yield f"REPORT_BACKUP: {wrong}"
    elif not Path(found.place).is_absolute():
        yield "REPORT_BACKUP: write the folder from / on, or s3://BUCKET/FOLDER."


def _s3_wrongs(found: BackupSettings) -> Iterator[str]:
    parts = urlsplit(found.place)
    if not found.place.startswith("s3://") or not _BUCKET.fullmatch(parts.netloc) or parts.query:
        yield "REPORT_BACKUP: this names no bucket. Write s3://BUCKET/FOLDER"
    if not (found.access_key and found.secret_key):
        yield "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: an S3 needs both. Give a key for this bucket alone."
    if found.endpoint:
        end = urlsplit(found.endpoint)
        plain = end.scheme == "http" and is_loopback(end.hostname or "")
        if not (end.hostname and (end.scheme == "https" or plain)):
            yield "AWS_ENDPOINT_URL: write https:// and the machine's name: backups and the key go there."
