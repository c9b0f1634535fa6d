"""Slack's front door: the Bolt app, its listeners, HTTP routes and Socket Mode.

``process_before_response=True``: Bolt answers Slack only after a listener has finished, and a listener
finishes only after the service has committed; a failure answers 500, so Slack delivers an event again
and a window stays open with what was typed in it. Events nobody asked for are answered 200: Bolt's own
404 would count against the subscription. https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web as http
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack.authorize import NotInstalled, authorizer, gone
from adapters.slack.client import Web
from adapters.slack.incoming import readable
from adapters.slack.installs import Installations, OneWorkspace, States
from adapters.slack.link import Link
from adapters.slack.listeners import Hear
from adapters.slack.manifest import EVENTS_PATH, INSTALL_PATH, PLACE_EVENTS, REDIRECT_PATH, scopes
from adapters.slack.options import Options
from adapters.slack.parse import ADD_TO_CASE, REPORT_THIS
from adapters.slack.send import SlackChat
from adapters.slack.socket import Socket
from adapters.slack.staff import SlackStaff
from flows.errors import PlatformError, Retryable, SettingsError
from flows.ports import Directory, Door, Store
from flows.school import Platform, School

_log = logging.getLogger("adapters.slack")
#: what stop waits for work under way (seconds)
FINISH_WITHIN = 1.0
#: seconds before a new connection is tried, at first and at the most
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_ANY = re.compile(".*", re.DOTALL)


class SlackApp:
    """Everything that listens to Slack. Nothing is open before :meth:`start`."""

    def __init__(
        self,
        *,
        hear: Hear,
        chat: SlackChat,
        staff: SlackStaff,
        options: Options,
        oauth: AsyncOAuthFlow | None,
        directory: Directory,
    ) -> None:
        """Build the Bolt app around the listeners."""
        self._directory = directory
        self.staff = staff
        self._looking: asyncio.Task[None] | None = None
        self.chat, self.hear, self.options = chat, hear, options
        self.bolt = _bolt(hear, chat.web, options)
        self.link = Link(chat.web, options)
        self._oauth = oauth
        self._socket: Socket | None = None
        self._stopping = asyncio.Event()
        #: requests so far that could not even be read
        self._unreadable = 0

    def routes(self, app: http.Application) -> None:
        """Add the HTTP routes: events and interactions, and the install flow where there is one."""
        if self.options.signing_secret:  # without one nobody could tell whose requests they are
            app.router.add_post(EVENTS_PATH, self._events)
        if self._oauth is not None:
            app.router.add_get(INSTALL_PATH, self._install)
            app.router.add_get(REDIRECT_PATH, self._installed)

    def staff_accounts(self, school: School) -> Mapping[str, str]:
        """Return who is staff because Slack says so: accounts with names, as last seen."""
        return self.staff.accounts(school)

    async def start(self) -> None:
        """Open the session and take up files that were under way when we last stopped.

        Raises Permanent if Slack refuses the token; where Slack cannot be reached we start all the same.
        Raises SettingsError if a school does not say which of several workspaces is its own.
        """
        await self._must_be_told_apart()
        self.bolt.client.session = self.chat.web.session
        if self.options.bot_token:
            with contextlib.suppress(Retryable):
                await self.chat.web.tokens.grant("")
        if self._oauth is not None:
            self._oauth.client.session = self.chat.web.session
        await self.hear.resume()
        self._looking = asyncio.create_task(self.staff.keep_looking())

    async def _must_be_told_apart(self) -> None:
        tokens = self.chat.web.tokens
        if not isinstance(tokens, Installations) or not await tokens.several():
            return
        for school in self._directory.schools.values():
            if not school.workspaces.get(Platform.SLACK):
                hint = 'Write its Slack workspace (T…) under [places], as workspace.slack = "T…".'
                raise SettingsError(
                    "slack-workspace",
                    f'The app is in several Slack workspaces; "{school.name}" does not say which is its own.',
                    hint,
                )

    async def run_socket(self) -> None:
        """Listen through Socket Mode until :meth:`stop`. Raises Permanent if the app-level token is refused.

        A connection that is dead is replaced by a fresh client: the library's own would go on as it is.
        """
        pause = _SHORTEST_PAUSE
        while not self._stopping.is_set():
            self._socket = self.link.socket = Socket(self.bolt, self.chat.web, self.options.app_token)
            try:
                await self._socket.run()
            except Retryable as error:
                self.link.socket_trouble = error.reference
                _log.warning("socket.again", {"reference": error.reference})
                await self._socket.close()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._stopping.wait()
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def stop(self) -> None:
        """Take nothing new, finish what is under way, then let go of the session."""
        self._stopping.set()
        if self._looking is not None:
            self._looking.cancel()
        if self._socket is not None:
            await self._socket.stop_hearing()
        left = await self.hear.finish(FINISH_WITHIN)
        if left:
            _log.warning("stop.unfinished", {"count": left})
        if self._socket is not None:
            await self._socket.close()
        await self.chat.web.close()

    async def _events(self, request: http.Request) -> http.Response:
        found = await readable(request)
        if not isinstance(found, AsyncBoltRequest):
            self._unreadable += 1
            _log.warning("request.unreadable", {"count": self._unreadable})
            return http.Response(status=found)
        answer = await self.bolt.async_dispatch(found)
        self.link.heard(answer.status, signed=bool(request.headers.get("X-Slack-Signature")))
        if answer.status == HTTPStatus.NOT_FOUND:
            # signed, but of a kind that nobody listens to (app_rate_limited, say): 404 would count against us
            _log.warning("request.unheard")
            return http.Response()
        return await to_aiohttp_response(answer)

    async def _install(self, request: http.Request) -> http.Response:
        return await self._oauth_page(request, "handle_installation")

    async def _installed(self, request: http.Request) -> http.Response:
        return await self._oauth_page(request, "handle_callback")

    async def _oauth_page(self, request: http.Request, step: str) -> http.Response:
        answer: BoltResponse = await getattr(self._oauth, step)(await to_bolt_request(request))
        return await to_aiohttp_response(answer)


def create(*, door: Door, directory: Directory, store: Store, options: Options) -> SlackApp:
    """Return the Slack side of the bot. Raises ValueError if a setting is missing."""
    options.check()
    web = Web(api_url=options.api_url)
    oauth: AsyncOAuthFlow | None = None
    if options.bot_token:
        web.use(OneWorkspace(web.bare, options.bot_token))
    else:
        installs = Installations(
            store, web.bare, client_id=options.client_id, client_secret=options.client_secret
        )
        web.use(installs)
        oauth = _oauth(web, installs, store, directory, options)
    chat = SlackChat(web)
    if isinstance(web.tokens, Installations):
        web.tokens.saved = lambda: chat.added("")
    staff = SlackStaff(web, chat.memberships, directory)
    hear = Hear(door=door, directory=directory, store=store, chat=chat, staff=staff, options=options)
    return SlackApp(hear=hear, chat=chat, staff=staff, options=options, oauth=oauth, directory=directory)


def _bolt(hear: Hear, web: Web, options: Options) -> AsyncApp:
    app = AsyncApp(
        name="report-posting",  # else Bolt walks the whole stack for one, a tenth of a second
        logger=_quiet(),
        signing_secret=options.signing_secret or secrets.token_hex(),
        authorize=authorizer(web),
        client=web.bare,
        process_before_response=True,
        request_verification_enabled=True,
        attaching_conversation_kwargs_enabled=False,
    )
    # Bolt tries listeners in this order, so what comes most often comes first
    app.view_submission(_ANY)(hear.submission)
    app.action(_ANY)(hear.action)
    app.event("message")(hear.message)
    app.command(_ANY)(hear.command)
    app.view_closed(_ANY)(hear.closed)
    for name in (REPORT_THIS, ADD_TO_CASE):
        app.message_shortcut(name)(hear.shortcut)
    app.shortcut(_ANY)(hear.unknown)
    app.event("app_home_opened")(hear.home)
    for name in PLACE_EVENTS:
        app.event(name)(hear.place_changed)
    app.event("app_uninstalled")(hear.removed)
    app.event("tokens_revoked")(hear.removed)
    app.event(_ANY)(hear.other)
    app.error(_failed)
    return app


async def _failed(error: Exception, request: AsyncBoltRequest) -> BoltResponse:
    """Answer 500: nothing was kept, so Slack must not be told that it was. Names no words, only kinds."""
    if isinstance(error, NotInstalled):
        return await gone(request)
    reference = getattr(error, "reference", None)
    _log.error("listener.failed", {"reference": reference}, exc_info=not isinstance(error, PlatformError))
    return BoltResponse(status=500, body="")


def _oauth(
    web: Web, installs: Installations, store: Store, directory: Directory, options: Options
) -> AsyncOAuthFlow:
    base = options.base_url.rstrip("/")
    settings = AsyncOAuthSettings(
        client_id=options.client_id,
        client_secret=options.client_secret,
        scopes=list(scopes(school.staff for school in directory.schools.values())),
        user_scopes=[],
        redirect_uri=f"{base}{REDIRECT_PATH}" if base else None,
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        installation_store=installs,
        state_store=States(store),
        authorization_url=options.authorization_url(),
        logger=_quiet(),
    )
    return AsyncOAuthFlow(client=web.bare, logger=_quiet(), settings=settings)


def _quiet() -> logging.Logger:
    """Return a logger for Slack's libraries: below ERROR they write whole payloads."""
    logger = logging.getLogger("slack_bolt.kit")
    logger.setLevel(logging.ERROR)
    return logger
