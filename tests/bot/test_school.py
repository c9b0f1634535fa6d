"""A school's file: what is read from it, and how every mistake in it is told."""

from __future__ import annotations

import datetime as dt
import random
import re
from importlib.resources import files
from pathlib import Path

import pytest

from bot.school_file.load import load_schools, read_school
from bot.school_file.toml_lines import lines_of
from flows.errors import SchoolFileError
from flows.school import Away, Contact, PersonId, Platform, Seat, Term
from tests.often import often

SAMPLE = (files("bot") / "sample" / "school.toml").read_text("utf-8")

#: (what stands in the sample, what stands there instead, line of the mistake is the line that holds, words)
MISTAKES = {
    "no Chair": (
        'chair_of_governors = ["ellis"]\n',
        "",
        "[seats]",
        ["seats.chair_of_governors", "nobody is the Chair of governors", 'chair_of_governors = ["…"]'],
    ),
    "an empty Chair": (
        'chair_of_governors = ["ellis"]',
        "chair_of_governors = []",
        "chair_of_governors = []",
        ["nobody is the Chair"],
    ),
    "no DSL": ('\ndsl = ["cam"]', "", "[seats]", ["seats.dsl", "nobody is the DSL"]),
    "Head and Chair in one": (
        'chair_of_governors = ["ellis"]',
        'chair_of_governors = ["ash"]',
        'chair_of_governors = ["ash"]',
        ['"ash" is Headteacher and Chair of governors', "Name somebody else"],
    ),
    "a stand-in on the other side": (
        'vice_chair = ["fern"]',
        'vice_chair = ["fern", "ash"]',
        'vice_chair = ["fern", "ash"]',
        ['"ash" is Headteacher and vice-chair'],
    ),
    "DSL and deputy DSL in one": (
        'deputy_dsl = ["dee"]',
        'deputy_dsl = ["cam"]',
        'deputy_dsl = ["cam"]',
        ['"cam" is DSL and deputy DSL'],
    ),
    "Chair and vice-chair in one": (
        'vice_chair = ["fern"]',
        'vice_chair = ["ellis"]',
        'vice_chair = ["ellis"]',
        ['"ellis" is Chair of governors and vice-chair'],
    ),
    "vice-chair and substitute in one": (
        'substitute_governor = ["gale"]',
        'substitute_governor = ["fern"]',
        'substitute_governor = ["fern"]',
        ['"fern" is vice-chair and substitute governor'],
    ),
    "Head and deputy in one": (
        'deputy_headteacher = ["bryn"]',
        'deputy_headteacher = ["ash"]',
        'deputy_headteacher = ["ash"]',
        ['"ash" is Headteacher and deputy headteacher'],
    ),
    "away the wrong way round": (
        "[seats]",
        '[seats]\naway = [{ person = "ash", from = 2027-01-04, to = 2026-12-21 }]',
        "away =",
        ["seats.away[0].to", "before the first day"],
    ),
    "nobody left to lead": (
        'vice_chair = ["fern"]\nsubstitute_governor = ["gale"]\n',
        "",
        'chair_of_governors = ["ellis"]',
        ['"ellis" (Chair of governors) must not know', "nobody is left to lead", "vice_chair"],
    ),
    "overlapping terms": (
        "from = 2027-01-04",
        "from = 2026-12-18",
        '"Spring 2027"',
        ["calendar.terms[1]", 'begins before "Autumn 2026" has ended'],
    ),
    "half-term outside its term": (
        "half_term = [2026-10-26, 2026-10-30]",
        "half_term = [2026-10-26, 2027-10-30]",
        '"Autumn 2026"',
        ["calendar.terms[0].half_term", "outside its term"],
    ),
    "a term the wrong way round": ("to = 2026-12-18", "to = 2026-08-18", '"Autumn 2026"', ["ends before it"]),
    "a date in quotes": ("from = 2026-09-03", 'from = "2026-09-03"', '"Autumn 2026"', ["not a date"]),
    "nobody of that id": (
        'dsl = ["cam"]',
        'dsl = ["kam"]',
        'dsl = ["kam"]',
        ['"kam" is nobody', "Did you mean cam?", "[people.kam]"],
    ),
    "an administrator nobody knows": (
        '"office"]                      #',
        '"offise"] #',
        "offise",
        ["school.administrator[0]", "Did you mean office?"],
    ),
    "a person nobody can reach": ('web = "jo"', "", "[people.jo]", ["people.jo", "nobody can reach"]),
    "two people with one account": (
        'web = "jo"',
        'web = "brook"',
        'web = "brook"',
        ["brook has the same web"],
    ),
    "two people with one e-mail": (
        '"chair@school',
        '"HEAD@school',
        '"HEAD@school',
        ["people.ellis.email", "ash has the same email account"],
    ),
    "an unknown key": (
        "policy_link",
        "policy_lnk",
        "policy_lnk",
        ["school.policy_lnk", "Did you mean policy_link?"],
    ),
    "an unknown table": ("[limits]", "[limit]", "[limit]", ["limit", "Did you mean limits?"]),
    "an unknown seat": ("on_call =", "oncall =", "oncall =", ["seats.oncall", "Did you mean on_call?"]),
    "an unknown key in a term": (
        'name = "Spring 2028", from',
        'nme = "Spring 2028", from',
        "Spring 2028",
        ["calendar.terms[4].nme", "Did you mean name?"],
    ),
    "an unknown zone": ("Europe/London", "Europe/Penzance", "Europe/Penzance", ["no such time zone"]),
    "a time that is none": (
        'same_day_cutoff = "15:00"',
        'same_day_cutoff = "25:00"',
        "25:00",
        ["not a time of day"],
    ),
    "a cut-off after closing": (
        'same_day_cutoff = "15:00"',
        'same_day_cutoff = "18:00"',
        "18:00",
        ["up to 17:00"],
    ),
    "a length of time that is none": ('emergency = "10m"', "emergency = 10", "emergency = 10", ['"10m"']),
    "a length of time that is endless": ('"10m"', '"99999999999999d"', "9999999d", ["not a length"]),
    "a digest while the clocks change": ('time = "08:00"', 'time = "01:30"', "01:30", ["clocks change"]),
    "a weekday that is none": ('"monday"', '"mondy"', "mondy", ["Did you mean monday?"]),
    "a nation that is none": ('"england"', '"inglund"', "inglund", ["Did you mean england?"]),
    "a prefix that is none": ('prefix = "HPS"', 'prefix = "hps 1"', "hps 1", ["2 to 8 capitals"]),
    "no name": ('name = "Hypothetical Primary School"\n', "", "[school]", ["school.name", "missing"]),
    "a number that is none": (
        "evidence_mb = 10",
        "evidence_mb = 0",
        "evidence_mb = 0",
        ["whole number from 1"],
    ),
    "a table that is none": (
        'lado = { name = "LADO"',
        'lado = "LADO" # {',
        'lado = "LADO"',
        ["must be a part of its own"],
    ),
    "working hours upside down": (
        '["08:00", "17:00"]',
        '["17:00", "08:00"]',
        '"17:00", "08:00"',
        ["ends before"],
    ),
    "no TOML at all": ('prefix = "HPS"', 'prefix = "HPS', 'prefix = "HPS', ["a quote is missing here"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str) -> None:
    """Each mistake is refused with its line, its key and its mend."""
    before, after, line_holds, words = MISTAKES[name]
    assert SAMPLE.count(before) >= 1
    text = SAMPLE.replace(before, after, 1)
    line = next(n for n, line in enumerate(text.splitlines(), 1) if line_holds in line)
    if name.startswith("two people with one account"):
        line = text.splitlines().index('web = "brook"', line) + 1
    reading = read_school(text)
    assert reading.school is None
    told = [str(problem) for problem in reading.errors]
    fitting = [one for one in told if one.startswith(f"school.toml, line {line},") or f"line {line}:" in one]
    assert any(all(word in one for word in words) for one in fitting), told


def test_sample_is_whole() -> None:
    """The packaged sample school has neither mistakes nor open facts."""
    reading = read_school(SAMPLE)
    assert (reading.errors, reading.warnings) == ((), ())
    assert reading.school is not None


def test_no_real_school_is_named() -> None:
    """Whose policy it is stands in the policy's own words and nowhere else."""
    root = Path(__file__).parents[2]
    real = (root / "flows/policy/forms/county.txt").read_text("utf-8").split("\n\n")[1].split()[0]
    here = [
        path.relative_to(root).as_posix()
        for folder in ("bot", "docs", "flows", "adapters")
        for path in (root / folder).rglob("*")
        if path.suffix in {".py", ".toml", ".md", ".txt", ".json", ".html", ".yaml"}
        and real.lower() in path.read_text("utf-8").lower()
    ]
    assert here == ["flows/policy/forms/county.txt"]


def test_sample_as_read() -> None:
    """Every part of the file arrives where the core looks for it."""
    school = read_school(SAMPLE).school
    assert school is not None
    assert (school.id, school.name, school.kind) == ("HPS", "Hypothetical Primary School", "maintained")
    assert (PersonId("cam"), PersonId("ash")) == school.seats[Seat.ON_CALL]
    accounts = school.people[PersonId("ellis")].accounts
    assert accounts == {Platform.WEB: "ellis", Platform.EMAIL: "chair@school.example"}
    assert school.leadership == {Platform.WEB: "leadership"}
    assert school.restricted == {Seat.CHAIR: {Platform.WEB: "chair"}}
    half_term = (dt.date(2026, 10, 26), dt.date(2026, 10, 30))
    first = Term("Autumn 2026", dt.date(2026, 9, 3), dt.date(2026, 12, 18), half_term)
    assert first == school.time.terms[0]
    assert dt.timedelta(minutes=20) == school.deadlines.acknowledge_urgent
    assert (0, dt.time(8)) == (school.digest.weekday, school.digest.time)
    assert Contact(name="LADO", phone="01632 960011", email="lado@council.example") == school.lado


def test_away_and_workspaces() -> None:
    """Planned absences and the workspace of each platform are read too."""
    text = SAMPLE.replace(
        "[staff]", 'away = [ { person = "ash", from = 2026-12-21, to = 2027-01-04 } ]\n\n[staff]'
    ).replace("[places]", '[places]\nworkspace = { slack = "T0HPS", teams = "" }')
    school = read_school(text).school
    assert school is not None
    assert (Away(PersonId("ash"), dt.date(2026, 12, 21), dt.date(2027, 1, 4)),) == school.away
    assert school.workspaces == {Platform.SLACK: "T0HPS"}


def test_terms_in_any_order() -> None:
    """Terms may be listed in any order; what overlaps is found all the same."""
    lines = SAMPLE.splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if "Autumn 2026" in line)
    lines[first], lines[first + 4] = lines[first + 4], lines[first]
    shuffled = "".join(lines)
    assert read_school(shuffled).errors == ()
    (problem,) = read_school(shuffled.replace("to = 2026-12-18", "to = 2027-01-29")).errors
    assert (problem.key, problem.what) == (
        "calendar.terms[1]",
        'this term begins before "Autumn 2026" has ended.',
    )


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """One reading tells every mistake, in the order of their lines."""
    path = tmp_path / "school.toml"
    text = SAMPLE.replace("policy_link", "policy_lnk").replace('dsl = ["cam"]', 'dsl = ["kam"]')
    path.write_text(text.replace("Europe/London", "Europe/Penzance"), "utf-8")
    with pytest.raises(SchoolFileError) as told:
        load_schools(path)
    message = str(told.value)
    assert "The school's file has 3 mistakes:" in message
    assert message.index("time zone") < message.index("policy_lnk") < message.index("kam")


def test_headteacher_may_be_dsl() -> None:
    """A small school whose Headteacher is the DSL is let in, with a warning."""
    reading = read_school(SAMPLE.replace('dsl = ["cam"]', 'dsl = ["ash"]', 1))
    assert reading.school is not None
    assert [warning.what for warning in reading.warnings] == [
        "the Headteacher is the DSL as well: what is about one is kept from both."
    ]


@pytest.mark.parametrize(
    ("staff", "told"),
    [
        ("", ["only seat holders may report."]),
        ('email_domains = ["school.example"]', []),
        ('slack_channel = "C01ABCDEF"', []),
        ('slack_user_group = "S01ABCDEF"', []),
        ('teams_team = "19:abc@thread.tacv2"', []),
    ],
)
def test_nobody_but_seat_holders_is_told(staff: str, told: list[str]) -> None:
    """A school that names no staff hears that only its leaders may report."""
    own = '[staff]\npeople = ["brook", "jo", "office"]'
    assert own in SAMPLE
    reading = read_school(SAMPLE.replace(own, f"[staff]\n{staff}", 1))
    assert reading.school is not None
    assert [warning.what for warning in reading.warnings] == told


def test_a_channel_is_known_by_either_name() -> None:
    """An older file has a channel's id under the user group: it is a channel all the same."""
    older = read_school(SAMPLE.replace("[staff]", '[staff]\nslack_user_group = "C01ABCDEF"', 1)).school
    assert older is not None
    assert (older.staff.slack_channel, older.staff.slack_user_group) == ("C01ABCDEF", "")


def test_unconfirmed_facts_are_repeated() -> None:
    """A fact marked "check" is told until the mark is gone; "checked" is no such mark."""
    marked = SAMPLE.replace('email = "legal@council.example"', 'email = "legal@council.example"  # check')
    (warning,) = read_school(marked).warnings
    assert ("legal.email", marked[: marked.index("# check")].count("\n") + 1) == (warning.key, warning.line)
    assert read_school(marked.replace("# check", "# checked, office, 24 November")).warnings == ()


def test_an_empty_file() -> None:
    """An empty file is one mistake with what to do, not a list of everything that is missing."""
    (problem,) = read_school("").errors
    assert "empty" in problem.what
    assert "init" in problem.mend


def test_folder_of_schools(tmp_path: Path) -> None:
    """A folder gives one school per file, by prefix; the same prefix twice is refused."""
    (tmp_path / "a.toml").write_text(SAMPLE, "utf-8")
    (tmp_path / "b.toml").write_text(SAMPLE.replace('prefix = "HPS"', 'prefix = "TWO"'), "utf-8")
    assert sorted(load_schools(tmp_path)) == ["HPS", "TWO"]
    (tmp_path / "c.toml").write_text(SAMPLE, "utf-8")
    with pytest.raises(SchoolFileError, match="school-file") as told:
        load_schools(tmp_path)
    assert "c.toml, line 1, school.prefix" in str(told.value)


@pytest.mark.parametrize(("name", "content"), [("absent", None), ("latin", b'name = "caf\xe9"')])
def test_unreadable_files(tmp_path: Path, name: str, content: bytes | None) -> None:
    """A file that is absent or no UTF-8 is one clear error."""
    path = tmp_path / f"{name}.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SchoolFileError) as told:
        load_schools(path)
    assert f"{name}.toml, line 1" in str(told.value)


def test_an_empty_folder(tmp_path: Path) -> None:
    """A folder without a school is an error, not a deployment of no schools."""
    with pytest.raises(SchoolFileError) as told:
        load_schools(tmp_path)
    assert "no *.toml" in str(told.value)


def test_lines() -> None:
    """Lines are found in every way TOML has of writing a key."""
    text = (
        'a = 1 # [not.a.table]\n\n[b]\nc.d = """\n[x]\n"""\n"e.f" = [ # one\n  { g = 1 },\n  2,\n]\n'
        "[[h]]\ni = 2026-01-01 10:00:00\n[[h]]\ni = [[], [1]]\n[j.k]\nl = { m = 'x', n = {} }\n"
    )
    found = lines_of(text)
    expected = {
        ("a",): 1,
        ("b",): 3,
        ("b", "c"): 4,
        ("b", "c", "d"): 4,
        ("b", "e.f"): 7,
        ("b", "e.f", 0): 8,
        ("b", "e.f", 0, "g"): 8,
        ("b", "e.f", 1): 9,
        ("h",): 11,
        ("h", 0): 11,
        ("h", 0, "i"): 12,
        ("h", 1): 13,
        ("h", 1, "i"): 14,
        ("h", 1, "i", 0): 14,
        ("h", 1, "i", 1): 14,
        ("h", 1, "i", 1, 0): 14,
        ("j",): 15,
        ("j", "k"): 15,
        ("j", "k", "l"): 16,
        ("j", "k", "l", "m"): 16,
        ("j", "k", "l", "n"): 16,
    }
    assert expected == found


def test_docs_describe_every_key() -> None:
    """docs/school-file.md names every key that the file may hold."""
    root = Path(__file__).parents[2]
    source = (root / "bot" / "school_file" / "parse.py").read_text("utf-8")
    asked = re.findall(
        r"\.(?:text|shaped|time|times|date|dates|texts|table|tables|choice|duration|number)\(\s*\"(\w+)\"",
        source,
    )
    listed = re.findall(r"_(?:people_listed|addresses|contact)\(\w+, \"(\w+)\"", source)
    known = {*asked, *listed, *(seat.value for seat in Seat)}
    docs = (root / "docs" / "school-file.md").read_text("utf-8")
    assert {key for key in known if not re.search(rf"\b{key}\b", docs)} == set()
    assert len(known) > 50


VALUES = [
    '""',
    '"x"',
    "0",
    "-1",
    "1.5",
    "true",
    "[]",
    "{}",
    '["a"]',
    "[1]",
    "[[]]",
    "[{}]",
    "{a=1}",
    "2026-01-01",
    "2026-13-01",
    "10:00:00",
    "2026-01-01T00:00:00Z",
    '"💥"',
    "nan",
    "9999-12-31",
    "0001-01-01",
    '"99:99"',
    '"10m"',
    '"99999999999999d"',
    '"slack"',
    '"a\\nb"',
    '"\\u0000"',
    "'''",
    '"',
]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_no_file_breaks_the_reading(seed: int) -> None:
    """However a file is spoilt, it is either read or refused with places that exist; it never crashes."""
    chance = random.Random(seed)  # noqa: S311 - no secret, and the same every time
    for _ in range(often(300)):
        text = spoilt(chance)
        reading = read_school(text)
        assert (reading.school is None) == bool(reading.errors)
        for problem in (*reading.errors, *reading.warnings):
            assert 1 <= problem.line <= text.count("\n") + 1
            assert str(problem)


def spoilt(chance: random.Random) -> str:
    """Return the sample with a few lines lost, repeated, given another value or mistyped."""
    lines = SAMPLE.splitlines()
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(lines))
        line = lines[place]
        match chance.randrange(5):
            case 0:
                del lines[place]
            case 1:
                lines.insert(place, chance.choice(lines))
            case 2:
                at = chance.randrange(len(line) + 1)
                lines[place] = line[:at] + chance.choice("\"[]{}=.,#'\\x") + line[at + chance.randint(0, 1) :]
            case _:
                values = list(re.finditer(r'(?<== )("[^"]*"|\[[^\]]*\]|[^",}\s]+)', line))
                if values:
                    old = chance.choice(values)
                    lines[place] = line[: old.start()] + chance.choice(VALUES) + line[old.end() :]
    return "\n".join(lines)
