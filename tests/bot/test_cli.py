"""The command line: every command, its exit codes, and that errors are words with a hint."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import pytest

from bot.__main__ import FAILED, OK, WRONG_INPUT, main
from bot.commands import audit, check
from bot.config import load
from bot.config.settings import Settings
from bot.findings import Finding, findings
from flows.model import Action, AuditKind
from flows.school import School, SchoolId
from flows.ui.forms import Value
from flows.ui.intents import ChatCommand
from storage.open import Opening, open_store
from tests.town import Town

SAMPLE = (files("bot") / "sample" / "school.toml").read_text("utf-8")
ROOT = Path(__file__).parents[2]
ANSWERS = """
chat = "slack"
[school]
name = 'Sample "Quoted" Primary'
complaints_procedure = "https://school.example/complaints"
[headteacher]
name = "Ash Example"
email = "head@school.example"
slack = "U0ONE"
[dsl]
name = "Ash Example"
[chair_of_governors]
name = "Ellis Specimen"
email = "chair@school.example"
[vice_chair]
name = "Ellis Placeholder"
email = "vice.chair@school.example"
[staff]
email_domain = "school.example"
[lado]
phone = "01632 960011"
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of its own, with no setting set."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("REPORT_", "SLACK_", "TEAMS_")) or name == "PORT":
            monkeypatch.delenv(name)
    return tmp_path


