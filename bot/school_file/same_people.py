"""Person ids are never used again: what a leaver reported must not open to whoever comes after them.

The store remembers by what each id was known: name and accounts, as fingerprints; an address where there is
no account. Whoever has the id and none of these is somebody else, or has changed everything at once: then
nobody is let in by guessing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from flows.errors import SchoolFileError
from flows.ports import Store
from flows.school import Person, Platform, School, SchoolId

#: the shelf of the store's small records on which these lie; what e-mail keeps there begins otherwise
_SHELF = Platform.EMAIL


#: by what each id of a school is known
Marks = dict[str, frozenset[str]]
_decode = msgspec.json.Decoder(Marks).decode


async def others(store: Store, schools: Mapping[SchoolId, School]) -> list[str]:
    """Return, in words, which ids of the schools' files were somebody else's."""
    found = [(school, (await _known(store, school))[1]) for school in schools.values()]
    return [line for school, known in found for line in _others(school, known)]


async def remember(store: Store, schools: Mapping[SchoolId, School]) -> None:
    """Remember by what each id is known. Raises SchoolFileError where one was somebody else's.

    A school costs one read, and one commit where something has changed.
    """
    found = [(school, *await _known(store, school)) for school in schools.values()]
    wrong = [line for school, _, known in found for line in _others(school, known)]
    if wrong:
        raise SchoolFileError("person-id", "\n".join(wrong), "Nothing was started.")
    for school, before, known in found:
        now = known | {str(person.id): _marks(person) for person in school.people.values()}
        if before is None or now != _decode(before):
            key, words = f"people/{school.id}", _encode(now)
            if not await store.replace_record(_SHELF, key, words, before=before):
                await remember(store, {school.id: school})  # another process has begun in the same moment


def _others(school: School, known: Marks) -> list[str]:
    return [
        f'{school.prefix}: the id "{person.id}" was somebody else\'s: name and accounts are all others. '
        "Who comes after a leaver needs an id of their own, or they would see what was the leaver's. "
        "If it is the same person, change the name first, start, then the rest."
        for person in school.people.values()
        if (marks := known.get(person.id)) and not marks & _marks(person)
    ]


async def _known(store: Store, school: School) -> tuple[bytes | None, Marks]:
    """Return what is kept of a school's people, and by what each is known."""
    kept = await store.record(_SHELF, f"people/{school.id}")
    known = _decode(kept) if kept is not None else {}
    for person in school.people:
        if person not in known:  # an older version kept a record for each
            alone = await store.record(_SHELF, f"person/{school.id}/{person}")
            if alone is not None:
                known[person] = msgspec.json.decode(alone, type=frozenset[str])
    return kept, known


def _encode(known: Marks) -> bytes:
    return msgspec.json.encode({person: sorted(known[person]) for person in sorted(known)})


def _marks(person: Person) -> frozenset[str]:
    accounts = [f"{where} {account}" for where, account in person.accounts.items()]
    # an address such as head@… goes with the office from one person to the next, and shows nobody
    said = [person.name, *(accounts or [person.email])]
    return frozenset(
        hashlib.sha256(f"{person.id} {one.casefold().strip()}".encode()).hexdigest()[:32]
        for one in said
        if one.strip()
    )
