"""What was answered so far, and the two files that come of it: the school's, and that of the settings.

What is no secret is kept beside the school's file, as ``init`` keeps it, so that either goes on where the
other stopped. A secret stands in memory and in the settings' file alone, and is shown nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from bot.commands import init, key
from bot.commands.init_questions import Question
from bot.config.written import settings_of
from bot.school_file.template import render
from bot.set_up.steps import PLATFORMS, SECRETS, Step, all_answers, answered, questions, terms

#: the school's own policy, where its pages have written one
POLICY = ("policy.file", "policy.from", "policy.before")
#: what is taken from the surroundings: platforms, how we are reached, and never where things are kept
_SURROUNDINGS = ("SLACK_", "TEAMS_", "EMAIL_", "REPORT_ADDRESS", "REPORT_HOST", "REPORT_PORT")


class Answers:
    def __init__(self, path: Path, environment: Mapping[str, str], today: dt.date) -> None:
        """Go on where somebody stopped. Raises InvalidAnswer if what was kept cannot be read."""
        self.path = path.absolute()
        self.settings_file = self.path.with_suffix(".env")
        self.today = today
        self._kept = init.kept_beside(self.path)
        self._surroundings = {n: v for n, v in environment.items() if n.startswith(_SURROUNDINGS)}
        self.given: dict[str, str] = {}
        if self.settings_file.exists():
            before = settings_of(self.settings_file.read_text("utf-8"))
            self.given |= {n: v.removeprefix("tinydb:") for n, v in before.items() if n != "REPORT_SCHOOL"}
        if self._kept.exists():
            self.given |= init.read_answers(self._kept)

    def take(self, fresh: Mapping[str, str]) -> None:
        """Take answers and keep them; where what is needed was left empty, what is usual."""
        self.given |= fresh
        for question in (one for asked in self.questions().values() for one in asked if one.key in fresh):
            self.given[question.key] = answered(question, self.given)
        init.keep(self._kept, {name: value for name, value in self.given.items() if name not in SECRETS})

    def forget(self, secret: str) -> None:
        """Forget a key that was entered."""
        self.given.pop(secret, None)

    def questions(self) -> dict[Step, list[Question]]:
        """Return what is asked on each page."""
        return questions(self.given, self.today, self.path.parent)

    def all(self) -> dict[str, str]:
        """Return every answer that counts; what is usual where nothing was answered."""
        return all_answers((one for asked in self.questions().values() for one in asked), self.given)

    def environment(self) -> dict[str, str]:
        """Return the settings as a program would find them."""
        return self._surroundings | self._settings()

    def _settings(self) -> dict[str, str]:
        asked, given = self.questions(), self.all()
        names = [one.key for step in (Step.KEPT, Step.KEYS) for one in asked[step]]
        found = {name: given[name] for name in names if name in given}
        if store := found.get("REPORT_STORE"):
            found["REPORT_STORE"] = store if store.startswith("tinydb:") else f"tinydb:{store}"
        return {**found, "REPORT_SCHOOL": str(self.path)}

    def school_text(self, *, reached: bool = True) -> str:
        """Return the school's file; not ``reached`` = somebody may have no address yet."""
        given = self.all() | {key: self.given[key] for key in POLICY if key in self.given}
        if not reached:
            chats = PLATFORMS.get(given["chat"], (given["chat"],))
            for name in [key for key in given if key.endswith(".name")]:
                seat = name.removesuffix(".name")
                if not any(given.get(f"{seat}.{way}") for way in (*chats, "phone", "email")):
                    given[f"{seat}.email"] = f"{seat}@not.known.yet.example"
        return render(given, terms(given, self.today))

    def there(self) -> list[str]:
        """Return which of the files are there already, by name."""
        return [file.name for file in (self.path, self.settings_file) if file.exists()]

    def write(self, now: dt.datetime) -> list[Path]:
        """Write the files, and a key where there is none; return where those that were there are kept."""
        for folder in (Path(self.all()["REPORT_STORE"].removeprefix("tinydb:")), self.key_file):
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.key_file.exists():
            key.new(self.key_file)
        lines = (f"{name}={_quoted(value)}\n" for name, value in self._settings().items())
        head = (
            "# The settings of report-posting, keys among them: docs/settings.md. For nobody else's eyes.\n"
        )
        old = []
        for file, text in ((self.path, self.school_text()), (self.settings_file, head + "".join(lines))):
            if file.exists() and file.read_text("utf-8") != text:
                old.append(_aside(file, now))
            init.write(file, text)
        return old

    def has_store(self) -> bool:
        """Return whether there is a store already, so that it is not the first start."""
        return Path(self.all()["REPORT_STORE"].removeprefix("tinydb:")).exists()

    @property
    def key_file(self) -> Path:
        """Where the sealing key lies, or will."""
        return Path(self.all()["REPORT_KEY_FILE"])


def _aside(file: Path, now: dt.datetime) -> Path:
    """Keep a file under another name; return which."""
    kept = file.with_name(f"{file.name}.until-{now:%Y-%m-%d-%H%M%S}")
    return file.rename(kept)


def _quoted(value: str) -> str:
    """Return a value as a shell, systemd and we read it."""
    mark = '"' if "'" in value else "'"
    return f"{mark}{value}{mark}"
