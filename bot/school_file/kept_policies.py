"""Every policy that a school decides by is kept as it was: beside the store, or in it, by its version.

Cases say by which version they were decided, so one version is one text: a file that was changed without a
new version is refused at the start.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bot.school_file.own_policy import as_written
from flows.errors import SchoolFileError
from flows.ports import Store
from flows.school import Platform, School

#: the shelf of small records on which they lie where no file lasts
_SHELF = Platform.EMAIL


def keep(store: str, folder: Path, schools: Iterable[School]) -> None:
    """Keep each school's own policy, if that text is not kept yet. Raises SchoolFileError for a changed one.

    ``store`` is the setting that says where things are stored; ``folder`` is where the schools' files stand.
    """
    kind, _, place = store.partition(":")
    if kind == "tinydb":
        for school in schools:
            for policy in school.policy.all:
                if policy.file:
                    _keep(Path(f"{place}.policies"), school, folder / policy.file)


async def keep_in(store: Store, folder: Path, schools: Iterable[School]) -> None:
    """Do the same in a store beside which no file lasts."""
    for school in schools:
        if school.policy.file:
            file = folder / school.policy.file
            version, texts = as_written(file)
            key = f"policy/{school.prefix}/{version}"
            before = await store.record(_SHELF, key)
            if before is not None and msgspec.json.decode(before, type=list[str]) != list(texts):
                raise _changed(file, version, "it is kept in the store")
            if before is None:
                await store.put_record(_SHELF, key, msgspec.json.encode(list(texts)))


def _changed(file: Path, version: str, kept: str) -> SchoolFileError:
    return SchoolFileError(
        "policy-changed",
        f"{file.name}: the policy of {version} is not what it was when it was first decided by.",
        f"Give the new text a version of its own, or put the old one back: {kept}.",
    )


def _keep(kept: Path, school: School, file: Path) -> None:
    version, texts = as_written(file)
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    named = f"{school.prefix}_{re.sub(r'[^0-9A-Za-z.-]', '-', version)}_"
    before = sorted(kept.glob(f"{named}*.toml"))
    if any(path.stem != f"{named}{digest}" for path in before):
        raise _changed(file, version, f"it is kept as {before[0]}")
    if not before:
        kept.mkdir(parents=True, exist_ok=True)
        for ending, text in zip(
            (".txt", ".toml"), texts, strict=True
        ):  # with the policy, the last, all is there
            (kept / f"{named}{digest}{ending}").write_text(text, "utf-8")
