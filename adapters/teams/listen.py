"""Teams' front door: our own route around the kit's ``process_activity``, and what starts and stops with it.

The kit's own ``process()`` answers 500 to an ordinary press on a card, lets bad tokens through as 500,
reads keys with a call that stops the program, and posts exceptions into the chat. So the route, the
answers, the keys and the connectors are ours, and the kit checks the token and runs the turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from botbuilder.core import TurnContext
from botbuilder.core.cloud_adapter_base import CloudAdapterBase
from botbuilder.schema import Activity
from botframework.connector.auth import (
    AuthenticateRequestResult,
    AuthenticationConfiguration,
    ChannelValidation,
    ClaimsIdentity,
    SimpleCredentialProvider,
)
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor

from adapters.teams import files, limits
from adapters.teams.api_call import Wire
from adapters.teams.connectors import Connectors
from adapters.teams.conversation_references import References
from adapters.teams.dispatch import Answer, Desk
from adapters.teams.link import Link
from adapters.teams.message_reader import Attached
from adapters.teams.origin import Body
from adapters.teams.rate_limit import Paced
from adapters.teams.responder import Shows
from adapters.teams.send import TeamsChat
from adapters.teams.signing_keys import METADATA, Keys, over
from adapters.teams.staff import Introduced, TeamsStaff
from adapters.teams.tokens import Tokens, endpoint, from_entra
from adapters.teams.uploads import Files
from adapters.teams.verify import ANYWHERE, Distrust, Trust
from flows.errors import SettingsError
from flows.ports import Clock, Directory, Door, Store
from flows.school import School
from flows.ui.inbound import Lost, Upload

_log = logging.getLogger("adapters.teams")
PATH = "/api/messages"
_CHECKED = ("type", "id", "channelId", "serviceUrl", "conversation", "recipient", "from")


class Denied(PermissionError):
    """An activity that is not let in, and why."""

    def __init__(self, why: Distrust) -> None:
        super().__init__(why)
        self.why = why


class _Checked:
    """The kit's token check with what it leaves out, and our own connectors."""

    def __init__(self, trust: Trust, connectors: Connectors) -> None:
        self._trust = trust
        self._connectors = connectors
        self._ours = SimpleCredentialProvider(trust.app_id, "")

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        """Return who sent an activity. Raises Denied for everything that is not proved."""
        result = AuthenticateRequestResult()
        result.claims_identity = await self._claims(activity, auth_header)
        result.audience = "https://api.botframework.com"
        result.caller_id = None
        result.connector_factory = self
        return result

    async def create(self, service_url: str, audience: str | None = None) -> Any:
        """Return the warm connector for a service address."""
        del audience
        return self._connectors.to(service_url)

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Return None: nobody signs in through us."""

    async def _claims(self, activity: Activity, auth_header: str) -> ClaimsIdentity:
        if not self._trust.app_id and self._trust.dev:
            return ClaimsIdentity({}, is_authenticated=True, authentication_type="anonymous")
        if not auth_header or not self._trust.app_id:
            raise Denied(Distrust.NO_TOKEN)
        try:
            # Only the channel's own tokens: the kit would also take an emulator's or a skill's.
            identity = await ChannelValidation.authenticate_channel_token_with_service_url(
                auth_header,
                self._ours,
                activity.service_url,
                activity.channel_id,
                AuthenticationConfiguration(),
            )
        except Exception as error:
            # The kit raises whatever came up: expired, other key, unknown key, not a token at all.
            raise Denied(Distrust.BAD_TOKEN) from error
        if "exp" not in identity.claims:
            raise Denied(Distrust.BAD_TOKEN)
        return identity


class TeamsApp:
    """Everything that listens to Teams. Nothing is open before :meth:`start`."""

    def __init__(
        self, *, desk: Desk, chat: TeamsChat, staff: TeamsStaff, trust: Trust, wire: Wire, links: _Links
    ) -> None:
        """Build the kit's adapter around the desk."""
        self.chat = chat
        self.desk = desk
        self._trust, self._wire, self._links = trust, wire, links
        self._adapter = CloudAdapterBase(_Checked(trust, chat.connectors))
        self.staff = staff
        self._looking: asyncio.Task[None] | None = None
        self._keys: Keys | None = None
        self.link = Link(self)

    @property
    def open_to_this_computer(self) -> bool:
        """Whether we listen without credentials, in development."""
        return not self._trust.app_id

    async def token(self) -> str:
        """Return the token we send along. Raises Retryable if there is none."""
        return await self._wire.tokens.get() if self._wire.tokens else ""

    async def knows_keys(self) -> bool:
        """Return whether Microsoft's signing keys are known."""
        return self._keys is not None and await self._keys.warm()

    def routes(self, app: web.Application) -> None:
        """Add the one address Teams posts to."""
        app.router.add_post(PATH, self._messages)

    async def start(self) -> None:
        """Open the pool, read the keys, and look who is in the staff teams from now on."""
        session = await self._wire.open()
        if self._links.secret and self._wire.tokens is None:
            url = self._links.token_url or endpoint(self._trust.tenant)
            self._wire.tokens = Tokens(from_entra(session, url, self._trust.app_id, self._links.secret))
        if self._trust.app_id:
            self._keys = Keys(over(session), self._links.keys_url)
            ChannelValidation.open_id_metadata_endpoint = self._links.keys_url
            JwtTokenExtractor.metadataCache[self._links.keys_url] = self._keys
            await self._keys.warm()
        if self.staff.goes_by_team:
            self._looking = asyncio.create_task(self.staff.keep_looking())
        await self.desk.resume()

    async def stop(self) -> None:
        """Finish what was acknowledged, then close everything."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self.desk.stop()
        await self._wire.close()

    def staff_accounts(self, school: School) -> Mapping[str, str]:
        """Return who is staff because Teams says so: accounts with names, as last seen."""
        return self.staff.accounts(school)

    async def _messages(self, request: web.Request) -> web.Response:
        """Take one activity: refused before it is read, or answered after it was kept."""
        body = await _body(request)
        if body is None:
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        if (why := self._trust.distrusts(body)) is not None:
            return self._denied(why)
        try:
            answer = await self._answered(body, request.headers.get("Authorization", ""))
            self.link.trusted = True
        except Denied as error:
            return self._denied(error.why)
        except RecursionError:  # as deep as only a hostile one is
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        except Exception:  # noqa: BLE001 - a defect of ours: nothing of it is told to the chat
            _log.exception("activity.failed")
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
        if answer.body is None:
            return web.Response(status=answer.status)
        return web.json_response(answer.body, status=answer.status)

    def _denied(self, why: Distrust) -> web.Response:
        _log.warning("activity.denied", {"why": why})
        self.link.untrusted += why is not Distrust.NO_TOKEN  # what brings none is from nobody who knows Teams
        token = why in (Distrust.NO_TOKEN, Distrust.BAD_TOKEN)
        return web.Response(status=HTTPStatus.UNAUTHORIZED if token else HTTPStatus.FORBIDDEN)

    async def _answered(self, body: Body, header: str) -> Answer:
        """Run the kit's turn around ours; the answer is what ours returned, not what the kit makes of it."""
        answers: list[Answer] = []

        async def turn(context: TurnContext) -> None:
            del context
            answers.append(await self.desk.take(body))

        # The kit sees what its check needs; reading the rest into its own shape would cost for nothing.
        seen = {name: body[name] for name in _CHECKED if name in body}
        await self._adapter.process_activity(header, Activity().deserialize(seen), turn)
        return answers[0]


