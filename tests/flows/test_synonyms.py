"""What people may type for a choice: every word of it, kept where its change is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from flows.intake import synonyms

GOLDEN = Path(__file__).parent / "golden" / "synonyms.txt"


def listed(name: str, value: object) -> Iterable[str]:
    """Return a table of words, a line for each of its meanings."""
    if isinstance(value, set | frozenset):
        yield f"{name}: {' · '.join(sorted(value))}"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from listed(f"{name} {key}", inner)
    else:
        yield f"{name}: {value}"


def test_every_word_that_is_understood(golden: Callable[[Path, str], None]) -> None:
    """Who types *nope*, *the head* or *dunno* is understood today as they were yesterday."""
    tables = {name: value for name, value in vars(synonyms).items() if name.lstrip("_").isupper()}
    golden(GOLDEN, "\n".join(line for name, value in tables.items() for line in listed(name, value)) + "\n")
