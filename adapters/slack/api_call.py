"""One call to Slack's Web API, and what its failure means for the one who asked.

The question every failure must answer: *was it accepted?* Certainly not → :class:`Retryable`;
certainly never → :class:`Permanent`; nobody knows → :class:`Ambiguous`. A post has no idempotency key
at Slack, so nothing is ever sent again in here: https://docs.slack.dev/reference/methods/chat.postMessage
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from flows.errors import Ambiguous, Permanent, PlatformError, Response, Retryable

#: seconds to wait where Slack does not say how long
_PAUSE = 5.0
#: and the longest that is believed
_LONGEST = 3600.0
_TOO_MANY = 429
_THEIR_FAULT = 500
#: errors of Slack's own making: the request may have been carried out before it failed ·
#: https://docs.slack.dev/reference/methods/chat.postMessage#errors
_THEIRS = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
_THEIRS |= {"update_failed"}
#: refused for a while, whatever is sent
_BUSY = {"ratelimited", "rate_limited", "message_limit_exceeded", "external_channel_migrating"}
#: what Slack's word for a refusal is a refusal of; any other is one of this message
_RESPONSES: dict[Response, tuple[str, ...]] = {
    Response.CONNECTION: (
        *(
            "invalid_auth",
            "not_authed",
            "token_revoked",
            "token_expired",
            "account_inactive",
            "access_denied",
        ),
        *("missing_scope", "no_permission", "not_allowed_token_type", "team_access_not_granted"),
        *("org_login_required", "ekm_access_denied", "two_factor_setup_required", "accesslimited"),
        *("enterprise_is_restricted", "team_not_found", "invalid_app_id", "app_missing_action_url"),
        *("method_deprecated", "deprecated_endpoint"),
    ),
    Response.PLACE: (
        *("channel_not_found", "not_in_channel", "is_archived", "is_inactive", "channel_type_not_supported"),
        *("restricted_action", "restricted_action_read_only_channel", "posting_to_general_channel_denied"),
        *("restricted_action_non_threadable_channel", "restricted_action_thread_only_channel"),
        *("channel_is_limited_access", "method_not_supported_for_channel_type"),
    ),
    Response.ADDRESS: (
        *("user_not_found", "users_not_found", "cannot_dm_bot", "user_not_visible", "messages_tab_disabled"),
        *("users_list_not_supplied", "not_enough_users", "invalid_user_combination", "user_not_in_team"),
        *("user_is_restricted", "user_is_ultra_restricted", "user_is_bot"),
    ),
    Response.NOBODY: ("user_disabled",),
    Response.ROOT_GONE: (
        *("message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"),
        *("restricted_action_thread_locked", "cannot_reply_to_message"),
    ),
}
_MEANS = {word: response for response, words in _RESPONSES.items() for word in words}
#: what Slack's library stumbles over in an answer that is no JSON object
_NOT_READ = (UnicodeDecodeError, RecursionError, AttributeError)
#: errors with something a person can do about them
_HINTS: dict[str, str] = {
    "channel_not_found": "Invite the bot into the channel: /invite @Report a posting.",
    "not_in_channel": "Invite the bot into the channel: /invite @Report a posting.",
    "is_archived": "The channel is archived. Name another one in school.toml.",
    "missing_scope": "Install the app again, so that it is given every permission of the manifest.",
    "invalid_auth": "The token is not valid (any more). Copy it again from Slack's app page.",
    "not_authed": "No token was sent. Set SLACK_BOT_TOKEN.",
    "token_revoked": "The app was removed from the workspace. Install it again.",
    "token_expired": "The token has expired. Install the app again.",
    "account_inactive": "The app was removed from the workspace. Install it again.",
    "user_not_found": "That person's Slack id in school.toml is not in this workspace.",
    "cannot_dm_bot": "That Slack id belongs to a bot. Name a person.",
    "user_disabled": "That person's Slack account is switched off.",
}


async def asked(call: Awaitable[Any], *, writes: bool) -> dict[str, Any]:
    """Return the answer of one API call. ``writes`` = a second one would do it twice.

    Raises Retryable, Ambiguous (only if ``writes``) or Permanent; none names what was said.
    """
    try:
        response = await call
    except SlackApiError as error:
        raise _refused(error, writes=writes) from None
    except aiohttp.ClientConnectorError:
        what = "Slack could not be reached."
        raise Retryable("slack-unreachable", what, after=_PAUSE, response=Response.UNREACHABLE) from None
    except (aiohttp.ClientError, TimeoutError, OSError, *_NOT_READ):
        if writes:
            raise Ambiguous("slack-no-answer", "Slack took the request but did not answer.") from None
        what = "Slack did not answer."
        raise Retryable("slack-no-answer", what, after=_PAUSE, response=Response.UNREACHABLE) from None
    found = response.data
    return found if isinstance(found, dict) else {}


async def pages(method: Callable[..., Awaitable[Any]], **arguments: Any) -> AsyncIterator[dict[str, Any]]:
    """Yield the answers of a method that reads, page after page. Raises as :func:`asked` does.

    A page that leads back to one that was read is no answer: that could go on for ever.
    """
    cursor, read = "", {""}
    while True:
        page = await asked(method(cursor=cursor, **arguments), writes=False)
        yield page
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return
        if cursor in read:
            what = "Slack gave the same page again."
            raise Retryable("slack-same-page", what, after=_PAUSE, response=Response.UNREACHABLE)
        read.add(cursor)


def error_name(error: SlackApiError) -> str:
    """Return Slack's own word for what went wrong; "" if it sent none."""
    response = error.response
    found = getattr(response, "data", response)
    return str(found.get("error") or "") if isinstance(found, dict) else ""


def _refused(error: SlackApiError, *, writes: bool) -> PlatformError:
    name = error_name(error)
    status = int(getattr(error.response, "status_code", 0) or getattr(error.response, "status", 0) or 0)
    if status == _TOO_MANY or name in _BUSY:
        return Retryable("slack-busy", "Slack asked us to wait.", after=_asked_to_wait(error))
    if status >= _THEIR_FAULT or name in _THEIRS or not name:
        if writes:
            return Ambiguous("slack-failed", "Slack failed while it carried out the request.")
        return Retryable("slack-failed", "Slack failed.", after=_PAUSE, response=Response.UNREACHABLE)
    reference = "slack-" + name.replace("_", "-").replace(" ", "-").lower()
    means = _MEANS.get(name, Response.MESSAGE)
    return Permanent(reference, f"Slack refused: {name}.", _HINTS.get(name, ""), response=means)


def _asked_to_wait(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    raw = headers.get("Retry-After") or headers.get("retry-after") or ""
    try:
        seconds = float(raw)
    except ValueError:
        return _PAUSE
    return min(max(seconds, 0.0), _LONGEST) if math.isfinite(seconds) else _PAUSE
