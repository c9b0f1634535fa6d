"""A school's own policy while it is written: begun from a form, changed row by row, refused where weaker.

What stands in it is what may stand in its file (docs/own-policy.md); half-way it is kept as that would be.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.commands.init import write
from bot.school_file.template import quoted
from flows.errors import PolicyError
from flows.model import URGENCIES, Level
from flows.policy.compare import Comparison, compare
from flows.policy.engine import Policy, duties, load, prove
from flows.policy.own import read_own

Raw = dict[str, Any]
_HEAD = (
    "# Our school's own policy: it only adds to the duties. docs/own-policy.md says what may stand here.\n"
)
#: what a change of a row may be of
TEXTS = ("id", "because", "quote", "police", "legal", "soon")
STEPS = {
    "police": ("", *map(str, Level)),
    "legal": ("", *map(str, Level)),
    "soon": ("", *map(str, URGENCIES)),
}
#: how a row may ask for a consequence
ASKED = ("ask", "consider")
#: the lists of a row that are rows' names
_NAMES = ("matched", "not_matched")


class Draft:
    def __init__(self, folder: Path) -> None:
        """Go on with what is kept in this folder, if anything is."""
        self._folder = folder
        self._file, self._words = folder / "policy.toml.draft", folder / "policy.txt.draft"
        self.duties = {row.id: row for row in load(duties()).table.row}
        self.raw: Raw = {}
        self.words = self.form = ""
        self.begun_with: Policy | None = None
        self.policy: Policy | None = None
        if self._file.exists():
            self.words = self._words.read_text("utf-8")
            self.raw = tomllib.loads(self._file.read_text("utf-8"))
            self.form = self._file.read_text("utf-8").partition("form: ")[2].split("\n")[0]
            self._begin()

    def begin(self, form: str) -> None:
        """Begin anew with a form that comes along."""
        there = files("flows.policy") / "forms"
        self.raw = tomllib.loads((there / f"{form}.toml").read_text("utf-8"))
        self.words = (there / self.raw["words"]).read_text("utf-8")
        self.form = form
        self._begin()
        self._keep()

    def _begin(self) -> None:
        there = files("flows.policy") / "forms"
        text = (there / f"{self.form}.toml").read_text("utf-8")
        words = (there / f"{self.form}.txt").read_text("utf-8")
        self.begun_with = load(duties(), read_own(text), words=words)
        self.policy = load(duties(), read_own(toml_of(self.raw)), words=self.words)

    def differences(self) -> Comparison:
        """Return what comes out differently than by the form it was begun with."""
        if self.begun_with is None or self.policy is None:
            return Comparison(0, 0, ())
        return compare(self.begun_with, self.policy)

    def parts(self, kind: str) -> list[Raw]:
        """Return the rows, or second looks, as written."""
        found: list[Raw] = self.raw.get(kind, [])
        return found

    def part(self, kind: str, name: str) -> Raw | None:
        """Return the row of that name."""
        return next((row for row in self.parts(kind) if row["id"] == name), None)

    def change(self, kind: str, name: str, said: Mapping[str, str]) -> None:
        """Take a row as it is to be. Raises PolicyError where it would not hold; then nothing changes."""
        fresh = deepcopy(self.raw)
        row = next(one for one in fresh[kind] if one["id"] == name)
        for key in TEXTS:
            _put(row, key, said.get(key, "").strip())
        for key in ASKED:
            mine = [each for each in row.get(key, []) if each not in fresh.get("consequence", {})]
            asked = [each for each in fresh.get("consequence", {}) if said.get(f"consequence.{each}") == key]
            _put(row, key, [*mine, *asked])
        if row["id"] != name:
            _rename(fresh, name, row["id"])
        self._take(fresh, self.words)

    def levels(self, duty: str) -> dict[str, str]:
        """Return how firmly and how soon a duty asks."""
        row = self.duties[duty]
        return {"police": row.police, "legal": row.legal, "soon": row.urgency}

    def firmer(self, duty: str, said: Mapping[str, str]) -> None:
        """Make a duty firmer. Raises PolicyError where it would be weaker."""
        own = self.levels(duty)
        more: Raw = {"row": duty}
        for key, steps in STEPS.items():
            wanted = said.get(key, "")
            if wanted not in steps or steps.index(wanted) < steps.index(own[key]):
                what = f"{duty} is a duty: it can be made firmer, and sooner, never weaker."
                raise PolicyError("policy-weaker", what, "Choose what it asks for, or more.", part=key)
            if wanted != own[key]:
                more[key] = wanted
        for key in ("quote", "because"):
            _put(more, key, said.get(key, "").strip())
        fresh = deepcopy(self.raw)
        fresh["more"] = [each for each in fresh.get("more", []) if each["row"] != duty]
        if len(more) > 1:
            fresh["more"].append(more)
        self._take(fresh, self.words)

    def consequence(self, name: str, said: Mapping[str, str]) -> None:
        """Take a consequence. Raises PolicyError where it would not hold."""
        fresh = deepcopy(self.raw)
        mine = fresh.setdefault("consequence", {}).setdefault(name, {})
        mine["do"] = said.get("do", "").strip()
        _put(mine, "letter", said.get("letter", "").strip())
        mine["decide"] = said.get("decide") == "yes"
        self._take(fresh, self.words)

    def reword(self, words: str) -> None:
        """Take the words of the policy. Raises PolicyError where a quote does not stand in them."""
        self._take(deepcopy(self.raw), words.replace("\r\n", "\n"))

    def _take(self, fresh: Raw, words: str) -> None:
        policy = load(duties(), read_own(toml_of(fresh)), words=words)
        prove(load(duties()), policy)
        self.raw, self.words, self.policy = fresh, words, policy
        self._keep()

    def _keep(self) -> None:
        write(self._words, self.words)
        write(self._file, f"# form: {self.form}\n{toml_of(self.raw)}")

    def write(self, since: dt.date) -> str:
        """Write it with the day it is in force from; return the name of its file. Nothing is written over."""
        name = next(name for name in _names(since) if not (self._folder / f"{name}.toml").exists())
        fresh = {**self.raw, "version": name.removeprefix("policy-"), "words": f"{name}.txt"}
        write(self._folder / f"{name}.txt", self.words)
        write(self._folder / f"{name}.toml", _HEAD + toml_of(fresh))
        return f"{name}.toml"


def _names(since: dt.date) -> Iterator[str]:
    yield f"policy-{since}"
    yield from (f"policy-{since}.{number}" for number in range(2, 100))


def _put(into: Raw, key: str, value: str | list[str]) -> None:
    """Put what was said, or take out what is empty."""
    if value:
        into[key] = value
    else:
        into.pop(key, None)


def _rename(fresh: Raw, old: str, new: str) -> None:
    """Call a row by its new name wherever it is named."""

    def renamed(names: list[str]) -> list[str]:
        return [new if name == old else name for name in names]

    for row in (*fresh.get("row", []), *fresh.get("second_look", [])):
        if "after" in row:
            row["after"] = renamed(row["after"] if isinstance(row["after"], list) else [row["after"]])
        for each in (row, *row.get("variant", [])):
            for conditions in (*each.get("when", []), *each.get("unless", [])):
                conditions |= {key: renamed(conditions[key]) for key in _NAMES if key in conditions}


def toml_of(raw: Raw, path: str = "") -> str:
    """Return a policy as its file: single values first, then each part with a head of its own."""
    plain = [f"{key} = {_value(value)}\n" for key, value in raw.items() if not _is_part(value)]
    parts = [(key, value) for key, value in raw.items() if _is_part(value)]
    text = "".join(plain)
    for key, value in parts:
        here = f"{path}{key}"
        if isinstance(value, dict):
            text += "".join(
                f"\n[{here}.{name}]\n{toml_of(each, f'{here}.{name}.')}" for name, each in value.items()
            )
        else:
            text += "".join(f"\n[[{here}]]\n{toml_of(each, f'{here}.')}" for each in value)
    return text


def _is_part(value: object) -> bool:
    """Return whether a value is a part with heads of its own; sets of conditions stand on their lines."""
    if isinstance(value, dict):
        return True
    return (
        isinstance(value, list)
        and bool(value)
        and isinstance(value[0], dict)
        and "id" in {*value[0], *_id(value[0])}
    )


def _id(value: Raw) -> set[str]:
    """Return that a part which adds to a duty is one too."""
    return {"id"} if isinstance(value.get("row"), str) else set()


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return quoted(value)
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case dict():
            return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
        case _:
            return str(value)
