"""What the core's callers may ask of the outside, and what each method promises.

Each port has a contract suite under ``tests/`` that every implementation, fakes included, must pass.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from flows.model import (
    Audit,
    AuditProof,
    Case,
    CaseId,
    CaseSummary,
    Change,
    Committed,
    Draft,
    DraftId,
    Event,
    Handled,
    Identity,
    Link,
    Posted,
    Rehearsal,
    Roster,
    Send,
    Tombstone,
)
from flows.processes import Processes
from flows.records import Records
from flows.school import PersonId, Platform, School, SchoolId
from flows.ui.cards import Card
from flows.ui.inbound import Actor, Inbound, Reply
from flows.waiting import Waiting


class Clock(Protocol):
    def now(self) -> dt.datetime:
        """Return the present moment, aware, UTC."""
        ...


class Directory(Protocol):
    """Who somebody is, and which schools there are. Denies by default."""

    @property
    def schools(self) -> Mapping[SchoolId, School]:
        """Every school of this deployment."""
        ...

    @property
    def filed(self) -> Mapping[SchoolId, School]:
        """Every school as its file has it, without what was changed in chat."""
        ...

    def seat(self, roster: Roster, now: dt.datetime) -> None:
        """Take what was changed in chat in one school: from this moment on it is so."""
        ...

    def resolve(self, actor: Actor) -> Identity | None:
        """Return who this account is, in each school it belongs to; None for a stranger."""
        ...

    def person_at(self, school: SchoolId, platform: Platform, account: str) -> PersonId | None:
        """Return which of the school's people an account is; None if it is none of them."""
        ...

    def workspace(self, school: SchoolId, platform: Platform) -> str:
        """Return the school's workspace or tenant on a platform ("" = not on it)."""
        ...


class Door(Protocol):
    """The only way in: what every adapter hands its parsed payloads to (``bot.turns.service.Service``)."""

    async def handle(self, inbound: Inbound) -> Reply:
        """Do it, durably, then say what to show. Raises only StoreError: then nothing was kept."""
        ...

    async def evidence(self, actor: Actor, case: str, sha256: str) -> tuple[str, bytes] | None:
        """Return (media type, bytes) of a file of a case, if this person may read it; logged."""
        ...

    async def figures(self, actor: Actor, asked: str) -> tuple[str, str, bytes] | None:
        """Return (name, media type, bytes) of a term's figures as a file, if they are theirs; logged."""
        ...


class Address(Struct, frozen=True, kw_only=True):
    """Where to send: a channel, or (``account`` set) a person's direct messages, and for which school."""

    platform: Platform
    workspace: str = ""
    channel: str = ""
    account: str = ""
    school: SchoolId = SchoolId("")


class Membership(Struct, frozen=True, kw_only=True):
    """Who can read a channel. ``fit`` = private, not shared outside, not archived, and we are in it."""

    accounts: frozenset[str]
    fit: bool
    trouble: str = ""
    guests: frozenset[str] = frozenset()  # those of them who are guests there


class Chat(Protocol):
    """A chat platform, as far as sending goes. Nothing is ever sent again inside one call.

    Errors: :class:`~flows.errors.Retryable` (certainly not accepted), ``Ambiguous`` (unknown), ``Permanent``
    (never as it stands). ``can_look_up`` = :meth:`find` sees what was accepted; if not, a repeat is marked.
    """

    platform: Platform
    can_look_up: bool

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Post a message that stands alone or begins a thread. ``key`` goes along where it can."""
        ...

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Post into the thread of ``root``; ``broadcast`` also shows it in the channel, where it can."""
        ...

    async def edit(self, posted: Posted, card: Card) -> None:
        """Replace a message. Doing it twice is doing it once."""
        ...

    async def find(
        self, to: Address, root: Posted | None, *, key: str, since: dt.datetime | None = None
    ) -> Posted | None:
        """Return the message that carries ``key``, None if never accepted; no older than ``since``."""
        ...

    async def members(self, to: Address) -> Membership:
        """Return who can read a channel, a minute old at most; of direct messages that person, or nobody."""
        ...


