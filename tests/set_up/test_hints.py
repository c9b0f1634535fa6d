"""Every hint that is given helps: it is done as it says, and then nothing is wrong any more."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import OK, main
from bot.school_file.load import read_school
from tests.set_up.test_mistakes import (
    KEY,
    REFUSED,
    SERVING,
    SET,
    TEAMS,
    TYPED,
    changed,
    checked,
    place,
    told,
    typed,
)

__all__ = ["place"]  # the fixture
#: The mistake in a school's file -> what its hint names to write instead, word for word.
WRITTEN: dict[str, str] = {
    "a date as it is spoken": "2026-09-03",
    "a date with dots": "2026-09-02",
    "a date in words": "2026-09-03",
    "a date with one digit": "2026-09-03",
    "a year of two digits": "2026-09-03",
    "a bracket of a part left out": "[people.ash]",
    "a part without brackets": "[people.ash]",
    "a blank for a dot": "[people.ash]",
    "a list without brackets": '["cam", "ash"]',
    "two people in one pair of quotes": '["cam", "ash"]',
    "a number with its unit": "10",
    "more than a chat hands over": "100",
    "Slack's id in small letters": "U01ABCDEF",
    "Slack's id as Slack shows it": "U01ABCDEF",
    "a capital in a key": "name",
    "a capital in a part": "people",
    "a phone number without quotes": '"01632 960001"',
    "a link to a channel": "C01ABCDEF",
    "a link to a Teams channel": "19:abc@thread.tacv2",
    "a whole address for the end of one": "school.example",
    "an e-mail address cut short": "head@school.example",
    "a mistyped id": "cam",
    "ten days for an emergency": "20m",
}
#: What stands there wrong, as the hint has it replaced.
WRONG: dict[str, str] = {
    "a date as it is spoken": "03/09/2026",
    "a date with dots": "02.09.2026",
    "a date in words": "3 September 2026",
    "a date with one digit": "2026-9-3",
    "a year of two digits": "03/09/26",
    "a bracket of a part left out": "[people.ash",
    "a part without brackets": "people.ash",
    "a blank for a dot": "[people ash]",
    "a list without brackets": '"cam, ash"',
    "two people in one pair of quotes": '["cam, ash"]',
    "a number with its unit": "10 MB",
    "more than a chat hands over": "10000",
    "Slack's id in small letters": "u01abcdef",
    "Slack's id as Slack shows it": "<@U01ABCDEF>",
    "a capital in a key": "Name",
    "a capital in a part": "People",
    "a phone number without quotes": "01632 960001",
    "a link to a channel": "https://school.slack.example/archives/C01ABCDEF",
    "a link to a Teams channel": "https://teams.example/l/channel/19%3Aabc%40thread.tacv2/Cases",
    "a whole address for the end of one": "office@school.example",
    "an e-mail address cut short": "j.ash@harbour",
    "a mistyped id": "kam",
    "ten days for an emergency": "10d",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_the_hint_names_is_right(name: str) -> None:
    """The hint holds the very thing to write, and with it the file loads."""
    was, now = REFUSED[name]
    wrong = changed(was, now)
    assert WRITTEN[name] in " ".join(told(wrong))
    place_ = wrong.index(now) + now.index(WRONG[name])
    mended = wrong[:place_] + WRITTEN[name] + wrong[place_ + len(WRONG[name]) :]
    assert read_school(mended).school is not None


def test_a_key_that_is_moved_there_is_right() -> None:
    """A key in the wrong part: the line is moved to the part that is named."""
    wrong = changed(*REFUSED["a key in the wrong part"])
    part = re.search(r"belongs under (\[\w+\])", " ".join(told(wrong)))
    assert part
    line = 'weekday = "monday"'
    gone = wrong.replace(f"[limits]\n{line}\n", "[limits]\n")
    assert gone != wrong
    assert gone.count(line) == 1, "it stands there already, so that moving it is taking it out here"
    assert read_school(gone).school is not None


#: The mistake in the settings -> what is set once its hint is followed (None = what the hint has one do).
DONE: dict[str, dict[str, str]] = {
    "a setting mistyped": {"REPORT_SCHOOL": "school.toml"},
    "a port that is a word": {"REPORT_PORT": "65535"},
    "a switch that says perhaps": {"REPORT_DIGEST": "no"},
    "a path from Windows where the store should be": {"REPORT_STORE": "tinydb:/srv/reports/reports.db"},
    "a path where the store should be": {"REPORT_STORE": "tinydb:/srv/reports.db"},
    "a folder as the store": {"REPORT_STORE": "tinydb:reports/reports.db"},
    "no store": {"REPORT_STORE": "tinydb:/srv/reports/reports.db"},
    "no key": {"REPORT_KEY_FILE": "sealing.key", "REPORT_STORE": "tinydb:reports/reports.db"},
    "a key that is not there": {"REPORT_KEY_FILE": "sealing.key"},
    "an empty key": {"REPORT_KEY_FILE": "sealing.key"},
    "a password for a key": {"REPORT_KEY_FILE": "sealing.key"},
    "a key beside the store": {"REPORT_KEY_FILE": "keys/sealing.key"},
    "a key in a folder below the store": {"REPORT_KEY_FILE": "keys/sealing.key"},
    "a key that everybody can read": {"REPORT_KEY_FILE": "keys/open.key"},
    "a key twice": {"REPORT_KEY": KEY, "REPORT_KEY_FILE": ""},
    "the try-out left on": {},
    "Slack's two tokens exchanged": {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"},
    "a person's token for the bot's": {"SLACK_BOT_TOKEN": "xoxb-1"},
    "a signing secret cut short": {},
    "no signing secret": {"SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": "xapp-1"},
    "half of Teams": {},
    "a name for the tenant": TEAMS,
    "an address with more behind it": {"REPORT_ADDRESS": "https://bot.school.example"},
    "an address that is half one": {"REPORT_ADDRESS": "https://bot.school.example"},
    "an address of this computer": {"REPORT_ADDRESS": "https://bot.school.example"},
    "a name with its password for an address": {"REPORT_ADDRESS": "https://bot.school.example"},
    "a path that a shell would read": {"REPORT_STORE": "tinydb:/srv/reports.db"},
    "a blank in front of the path": {"REPORT_STORE": "tinydb:reports/reports.db"},
    "a key as Windows names places": {"REPORT_KEY_FILE": "keys/sealing.key"},
    "a key that Notepad has saved": {"REPORT_KEY_FILE": "keys/noted.key"},
    "a port behind the address": {"REPORT_HOST": "127.0.0.1", "REPORT_PORT": "8000"},
    "a setting in small letters": {"REPORT_DIGEST": "no"},
    "a setting of Slack mistyped": {"SLACK_BOT_TOKEN": "xoxb-1"},
    "a token cut short by three dots": {},
    "one secret twice": {"SLACK_CLIENT_ID": "1", "SLACK_CLIENT_SECRET": "2"},
    "a stranger's address for Slack's": {},
    "the secret's id for the secret": TEAMS,
    "the app's id for the tenant's": TEAMS,
    "the Playground left on": {},
    "the Playground where others can reach it": {},
}


@pytest.mark.parametrize("name", SET)
def test_following_the_hint_helps(place: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands it names are typed as they stand, what it says is set; then nothing is wrong."""
    _, lines = checked({**SERVING, **SET[name]})
    for command in re.findall(r"(?:Type: |: )(chmod .*|report-posting .*)$", " ".join(lines)):
        words = shlex.split(command)
        if words[0] == "chmod":
            subprocess.run(words, check=True)  # noqa: S603 - what the program told somebody to type
        else:
            assert main(words[1:]) == OK, capsys.readouterr()
    for saved in re.findall(r"called it (\S+): take the .txt off", " ".join(lines)):
        (place / "keys" / saved).rename(place / "keys" / saved.removesuffix(".txt"))
        (place / "keys" / saved.removesuffix(".txt")).chmod(0o600)
    code, said = checked({**SERVING, **DONE[name]})
    assert code == 0, said


