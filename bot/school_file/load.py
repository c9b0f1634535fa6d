"""From a school's file to a :class:`~flows.school.School`, with every mistake named at once.

:func:`read_school` turns text into a school and the problems found; :func:`load_schools` reads from disk
and raises one SchoolFileError that names the line, the key and the mend of each. What the parts mean to
each other (seats, terms, who is left to lead) is :mod:`bot.school_file.validate`; ``docs/school-file.md``
describes the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from bot.config.environment import as_text
from bot.config.written import meant_file
from bot.school_file.alike import check_alike
from bot.school_file.letters import with_letters
from bot.school_file.parse import school_from
from bot.school_file.toml_faults import no_such_file
from bot.school_file.toml_lines import TOKEN
from bot.school_file.toml_lines import Path as Place
from bot.school_file.toml_table import NO_TABLE, Problem, Source, dotted
from bot.school_file.validate import check_school
from flows.errors import SchoolFileError
from flows.school import Platform, School, SchoolId

#: blanks that Word and web pages make, and signs that nobody sees: as good as a blank, or as nothing
_BLANKS = {0xA0: " ", 0x202F: " ", 0x2007: " ", 0x200B: "", 0x200C: "", 0x200D: "", 0x2060: "", 0xFEFF: ""}


class Reading(Struct, frozen=True):
    """What reading a file gave: a school if nothing was wrong, and everything there is to say."""

    school: School | None
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def load_schools(path: Path) -> dict[SchoolId, School]:
    """Return the schools of a file, or of every ``*.toml`` of a folder.

    Raises SchoolFileError naming every mistake in every file.
    """
    schools, errors, _ = read_schools(path)
    if errors:
        raise _refusal(errors)
    return schools


def read_schools(path: Path) -> tuple[dict[SchoolId, School], Sequence[Problem], Sequence[Problem]]:
    """Return (schools without mistakes, errors, warnings) of a file or a folder of them."""
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    schools: dict[SchoolId, School] = {}
    errors: list[Problem] = []
    warnings: list[Problem] = []
    if not files:
        errors.append(Problem(path.name, 1, "", "no *.toml file is in this folder.", "Make one with init."))
    readings = {file: _read(file) for file in files}
    named = [reading.school.policy for reading in readings.values() if reading.school]
    policies = {one.file for policy in named for one in policy.all}
    for file, reading in readings.items():
        if file.name in policies:
            continue  # a school's own policy stands beside it
        errors += reading.errors
        warnings += reading.warnings
        school = reading.school
        if school is not None and school.id in schools:
            what = f'another school has the prefix "{school.prefix}" too.'
            errors.append(
                Problem(file.name, 1, "school.prefix", what, "References would be the same: change one.")
            )
        elif school is not None:
            schools[school.id] = school
    errors += _shared_channels(schools)
    return schools, errors, warnings


def _shared_channels(schools: Mapping[SchoolId, School]) -> Iterator[Problem]:
    """Yield each school whose cases would be posted where another school's leaders or staff read."""
    mend = "Give each school channels of its own."
    leaders: dict[tuple[Platform, str], str] = {}
    for school in schools.values():
        addresses = [school.leadership, *school.restricted.values()]
        for place in sorted({pair for each in addresses for pair in each.items()}):
            owner = leaders.setdefault(place, school.prefix)
            # the try-out keeps schools apart by itself
            if owner != school.prefix and place[0] is not Platform.WEB:
                what = f"{owner} has the same {place[0].value} channel: its leaders would read these cases."
                yield Problem(school.prefix, 1, "places", what, mend)
    for school in schools.values():
        for place in (
            (Platform.SLACK, school.staff.slack_channel),
            (Platform.TEAMS, school.staff.teams_team),
        ):
            owner = leaders.get(place, school.prefix)
            if owner != school.prefix:
                where = f"all staff of {school.prefix} are in this {place[0].value} channel"
                yield Problem(owner, 1, "places", f"{where}: they would read the cases.", mend)


