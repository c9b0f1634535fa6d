"""The mistakes that people make in a school's file, each with what they read: one golden page, to be read.

The mistakes were made by people who had never seen TOML, in Notepad, Word and Excel. Each is told on one
line, on the line where it was made, with what to do; one mistake is one message.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from bot.school_file.gaps import gaps
from bot.school_file.load import load_schools, read_school, read_schools

SAMPLE = (files("bot") / "sample" / "school.toml").read_text("utf-8")
TODAY = dt.date(2026, 11, 2)
GOLDEN = Path(__file__).parent / "golden" / "mistakes.md"

CHANNEL = 'leadership = { web = "leadership" }'
#: What was done: (what stood there, what stands there now). Each is refused with one line.
REFUSED: dict[str, tuple[str, str]] = {
    "Word's curly quotes": ('name = "Ash Example"', "name = “Ash Example”"),
    "a date as it is spoken": ("from = 2026-09-03", "from = 03/09/2026"),
    "a date with dots": ("inset_days = [", "inset_days = [02.09.2026, "),
    "a phone number without quotes": ('phone = "01632 960001"', "phone = 01632 960001"),
    "a name without quotes": ('name = "Ash Example"', "name = Ash Example"),
    "a quote left out": ('name = "Ash Example"', 'name = "Ash Example'),
    "nothing behind the =": ('name = "Ash Example"', "name ="),
    "a bracket left out": ('on_call = ["cam", "ash"]', 'on_call = ["cam", "ash"'),
    "a key written twice": ('kind = "maintained"', 'kind = "maintained"\nkind = "academy"'),
    "a part written twice": ("[limits]", "[seats]\n[limits]"),
    "a backslash from Windows": ('name = "Ash Example"', 'name = "Ash\\Example"'),
    "brackets without end": ("[limits]", f"x = {'[' * 3000}\n[limits]"),
    "a key in the wrong part": ("[limits]", '[limits]\nweekday = "monday"'),
    "an e-mail address cut short": ('email = "head@school.example"', 'email = "j.ash@harbour"'),
    "a number that is still to come": ('phone = "01632 960001"', 'phone = "tbc"'),
    "a name for Slack's id": ('web = "ash"', 'slack = "@cedar"'),
    "Slack's id with dots": ('web = "ash"', 'slack = "U01…"'),
    "an e-mail address for Slack's id": ('web = "ash"', 'slack = "head@school.example"'),
    "a channel's id for a person": ('web = "ash"', 'slack = "C01ABCDEF"'),
    "an e-mail address for Entra's id": ('web = "ash"', 'teams = "head@school.example"'),
    "a channel's name": (
        CHANNEL,
        'leadership = { slack = "#leadership-cases" }',
    ),
    "a link to a channel": (
        CHANNEL,
        'leadership = { slack = "https://school.slack.example/archives/C01ABCDEF" }',
    ),
    "a person as the channel": (
        CHANNEL,
        'leadership = { slack = "U01ABCDEF" }',
    ),
    "a direct message as the channel": (
        CHANNEL,
        'leadership = { slack = "D01ABCDEF" }',
    ),
    "a link to a Teams channel": (
        CHANNEL,
        'leadership = { teams = "https://teams.example/l/channel/19%3Aabc%40thread.tacv2/Cases" }',
    ),
    "a whole address for the end of one": ("[staff]", '[staff]\nemail_domains = ["office@school.example"]'),
    "a link without https": ('"https://school.example/complaints"', '"school.example/complaints"'),
    "ten days for an emergency": ('emergency = "10m"', 'emergency = "10d"'),
    "how long cases are kept": ("[limits]", '[retention]\ncase = "6 days"\n\n[limits]'),
    "the Chair's place is the leaders' channel": (
        CHANNEL,
        'leadership = { web = "chair" }',
    ),
    "a mistyped id": ('dsl = ["cam"]', 'dsl = ["kam"]'),
}
#: What is told by ``check`` and stops nothing.
TOLD: dict[str, tuple[str, str]] = {
    "a term in another decade": (
        "terms = [",
        'terms = [\n  { name = "Autumn 2029", from = 2029-09-03, to = 2029-12-18 },',
    ),
    "a clock across the ocean": ('timezone = "Europe/London"', 'timezone = "America/New_York"'),
    "everybody who leads is away": (
        "[seats]",
        '[seats]\naway = [{ person = "ash", from = 2026-11-04, to = 2026-11-06 }]',
    ),
    "no number for the Headteacher": ('phone = "01632 960001"', 'phone = ""'),
    "two people with one number": ('phone = "01632 960002"', 'phone = "01632 960001"'),
    "no number for the night": (', out_of_hours = "01632 960013"', ""),
    "the administrator is the DSL": ('administrator = ["office"]', 'administrator = ["cam"]'),
}


def changed(was: str, now: str) -> str:
    """Return the sample with one mistake in it."""
    assert was in SAMPLE, was
    return SAMPLE.replace(was, now, 1)


def told(text: str) -> list[str]:
    """Return what ``check`` says of a file."""
    reading = read_school(text)
    lines = [str(problem) for problem in (*reading.errors, *reading.warnings)]
    return lines if reading.school is None else [*lines, *gaps(reading.school, TODAY)]


USUAL = set(told(SAMPLE))


@pytest.mark.parametrize("name", REFUSED)
def test_one_mistake_is_one_message(name: str) -> None:
    """What stops a start is told once, in one line, and says what to do."""
    reading = read_school(changed(*REFUSED[name]))
    assert reading.school is None
    (problem,) = reading.errors
    assert problem.mend
    assert "\n" not in str(problem)
    assert "Error" not in str(problem)


@pytest.mark.parametrize("name", TOLD)
def test_what_is_missing_is_told(name: str) -> None:
    """What will be missed on a bad day is told beforehand, and stops nothing."""
    text = changed(*TOLD[name])
    assert read_school(text).school is not None
    assert set(told(text)) - USUAL


def test_what_each_mistake_prints(golden: Callable[[Path, str], None]) -> None:
    """Every mistake, with every line that is printed for it, on one page that reads well."""
    parts = ["# What is said of each mistake in a school's file", ""]
    for name, change in (REFUSED | TOLD).items():
        parts += [
            f"**{name}**",
            "",
            *(f"> {line}" for line in told(changed(*change)) if line not in USUAL),
            "",
        ]
    golden(GOLDEN, "\n".join(parts))


def written(folder: Path, raw: bytes) -> Path:
    """Return a file that holds just these bytes."""
    path = folder / "school.toml"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_files_as_editors_save_them(tmp_path: Path, encoding: str, ends: str) -> None:
    """Notepad's and PowerShell's encodings and any system's line ends are read like any other file."""
    path = written(tmp_path, SAMPLE.replace("\n", ends).encode(encoding))
    assert list(load_schools(path).values()) == [read_school(SAMPLE).school]


def test_another_encoding_is_told_on_its_line(tmp_path: Path) -> None:
    """A file in an old Windows encoding is told with its line and how to save it."""
    plain = SAMPLE.encode("ascii", "replace").decode().replace('name = "Ash Example"', 'name = "Ash É"')
    _, (problem,), _ = read_schools(written(tmp_path, plain.encode("cp1252")))
    assert "É" in plain.split("\n")[problem.line - 1]
    assert "UTF-8" in problem.mend


def test_two_schools_never_share_a_channel(tmp_path: Path) -> None:
    """Two schools with one channel are refused: the leaders of one would read the other's cases."""
    apart = SAMPLE.replace(CHANNEL, 'leadership = { slack = "C01ABCDEF" }')
    (tmp_path / "a.toml").write_text(apart, "utf-8")
    (tmp_path / "b.toml").write_text(apart.replace('prefix = "HPS"', 'prefix = "TWO"'), "utf-8")
    _, errors, _ = read_schools(tmp_path)
    assert [problem.what for problem in errors if "same slack channel" in problem.what]
