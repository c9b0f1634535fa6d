"""A sealing key on paper: four lines of letters that can be typed back, each with a check of its own.

The letters are Crockford's: no I, L, O or U, so nothing on paper is taken for something else; what is typed
as one of them is read as what was meant (crockford.com/base32.html).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

from flows.errors import InvalidAnswer
from storage.keys import Outside
from storage.seal import KEY_BYTES

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = str.maketrans("ILOU", "110V")
LINES = 4
_BITS, _PART = 5, KEY_BYTES // LINES
#: letters of a line: what is kept, and its check
_KEPT, _CHECK, _GROUP = 13, 3, 4


def lines_of(key: bytes) -> list[str]:
    """Return the lines of a key."""
    return [_grouped(_line(key[at * _PART :][:_PART], at)) for at in range(LINES)]


def key_of_lines(typed: Sequence[str]) -> bytes:
    """Return the key that was typed. Raises InvalidAnswer, which names the line that is wrong."""
    written = [_plain(line) for line in typed if line.strip()]
    if len(written) != LINES:
        raise _wrong(
            f"These are {len(written)} lines; the sheet has {LINES}.", "Type one line after the other."
        )
    return b"".join(_part(line, at) for at, line in enumerate(written))


def _part(line: str, at: int) -> bytes:
    where = f"Line {at + 1}"
    if len(line) != _KEPT + _CHECK or not set(line) <= set(_LETTERS):
        groups = f"{(_KEPT + _CHECK) // _GROUP} groups of {_GROUP}"
        mend = f"It has {groups}: digits, and letters without I, L, O and U."
        raise _wrong(f"{where} is not as the sheet has it.", mend)
    part = (_number(line[:_KEPT]) >> _BITS * _KEPT - 8 * _PART).to_bytes(_PART)
    if _line(part, at) != line:
        others = [other + 1 for other in range(LINES) if _line(part, other) == line]
        mend = (
            f"This looks like line {others[0]}."
            if others
            else "A letter is another, or two stand in each other's place."
        )
        raise _wrong(f"{where} does not fit its last three letters.", mend)
    return part


def _line(part: bytes, at: int) -> str:
    kept = int.from_bytes(part) << _BITS * _KEPT - 8 * _PART
    check = int.from_bytes(hashlib.sha256(b"report-posting line %d " % at + part).digest()[:2]) >> 1
    return _letters(kept, _KEPT) + _letters(check, _CHECK)


def _letters(number: int, how_many: int) -> str:
    return "".join(_LETTERS[number >> _BITS * at & 31] for at in reversed(range(how_many)))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number << _BITS | _LETTERS.index(letter)
    return number


def _plain(line: str) -> str:
    """Return a line as it was meant: its number at the front, blanks and dashes are nothing."""
    words = line.upper().replace("-", " ").split()
    if words and words[0].rstrip(".:").isdigit() and len("".join(words)) > _KEPT + _CHECK:
        words = words[1:]
    return "".join(words).translate(_MEANT)


def _grouped(line: str) -> str:
    return "  ".join(line[at : at + _GROUP] for at in range(0, len(line), _GROUP))


def _wrong(what: str, mend: str) -> InvalidAnswer:
    return InvalidAnswer("sheet", what, mend)


def sheet(key: bytes, *, store: str, day: str) -> str:
    """Return the recovery sheet as text."""
    written = "\n".join(f"    {number}.  {line}" for number, line in enumerate(lines_of(key), 1))
    said = files(__package__).joinpath("paper.txt").read_text("utf-8")
    return Template(said).substitute(key=written, id=Outside(key).id, store=store, day=day)


def page(key: bytes, *, store: str, day: str) -> str:
    """Return the recovery sheet as a page to print."""
    written = "".join(f"<li>{escape(line)}</li>" for line in lines_of(key))
    said = files(__package__).joinpath("paper.html").read_text("utf-8")
    return Template(said).substitute(key=written, id=Outside(key).id, store=escape(store), day=escape(day))
