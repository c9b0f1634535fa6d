"""``init``: what it asks, what it takes, what it writes, and that nobody answers twice."""

from __future__ import annotations

import datetime as dt
import io
import os
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.__main__ import OK, STOPPED, WRONG_INPUT, main
from bot.commands.init import run
from bot.commands.init_questions import Question, collect
from bot.school_file.gaps import gaps
from bot.school_file.load import read_school
from bot.school_file.template import quoted, render
from bot.school_file.usual_terms import usual_terms
from flows.calendar import is_bank_holiday, is_working_day
from flows.errors import InvalidAnswer
from flows.school import School, Seat, WorkingTime

TODAY = dt.date(2026, 11, 2)
ANSWERS = """
chat = "slack"
[school]
name = 'Sample "Quoted" Primary'
complaints_procedure = "https://school.example/complaints"
[headteacher]
name = "Mrs J Ash"
email = "head@school.example"
phone = "01632 960001"
slack = "U0ONE"
[dsl]
name = "mrs j  ash"
[chair_of_governors]
name = "Ellis Specimen"
email = "chair@school.example"
[vice_chair]
name = "Dr Zoë Ash-Björk, OBE"
email = "vice.chair@school.example"
[staff]
email_domain = "school.example"
[lado]
phone = "01632 960011"
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path) -> tuple[School, str]:
    """Return the school that was written, and its file."""
    text = (folder / "school.toml").read_text("utf-8")
    reading = read_school(text)
    assert reading.errors == ()
    assert reading.school is not None
    return reading.school, text


def test_a_file_of_answers_will_do(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It becomes a school's file that loads, with comments, and says what is left."""
    (own_folder / "answers.toml").write_text(ANSWERS, "utf-8")
    assert main(["init", "--answers", "answers.toml"]) == OK
    school, text = written(own_folder)
    assert (school.name, school.prefix) == ('Sample "Quoted" Primary', "SQP")
    assert {seat: list(people) for seat, people in school.seats.items()} == {
        Seat.HEADTEACHER: ["ash"],
        Seat.DSL: ["ash"],
        Seat.CHAIR: ["specimen"],
        Seat.VICE_CHAIR: ["ashbjork"],
        Seat.ON_CALL: ["ash"],
    }
    assert (school.lado.phone, school.staff.email_domains) == ("01632 960011", ("school.example",))
    assert len(school.time.terms) == 3
    assert text.count("#") > 20
    said = capsys.readouterr().out
    assert "safeguarding.lado: this is still marked" in said
    assert "calendar.terms[0]: this is still marked" in said


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Mrs J Ash", "ash"),
        ("Ash", "ash"),
        ("Dr Anne-Marie O’Neill", "oneill"),
        ("Sam Ash (acting)", "ash"),
        ("Ellis Ash, BEd", "ash"),
        ("Prof. Ash O.B.E.", "ash"),
        ("Ash MEd NPQH", "ash"),
        ("Zoë Müller", "muller"),
        ("Ash " + "x" * 100, "x" * 30),
        ("王 明", "person"),
    ],
)
def test_ids_are_surnames(name: str, person: str) -> None:
    """A person's id is their surname in plain letters, whatever stands around it."""
    given = {"school.prefix": "HPS", "headteacher.name": name, "dsl.name": f"Kim {name}"}
    text = render(given, ())
    assert f"[people.{person}]" in text
    assert f"[people.{person}2]" in text


@pytest.mark.parametrize(
    "typed",
    ['" ]\nx = "', "Zoë O’Brien \\ {name}", "\x00\x1b[31m", "\u202eevil", "# check", "'''", "💥" * 50, "{0}"],
)
def test_what_was_typed_stays_text(typed: str) -> None:
    """Nothing that is typed into an answer can become anything but text."""
    given = {
        "school.name": typed,
        "school.prefix": "HPS",
        "calendar.bank_holidays": "england",
        "school.kind": "academy",
    }
    for seat in ("headteacher", "dsl", "chair_of_governors", "vice_chair"):
        given |= {f"{seat}.name": f"{typed} {seat}", f"{seat}.email": f"{seat}@school.example"}
    reading = read_school(render(given, usual_terms(TODAY)))
    assert [problem for problem in reading.errors if problem.key != "school.name"] == []
    assert "\n" not in quoted(typed)


