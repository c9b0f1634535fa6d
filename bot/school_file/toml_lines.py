"""Where each key of a TOML file stands: what ``tomllib`` does not tell.

Only for text that ``tomllib`` has accepted: the walk trusts the brackets to be balanced.
"""

from __future__ import annotations

import re

from msgspec import Struct

#: The keys and list places that lead to a value: ``("calendar", "terms", 0, "from")``.
Path = tuple[str | int, ...]

TOKEN = re.compile(
    r'(?P<comment>\#[^\n]*)|(?P<text>"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<mark>[\[\]{}=,\n])|(?P<bare>[^\s\[\]{}=,\#\"']+)",
    re.DOTALL,
)


class _Token(Struct, frozen=True):
    """A piece of the file. ``kind``: text (in quotes), mark, bare."""

    kind: str
    text: str
    line: int

    def is_mark(self, mark: str) -> bool:
        return self.kind == "mark" and self.text == mark


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, from 1, on which every table, key and list element begins."""
    walk = _Walk(text)
    walk.file()
    return walk.lines


class _Walk:
    """A reader's finger moving over the file once."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._tokens: list[_Token] = []
        self._next = 0
        self._counts: dict[Path, int] = {}
        line, seen = 1, 0
        for match in TOKEN.finditer(text):
            line += text.count("\n", seen, match.start())
            seen = match.start()
            if match.lastgroup and match.lastgroup != "comment":
                self._tokens.append(_Token(match.lastgroup, match[0], line))

    def file(self) -> None:
        base: Path = ()
        while (token := self._peek()) is not None:
            if token.is_mark("\n"):
                self._next += 1
            elif token.is_mark("["):
                base = self._header()
            else:
                self._pair(base)

    def _header(self) -> Path:
        line = self._take().line
        repeated = self._skip("[")
        *around, own = self._keys("]")
        self._next += 1
        self._skip("]")
        path: Path = ()
        for key in around:  # a part of a list's part belongs to the last one of that list
            path = (*path, key)
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        path = (*path, own)
        if repeated:
            place = self._counts.get(path, 0)
            self._counts[path] = place + 1
            path = (*path, place)
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)
        return path

    def _pair(self, base: Path) -> None:
        token = self._peek()
        path = (*base, *self._keys("="))
        self._next += 1
        for length in range(len(base) + 1, len(path) + 1):
            self.lines.setdefault(path[:length], token.line if token else 1)
        self._value(path)

    def _keys(self, end: str) -> Path:
        """Read a key up to (not including) ``end``: ``people."a.b".name`` is three."""
        keys: list[str] = []
        while (token := self._peek()) is not None and not token.is_mark(end):
            self._next += 1
            if token.kind == "text":
                keys.append(token.text[1:-1])
            else:
                keys.extend(part for part in token.text.split(".") if part)
        return tuple(keys)

    def _value(self, path: Path) -> None:
        token = self._peek()
        if token is None:
            return
        if token.is_mark("["):
            self._next += 1
            self._elements(path)
        elif token.is_mark("{"):
            self._next += 1
            while not self._skip("}"):
                if not (self._skip(",") or self._skip("\n")):
                    self._pair(path)
        else:
            while (token := self._peek()) is not None and not (
                token.kind == "mark" and token.text in "\n,]}"
            ):
                self._next += 1

    def _elements(self, path: Path) -> None:
        place = 0
        while not self._skip("]"):
            if self._skip(",") or self._skip("\n"):
                continue
            token = self._peek()
            self.lines[*path, place] = token.line if token else 1
            self._value((*path, place))
            place += 1

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> _Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _skip(self, mark: str) -> bool:
        token = self._peek()
        if token is None:
            # The text was balanced, so this is never met; it only keeps every loop finite.
            return mark in "]}"
        if token.is_mark(mark):
            self._next += 1
            return True
        return False
