"""Every event that our modules log is on the list, and comes out with its reference and nothing else."""

from __future__ import annotations

import ast
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import log
from bot.log_events import EVENTS
from flows.delivery.follows import FOLLOWS
from tests.bot.test_log import TOKEN, WORDS, undone

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def logged() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield every call of ours that logs: the module's logger, the event, the call."""
    for room in ("bot", "adapters", "storage", "flows"):
        for path in (ROOT / room).rglob("*.py"):
            logger = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and node.args
                    and isinstance(first := node.args[0], ast.Constant)
                ):
                    by_logger = isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS
                    by_note = isinstance(node.func, ast.Name) and node.func.id == "note"
                    if (by_logger or by_note) and isinstance(first.value, str):
                        yield logger, first.value, node


def written(name: str, event: str, *args: object) -> str:
    """Return the line that a module's logger writes."""
    stream = io.StringIO()
    with undone():
        log.setup("info", stream)
        logging.getLogger(name).warning(event, *args)
    return stream.getvalue().strip()


@pytest.mark.unwatched
def test_the_list_is_what_is_logged() -> None:
    """No event is missing on it, and none stands there that is logged nowhere."""
    found = {event for _, event, _ in logged()} | {row.logs for row in FOLLOWS.values()} - {""}
    assert found - EVENTS.keys() == set()
    assert EVENTS.keys() - found == set()


@pytest.mark.unwatched
def test_facts_are_given_so_that_they_come_out() -> None:
    """Beside its event a logger is given one table of facts, or nothing: extra= and %s are left out."""
    wrong = [
        (logger, event)
        for logger, event, call in logged()
        if isinstance(call.func, ast.Attribute)
        and (
            [k.arg for k in call.keywords if k.arg != "exc_info"] or not all(_table(a) for a in call.args[1:])
        )
    ]
    assert wrong == []


def _table(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Dict)


@pytest.mark.parametrize(("logger", "event"), sorted({(logger, event) for logger, event, _ in logged()}))
def test_every_event_can_be_read(logger: str, event: str) -> None:
    """Its name and its reference are in the line; a fact that is no fact is not."""
    line = written(logger, event, {"reference": "slack-busy", "count": 3, "who": WORDS, "token": TOKEN})
    assert f"{event} reference=slack-busy count=3 who=<str> token=<str>" in line
    assert WORDS not in line
    assert TOKEN not in line


@pytest.mark.parametrize(
    ("name", "event", "args"),
    [
        ("adapters.slack", "ash.example", ({"reference": "slack-busy"},)),  # no event of ours
        ("adapters.slack", WORDS, ()),
        ("adapters.slack", "file.waits %s", (WORDS,)),
        ("adaptersx", "file.waits", ()),  # not our name
        ("library.kit", "file.waits", ({"reference": "slack-busy"},)),
    ],
)
def test_whatever_is_no_event_is_not_read(name: str, event: str, args: tuple[object, ...]) -> None:
    """Only the place it was said at."""
    assert "library.said at=test_log_events.py" in written(name, event, *args)


@pytest.mark.parametrize("reference", [WORDS, TOKEN + " ", "A" * 80, "", "ash@example", 7, ["slack-busy"]])
def test_only_a_reference_is_shown_as_one(reference: object) -> None:
    """Words in its place are not shown."""
    line = written("adapters.teams", "view.lost", {"reference": reference})
    assert line.endswith(("reference=<str>", "reference=7", "reference=<list>"))
