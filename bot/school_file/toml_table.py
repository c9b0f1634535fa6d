"""Reading a TOML file so that every mistake in it can be named: its line, its key and its mend.

``tomllib`` says what a file means but not where; ``toml_lines`` says where. A :class:`Table` is asked for
what it may hold, remembers what it was asked, and calls everything else unknown. Nothing here raises on a
mistake in the file: all of them are gathered in :class:`Source` and told at once.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Mapping

from msgspec import Struct

from bot.school_file.shapes import LONGEST, Shape, not_one_line, time_of_day
from bot.school_file.toml_faults import fault
from bot.school_file.toml_lines import Path, lines_of

_DURATION = re.compile(r"([1-9][0-9]{0,3})(m|h|d)")
_MISSING, NO_TABLE = "this is missing.", "this must be a part of its own."
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Problem(Struct, frozen=True):
    """Something wrong with (or to be confirmed in) a file: where, what, and how to mend it."""

    file: str
    line: int
    key: str
    what: str
    mend: str

    def __str__(self) -> str:
        """Return it as one line."""
        key = f", {self.key}" if self.key else ""
        return f"{self.file}, line {self.line}{key}: {self.what} {self.mend}".rstrip()


class Source:
    """One file being read, and what was found wrong with it so far."""

    def __init__(self, file: str, text: str) -> None:
        """Parse ``text``; a file that is no TOML is one problem and an empty table."""
        self.file = file
        self.text = text
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.content: dict[str, object] = {}
        self.lines: dict[Path, int] = {}
        self._homes: dict[str, list[str]] = {}
        self._strays: list[tuple[Path, list[str]]] = []
        #: keys that are not there because they stand there mistyped
        self.meant: set[str] = set()
        try:
            self.content = tomllib.loads(text)
            self.lines = lines_of(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.content = {}
            self.errors.append(Problem(file, *fault(text, error)))
        else:
            if not self.content:
                what, mend = "this file is empty.", "Write a new one: report-posting init"
                self.errors.append(Problem(file, 1, "", what, mend))

    def line(self, path: Path) -> int:
        """Return the line where ``path`` is written, or the nearest thing around it that is (else 1)."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def wrong(self, path: Path, what: str, mend: str) -> None:
        """Note an error."""
        self.errors.append(Problem(self.file, self.line(path), dotted(path), what, mend))

    def doubt(self, path: Path, what: str, mend: str) -> None:
        """Note something to be confirmed that does not stop anything."""
        self.warnings.append(Problem(self.file, self.line(path), dotted(path), what, mend))

    def home(self, key: str, table: Path) -> None:
        """Note that a key has its place in this table."""
        self._homes.setdefault(key, []).append(dotted(table))

    def stray(self, path: Path, known: list[str]) -> None:
        """Note a key that its table does not know; what is said of it is for :meth:`settle_strays`."""
        self._strays.append((path, known))

    def settle_strays(self) -> None:
        """Call every stray key unknown, and say where it belongs if it belongs elsewhere."""
        for path, known in self._strays:
            key = str(path[-1])
            homes = [home for home in self._homes.get(key, ()) if home != dotted(path[:-1])]
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
            self.meant |= {dotted((*path[:-1], one)) for one in near if (*path[:-1], one) not in self.lines}
            if homes and not near:
                mend = f"It belongs under [{homes[0]}]: move the line there."
                self.wrong(path, "this key stands in the wrong part.", mend)
            else:
                self.wrong(path, "I do not know this key.", meant(key, known))


