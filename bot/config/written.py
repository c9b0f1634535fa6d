"""How paths, addresses and tokens are written: what is none, though it stands where one belongs.

Messages name what is wrong and the mend, never what was found.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

#: quotes that a shell leaves in place, or a text program makes, round the whole of what was meant
_QUOTED = re.compile(r"\"(.*)\"|'(.*)'|“(.*)”|‘(.*)’")
#: what only a shell replaces by something else
_SHELLS = re.compile(r"~|.*(\$\w|\$\{|%\w+%)")
_DRIVE = re.compile(r"[A-Za-z]:")
#: longer than any computer takes
_LONGEST_PATH = 1024
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
#: names without a dot, numbers, names of a house's own network: none is reached from outside
_INSIDE = re.compile(r"[^.]*|[0-9.]+|.*\.(local|localhost|internal)")
_PUBLIC_PORTS = range(1, 65_536)


def unquoted(text: str) -> str:
    """Return a text without the quotes that Windows' ``set`` and a pasted line leave round it."""
    found = _QUOTED.fullmatch(text)
    return next((inside.strip() for inside in found.groups() if inside is not None), "") if found else text


def settings_of(text: str) -> dict[str, str]:
    """Return what a file of settings says, a line each: NAME=value, as a shell and systemd read it."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip().removeprefix("export "): unquoted(value.strip()) for name, value in pairs}


def no_path(path: str, system: str = os.name) -> str:
    """Return what is wrong with a path as it is written, and the mend; "" if nothing is."""
    if _SHELLS.match(path):
        return "nothing is put in place of ~, $… or %…% here. Write the whole path."
    if path != path.strip():
        return "a blank stands before the path. Take it out."
    if not path.isprintable() or len(path) > _LONGEST_PATH:
        return "this is no path. Write where the file is, for example /srv/reports/reports.db."
    if _DRIVE.match(path):
        if system == "posix":
            return "this is a path of Windows, and this computer has none such. Write it as it is here."
        if not path[2:].startswith(("/", "\\")):
            return "a \\ is missing behind the letter of the disk. Write it like C:\\reports\\reports.db."
    return ""


def meant_file(path: Path) -> str:
    """Return what file may be meant where there is none of this name; "" if none comes near."""
    try:
        beside = [one.name for one in path.absolute().parent.iterdir() if one.is_file()]
    except (OSError, ValueError):
        return ""
    if f"{path.name}.txt" in beside:
        return f"Notepad has called it {path.name}.txt: take the .txt off its name."
    near = difflib.get_close_matches(path.name, beside, n=1, cutoff=0.75)
    return f"Did you mean {near[0]}?" if near else ""


def address_wrongs(name: str, address: str) -> list[str]:
    """Return what is wrong with our own public address; Slack calls us below it, and only by https."""
    if not address or _is_public(address):
        return []
    mend = "Write https:// and its name, nothing behind it: https://bot.school.example"
    return [f"{name}: this is not our public address. {mend}"]


def _is_public(address: str) -> bool:
    parts = split(address)
    host = parts.hostname or ""
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme != "https" or more:
        return False
    return _NAME.fullmatch(host) is not None and not _INSIDE.fullmatch(host)


def host_wrongs(host: str) -> Iterator[str]:
    """Yield what is wrong with the address we listen on."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        if not _NAME.fullmatch(host):
            mend = "Write only the address, such as 127.0.0.1; the port has a setting of its own."
            yield f"REPORT_HOST: this is no address to listen on. {mend}"


def split(address: str) -> SplitResult:
    """Return the parts of an address; those of none where it is none at all."""
    try:
        parts = urlsplit(address)
        if parts.port is None or parts.port in _PUBLIC_PORTS:
            return parts
    except ValueError:
        pass
    return urlsplit("")


def is_one_word(token: str) -> bool:
    """Return whether a token is all letters, digits and signs that go into a request's head."""
    return re.fullmatch(r"[!-~]+", token) is not None
