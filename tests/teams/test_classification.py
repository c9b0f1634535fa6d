"""Teams' own answers for each row.

https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability .
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest
from msgspec.structs import replace

from flows.errors import Response
from flows.ports import Address
from flows.school import Platform
from tests.adapters.classification import ClassificationContract, Said, To
from tests.adapters.samples import RECEIPT
from tests.teams import activities
from tests.teams.conftest import Bot
from tests.teams.connector import CHANNEL, TENANT, Connector, account

ASH = Address(platform=Platform.TEAMS, workspace=TENANT, account=account("ash"))
LEADERS = Address(platform=Platform.TEAMS, workspace=TENANT, channel=CHANNEL)


#: JSON that is no answer of Teams
ODD = ([], [1], "5", "null", '"x"', "[" * 100_000)


def refused(status: int, *codes: str, to: To = To.PERSON) -> Sequence[Said]:
    """Return refusals by Teams' own words."""
    said = [{"error": {"code": code, "message": "Invented."}} for code in codes]
    return [Said(status=status, body=body, to=to) for body in said]


class TestTeams(ClassificationContract):
    """Teams."""

    never: ClassVar[Mapping[Response, str]] = {
        Response.NOBODY: "Teams takes what is sent to a deleted account; who is in the chat is asked before",
    }
    answers: ClassVar[Mapping[Response, Sequence[Said]]] = {
        Response.TAKEN: [
            Said(status=201, body={"id": "1"}),
            Said(status=200, body={"id": "1", "odd": 1}),
            Said(status=202, body={"id": "1"}),
            Said(status=200, body={}, to=To.EDIT),
            Said(status=200, body="", to=To.EDIT),
        ],
        Response.PERHAPS: [
            Said(status=0),
            *(Said(status=status) for status in (408, 409, 412, 423, 425, 500, 502, 503, 504, 599)),
            Said(status=503, body="<html>"),
            Said(status=200, body="<html>a proxy's page</html>"),
            *(Said(status=200, body=odd, to=to) for odd in ODD for to in (To.PERSON, To.EDIT, To.CHANNEL)),
            *refused(409, "Conflict", to=To.EDIT),
            Said(status=201, body={}),
            Said(status=201, body={"id": ""}),
            Said(status=201, body={"id": None}),
            *refused(412, "PreconditionFailed"),
            *refused(502, "BadGateway", to=To.CHANNEL),
        ],
        Response.BUSY: [
            Said(status=429, headers={"Retry-After": "7"}),
            Said(status=429),
            Said(status=429, headers={"Retry-After": "0"}),
            Said(status=429, headers={"Retry-After": "-1"}),
            Said(status=429, headers={"Retry-After": "nan"}),
            Said(status=429, headers={"Retry-After": "inf"}),
            Said(status=429, headers={"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"}),
            Said(status=429, headers={"Retry-After": "soon"}),
            *refused(429, "TooManyRequests", to=To.THREAD),
        ],
        Response.UNREACHABLE: [
            *refused(401, "Unauthorized"),  # the first time: a fresh token may do
            Said(status=-1),
            *(
                Said(status=status, body="", headers={"Location": "https://login.example/"}, to=to)
                for status in (301, 302, 307)
                for to in (To.PERSON, To.EDIT, To.CHANNEL)
            ),
            Said(status=304, to=To.EDIT),
            Said(status=407, body="<html>a proxy wants a password</html>"),
            Said(status=451, body="<html>a filter</html>", to=To.EDIT),
        ],
        Response.CONNECTION: [
            Said(status=402),
            *refused(403, "BotDisabledByAdmin", "InvalidBotApiHost", "TenantNotAllowed"),
            *refused(401, "BotNotRegistered"),
            *refused(403, "BotDisabledByAdmin", to=To.CHANNEL),
            *refused(403, "BotDisabledByAdmin", to=To.THREAD),
            *refused(403, "BotDisabledByAdmin", to=To.EDIT),
        ],
        Response.MESSAGE: [
            *refused(400, "BadArgument", "BadSyntax", "a word of tomorrow"),
            *refused(413, "MessageSizeTooBig"),
            Said(status=413, body="<html>too large</html>"),
            *refused(422, "x"),
            *refused(418, "x", to=To.CHANNEL),
            *refused(405, "x", to=To.THREAD),
            *refused(400, "BadArgument", to=To.EDIT),
        ],
        Response.ADDRESS: [
            *refused(
                403, "ConversationBlockedByUser", "ForbiddenOperationException", "BotNotInConversationRoster"
            ),
            *refused(403, "MessageWritesBlocked", "NotEnoughPermissions", "a word of tomorrow"),
            Said(status=403, body="<html>"),
            *refused(404, "ConversationNotFound"),
            Said(status=404),
            Said(status=410),
        ],
        Response.PLACE: [
            *refused(403, "BotNotInConversationRoster", "NotEnoughPermissions", to=To.CHANNEL),
            *refused(404, "ConversationNotFound", to=To.CHANNEL),
            *refused(403, "BotNotInConversationRoster", to=To.THREAD),
            *refused(403, "NotEnoughPermissions", to=To.EDIT),
        ],
        Response.ROOT_GONE: [
            *refused(404, "ActivityNotFoundInConversation", "ConversationNotFound", to=To.THREAD),
            *refused(404, "ActivityNotFoundInConversation", to=To.EDIT),
            Said(status=404, to=To.EDIT),
            Said(status=410, to=To.EDIT),
        ],
    }

    @pytest.fixture(autouse=True)
    async def _teams(self, bot: Bot, connector: Connector) -> None:
        self.bot, self.connector = bot, connector
        await bot.post(activities.personal(type="installationUpdate", action="add"))

    async def deliver(self, said: Said) -> None:
        """Send, reply or change, while Teams answers so."""
        chat, self.connector.raw = self.bot.app.chat, None
        root = await chat.send(LEADERS, RECEIPT, key="root")
        if said.status == -1:
            await self.bot.app._wire.close()  # noqa: SLF001 - so that a new connection is needed
            await self.connector.server.close()
        else:
            self.connector.raw = said
        match said.to:
            case To.PERSON:
                await chat.send(ASH, RECEIPT, key="k")
            case To.CHANNEL:
                await chat.send(LEADERS, RECEIPT, key="k")
            case To.THREAD:
                await chat.reply(root, RECEIPT, key="k")
            case To.EDIT:
                await chat.edit(replace(root), RECEIPT)
