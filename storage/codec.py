"""Values of ``flows.model`` as bytes and back: JSON with the number of its schema in front.

``b'1{"id":…}'``. When a shape changes in a way that old bytes cannot be read as they stand, raise
:data:`SCHEMA` and add a step to :data:`storage.upgrades.UPGRADES`; rows are upgraded when read and written
anew when they next change. A new field with a default needs neither.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

from flows.errors import UnreadableRow
from storage.upgrades import UPGRADES, Document, Upgrades

T = TypeVar("T")

SCHEMA = 5

_encoder = msgspec.json.Encoder()
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


@cache
def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def encode(value: object, *, schema: int = SCHEMA) -> bytes:
    """Return ``value`` as bytes, the schema number in front."""
    return b"%d" % schema + _encoder.encode(value)


def decode(kind: type[T], content: bytes, *, schema: int = SCHEMA, upgrades: Upgrades | None = None) -> T:
    """Return the ``kind`` that ``content`` holds, upgraded to this schema. UnreadableRow if none."""
    start = len(content) - len(content.lstrip(b"0123456789"))
    try:
        written = int(content[:start])
        if written == schema:
            return cast("T", _decoder(cast("Any", kind)).decode(memoryview(content)[start:]))
        document = msgspec.json.decode(content[start:])
        for number in range(written, schema):
            step = (UPGRADES if upgrades is None else upgrades).get((kind.__name__, number))
            document = step(document) if step else document
        if written < schema:
            return msgspec.convert(document, kind)
    except (msgspec.MsgspecError, ValueError, KeyError) as error:
        raise UnreadableRow(
            "unreadable-row",
            f"A kept {kind.__name__} cannot be read ({type(error).__name__}).",
            "Put back the last backup, and keep this file for whoever looks into it.",
        ) from None
    raise UnreadableRow(
        "newer-store",
        f"This file was written by a newer version (schema {written}; this one reads up to {schema}).",
        "Start the newer version again, or put back a backup from before it.",
    )


def document(content: bytes) -> Document:
    """Return the bytes of :func:`encode` as a plain mapping: what TinyDB's queries look at."""
    return cast("Document", msgspec.json.decode(content.lstrip(b"0123456789")))


def instant(at: dt.datetime) -> int:
    """Return a moment as whole microseconds since 1970, for an index."""
    return (at - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> dt.datetime:
    """Return the moment, aware and UTC, that :func:`instant` numbered."""
    return _EPOCH + microseconds * _MICROSECOND
