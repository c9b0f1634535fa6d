"""A school's own policy as a file: what is said of each mistake, on its line; and who decides by it."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pytest

from bot.commands import check
from bot.context import AppContext
from bot.directory import SchoolDirectory
from bot.school_file.load import load_schools, read_schools
from bot.school_file.own_policy import load_policies, named, read_policy
from bot.school_file.parse import FORMS
from flows.errors import SchoolFileError
from flows.policy.engine import default_policy
from flows.school import SchoolId
from tests.fakes import FakeClock

SAMPLE = (files("bot") / "sample" / "school.toml").read_text("utf-8")
GOLDEN = Path(__file__).parent / "golden" / "own-policy.md"
OURS = """version = "2027-01-05"
words = "ours.txt"

[consequence.talk]
do = "Talk it over, and ask for it to be taken down."

[[row]]
id = "Unkind"
kind = "abuse"
quote = "We ask everybody to be kind."
because = "It is not kind."
when = [{ nature = "abusive", behind_it = "parent" }]
tell = ["headteacher"]
soon = "two_working_days"
ask = ["talk"]

[[row.variant]]
id = "Unkind.again"
when = [{ repeated = "yes" }]
tell = ["dsl"]
"""
MORE = "[[row]]"
PROVED = "in 46,200 situations it weakens no duty."
#: What was done: (what stood there, what stands there now, the line that is named).
REFUSED: dict[str, tuple[str, str, int]] = {
    # ways to have less than the duties
    "a duty deleted": ('words = "ours.txt"', 'words = "ours.txt"\ndelete = ["S3"]', 3),
    "a duty taken away": (MORE, '[[more]]\nrow = "S3"\nremove = true\n[[row]]', 9),
    "a duty narrowed": (MORE, '[[more]]\nrow = "S1"\nunless = [{ targets = "none" }]\n[[row]]', 9),
    "a duty narrowed by a row of its name": ('id = "Unkind"', 'id = "S1"', 8),
    "a duty renamed": (MORE, '[[more]]\nrow = "C3c"\nid = "Adult at risk"\n[[row]]', 9),
    "a hold removed": (MORE, '[[more]]\nrow = "C8v"\nhold = ""\n[[row]]', 9),
    "a hold removed where a threat is sure": (
        MORE,
        '[[more]]\nrow = "C8v"\n[[more.variant]]\nid = "C8v.yes"\nhold = "none"\n[[row]]',
        11,
    ),
    "police on criticism": ('nature = "abusive"', 'nature = "critical_of_leadership"', 15),
    "police for pupils, as for adults": ('behind_it = "parent"', 'behind_it = "pupil"', 15),
    "Legal for what a pupil wrote": (
        'behind_it = "parent" }]',
        'behind_it = "pupil" }]\nlegal = "consider"',
        13,
    ),
    "a seat that does not exist": ('tell = ["headteacher"]', 'tell = ["secretary"]', 13),
    "who is on call, told by a row": ('tell = ["headteacher"]', 'tell = ["on_call"]', 13),
    "the Headteacher told by a variant": ('tell = ["dsl"]', 'tell = ["headteacher"]', 20),
    "a layer of its own": ('kind = "abuse"', 'layer = "safeguarding"', 9),
    "actions that contradict each other": ('ask = ["talk"]', 'ask = ["talk", "preserve_evidence"]', 7),
    "a hold asked for as an action": ('ask = ["talk"]', 'ask = ["hold_contact_with_poster"]', 15),
    # slips
    "a quote that is not in the words": ("everybody to be kind", "all to be kind", 10),
    "words that are not there": ('words = "ours.txt"', 'words = "theirs.txt"', 2),
    "a row without a reason": ('because = "It is not kind."\n', "", 7),
    "a fact that is none": ('behind_it = "parent"', 'shouting = "yes"', 12),
    "somebody else behind it": ('behind_it = "parent"', 'behind_it = "neighbour"', 12),
    "what can never hold": ('nature = "abusive"', 'abusive = false, nature = "abusive"', 12),
    "an action without words": ('ask = ["talk"]', 'ask = ["shout"]', 15),
    "something to consider that is nothing": ('ask = ["talk"]', 'consider = ["shout"]', 15),
    "another time": ('"two_working_days"', '"next week"', 14),
    "another kind": ('kind = "abuse"', 'kind = "rude"', 9),
    "a key that is none": ("soon = ", "deadline = ", 14),
    "text for a list": ('tell = ["headteacher"]', 'tell = "headteacher"', 13),
    "a value without quotes": ('soon = "two_working_days"', "soon = two_working_days", 14),
    "no version": ('version = "2027-01-05"', 'version = ""', 1),
    "a consequence with a name that is taken": ("[consequence.talk]", "[consequence.call_999]", 4),
    "a consequence with a name that is none": ("[consequence.talk]", '[consequence."Talk!"]', 4),
    "a consequence that says nothing": (
        'do = "Talk it over, and ask for it to be taken down."',
        'do = ""',
        5,
    ),
    "more of a row that is no duty": (MORE, '[[more]]\nrow = "Z9"\n[[row]]', 8),
    "a second look at nothing": (
        MORE,
        '[[second_look]]\nid = "B"\nbecause = "So."\nif_any = []\n[[row]]',
        10,
    ),
    "a second look at what cannot happen": (
        MORE,
        '[[second_look]]\nid = "B"\nbecause = "So."\nif_any = ["shrugged"]\n[[row]]',
        10,
    ),
    "a second look after no row": (
        MORE,
        '[[second_look]]\nid = "B"\nafter = "Rude"\nbecause = "So."\nif_any = ["goes_on"]\n[[row]]',
        7,
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a school's file, its policy and the words of that."""
    (tmp_path / "school.toml").write_text(SAMPLE + 'file = "ours.toml"\n', "utf-8")
    (tmp_path / "ours.toml").write_text(OURS, "utf-8")
    (tmp_path / "ours.txt").write_text("Our policy.\nWe ask everybody\nto be kind.\n", "utf-8")
    return tmp_path


