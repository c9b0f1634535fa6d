"""That two cases belong together, and no longer: kept beside both, so that neither of them changes by it."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from flows.model.reports import CaseId
from flows.school import PersonId, SchoolId, Seat


class Linking(Struct, frozen=True, kw_only=True):
    """Somebody linked two cases, or took that back: who, as what, when, and why."""

    linked: bool
    by: PersonId
    seat: Seat | None = None
    at: dt.datetime
    words: str = ""


class Link(Struct, frozen=True, kw_only=True):
    """Two cases, and what was done to link them. ``cases`` are in the order of their ids."""

    school: SchoolId
    cases: tuple[CaseId, CaseId]
    story: tuple[Linking, ...]

    @property
    def stands(self) -> bool:
        """Whether they are linked now."""
        return bool(self.story) and self.story[-1].linked

    def other(self, case: CaseId) -> CaseId:
        """Return the other one."""
        first, second = self.cases
        return second if case == first else first
