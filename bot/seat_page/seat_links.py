"""The links that e-mails carry: made as one is written, kept as a fingerprint, asked about at each use.

Neither a link nor a code is ever stored. Of a link its keyed hash is, with whose it is; a code is worked out
from that hash, and how many there have been, each time it is needed.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress

import msgspec

from bot.context import AppContext
from flows.case import seat_link
from flows.case.seat_link import SeatLink, Standing
from flows.delivery import sends
from flows.errors import StoreError
from flows.model import Audit, AuditKind, Case, Change, Handled, Message, Send, Urgency, Way
from flows.school import PersonId, Platform, School
from flows.seat_page import Seated
from flows.ui.inbound import Actor

_LINK = "link/"
_DIGITS = 6
#: Seconds between two looks for links that are nobody's any more.
_SWEEP_SECONDS = 24 * 3600.0
_decoder = msgspec.json.Decoder(SeatLink)


class SeatLinks:
    """Implements :class:`flows.seat_page.SeatLinks`, and what an e-mail needs of it."""

    def __init__(
        self,
        context: AppContext,
        *,
        secret: bytes,
        address: str,
        press_at: Callable[[Send], str] = lambda _: "",
    ) -> None:
        """``secret`` is what hashes are keyed with; ``address`` where the pages are reached.

        ``press_at`` = where the e-mail of a rehearsal is answered.
        """
        self._context = context
        self._secret = hmac.digest(secret, b"links of e-mails", "sha256")
        self._address = address.rstrip("/")
        self._turn = asyncio.Lock()
        self._press_at = press_at

    # -- for whoever writes an e-mail ---------------------------------------------------------------

    async def link_to(self, send: Send) -> str:
        """Return a fresh link for whoever is told of the case; "" for others, and where one is in it."""
        return "" if send.message is Message.NEW_LINK else await self._fresh(send)

    async def _fresh(self, send: Send) -> str:
        school = self._context.directory.schools.get(send.school)
        case = await self._context.store.case(send.school, send.case) if send.case else None
        if case is None or school is None or send.person is None:
            return ""
        link = seat_link.issued(case, send.person, school, self._context.now())
        if link is None:
            return ""
        token = secrets.token_urlsafe(32)
        await self._keep(self._known_as(token), link)
        return f"{self._address}/c/{token}"

    async def facts(self, send: Send) -> dict[str, str]:
        """Return the facts of a send; with the link or the code, where it is to bring one, and it is good."""
        if send.message is Message.NEW_LINK:
            return {**send.facts, "link_to": await self._fresh(send)}
        if send.message is Message.REHEARSAL:
            return {**send.facts, "press_at": self._press_at(send)}
        if send.message is not Message.CODE:
            return send.facts
        known_as, number = send.facts["link"], int(send.facts["n"])
        link = await self._link(known_as)
        good = link is not None and link.codes == number and seat_link.in_time(link, self._context.now())
        return {**send.facts, "code": self._code(known_as, number) if good else ""}

    # -- for the page -------------------------------------------------------------------------------

    async def send_code(self, token: str) -> None:
        """Send the code to whose link it is; a new link where this one opens nothing any more."""
        known_as = self._known_as(token)
        async with self._turn:
            link, case, school = await self._found(known_as)
            after = seat_link.asked(link, self._context.now()) if link is not None else None
            if link is None or after is None:
                return
            match seat_link.standing(link, case, school, self._context.now()):
                case Standing.FRESH:
                    await self._ask(known_as, after, Message.CODE)
                case Standing.OPENED | Standing.TOO_OLD:
                    await self._ask(known_as, after, Message.NEW_LINK)
                case Standing.ENDED | Standing.NOT_THEIRS:
                    await self._log(link, AuditKind.REFUSED)

    async def open(self, token: str, code: str) -> Seated | None:
        """Return whose page it opens, once; None = it does not."""
        known_as = self._known_as(token)
        async with self._turn:
            link, case, school = await self._found(known_as)
            number = link.codes if link is not None else 0
            right = hmac.compare_digest(self._code(known_as, number).encode(), _typed(code))
            if link is None:
                return None
            now = self._context.now()
            if seat_link.standing(link, case, school, now) is not Standing.FRESH:
                await self._log(link, AuditKind.REFUSED)
                return None
            after = seat_link.tried(link, now, right=right)
            await self._keep(known_as, after)
            if after.opened_at is None or not await self._first(link, known_as):
                await self._log(link, AuditKind.REFUSED)
                return None
            return self._seated(after, case, school)

    async def still(self, token: str) -> Seated | None:
        """Return whose page an opened link stands for at this moment; None = nobody's any more."""
        link, case, school = await self._found(self._known_as(token))
        if link is None:
            return None
        standing = seat_link.standing(link, case, school, self._context.now())
        return self._seated(link, case, school) if standing is Standing.OPENED else None

    # -- what is kept -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Forget links that are too old to ask a new one by, once a day, until cancelled."""
        while True:
            with suppress(StoreError):  # tomorrow will do
                await self.sweep()
            await asyncio.sleep(_SWEEP_SECONDS)

    async def sweep(self) -> int:
        """Forget them; return how many they were."""
        store, gone = self._context.store, 0
        for key in await store.records(Platform.WEB, _LINK):
            link = await self._link(key.removeprefix(_LINK))
            if link is not None and self._context.now() >= link.issued_at + seat_link.KEPT:
                await store.remove_record(Platform.WEB, key)
                gone += 1
        return gone

    def _known_as(self, token: str) -> str:
        return hmac.digest(self._secret, b"link\n" + token.encode("utf-8", "replace"), "sha256").hex()

    def _code(self, known_as: str, number: int) -> str:
        made = hmac.digest(self._secret, f"code\n{known_as}\n{number}".encode(), "sha256")
        return f"{int.from_bytes(made) % 10**_DIGITS:0{_DIGITS}}"

    async def _link(self, known_as: str) -> SeatLink | None:
        kept = await self._context.store.record(Platform.WEB, f"{_LINK}{known_as}")
        return _decoder.decode(kept) if kept is not None else None

    async def _keep(self, known_as: str, link: SeatLink) -> None:
        await self._context.store.put_record(Platform.WEB, f"{_LINK}{known_as}", msgspec.json.encode(link))

    async def _found(self, known_as: str) -> tuple[SeatLink | None, Case | None, School | None]:
        link = await self._link(known_as)
        if link is None:
            return None, None, None
        case = await self._context.store.case(link.school, link.case)
        return link, case, self._context.directory.schools.get(link.school)

    async def _ask(self, known_as: str, link: SeatLink, message: Message) -> None:
        """Keep that one was asked for, and have it sent: as soon as anything is."""
        await self._keep(known_as, link)
        send = sends.plan(
            message,
            Way.DIRECT,
            school=link.school,
            platform=Platform.EMAIL,
            person=link.person,
            case=link.case if message is Message.NEW_LINK else None,
            facts={"link": known_as, "n": str(link.codes)},
            urgency=Urgency.EMERGENCY,
            due=self._context.now(),
        )
        await self._context.commit(Change(school=link.school, new_sends=(send,)))

    def _seated(self, link: SeatLink, case: Case | None, school: School | None) -> Seated | None:
        account = school.account_of(link.person, Platform.EMAIL) if school is not None else ""
        if case is None or school is None or not account:
            return None
        workspace = self._context.directory.workspace(school.id, Platform.EMAIL)
        return Seated(
            actor=Actor(platform=Platform.EMAIL, workspace=workspace, account=account),
            seat=link.seat,
            school=school.name,
            case=case.id,
            reference=case.reference,
        )

    async def _first(self, link: SeatLink, known_as: str) -> bool:
        """Put on the audit that a page was opened; return whether it was the first time, in any process."""
        once = Handled(key=f"{_LINK}{known_as}", at=self._context.now(), case=link.case)
        line = self._line(link, AuditKind.PAGE_OPENED, link.person)
        done = await self._context.commit(Change(school=link.school, handled=once, audit=(line,)))
        return not done.repeated

    async def _log(self, link: SeatLink, kind: AuditKind) -> None:
        """Put on the audit that a page was not opened: by whom, nobody knows."""
        await self._context.commit(Change(school=link.school, audit=(self._line(link, kind, None),)))

    def _line(self, link: SeatLink, kind: AuditKind, by: PersonId | None) -> Audit:
        facts = {"page": link.seat.value}
        return Audit(
            school=link.school, at=self._context.now(), kind=kind, by=by, case=link.case, facts=facts
        )


def _typed(code: str) -> bytes:
    """Return the digits of a code, however somebody has spaced them."""
    return "".join(sign for sign in code if sign.isascii() and sign.isdigit()).encode()
