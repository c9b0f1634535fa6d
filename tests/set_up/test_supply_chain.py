"""What the program is made of, and whether any of it is known to be vulnerable: said with care."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from requirements import bill, check, vulnerabilities
from tests.source import ROOT

LOCK = (ROOT / "requirements" / "run.txt").read_text("ascii")


@pytest.mark.feature("bill-of-materials")
def test_the_bill_holds_the_lock_and_nothing_else(tmp_path: Path) -> None:
    """Every package of the lock with its version and each hash; CycloneDX's own schema takes it."""
    assert bill.main(ROOT, tmp_path) == 0
    made = json.loads((tmp_path / "sbom.cdx.json").read_text("utf-8"))
    parts = {f"{one['name']}=={one['version']}": one for one in made["components"]}
    assert set(parts) == {re.sub(r"\[.*\]", "", line) for line in check.locked(LOCK)}
    hashes = {each["content"] for one in parts.values() for each in one["hashes"]}
    assert hashes == set(bill._HASH.findall(LOCK))  # noqa: SLF001 - what is written in the lock
    assert {one["ref"] for one in made["dependencies"]} >= {"report-posting", *parts}
    assert (tmp_path / "licences.md").read_text("utf-8").count("\n| ") == len(parts) + 1


def test_the_same_lock_gives_the_same_bill(tmp_path: Path) -> None:
    """No day and no number by chance stands in it: two of one lock are the same bytes."""
    for folder in ("one", "two"):
        bill.main(ROOT, tmp_path / folder)
    for name in ("sbom.cdx.json", "licences.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("licence", "may"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT AND AGPL-3.0-only) OR Commercial", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_which_licences_will_do(licence: str, may: bool) -> None:  # noqa: FBT001 - a table
    """One of a choice is enough; of what holds together all must have been looked at."""
    assert bill.accepted(licence) is may


def test_a_licence_nobody_looked_at_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which package it is, and what to do."""
    monkeypatch.setattr(bill, "ACCEPTED", bill.ACCEPTED - {"MIT"})
    (tinydb,) = [line for line in bill.faults(bill.pieces(LOCK)) if line.startswith("tinydb ")]
    assert "its licence is MIT. Read it" in tinydb


def test_what_is_not_installed_is_named() -> None:
    """A package of this system that is not there cannot be asked; one of another system need not be."""
    missing = bill.pieces('no-such-package==1 \\\nanother-one==1 ; sys_platform == "plan9" \\\n')
    assert [line.partition(":")[0] for line in bill.faults(missing)] == ["no-such-package"]


def said(*found: dict[str, Any]) -> str:
    """Return what pip-audit would answer."""
    return json.dumps({"dependencies": found, "fixes": []})


CLEAN = {"name": "one", "version": "1", "vulns": []}
SKIPPED = {"name": "two", "skip_reason": "not found"}
KNOWN = {
    "name": "three",
    "version": "3",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3.1"]}],
}


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (said(CLEAN), 0, "1 packages were looked up, 0 known vulnerabilities.\n"),
        (said(CLEAN, SKIPPED), 0, "NOT looked up: two"),
        (said(CLEAN, KNOWN), 1, "three 3: PYSEC-1, mended in 3.1\n"),
        (said(SKIPPED, SKIPPED), 0, vulnerabilities.LOUD),
        (said(), 0, vulnerabilities.LOUD),
        ("", 0, vulnerabilities.LOUD),
        ("Traceback (most recent call last)", 0, vulnerabilities.LOUD),
        ("[]", 0, vulnerabilities.LOUD),
    ],
)
def test_what_is_said_of_vulnerabilities(answer: str, code: int, words: str) -> None:
    """Where nothing was looked up it says so loudly; pip-audit's own "none known" is not believed then."""
    found, text = vulnerabilities.told(answer)
    assert (found, words in text) == (code, True)


def test_what_was_set_aside_is_not_counted() -> None:
    """By its own id or another name of it, with a reason that stands beside it."""
    for name in ("PYSEC-1", "CVE-1"):
        assert vulnerabilities.told(said(KNOWN), {name: "An invented reason."})[0] == 0
    assert all(len(reason) > 10 for reason in vulnerabilities.SET_ASIDE.values())


def test_ci_makes_and_says_all_of_it() -> None:
    """The bill fails the run, the day's news does not; neither is left out."""
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "\nmake sbom\n" in run
    assert "\nmake vulnerabilities || echo" in run
    assert "\n.ci/deploy\n" in run
