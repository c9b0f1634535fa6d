"""A person's id is never used again: a newcomer with a leaver's id would read what was the leaver's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.commands import look_at_store
from bot.config.settings import SAMPLE_SCHOOL, Secret, Settings
from bot.findings import State
from bot.school_file.load import load_schools
from bot.school_file.same_people import others, remember
from bot.wiring import running
from flows.errors import SchoolFileError
from flows.ports import Store
from flows.school import Person, PersonId, Platform, School, SchoolId
from storage.open import Opening, open_store

KEY = bytes(range(32))
JO = PersonId("jo")
SOMEBODY = Person(
    id=JO, name="Invented Newcomer", accounts={Platform.WEB: "newcomer"}, email="n@school.example"
)


def school(jo: Person | None) -> dict[SchoolId, School]:
    """Return the sample school with this Jo in it, or none."""
    (found,) = load_schools(SAMPLE_SCHOOL).values()
    people = {one: person for one, person in found.people.items() if one != JO or jo is not None}
    return {found.id: replace(found, people=people | ({JO: jo} if jo else {}))}


JO_BEFORE = school(None) and next(iter(load_schools(SAMPLE_SCHOOL).values())).people[JO]


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Give a store that remembers the sample school."""
    store = await open_store("memory:", key=KEY)
    await remember(store, load_schools(SAMPLE_SCHOOL))
    yield store
    await store.close()


async def test_a_leavers_id_is_refused(store: Store) -> None:
    """At once, and after the leaver was gone for a while; nothing is remembered of the newcomer."""
    for between in (JO_BEFORE, None):
        await remember(store, school(between))
        with pytest.raises(SchoolFileError) as refused:
            await remember(store, school(SOMEBODY))
        assert '"jo" was somebody else\'s' in refused.value.message
        assert SOMEBODY.name not in str(refused.value)
    assert await others(store, school(JO_BEFORE)) == []


@pytest.mark.parametrize(
    "changed",
    [
        replace(JO_BEFORE, name="Invented Other Name"),
        replace(SOMEBODY, name=JO_BEFORE.name),
        replace(SOMEBODY, name=f" {JO_BEFORE.name.upper()}"),
        replace(SOMEBODY, accounts={**JO_BEFORE.accounts, Platform.SLACK: "U1"}),
    ],
    ids=["name", "accounts", "spelling", "one more account"],
)
async def test_the_same_person_may_change(store: Store, changed: Person) -> None:
    """A name, an address, an account: and from then on they are known by what they have now."""
    await remember(store, school(changed))
    assert await others(store, school(changed)) == []


async def test_an_address_of_the_office_is_nobody(store: Store) -> None:
    """The address head@… goes on to the next Headteacher: it does not make them the one before."""
    office = "head@school.example"
    await remember(store, school(replace(JO_BEFORE, email=office)))
    assert await others(store, school(replace(SOMEBODY, email=office)))
    without = replace(JO_BEFORE, accounts={}, email=office)  # no account: then nothing else is known of them
    await remember(store, school(without))
    assert await others(store, school(replace(without, name="Invented Other Name"))) == []


async def test_the_same_id_in_another_school_is_another_persons(store: Store) -> None:
    """Ids count per school."""
    (found,) = school(SOMEBODY).values()
    elsewhere = SchoolId("XYZ")
    await remember(store, {elsewhere: replace(found, id=elsewhere, prefix="XYZ")})


async def test_check_and_start_say_the_same(tmp_path: Path) -> None:
    """``check`` finds it in the store, and the start refuses it."""
    text = SAMPLE_SCHOOL.read_text("utf-8")
    path = tmp_path / "school.toml"
    path.write_text(text, "utf-8")
    settings = Settings(store=f"tinydb:{tmp_path}/s/reports.db", sealing_key=Secret(KEY), school=path)
    async with running(settings, opening=Opening.NEW):
        pass
    assert [f.state for f in await look_at_store.look(settings, load_schools(path))] == [
        State.PROVED,
        State.LEFT,
    ]
    at, end = text.index("[people.jo]"), text.index("[people.ash]")
    newcomer = '[people.jo]\nname = "Invented Newcomer"\nweb = "newcomer"\n\n'
    path.write_text(text[:at] + newcomer + text[end:], "utf-8")
    found = await look_at_store.look(settings, load_schools(path))
    assert [f.state for f in found] == [State.WRONG, State.PROVED, State.LEFT], "it was never backed up"
    with pytest.raises(SchoolFileError):
        async with running(settings):
            pass
