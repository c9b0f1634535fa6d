"""The recipes of CONTRIBUTING are true: what they name is there, and they name few places."""

from __future__ import annotations

import re

import pytest

from tests.source import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
#: A recipe is a paragraph that begins with what is to be added.
RECIPES = {
    found[1]: found[2]
    for found in re.finditer(r"^\*\*… an? ([a-z ]+)[:.].*?\*\*(.*?)(?=\n\n)", TEXT, re.MULTILINE | re.DOTALL)
}
#: How many places at most each of these may send somebody to, tests and words among them.
MOST = {"action": 4, "message": 4, "kind of block": 2, "platform": 6}


def places(recipe: str) -> list[str]:
    """Return the files and folders of ours that a recipe names."""
    return [name for name in re.findall(r"`([^`\s]+)`", recipe) if "/" in name and "NAME" not in name]


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_recipe_names_what_is_there(name: str) -> None:
    """Every file and folder it sends somebody to exists."""
    assert [place for place in places(RECIPES[name]) if not (ROOT / place).exists()] == []


@pytest.mark.parametrize(("name", "most"), MOST.items())
def test_a_recipe_names_few_places(name: str, most: int) -> None:
    """What is added often is added in few places."""
    assert 0 < len(places(RECIPES[name])) <= most, places(RECIPES[name])