class Table:
    """One table of the file. Asking for a key gives its value; missing or wrong gives the default."""

    def __init__(self, source: Source, path: Path, content: Mapping[str, object]) -> None:
        """Look at ``content``, which stands at ``path``."""
        self.source = source
        self.path = path
        self._content = content
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        """Return whether the key is written, whatever its value."""
        return key in self._content

    def names(self) -> list[str]:
        """Return the keys as written, for tables whose keys are the school's own; all count as known."""
        self._asked.update(self._content)
        return list(self._content)

    def at(self, key: str | int) -> Path:
        """Return the path of a key of this table."""
        return (*self.path, key)

    def wrong(self, key: str, what: str, mend: str) -> None:
        """Note an error at a key of this table."""
        self.source.wrong(self.at(key), what, mend)

    def text(self, key: str, default: str = "", *, needed: bool = False, most: int = LONGEST) -> str:
        """Return a string without the white space around it."""
        value = self._take(key)
        if value is None or (needed and isinstance(value, str) and not value.strip()):
            if needed:
                self.wrong(key, _MISSING, f'Write {key} = "…" under [{dotted(self.path)}].')
            return default
        if not isinstance(value, str):
            self.wrong(key, "this must be text.", f'Put it in quotes: {key} = "…".')
            return default
        if trouble := not_one_line(value.strip(), most):
            self.wrong(key, *trouble)
            return default
        return value.strip()

    def shaped(self, key: str, shape: Shape) -> str:
        """Return a string that looks as it must; "" where it is empty or looks otherwise."""
        value = self.text(key, most=shape.most)
        if not value or shape.fits(value):
            return value.lower() if shape.small else value
        self.wrong(key, shape.what, shape.mend_for(value))
        return ""

    def number(self, key: str, default: int, *, most: int) -> int:
        """Return a whole number from 1."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self.wrong(key, "this must be a whole number from 1.", f"For example {key} = {default}.")
            return default
        if value > most:
            self.wrong(key, "this is more than can be.", f"Write at most {most}; the usual is {default}.")
            return default
        return value

    def choice(self, key: str, known: Mapping[str, object] | list[str], default: str) -> str:
        """Return one of the known words."""
        value = self.text(key, default).lower()
        if value not in known:
            self.wrong(key, "this is not one of the words I know.", meant(value, list(known)))
            return default
        return value

    def time(self, key: str, default: dt.time) -> dt.time:
        """Return a wall-clock time written "15:00" (or as TOML's own 15:00:00)."""
        return self._time(key, self._take(key), default)

    def duration(self, key: str, default: dt.timedelta) -> dt.timedelta:
        """Return a length of time written "10m", "2h" or "30d"."""
        value = self._take(key)
        if value is None:
            return default
        found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            self.wrong(key, "this is not a length of time.", 'Write "10m", "2h" or "1d", in quotes.')
            return default
        return dt.timedelta(**{_UNITS[found[2]]: int(found[1])})

    def date(self, key: str) -> dt.date | None:
        """Return a day; missing is an error."""
        days = self._dates(key, [self._take(key)])
        return days[0] if days else None

    def dates(self, key: str) -> tuple[dt.date, ...]:
        """Return a list of days."""
        return self._dates(key, self._list(key))

    def times(self, key: str, default: tuple[dt.time, dt.time]) -> tuple[dt.time, dt.time]:
        """Return a pair of wall-clock times."""
        values = self._list(key)
        if not values and not isinstance(self._content.get(key), list):
            return default  # it is not there, or has been refused as no list
        if len(values) != len(default):
            self.wrong(key, "this must be two times.", f'For example {key} = ["08:00", "17:00"].')
            return default
        return self._time(key, values[0], default[0]), self._time(key, values[1], default[1])

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings."""
        values = self._list(key)
        texts = tuple(value.strip() for value in values if isinstance(value, str))
        if len(texts) != len(values):
            self.wrong(key, "this must be a list of texts.", f'Put each in quotes: {key} = ["…", "…"].')
        return texts

    def table(self, key: str, *, needed: bool = False) -> Table:
        """Return a table inside this one; a missing one is empty."""
        value = self._take(key)
        if value is None and needed:
            self.wrong(key, "this part is missing.", f"Add [{dotted(self.at(key))}].")
        if value is not None and not isinstance(value, dict):
            self.wrong(
                key, NO_TABLE, f"Write [{dotted(self.at(key))}], in single brackets, on a line of its own."
            )
        return Table(self.source, self.at(key), value if isinstance(value, dict) else {})

    def tables(self, key: str) -> list[Table]:
        """Return a list of tables."""
        found = []
        for index, value in enumerate(self._list(key)):
            path: Path = (*self.path, key, index)
            if isinstance(value, dict):
                found.append(Table(self.source, path, value))
            else:
                self.source.wrong(path, NO_TABLE, f"Write {key} = [ {{ … }} ].")
        return found

    def finish(self) -> None:
        """Call every key that was not asked for unknown."""
        for key in self._content:
            if key not in self._asked:
                self.source.stray(self.at(key), sorted(self._asked))

    def _take(self, key: str) -> object:
        self._asked.add(key)
        self.source.home(key, self.path)
        return self._content.get(key)

    def _list(self, key: str) -> list[object]:
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            texts = value.split(",") if isinstance(value, str) else ["…"]
            listed = ", ".join(f'"{text.strip()}"' for text in texts)
            self.wrong(key, "this must be a list.", f"Put it in square brackets: {key} = [{listed}].")
            return []
        return value

    def _time(self, key: str, value: object, default: dt.time) -> dt.time:
        if value is None:
            return default
        time = time_of_day(value) if isinstance(value, str) else value
        if isinstance(time, dt.time):
            return time
        mend = f'Write hours and minutes in quotes: "{time if isinstance(time, str) else "15:00"}".'
        self.wrong(key, "this is not a time of day.", mend)
        return default

    def _dates(self, key: str, values: list[object]) -> tuple[dt.date, ...]:
        days = tuple(v for v in values if isinstance(v, dt.date) and not isinstance(v, dt.datetime))
        if len(days) != len(values):
            self.wrong(key, "this is not a date.", "Write year-month-day without quotes: 2026-09-03.")
        return days


def meant(written: str, known: list[str]) -> str:
    """Return "Did you mean …?" where something known is near, else what is known."""
    near = difflib.get_close_matches(written, known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known) or 'nothing'}."


def dotted(path: Path) -> str:
    """Return a path as a reader would write it: ``calendar.terms[0].from``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(sign if sign.isprintable() else "?" for sign in text).removeprefix(".")