def test_what_is_to_be_mended_is_told(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Answers that do not fit together are written down all the same, and what is wrong is told."""
    same = ANSWERS.replace("vice.chair@school.example", "chair@school.example")
    (own_folder / "answers.toml").write_text(same, "utf-8")
    assert main(["init", "--answers", "answers.toml"]) == WRONG_INPUT
    assert (own_folder / "school.toml").exists()
    assert "has the same email account" in capsys.readouterr().out


#: what was answered, what is answered instead -> what it is refused with
REFUSED: dict[str, tuple[str, str, str]] = {
    "no vice-chair and nobody else": ("[vice_chair]", "[vice_share]", "substitute_governor.name is missing"),
    "the Headteacher as Chair": (
        'name = "Ellis Specimen"',
        'name = "MRS J ASH"',
        "could take over in a conflict",
    ),
    "an e-mail address cut short": ("head@school.example", "j.ash@harbour", "not a whole e-mail address"),
    "a number that is still to come": ("01632 960001", "tbc", "not a phone number"),
    "an e-mail address for a name": ("Mrs J Ash", "head@school.example", "This is an e-mail address"),
    "a phone number for a name": ("Ellis Specimen", "01632 960001", "This is a phone number"),
    "a name for Slack's id": ("U0ONE", "@ash", "This is a name"),
    "a whole address for its end": (
        'domain = "school',
        'domain = "office@school',
        "not the end of a school's e-mail",
    ),
    "a link without https": ("https://school.example/complaints", "school.example/c", "not a link"),
    "nobody can be reached": ('email = "chair@school.example"', "", "chair_of_governors.email is missing"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_at_once(
    own_folder: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """What ``check`` would refuse later is refused where it is asked; nothing is written."""
    was, now, words = REFUSED[name]
    assert was in ANSWERS
    (own_folder / "answers.toml").write_text(ANSWERS.replace(was, now, 1), "utf-8")
    assert main(["init", "--answers", "answers.toml"]) == WRONG_INPUT
    assert words in capsys.readouterr().err
    assert not (own_folder / "school.toml").exists()


def test_what_is_asked_is_what_check_demands() -> None:
    """Whoever answers only what is needed has a file that loads, with terms and somebody on call."""

    def briefly(question: Question) -> str:
        seat, _, detail = question.key.partition(".")
        if not question.needed:
            return question.usual
        if question.key == "school.name":
            return "Sample Primary School"
        return f"{seat}@school.example" if detail == "email" else question.usual or f"Kim {seat}"

    given = collect(briefly)
    assert "vice_chair.name" not in given
    assert given["substitute_governor.name"]
    school = read_school(render(given, usual_terms(TODAY))).school
    assert school is not None
    assert school.seats[Seat.ON_CALL]
    assert not [gap for gap in gaps(school, TODAY) if "term" in gap]


@pytest.mark.parametrize("year", range(2024, 2036))
def test_the_usual_terms_can_be(year: int) -> None:
    """Each begins and ends on a working day, its half-term is a week within, and none overlaps the next."""
    terms, plain = usual_terms(dt.date(year, 9, 1)), WorkingTime()
    for term in terms:
        assert is_working_day(term.first, plain), term
        assert is_working_day(term.last, plain), term
        assert term.half_term
        assert term.first < term.half_term[0] < term.half_term[1] < term.last
    assert terms[0].last < terms[1].first
    assert terms[1].last < terms[2].first
    assert terms[2].half_term
    assert is_bank_holiday(terms[2].half_term[0], plain), "the week of the bank holiday at the end of May"


@pytest.mark.parametrize(
    ("today", "first"), [(dt.date(2026, 5, 31), "Autumn 2025"), (dt.date(2026, 6, 1), "Autumn 2026")]
)
def test_the_usual_terms_are_of_the_year_that_is_planned(today: dt.date, first: str) -> None:
    """From June on it is the year that begins in September."""
    assert usual_terms(today)[0].name == first


NAMES = ["Mrs J Ash", "", "Mrs J Ash", "", "Ellis Specimen", "Fern Placeholder", "", ""]


def typed() -> list[str]:
    """Return what somebody types who answers as briefly as they can, one line a question."""
    lines = ["Sample Primary School", "", "", "", "", "", "", "", ""]
    for name in NAMES:
        lines.append(name)
        if name and lines.count(name) == 1:
            lines += ["", f"{name.split()[-1].lower()}@school.example"]
    return [*lines, "", "", *[""] * 8, ""]


def asked(lines: list[str], *, stop: bool = False) -> int:
    """Let somebody at a keyboard answer ``init``."""
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text("".join(f"{line}\r" for line in lines) + ("\x03" if stop else ""))
        if not stop:
            pipe.close()  # one question more than there are answers ends the test instead of holding it up
        return main(["init"])


def test_a_person_is_asked(own_folder: Path) -> None:
    """A person named for a second seat is not asked for again; nothing is left but the school's file."""
    assert asked(typed()) == OK
    school, _ = written(own_folder)
    assert (school.prefix, school.kind) == ("SPS", "maintained")
    assert set(school.people) == {"ash", "specimen", "placeholder"}
    assert [path.name for path in own_folder.iterdir()] == ["school.toml"]


@pytest.mark.parametrize("after", [1, 9, 14, 20])
def test_who_stops_goes_on_where_they_stopped(
    own_folder: Path, capsys: pytest.CaptureFixture[str], after: int
) -> None:
    """Ctrl-C loses nothing: the same command asks only what is left."""
    lines = typed()
    assert asked(lines[:after], stop=True) == STOPPED
    assert "What you answered is kept" in capsys.readouterr().out
    kept = own_folder / "school.toml.answers"
    assert os.name != "posix" or kept.stat().st_mode & 0o077 == 0
    assert asked(lines[after:]) == OK
    assert f"Going on after {after} answer" in capsys.readouterr().out
    interrupted = written(own_folder)
    (own_folder / "school.toml").unlink()
    assert asked(lines) == OK
    assert written(own_folder) == interrupted


def test_who_stops_at_once_leaves_nothing(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was answered, so nothing is kept."""
    assert asked([], stop=True) == STOPPED
    assert "Nothing was written" in capsys.readouterr().err
    assert list(own_folder.iterdir()) == []


@pytest.mark.parametrize("place", ["absent/school.toml", "file/school.toml", "folder"])
def test_where_nothing_can_be_written_nothing_is_asked(own_folder: Path, place: str) -> None:
    """The place is looked at first; no answer is lost, and nothing half is left."""
    (own_folder / "file").write_text("x", "utf-8")
    (own_folder / "folder").mkdir()
    before = sorted(own_folder.rglob("*"))
    with pytest.raises(InvalidAnswer) as told:
        run(own_folder / place, answers=None, force=True, out=io.StringIO(), today=TODAY)
    assert "Nothing was asked yet" in str(told.value)
    assert sorted(own_folder.rglob("*")) == before
