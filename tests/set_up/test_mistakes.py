"""The mistakes that people make while they set it up, each with what they read: one golden page, to be read.

They were made by people who had never seen TOML, in Notepad, Word and Excel, in a terminal and at a keyboard.
Each is told on one line, with what to do; one mistake is one message.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import io
import os
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.commands import check
from bot.config import load
from bot.school_file.gaps import gaps
from bot.school_file.load import load_schools, read_school, read_schools
from flows.errors import SettingsError

SAMPLE = (files("bot") / "sample" / "school.toml").read_text("utf-8")
TODAY = dt.date(2026, 11, 2)
NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
GOLDEN = Path(__file__).parent / "golden" / "mistakes.md"

CHANNEL = 'leadership = { web = "leadership" }'
#: What was done: (what stood there, what stands there now). Each is refused with one line.
REFUSED: dict[str, tuple[str, str]] = {
    "Word's curly quotes": ('name = "Ash Example"', "name = “Ash Example”"),
    "a date as it is spoken": ("from = 2026-09-03", "from = 03/09/2026"),
    "a date with dots": ("inset_days = [", "inset_days = [02.09.2026, "),
    "a date in words": ("from = 2026-09-03", "from = 3 September 2026"),
    "a date with one digit": ("from = 2026-09-03", "from = 2026-9-3"),
    "a year of two digits": ("from = 2026-09-03", "from = 03/09/26"),
    "a day that is none": ("from = 2026-09-03", "from = 2026-02-30"),
    "the wrong century": ("from = 2026-09-03", "from = 1926-09-03"),
    "a bracket of a part left out": ("[people.ash]", "[people.ash"),
    "a part without brackets": ("[people.ash]", "people.ash"),
    "a blank for a dot": ("[people.ash]", "[people ash]"),
    "a capital in a part": ("[people.ash]", "[People.ash]"),
    "a capital in a key": ('name = "Ash Example"', 'Name = "Ash Example"'),
    "quotes within quotes": ('name = "Ash Example"', 'name = "Ash "Ashy" Example"'),
    "a comma at the end, as in Excel": ('name = "Ash Example"', 'name = "Ash Example",'),
    "a comma left out": ('on_call = ["cam", "ash"]', 'on_call = ["cam" "ash"]'),
    "two people in one pair of quotes": ('on_call = ["cam", "ash"]', 'on_call = ["cam, ash"]'),
    "a list without brackets": ('on_call = ["cam", "ash"]', 'on_call = "cam, ash"'),
    "a number with its unit": ("evidence_mb = 10", "evidence_mb = 10 MB"),
    "more than a chat hands over": ("evidence_mb = 10", "evidence_mb = 10000"),
    "times as people say them": ('["08:00", "17:00"]', '["8am", "5pm"]'),
    "an e-mail address for a name": ('name = "Ash Example"', 'name = "ash@school.example"'),
    "a phone number for a name": ('name = "Ash Example"', 'name = "01632 960001"'),
    "a user's name for a name": ('name = "Ash Example"', 'name = "@ash"'),
    "half a phone number": ('phone = "01632 960001"', 'phone = "01632"'),
    "a link for an e-mail address": ('email = "head@school.example"', 'email = "mailto:head@school.example"'),
    "Slack's id in small letters": ('web = "ash"', 'slack = "u01abcdef"'),
    "Slack's id as Slack shows it": ('web = "ash"', 'slack = "<@U01ABCDEF>"'),
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
    "a time with a dot": ('same_day_late = "12:00"', 'same_day_late = "12.30"'),
    "a number that Excel has cut": ('phone = "01632 960001"', 'phone = "1632960001"'),
    "a number without its +": ('phone = "01632 960001"', 'phone = "441632960001"'),
    "the emergency number as somebody's own": ('phone = "01632 960001"', 'phone = "999"'),
    "letters that turn round": ('name = "Ash Example"', 'name = "Ash \\u202eelpmaxE"'),
    "a name on two lines": ('name = "Ash Example"', 'name = """Ash\nExample"""'),
    "a name without end": ('name = "Ash Example"', f'name = "{"Ash " * 50}"'),
    "an address that anybody may have": (
        'people = ["brook", "jo", "office"]',
        'people = ["brook", "jo", "office"]\nemail_domains = ["gmail.com"]',
    ),
    "the end of all schools' addresses": (
        'people = ["brook", "jo", "office"]',
        'people = ["brook", "jo", "office"]\nemail_domains = ["sch.uk"]',
    ),
    "an id with a stroke": ("[people.jo]", '[people."jo"]\nname = "Jo"\nweb = "j"\n[people."slack:U01"]'),
    "an accent in an id": ("[people.ash]", "[people.zoë]"),
    "an apostrophe in an id": ("[people.ash]", "[people.o'neill]"),
    "a seat's name as people write it": ('headteacher = ["ash"]', 'head_teacher = ["ash"]'),
    "a name for an id": ('headteacher = ["ash"]', 'headteacher = ["Ash Example"]'),
    "an id without quotes": ('headteacher = ["ash"]', "headteacher = [ash]"),
    "a list on the next line": ('headteacher = ["ash"]', 'headteacher =\n["ash"]'),
    "a list with and": ('on_call = ["cam", "ash"]', 'on_call = ["cam" and "ash"]'),
    "a list with semicolons": ('on_call = ["cam", "ash"]', 'on_call = ["cam"; "ash"]'),
    "a list in round brackets": ('on_call = ["cam", "ash"]', 'on_call = ("cam", "ash")'),
    "a list by lines": ('on_call = ["cam", "ash"]', 'on_call = [\n"cam"\n"ash"\n]'),
    "a comma left out in { }": ('name = "LADO", phone', 'name = "LADO" phone'),
    "{ } over several lines": (CHANNEL, 'leadership = {\n  web = "leadership"\n}'),
    "other curly quotes": ('name = "Ash Example"', "name = «Ash Example»"),
    "a sign that nobody sees": ('name = "Ash Example"', 'name = "Ash\x0b Example"'),
    "a person on one line": ("[people.jo]", '[people]\njo = "Jo Practice"\n[people.brook2]'),
    "two brackets for one": ("[people.ash]", "[[people.ash]]"),
    "a day that ends in the morning": ('["08:00", "17:00"]', '["08:00", "05:00"]'),
    "a link with a password": ('"https://school.example/complaints"', '"https://me:pw@school.example/c"'),
    "a link cut out of a page": ('"https://school.example/complaints"', "'https://school.example/c\">'"),
    "Slackbot": ('web = "ash"', 'slack = "USLACKBOT"'),
    "cases where all staff read": (
        f'people = ["brook", "jo", "office"]\n\n[places]\n{CHANNEL}',
        'slack_channel = "C01ABCDEF"\n\n[places]\nleadership = { slack = "C01ABCDEF" }',
    ),
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
    "somebody twice": ('headteacher = ["ash"]', 'headteacher = ["ash", "ash"]'),
    "two people with one name": ('name = "Ash Example"', 'name = "JO  practice"'),
    "a letter of another alphabet": ('name = "Ash Example"', 'name = "\u0410sh Example"'),
    "a name that is still to come": ('name = "Ash Example"', 'name = "TBC"'),
    "an inset day in another century": ("inset_days = [", "inset_days = [2207-01-04, "),
    "an inset day on a Sunday": ("inset_days = [", "inset_days = [2027-01-03, "),
    "away for ten years": (
        'on_call = ["cam", "ash"]',
        'on_call = ["cam", "ash"]\naway = [{ person = "gale", from = 2026-12-01, to = 2036-12-08 }]',
    ),
    "away without a seat": (
        'on_call = ["cam", "ash"]',
        'on_call = ["cam", "ash"]\naway = [{ person = "jo", from = 2026-12-01, to = 2026-12-08 }]',
    ),
    "nobody looks after it": ('administrator = ["office"]', "administrator = []"),
    "an emergency that waits longest": ('emergency = "10m"', 'emergency = "45m"'),
    "a digest on a Sunday": ('weekday = "monday"', 'weekday = "sunday"'),
    "an example left in the file": ('web = "ash"', 'slack = "U01ABCDEF"'),
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


KEY = base64.b64encode(bytes(32)).decode()
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef"}
ENTRA, TENANT = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
TEAMS = {"TEAMS_APP_ID": ENTRA, "TEAMS_TENANT_ID": TENANT, "TEAMS_APP_PASSWORD": "x"}
SERVING = {"REPORT_STORE": "tinydb:reports/reports.db", "REPORT_KEY_FILE": "keys/sealing.key", **SLACK}
#: What is set instead, or as well. Each is refused with one line, by ``check`` as by ``serve``.
SET: dict[str, dict[str, str]] = {
    "a setting mistyped": {"REPORT_SCOOL": "school.toml"},
    "a port that is a word": {"REPORT_PORT": "http"},
    "a switch that says perhaps": {"REPORT_DIGEST": "perhaps"},
    "a path from Windows where the store should be": {"REPORT_STORE": r"C:\reports\reports.db"},
    "a path where the store should be": {"REPORT_STORE": "/srv/reports.db"},
    "a folder as the store": {"REPORT_STORE": "tinydb:reports"},
    "no store": {"REPORT_STORE": ""},
    "no key": {"REPORT_KEY_FILE": ""},
    "a key that is not there": {"REPORT_KEY_FILE": "keys/other.key"},
    "an empty key": {"REPORT_KEY_FILE": "keys/empty.key"},
    "a password for a key": {"REPORT_KEY_FILE": "keys/password.key"},
    "a key beside the store": {"REPORT_KEY_FILE": "reports/sealing.key"},
    "a key in a folder below the store": {"REPORT_KEY_FILE": "reports/keys/sealing.key"},
    "a key that everybody can read": {"REPORT_KEY_FILE": "keys/open.key"},
    "a key twice": {"REPORT_KEY": KEY},
    "the try-out left on": {"REPORT_TRY_OUT": "yes"},
    "Slack's two tokens exchanged": {"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xoxb-1"},
    "a person's token for the bot's": {"SLACK_BOT_TOKEN": "xoxp-1"},
    "a signing secret cut short": {"SLACK_SIGNING_SECRET": "0123456789abcdef"},
    "no signing secret": {"SLACK_SIGNING_SECRET": ""},
    "half of Teams": {"TEAMS_APP_ID": ENTRA, "TEAMS_TENANT_ID": TENANT},
    "a name for the tenant": {**TEAMS, "TEAMS_TENANT_ID": "school.example"},
    "an address with more behind it": {"REPORT_ADDRESS": "https://bot.school.example/slack/events"},
    "an address that is half one": {"REPORT_ADDRESS": "https://[bot.school.example"},
    "an address of this computer": {"REPORT_ADDRESS": "https://localhost"},
    "a name with its password for an address": {"REPORT_ADDRESS": "https://me:pw@bot.school.example"},
    "a path that a shell would read": {"REPORT_STORE": "tinydb:~/reports.db"},
    "a blank in front of the path": {"REPORT_STORE": "tinydb: reports/reports.db"},
    "a key as Windows names places": {"REPORT_KEY_FILE": "%USERPROFILE%/sealing.key"},
    "a key that Notepad has saved": {"REPORT_KEY_FILE": "keys/noted.key"},
    "a port behind the address": {"REPORT_HOST": "127.0.0.1:8000"},
    "a setting in small letters": {"report_digest": "no"},
    "a setting of Slack mistyped": {"SLACK_BOT_TOKN": "xoxb-1"},
    "a token cut short by three dots": {"SLACK_BOT_TOKEN": "xoxb-…"},
    "one secret twice": {"SLACK_CLIENT_ID": "1", "SLACK_CLIENT_SECRET": SLACK["SLACK_SIGNING_SECRET"]},
    "a stranger's address for Slack's": {"SLACK_API_URL": "https://slack.com.example/api/"},
    "the secret's id for the secret": {**TEAMS, "TEAMS_APP_PASSWORD": ENTRA},
    "the app's id for the tenant's": {**TEAMS, "TEAMS_TENANT_ID": ENTRA},
    "the Playground left on": {"TEAMS_DEV": "yes"},
    "the Playground where others can reach it": {"TEAMS_DEV": "yes", "REPORT_HOST": "192.0.2.7"},
}
#: What was typed. Each ends with code 2 and one line.
TYPED: dict[str, list[str]] = {
    "a command mistyped": ["checks"],
    "an option of another command": ["serve", "--port", "8001"],
    "init over a file": ["init", "school.toml"],
    "init into a folder that is not there": ["init", "absent/school.toml"],
    "a key over a key": ["key", "new", "keys/sealing.key"],
    "a key into a folder that is not there": ["key", "new", "absent/sealing.key"],
    "a file to check that is not there": ["check", "shcool.toml"],
    "Slack's manifest with http": ["slack", "manifest", "--address", "http://bot.school.example"],
    "Slack's manifest with a path": ["slack", "manifest", "--address", "https://bot.school.example/slack"],
    "Slack's manifest for many without an address": ["slack", "manifest", "--many"],
    "a package for Teams without an app": ["teams", "package"],
    "a school that is not there": ["cases", "--folder", ".", "--school", "XYZ"],
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a school's file and keys of every kind, with no setting set."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("REPORT_", "SLACK_", "TEAMS_")) or name == "PORT":
            monkeypatch.delenv(name)
    (tmp_path / "school.toml").write_text(SAMPLE, "utf-8")
    for folder in ("reports/keys", "keys"):
        (tmp_path / folder).mkdir(parents=True)
    for name, content in (
        *(("keys/empty.key", ""), ("keys/password.key", "correct horse"), ("keys/open.key", KEY)),
        ("keys/noted.key.txt", KEY),
        *((f"{folder}/sealing.key", KEY) for folder in ("keys", "reports", "reports/keys")),
    ):
        (tmp_path / name).write_text(content, "ascii")
        (tmp_path / name).chmod(0o644 if "open" in name else 0o600)
    return tmp_path


def checked(environment: Mapping[str, str]) -> tuple[int, list[str]]:
    """Return what ``check`` says of settings: its code and its lines."""
    out = io.StringIO()
    code = asyncio.run(check.run(None, out=out, environment=environment, now=NOW))
    return code, [
        line.strip().removeprefix("!! ") for line in out.getvalue().split("Wrong\n")[-1].splitlines()
    ]


@pytest.mark.parametrize("name", SET)
@pytest.mark.usefixtures("place")
def test_a_wrong_setting_is_one_message(name: str) -> None:
    """``check`` says one thing, and ``serve`` says the same and does not start."""
    environment = {**SERVING, **SET[name]}
    code, lines = checked(environment)
    assert (code, len(lines)) == (2, 1), lines
    with pytest.raises(SettingsError) as told:
        load.for_serving(load.read_settings(environment))
    assert lines[0] in str(told.value)


def test_what_is_set_right_is_right(place: Path) -> None:
    """Without a mistake nothing is wrong."""
    assert checked(SERVING)[0] == 0
    assert place.is_dir()


def typed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Return what a command that cannot be says: its code and what is printed of it."""
    code = main(arguments)
    said = capsys.readouterr()
    wrong = said.out.partition("Wrong\n")[2].strip().removeprefix("!! ")
    return code, said.err.strip() or wrong


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.usefixtures("place")
def test_a_wrong_command_is_one_message(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with code 2 and says what to type instead."""
    code, said = typed(TYPED[name], capsys)
    assert code == 2
    assert said
    assert "Traceback" not in said


@pytest.mark.usefixtures("place")
def test_what_each_mistake_prints(
    golden: Callable[[Path, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every mistake, with every line that is printed for it, on one page that reads well."""
    parts = ["# What is said of each mistake while it is set up"]
    parts += page("In the school's file", {name: told(changed(*c)) for name, c in REFUSED.items()})
    parts += page("Left to do in the school's file", {name: told(changed(*c)) for name, c in TOLD.items()})
    parts += page("In the settings", {name: checked({**SERVING, **one})[1] for name, one in SET.items()})
    commands = {name: (words, typed(words, capsys)[1].split("\n")) for name, words in TYPED.items()}
    said = {f"{name}: `{' '.join(words)}`": lines for name, (words, lines) in commands.items()}
    parts += page("In what is typed", said)
    golden(GOLDEN, "\n".join([*parts, ""]))


def page(title: str, mistakes: Mapping[str, Sequence[str]]) -> list[str]:
    """Return one part of the page."""
    parts = ["", f"## {title}"]
    for name, lines in mistakes.items():
        quoted = [f"> {line}".rstrip() for line in lines if line not in USUAL]
        parts += ["", f"**{name}**", "", *quoted]
    return parts


@pytest.mark.parametrize("blank", ["\u00a0", "\u200b", "\u202f", "\ufeff"])
def test_blanks_that_nobody_sees_do_no_harm(blank: str) -> None:
    """What Word and web pages put between words is as good as a blank, or as nothing."""
    spoilt = SAMPLE.replace('kind = "maintained"', f'kind{blank}= {blank}"maintained"', 1)
    assert read_school(spoilt).school == read_school(SAMPLE).school


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


def test_what_is_empty_is_told_once() -> None:
    """A contact that is still to come is one line: nothing is to be confirmed, no number asked for."""
    whole = 'lado = { name = "LADO", phone = "01632 960011", email = "lado@council.example" }'
    empty = 'lado = { phone = "", email = "" }    # check'
    (line,) = set(told(changed(whole, empty))) - USUAL
    assert "no phone number for the LADO" in line
    assert set(told(changed('email = "legal@council.example"', 'email = ""    # check'))) == USUAL


def test_no_school_s_staff_read_another_s_cases(tmp_path: Path) -> None:
    """A leadership channel that is the staff channel of another school is refused, by whose cases it is."""
    leaders = SAMPLE.replace(CHANNEL, 'leadership = { slack = "C01ABCDEF" }')
    staff = SAMPLE.replace('prefix = "HPS"', 'prefix = "TWO"').replace(
        "[staff]", '[staff]\nslack_channel = "C01ABCDEF"'
    )
    (tmp_path / "a.toml").write_text(leaders, "utf-8")
    (tmp_path / "b.toml").write_text(staff, "utf-8")
    _, (problem,), _ = read_schools(tmp_path)
    assert (problem.file, problem.key) == ("HPS", "places")
    assert "all staff of TWO" in problem.what


@pytest.mark.parametrize(
    "phone",
    [
        "01632 960001", "(01632) 960 001", "01632-960001", "+44 1632 960001", "+44 (0)1632 960001",
        "0044 1632 960001", "0800 1111", "0300 123 4567", "07700 900123", "01632 960001 ext 12",
        "01632 960001 x5", "+353 1 234 5678",
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(phone: str) -> None:
    """A number as it stands on a sheet of the school is one."""
    assert read_school(changed('phone = "01632 960001"', f'phone = "{phone}"')).school is not None


@pytest.mark.parametrize("phone", ["101", "111", "116 123", "0300 200 1000"])
def test_offices_have_short_numbers(phone: str) -> None:
    """The police and helplines have numbers of three and six digits."""
    assert read_school(changed('police_non_emergency = "101"', f'police_non_emergency = "{phone}"')).school


@pytest.mark.parametrize(("written", "kept"), [("8:30", (8, 30)), ("08:30", (8, 30)), ("08:30:00", None)])
def test_a_time_is_hours_and_minutes(written: str, kept: tuple[int, int] | None) -> None:
    """A time is what stands there, or is refused; half an hour is never dropped."""
    school = read_school(changed('["08:00", "17:00"]', f'["{written}", "17:00"]')).school
    assert kept == (school and (school.time.opens.hour, school.time.opens.minute))


def test_entra_ids_are_the_same_in_capitals() -> None:
    """Entra writes ids in capitals or not: one account is one person's, and a tenant is found by either."""
    upper, lower = "ABCDEF00-0000-0000-0000-00000000000A", "abcdef00-0000-0000-0000-00000000000a"
    both = changed('web = "ash"', f'teams = "{upper}"').replace('web = "bryn"', f'teams = "{lower}"')
    (problem,) = read_school(both).errors
    assert "same teams account" in problem.what
    reading = read_school(changed("[places]", f'[places]\nworkspace = {{ teams = "{upper}" }}'))
    assert reading.school is not None
    assert list(reading.school.workspaces.values()) == [lower]


def test_two_schools_never_share_a_channel(tmp_path: Path) -> None:
    """Two schools with one channel are refused: the leaders of one would read the other's cases."""
    apart = SAMPLE.replace(CHANNEL, 'leadership = { slack = "C01ABCDEF" }')
    (tmp_path / "a.toml").write_text(apart, "utf-8")
    (tmp_path / "b.toml").write_text(apart.replace('prefix = "HPS"', 'prefix = "TWO"'), "utf-8")
    _, errors, _ = read_schools(tmp_path)
    assert [problem.what for problem in errors if "same slack channel" in problem.what]
    (tmp_path / "b.toml").write_text(
        apart.replace('prefix = "HPS"', 'prefix = "TWO"').replace(
            "[places]", '[places]\nworkspace = { slack = "T01" }'
        ),
        "utf-8",
    )
    _, errors, _ = read_schools(tmp_path)
    assert len(errors) == 1, "also where only one of them says which workspace is its own"
