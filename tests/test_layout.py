"""The house keeps its shape: rooms laid out alike, small files, small functions, names that say something."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.source import PLATFORMS, ROOT, SOURCES, imports, nodes, relative, tree

OURS = (*SOURCES, *sorted((ROOT / "bench").rglob("*.py")), *sorted((ROOT / "docs").glob("*.py")))
PARTS = ("parse", "render", "limits", "listen", "send", "manifest")
MOST_FILES = 16
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
# Words that say nothing about what a thing is (docs/glossary.md has the ones that do).
EMPTY_WORDS = {
    "data",
    "info",
    "manager",
    "util",
    "utils",
    "helper",
    "helpers",
    "process",
    "item",
}


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function of a file, nested ones too."""
    return [node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_every_room_says_where_to_begin() -> None:
    """A package opens with what it is for and the file to read first; a contract holds its floor."""
    contracts = (ROOT / "pyproject.toml").read_text("utf-8")
    for room in ("flows", "bot", "storage"):
        for door in sorted((ROOT / room).glob("*/__init__.py")):
            package = f"{room}.{door.parent.name}"
            idea = ast.get_docstring(tree(door)) or ""
            assert idea, f"{package} must say what it is for"
            named = set(re.findall(r"[a-z_]+", idea))
            inside = {path.stem for path in door.parent.glob("*.py")} - {"__init__"}
            assert named & inside or not inside, f"{package} must name where to begin"
            assert re.search(rf"\b{package}\b", contracts), f"no contract in pyproject.toml holds {package}"


def test_rooms_stay_small() -> None:
    """A folder of more than sixteen files is two rooms; a platform's is as large as the platform is."""
    sizes = {
        relative(door.parent): len(list(door.parent.glob("*.py"))) - 1
        for room in ("flows", "bot", "storage")
        for door in sorted((ROOT / room).rglob("__init__.py"))
    }
    assert {room: size for room, size in sizes.items() if size > MOST_FILES} == {}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_platform_has_the_same_rooms(platform: str, part: str) -> None:
    """Who knows one platform's folder knows them all."""
    file = ROOT / "adapters" / platform / f"{part}.py"
    assert file.is_file(), f"write {relative(file)}, or say in docs/decisions/ why {platform} has none"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_parsing_and_rendering_neither_wait_nor_connect(platform: str) -> None:
    """parse, render, limits and manifest are plain functions over values: no coroutine and no network."""
    for part in ("parse", "render", "limits", "manifest"):
        path = ROOT / "adapters" / platform / f"{part}.py"
        waits = [node.lineno for node in nodes(path) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]
        assert waits == [], relative(path)
        kits = {name.split(".")[0] for name in imports(path)}
        assert not kits & {"aiohttp", "socket", "urllib", "asyncio"}, relative(path)


def test_files_are_short() -> None:
    """A file over 300 lines is doing two jobs."""
    long = {
        relative(path): lines
        for path in OURS
        if (lines := path.read_text("utf-8").count("\n")) > LONGEST_FILE
    }
    assert long == {}


def test_functions_are_short() -> None:
    """A function over 40 lines is read twice and understood once."""
    long = {
        f"{relative(path)}:{node.lineno} {node.name}": size
        for path in OURS
        for node in functions(path)
        if (size := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_names_say_something() -> None:
    """No name of ours is made of a word that could stand for anything."""
    empty = set()
    for path in SOURCES:
        if set(path.stem.split("_")) & EMPTY_WORDS:
            empty.add(relative(path))
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", node.name)}
                if words & EMPTY_WORDS:
                    empty.add(f"{relative(path)}:{node.lineno} {node.name}")
    assert empty == set()


def test_every_file_says_what_it_is_for() -> None:
    """Each module opens with its idea in a sentence or more."""
    silent = [relative(path) for path in SOURCES if tree(path).body and not ast.get_docstring(tree(path))]
    assert silent == []


def test_every_ignored_rule_has_its_reason() -> None:
    """Each rule that ruff leaves out, in pyproject.toml or at a line, says why beside it."""
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    ruff = pyproject[pyproject.index("[tool.ruff.lint]") :]
    bare = [line for line in ruff.splitlines() if re.match(r'^\s+"[A-Z]+[0-9]*"', line) and "#" not in line]
    for path in OURS:
        bare += [
            f"{relative(path)}: {line.strip()}"
            for line in path.read_text("utf-8").splitlines()
            if re.search(r"#\s*noqa(?::\s*[A-Z0-9, ]+)?$", line)
        ]
    assert bare == []


def test_packages_are_locked_by_hash_and_name_no_place() -> None:
    """Each locked package has a hash, and no lock names where packages come from."""
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text("utf-8")
        assert "://" not in text, lock.name
        wanted = re.findall(r"^([a-z0-9][\w.-]*)(?:\[.*\])?==", text, re.MULTILINE)
        hashed = r"^[a-z0-9][\w.-]*(?:\[.*\])?==.*\\\n\s+--hash=sha256:[0-9a-f]{64}"
        locked = re.findall(hashed, text, re.MULTILINE)
        assert len(wanted) == len(locked) > 0, lock.name
    assert '"resolved"' not in (ROOT / "tests/e2e/package-lock.json").read_text("utf-8")


def test_what_the_project_asks_for_is_locked() -> None:
    """Every dependency that pyproject.toml names stands in both locks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for lock, wanted in (
        ("run", project["project"]["dependencies"]),
        ("dev", project["project"]["dependencies"] + project["dependency-groups"]["dev"]),
    ):
        text = re.sub(r"\[.*\]", "", (ROOT / f"requirements/{lock}.txt").read_text("utf-8"))
        names = {re.split(r"[<>=!~\[;]", line)[0].strip().lower().replace("_", "-") for line in wanted}
        missing = {name for name in names if f"\n{name}==" not in f"\n{text}"}
        assert missing == set(), f"make lock writes requirements/{lock}.txt again"
