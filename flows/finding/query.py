"""What somebody looks for, typed or filled in: ``find HPS-2026-7H4M``, ``find marks since:2026-09-01``.

The form and the button for the next page write what could have been typed, so there is one way to read it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from flows.errors import InvalidAnswer
from flows.intake.answers import clean
from flows.postings import normal_link
from flows.references import CODE_LENGTH, CODE_LETTERS, parted
from flows.ui.forms import Value
from flows.words import say

#: What stands before a colon, and what it looks for.
NAMES = ("account", "link", "person", "since", "until", "page")
_OTHER_NAMES = {"by": "person", "from": "since", "after": "since", "to": "until", "before": "until"}
#: Characters of a search that are looked at.
LONGEST = 400
_NAMED = re.compile(rf"(?:^|(?<=\s))({'|'.join((*NAMES, *_OTHER_NAMES))}):", re.IGNORECASE)
_DAY = r"\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{4}"
#: A day needs no colon.
_DATED = re.compile(rf"(?:^|(?<=\s))(since|from|after|until|to|before)\s+(?={_DAY})", re.IGNORECASE)
_CODE = re.compile(rf"[{CODE_LETTERS}]{{{CODE_LENGTH}}}", re.IGNORECASE)


class Query(Struct, frozen=True, kw_only=True):
    """All of it has to fit. ``reference`` may be its code alone; days are the school's, both included."""

    reference: str = ""
    words: str = ""
    account: str = ""
    link: str = ""
    person: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    page: int = 1

    @property
    def empty(self) -> bool:
        """Whether nothing is looked for."""
        return replace(self, page=1) == Query()

    @property
    def by(self) -> tuple[str, ...]:
        """By what it is looked for, in closed words: for the audit."""
        return tuple(name for name in ("reference", "words", *NAMES[:-1]) if getattr(self, name))


def read(typed: str) -> Query:
    """Return what typed words look for. Raises InvalidAnswer for a day that is none."""
    found = said(typed)
    wrong = {name: say("find.day") for name in ("since", "until") if found.get(name) and not day(found[name])}
    if wrong:
        raise InvalidAnswer.of(wrong)
    page = found.pop("page", "")
    since, until = (day(found.pop(name, "")) for name in ("since", "until"))
    wanted = _free(found.pop("words"), found)
    return Query(
        **{name: wanted.get(name, "") for name in ("reference", "words", "account", "link", "person")},
        since=since,
        until=until,
        page=int(page) if page.isascii() and page.isdigit() and len(page) < len("10000") else 1,
    )


def said(typed: str) -> dict[str, str]:
    """Return what was typed by what it looks for; words are what has no name."""
    text = _DATED.sub(r"\1:", " ".join(clean(typed)[:LONGEST].split()))
    free, *named = _NAMED.split(text)
    found = {"words": free.strip()}
    for name, words in zip(named[::2], named[1::2], strict=True):
        of = name.lower()
        found[_OTHER_NAMES.get(of, of)] = words.strip().strip('"')
    return {name: words for name, words in found.items() if words or name == "words"}


def _free(text: str, named: Mapping[str, str]) -> dict[str, str]:
    """Return what has a name, and what words without one look for: a case, an account, a link, else words."""
    found = dict(named)
    called = parted(text)
    if called is not None and not called[1]:
        return {**found, "reference": called[0]}
    if _CODE.fullmatch(text):
        return {**found, "reference": text.upper()}
    rest = []
    for word in text.split():
        if word.startswith("@") and len(word) > 1 and "account" not in found:
            found["account"] = word
        elif "/" in word and normal_link(word) and "link" not in found:
            found["link"] = word
        else:
            rest.append(word)
    return {**found, **({"words": " ".join(rest)} if rest else {})}


def written(query: Query) -> str:
    """Return a search as it can be typed."""
    named = [f"{name}:{words}" for name in NAMES[:-1] if (words := getattr(query, name))]
    page = [f"page:{query.page}"] if query.page > 1 else []
    return " ".join(filter(None, (query.reference, query.words, *named, *page)))


def filled(values: Mapping[str, Value]) -> str:
    """Return what was filled in as it could have been typed."""
    given = {name: clean(value) for name, value in values.items() if isinstance(value, str)}
    named = [f"{name}:{given[name]}" for name in NAMES[:-1] if given.get(name)]
    return " ".join(filter(None, (given.get("words", ""), *named)))


def day(text: str) -> dt.date | None:
    """Return the day that is meant, written as 2026-09-01, 1.9.2026 or 1/9/2026; None = none is."""
    if not re.fullmatch(_DAY, text, re.ASCII):
        return None
    parts = re.split(r"[-./]", text)
    year, month, number = map(int, parts if "-" in text else reversed(parts))
    try:
        return dt.date(year, month, number)
    except ValueError:
        return None
