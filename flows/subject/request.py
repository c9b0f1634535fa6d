"""A request of somebody who asks what is kept about them, and how far it has been looked through.

Nothing a person wrote in a case stands in it: which parts go, and what is masked in them. It is taken away
when it is done with, or a while after nobody touched it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from flows.model import CaseId, Document
from flows.school import PersonId, School, SchoolId

#: How long one is kept that is being looked through, and what was made, from the last touch on.
LOOKED_THROUGH, MADE = dt.timedelta(days=14), dt.timedelta(days=3)
#: People and accounts that one asks for.
MOST_NAMES = 12


class Page(Struct, frozen=True, kw_only=True):
    """One page of a case as it was looked at: ``of`` is what it held, ``parts`` what goes out of it.

    ``bare`` = what stands unmasked on it although it was proposed; ``approved`` = it goes out like this.
    """

    of: str
    parts: tuple[int, ...]
    bare: tuple[str, ...] = ()
    approved: bool = False


class Request(Struct, frozen=True, kw_only=True):
    """``names`` is what the person is called, the first as it is written on the bundle; ``known_as`` their
    accounts, numbers and addresses. ``cases`` were picked; ``masked`` is masked on every page since somebody
    said so; ``reporter_shown`` are the cases in which who reported stands, with a reason on record.
    """

    id: str
    school: SchoolId
    by: PersonId
    touched: dt.datetime
    names: tuple[str, ...]
    known_as: tuple[str, ...] = ()
    cases: tuple[CaseId, ...] = ()
    masked: tuple[str, ...] = ()
    pages: Mapping[str, Page] = {}
    reporter_shown: tuple[CaseId, ...] = ()
    made: tuple[Document, ...] = ()

    @property
    def over(self) -> dt.datetime:
        """When it goes unless somebody touches it."""
        return self.touched + (MADE if self.made else LOOKED_THROUGH)

    def looked_at(self, case: CaseId, number: int, page: Page) -> Request:
        """Return the request with a page as it was looked at."""
        return replace(self, pages={**self.pages, place(case, number): page})

    def page(self, case: CaseId, number: int) -> Page | None:
        """Return a page as it was looked at last."""
        return self.pages.get(place(case, number))


def place(case: CaseId, number: int) -> str:
    """Return under which name a page is kept."""
    return f"{case}.{number}"


def called(school: School, by: PersonId, at: dt.datetime, names: tuple[str, ...]) -> str:
    """Return what a request is called: it begins like the school's references, and tells of nothing else."""
    unique = hashlib.sha256("\n".join((school.id, by, at.isoformat(), *names)).encode()).hexdigest()
    return f"{school.prefix}-{at.year}-SAR-{unique[:8].upper()}"


def lines(text: str) -> tuple[str, ...]:
    """Return what was written one a line, each once."""
    return tuple(dict.fromkeys(filter(None, (" ".join(line.split()) for line in text.splitlines()))))
