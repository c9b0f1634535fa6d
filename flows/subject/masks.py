"""Who is masked in what goes out: who reported always, of others what is proposed until somebody says no.

All is looked for in one go, so that nothing finds what another has put there. What the person who asks is
called stays, whole; unless that is what who reported is called.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from flows.letters.masking import APART, spelled
from flows.model import Case
from flows.policy.wording import seat_name
from flows.postings import normal_account
from flows.school import School
from flows.subject.passages import Passage
from flows.subject.request import Request
from flows.words import say

#: A part of a name with fewer letters is masked only as it is written: "An" is a name, "an" is none.
_SHORT, _NAME = 3, 3
#: A whole name with so many letters is masked where it is run together, too: in a handle, in a hashtag.
_RUN_TOGETHER = 6
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"']+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"(?<![\w.])\+?\d(?:[ ()\-]{0,2}\d){8,14}(?!\w)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d\d")
_HANDLE = re.compile(r"(?<![\w@/])@\w[\w.]+\w")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_WRITTEN_BIG = re.compile(r"[^\W\d_][^\W\d_]*(?:['’\-][^\W\d_]+)*")
#: Words that begin with a capital and are nobody.
_NOBODY = frozenset(say("subject.nobody").split())
#: What joins the digits of a number, and the words of a name that is found in one way only.
_SPACED, _JOINED, _TOGETHER = r"[\s()\-.]*", r"[\s_]+", r"[\s_.\-]*"


class Hidden(Struct, frozen=True):
    """What would say who reported: names, what is written in one way only, and what they are at school."""

    names: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    known: bool = True


def reporter_of(case: Case, school: School) -> Hidden:
    """Return what would say who reported a case; not ``known`` = the school's list does not have them."""
    report, person = case.report, school.people.get(case.report.reporter)
    names = [person.name] if person else []
    for said in (report.reporting_for, report.posting.captured_by):
        named = [word for word in _words(said) if len(word) >= _SHORT and word.casefold() not in _NOBODY]
        names += [" ".join(named)] if 0 < len(said.split()) <= _NAME else []
    marks = (
        (person.email, person.phone, *person.accounts.values()) if person else report.reporter.split(":")[1:]
    )
    wants = (*_EMAIL.findall(report.wants_contact), *_NUMBER.findall(report.wants_contact))
    seats = tuple(seat_name(seat) for seat in sorted(school.seats_of(report.reporter)))
    return Hidden(
        tuple(dict.fromkeys(filter(None, names))),
        tuple(dict.fromkeys(mark for mark in (*marks, *wants) if len(mark) > _SHORT)),
        seats,
        person is not None,
    )


def masked(passage: Passage, hidden: Hidden | None, others: Sequence[str], request: Request) -> Passage:
    """Return a passage as it goes out; ``hidden`` None = who reported is shown, since somebody said why."""
    hides = hidden or Hidden()
    said = without(passage.text, hides, others, request, own=passage.own)
    text = say("subject.their_words") if passage.reporters and hidden is not None else said
    return replace(passage, heading=without(passage.heading, hides, others, request, own=False), text=text)


def without(text: str, hidden: Hidden, others: Sequence[str], request: Request, *, own: bool) -> str:
    """Return a text without who reported and without others; ``own`` = in somebody's own words."""
    reporter, party = say("pack.the_reporter"), say("pack.a_third_party")
    stays = [one for one in (*request.names, *request.known_as) if not _could_be(one, hidden)]
    found: list[tuple[str, str | None]] = [(_whole(one), None) for one in stays]
    found += [(_exactly(mark), reporter) for mark in hidden.marks]
    found += [(_anyhow(name), reporter) for name in hidden.names]
    found += [(_exactly(seat), reporter) for seat in hidden.seats if own]
    found += [(_exactly(one), party) for one in others if _is_mark(one)]
    found += [(_anyhow(one), party) for one in others if not _is_mark(one)]
    found = [(pattern, said) for pattern, said in found if pattern]
    if not found:
        return text
    whole = "|".join(f"(?P<g{n}>{pattern})" for n, (pattern, _) in enumerate(found))

    def instead(match: re.Match[str]) -> str:
        said = found[int((match.lastgroup or "g0")[1:])][1]
        return match[0] if said is None else said

    flat = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", re.sub(whole, instead, flat, flags=re.IGNORECASE))


def _words(name: str) -> list[str]:
    return [word for word in re.split(APART, name.strip()) if any(map(str.isalnum, word))]


def _could_be(one: str, hidden: Hidden) -> bool:
    """Return whether what somebody is called is what who reported is called."""
    words = {word.casefold() for word in _words(one)}
    return any(words <= {w.casefold() for w in _words(name)} for name in hidden.names) or any(
        normal_account(one) == normal_account(mark) for mark in hidden.marks
    )


def _exactly(one: str) -> str:
    """Return what finds this and nothing shorter, however spaced; a number with or without its country."""
    digits = "".join(filter(str.isdigit, one))
    if digits and not any(map(str.isalpha, one)):
        bare = digits.removeprefix("44").removeprefix("0")
        return rf"(?<!\d)(?:\+?44|0)?{_SPACED}{_SPACED.join(bare)}(?!\d)"
    words = [spelled(word) for word in one.split()]
    return rf"(?<![^\W_]){_JOINED.join(words)}(?![^\W_])" if any(map(str.isalnum, one)) else ""


