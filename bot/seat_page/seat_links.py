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
from itertools import count

import msgspec

from bot.context import AppContext
from flows.case import seat_link
from flows.case.seat_link import SeatLink, Standing
from flows.delivery import sends
from flows.errors import StoreError
from flows.model import Audit, AuditKind, Case, Change, Message, Send, Urgency, Way
from flows.school import PersonId, Platform, School
from flows.seat_page import Seated
from flows.ui.inbound import Actor

_LINK = "link/"
_DIGITS = 6
#: Seconds between two looks for pages that are over; every so many of them, for links that are nobody's.
_ROUND_SECONDS, _ROUNDS_A_DAY = 600.0, 144
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
        await self._replace(self._known_as(token), None, link)
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
        while True:
            kept, link, case, school = await self._found(known_as)
            after = seat_link.asked(link, self._context.now()) if link is not None else None
            if link is None or after is None:
                return
            standing = seat_link.standing(link, case, school, self._context.now())
            if standing in (Standing.ENDED, Standing.NOT_THEIRS):
                await self._log(link, AuditKind.REFUSED)
                return
            if await self._replace(known_as, kept, after):
                fresh = standing is Standing.FRESH
                await self._ask(known_as, after, Message.CODE if fresh else Message.NEW_LINK)
                return

    async def open(self, token: str, code: str) -> Seated | None:
        """Return whose page it opens, once; None = it does not."""
        known_as = self._known_as(token)
        while True:
            kept, link, case, school = await self._found(known_as)
            number = link.codes if link is not None else 0
            right = hmac.compare_digest(self._code(known_as, number).encode(), _typed(code))
            if link is None:
                return None
            now = self._context.now()
            if seat_link.standing(link, case, school, now) is not Standing.FRESH:
                await self._log(link, AuditKind.REFUSED)
                return None
            after = seat_link.tried(link, now, right=right)
            if not await self._replace(known_as, kept, after):
                continue  # another try came first, here or in another process: this one is the next
            if after.opened_at is None:
                await self._log(link, AuditKind.REFUSED)
                return None
            await self._log(link, AuditKind.PAGE_OPENED, link.person)
            return self._seated(after, case, school)

    async def still(self, token: str) -> Seated | None:
        """Return whose page an opened link stands for at this moment; None = nobody's any more."""
        _, link, case, school = await self._found(self._known_as(token))
        if link is None:
            return None
        standing = seat_link.standing(link, case, school, self._context.now())
        return self._seated(link, case, school) if standing is Standing.OPENED else None

    # -- what is kept -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Forget pages that are over, and once a day links that are, until cancelled."""
        for rounds in count():
            with suppress(StoreError):  # the next time will do
                await self._context.store.forget_records(Platform.WEB, self._context.now())
                if rounds % _ROUNDS_A_DAY == 0:
                    await self.sweep()
            await asyncio.sleep(_ROUND_SECONDS)

    async def sweep(self) -> int:
        """Forget links that are too old to ask a new one by; return how many they were."""
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
        kept = await self._kept(known_as)
        return _decoder.decode(kept) if kept is not None else None

    async def _kept(self, known_as: str) -> bytes | None:
        return await self._context.store.record(Platform.WEB, f"{_LINK}{known_as}")

    async def _replace(self, known_as: str, before: bytes | None, after: SeatLink) -> bool:
        """Keep what became of a link; False = something else did meanwhile, here or in another process."""
        replace, key = self._context.store.replace_record, f"{_LINK}{known_as}"
        return await replace(Platform.WEB, key, msgspec.json.encode(after), before=before)

    async def _found(self, known_as: str) -> tuple[bytes | None, SeatLink | None, Case | None, School | None]:
        """Return a link as it is kept and as it is read, its case and its school."""
        kept = await self._kept(known_as)
        if kept is None:
            return None, None, None, None
        link = _decoder.decode(kept)
        case = await self._context.store.case(link.school, link.case)
        return kept, link, case, self._context.directory.schools.get(link.school)

    async def _ask(self, known_as: str, link: SeatLink, message: Message) -> None:
        """Have one sent, as soon as anything is."""
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

    async def _log(self, link: SeatLink, kind: AuditKind, by: PersonId | None = None) -> None:
        """Put on the audit that a page was opened, or was not: then nobody knows by whom."""
        await self._context.commit(Change(school=link.school, audit=(self._line(link, kind, by),)))

    def _line(self, link: SeatLink, kind: AuditKind, by: PersonId | None) -> Audit:
        facts = {"page": link.seat.value}
        return Audit(
            school=link.school, at=self._context.now(), kind=kind, by=by, case=link.case, facts=facts
        )


def _typed(code: str) -> bytes:
    """Return the digits of a code, however somebody has spaced them."""
    return "".join(sign for sign in code if sign.isascii() and sign.isdigit()).encode()