class Store(Processes, Records, Waiting, Protocol):
    """What is remembered. One :meth:`commit`; everything else reads what the last finished one left.

    Nothing is read without a school, save by the worker. Raises StoreError when it cannot.
    """

    @property
    def commits(self) -> int:
        """How many changes were kept since it was opened."""
        ...

    async def commit(self, change: Change) -> Committed:
        """Keep all of ``change`` or nothing, durably.

        Raises Conflict if a draft's, case's or updated send's version is not the stored one (0 = none), or
        the reference is another case's; then nothing is kept. A key seen before keeps nothing: ``repeated``.
        A new send whose key is known is due again if it is an edit. Files that nobody has go; of a case
        with a tombstone, all.
        """
        ...

    async def handled(self, school: SchoolId, key: str) -> Handled | None:
        """Return what became of an inbound key."""
        ...

    async def draft(self, school: SchoolId, draft: DraftId) -> Draft | None:
        """Return a draft."""
        ...

    async def draft_of(self, school: SchoolId, person: PersonId) -> Draft | None:
        """Return a person's open draft: there is at most one per school."""
        ...

    async def case(self, school: SchoolId, case: CaseId) -> Case | None:
        """Return a case, whole."""
        ...

    async def case_called(self, school: SchoolId, reference: str) -> Case | None:
        """Return a case by its spoken reference, however it is written."""
        ...

    async def cases(
        self, school: SchoolId, *, open_only: bool = True, since: dt.datetime | None = None, most: int = 1000
    ) -> Sequence[CaseSummary]:
        """Return rows, newest first; ``since`` also admits cases closed at or after it."""
        ...

    async def cases_opened(self, school: SchoolId, first: dt.datetime, end: dt.datetime) -> list[CaseSummary]:
        """Return every case that was opened from ``first`` on and before ``end``, oldest first."""
        ...

    async def cases_going(self, school: SchoolId) -> Sequence[CaseSummary]:
        """Return the cases of which it was said that they go soon, newest first."""
        ...

    async def cases_reported_by(
        self, school: SchoolId, person: PersonId, *, most: int = 20
    ) -> Sequence[CaseSummary]:
        """Return the cases a person reported, newest first."""
        ...

    async def events(self, school: SchoolId, case: CaseId) -> Sequence[Event]:
        """Return a case's events in order."""
        ...

    async def audit(
        self, school: SchoolId, *, case: CaseId | None = None, most: int = 1000
    ) -> Sequence[Audit]:
        """Return the school's audit lines, newest first."""
        ...

    async def tombstones(self, school: SchoolId) -> Sequence[Tombstone]:
        """Return what stays of the cases that went, by their ids."""
        ...

    async def audit_head(self, school: SchoolId, day: dt.date) -> str:
        """Return, signed, how far the audit is on a day ("" = nothing is in it)."""
        ...

    async def audit_proof(self, school: SchoolId, today: dt.date, said: str = "") -> AuditProof:
        """Return whether the audit is as it was kept, holding an older head ``said``. Slow: it reads all."""
        ...

    async def opened_by(self, school: SchoolId, case: CaseId) -> frozenset[PersonId]:
        """Return who has opened a case or acted on it, however often it was looked at since."""
        ...

    async def openers(
        self, school: SchoolId, cases: Collection[CaseId]
    ) -> Mapping[CaseId, frozenset[PersonId]]:
        """Return :meth:`opened_by` of each of several cases, read at once."""
        ...

    async def links_of(self, school: SchoolId, case: CaseId) -> Sequence[Link]:
        """Return what was done to link a case with others, by the id of the other."""
        ...

    async def cases_marked(self, school: SchoolId, mark: str) -> Sequence[CaseSummary]:
        """Return every case whose posting is found by a mark, newest first."""
        ...

    async def send(self, school: SchoolId, key: str) -> Send | None:
        """Return one send by key."""
        ...

    async def sends(self, school: SchoolId, keys: Collection[str]) -> Mapping[str, Send]:
        """Return those of several sends that there are, by key, read at once."""
        ...

    async def sends_of(self, school: SchoolId, case: CaseId) -> Sequence[Send]:
        """Return every send of a case: pressing ones first, then in ``order``, then insertion."""
        ...

    async def thread(self, school: SchoolId, platform: Platform, channel: str, message: str) -> CaseId | None:
        """Return whose thread a platform message is the root of (or a card of)."""
        ...

    async def roster(self, school: SchoolId) -> Roster | None:
        """Return what was changed in chat of who holds which seat and who is away."""
        ...

    async def rehearsal(self, school: SchoolId) -> Rehearsal | None:
        """Return the rehearsal that a school has; None = there is none."""
        ...

    async def put_file(self, school: SchoolId, content: bytes) -> str:
        """Store bytes durably and sealed; return their SHA-256 as hex. Storing twice is storing once."""
        ...

    async def file(self, school: SchoolId, sha256: str) -> bytes | None:
        """Return the bytes stored under that hash for that school."""
        ...

    async def close(self) -> None:
        """Finish what is being written and let go of the file."""
        ...
