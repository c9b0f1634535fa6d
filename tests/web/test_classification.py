"""What the try-out workspace answers: it is a room of ours, and fails in three ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace

from adapters.web.send import WebChat
from flows.errors import Response
from flows.model import Posted
from flows.ports import Address
from flows.school import Platform
from tests.adapters.classification import ClassificationContract, Said, To
from tests.adapters.samples import RECEIPT
from tests.fakes import FakeClock

LEADERS = Address(platform=Platform.WEB, channel="leaders")
ASH = Address(platform=Platform.WEB, account="ash")
#: something that is not there: no channel, no message
NOT_THERE = "not there"
_OURS = "it is in this very process, and says so by a StoreError or not at all"


class TestWeb(ClassificationContract):
    """The workspace."""

    never: ClassVar[Mapping[Response, str]] = dict.fromkeys(
        (
            Response.PERHAPS,
            Response.BUSY,
            Response.UNREACHABLE,
            Response.CONNECTION,
            Response.MESSAGE,
            Response.ADDRESS,
            Response.NOBODY,
        ),
        _OURS,
    )
    answers: ClassVar[Mapping[Response, Sequence[Said]]] = {
        Response.TAKEN: [Said(to=to) for to in To],
        Response.PLACE: [Said(body=NOT_THERE, to=To.CHANNEL)],
        Response.ROOT_GONE: [Said(body=NOT_THERE, to=To.THREAD), Said(body=NOT_THERE, to=To.EDIT)],
    }

    async def deliver(self, said: Said) -> None:
        """Send, reply or change something that is there, or is not."""
        chat = WebChat(
            ":memory:", members=lambda c: frozenset({"ash"} if c == "leaders" else ()), clock=FakeClock()
        )
        root = await chat.send(LEADERS, RECEIPT, key="root")
        gone: Posted = replace(root, message="999") if said.body == NOT_THERE else root
        match said.to:
            case To.PERSON:
                await chat.send(ASH, RECEIPT, key="k")
            case To.CHANNEL:
                channel = "nowhere" if said.body == NOT_THERE else "leaders"
                await chat.send(replace(LEADERS, channel=channel), RECEIPT, key="k")
            case To.THREAD:
                await chat.reply(gone, RECEIPT, key="k")
            case To.EDIT:
                await chat.edit(gone, RECEIPT)
        chat.close()
