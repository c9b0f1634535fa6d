"""Writes the pages that are drawn from tables: ``make docs``. A test proves that they are fresh.

Each page is a function that returns its text; nothing in a generated page is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import typer

from bot.__main__ import app
from bot.commands.policy import policy_page
from bot.log_events import EVENTS
from bot.monitoring.metrics import METRICS
from docs import clock_page
from flows.case.lifecycle import BY_ITSELF, LIFECYCLE
from flows.delivery.follows import FOLLOWS, LATE, Follows
from flows.intake.answers import label as answer_label
from flows.intake.settled import ON_PAGE, settle
from flows.questions.conditions import Answers, Need
from flows.questions.question import Row
from flows.questions.table import CHECK, IMAGERY, PAGES, QUESTIONS
from flows.words import known, say
from tests import features

COMMANDS_HEAD = """# Commands

In a clone, `make run` and `make serve` set up what is needed and then call the first two. Installed as a
package it is `report-posting …`; in a clone the same is `.venv/bin/python -m bot …`. Exit codes: 0 done,
1 something failed, 2 the input was wrong.
"""
MARK = "<!-- Written by `make docs` from {source}. Change that, not this. -->\n\n"


def lifecycle() -> str:
    """Return the life of a case as a picture and as a table."""
    lines = ["stateDiagram-v2", "    [*] --> open: a report comes in"]
    for status, moves in LIFECYCLE.items():
        for to in dict.fromkeys(moves.values()):
            names = [say(f"button.{name}") for name, end in moves.items() if end is to]
            if to is not status:
                lines.append(f"    {status} --> {to}: {', '.join(names)}")
        for why, to in BY_ITSELF[status].items():
            if to is not status:
                lines.append(f"    {status} --> {to}: {why}")
    actions = list(dict.fromkeys(name for moves in LIFECYCLE.values() for name in moves))
    head = f"| what somebody does | {' | '.join(LIFECYCLE)} |"
    rows = [
        f"| {say(f'button.{action}')} | "
        + " | ".join(_cell(status, LIFECYCLE[status].get(action)) for status in LIFECYCLE)
        + " |"
        for action in actions
    ]
    return (
        MARK.format(source="the actions in flows/case/actions/table.py")
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


ROUTES: dict[str, Answers] = {
    "most reports": {},
    "only a fair question": {"nature": ("genuine_concern",)},
    "a sexual image of a child": {"safety": ("sexual_imagery_child",), "sexual_imagery_child": "yes"},
}
CONVERSATION_HEAD = """# What a reporter is asked

One page at a time, safety first, *Back* and *Not sure* everywhere. Each page can also be answered by
typing. Nobody has to finish to be safe: after a worrying answer, a report that is left alone for ten
minutes is sent as it stands.

Where most people say *no*, one press answers; its label says all that it answers. The leaders are alerted
after the second press of a report of danger. Pages / presses, as `tests/flows/test_presses.py` counts them:

| a rude post | told in words first | a picture of a child | a fair question | danger, sent at once |
|---|---|---|---|---|
| 10 / 19 | 9 / 12 | 5 / 9 | 7 / 13 | 3 / 9 |
"""


def conversation() -> str:
    """Return the pages as a picture, and every question on them in the words a reporter reads."""
    moves: dict[tuple[str, str], list[str]] = {}
    for route, answers in ROUTES.items():
        pages = settle(answers).pages
        for move in pairwise(pages):
            moves.setdefault(move, []).append(route)
    lines = ["flowchart TD", *(f'    {page}["{say(f"page.{page}")}"]' for page in (*PAGES, CHECK))]
    for (one, other), routes in moves.items():
        label = "" if len(routes) == len(ROUTES) else f"|{', '.join(routes)}|"
        lines.append(f"    {one} -->{label} {other}")
    parts = [MARK.format(source="the table in flows/questions/table.py"), CONVERSATION_HEAD]
    parts.append("\n```mermaid\n" + "\n".join(lines) + "\n```\n")
    for page in PAGES:
        on_it = ON_PAGE[page]
        parts.append(f"\n## {say(f'page.{page}')}\n\n")
        parts.append("".join(_question(row) for row in on_it if not row.name.startswith("flag_")))
        if any(row.name.startswith("flag_") for row in on_it):
            parts.append(FLAGGED)
    return "".join(parts)


FLAGGED = """- One more question for each word that may mean danger, such as “You used the word *kill*. Does
  the posting threaten violence?”, where that was answered with *no*.
