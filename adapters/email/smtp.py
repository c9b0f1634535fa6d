"""One conversation with the mail server: hello, TLS, login, and at most one message."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cached_property

import aiosmtplib
from msgspec import Struct

from adapters.email import limits
from adapters.email.answers import Step, meant
from adapters.email.options import Options


class Patience(Struct, frozen=True, kw_only=True):
    """How long each answer is waited for, in seconds."""

    connect: float = limits.CONNECT_SECONDS
    command: float = limits.COMMAND_SECONDS
    taken: float = limits.TAKEN_SECONDS


_USUAL = Patience()


class Smtp:
    """Never tries anything twice: what a failure means is said by the type of the error."""

    def __init__(self, options: Options, patience: Patience = _USUAL) -> None:
        self._options = options
        self._patience = patience
        self._turns = asyncio.Semaphore(limits.AT_ONCE)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """What certificates are checked by: making it takes a while, so it is made once."""
        context = ssl.create_default_context()
        if self._options.ca_file is not None:
            context.load_verify_locations(self._options.ca_file)
        return context

    async def look(self) -> None:
        """Come as far as one would before sending: reached, TLS, logged in. Raises PlatformError."""
        async with self._turns, self._session():
            pass

    async def deliver(self, sender: str, to: str, content: bytes) -> None:
        """Hand over one message for one person. Raises PlatformError, by the step that failed."""
        async with self._turns, self._session() as client:
            with _at(Step.SENDER):
                await client.mail(sender)
            with _at(Step.ADDRESS):
                await client.rcpt(to)
            with _at(Step.MESSAGE):
                await client.data(content, timeout=self._patience.taken)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiosmtplib.SMTP]:
        options = self._options
        client = aiosmtplib.SMTP(
            hostname=options.host,
            port=options.port,
            use_tls=options.at_once,
            start_tls=False,
            tls_context=self._tls if options.at_once or options.starttls else None,
            timeout=self._patience.connect,
        )
        try:
            with _at(Step.CONNECT):
                await client.connect()
                await client.ehlo()
            if options.starttls:
                with _at(Step.TLS):
                    await client.starttls()
            client.timeout = self._patience.command
            if options.user:
                with _at(Step.LOGIN):
                    await client.login(options.user, options.password)
            yield client
            with suppress(aiosmtplib.SMTPException, OSError):  # it was taken: goodbye is manners
                await client.quit(timeout=self._patience.connect)
        finally:
            client.close()


@contextmanager
def _at(step: Step) -> Iterator[None]:
    try:
        yield
    except (aiosmtplib.SMTPException, OSError) as error:
        raise meant(step, error) from error
