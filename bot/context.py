"""What the service and the worker share: the ports, the policy, and how to wake the worker."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from enum import StrEnum
from functools import partial
from typing import Protocol

from msgspec.structs import replace

from bot.clock import new_code
from bot.links import Links
from bot.platform_states import PlatformStates, Where
from flows.calendar import local
from flows.case.context import StepContext
from flows.errors import PlatformError, UnreadableRow
from flows.model import Audit, Case, Change, Committed, Identity, Send, Timer
from flows.policy.engine import Policy, default_policy
from flows.ports import Address, Chat, Clock, Directory, Store
from flows.school import Person, PersonId, Platform, PolicyNamed, School, SchoolId, Seat


class Pages(Protocol):
    """The pages behind the links of e-mails, as far as writing an e-mail needs them."""

    async def link_to(self, send: Send) -> str:
        """Return where its reader can open the case it is about ("" = nowhere)."""
        ...

    async def facts(self, send: Send) -> dict[str, str]:
        """Return the facts that a message is written from, and the code or link that it is to bring."""
        ...


class NoPages:
    """Where there are none, an e-mail has no link and brings no code."""

    async def link_to(self, send: Send) -> str:
        """Return that there is nowhere."""
        del send
        return ""

    async def facts(self, send: Send) -> dict[str, str]:
        """Return the facts of the send."""
        return send.facts


class Span(StrEnum):
    """What takes time, and can be traced."""

    TURN = "turn"
    SEND = "send"
    TIMER = "timer"
    COMMIT = "commit"


class Spans(Protocol):
    """Where what takes time is told, as far as somebody traces it: by names and kinds alone."""

    def span(self, name: Span, **kinds: StrEnum | type) -> AbstractContextManager[Callable[..., None]]:
        """Return what lasts as long as it takes, and what tells the kind of what came of it."""
        ...


class NoSpans:
    """Where nobody traces."""

    def span(self, name: Span, **kinds: StrEnum | type) -> AbstractContextManager[Callable[..., None]]:
        """Tell nobody."""
        del name, kinds
        return _UNTOLD


_UNTOLD: AbstractContextManager[Callable[..., None]] = nullcontext(lambda **_: None)


class AppContext:
    """The ports, once, for everything that runs. Named in ``wiring`` only."""

    spans: Spans = NoSpans()

    def __init__(
        self,
        *,
        store: Store,
        directory: Directory,
        clock: Clock,
        policy: Policy | None = None,
        policies: Mapping[PolicyNamed, Policy] | None = None,
        chats: Mapping[Platform, Chat],
        new_id: Callable[[], str],
        signing_seed: bytes,
        new_code: Callable[[], str] = new_code,
        digest: bool = True,
        no_takes: float = 0.0,
    ) -> None:
        """Keep the ports; open nothing. ``chats`` is in the order in which people are looked for.

        ``policies`` are those that schools name; everybody else's is ``policy``, or the packaged one.
        ``digest`` False = nobody is sent one; it can still be asked for. ``signing_seed`` is of what exports
        are signed with. ``no_takes`` = the seconds that each *no* is rounded up to.
        """
        self.no_takes, self.signing_seed, self.digest = no_takes, signing_seed, digest
        self.store, self.directory, self.clock = store, directory, clock
        self.policy = policy or default_policy()
        self.policies = dict(policies or {})
        self.chats = dict(chats)
        self.new_id, self.new_code = new_id, new_code
        self.states = PlatformStates()
        self.links = Links(clock)
        #: which version of a school's roster was taken last, where other processes may change it
        self.seated: dict[SchoolId, int] = {}
        self.nudge: Callable[[], None] = lambda: None
        self.pages: Pages = NoPages()
        #: addresses that refuse us, and those that are there again
        self.refused, self.met = set[tuple[Platform, str]](), set[tuple[Platform, str]]()
        #: places that may hold no case now, and why: school, platform, address
        self.unfit: dict[tuple[SchoolId, Platform, str], str] = {}

    def add_chat(self, chat: Chat) -> None:
        """Add a platform; people are looked for in the order in which platforms were added."""
        self.chats[chat.platform] = chat

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms this deployment speaks."""
        return tuple(self.chats)

    async def no_sooner(self, began: float) -> None:
        """Wait until a *no* has taken as long as each does: a case that is kept is more to look at."""
        if self.no_takes:
            taken = asyncio.get_running_loop().time() - began
            await asyncio.sleep(self.no_takes - taken % self.no_takes)

    def working(self, school: School) -> tuple[Platform, ...]:
        """Return those of them that take messages for a school now, as far as is known."""
        where = {
            platform: (platform, self.directory.workspace(school.id, platform)) for platform in self.chats
        }
        return tuple(platform for platform in self.chats if self.states.of(where[platform]).since is None)

    def where(self, send: Send) -> Where:
        """Return which platform a send is for, and whose workspace on it."""
        return send.platform, self.directory.workspace(send.school, send.platform)

    def listener(self, platform: Platform) -> Callable[[str], None]:
        """Return what a platform calls when the app was added anew: for an account, "" = for everybody."""
        return partial(self.heard_from, platform)

    def heard_from(self, platform: Platform, account: str = "") -> None:
        """Let a platform that is down be tried now, and what somebody's address had refused.

        Something came in from it, from an account; or the app was added anew, for whomever ("").
        """
        who = platform, account.casefold()
        if not account or who in self.refused:
            self.refused.discard(who)
            self.met.add(who)
            self.nudge()
        down = [where for where in self.states.down() if where[0] is platform]
        if [where for where in down if self.states.stirs(where, self.now())]:
            self.nudge()

    def now(self) -> dt.datetime:
        """Return the present moment."""
        return self.clock.now()

    def policy_of(self, school: School) -> Policy:
        """Return what a school decides by today."""
        today = local(self.now(), school.time).date()
        return self.policies.get(school.policy.on(today), self.policy)

    def step(self, school: School, by: PersonId | None, sends: tuple[Send, ...] = ()) -> StepContext:
        """Return what a step of a case needs, as of now."""
        return StepContext(
            school=school,
            policy=self.policy_of(school),
            at=self.now(),
            by=by,
            platforms=self.platforms,
            sends=sends,
        )

    async def step_of(self, school: School, case: Case, by: PersonId | None) -> StepContext:
        """Return what a step of a case that exists needs: what was sent so far as well."""
        return self.step(school, by, tuple(await self.store.sends_of(school.id, case.id)))

    async def timer(self, school: School, key: str) -> Timer | None:
        """Return a timer that stands; None = none does, or it does not open and is to be set anew."""
        with suppress(UnreadableRow):
            return await self.store.timer(school.id, key)
        return None

    async def commit(self, change: Change) -> Committed:
        """Commit, then wake the worker if there is something to do."""
        audit = tuple(self._with_seats(entry) for entry in change.audit)
        with self.spans.span(Span.COMMIT):
            done = await self.store.commit(replace(change, audit=audit) if audit else change)
        if change.new_sends or change.timers or change.updated_sends:
            self.nudge()
        return done

    def _with_seats(self, entry: Audit) -> Audit:
        """Return the entry with what the person it is about holds now: tomorrow it may be somebody else's."""
        person = PersonId(entry.facts.get("person") or entry.by or "")
        school = self.directory.schools.get(entry.school)
        if not person or school is None:
            return entry
        seats = ",".join(seat for seat in Seat if seat in school.seats_of(person))
        return replace(entry, facts={**entry.facts, "seats": seats})

    def schools_of(self, identity: Identity | None) -> list[tuple[School, Person]]:
        """Return the schools somebody belongs to, as far as they are still here, and who they are in each."""
        there = self.directory.schools
        people = identity.people.items() if identity is not None else ()
        return [(there[school], person) for school, person in people if school in there]

    async def in_channel(self, school: School, identity: Identity) -> bool:
        """Return whether this person is in the leadership channel right now, on any platform.

        Fails closed: a platform that cannot tell counts as no.
        """
        person = identity.people.get(school.id)
        if person is None:
            return False
        for platform, chat in self.chats.items():
            address, account = school.leadership.get(platform), person.accounts.get(platform)
            if address and account and await self._is_member(chat, school, address, account):
                return True
        return False

    async def _is_member(self, chat: Chat, school: School, channel: str, account: str) -> bool:

        where = Address(
            platform=chat.platform,
            workspace=self.directory.workspace(school.id, chat.platform),
            channel=channel,
        )
        try:
            return account in (await chat.members(where)).accounts
        except PlatformError:
            return False