"""


def _question(row: Row) -> str:
    question = QUESTIONS[row.name]
    after = ""
    if row.shown is not None:
        ticks = ", ".join(f"“{answer_label(row.shown.field, value)}”" for value in row.shown.values)
        after = f"*After {ticks}:* "
    elif row.when != IMAGERY and all(
        len(needs) == 1 and isinstance(needs[0], Need) and not needs[0].no for needs in row.when
    ):
        asked = [say(f"question.{need.name}.label") for (need,) in row.when if isinstance(need, Need)]
        after = f"*Where the answer is yes or not sure to {', '.join(f'“{words}”' for words in asked)}:* "
    offered = " · ".join(answer_label(row.name, value) for value in question.options)
    if not offered:
        offered = "seat holders of the school · rather not say" if question.many else "in your own words"
    name = f"question.{row.name}"
    more = f" {say(f'{name}.help')}" if known(f"{name}.help") else ""
    calm = row.page == "hand_over" and known(f"{name}.involved")
    words = say(f"{name}.involved") if calm else say(f"{name}.label")
    return f"- {after}**{words}**{more}  \n  {offered}\n"


def commands() -> str:
    """Return every command of the command line, as one would type it."""
    parts = [MARK.format(source="the command line in bot/__main__.py") + COMMANDS_HEAD]
    for name, command in listed_commands():
        typed = " ".join(
            ["report-posting", name, *(_argument(given) for given in _given(command, "argument"))]
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
    sign = given.opts[0] if given.param_type_name == "option" else given.metavar or given.name.upper()
    return str(sign).replace("|", "\\|")  # a bar would end the table's cell


def _usual(given: Any) -> str:
    return "–" if given.default in (None, "", 0, False) or given.required else f"`{given.default}`"


DELIVERY_HEAD = """# What follows each answer of a platform

A message is stored until it has gone out. Each platform's own words for a failure are sorted into the
answers below, and the rest is the same for all of them. *Used up* means that the message itself has
ended; whatever does not use it up leaves it as it was, and it goes out once that is possible: the most
pressing first, taking back before everything else.

What goes on for too long is told after {presses} where it is urgent or an emergency, after {others}
otherwise, and at once where the connection is refused: the person's next platform is tried; where there
is none the case says whom to ring. It still goes out afterwards. Taking back is never used up: it is
tried again and again, and the case says so.

While a platform is down, `/readyz` answers 503 with its name, since when, why and how much waits for it;
the log has `platform.down` and `platform.up`, once each; an administrator's *status* says it.

| the platform answers | what follows | what it says of the platform | the message | error of ours |
|---|---|---|---|---|
"""


def _steps(follows: Iterable[Follows]) -> str:
    steps = "; else: ".join(step.value for step in follows)
    return steps.replace(f"{Follows.AGAIN.value}; else: ", f"{Follows.AGAIN.value}; meanwhile: ")


def delivery() -> str:
    """Return the table of what follows each answer."""
    rows = [
        f"| {response.value} | {_steps(row.follows)} | {row.sign.value} "
        f"| {'used up' if row.ends else '–'} | {f'`{row.logs}`' if row.logs else '–'} |"
        for response, row in FOLLOWS.items()
    ]
    spoken = {presses: f"{int(time.total_seconds() // 60)} minutes" for presses, time in LATE.items()}
    return (
        MARK.format(source="the table in flows/delivery/follows.py")
        + DELIVERY_HEAD.format(presses=spoken[True], others=spoken[False])
        + "\n".join(rows)
        + "\n"
    )


METRICS_HEAD = """
## Figures

`/metrics` gives them in Prometheus' text form, read from the store when it is asked. None of the three needs
a password, and none names a school, a person or a case. How many cases are open is still nobody's business
outside: let whatever stands between the internet and the bot pass on nothing but the addresses that
[Slack](slack-it.md) or [Teams](teams-it.md) send to.

| figure | by | what it says |
|---|---|---|
"""
MONITORING_HEAD = """# Watching it

`/healthz` answers when the program runs: a balancer asks it. `/readyz` answers 503 and why when something
needs a person, a worker is not there (`worker-silent`) or what is due has lain for a quarter of an hour
(`outbox-late`). Neither says anything of a school. Traces: [settings](settings.md#traces).

## The log

One line an event: when, how grave, which part, which event, its facts. A fact is an id of ours, a number, a
closed word or a `reference` ([errors.md](errors.md)); no name, no word of anybody and no token is ever in it.
A library's own message is left out, save where it was said: `library.said`.

| event | what it means |
|---|---|
"""


def monitoring() -> str:
    """Return what there is to watch."""
    rows = [f"| `{event}` | {meaning} |" for event, meaning in EVENTS.items()]
    figures = [f"| `{m.name}` | {m.label or '–'} | {m.says} |" for m in METRICS]
    mark = MARK.format(source="the tables in bot/log_events.py and bot/monitoring/metrics.py")
    return "\n".join(
        [mark + MONITORING_HEAD + rows[0], *rows[1:], METRICS_HEAD + figures[0], *figures[1:], ""]
    )


GENERATED: dict[str, Callable[[], str]] = {
    "clock.md": lambda: MARK.format(source="the table in flows/case/clock/table.py") + clock_page.page(),
    "commands.md": commands,
    "conversation.md": conversation,
    "delivery.md": delivery,
    "features.md": lambda: MARK.format(source="docs/features.toml and the tests' marks") + features.page(),
    "lifecycle.md": lifecycle,
    "monitoring.md": monitoring,
    "policy.md": policy_page.page,
}


def main() -> None:
    """Write every page that has changed."""
    for name, page in GENERATED.items():
        path, text = HERE / name, page()
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"wrote docs/{name}")


if __name__ == "__main__":
    main()
