"""Who we are in a workspace, from memory; and what is answered where we are nobody any more."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import ClientError
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError

from adapters.slack import views
from adapters.slack.client import Web
from flows.errors import PlatformError
from flows.words import say

_log = logging.getLogger("adapters.slack")
#: what an answer to where the app is no more may take: Slack waits three seconds for ours
ANSWER_WITHIN = 2.0


class NotInstalled(Exception):
    """A request from a workspace the app was removed from: some are still on their way then."""


def authorizer(web: Web) -> Callable[[str | None, str | None], Awaitable[AuthorizeResult]]:
    """Return what tells Slack's library who we are in the workspace of a request."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        """Return who we are there, from memory: Bolt's own way asks Slack on every request."""
        try:
            grant = await web.tokens.grant(team_id or "", enterprise_id or "")
        except PlatformError as error:
            # The request is signed all the same: it is answered, and what needs the token says so itself.
            _log.warning("token.refused", {"reference": error.reference})
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
        if grant is None:
            raise NotInstalled
        return AuthorizeResult(
            enterprise_id=grant.enterprise or None,
            team_id=grant.team or None,
            bot_token=grant.token,
            bot_id=grant.bot or None,
            bot_user_id=grant.bot_account or None,
        )

    return authorize


async def gone(request: AsyncBoltRequest) -> BoltResponse:
    """Answer what comes from where the app was removed: said once, and asked for no second time.

    The library's own way is a 500 where Slack cannot be reached, and a line of ERROR for each.
    """
    _log.warning("workspace.gone")
    if (
        request.body.get("type") == "view_submission"
    ):  # what was typed stays below it, in a window that is not sent
        pushed = {"response_action": "push", "view": views.refusal(say("slack.trouble.no_window"), "")}
        return BoltResponse(status=HTTPStatus.OK, body=pushed)
    if request.context.response_url is None or request.context.respond is None:
        return BoltResponse(status=HTTPStatus.OK, body="")
    with contextlib.suppress(ClientError, TimeoutError, OSError, SlackClientError):
        async with asyncio.timeout(ANSWER_WITHIN):
            await request.context.respond(say("slack.trouble.no_window"))
    return BoltResponse(status=HTTPStatus.OK, body="")
