"""Person ids are never used again: what a leaver reported must not open to whoever comes after them.

The store remembers by what each id was known: name and accounts, as fingerprints; an address where there is
no account. Whoever has the id and none of these is somebody else, or has changed everything at once: then
nobody is let in by guessing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping

import msgspec

from flows.errors import SchoolFileError
from flows.ports import Store
from flows.school import Person, Platform, School, SchoolId

#: the shelf of the store's small records on which these lie; what e-mail keeps there begins otherwise
_SHELF = Platform.EMAIL


async def others(store: Store, schools: Mapping[SchoolId, School]) -> list[str]:
    """Return, in words, which ids of the schools' files were somebody else's."""
    return [
        f'{school.prefix}: the id "{person.id}" was somebody else\'s: name and accounts are all others. '
        "Who comes after a leaver needs an id of their own, or they would see what was the leaver's. "
        "If it is the same person, change the name first, start, then the rest."
        for school in schools.values()
        for person in school.people.values()
        if (known := await _known(store, school, person)) and not known & _marks(person)
    ]


async def remember(store: Store, schools: Mapping[SchoolId, School]) -> None:
    """Remember by what each id is known. Raises SchoolFileError where one was somebody else's."""
    wrong = await others(store, schools)
    if wrong:
        raise SchoolFileError("person-id", "\n".join(wrong), "Nothing was started.")
    new = [
        (school, person)
        for school in schools.values()
        for person in school.people.values()
        if await _known(store, school, person) != _marks(person)
    ]
    await asyncio.gather(
        *(
            store.put_record(_SHELF, _key(school, person), msgspec.json.encode(sorted(_marks(person))))
            for school, person in new
        )
    )


async def _known(store: Store, school: School, person: Person) -> frozenset[str]:
    found = await store.record(_SHELF, _key(school, person))
    return frozenset() if found is None else msgspec.json.decode(found, type=frozenset[str])


def _key(school: School, person: Person) -> str:
    return f"person/{school.id}/{person.id}"


def _marks(person: Person) -> frozenset[str]:
    accounts = [f"{where} {account}" for where, account in person.accounts.items()]
    # an address such as head@… goes with the office from one person to the next, and shows nobody
    said = [person.name, *(accounts or [person.email])]
    return frozenset(
        hashlib.sha256(f"{person.id} {one.casefold().strip()}".encode()).hexdigest()[:32]
        for one in said
        if one.strip()
    )
