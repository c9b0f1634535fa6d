"""Which files drafts and cases have. What nobody has any more goes.

One content is one file, whoever brought it: it goes with the last that has it, and not while somebody is
bringing it again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from flows.model import Case, CaseId, Change, Draft, DraftId, EvidenceFile
from flows.school import SchoolId

#: a file: whose school's, and the SHA-256 of what it holds
File = tuple[SchoolId, str]
_Owner = tuple[SchoolId, DraftId | CaseId]


class FileUse:
    """Learns of each draft and case as it is stored."""

    def __init__(self) -> None:
        self._had: dict[_Owner, dict[str, File]] = {}
        self._users = defaultdict[File, set[tuple[_Owner, str]]](set)
        #: files that are here and belong to nobody yet
        self._coming = Counter[File]()
        #: ids of files that left their case: a draft that still has them has them no more
        self._gone = set[tuple[SchoolId, str]]()

    def comes(self, school: SchoolId, sha256: str) -> None:
        """Take in that a file is being stored, for a draft or a case that will be."""
        self._coming[school, sha256] += 1

    def learn(self, change: Change) -> list[File]:
        """Take in what is stored; return the files that nobody has any more."""
        touched: set[File] = set()
        if change.case is not None:
            touched |= self._has(change.case, (*change.case.report.posting.files, *change.case.documents))
        if change.draft is not None:
            touched |= self._has(change.draft, change.draft.files)
        if change.dropped_draft is not None and (not change.draft or change.draft.id != change.dropped_draft):
            touched |= self._now((change.school, change.dropped_draft), ())
        if change.tombstone is not None:
            touched |= self._now((change.school, change.tombstone.case), ())
        return [file for file in touched if not self.used(file)]

    def used(self, file: File) -> bool:
        """Return whether a draft or a case has a file, or is about to."""
        school, _ = file
        users = self._users.get(file, ())
        return self._coming[file] > 0 or any((school, one) not in self._gone for _, one in users)

    def all(self) -> list[File]:
        """Return every file that a draft or a case has."""
        return [file for file in list(self._users) if self.used(file)]

    def _has(self, one: Draft | Case, files: Iterable[EvidenceFile]) -> set[File]:
        self._gone |= {(one.school, file.id) for file in files if file.gone}
        return self._now((one.school, one.id), files)

    def _now(self, owner: _Owner, files: Iterable[EvidenceFile]) -> set[File]:
        school, _ = owner
        before = self._had.pop(owner, {})
        after = {file.id: (school, file.sha256) for file in files}
        for one, file in after.items():
            if not any(other == one for _, other in self._users[file]) and self._coming[file]:
                self._coming[file] -= 1
            self._users[file].add((owner, one))
        for one, file in before.items():
            if one not in after:
                self._users[file].discard((owner, one))
        if after:
            self._had[owner] = after
        return {*before.values(), *after.values()}
