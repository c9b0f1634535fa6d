"""A school whose Chair has e-mail alone, the page behind its links, and a browser as far as requests go."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request
from msgspec.structs import replace

from adapters.web.seat_page import seat_pages
from bot.seat_page.seat_links import SeatLinks
from flows.model import Case
from flows.school import Person, Platform
from flows.ui.forms import Value
from flows.ui.intents import Intent, encode
from flows.ui.plain_text import card_text
from storage.open import open_store
from tests.fakes import FakeChat
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town

ADDRESS = "https://bot.school.example"
CHAIR = "chair@school.example"
#: The Chair leads: it says something of the Headteacher.
HEAD_ACCUSED: dict[str, Value] = {**ABUSE, "staff_allegation": ("headteacher",)}


def by_email(person: Person, *, alone: bool) -> dict[Platform, str]:
    """Return somebody's accounts with their address as one; ``alone`` = and no other."""
    return {**({} if alone else person.accounts), Platform.EMAIL: person.email}


class Mailbox:
    """The school, and what the Chair is sent."""

    def __init__(self, place: Town, *, everybody: bool = False) -> None:
        """Let the Chair be on e-mail alone; ``everybody`` who has an address as well as in chat."""
        self.place = place
        people = {
            who: replace(
                one, accounts={**({} if who == "ellis" else one.accounts), Platform.EMAIL: one.email}
            )
            if one.email and (everybody or who == "ellis")
            else one
            for who, one in place.school.people.items()
        }
        place.school = replace(place.school, people=people)
        place.context.directory.reload({SCHOOL: place.school})  # type: ignore[attr-defined]
        self.mail = FakeChat(Platform.EMAIL, can_look_up=False)
        place.context.add_chat(self.mail)
        self.links = SeatLinks(place.context, secret=bytes(32), address=ADDRESS)
        place.context.pages = self.links
        self.app = web.Application()
        pages = seat_pages(
            door=place.service,
            links=self.links,
            records=place.store,
            clock=place.clock,
            secure=False,
            floor=0.0,
        )
        self.app.add_subapp("/c", pages)

    async def report(self, answers: dict[str, Value] | None = None) -> Case:
        """Let somebody report, so that the Chair leads."""
        await self.place.report("brook", answers or HEAD_ACCUSED)
        await self.place.settle()
        return await self.place.case()

    def read(self, address: str = CHAIR) -> str:
        """Return all that a mailbox holds, as text."""
        return "\n\n".join(card_text(one.card) for one in self.mail.audience(address))

    def tokens(self, address: str = CHAIR) -> list[str]:
        """Return the tokens of the links in a mailbox, oldest first."""
        return re.findall(rf"{ADDRESS}/c/([\w-]+)", self.read(address))

    def code(self, address: str = CHAIR) -> str:
        """Return the newest code in a mailbox."""
        return re.findall(r"^(\d{6})$", self.read(address), re.MULTILINE)[-1]

    def lose_the_seat(self) -> None:
        """Let the Chair hold their seat no more."""
        seats = {
            seat: tuple(p for p in people if p != "ellis") for seat, people in self.place.school.seats.items()
        }
        school = replace(self.place.school, seats=seats)
        self.place.context.directory.reload({SCHOOL: school})  # type: ignore[attr-defined]


class Phone:
    """A browser without script, as far as requests go; it keeps cookies."""

    def __init__(self, client: TestClient[Request, Application], box: Mailbox, token: str) -> None:
        self.client = client
        self.box = box
        self.token = token
        self.page = ""

    async def get(self, path: str = "") -> ClientResponse:
        """Ask for the page, or something below it."""
        answer = await self.client.get(f"/c/{self.token}{path}", allow_redirects=False)
        self.page = await answer.text()
        return answer

    async def post(
        self, verb: str = "", *, headers: dict[str, str] | None = None, **said: Any
    ) -> ClientResponse:
        """Post a form of the page, with the key that stands in it."""
        if verb:
            said = {"key": self.key, **said}
        path = f"/c/{self.token}{'/' if verb else ''}{verb}"
        return await self.client.post(path, data=said, headers=headers, allow_redirects=False)

    @property
    def key(self) -> str:
        """The first key on the page that was read last."""
        found = re.search(r'name="key" value="([^"]+)"', self.page)
        return found[1] if found else "none"

    async def ask(self) -> ClientResponse:
        """Have a code sent; it arrives."""
        answer = await self.post()
        await self.box.place.settle()
        return answer

    async def enter(self, code: str = "") -> ClientResponse:
        """Type a code, the newest if none is given."""
        return await self.post(code=code or self.box.code())

    async def open(self) -> Phone:
        """Open the case: press, read the code, type it."""
        await self.ask()
        assert (await self.enter()).status == 303
        assert (await self.get()).status == 200
        return self

    async def press(self, intent: Intent) -> ClientResponse:
        """Press a button; read what comes."""
        answer = await self.post("press", intent=encode(intent))
        if answer.status == 303:
            await self.get()
        return answer


async def mailbox(*, everybody: bool = False) -> Mailbox:
    """Return a school whose Chair has e-mail alone."""
    return Mailbox(Town(await open_store("memory:", key=bytes(32))), everybody=everybody)