def changed(name: str) -> str:
    """Return the file with one mistake in it."""
    was, now, _ = REFUSED[name]
    assert was in OURS, was
    text = OURS.replace(was, now, 1)
    return text.replace('ask = ["talk"]', 'police = "recommend"') if "police" in name else text


def checked(folder: Path) -> list[str]:
    """Return the lines that ``check`` prints of a school's own policy, and its exit code before them."""
    out = io.StringIO()
    code = asyncio.run(check.run(folder / "school.toml", out=out, environment={}))
    return [str(code), *re.findall(r"HPS: (.*(?:ours\.toml|own policy).*)", out.getvalue())]


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.unwatched
def test_a_mistake_is_one_line_and_names_its_own(name: str, folder: Path) -> None:
    """``check`` refuses the file in one line, with the line of the mistake and what to do."""
    (folder / "ours.toml").write_text(changed(name), "utf-8")
    code, told = checked(folder)
    assert (code, told.partition(":")[0].partition(", line ")[2].partition(",")[0]) == (
        "2",
        str(REFUSED[name][2]),
    ), told
    with pytest.raises(SchoolFileError, match=re.escape(told)):
        load_policies(folder / "school.toml", load_schools(folder / "school.toml"))


@pytest.mark.slow
def test_what_each_mistake_prints(golden: Callable[[Path, str], None], folder: Path) -> None:
    """Every mistake with its line on one page that reads well."""
    parts = ["# What is said of each mistake in a school's own policy", ""]
    for name in REFUSED:
        (folder / "ours.toml").write_text(changed(name), "utf-8")
        parts += [f"**{name}**", "", f"> {read_policy(folder / 'ours.toml').problem}", ""]
    golden(GOLDEN, "\n".join(parts))


@pytest.mark.unwatched
def test_a_policy_of_ones_own_is_proved_and_decided_by(folder: Path) -> None:
    """Check says in how many situations it weakens no duty, and the school decides by it."""
    assert checked(folder) == [
        "0",
        f"its own policy of 2027-01-05 (duties: {default_policy().version}) is understood; {PROVED}",
    ]
    schools = load_schools(folder / "school.toml")
    (policy,) = load_policies(folder / "school.toml", schools).values()
    assert [row.id for row in policy.table.row if row.id == "Unkind"] == ["Unkind"]


