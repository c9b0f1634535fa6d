"""Slack's own words for each row: https://docs.slack.dev/reference/methods/chat.postMessage#errors ."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from adapters.slack.client import Web
from adapters.slack.installs import OneWorkspace
from adapters.slack.membership import Members
from adapters.slack.rate_limit import Lanes
from adapters.slack.send import SlackChat
from flows.errors import Response
from tests.adapters.classification import ClassificationContract, Said, To
from tests.adapters.samples import RECEIPT
from tests.slack.fake_api import FakeSlack
from tests.slack.test_send import LEADERS, RAE


def words(*names: str, to: To = To.PERSON) -> Sequence[Said]:
    """Return refusals by Slack's own words."""
    return [Said(body={"ok": False, "error": name}, to=to) for name in names]


BUSY: dict[str, Any] = {"ok": False, "error": "ratelimited"}
#: JSON that is no answer of Slack, and what is none in spite of its name
ODD = ("[" * 100_000, "\xff\xfe", "5", "null", '"x"', "[1]", "", "{")
JSON = {"Content-Type": "application/json; charset=ascii"}
METHODS = {To.EDIT: "chat.update"}


class TestSlack(ClassificationContract):
    """Slack."""

    never: ClassVar[Mapping[Response, str]] = {}
    answers: ClassVar[Mapping[Response, Sequence[Said]]] = {
        Response.TAKEN: [
            Said(body={"ok": True, "ts": "1.1", "channel": "D1"}),
            Said(body={"ok": True, "ts": "1.1"}),
            Said(body={"ok": True, "ts": "1.1", "warning": "missing_charset"}),
            Said(body={"ok": True}, to=To.EDIT),
        ],
        Response.PERHAPS: [
            Said(status=0),
            Said(status=500, body="<html>"),
            Said(status=502),
            Said(status=503, body="<html>"),
            Said(status=504),
            Said(status=599),
            Said(body="<html>a proxy's page</html>"),
            Said(body="not JSON"),
            *(Said(body=odd, headers=JSON, to=to) for odd in ODD for to in (To.PERSON, To.EDIT)),
            Said(status=302, body="", headers={"Location": "/login"}),
            Said(status=302, body="", headers={"Location": "/login"}, to=To.EDIT),
            Said(body={"ok": "true", "ts": ""}),
            Said(body={"ok": True, "ts": 0}),
            Said(body=[]),
            Said(body={"ok": True}),
            Said(body={"ok": True, "ts": None}),
            Said(body={"ok": False}),
            Said(body={"ok": False, "error": None}),
            Said(status=407, body="<html>a proxy wants a password</html>"),
            *words(
                "internal_error", "fatal_error", "service_unavailable", "request_timeout", "update_failed"
            ),
        ],
        Response.BUSY: [
            Said(status=429, body=BUSY, headers={"Retry-After": "7"}),
            Said(status=429, body=BUSY),
            Said(status=429, body=BUSY, headers={"Retry-After": "0"}),
            Said(status=429, body=BUSY, headers={"Retry-After": "-3"}),
            Said(status=429, body=BUSY, headers={"Retry-After": "nan"}),
            Said(status=429, body=BUSY, headers={"Retry-After": "inf"}),
            Said(status=429, body=BUSY, headers={"Retry-After": "Fri, 31 Dec 2027 23:59:59 GMT"}),
            Said(status=429, body="<html>"),
            *words("ratelimited", "rate_limited", "message_limit_exceeded", "external_channel_migrating"),
        ],
        Response.UNREACHABLE: [Said(status=-1)],
        Response.CONNECTION: [
            *words("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"),
            *words("access_denied", "missing_scope", "no_permission", "not_allowed_token_type"),
            *words("team_access_not_granted", "org_login_required", "ekm_access_denied"),
            *words("two_factor_setup_required", "enterprise_is_restricted", "team_not_found"),
            *words("method_deprecated", "deprecated_endpoint", "app_missing_action_url", "accesslimited"),
            Said(status=401, body={"ok": False, "error": "invalid_auth"}),
            Said(status=403, body={"ok": False, "error": "token_revoked"}),
            *words("token_revoked", "missing_scope", to=To.CHANNEL),
            *words("invalid_auth", to=To.THREAD),
            *words("account_inactive", to=To.EDIT),
        ],
        Response.MESSAGE: [
            *words("invalid_blocks", "invalid_blocks_format", "msg_too_long", "no_text", "invalid_arguments"),
            *words("metadata_too_large", "invalid_metadata_format", "too_many_attachments"),
            *words("a_word_of_tomorrow", "block_mismatch", "Words With Spaces: and more"),
            *words("msg_blocks_too_long", to=To.CHANNEL),
            *words("block_mismatch", to=To.EDIT),
        ],
        Response.ADDRESS: [
            *words("user_not_found", "cannot_dm_bot", "user_not_visible", "messages_tab_disabled"),
            *words("channel_not_found", "is_archived", "user_not_in_team", "user_is_restricted"),
        ],
        Response.NOBODY: words("user_disabled"),
        Response.PLACE: [
            *words("channel_not_found", "not_in_channel", "is_archived", "is_inactive", to=To.CHANNEL),
            *words(
                "restricted_action",
                "channel_is_limited_access",
                "posting_to_general_channel_denied",
                to=To.CHANNEL,
            ),
            *words(
                "restricted_action_read_only_channel", "method_not_supported_for_channel_type", to=To.CHANNEL
            ),
            *words("not_in_channel", "is_archived", to=To.THREAD),
        ],
        Response.ROOT_GONE: [
            *words("thread_not_found", "message_not_found", "cannot_reply_to_message", to=To.THREAD),
            *words("restricted_action_thread_locked", to=To.THREAD),
            *words("message_not_found", "cant_update_message", "edit_window_closed", to=To.EDIT),
        ],
    }

    @pytest.fixture(autouse=True)
    async def _slack(self) -> AsyncIterator[None]:
        self.slack = FakeSlack()
        await self.slack.start()
        self.web = Web(api_url=f"{self.slack.origin}/api/", timeout=2)
        self.web.use(OneWorkspace(self.web.bare, "xoxb-1"))
        yield
        await self.web.close()
        await self.slack.server.close()

    async def deliver(self, said: Said) -> None:
        """Send, reply or change, while Slack answers so."""
        chat = SlackChat(self.web, members=Members(self.web), lanes=Lanes(spacing=0.0))
        root = await chat.send(LEADERS, RECEIPT, key="root")
        await chat.channel(RAE)
        if said.status == -1:
            await self.web.close()
            await self.slack.server.close()
        else:
            self.slack.raw[METHODS.get(said.to, "chat.postMessage")] = said
        match said.to:
            case To.PERSON:
                await chat.send(RAE, RECEIPT, key="k")
            case To.CHANNEL:
                await chat.send(LEADERS, RECEIPT, key="k")
            case To.THREAD:
                await chat.reply(root, RECEIPT, key="k")
            case To.EDIT:
                await chat.edit(root, RECEIPT)
