"""The policy on paper: a page that a Headteacher and a Chair can sign, the table as text, one case in words."""

from __future__ import annotations

from typing import TextIO

import msgspec

from bot.decide import WRONG, read
from flows.assessment import assess, check
from flows.errors import InvalidAnswer
from flows.policy import Policy, default_policy
from flows.policy import decide as decided
from flows.policy import explain as explained
from flows.policy_table import Conditions, Row, Variant

_DEADLINES = """| how soon | by when |
|---|---|
| emergency | now, by phone too |
| urgent | within 1 hour, by phone too |
| same day | sent by 15:00 on a working day: 17:00 that day; else 12:00 on the next. From an S or C8 row or C3c: \
the on-call person by 09:00 the next day, holidays included |
| two working days | 17:00 on the second working day after |
| routine | 17:00 on the fifth working day after |
"""
_LAYERS = {"policy": "the policy's words", "safeguarding": "safeguarding duty", "setting": "school setting"}


def page(policy: Policy | None = None) -> str:
    """Return the page to sign, as Markdown: clauses, rows, who leads, deadlines, signatures."""
    policy = policy or default_policy()
    table = policy.table
    parts = [
        "<!-- Written by `make docs` from flows/policy.toml. Change that, not this. -->\n",
        f"# What happens when a posting is reported\n\nVersion {policy.version}.\n",
        (
            "Three layers are kept apart: **the policy's words**, quoted; **safeguarding duties**, which override\n"
            "the policy; and **school settings**, which the school may change. The bot routes to people. It never\n"
            "decides that something is defamatory, racist or a crime, and it contacts nobody outside.\n"
        ),
        "## The policy's clauses\n\n| clause | who · how firmly | words |\n|---|---|---|",
        *(f"| {name} | {c.actor} | “{c.quote}” |" for name, c in table.clause.items()),
        (
            "\n## The rows\n\nEvery row that applies counts; the most urgent and the strongest win. Every row but C34"
            " also asks for the\nHeadteacher, unless a row L below says otherwise.\n"
        ),
        *(_row(row, policy) for row in table.row),
        f"### {table.nobody.id} · school setting\n\n{table.nobody.because}\n",
        "## Who is told and who leads\n\nIn this order, after the rows. All are school settings.\n",
        *(f"- **{row.id}** {row.because} (When {_when(row.when, policy)}.)" for row in table.lead),
        "- Last of all: a DSL or vice-chair to be kept out gives way to the deputy DSL or the substitute governor.\n",
        "## What also follows\n",
        *(f"- **{_plain(f.id)}**: {_list(f.actions)} – when {_when(f.when, policy)}." for f in table.follow),
        "\nFor C3 and C4, those responsible are contacted by the first of these lines that holds:\n",
        *(f"{at}. {c.id}: {_plain(c.action) or 'nothing more'}." for at, c in enumerate(table.contact, 1)),
        (
            f"\nWhile contact is on hold, these wait until the DSL, the LADO or the police agree: "
            f"{_list(table.hold.waits)}.\n"
        ),
        "## How soon (school settings)\n\n" + _DEADLINES,
        (
            "## Signatures\n\nHeadteacher: ______________________ Date: ____________\n\n"
            "Chair of Governors: ______________________ Date: ____________"
        ),
    ]
    return "\n".join(parts) + "\n"


def table(policy: Policy | None = None) -> str:
    """Return the decision table as plain text, one line a row or variant."""
    policy = policy or default_policy()
    lines = [f"Policy of {policy.version}"]
    for row in policy.table.row:
        for each in (row, *row.variant):
            lines.append(f"{each.id:<16}{row.layer:<14}{_when(each.when, policy)} → {_asks(each)}")
    lines += [
        f"{row.id:<16}{'setting':<14}{_when(row.when, policy)} → {_plain(row.then)}"
        for row in policy.table.lead
    ]
    return "\n".join(lines)


def explain_answers(source: str, out: TextIO, err: TextIO) -> int:
    """Print in words what the policy asks for with the answers of a file; return the exit code."""
    try:
        answers = msgspec.json.decode(read(source), type=dict[str, object])
        out.write(explain_one(default_policy(), answers))
    except (InvalidAnswer, msgspec.DecodeError, OSError) as error:
        err.write(" ".join(str(error).split()) + "\n")
        return WRONG
    return 0


def explain_one(policy: Policy, answers: dict[str, object]) -> str:
    """Return in words what the policy asks for. Raises InvalidAnswer."""
    checked, unfinished = check(answers)
    return explained(policy, decided(policy, assess(checked, unfinished=unfinished)))


def _row(row: Row, policy: Policy) -> str:
    clauses = f" · {', '.join(row.clauses)}" if row.clauses else ""
    lines = [f"### {row.id} · {_LAYERS[row.layer]}{clauses}\n", f"{row.because}\n"]
    if row.quote:
        lines.append(f"> {row.quote}\n")
    lines.append(f"- When {_when(row.when, policy)}: {_asks(row)}.")
    for each in row.variant:
        but = f", unless {_when(each.unless, policy)}" if each.unless else ""
        lines.append(f"- And when {_when(each.when, policy)}{but}: {_asks(each)}.")
    if row.level_layer:
        whose = {"policy": "named by the policy itself", "setting": "a school setting"}
        lines.append(
            f"- Levels: {', '.join(f'{b} – {whose[layer]}' for b, layer in row.level_layer.items())}."
        )
    return "\n".join(lines) + "\n"


def _when(sets: list[Conditions], policy: Policy) -> str:
    return "; or ".join(" and ".join(_fact(f, v, policy) for f, v in each.items()) for each in sets)


def _fact(fact: str, values: list[str | bool], policy: Policy) -> str:
    if fact == "matched":
        return f"row {' or '.join(map(str, values))} applies"
    if fact == "not_matched":
        return f"none of {', '.join(map(str, values))} applies"
    words = policy.table.fact.get(fact, _plain(fact))
    if values in ([True], [False]):
        return words if values[0] else f"it is not so that {words}"
    return f"{words}: {' or '.join(_plain(str(v)) for v in values)}"


def _asks(each: Variant) -> str:
    asks = [f"tell the {_plain(seat)}" for seat in each.tell]
    if isinstance(each, Row) and each.chairs_part:
        asks.append("the Chair's part")
    asks += [
        f"{body}: {_plain(level)}"
        for body, level in (("police", each.police), ("Legal", each.legal))
        if level
    ]
    asks += [_plain(each.urgency)] if each.urgency else []
    asks += [_plain(action) for action in each.actions]
    if isinstance(each, Row) and each.hold:
        asks.append("contact waits")
    return ", ".join(asks) or "the Headteacher is told"


def _list(words: list[str]) -> str:
    return ", ".join(map(_plain, words))


def _plain(word: str) -> str:
    return word.replace("_", " ")