def _whole(one: str) -> str:
    """Return what finds a whole name, also where it is run together; or an account, an address, a number."""
    bare = _words(one)
    if _is_mark(one) or len(bare) == 1 or sum(map(len, bare)) < _RUN_TOGETHER:
        return _exactly(one)
    return _TOGETHER.join(map(spelled, bare))


def _anyhow(name: str) -> str:
    """Return what finds a name and its parts: whole words, and the whole run together in a longer one."""
    bare = _words(name)
    if not bare:
        return ""
    words = [spelled(word) for word in bare]
    parts = (w if len(b) >= _SHORT else f"(?-i:{w})" for w, b in zip(words, bare, strict=True))
    apart = rf"(?<![^\W_])(?:{'|'.join((APART.join(words), *parts))})(?:s)?(?![^\W_])"
    if len(bare) > 1 and sum(map(len, bare)) >= _RUN_TOGETHER:
        return f"{_whole(name)}|{apart}"
    return apart


def _is_mark(one: str) -> bool:
    """Return whether it is an address, an account or a number, and no name."""
    return "@" in one or "/" in one or any(map(str.isdigit, one))


def stands(mask: str, found: Sequence[Passage], request: Request) -> bool:
    """Return whether something is masked by this in these passages."""
    return any(without(one.text, Hidden(), (mask,), request, own=False) != _flat(one.text) for one in found)


def _flat(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text))


# -- what is proposed -----------------------------------------------------------------------------------


def proposed(
    found: Sequence[Passage], case: Case, school: School, request: Request, hidden: Hidden
) -> tuple[str, ...]:
    """Return what these passages say of others, in the order in which it stands there."""
    spoken = [without(one.text, hidden, (), request, own=one.own) for one in found if not one.reporters]
    own = [text for text, one in zip(spoken, (p for p in found if not p.reporters), strict=True) if one.own]
    posting = case.report.posting
    marks = [one for one in (posting.link, posting.account_name) if one and any(one in text for text in own)]
    marks += [one for text in own for one in _marks(text)]
    names = [*_listed("\n".join(spoken), school, case), *(name for text in own for name in _names(text))]
    theirs = {word.casefold() for one in (*request.names, *request.known_as) for word in _words(one)}
    known = {normal_account(one) for one in request.known_as}
    run = {"".join(_words(one)).casefold() for one in request.names}
    named = [o for o in names if not {w.casefold() for w in _words(o)} <= theirs and o.casefold() not in run]
    fit = [one for one in marks if normal_account(one) not in known and len(_words(one)) > 0]
    return _once((*fit, *named))


def _once(found: Sequence[str]) -> tuple[str, ...]:
    """Return each once, however it is written; and no part of a name beside the name."""
    kept: dict[str, str] = {}
    for one in found:
        kept.setdefault(one.casefold(), one)
    whole = [{w.casefold() for w in _words(one)} for one in kept.values()]
    return tuple(
        one
        for one in kept.values()
        if _is_mark(one) or not any({w.casefold() for w in _words(one)} < other for other in whole)
    )


def _marks(text: str) -> Iterator[str]:
    for kind in (_EMAIL, _ADDRESS, _HANDLE):
        yield from (found.rstrip(".,;:!?)") for found in kind.findall(text))
    yield from (found for found in _NUMBER.findall(_bare(text)) if not _DAY.match(found))


def _bare(text: str) -> str:
    """Return a text without addresses and accounts: a word of one names nobody."""
    return _EMAIL.sub(" ", _ADDRESS.sub(" ", _HANDLE.sub(" ", text)))


def _listed(text: str, school: School, case: Case) -> Iterator[str]:
    """Yield whom of the school's people a text names, by any part of their name."""
    text = _bare(text)
    for person in school.people.values():
        if person.id == case.report.reporter:
            continue
        parts = [
            word for word in _words(person.name) if len(word) >= _SHORT and word.casefold() not in _NOBODY
        ]
        if any(
            re.search(
                rf"(?<![^\W_]){spelled(word)}(?![^\W_])", unicodedata.normalize("NFD", text), re.IGNORECASE
            )
            for word in parts
        ):
            yield person.name


def _names(text: str) -> Iterator[str]:
    """Yield what looks like a name: words with a capital that are nobody else's, those side by side together.

    A text in capitals alone shows no names by them.
    """
    letters = [char for char in text if char.isalpha()]
    if sum(map(str.isupper, letters)) * 2 > len(letters):
        return
    for line in re.sub(r"\[[^\]]*\]", " ", _bare(text)).splitlines():
        label, colon, value = line.partition(": ")
        yield from _big(value if colon and len(label) < _LABEL else line)


_LABEL = 40


def _big(line: str) -> Iterator[str]:
    now: list[str] = []
    end = 0
    for found in _WRITTEN_BIG.finditer(line):
        word = re.sub(r"['’]s$", "", found[0])
        beside = line[end : found.start()] == " "
        is_name = word[0].isupper() and word.casefold() not in _NOBODY and len(word) > 1
        if now and not (is_name and beside):
            yield " ".join(now)
            now = []
        if is_name:
            now.append(word)
        end = found.end()
    if now:
        yield " ".join(now)