def https(words: list[str]) -> list[str]:
    """Return the command with the address that the hint gives as an example."""
    return [*words[:3], "https://bot.school.example"]


#: The mistake in what was typed -> what its hint has one type.
TYPED_AFTER: dict[str, Callable[[list[str]], list[str]]] = {
    "a command mistyped": lambda _: ["check", "school.toml"],
    "an option of another command": lambda _: ["serve", "--help"],
    "init into a folder that is not there": lambda _: ["init", "new.toml", "--answers", "answers.toml"],
    "init over a file": lambda _: ["init", "school.toml", "--force", "--answers", "answers.toml"],
    "a key over a key": lambda _: ["key", "new", "keys/another.key"],
    "a key into a folder that is not there": lambda _: ["key", "new", "keys/fresh.key"],
    "a file to check that is not there": lambda _: ["check", "school.toml"],
    "Slack's manifest with http": https,
    "Slack's manifest with a path": https,
    "Slack's manifest for many without an address": lambda words: [
        *words,
        "--address",
        "https://bot.school.example",
    ],
    "a school that is not there": lambda words: [*words[:-1], "HPS"],
}


@pytest.mark.parametrize("name", TYPED_AFTER)
def test_typing_what_the_hint_says_helps(place: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """It is refused with a hint; what the hint says is typed, and is done."""
    (place / "answers.toml").write_text(
        "\n".join(
            f'[{seat}]\nname = "Kim {seat}"\nemail = "{seat}@school.example"'
            for seat in ("headteacher", "dsl", "chair_of_governors", "vice_chair")
        )
        + '\n[school]\nname = "Sample Primary"\n',
        "utf-8",
    )
    assert typed(TYPED[name], capsys)[0] == 2
    assert main(TYPED_AFTER[name](TYPED[name])) == OK, capsys.readouterr()
