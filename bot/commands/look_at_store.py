"""What ``check`` finds in the store: whether all that waits in it opens, and which cases change hands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from bot.backups.places import place_of
from bot.clock import SystemClock
from bot.config.settings import BackupSettings, Settings, is_database
from bot.directory import fits
from bot.findings import Finding, State
from bot.school_file.same_people import others
from bot.turns.handover import changing_hands, in_words
from flows.errors import StoreError
from flows.model import EVERY_ROW
from flows.ports import Store
from flows.roster import with_roster
from flows.school import School, SchoolId
from storage.embedded.as_left.head import last_copied
from storage.keys import Outside
from storage.open import Opening, open_store

_EVER = dt.datetime.max.replace(tzinfo=dt.UTC)
#: what is mended by a start, or by stopping what runs
_LEFT = ("store-in-use", "no-store", "store-not-migrated")
_AS_LEFT = "Store: it is as it was left, and all that waits in it opens."
_ANSWERS = "Store: the database has the tables of this version and this key, and all that waits opens."
_NO_WALL = (
    "Store: the program comes to the database as the owner of its tables. Schools are kept apart even so; "
    "a role that owns nothing would be one wall more: docs/scale.md says how."
)
_FOLLOWED = (
    "Store: another key has followed the one in REPORT_KEY_FILE, which opens it until somebody starts with "
    "the new one. Set REPORT_KEY_FILE to that, and start again."
)
#: days after which a backup misses too much
_OLD = 8


async def look(settings: Settings, schools: Mapping[SchoolId, School]) -> list[Finding]:
    """Look at the store; none is made."""
    return await _found(settings, schools, repair=False)


async def repair(settings: Settings, schools: Mapping[SchoolId, School]) -> list[Finding]:
    """Do the same, and forget what does not open."""
    return await _found(settings, schools, repair=True)


async def _found(settings: Settings, schools: Mapping[SchoolId, School], *, repair: bool) -> list[Finding]:
    database = is_database(settings.store)
    if not (database or settings.store.startswith("tinydb:")) or settings.sealing_key is None:
        return []
    opening = Opening.THERE if repair else Opening.LOOK
    try:
        store = await open_store(settings.store, key=settings.sealing_key.reveal(), opening=opening)
    except StoreError as error:
        state = State.LEFT if error.reference in _LEFT else State.WRONG
        return [Finding(state, f"Store: {error}")]
    try:
        if repair:  # what does not open is put apart when it is looked for
            await store.due_sends(_EVER, most=EVERY_ROW)
            await store.due_timers(_EVER, most=EVERY_ROW)
        apart = await store.apart()
        key = Outside(settings.sealing_key.reveal())
        again = [] if store.opens_with == key.id else [Finding(State.LEFT, _FOLLOWED)]
        again += [] if getattr(store, "walled", True) else [Finding(State.LEFT, _NO_WALL)]
        again += [Finding(State.WRONG, one) for one in await others(store, schools)]
        again += [line for school in schools.values() for line in await _audit(store, school)]
        over = [line for school in schools.values() for line in await _over(store, school)]
        if repair:
            await store.forget_apart()
    finally:
        await store.close()
    if not apart:
        whole = Finding(State.PROVED, _ANSWERS if database else _AS_LEFT)
        return [*again, *over, whole, *_backup(settings)]
    mend = "Forgotten." if repair else "docs/errors.md says why; check --repair forgets it."
    state = State.LEFT if repair else State.WRONG
    rests = [
        Finding(state, f"Store: a {one.kind} does not open ({one.reason}) and rests apart. {mend}")
        for one in apart
    ]
    return [*again, *over, *rests, *_backup(settings)]


async def _audit(store: Store, school: School) -> list[Finding]:
    """Return that the audit of a school is not as it was kept, where it is not."""
    proof = await store.audit_proof(school.id, SystemClock().now().date())
    if not proof.faults:
        return []
    said = f"Store: the audit of {school.name} is not as it was kept: report-posting audit verify says where."
    return [Finding(State.WRONG, said)]


def _backup(settings: Settings) -> list[Finding]:
    """Return when a file was backed up last, and whether the next will be: or a broken disk ends it all."""
    if is_database(settings.store):  # whoever runs the database sees to that
        return []
    at = last_copied(Path(settings.store.partition(":")[2]))
    if at is None:
        last = Finding(State.LEFT, "Store: it has never been backed up: report-posting backup FOLDER")
    elif (age := (SystemClock().now() - at).days) > _OLD:
        last = Finding(State.LEFT, f"Store: its last good backup is {age} days old.")
    else:
        last = Finding(State.PROVED, f"Store: its last good backup is of {at:%Y-%m-%d}.")
    return [last, *([_next_backup(settings.backup)] if settings.backup else [])]


def _next_backup(to: BackupSettings) -> Finding:
    """Return whether the place of the backups answers."""
    try:
        there = len(place_of(to).names())
    except StoreError as error:
        return Finding(State.WRONG, f"Backups: {error}")
    at = f"{to.at:%H:%M}"
    return Finding(State.PROVED, f"Backups: one each night at {at}; their place answers and has {there}.")


async def _over(store: Store, school: School) -> list[Finding]:
    """Return which open cases go over at the next start, since somebody else holds a seat now."""
    school, _ = with_roster(school, await store.roster(school.id), SystemClock().now(), fits)
    return [
        Finding(State.LEFT, f"{in_words(row, school)} – goes over at the next start to whoever holds it now.")
        for row in await changing_hands(store, school)
    ]