def read_school(text: str, *, file: str = "school.toml") -> Reading:
    """Return the school that ``text`` describes, and everything that is wrong or to be confirmed."""
    source = Source(file, text.translate(_BLANKS))
    school = school_from(source) if not source.errors else None
    if school is not None:
        check_school(school, source)
        check_alike(school, source)
    for line, stands in _unconfirmed(source):
        what = 'this is still marked "check".'
        mend = "Have the school confirm it, then change the comment to: checked, by whom, when."
        source.warnings.append(Problem(file, line, stands, what, mend))
    errors = _told_once(source)
    warnings = sorted(_apart_from(errors, source.warnings), key=lambda problem: problem.line)
    return Reading(None if errors else school, tuple(errors), tuple(warnings))


def _unconfirmed(source: Source) -> Iterator[tuple[int, str]]:
    """Yield (line, key) wherever the comment behind a key or a table's head still says "check"."""
    keys: dict[int, Place] = {}
    for path, line in source.lines.items():
        if line not in keys or len(path) < len(keys[line]):
            keys[line] = path
    for match in TOKEN.finditer(source.text):
        line = source.text.count("\n", 0, match.start()) + 1
        marked = match["comment"] and re.search(r"\bcheck\b", match["comment"])
        if marked and line in keys and not _is_empty(source, keys[line]):
            yield line, dotted(keys[line])


def _is_empty(source: Source, path: Place) -> bool:
    """Return whether nothing stands at a key yet: then there is nothing to confirm."""
    found: object = source.content
    for step in path:
        found = found[step] if isinstance(found, dict | list) else None  # type: ignore[index] # a path of it
    return not (any(found.values()) if isinstance(found, dict) else found)


def _told_once(source: Source) -> list[Problem]:
    """Return the errors by line, and none that follows from another, such as a key that is mistyped."""
    broken = [error.key for error in source.errors if error.what == NO_TABLE]
    below = tuple(f"{table}." for table in broken)
    told = [
        error
        for error in dict.fromkeys(source.errors)
        if error.what == NO_TABLE
        or not (error.key in (*source.meant, *broken) or error.key.startswith(below))
    ]
    return sorted(told, key=lambda problem: problem.line)


def _apart_from(errors: Sequence[Problem], warnings: Sequence[Problem]) -> Iterator[Problem]:
    """Yield the warnings about what no error is about already: one mistake is one message."""
    wrong = [error.key for error in errors]
    for warning in warnings:
        if not any(key == warning.key or key.startswith(f"{warning.key}.") for key in wrong):
            yield warning


def _read(path: Path) -> Reading:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        mend = meant_file(path) or "Is its name right? If there is none yet: report-posting init"
        return _unread(path, "there is no such file.", mend)
    except OSError as error:
        what = f"this file cannot be read ({error.strerror})."
        return _unread(path, what, "It must be a text file that I may read.")
    if strange := no_such_file(raw):
        line, what, mend = strange
        return Reading(None, (Problem(path.name, line, "", what, mend),), ())
    try:
        text = as_text(raw).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = "there is a letter here in another encoding than the rest."
        mend = "Open it in Notepad, choose Save as, and there the encoding UTF-8."
        return Reading(None, (Problem(path.name, line, "", what, mend),), ())
    reading = read_school(text, file=path.name)
    if reading.school is None or not reading.school.letter_files:
        return reading
    school, wrong = with_letters(reading.school, path.parent)
    return Reading(None if wrong else school, (*reading.errors, *wrong), reading.warnings)


def _unread(path: Path, what: str, mend: str) -> Reading:
    return Reading(None, (Problem(path.name, 1, "", what, mend),), ())


def _refusal(errors: Sequence[Problem]) -> SchoolFileError:
    mistakes = "1 mistake" if len(errors) == 1 else f"{len(errors)} mistakes"
    return SchoolFileError(
        "school-file",
        "\n".join([f"The school's file has {mistakes}:", *(f"  {problem}" for problem in errors)]),
        "\nNothing was started. docs/school-file.md describes every key.",
    )
