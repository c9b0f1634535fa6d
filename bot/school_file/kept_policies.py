"""Every policy that a school decides by is kept as it was: beside the store, by version and hash.

Cases say by which version they were decided, so one version is one text: a file that was changed without a
new version is refused at the start.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from bot.school_file.own_policy import as_written
from flows.errors import SchoolFileError
from flows.school import School


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


def _keep(kept: Path, school: School, file: Path) -> None:
    version, texts = as_written(file)
    digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
    named = f"{school.prefix}_{re.sub(r'[^0-9A-Za-z.-]', '-', version)}_"
    before = sorted(kept.glob(f"{named}*.toml"))
    if any(path.stem != f"{named}{digest}" for path in before):
        raise SchoolFileError(
            "policy-changed",
            f"{file.name}: the policy of {version} is not what it was when it was first decided by.",
            f"Give the new text a version of its own, or put the old one back: it is kept as {before[0]}.",
        )
    if not before:
        kept.mkdir(parents=True, exist_ok=True)
        for ending, text in zip(
            (".txt", ".toml"), texts, strict=True
        ):  # with the policy, the last, all is there
            (kept / f"{named}{digest}{ending}").write_text(text, "utf-8")
