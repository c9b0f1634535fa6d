"""Which people and conversations the workspace has, and which of them an account may see."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from adapters.web.send import WebChat
from flows.ports import Directory
from flows.school import Person, Platform, School, Seat
from flows.words import say

DIRECT = "dm"


class Room(Struct, frozen=True, kw_only=True):
    """A conversation: its name in addresses, its title, and the place of the chat it shows."""

    slug: str
    title: str
    place: str
    kind: Literal["direct", "leadership", "restricted"]
    school: str


class Somebody(Struct, frozen=True, kw_only=True):
    """A person of a school, as the chooser shows them."""

    account: str
    name: str
    school: str
    duties: tuple[str, ...]
    #: which of eight colours the mark beside the name has, the same on every page
    colour: int

    @property
    def initials(self) -> str:
        """Return the first letters of the first and the last name."""
        words = self.name.split() or ["?"]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def account_of(person: Person) -> str:
    """Return a person's account here: what the school's file says, else their id."""
    return person.accounts.get(Platform.WEB, str(person.id))


def people(directory: Directory) -> list[Somebody]:
    """Return everybody who can be chosen, school by school, people with duties first."""
    found = []
    for school in directory.schools.values():
        here = [_somebody(person, school, n % 8) for n, person in enumerate(school.people.values())]
        found.extend(sorted(here, key=lambda one: not one.duties))
    return found


def _somebody(person: Person, school: School, colour: int) -> Somebody:
    seats = [seat for seat in Seat if person.id in school.seats.get(seat, ())]
    duties = [
        say(f"web.seat.{seat}") if school.seats[seat][0] == person.id else say(f"web.stands_in.{seat}")
        for seat in seats
    ]
    if person.id in school.administrators:
        duties.append(say("web.administrator"))
    return Somebody(
        account=account_of(person), name=person.name, school=school.name, duties=tuple(duties), colour=colour
    )


def rooms(directory: Directory, chat: WebChat, account: str) -> list[Room]:
    """Return the conversations this account may see: the bot's first, then channels it is a member of."""
    found = [Room(slug=DIRECT, title=say("web.bot"), place=f"@{account}", kind="direct", school="")]
    for school in directory.schools.values():
        found.extend(room for room in _channels(school) if chat.may_read(room.place, account))
    return found


def _channels(school: School) -> list[Room]:
    found = []
    if place := school.leadership.get(Platform.WEB, ""):
        found.append(
            Room(
                slug=f"{school.id}.leadership",
                title=say("web.leadership"),
                place=place,
                kind="leadership",
                school=school.name,
            )
        )
    for seat, places in school.restricted.items():
        if place := places.get(Platform.WEB, ""):
            found.append(
                Room(
                    slug=f"{school.id}.{seat}",
                    title=say("web.restricted", seat=say(f"web.seat.{seat}").lower()),
                    place=place,
                    kind="restricted",
                    school=school.name,
                )
            )
    return found
