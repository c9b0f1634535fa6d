"""Whether somebody is still in our chat with them: it takes posts for an account that was deleted, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.teams import limits
from adapters.teams.conversation_references import Reference
from flows.errors import Permanent

#: what Teams says of a chat that is no more, or takes no more: the person may have another
NOT_THIS_CHAT = ("blocked", "not-there")


async def still_there(to: Callable[[str], Any], chat: Reference | None) -> bool:
    """Return whether a personal chat still has its person in it. Raises Retryable if it cannot be asked."""
    if chat is None:
        return True  # nothing can be asked yet; beginning the chat will say
    calls = to(chat.service_url).conversations
    try:
        page = await calls.get_teams_conversation_paged_members(chat.conversation, limits.ROSTER_PAGE, None)
    except Permanent as error:
        return error.reference not in NOT_THIS_CHAT
    return bool(page.members)
