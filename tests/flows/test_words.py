"""Every sentence asked for exists, with the gaps that are filled; every one that exists is asked for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pytest

from flows import words
from flows.words import known, say

ROOT = Path(__file__).parents[2]
#: What may stand where a name is put together.
GAP = "[A-Za-z0-9_-]+"
ROOMS = ("flows", "storage", "adapters", "bot")


class Asked(NamedTuple):
    """A call of ``say``: what its name may be, the gaps it fills (None = any), and where it stands."""

    pattern: re.Pattern[str]
    gaps: frozenset[str] | None
    place: str


@cache
def sentences() -> dict[str, str]:
    """Return every sentence by name, as the files hold them; a name that stands twice fails here."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "flows" / "words" / "en").glob("*.toml")):
        alone: dict[str, str] = {}
        words._flatten("", words.tomllib.loads(path.read_text("utf-8")), alone)  # noqa: SLF001 - read one by one
        assert not found.keys() & alone.keys(), f"{path.name} says again what another file says"
        found |= alone
    return found


def gaps_of(text: str) -> frozenset[str]:
    """Return the gaps of a sentence."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


@cache
def trees() -> dict[str, ast.Module]:
    """Return the source of every room, parsed."""
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in paths}


def pattern(node: ast.expr) -> Iterator[re.Pattern[str]]:
    """Return what a name written like this may be; nothing for a name that is only handed on."""
    match node:
        case ast.Constant(value=str() as name):
            yield re.compile(re.escape(name))
        case ast.JoinedStr(values=parts):
            text = (re.escape(str(p.value)) if isinstance(p, ast.Constant) else GAP for p in parts)
            yield re.compile("".join(text))
        case ast.IfExp(body=body, orelse=orelse):
            yield from pattern(body)
            yield from pattern(orelse)


@cache
def called(name: re.Pattern[str]) -> tuple[str, ...]:
    """Return the sentences that a name written like this may call."""
    plain = name.pattern.replace("\\", "")
    if GAP not in name.pattern:
        return (plain,) if plain in sentences() else ()
    return tuple(found for found in sentences() if name.fullmatch(found))


@cache
def asked() -> tuple[Asked, ...]:
    """Return every call of ``say`` whose name is written there."""
    return tuple(_asked())


def _asked() -> Iterator[Asked]:
    for place, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                names = [k.arg for k in node.keywords]
                gaps = None if None in names else frozenset(name for name in names if name)
                for found in pattern(node.args[0]):
                    yield Asked(found, gaps, f"{place}:{node.lineno}")


@pytest.mark.unwatched
def test_every_sentence_asked_for_exists() -> None:
    """A name that is asked for is in the table; one that is put together matches at least one."""
    missing = [call.place for call in asked() if not called(call.pattern)]
    assert missing == []


@pytest.mark.unwatched
def test_every_sentence_is_asked_for() -> None:
    """A sentence nobody asks for is a sentence nobody reads: it is removed."""
    written = [
        found
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for found in pattern(node)
    ]
    whole = {found.pattern.replace("\\", "") for found in written if GAP not in found.pattern}
    begun = [found for found in written if GAP in found.pattern and re.match(r"[a-z]", found.pattern)]
    for path in (ROOT / "adapters").rglob("*.html"):
        text = path.read_text("utf-8")
        whole.update(re.findall(r"""say\(["']([^"']+)["']\s*[,)]""", text))
        begun += [re.compile(re.escape(p) + GAP) for p in re.findall(r"""say\(["']([^"']+)["']\s*~""", text)]
    unused = [name for name in sentences() if name not in whole and not any(p.fullmatch(name) for p in begun)]
    assert unused == []


@pytest.mark.unwatched
def test_the_gaps_match() -> None:
    """What is filled in has a gap to go to, and every gap is filled."""
    wrong = []
    for call in asked():
        texts = [sentences()[name] for name in called(call.pattern)]
        if call.gaps is None or not texts:
            continue
        # A name that is put together may look like its neighbours', whose gaps are not its own.
        fitting = [gaps for gaps in map(gaps_of, texts) if gaps <= call.gaps]
        if not fitting or frozenset().union(*fitting) != call.gaps:
            wrong.append(call.place)
    assert wrong == []


def test_what_is_not_there_is_an_error() -> None:
    """A name that does not exist is a mistake of ours and says so at once."""
    assert not known("no.such.sentence")
    with pytest.raises(KeyError):
        say("no.such.sentence")


def test_gaps_are_filled() -> None:
    """What fills a gap stands in the sentence as it is, braces and all."""
    assert say("summary.notice", ref="{HPS}") == sentences()["summary.notice"].replace("{ref}", "{HPS}")


def test_the_table_is_in_the_package() -> None:
    """The sentences travel with the package and are read from there."""
    assert {name for name in sentences() if not known(name)} == set()
    assert (files("flows.words") / "en" / "case.toml").is_file()
