"""CONTRIBUTING's recipe for a question that the policy looks at, followed to the letter in a copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source import ROOT

pytestmark = pytest.mark.slow  # copies the core and starts Python anew

#: In each file the recipe names: what is put in, and before what.
RECIPE: dict[str, list[tuple[str, str]]] = {
    "flows/questions/table.py": [
        ('    choice("seen_by_many", *YES_NO),\n', '    text("first_seen"),\n'),
        (
            '    yield Row(page="since", name="seen_by_many", when=FULL)\n',
            '    yield Row(page="since", name="first_seen", when=FULL)\n',
        ),
    ],
    "flows/words/en/questions.toml": [
        ('[question.seen_by_many]\nlabel = "Have many people seen it?"\n\n', "[question.first_seen]\n"),
    ],
    "flows/policy/duties.toml": [
        ('seen_by_many = "many people saw it"\n', 'rep = "it is about staff'),
        (
            """[[row]]
id = "M"
layer = "setting"
because = "Many people saw it."
late = true
when = [{ seen_by_many = ["yes"] }]
soon = "urgent"

""",
            '[[row]]\nid = "F"\n',
        ),
    ],
    "tests/policy/rows.toml": [
        ('[M]\nfires = { seen_by_many = "yes" }\nnear = { seen_by_many = "no" }\n\n', "[F]\n"),
    ],
}
#: What the copy must do: ask it, tell the policy, let the row apply, let leaders correct it, and print it.
PROOF = """
from bot.commands.policy import policy_page
from flows.case.corrections import CORRECTABLE
from flows.intake.settled import settle
from flows.policy.assessment import assess
from flows.policy.engine import decide, default_policy

assert "seen_by_many" in [row.name for row in settle({}).asked["since"]]
heard = settle({"seen_by_many": "yes"}).known
assert heard == {"seen_by_many": "yes"}
reasons = {reason.row: reason for reason in decide(default_policy(), assess(heard)).reasons}
assert reasons["M"].facts == {"seen_by_many": "yes"}
assert "M" not in {reason.row for reason in decide(default_policy(), assess({})).reasons}
assert "seen_by_many" in CORRECTABLE
assert "many people saw it (yes)" in policy_page.page()
"""


def paragraph(heading: str) -> str:
    """Return one recipe of CONTRIBUTING."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    found = re.search(rf"^\*\*… {heading}\.\*\* (.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_recipe_names_four_files_and_what_follows_from_others() -> None:
    """A question with a fact and a row is written in four places, all of them there."""
    named = set(re.findall(r"`([\w./]+\.(?:py|toml))`", paragraph("a question")))
    assert named == {*RECIPE, "flows/policy/facts.py"}
    assert len(RECIPE) == 4
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


def test_a_question_that_follows_the_recipe_is_asked_heard_matched_and_printed(tmp_path: Path) -> None:
    """Four files changed, and the question reaches the reporter, the policy, the leaders and the page."""
    for room in ("flows", "bot", "storage", "tests/policy"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests/conftest.py", tmp_path / "tests/conftest.py")
    for name, parts in RECIPE.items():
        text = (tmp_path / name).read_text("utf-8")
        for new, before in parts:
            assert text.count(before) == 1, before
            text = text.replace(before, new + before)
        (tmp_path / name).write_text(text, "utf-8")
    rows = ["-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(tmp_path), "tests/policy/test_rows.py"]
    for command in (["-c", PROOF], rows):
        done = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
