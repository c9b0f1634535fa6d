"""Mail servers' own answers for each row: RFC 5321, 4.2; RFC 3463; and what the large ones say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import pytest

from adapters.email.listen import EmailApp
from adapters.email.smtp import Patience
from flows.errors import Response
from flows.ports import Address
from flows.school import Platform
from tests.adapters.classification import ClassificationContract, Said, To
from tests.adapters.samples import RECEIPT
from tests.email.server import DROP, HANG, TAKE_AND_DROP, Post, says, served

ELLIS = Address(platform=Platform.EMAIL, account="chair@school.example")
#: A step that hangs is waited for so long.
SHORT = Patience(connect=0.3, command=0.3, taken=0.3)


def at(step: str, *answers: str, to: To = To.PERSON) -> Sequence[Said]:
    """Return answers at a step of the conversation."""
    return [Said(body=(step, answer), to=to) for answer in answers]


class TestEmail(ClassificationContract):
    """E-mail."""

    never: ClassVar[Mapping[Response, str]] = {
        Response.NOBODY: "a server that knows nobody of that name refuses the address",
        Response.ROOT_GONE: "what an e-mail follows on is only named in it",
    }
    answers: ClassVar[Mapping[Response, Sequence[Said]]] = {
        Response.TAKEN: [
            *at("message", "250 OK", "250 2.0.0 Queued"),
            *at("address", "250 2.1.5 OK"),
            *at("message", "250 OK", to=To.THREAD),
        ],
        Response.PERHAPS: at("message", DROP, HANG, TAKE_AND_DROP, "what is this"),
        Response.BUSY: [
            *at("sender", "451 4.3.0 Try again", "452 4.3.1 Insufficient system storage"),
            *at(
                "address", "450 4.2.0 Greylisted, see you in a few minutes", "451 4.7.1 Greylisting in action"
            ),
            *at("address", "452 4.2.2 Mailbox full"),
            *at("message", "451 4.7.500 Server busy", "432 4.3.2 Concurrent connection limit exceeded"),
            *at("message", "450 4.7.0 later", to=To.THREAD),
        ],
        Response.UNREACHABLE: [
            Said(status=-1),
            *at("greeting", "421 4.3.2 Shutting down", "450 later", DROP, HANG, "what is this"),
            *at("hello", "421 no", "450 no"),
            *at("login", "454 4.7.0 Temporary authentication failure"),
            *at("sender", "421 4.4.2 Timeout", DROP, HANG),
            *at("address", "421 4.7.0 Too many connections", DROP, HANG),
        ],
        Response.CONNECTION: [
            *at("greeting", "554 5.7.1 No service for you"),
            *at("hello", "550 no", "502 no such command"),
            *at("login", "535 5.7.8 Authentication credentials invalid", "534 5.7.9 Too weak"),
            *at("login", "550 5.7.30 Basic authentication is not supported for Client Submission."),
            *at("tls", "none", "of another", "of nobody known"),
            *at(
                "sender", "530 5.7.0 Authentication required", "553 5.7.1 Sender address rejected: not owned"
            ),
            *at("sender", "501 5.1.7 Bad sender", "550 5.7.60 Client does not have permissions to send as"),
            *at(
                "address", "554 5.7.1 <chair@school.example>: Relay access denied", "550 relay not permitted"
            ),
            *at("address", "530 5.7.57 Client was not authenticated", "550 5.1.8 Sender address rejected"),
            *at("address", "554 5.7.1 Client host [192.0.2.1] blocked using a list"),
            *at(
                "message",
                "554 5.2.252 SendAsDenied; not allowed to send as",
                "550 5.7.26 Unauthenticated mail",
            ),
            *at("message", "550 5.7.509 Access denied, sending domain does not pass DMARC verification"),
            *at(
                "message", "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP"
            ),
        ],
        Response.MESSAGE: [
            *at("sender", "552 5.3.4 Message size exceeds fixed limit"),
            *at(
                "message", "552 5.3.4 Message too big", "554 5.7.1 Rejected as spam", "550 5.6.0 Odd content"
            ),
            *at("message", "554 5.7.1 Message contains a link on a list", to=To.THREAD),
        ],
        Response.ADDRESS: [
            *at("address", "550 5.1.1 User unknown", "551 User not local", "553 Mailbox name not allowed"),
            *at(
                "address",
                "552 5.2.2 Mailbox full",
                "550 5.7.1 Recipient rejected",
                "504 no",
                "550 no such user",
            ),
            *at("address", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup"),
            *at("message", "550 5.1.1 No such user here", "550 5.7.133 SenderNotAuthenticatedForGroup"),
            *at("address", "550 5.1.1 User unknown", to=To.THREAD),
        ],
        Response.PLACE: [Said(to=To.CHANNEL)],
    }

    @pytest.fixture(autouse=True)
    def _with(self, app: Callable[..., EmailApp]) -> None:
        """Take what makes an e-mail side."""
        self.app = app

    async def deliver(self, said: Said) -> None:
        """Send one message while the server answers so."""
        if said.status == -1:
            async with served(Post()) as port:
                pass
            return await self._send(self.app(port, patience=SHORT), said.to)
        step, answer = said.body or ("", "")
        if step in ("greeting", "hello"):
            return await self._raw(step, answer, said.to)
        if step == "tls":
            return await self._by_tls(answer, said.to)
        login = step == "login"
        patience = SHORT if answer == HANG else None
        async with served(Post({step: answer}), login=login) as port:
            bot = self.app(port, login=login, **({"patience": patience} if patience else {}))
            return await self._send(bot, said.to)

    async def _raw(self, step: str, answer: str, to: To) -> None:
        first = () if step == "greeting" else ("220 hello",)
        lines = () if answer in (DROP, HANG) else (answer,)
        async with says(*first, *lines, *([answer] if step == "hello" else [])) as port:
            await self._send(self.app(port, patience=SHORT), to)

    async def _by_tls(self, answer: str, to: To) -> None:
        name = "mail.elsewhere.example" if answer == "of another" else "localhost"
        async with served(Post(), tls=answer != "none", name=name) as port:
            await self._send(self.app(port, login=True, trusts=answer != "of nobody known"), to)

    async def _send(self, bot: EmailApp, to: To) -> None:
        if to is To.CHANNEL:
            channel = Address(platform=Platform.EMAIL, channel="leaders")
            await bot.chat.send(channel, RECEIPT, key="k")
        elif to is To.THREAD:
            post = Post()
            async with served(post) as port:
                root = await self.app(port).chat.send(ELLIS, RECEIPT, key="root")
            await bot.chat.reply(root, RECEIPT, key="k")
        else:
            await bot.chat.send(ELLIS, RECEIPT, key="k")
