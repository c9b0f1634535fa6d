"""The chain of a school's audit: each link sums what was kept with it, and stands on the link before.

Store-neutral: a store hands in what it is about to keep and its last link, and keeps the link it gets in the
same transaction. A link names rows and holds keyed sums, no contents: what is removed for good takes nothing
of the chain with it. Whoever has no key can make no link; whoever has it can write the whole chain anew, and
is found out by a head that went out before (:func:`head`).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Sequence

import msgspec

from flows.model import Change
from flows.school import SchoolId
from storage import codec

_HEAD_BYTES = 10
_plain = msgspec.json.Encoder().encode


#: an entry that only says as which version its case is kept: none that is older is that case
CASE = "cases"


class Record(msgspec.Struct, frozen=True):
    """A row that the chain holds on to, as it is kept: an audit line or an event."""

    table: str
    row: str
    case: str
    body: bytes


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A record in a link: where it lies, whose it is, and the keyed sum of what it says."""

    table: str
    row: str
    case: str
    sum: str


class ChainLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link; ``day`` is when its records were made.

    Number 0 begins the chain of a school that kept records before there was one: ``before`` is its last audit
    line of then. Of what is older the chain knows nothing.
    """

    number: int
    day: dt.date
    entries: tuple[Entry, ...] = ()
    before: int = 0
    seal: str = ""


def records(change: Change, lines_before: int) -> list[Record]:
    """Return what of a change is chained; ``lines_before`` = how many audit lines the school has."""
    events = [
        Record("events", event_row(event.case, event.seq), event.case, codec.encode(event))
        for event in change.events
    ]
    lines = [
        Record("audit", line_row(number), line.case or "", codec.encode(line))
        for number, line in enumerate(change.audit, lines_before + 1)
    ]
    return [*events, *lines]


def event_row(case: str, seq: int) -> str:
    """Return the row id of an event; ids of one case sort as its events do."""
    return f"{case}/{seq:06}"


def line_row(number: int) -> str:
    """Return the row id of an audit line."""
    return f"{number:012}"


def day_of(change: Change) -> dt.date:
    """Return the day (UTC) of what a change chains."""
    return max([event.at for event in change.events] + [line.at for line in change.audit]).date()


def beginning(key: bytes, school: SchoolId, day: dt.date, before: int) -> ChainLink:
    """Return the link that begins the chain of a school that kept records without one."""
    return _sealed(key, school, "", ChainLink(number=0, day=day, before=before))


def next_link(
    key: bytes, school: SchoolId, previous: ChainLink | None, of: Sequence[Record], change: Change
) -> ChainLink:
    """Return the link for these records of a change, behind ``previous`` (None = there is none yet)."""
    day = day_of(change)
    entries = tuple(Entry(r.table, r.row, r.case, sum_of(key, school, r.table, r.row, r.body)) for r in of)
    if change.case is not None:
        entries = (*entries, Entry(CASE, str(change.case.version), change.case.id, ""))
    number, seal = (previous.number + 1, previous.seal) if previous else (1, "")
    return _sealed(key, school, seal, ChainLink(number=number, day=day, entries=entries))


def lost(number: int) -> ChainLink:
    """Return what stands for a last link that does not open: work goes on, and the break stays to be seen."""
    return ChainLink(number=number, day=dt.date.min)


def sum_of(key: bytes, school: SchoolId, table: str, row: str, body: bytes) -> str:
    """Return the keyed sum of a record in its place."""
    return _hmac(key, _plain((school, table, row)) + body)[:16].hex()


def seal_of(key: bytes, school: SchoolId, before: str, link: ChainLink) -> str:
    """Return the seal that a link must have behind one with the seal ``before``."""
    said = (school, before, link.number, link.day, link.before, link.entries)
    return _hmac(key, _plain(said)).hex()


def head(key: bytes, school: SchoolId, link: ChainLink | None, day: dt.date) -> str:
    """Return how far the chain was on a day, in a few letters that only the key can make ("" = no chain).

    They say nothing of how much there is, and are others each day: whoever reads them learns nothing.
    """
    if link is None:
        return ""
    letters = base64.b32encode(_hmac(key, _plain((school, "head", day, link.seal)))[:_HEAD_BYTES]).decode()
    return "-".join((f"{day:%Y%m%d}", *(letters[at : at + 4] for at in range(0, len(letters), 4))))


def day_of_head(said: str) -> dt.date | None:
    """Return the day a head was made; None = it is no head."""
    day, _, letters = said.strip().partition("-")
    try:
        found = dt.datetime.strptime(day, "%Y%m%d").replace(tzinfo=dt.UTC).date()
        return found if len(base64.b32decode(letters.replace("-", "").upper())) == _HEAD_BYTES else None
    except ValueError:
        return None


def _sealed(key: bytes, school: SchoolId, before: str, link: ChainLink) -> ChainLink:
    return msgspec.structs.replace(link, seal=seal_of(key, school, before, link))


def _hmac(key: bytes, what: bytes) -> bytes:
    return hmac.digest(key, what, hashlib.sha256)
