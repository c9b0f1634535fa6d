"""The locks: what a developer has holds what a school has, extras too; one that does not hold is refused."""

from __future__ import annotations

import re
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from requirements import check
from tests.source import ROOT


def lock(name: str) -> str:
    """Return a lock's text."""
    return (ROOT / f"requirements/{name}.txt").read_text("ascii")


def test_developers_have_what_schools_have() -> None:
    """Every package of the run lock stands in the other with the same version, extras and hashes."""
    run, dev = (set(re.split(r"\n(?=\S)", lock(name).strip())) for name in ("run", "dev"))
    assert run - dev == set()


def test_only_the_installer_is_fetched_before_it() -> None:
    """One package is what pip has to fetch, and no lock names it a second time.

    pip stands in the developers' lock, under pip-audit, which reads lists with it: it installs nothing.
    """
    assert [line.split("==")[0] for line in check.locked(lock("uv"))] == ["uv"]
    assert not re.search(r"^uv==", lock("dev"), re.MULTILINE)
    assert not re.search(r"^(uv|pip)==", lock("run"), re.MULTILINE)


def test_extras_that_a_package_asks_for_are_locked() -> None:
    """What is asked for with an extra is locked with it: an older pip takes it for another package."""
    locked = {Requirement(line).name: Requirement(line).extras for line in check.locked(lock("dev"))}
    asked = [
        (needed, found.name)
        for found in distributions()
        if canonicalize_name(found.name) in locked
        for needed in map(Requirement, found.requires or ())
        if needed.extras and (needed.marker is None or needed.marker.evaluate({"extra": ""}))
    ]
    assert [
        (needed.name, by)
        for needed, by in asked
        if not needed.extras <= locked[canonicalize_name(needed.name)]
    ] == []
    assert asked, "this proves something only while something is asked for"


def wheel(folder: Path, name: str, version: str, *needs: str, extra: str = "") -> None:
    """Write an empty package that asks for others."""
    said = [
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}",
        *(f"Requires-Dist: {n}" for n in needs),
    ]
    said += [f"Provides-Extra: {extra}"] if extra else []
    inside = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{inside}/METADATA", "\n".join(said) + "\n")
        file.writestr(f"{inside}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{inside}/RECORD", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("locked", "expected"),
    [
        ("meter[toml]==1\nruler==1\n", ""),
        ("meter==1\nruler==1\n", "dev.txt: meter[toml]==1 is missing"),
        ("meter[toml]==1\n", "dev.txt: ruler==1 is missing"),
        ("meter[toml]==1\nruler==1\nspare==1\n", "dev.txt: nothing asks for spare==1"),
        ("meter[toml]==2\nruler==1\n", "dev.txt does not resolve"),
    ],
    ids=[
        "whole",
        "an extra stripped",
        "a package missing",
        "a package too many",
        "a version nobody may have",
    ],
)
def test_a_lock_that_does_not_hold_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    locked: str,
    expected: str,
) -> None:
    """With only locked versions in sight, what is wanted and what is locked must be the same."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for version in ("1", "2"):
        wheel(shelf, "meter", version, extra="toml")
    wheel(shelf, "ruler", "1", "meter[toml]<2")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "case"\nversion = "1"\nrequires-python = ">=3.11"\n'
        '[dependency-groups]\ndev = ["ruler"]\n',
        "utf-8",
    )
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/run.txt").write_text("", "utf-8")
    (tmp_path / "requirements/dev.txt").write_text(locked, "utf-8")
    code = check.main(tmp_path, "--no-index", "--find-links", str(shelf))
    said = capsys.readouterr()
    assert code == (1 if expected else 0)
    assert expected in said.err
