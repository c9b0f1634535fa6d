"""A school's own templates of letters: files beside its own, read with it, each mistake by file and line."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from bot.config.environment import as_text
from bot.school_file.toml_table import Problem, Table
from flows.letters.table import NAMES
from flows.letters.template import faults
from flows.school import School


def with_letters(school: School, folder: Path) -> tuple[School, tuple[Problem, ...]]:
    """Return the school with what stands in its templates, and all that is wrong with them."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for letter in (one for one in NAMES if one in school.letter_files):
        name, key = school.letter_files[letter], f"letters.{letter}"
        try:
            text = as_text((folder / name).read_bytes()).replace("\r\n", "\n").replace("\r", "\n")
        except (OSError, ValueError) as error:
            problems.append(Problem(name, 1, key, *_unread(error)))
            continue
        problems += [Problem(name, one.line, key, one.what, one.mend) for one in faults(letter, text)]
        texts[letter.value] = text
    return replace(school, letters=texts), tuple(problems)


def _unread(error: OSError | ValueError) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return "there is no such file.", "It is looked for beside the file that names it."
    if isinstance(error, UnicodeDecodeError):
        return "this is no text in UTF-8.", "Save it as plain text, encoding UTF-8: not as a Word file."
    return f"this file cannot be read ({type(error).__name__}).", "It must be a text file that I may read."


def letter_files(table: Table) -> dict[str, str]:
    """Return which files a school names for its letters."""
    named = {letter.value: table.text(letter.value) for letter in NAMES}
    table.finish()
    return {letter: file for letter, file in named.items() if file}