@pytest.mark.unwatched
def test_a_policy_beside_its_school_is_no_school(folder: Path) -> None:
    """In a folder of schools a policy's file is not taken for one of them; each school has its own policy."""
    other = SAMPLE.replace('prefix = "HPS"', 'prefix = "TWO"')
    (folder / "two.toml").write_text(other, "utf-8")
    schools, errors, _ = read_schools(folder)
    assert ([*schools], list(errors)) == ["HPS", "TWO"] or not errors
    policies = load_policies(folder, schools)
    assert policies[schools[SchoolId("TWO")].policy] is default_policy()
    assert policies[schools[SchoolId("HPS")].policy] is not default_policy()


def test_a_file_and_a_form_are_one_too_many(folder: Path) -> None:
    """A school names its own file or a form, not both."""
    (folder / "school.toml").write_text(SAMPLE + 'file = "ours.toml"\nform = "county"\n', "utf-8")
    with pytest.raises(SchoolFileError, match=r"policy\.form: the school's own file is named as well"):
        load_schools(folder / "school.toml")


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("ours.toml", None, "there is no such file"),
        ("ours.toml", b'version = "\xff"', "another encoding"),
        ("ours.txt", b"\xff", "another encoding"),
        ("ours.toml", "folder", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read(name: str, raw: bytes | str | None, said: str, folder: Path) -> None:
    """What is not there, or no text, is said in words."""
    (folder / name).unlink()
    if isinstance(raw, bytes):
        (folder / name).write_bytes(raw)
    elif raw:
        (folder / name).mkdir()
    assert said in str(read_policy(folder / "ours.toml").problem)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.unwatched
def test_the_forms_that_come_along_are_files_like_any_other(form: str, folder: Path) -> None:
    """Each packaged form passes where a school's own would have to, and a school can decide by it."""
    packaged = Path(str(files("flows.policy") / "forms" / f"{form}.toml"))
    reading = read_policy(packaged)
    assert (reading.problem, reading.tried > 46_000) == (None, True)
    (folder / "school.toml").write_text(f'{SAMPLE}form = "{form}"\n', "utf-8")
    (policy,) = load_policies(folder / "school.toml", load_schools(folder / "school.toml")).values()
    assert reading.policy is not None
    assert policy.table == reading.policy.table


@pytest.mark.feature("policy-in-force-from")
def test_a_policy_is_in_force_from_a_day(folder: Path) -> None:
    """Until that day the one before it decides, in the school's own time; both are proved and kept."""
    school_file = folder / "school.toml"
    dated = 'file = "ours.toml"\nfrom = 2027-01-05\nbefore = "talk_first"\n'
    school_file.write_text(school_file.read_text("utf-8").replace('file = "ours.toml"\n', dated), "utf-8")
    schools = load_schools(school_file)
    (school,) = schools.values()
    policies = load_policies(school_file, schools)
    clock = FakeClock()
    context = AppContext(
        store=cast("Any", None),
        directory=SchoolDirectory(schools),
        clock=clock,
        policies=policies,
        chats={},
        new_id=str,
        signing_seed=bytes(32),
    )
    for at, version in (
        ("2027-01-04T23:59:00+00:00", named("talk_first").version),
        ("2027-01-05T00:00:00+00:00", "2027-01-05"),
    ):
        clock.at = dt.datetime.fromisoformat(at)
        assert context.policy_of(school).version.startswith(version)
    assert any("(from 2027-01-05) is understood" in line for line in checked(folder))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('before = "county"', "policy.before: from and before belong together"),
        ("from = 2027-01-05", "policy.from: from and before belong together"),
    ],
)
def test_a_day_and_what_holds_until_then_belong_together(folder: Path, lines: str, said: str) -> None:
    """One without the other is refused."""
    file = folder / "school.toml"
    file.write_text(file.read_text("utf-8") + f"{lines}\n", "utf-8")
    with pytest.raises(SchoolFileError, match=said):
        load_schools(file)