class _Links(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses and the secret; the repr shows none of them."""

    secret: str = ""
    token_url: str = ""
    keys_url: str = METADATA

    def __repr__(self) -> str:
        return "***"


async def _body(request: web.Request) -> Body | None:
    """Return the request's JSON object; None if it is none, or too large."""
    if (request.content_length or 0) > limits.BODY_BYTES:
        return None
    raw = bytearray()
    with contextlib.suppress(msgspec.DecodeError, UnicodeError, RecursionError, web.RequestPayloadError):
        async for chunk in request.content.iter_chunked(65_536):
            raw += chunk
            if len(raw) > limits.BODY_BYTES:
                return None
        found = msgspec.json.decode(bytes(raw))
        return found if isinstance(found, dict) else None
    return None


def create(
    *,
    door: Door,
    directory: Directory,
    store: Store,
    clock: Clock,
    app_id: str,
    secret: str = "",
    tenant: str = "",
    dev: bool = False,
    loopback: bool = False,
    token_url: str = "",
    keys_url: str = METADATA,
    trust: Trust | None = None,
    pace: Paced | None = None,
) -> TeamsApp:
    """Return what listens to Teams; ``.chat`` is its :class:`flows.ports.Chat`. Opens nothing.

    ``loopback`` = we listen on this computer only. Raises SettingsError: without an app id there is no
    proof of who speaks, so that is for development, on this computer, only.
    """
    _refuse(app_id, secret=secret, tenant=tenant, open_here=dev and loopback)
    anywhere = ANYWHERE if app_id else ""
    trust = trust or Trust(app_id=app_id, tenant=tenant, dev=dev and loopback, service_url=anywhere)
    wire = Wire(trust)
    references = References(store, trust)
    chat = TeamsChat(references=references, wire=wire, trust=trust, pace=pace)
    staff = TeamsStaff(chat, directory)
    desk = Desk(
        door=Introduced(door, staff),
        references=references,
        shows=Shows(chat, references),
        files=_handed_in(store, clock, wire, trust),
        guests=chat,
    )
    links = _Links(secret=secret, token_url=token_url, keys_url=keys_url)
    return TeamsApp(desk=desk, chat=chat, staff=staff, trust=trust, wire=wire, links=links)


def _handed_in(store: Store, clock: Clock, wire: Wire, trust: Trust) -> Files:
    async def fetch(
        attached: tuple[Attached, ...], *, last: bool = False
    ) -> tuple[tuple[Upload, ...], tuple[Lost, ...]]:
        session = await wire.open()
        return await files.fetch(attached, session=session, trust=trust, tokens=wire.tokens, last=last)

    return Files(store=store, clock=clock, fetch=fetch, pauses=limits.FILE_PAUSES)


def _refuse(app_id: str, *, secret: str, tenant: str, open_here: bool) -> None:
    """Raise SettingsError where nobody could prove who speaks, or where we could not prove who we are."""
    if not app_id and not open_here:
        raise SettingsError(
            "teams-open",
            "TEAMS_APP_ID is not set, so anybody could speak to the bot as anybody.",
            "Set it; or, to try the bot on this computer only, set TEAMS_DEV=yes and REPORT_HOST=127.0.0.1.",
        )
    if app_id and not (tenant and secret):
        raise SettingsError("teams-half", "TEAMS_TENANT_ID or TEAMS_APP_PASSWORD is not set.", "Set both.")
