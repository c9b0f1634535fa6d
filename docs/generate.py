"""Writes the pages that are drawn from tables: ``make docs``. A test proves that they are fresh.

Each page is a function that returns its text; nothing in a generated page is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from flows.case import BY_ITSELF, LIFECYCLE  # noqa: E402 - the path has to be set first

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


PAGES: dict[str, Callable[[], str]] = {"lifecycle.md": lifecycle}


def main() -> None:
    """Write every page that has changed."""
    for name, page in PAGES.items():
        path, text = HERE / name, page()
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"wrote docs/{name}")


if __name__ == "__main__":
    main()
