"""What stands between us and Slack: whether it answers, a socket stands, and what comes is truly Slack's."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus

from adapters.slack.api_call import asked
from adapters.slack.client import Web
from adapters.slack.options import Options
from adapters.slack.socket import Socket
from flows.errors import PlatformError

_log = logging.getLogger("adapters.slack")
#: how often, and how many seconds apart, a socket is looked at that may still be connecting
_LOOKS, _LOOK_AGAIN = 30, 0.2


class Link:
    def __init__(self, web: Web, options: Options) -> None:
        self._web, self._options = web, options
        self.socket: Socket | None = None
        #: why the last socket was given up, as a reference
        self.socket_trouble = ""
        #: requests that were not signed with our secret; whether one ever was
        self._untrusted, self._trusted = 0, False

    async def answers(self) -> tuple[str, int]:
        """Return what stands between us as a reference ("" = nothing), and how often it did."""
        web = self._web
        try:
            web.session  # noqa: B018 - opens the session that the client uses
            ask = (await web.client("")).auth_test() if self._options.bot_token else web.bare.api_test()
            await asked(ask, writes=False)
        except PlatformError as error:
            return error.reference, 1
        if self._options.app_token:
            return await self._socket_stands(), 1
        return ("" if self._trusted or not self._untrusted else "slack-untrusted"), self._untrusted

    async def _socket_stands(self) -> str:
        """Return "" as soon as the socket stands; a reference where it does not within a few seconds."""
        for _ in range(_LOOKS):
            if self.socket is not None and await self.socket.connected():
                return ""
            await asyncio.sleep(_LOOK_AGAIN)
        return self.socket_trouble or "slack-socket-dead"

    def heard(self, status: int, *, signed: bool) -> None:
        """Count a request that claims to be Slack's and is not signed with our secret; say it once."""
        if status != HTTPStatus.UNAUTHORIZED:
            self._trusted = True
        elif signed:
            self._untrusted += 1
            if self._untrusted == 1:
                _log.error("request.untrusted", {"reference": "slack-untrusted"})
