"""Writes the pages that are drawn from tables: ``make docs``. A test proves that they are fresh.

Each page is a function that returns its text; nothing in a generated page is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import typer  # noqa: E402 - the path has to be set first

from bot import policy_page  # noqa: E402 - as above
from bot.__main__ import app  # noqa: E402 - as above
from flows.case import BY_ITSELF, LIFECYCLE  # noqa: E402 - as above

COMMANDS_HEAD = """# Commands

In a clone, `make run` and `make serve` set up what is needed and then call the first two. Installed as a
package, `report-posting …` is the same as `python -m bot …`. Exit codes: 0 done, 1 something failed,
2 the input was wrong.
"""
MARK = "<!-- Written by `make docs` from {source}. Change that, not this. -->\n\n"


def lifecycle() -> str:
    """Return the life of a case as a picture and as a table."""
    lines = ["stateDiagram-v2", "    [*] --> open: a report comes in"]
    for status, moves in LIFECYCLE.items():
        for to in dict.fromkeys(moves.values()):
            names = [name.replace("_", " ") for name, end in moves.items() if end is to]
            if to is not status:
                lines.append(f"    {status} --> {to}: {', '.join(names)}")
        for why, to in BY_ITSELF[status].items():
            if to is not status:
                lines.append(f"    {status} --> {to}: {why}")
    actions = list(dict.fromkeys(name for moves in LIFECYCLE.values() for name in moves))
    head = f"| what somebody does | {' | '.join(LIFECYCLE)} |"
    rows = [
        f"| {action.replace('_', ' ')} | "
        + " | ".join(_cell(status, LIFECYCLE[status].get(action)) for status in LIFECYCLE)
        + " |"
        for action in actions
    ]
    return (
        MARK.format(source="the table in flows/case.py")
        + "# The life of a case\n\n"
        + "What can happen to a case, and the status it leads to. Whether a *person* may do it depends on\n"
        + "who they are to the case; that is asked each time, on every platform. What a status does not\n"
        + "allow changes nothing.\n\n"
        + "```mermaid\n"
        + "\n".join(lines)
        + "\n```\n\n"
        + "\n".join([head, "|---" * (len(LIFECYCLE) + 1) + "|", *rows])
        + "\n"
    )


def _cell(status: str, to: str | None) -> str:
    if to is None:
        return "–"
    return "yes" if to == status else f"→ {to}"


def commands() -> str:
    """Return every command of the command line, as one would type it."""
    parts = [MARK.format(source="the command line in bot/__main__.py") + COMMANDS_HEAD]
    for name, command in listed_commands():
        typed = " ".join(
            ["python -m bot", name, *(_argument(given) for given in _given(command, "argument"))]
        )
        parts.append(f"\n## {name}\n\n`{typed}`\n\n{(command.help or '').strip()}\n")
        rows = [
            f"| `{_sign(given)}` | {given.help or ''} | {_usual(given)} |"
            for given in command.params
            if given.name != "help"
        ]
        if rows:
            parts.append("\n| | | if left out |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    return "".join(parts)


def listed_commands() -> list[tuple[str, Any]]:
    """Return every command with its name as typed."""
    return _commands("", typer.main.get_command(app))


def _commands(before: str, group: Any) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, command in group.commands.items():
        inner = hasattr(command, "commands")
        found += _commands(f"{before}{name} ", command) if inner else [(f"{before}{name}", command)]
    return found


def _given(command: Any, kind: str) -> list[Any]:
    return [given for given in command.params if given.param_type_name == kind]


def _argument(given: Any) -> str:
    name = given.metavar or given.name.upper()
    return str(name) if given.required else f"[{name}]"


def _sign(given: Any) -> str:
    return str(given.opts[0] if given.param_type_name == "option" else given.metavar or given.name.upper())


def _usual(given: Any) -> str:
    return "–" if given.default in (None, "", 0, False) or given.required else f"`{given.default}`"


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "lifecycle.md": lifecycle,
    "policy.md": policy_page.page,
}


def main() -> None:
    """Write every page that has changed."""
    for name, page in PAGES.items():
        path, text = HERE / name, page()
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"wrote docs/{name}")


if __name__ == "__main__":
    main()
