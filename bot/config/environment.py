"""The look through an environment: each kind of value, and what is wrong with those that are no such.

Messages name the variable and the mend, never what was found in it.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import difflib
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.config.settings import SETTINGS, Secret, SlackSettings, TeamsSettings, is_loopback
from bot.config.written import is_one_word, meant_file, no_path, split, unquoted

KEY_BYTES = 32
#: how systemd calls the key that it hands us (LoadCredentialEncrypted=sealing.key)
CREDENTIAL = "sealing.key"
#: how long a command may take that prints the key (seconds)
_PATIENCE = 30
LOG_LEVELS = ("debug", "info", "warning", "error")
YES, NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")

#: what to do without a key; a new one never opens what another has sealed
LOST = (
    "Where reports were kept before, put their key back from its copy: no other opens them. "
    "For a first start make one: report-posting key new sealing.key"
)
_OURS, _PLATFORMS = "REPORT_", ("SLACK_", "TEAMS_")
#: Basic Information of an app: https://docs.slack.dev/authentication/verifying-requests-from-slack
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
_LAST_PORT = 65535
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OR_NONE = "Set it, or take the others out."


class Reading:
    """One look through an environment, and what was wrong in it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Look at these variables; nothing is wrong yet."""
        self._environment = environment
        self.wrongs: list[str] = []

    def text(self, name: str, usual: str = "") -> str:
        """Return a variable without white space and quotes around it; unset and empty are the same."""
        return unquoted(self._environment.get(name, "").strip()) or usual

    def path(self, name: str, usual: str = "", *, kind: str = "") -> str:
        """Return a variable that names a file, behind ``kind`` and a colon where it has one."""
        value = self.text(name, usual)
        if wrong := no_path(value.removeprefix(f"{kind}:")):
            if (said := f"{name}: {wrong}") not in self.wrongs:  # some are asked for twice
                self.wrongs.append(said)
            return ""
        return value

    def secret(self, name: str) -> Secret[str] | None:
        """Return a variable that must not be shown."""
        value = self.text(name)
        return Secret(value) if value else None

    def flag(self, name: str, *, usual: bool = False) -> bool:
        """Return whether a variable says yes."""
        value = self.text(name).lower()
        if value and value not in YES + NO:
            self.wrongs.append(f"{name}: this is neither yes nor no. Write yes or no.")
        return value in YES if value in YES + NO else usual

    def word(self, name: str, known: tuple[str, ...], usual: str) -> str:
        """Return one of the known words."""
        value = self.text(name, usual).lower()
        if value in known:
            return value
        self.wrongs.append(f"{name}: I do not know this word. Write one of: {', '.join(known)}.")
        return usual

    def port(self, name: str, usual: int) -> int:
        """Return a port number."""
        value = self.text(name)
        if not value:
            return usual
        if value.isascii() and value.isdigit() and 1 <= int(value) <= _LAST_PORT:
            return int(value)
        self.wrongs.append(f"{name}: this is no port. Write a number from 1 to {_LAST_PORT}.")
        return usual

    def key_file(self) -> str:
        """Return the file that holds the sealing key: the one that is named, else what systemd hands us."""
        named, handed = self.path("REPORT_KEY_FILE"), self.text("CREDENTIALS_DIRECTORY")
        if named or self.text("REPORT_KEY") or self.text("REPORT_KEY_COMMAND") or not handed:
            return named
        credential = Path(handed) / CREDENTIAL
        return str(credential) if credential.is_file() else ""

    def key(self) -> Secret[bytes] | None:
        """Return the sealing key: from a variable, from a file, or from what a command prints."""
        text, file, command = self.text("REPORT_KEY"), self.key_file(), self.text("REPORT_KEY_COMMAND")
        named = {"REPORT_KEY": text, "REPORT_KEY_FILE": file, "REPORT_KEY_COMMAND": command}
        given = [name for name, value in named.items() if value]
        if not given:
            return None
        name = given[0]
        if len(given) > 1:
            self.wrongs.append(f"{name}: {given[1]} is set too. Set one of the two.")
            return None
        try:
            text = as_text(Path(file).read_bytes()) if file else printed(command) if command else text
        except FileNotFoundError:
            meant = meant_file(Path(file)) if file else ""
            what = "file" if file else "command"
            self.wrongs.append(f"{name}: there is no such {what}. {meant or f'Is its path right? {LOST}'}")
            return None
        except (OSError, UnicodeDecodeError):
            self.wrongs.append(f"{name}: that file cannot be read. Is it the key, and may I read it? {LOST}")
            return None
        except (subprocess.SubprocessError, ValueError):
            mend = "Run it by hand as the account that runs this: it must print the key and nothing else"
            self.wrongs.append(f"{name}: it failed, or took longer than {_PATIENCE} seconds. {mend}.")
            return None
        key = decoded_key(text)
        if key is None:
            what = "this is no sealing key" if text.strip() else "the file is empty"
            what = "it prints no sealing key" if command else what
            self.wrongs.append(f"{name}: {what}. {LOST}")
            return None
        return Secret(key)

    def slack(self) -> SlackSettings | None:
        """Return what Slack needs; None if it is not configured."""
        slack = SlackSettings(
            bot_token=self.secret("SLACK_BOT_TOKEN"),
            signing_secret=self.secret("SLACK_SIGNING_SECRET"),
            app_token=self.secret("SLACK_APP_TOKEN"),
            client_id=self.text("SLACK_CLIENT_ID"),
            client_secret=self.secret("SLACK_CLIENT_SECRET"),
            api_url=self.text("SLACK_API_URL", SlackSettings().api_url),
            base_url=self.text("REPORT_ADDRESS"),
        )
        self.wrongs += _slack_wrongs(slack)
        return slack if slack.bot_token or slack.client_id else None

    def teams(self) -> TeamsSettings | None:
        """Return what Teams needs; None if it is not configured."""
        teams = TeamsSettings(
            app_id=self.text("TEAMS_APP_ID"),
            app_password=self.secret("TEAMS_APP_PASSWORD"),
            tenant_id=self.text("TEAMS_TENANT_ID"),
            dev=self.flag("TEAMS_DEV"),
        )
        if not (teams.app_id or teams.app_password or teams.tenant_id or teams.dev):
            return None
        if teams.app_id or not teams.dev:
            self.wrongs += _teams_wrongs(teams)
        elif not is_loopback(self.text("REPORT_HOST", "127.0.0.1")):
            what = "with it anybody may be anybody, and REPORT_HOST lets other computers in"
            self.wrongs.append(f"TEAMS_DEV: {what}. Take this setting out, or set REPORT_HOST=127.0.0.1.")
        return teams

    def unknown(self) -> None:
        """Call every variable of ours that is no setting unknown: a slip must not pass in silence.

        Other programs have variables of Slack and Teams too; only what is nearly one of ours is a slip.
        """
        known = [setting.name for setting in SETTINGS]
        for name in sorted(set(self._environment) - set(known)):
            ours = name.upper().startswith(_OURS)
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.6 if ours else 0.9)
            if ours or (near and name.upper().startswith(_PLATFORMS)):
                mend = f"Did you mean {near[0]}?" if near else "docs/settings.md lists what there is."
                self.wrongs.append(f"{name}: there is no such setting. {mend}")


def _slack_wrongs(slack: SlackSettings) -> Iterator[str]:
    """Yield what is wrong with Slack's settings: what is missing, and what stands in another's place."""
    if slack.bot_token is None and not slack.client_id:
        if slack.signing_secret or slack.app_token or slack.client_secret:
            yield f"SLACK_BOT_TOKEN: the other Slack settings are there, this one is missing. {_OR_NONE}"
        return
    if slack.signing_secret is None and slack.app_token is None:
        yield (
            "SLACK_SIGNING_SECRET: without it nobody could tell whether a request is Slack's. Copy it from "
            "the app's settings, Basic Information; with Socket Mode set SLACK_APP_TOKEN instead."
        )
    if bool(slack.client_id) != bool(slack.client_secret):
        yield "SLACK_CLIENT_SECRET: it and SLACK_CLIENT_ID belong together. Set both or neither."
    if slack.client_secret and revealed(slack.client_secret) == revealed(slack.signing_secret):
        where = "Each has a line of its own in the app's settings, under Basic Information."
        yield f"SLACK_SIGNING_SECRET, SLACK_CLIENT_SECRET: these are one and the same. {where}"
    if not is_slacks(slack.api_url):
        if not is_loopback(split(slack.api_url).hostname or ""):
            what = "this is neither Slack nor on this computer: tokens and reports would go there"
            yield f"SLACK_API_URL: {what}. Take this setting out."
        return
    yield from _slack_token_wrongs(slack)


def _slack_token_wrongs(slack: SlackSettings) -> Iterator[str]:
    """Yield what is wrong with what Slack has given out."""
    wrong = [
        name
        for name, token, begins in (
            ("SLACK_BOT_TOKEN", slack.bot_token, ("xoxb-", "xoxe.xoxb-")),
            ("SLACK_APP_TOKEN", slack.app_token, ("xapp-",)),
        )
        if token and not token.reveal().startswith(begins)
    ]
    yield from _no_words(
        ("SLACK_BOT_TOKEN", slack.bot_token),
        ("SLACK_APP_TOKEN", slack.app_token),
        ("SLACK_CLIENT_SECRET", slack.client_secret),
    )
    if wrong:
        what = "this is another token" if len(wrong) == 1 else "these are other tokens"
        yield f"{', '.join(wrong)}: {what}. SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-."
    secret = slack.signing_secret
    if secret and not _SIGNING_SECRET.fullmatch(secret.reveal()):
        yield (
            "SLACK_SIGNING_SECRET: this is no signing secret. It is 32 letters and digits: look in the "
            "app's settings under Basic Information."
        )


def _teams_wrongs(teams: TeamsSettings) -> Iterator[str]:
    """Yield what is wrong with the settings of Teams: what is missing, and what is no id."""
    password = revealed(teams.app_password)
    if _ID.fullmatch(password):
        mend = "Copy what stands under Value; Entra shows it only once: else make a new one."
        yield f"TEAMS_APP_PASSWORD: this is the secret's id, not the secret. {mend}"
    elif password:
        yield from _no_words(("TEAMS_APP_PASSWORD", teams.app_password))
    if teams.app_id and teams.app_id.lower() == teams.tenant_id.lower():
        where = "Each has a line of its own in the app's overview in Entra."
        yield f"TEAMS_APP_ID, TEAMS_TENANT_ID: these are one and the same. {where}"
    for name, value in (
        ("TEAMS_APP_ID", teams.app_id),
        ("TEAMS_APP_PASSWORD", teams.app_password),
        ("TEAMS_TENANT_ID", teams.tenant_id),
    ):
        if not value:
            yield f"{name}: the other Teams settings are there, this one is missing. {_OR_NONE}"
        elif isinstance(value, str) and not _ID.fullmatch(value):
            mend = "It looks like 00000000-0000-0000-0000-000000000001 and stands in Entra."
            yield f"{name}: this is no id. {mend}"


def revealed(secret: Secret[str] | None) -> str:
    """Return what a secret says, "" where there is none; never print it."""
    return secret.reveal() if secret else ""


def _no_words(*tokens: tuple[str, Secret[str] | None]) -> Iterator[str]:
    """Yield which tokens hold a sign that none has: a blank, three dots for the rest, a line's end."""
    for name, token in tokens:
        if token and not is_one_word(token.reveal()):
            yield f"{name}: a sign stands in it that no token has. Copy it again, whole."


def is_slacks(url: str) -> bool:
    """Return whether an address of the Web API is Slack's own, and not a stand-in on this computer."""
    return url.startswith("https://slack.com/")


def is_open_to_others(mode: int, system: str) -> bool:
    """Return whether a file's mode lets others read it; Windows keeps that elsewhere and is not asked."""
    return system == "posix" and bool(mode & 0o077)


def as_text(content: bytes) -> str:
    """Return what a small text file says. PowerShell's ``>`` writes UTF-16, and Notepad a mark in front."""
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if is_utf16 else "utf-8-sig")


def printed(command: str) -> str:
    """Return what a command prints: the key that another keeps, a KMS say. Its own errors are not shown."""
    words = shlex.split(command, posix=os.name == "posix")
    done = subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=_PATIENCE)  # noqa: S603 - whoever runs us named it
    return as_text(done.stdout)


def decoded_key(text: str) -> bytes | None:
    """Return the key a base64 text holds, in either alphabet; None if it holds none."""
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None
