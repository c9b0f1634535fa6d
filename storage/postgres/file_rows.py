"""Files in the database, and who has which: the rules of :mod:`storage.file_use`, for many processes.

A file goes with the last that has it, in the transaction that lets go of it; not while somebody is bringing
it again, which is believed for an hour.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO

from msgspec import Struct

from flows.errors import UnreadableRow
from flows.model import Change, EvidenceFile
from storage.keys import Keys
from storage.postgres.database import Query
from storage.rows import FILE
from storage.seal import Sealer, damaged


class Use(Struct, frozen=True):
    """That a draft or a case has a file: its id there, the name of what it holds, whether it has left."""

    id: str
    name: str
    gone: bool


#: by draft or case
Uses = Mapping[str, frozenset[Use]]

HAD = "select owner, file_id, name, gone from file_uses where school=%s and owner = any(%s)"
BROUGHT = """insert into file_uses(school, owner, file_id, name, gone, until)
values(%s, '', %s, %s, false, now() + interval '1 hour') on conflict do nothing"""
# Whoever brings it again seals it again, with a key of its own: no file is ever without the one it needs.
_KEEP = """insert into files(school, name, key, body) values(%s, %s, %s, %s)
on conflict (school, name) do update set key=excluded.key, body=excluded.body"""
_KEEP_KEY = """insert into rows(school, tbl, id, version, ord, key, body) values(%s, 'keys', %s, 1, 0, %s, %s)
on conflict (school, tbl, id) do update set key=excluded.key, body=excluded.body"""
READ = """select key, body, (select k.body from rows k where k.school=files.school and k.tbl='keys'
and k.id=files.key) from files where school=%s and name=%s"""
VERSION = 1
OVERDUE = "delete from file_uses where school=%s and owner='' and until < now()"
_ARRIVED = """delete from file_uses where school=%(school)s and owner='' and file_id=(select min(file_id)
from file_uses where school=%(school)s and owner='' and name=%(name)s) and not exists (select from file_uses
where school=%(school)s and owner<>'' and name=%(name)s and file_id=%(id)s)"""
_LET_GO = "delete from file_uses where school=%s and owner = any(%s)"
_HAVE = """insert into file_uses(school, owner, file_id, name, gone)
select %s, * from unnest(%s::text[], %s::text[], %s::text[], %s::boolean[])"""
_UNUSED = """with gone as (delete from files f where school=%s and {} not exists (select from file_uses u
where u.school=f.school and u.name=f.name and (u.owner='' and u.until > now() or u.owner<>'' and not exists
(select from file_uses g where g.school=u.school and g.file_id=u.file_id and g.gone)))
returning name) delete from rows where school=%s and tbl='keys' and id in (select %s || name from gone)"""


def kept(keys: Keys, school: str, name: str, sha256: str, content: bytes) -> tuple[Query, Query]:
    """Return what keeps a file, and the data key that it is sealed with."""
    owner, wrap = FILE + name, keys.new_wrap()
    sealed = b"".join(keys.inner(school, owner, wrap).seal_file(content, school, sha256))
    return (_KEEP, (school, name, owner, sealed)), (_KEEP_KEY, (school, owner, keys.outside.id, wrap))


def opened(keys: Keys, school: str, sha256: str, found: tuple[str, bytes, bytes | None]) -> bytes:
    """Return what a file holds, as :data:`READ` found it. Raises StoreError where it was changed."""
    key, sealed, wrap = found
    if wrap is None or key == keys.id:  # of before files had keys
        content = keys.open(sealed, "files", school, sha256, VERSION, key=key)
    else:
        content = b"".join(keys.inner(school, key, wrap).open_file(BytesIO(sealed).read, school, sha256))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise damaged("an evidence file is not the one it is named for", UnreadableRow)
    return content


def name_of(sealer: Sealer, school: str, sha256: str) -> str:
    """Return under which name what has this hash lies."""
    return sealer.veil(f"{school} {sha256}")


def after(change: Change, sealer: Sealer) -> Uses:
    """Return what each draft or case that a change writes has then."""
    found: dict[str, Iterable[EvidenceFile]] = {}
    if change.case is not None:
        found[change.case.id] = (*change.case.report.posting.files, *change.case.documents)
    if change.draft is not None:
        found[change.draft.id] = change.draft.files
    if change.dropped_draft is not None:
        found.setdefault(change.dropped_draft, ())
    if change.tombstone is not None:
        found[change.tombstone.case] = ()
    return {
        owner: frozenset(
            {
                one.id: Use(one.id, name_of(sealer, change.school, one.sha256), one.gone) for one in files
            }.values()
        )
        for owner, files in found.items()
    }


def had(rows: Iterable[tuple[str, str, str, bool]]) -> Uses:
    """Return what :data:`HAD` found."""
    found: dict[str, set[Use]] = {}
    for owner, file_id, name, gone in rows:
        found.setdefault(owner, set()).add(Use(file_id, name, gone))
    return {owner: frozenset(uses) for owner, uses in found.items()}


def statements(school: str, before: Uses, now: Uses) -> Iterator[Query]:
    """Yield what writes down who has what now, and lets go of what nobody has."""
    changed = [owner for owner in now if now[owner] != before.get(owner, frozenset())]
    if not changed:
        return
    new = {
        (use.id, use.name)
        for owner in changed
        for use in now[owner]
        if (use.id, use.name) not in {(had.id, had.name) for had in before.get(owner, ())}
    }
    for file_id, name in sorted(new):
        yield _ARRIVED, {"school": school, "name": name, "id": file_id}
    yield _LET_GO, (school, changed)
    rows = [(owner, use) for owner in changed for use in now[owner]]
    if rows:
        owners, ids = [owner for owner, _ in rows], [use.id for _, use in rows]
        yield _HAVE, (school, owners, ids, [use.name for _, use in rows], [use.gone for _, use in rows])
    touched = {use.name for owner in changed for use in (*now[owner], *before.get(owner, ()))}
    yield _UNUSED.format("name = any(%s) and"), (school, sorted(touched), school, FILE)


def unused(school: str) -> Query:
    """Return what lets go of every file that nobody has."""
    return _UNUSED.format(""), (school, school, FILE)
