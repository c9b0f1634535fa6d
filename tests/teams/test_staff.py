"""Who is staff because Teams says so: by the end of an address, asked for in our own chat with them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from flows.school import Staff
from tests.teams.connector import OTHER_TENANT, Connector, account
from tests.teams.town import SCHOOL, TeamsTown, teams_town

NOT_LISTED = "I don't know you"
ADDRESS = "kim@school.example"


@pytest.fixture
async def town(connector: Connector) -> AsyncIterator[TeamsTown]:
    """Give the sample school, whose staff is whoever has an address that ends as the school's do."""
    async with teams_town(connector) as made:
        made.school = replace(made.school, staff=Staff(email_domains=("school.example",)))
        made.context.directory.reload({SCHOOL: made.school})  # type: ignore[attr-defined]
        yield made


#: what Teams says of somebody -> whether they may report
PEOPLE: dict[str, tuple[dict[str, str], bool]] = {
    "theirs": ({"email": ADDRESS}, True),
    "theirs in capitals": ({"email": "Kim@School.Example"}, True),
    "the name they sign in with": ({"userPrincipalName": ADDRESS, "email": "k@home.example"}, True),
    "another": ({"email": "kim@home.example"}, False),
    "a longer one": ({"email": "kim@pupils.school.example"}, False),
    "none": ({}, False),
    "a guest's": ({"email": ADDRESS, "userRole": "guest"}, False),
    "one invited from outside": (
        {"email": ADDRESS, "userPrincipalName": "kim_school.example#EXT#@x.example"},
        False,
    ),
    "one of another tenant": ({"email": ADDRESS, "tenantId": OTHER_TENANT}, False),
}


async def answer(town: TeamsTown, text: str = "report-posting") -> str:
    """Return what Kim, whom no file lists, is answered."""
    await town.say("kim", text)
    return str(town.chat("kim")[-1])


def asked(connector: Connector) -> int:
    """Return how often Teams was asked who is in our chat with Kim."""
    return sum((method, path) == ("GET", "a:chat-kim") for method, path, _ in connector.requests)


@pytest.mark.parametrize("name", PEOPLE)
async def test_an_address_gives_the_right_to_report(town: TeamsTown, name: str) -> None:
    """The end of a full member's address decides, whole; who comes is asked about once."""
    facts, ours = PEOPLE[name]
    town.connector.people[account("kim")] = {"name": "Kim Example", **facts}
    said = await answer(town)
    assert (NOT_LISTED in said) is not ours, said
    await answer(town, "help")
    assert asked(town.connector) == 1, "who was asked about is known for a while"


async def test_teams_cannot_say(town: TeamsTown) -> None:
    """No answer about somebody is no answer: they are told so, and asked about again the next time."""
    town.connector.people[account("kim")] = {"email": ADDRESS}
    town.connector.unseen.add("a:chat-kim")
    said = await answer(town)
    assert "who you are" in said
    assert "999" in said
    town.connector.unseen.clear()
    assert NOT_LISTED not in await answer(town)


async def test_a_school_that_names_no_address_asks_for_none(connector: Connector) -> None:
    """Where no school goes by addresses, nobody is asked about."""
    async with teams_town(connector) as plain:
        await plain.say("kim", "report-posting")
        assert asked(connector) == 0
