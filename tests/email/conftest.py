"""A bot's e-mail side, speaking to a real server on this computer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.email.listen import EmailApp
from adapters.email.options import Options
from adapters.email.smtp import Patience
from flows.ports import Store
from storage.open import open_store
from tests.email.server import PASSWORD, USER, authority_file
from tests.fakes import FakeClock

SENDER = "Reports of Hypothetical <reports@school.example>"
#: Long enough for a slow machine, short enough for a test that waits for it.
PATIENCE = Patience(connect=5.0, command=5.0, taken=5.0)


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Give an empty store."""
    found = await open_store("memory:", key=bytes(32))
    yield found
    await found.close()


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Callable[..., EmailApp]:
    """Give what makes an e-mail side for a port."""

    def made(
        port: int,
        *,
        at_once: bool = False,
        login: bool = False,
        patience: Patience = PATIENCE,
        trusts: bool = True,
        reply_to: str = "",
        folder: bool = True,
        of: Store | None = None,
    ) -> EmailApp:
        options = Options(
            host="127.0.0.1",
            port=port,
            at_once=at_once,
            private=not (login or at_once),
            user=USER if login else "",
            password=PASSWORD if login else "",
            sender=SENDER,
            reply_to=reply_to,
            ca_file=authority_file() if trusts else None,
        )
        return EmailApp(
            options=options,
            store=of or store,
            clock=FakeClock(),
            folder=tmp_path / "reports.bounces" if folder else None,
            patience=patience,
        )

    return made
