"""Teams' connector as the adapter meets it, in memory: its addresses and its statuses, no network."""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from typing import Any, Self
from urllib.parse import unquote

from adapters.teams.api_call import Wire
from adapters.teams.conversation_references import References
from adapters.teams.rate_limit import Pace
from adapters.teams.send import TeamsChat
from adapters.teams.verify import ANYWHERE, Trust
from flows.model import Posted
from flows.ports import Address, Store
from flows.ui.cards import Card
from flows.words import say
from tests.simulation.field import Fault, Field
from tests.simulation.slack_side import unreachable
from tests.teams.connector import APP, TENANT, member

_ROAD = re.compile(r"/v3/conversations(?:/([^/?]+)/(activities|pagedmembers)(?:/([^/?]+))?)?")
_STATUS = {
    Fault.REVOKED: 401,
    Fault.FAILING: 500,
    Fault.METHOD: 502,
    Fault.CHANNEL: 503,
    Fault.MESSAGE: 400,
    Fault.GONE: 403,
    Fault.BUSY: 429,
}


#: Which message is on its way: Teams is not told, so whoever looks for doubles has to listen here.
_key: ContextVar[str] = ContextVar("key", default="")


class Response:
    """What came back."""

    def __init__(self, status: int, body: Any) -> None:
        self.status, self.headers = status, {"Retry-After": "30"} if status == 429 else {}
        self._body = json.dumps(body).encode()
        self.content = self

    async def read(self, most: int = -1) -> bytes:
        """Return the body, or as much of it as is wanted."""
        return self._body[:most] if most >= 0 else self._body

    async def __aenter__(self) -> Self:
        """Be there."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Be gone."""


class Refused:
    """A request that nobody answered."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def __aenter__(self) -> Response:
        """Say so."""
        raise self.error

    async def __aexit__(self, *_: object) -> None:
        """Be gone."""


class TeamsSide:
    """The addresses of the connector that we use, asked as a session is."""

    def __init__(self, field: Field) -> None:
        self.field = field

    def request(self, method: str, url: Any, *, data: Any = None, **_: Any) -> Response | Refused:
        """Answer one request."""
        self.field.calls += 1
        found = _ROAD.search(unquote(str(url)))
        assert found is not None, url
        conversation, what, activity = found[1] or "", found[2] or "", found[3] or ""
        body = json.loads(data) if data else {}
        if not conversation and not body.get("isGroup"):
            return self._begun(body["members"][0]["id"])
        conversation = conversation or body["channelData"]["channel"]["id"]
        root = not what
        name, thread = _parted(conversation)
        wrong = self.field.wrong(method, name, name.removeprefix("a:"))
        if wrong is Fault.OUTAGE:
            return Refused(unreachable())
        if what == "pagedmembers":
            return self._members(name, wrong)
        if wrong in _STATUS and wrong is not Fault.FAILING:
            return Response(_STATUS[wrong], {"error": {"code": "x"}})
        return self._taken(name, thread, activity, body.get("activity") or body, root=root, wrong=wrong)

    def _begun(self, account: str) -> Response | Refused:
        wrong = self.field.wrong("POST", account)
        if wrong is Fault.OUTAGE:
            return Refused(unreachable())
        if wrong in _STATUS:
            return Response(_STATUS[wrong], {})
        return Response(201, {"id": f"a:{account}"})

    def _members(self, name: str, wrong: Fault | None) -> Response:
        if wrong in _STATUS and wrong is not Fault.MESSAGE:
            return Response(_STATUS[wrong], {})
        people = [{**member("x"), "aadObjectId": one} for one in self.field.readers(name, noticed=False)]
        if wrong in (Fault.SHARED, Fault.PUBLIC):  # Teams shows neither; somebody of another tenant it does
            people.append({**member("stranger"), "tenantId": "another"})
        return Response(200, {"members": people})

    def _taken(
        self, name: str, thread: str, activity: str, body: Any, *, root: bool, wrong: Fault | None
    ) -> Response | Refused:
        text = json.dumps([body.get("summary"), body["attachments"]], ensure_ascii=False)
        if thread and (name, thread) not in self.field.messages:
            return Response(404, {"error": {"code": "NotFound"}})
        id_ = activity
        if wrong is None or wrong not in (Fault.FAILING, Fault.LOST) or self.field.flips():
            if activity and not self.field.change(name, activity, text):
                return Response(404, {"error": {"code": "NotFound"}})
            again = say("teams.repeat") in text
            id_ = activity or self.field.keep(name, text, mark=_key.get(), thread=thread, repeat=again)
        if wrong is Fault.FAILING:
            return Response(500, {})
        if wrong is Fault.LOST:
            return Refused(TimeoutError())
        return Response(201, {"id": f"{name};messageid={id_}", "activityId": id_} if root else {"id": id_})


class FieldWire(Wire):
    """The adapter's own wire, with that connector at its end."""

    def __init__(self, trust: Trust, side: TeamsSide) -> None:
        super().__init__(trust)
        self.side: Any = side

    async def open(self) -> Any:
        """Open nothing."""
        return self.side


class Overheard(TeamsChat):
    """The real send side; which key it was called with is known further on."""

    async def send(self, to: Address, card: Card, *, key: str, repeat: bool = False) -> Posted:
        """Post a message that stands alone or begins a thread."""
        _key.set(key)
        return await super().send(to, card, key=key, repeat=repeat)

    async def reply(
        self, root: Posted, card: Card, *, key: str, broadcast: bool = False, repeat: bool = False
    ) -> Posted:
        """Post into a thread."""
        _key.set(key)
        return await super().reply(root, card, key=key, broadcast=broadcast, repeat=repeat)


def teams_chat(field: Field, store: Store) -> TeamsChat:
    """Return the real send side, before that connector, on that clock."""
    trust = Trust(app_id=APP, tenant=TENANT, service_url=ANYWHERE)
    began = field.clock.now()

    def clock() -> float:
        return (field.clock.now() - began).total_seconds() + 1000

    return Overheard(
        references=References(store, trust),
        wire=FieldWire(trust, TeamsSide(field)),
        trust=trust,
        pace=Pace(monotonic=clock),
        monotonic=clock,
    )


def _parted(conversation: str) -> tuple[str, str]:
    name, _, thread = conversation.partition(";messageid=")
    return name, thread
