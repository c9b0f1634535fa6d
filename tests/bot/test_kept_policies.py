"""A policy that was decided by is kept as it was, and one version is one text."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bot.school_file.kept_policies import keep, keep_in
from bot.school_file.load import load_schools
from flows.case.actions import table as do
from flows.errors import SchoolFileError
from flows.messages import templates
from flows.policy.engine import Policy, duties, load
from flows.policy.own import read_own
from flows.school import Platform, School
from flows.ui.plain_text import card_text
from storage.memory import MemoryStore
from tests.flows.matter import ABUSE, HEAD, SCHOOL, Matter, by_form

SAMPLE = (files("bot") / "sample" / "school.toml").read_text("utf-8")
OURS = 'version = "2027-01-05"\nwords = "ours.txt"\n'


@pytest.fixture
def school(tmp_path: Path) -> School:
    """Return a school with a policy of its own, in the folder of this test."""
    (tmp_path / "school.toml").write_text(SAMPLE + 'file = "ours.toml"\n', "utf-8")
    (tmp_path / "ours.toml").write_text(OURS, "utf-8")
    (tmp_path / "ours.txt").write_text("Be kind.", "utf-8")
    (found,) = load_schools(tmp_path / "school.toml").values()
    return found


def start(folder: Path, school: School) -> None:
    """Do what the start of the bot does."""
    keep(f"tinydb:{folder}/store.db", folder, [school])


def test_a_policy_is_kept_with_its_words(tmp_path: Path, school: School) -> None:
    """Text and words stand beside the store by school, version and hash; once, however often it starts."""
    start(tmp_path, school)
    start(tmp_path, school)
    kept = sorted((tmp_path / "store.db.policies").iterdir())
    assert [path.suffix for path in kept] == [".toml", ".txt"]
    assert all(path.name.startswith("HPS_2027-01-05_") for path in kept)
    assert [path.read_text("utf-8") for path in kept] == [OURS, "Be kind."]


@pytest.mark.parametrize("name", ["ours.toml", "ours.txt"])
async def test_one_version_is_one_text_where_no_file_lasts(name: str, tmp_path: Path, school: School) -> None:
    """On a hosting service it is kept in the store, and a changed file is refused there as well."""
    store = MemoryStore()
    for _ in range(2):
        await keep_in(store, tmp_path, [school])
    (key,) = await store.records(Platform.EMAIL, "policy/")
    kept = await store.record(Platform.EMAIL, key)
    assert kept is not None
    assert sorted(msgspec.json.decode(kept)) == sorted(["Be kind.", OURS])
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    with pytest.raises(SchoolFileError, match=r"policy of 2027-01-05 is not what it was"):
        await keep_in(store, tmp_path, [school])


@pytest.mark.parametrize("name", ["ours.toml", "ours.txt"])
def test_one_version_is_one_text(name: str, tmp_path: Path, school: School) -> None:
    """A changed file is refused until it has a version of its own; the old one stays as it was."""
    start(tmp_path, school)
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    with pytest.raises(SchoolFileError, match=r"policy of 2027-01-05 is not what it was") as refused:
        start(tmp_path, school)
    assert "HPS_2027-01-05_" in refused.value.hint
    changed = (tmp_path / "ours.toml").read_text("utf-8").replace("2027-01-05", "2027-02-01")
    (tmp_path / "ours.toml").write_text(changed, "utf-8")
    start(tmp_path, school)
    assert len([*(tmp_path / "store.db.policies").glob("*.toml")]) == 2


def test_what_comes_along_is_not_kept(tmp_path: Path, school: School) -> None:
    """A packaged form comes with the program, and a store that forgets keeps nothing."""
    start(tmp_path, replace(school, policy=SCHOOL.policy))
    keep("memory:", tmp_path, [school])
    assert not (tmp_path / "store.db.policies").exists()


def test_a_case_is_decided_again_by_the_newest_and_says_so() -> None:
    """What a case was decided by stands in it; decided again by a newer version, its thread says by which."""
    form_of_ours, both = by_form("talk_first"), f"2027-01-05 (duties: {load(duties()).version})"
    matter = Matter(ABUSE, policy=form_of_ours)
    assert matter.case.decision.policy_version == form_of_ours.version
    old = matter.case.decision.reasons
    matter.policy = newer()
    matter.do(do.TakeOn(), HEAD)
    assert matter.case.decision.reasons == old
    again = replace(matter.case.report, answers={**ABUSE, "repeated": "yes"})
    matter.do(do.Correct(again, ("repeated",), "x"), HEAD)
    assert matter.case.decision.policy_version == both
    line = card_text(templates.update(matter.case, matter.events[-1], SCHOOL, matter.at))
    assert line.endswith(f"By the policy of {both} this time.")


def newer() -> Policy:
    """Return a version that a school has agreed to since."""
    return load(duties(), read_own('version = "2027-01-05"'))