WRONG: dict[str, tuple[list[str], str]] = {
    "no such command": (["rnu"], "No such command 'rnu'"),
    "nothing": ([], "Usage: report-posting"),
    "half a command": (["policy"], "explain"),
    "no such option": (["run", "--prot", "1"], "No such option: --prot"),
    "a port that is none": (["run", "--port", "x"], "'--port'"),
    "a try-out for everybody": (["run", "--host", "0.0.0.0"], "REPORT_PASSWORD"),  # noqa: S104 - it is refused
    "serving without settings": (["serve"], "REPORT_STORE"),
    "cases without a store": (["cases"], "REPORT_STORE"),
    "cases of no such school": (["cases", "--folder", ".", "--school", "XYZ"], "Known: HPS"),
    "digest of no such school": (["digest", "--folder", ".", "--school", "XYZ"], "Known: HPS"),
    "a school's file that is absent": (
        ["check", "absent.toml"],
        "absent.toml, line 1: there is no such file",
    ),
    "init over a file": (["init", "here.toml", "--answers", "answers.toml"], "--force"),
    "init from an absent file": (["init", "--answers", "absent.toml"], "absent.toml: No such file"),
    "init from no text": (["init", "--answers", "picture.toml"], "not TOML"),
    "init without a name": (["init", "--answers", "empty.toml"], "What is the school called?"),
    "init with no TOML": (["init", "--answers", "broken.toml"], "not TOML"),
    "init with an unknown word": (["init", "--answers", "word.toml"], "slack, teams, both, neither"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input(name: str, own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong input ends with code 2 and with words that say what to do; nothing is written over."""
    for file, text in {
        "here.toml": "mine",
        "answers.toml": ANSWERS,
        "empty.toml": "",
        "broken.toml": "[",
        "word.toml": 'chat = "pigeon"\n[school]\nname = "Sample"',
    }.items():
        (own_folder / file).write_text(text, "utf-8")
    arguments, words = WRONG[name]
    (own_folder / "picture.toml").write_bytes(b"\x89PNG\xff")
    code = main(arguments)
    told = capsys.readouterr()
    assert (code, words in told.err + told.out) == (WRONG_INPUT, True), told
    assert "Traceback" not in told.err
    assert (own_folder / "here.toml").read_text("utf-8") == "mine"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The help lists every command there is."""
    assert main(["--help"]) == OK
    text = capsys.readouterr().out
    for command in ("run", "serve", "init", "check", "decide", "words", "policy", "cases", "digest", "audit"):
        assert re.search(rf"^\W*{command}\b", text, re.MULTILINE), command


def test_check_of_the_sample(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sample school is proved; what is left is to choose a platform."""
    (own_folder / "school.toml").write_text(SAMPLE, "utf-8")
    assert main(["check", "school.toml"]) == OK
    text = capsys.readouterr().out
    assert "ok HPS: 10 people, 8 seats filled" in text.replace("  ", " ")
    assert "Policy: every row is understood" in text
    assert "No platform is configured" in text


@pytest.mark.feature("check-reaches-everybody")
def test_check_tells_every_mistake(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong settings and a wrong school are told in one go."""
    (own_folder / "school.toml").write_text(SAMPLE.replace('dsl = ["cam"]', 'dsl = ["kam"]', 1), "utf-8")
    assert main(["check"]) == WRONG_INPUT
    text = capsys.readouterr().out
    assert [line for line in text.splitlines() if not line.startswith(" ")] == [
        "Proved",
        "Left to do",
        "Wrong",
    ]
    assert "REPORT_STORE" in text.partition("Wrong")[2]
    assert "Did you mean cam?" in text.partition("Wrong")[2]


async def looked_at(
    environment: Mapping[str, str], text: str, looks: Sequence[check.PlatformCheck] = ()
) -> tuple[int, str]:
    """Return what check says of an environment and a school's file."""
    await asyncio.to_thread(Path("school.toml").write_text, text, "utf-8")
    out = io.StringIO()
    code = await check.run(None, out=out, environment=environment, platform_checks=looks)
    return code, out.getvalue()


SERVING = {
    "REPORT_STORE": "tinydb:/srv/store/reports.db",
    "REPORT_KEY": base64.b64encode(bytes(32)).decode(),
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
}


async def test_check_of_a_school_on_slack() -> None:
    """Seat holders without an account on a platform that is on are named, by id."""
    code, text = await looked_at(SERVING, SAMPLE.replace('web = "cam"', 'slack = "UCAM"'))
    assert code == OK
    assert "Platforms: slack." in text
    assert '"ash" holds a seat and has no account' in text
    assert '"cam" holds a seat' not in text
    assert "leadership names no channel" in text


@pytest.mark.feature("check-reaches-everybody")
async def test_check_asks_the_platforms() -> None:
    """What a platform finds is told too, and what is wrong there counts."""

    async def stranger(settings: Settings, schools: Mapping[SchoolId, School]) -> Sequence[Finding]:
        assert settings.slack
        return findings(
            [
                (True, "Slack token: valid", ""),
                (False, f"{next(iter(schools))}: a stranger is in the channel", "Take them out."),
            ]
        )

    code, text = await looked_at(SERVING, SAMPLE, [stranger])
    assert "ok Slack token: valid\n" in text
    assert (code, "!! HPS: a stranger is in the channel. Take them out.\n" in text) == (WRONG_INPUT, True)


async def test_check_asks_for_the_next_terms() -> None:
    """When the last known term ends soon, the next ones are asked for."""
    text = re.sub(r"(?m)^  \{ name = \"(Spring|Summer|Autumn) 202[78].*\n", "", SAMPLE)
    text = text.replace("2026-12-18", "2020-12-18").replace("2026-09-03", "2020-09-03")
    text = re.sub(r", half_term = \[[^\]]*\]", "", text)
    assert "the last term in the file ended on 18 December 2020" in (await looked_at(SERVING, text))[1]


def test_a_taken_port(own_folder: Path) -> None:
    """A port that another program holds is told as that."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "bot", "run", "--port", port],
            cwd=own_folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr.startswith("That port is taken")) == (1, True), done.stderr


def test_python_m_bot() -> None:
    """`python -m bot` is the same command, and asking for help loads neither platform nor policy."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", "--help"],
        cwd=ROOT, capture_output=True, text=True, timeout=20, check=True,
    )  # fmt: skip
    assert "report-posting" in done.stdout
    loaded = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    costly = {"aiohttp", "asyncio", "json", "msgspec", "questionary", "slack_bolt", "tinydb", "webbrowser"}
    assert set() == loaded & costly
    ours = sorted(name for name in loaded if name.split(".")[0] in ("bot", "flows", "adapters", "storage"))
    assert (len(ours) <= 20, "flows.policy" in ours) == (True, False), ours


def test_decide_and_policy(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The policy's commands read a file of answers and print to standard output alone."""
    (own_folder / "answers.json").write_text('{"violence": "yes"}', "utf-8")
    for arguments, words in (
        (["decide", "answers.json"], '"policy_version"'),
        (["policy", "page"], "C8"),
        (["policy", "table"], "C8v"),
        (["policy", "explain", "answers.json"], "olence"),
    ):
        assert (main(arguments), arguments) == (OK, arguments)
        told = capsys.readouterr()
        assert (words in told.out, told.err) == (True, ""), arguments


def test_words(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each sentence with what the bot would ask about, and the word that did it; empty lines aside."""
    (own_folder / "said.txt").write_text("I'll Kill him\n\nthe stable\n", "utf-8")
    assert main(["words", "said.txt"]) == OK
    assert json.loads(capsys.readouterr().out) == [
        {"sentence": "I'll Kill him", "asks": {"violence": "Kill"}},
        {"sentence": "the stable", "asks": {}},
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [("gone.txt", "gone.txt cannot be read"), ("picture.txt", "picture.txt is not text in UTF-8")],
)
def test_words_that_cannot_be_read(
    name: str, told: str, own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on standard error, nothing on standard output, code 2."""
    (own_folder / "picture.txt").write_bytes(b"\xff\xfe\xff")
    assert main(["words", name]) == WRONG_INPUT
    seen = capsys.readouterr()
    assert (seen.out, seen.err.startswith(told), seen.err.count("\n")) == ("", True, 1)


@pytest.mark.parametrize("command", [["decide"], ["policy", "explain"]])
def test_wrong_answers(command: list[str], own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown key of the answers is one line on standard error, nothing on standard output, code 2."""
    (own_folder / "answers.json").write_text('{"violnce": "yes"}', "utf-8")
    assert main([*command, "answers.json"]) == WRONG_INPUT
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n"), "violnce" in told.err) == ("", 1, True)


def test_cases_and_digest_of_a_try_out(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a try-out kept can be listed from the command line."""
    (own_folder / "var").mkdir()
    for command in ("cases", "digest"):
        assert main([command]) == OK
        assert "week" in capsys.readouterr().out


async def _rehearsed(folder: Path) -> None:
    """Begin a rehearsal, in a try-out."""
    settings = load.for_trying_out(Settings(), folder)
    assert settings.sealing_key is not None
    place = Town(await open_store(settings.store, key=settings.sealing_key.reveal(), opening=Opening.EITHER))
    await place.ask("office", ChatCommand.REHEARSE, "begin")
    await place.settle()
    await place.store.close()


def test_how_a_rehearsal_stands(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever is at the machine reads what the administrator reads in chat; before one is begun, how."""
    (own_folder / "var").mkdir()
    assert main(["rehearsal"]) == OK
    assert "No rehearsal is under way." in capsys.readouterr().out
    asyncio.run(_rehearsed(own_folder / "var"))
    assert main(["rehearsal"]) == OK
    assert "Pressed: 0 of 8 messages" in capsys.readouterr().out


async def _looked_at(folder: Path) -> None:
    """Keep a case that was told, opened, refused and whose reporter was shown."""
    settings = load.for_trying_out(Settings(), folder)
    assert settings.sealing_key is not None
    place = Town(await open_store(settings.store, key=settings.sealing_key.reveal(), opening=Opening.EITHER))
    abuse: dict[str, Value] = {
        "targets": ("staff",),
        "target_is": ("rather_not_say",),
        "nature": ("abusive",),
    }
    await place.report("brook", {**abuse, "poster": ("parent_carer",), "words": "Secret words."})
    await place.settle()
    await place.act("ash", await place.case(), Action.TAKE_ON)
    await place.act("cam", await place.case(), Action.CLOSE, {"outcome": "invited", "text": "x"})
    await place.act("ash", await place.case(), Action.OPEN_RECORD)
    await place.act("ash", await place.case(), Action.SHOW_REPORTER, {"text": "An invented reason."})
    await place.store.close()


def test_who_saw_what(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The audit says who was told, opened, was refused and was shown the reporter; newest first, no words."""
    asyncio.run(_looked_at(own_folder / "var"))
    assert main(["audit", "hps-2026-001"]) == OK
    head, *lines = capsys.readouterr().out.strip().splitlines()
    assert head == "Who saw what: HPS-2026-001. Newest first, times in Europe/London."
    assert lines[:4] == [
        "2026-11-24 10:00:00  HPS-2026-001  headteacher, on_call (ash) was shown who reported",
        "2026-11-24 10:00:00  HPS-2026-001  headteacher, on_call (ash) was shown a form",
        "2026-11-24 10:00:00  HPS-2026-001  headteacher, on_call (ash) opened the record",
        "2026-11-24 10:00:00  HPS-2026-001  dsl, on_call (cam) was refused",
    ]
    said = [line.split("  ", 2)[2] for line in lines]
    assert "everybody in the place leadership (ash, bryn, cam, dee) was sent: card" in said
    assert "headteacher, on_call (ash) was sent: notice" in said
    assert "the reporter was sent: the reporter's own message" in said
    assert not any("Secret" in line or "brook" in line for line in lines)
    assert main(["audit"]) == OK
    assert capsys.readouterr().out.strip().splitlines()[1:] == lines
    assert main(["audit", "HPS-2026-999"]) == WRONG_INPUT
    assert "There is no such case" in capsys.readouterr().err


def test_every_kind_of_line_has_its_words() -> None:
    """Whatever is on the audit can be printed: a kind without words would end the command."""
    assert set(AuditKind) == set(audit.WHAT)


def test_the_audit_proves_itself(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole: exit 0, how much there is and its head; damaged: exit 1, and where. Never what it says."""
    asyncio.run(_looked_at(own_folder / "var"))
    assert main(["audit", "verify"]) == OK
    said = capsys.readouterr().out
    assert re.search(r"HPS: the audit is as it was kept\. \d+ records in \d+ links since 2026-11-24\.", said)
    assert not re.search("Secret|invented|brook|HPS-", said)
    head = said.split()[-1]
    assert main(["audit", "verify", "--head", head]) == OK
    assert f"holds the head {head}" in capsys.readouterr().out
    assert main(["audit", "verify", "--head", "20261124-AAAA-AAAA-AAAA-AAAA"]) == FAILED
    assert "NO AUDIT HOLDS THE HEAD" in capsys.readouterr().out
    connection = sqlite3.connect(own_folder / "var" / "reports.db")
    connection.execute("delete from rows where tbl='audit' and id like '%05'")
    connection.commit()
    connection.close()
    assert main(["audit", "verify"]) == FAILED
    assert re.search(
        r"A line of who saw what, number \d+ of 2026-11-24: is missing\.", capsys.readouterr().out
    )


def test_an_audit_of_nothing(own_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A school in which nothing was seen says so."""
    (own_folder / "var").mkdir()
    assert main(["audit"]) == OK
    assert "Nobody has opened" in capsys.readouterr().out
