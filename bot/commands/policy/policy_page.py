"""The policy on paper: the page a Headteacher and a Chair sign, the table as text, one case in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

import msgspec

from bot.commands.decide import WRONG, read
from flows.errors import InvalidAnswer
from flows.model import Hold
from flows.policy.assessment import assess
from flows.policy.engine import Policy, default_policy
from flows.policy.engine import decide as decided
from flows.policy.facts import NOTHING
from flows.policy.said import as_said
from flows.policy.table import ANY_ROW_ABOVE, Conditions, Rule, Variant
from flows.policy.wording import action_words
from flows.policy.wording import explain as explained
from flows.questions.table import KEYS
from flows.words import say

_HEAD = """<!-- Written by `make docs` from flows/policy/duties.toml and forms/county.toml. Change those. -->

# What happens when a posting is reported

Version {version}. To be read, and signed at the end, by the Headteacher and the Chair of Governors.

Three layers are kept apart: **the policy's words**, quoted; **safeguarding duties**, which override the
policy and come from elsewhere; and **school settings**, which are the school's to change. The bot sends a
report to the right people. It never decides that something *is* defamatory, racist or a crime, and it never
contacts whoever posted it, the police or Legal Services: a named person decides that, and records why.
"""
_ROWS = """## The rows

*Every* row that applies counts. What the rows ask for adds up; the most urgent row sets how soon, and the
strongest level stands. Every row but {without_head} also asks for the Headteacher, unless *Who is told and
who leads*, further down, says otherwise. Beside each level for the police and Legal Services stands whose it
is: *named by the policy*, *safeguarding duty*, or *school setting*. Of what a card in a channel may say, the
most telling is said: {kinds}.
"""
_DEADLINES = """## How soon (school settings)

| how soon | by when |
|---|---|
| now | at once, by phone too |
| within the hour | within 1 hour, by phone too |
| same day | sent by 15:00 on a working day: 17:00 that day; else 12:00 on the next. \
From {safeguarding}: the on-call person by 09:00 the next day, holidays included |
| within two working days | 17:00 on the second working day after |
| within five working days | 17:00 on the fifth working day after |
"""
_SIGNED = """## Signatures

We have read this page. It is how our school wants reports of postings to be handled.

| | name | signature | date |
|---|---|---|---|
| Headteacher | ____________________ | ______________________________ | ______________ |
| Chair of Governors | ____________________ | ______________________________ | ______________ |

To be read again on: ______________
"""
_LAYERS = {"policy": "the policy's words", "safeguarding": "safeguarding duty", "setting": "school setting"}
_WHOSE = {**_LAYERS, "policy": "named by the policy"}
_ENDS = {
    Hold.SAFEGUARDING: "Only the DSL, the LADO or the police end it.",
    Hold.POLICE: "A recorded decision on the police ends it.",
}
_LEVELS: dict[str, str] = {
    "consider": "to be considered",
    "recommend": "recommended",
    "call_999_now": "ring 999 now",
}
_VALUES = {
    "headteacher": "the Headteacher",
    "chair": "the Chair",
    "governor": "a governor",
    "school": "the school",
    "pupil": "a pupil",
    "parent_carer": "a parent or carer",
    "parent_or_other_adult": "another parent or adult",
    "none": "nothing to do with our school",
    "unknown": "somebody unknown",
    "former": "a former member of the school",
    "other_known": "somebody else who is known",
    "is_poster": "who posted it",
    "is_target": "whom it is about",
    "sexual_imagery_child": "a sexual image of anyone under 18",
    "child_at_risk": "a child at risk",
    "adult_at_risk": "an adult at risk",
    "staff_allegation": "an allegation about somebody who works here",
    "private_information": "giving out what is private",
    "could_harm_reputation": "harmful to somebody's good name",
    "reporter": "the reporter",
    "colleague": "a colleague",
    "school_account": "the school's account",
    "condemns_or_corrects": "that it was wrong",
    "shared": "to share it",
    **_LEVELS,
}


def page(policy: Policy | None = None) -> str:
    """Return the page to sign, as Markdown: clauses, rows, who leads, deadlines, signatures."""
    policy = policy or default_policy()
    table = policy.table
    parts = [
        _HEAD.format(version=policy.version),
        "## The policy's clauses\n\n| clause | who · how firmly | words |\n|---|---|---|",
        *(f"| {name} | {clause.actor} | “{clause.quote}” |" for name, clause in table.clause.items()),
        "\n" + _rows_head(policy),
        *(row_page(row, policy) for row in table.row),
        f"### {table.nobody.id} · {_LAYERS[table.nobody.layer]}\n\n{as_said(table.nobody.because)}\n",
        "## Who is told and who leads\n\nIn this order, after the rows. All are school settings.\n",
        *(f"- **{row.id}** {as_said(row.because)}\n{_when(row.when, policy, '  ')}" for row in table.lead),
        "- Last of all: a DSL or vice-chair whom the reporter asks to keep out gives way to",
        "  the deputy DSL or the substitute governor.\n",
        "## What also follows\n",
        *(f"- {_list(f.actions, policy)}\n{_when(f.when, policy, '  ')}" for f in table.follow),
        "\n## How those responsible are contacted\n\nThe first line that holds counts.\n",
        *(_contact(at, policy) for at in range(len(table.contact))),
        "\n## While contact is on hold\n\nThese wait until the DSL, the LADO or the police agree:\n",
        *(f"- {_action(action, policy)}" for action in table.hold.waits),
        "\n"
        + _DEADLINES.format(safeguarding=_and([row.id for row in table.row if row.safeguarding_deadline])),
        _SIGNED,
    ]
    return "\n".join(parts).rstrip() + "\n"


def _rows_head(policy: Policy) -> str:
    table = policy.table
    without_head = _and([*(row.id for row in table.row if not row.asks_head), table.nobody.id])
    kinds = ", ".join(f"*{as_said(say(f'kind.{kind}'))}*" for kind in table.kinds)
    return _ROWS.format(without_head=without_head, kinds=kinds)


def row_page(row: Rule, policy: Policy) -> str:
    """Return one row of the page."""
    whose, why, what = row_parts(row, policy)
    return "\n".join((f"### {row.id} · {whose}\n", why, what)) + "\n"


def row_parts(row: Rule, policy: Policy) -> tuple[str, str, str]:
    """Return a row of the page in pieces: whose it is, why, and when it asks for what."""
    clauses = f" · {', '.join(row.clauses)}" if row.clauses else ""
    why = [f"{as_said(row.because)}\n", *([f"> “{row.quote}”\n"] if row.quote else [])]
    what = [_when(row.when, policy, ""), *_asks(row, row, policy)]
    for each in row.variant:
        what += ["", _when(each.when, policy, "", more=True)]
        what += ["", f"But not when {_any(each.unless, policy)}."] if each.unless else []
        what += _asks(each, row, policy)
    return f"{_LAYERS[row.layer]}{clauses}", "\n".join(why), "\n".join(what)


def _contact(at: int, policy: Policy) -> str:
    line = policy.table.contact[at]
    but = f"\n   But not when {_any(line.unless, policy)}." if line.unless else ""
    asks = _action(line.action, policy) if line.action else "Nothing more."
    return f"{at + 1}. *{line.id[0].upper()}{line.id[1:]}.* {asks}\n{_when(line.when, policy, '   ')}{but}"


def _when(sets: list[Conditions], policy: Policy, indent: str, *, more: bool = False) -> str:
    """Return the conditions in words: what all sets share once, then what sets them apart."""
    begin = f"{indent}{'And also when' if more else 'When'} "
    shared = {fact: values for fact, values in sets[0].items() if all(s.get(fact) == values for s in sets)}
    if len(sets) == 1:
        return f"{begin}{_set(sets[0], policy)}."
    apart = [{fact: values for fact, values in each.items() if fact not in shared} for each in sets]
    begin += f"{_set(shared, policy)}, and any of these:" if shared else "any of these:"
    return "\n".join([begin, "", *(f"{indent}- {_set(each, policy)}" for each in apart)])


def _any(sets: list[Conditions], policy: Policy) -> str:
    return ", or ".join(_set(each, policy) for each in sets)


def _set(conditions: Conditions, policy: Policy) -> str:
    return ", and ".join(_fact(fact, values, policy) for fact, values in conditions.items())


def _fact(fact: str, values: list[str | bool], policy: Policy) -> str:
    table = policy.table
    if fact == "matched":
        return "any row above applies" if values == [ANY_ROW_ABOVE] else f"row {_or(_words(values))} applies"
    if fact == "not_matched":
        return (
            f"none of the rows {', '.join(_words(values))} applies"
            if values[1:]
            else f"row {values[0]} does not apply"
        )
    if values in ([False], ["no"]):
        return table.fact_false[fact]
    name = table.fact[fact]
    if values == [True]:
        return name
    if values == [NOTHING]:
        return f"{name} nobody"
    words = [_VALUES.get(str(value), _plain(str(value))) for value in values]
    if fact in KEYS and KEYS[fact].yes_no:
        return f"{name} ({', or '.join(words)})"
    if values == ["not_sure"]:
        return f"{name} … (not sure)"
    sure = _or([word for word in words if word != "not sure"])
    return f"{name} {sure}{', or that is not sure' if 'not_sure' in values else ''}"


def _asks(each: Variant, row: Rule, policy: Policy) -> Iterator[str]:
    """Yield what a row or a variant asks for, a line each."""
    yield "\nThen:\n"
    for seat in each.tell:
        yield f"- tell: {say(f'seat.{seat}')}"
    if isinstance(each, Rule) and each.chairs_part:
        yield "- tell: Chair of governors (the vice-chair where the Chair must not know)"
    for body, level in (("police", each.police), ("legal", each.legal)):
        if level:
            yield f"- {say(f'seat.{body}')}: **{_LEVELS[level]}** ({_WHOSE[row.level_layer[body]]})"
    if each.urgency:
        yield f"- how soon: {say(f'urgency.{each.urgency}').lower()}"
    for action in each.actions:
        yield f"- {_action(action, policy)}"
    if each.hold:
        yield f"- {_action('hold_contact_with_poster', policy)} {_ENDS[each.hold]}"
    if isinstance(each, Rule) and each.kind:
        yield f"- a card in a channel may say: *{as_said(say(f'kind.{each.kind}'))}*"


def _words(values: list[str | bool]) -> list[str]:
    return [str(value) for value in values]


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _or(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _action(action: str, policy: Policy) -> str:
    return action_words(action, policy.table.own) or _plain(action)


def _list(actions: list[str], policy: Policy) -> str:
    return " ".join(_action(action, policy) for action in actions)


def _plain(word: str) -> str:
    return word.replace("_", " ")


def table(policy: Policy | None = None) -> str:
    """Return the decision table as plain text, one line a row or variant, in the file's own words."""
    policy = policy or default_policy()
    lines = [f"Policy of {policy.version}"]
    for row in policy.table.row:
        for each in (row, *row.variant):
            lines.append(f"{each.id:<16}{row.layer:<14}{_bare(each.when)} → {_bare_asks(each)}")  # noqa: PERF401 - reads better
    lines += [f"{row.id:<16}{'setting':<14}{_bare(row.when)} → {row.then}" for row in policy.table.lead]
    return "\n".join(lines)


def _bare(sets: list[Conditions]) -> str:
    def said(fact: str, values: list[str | bool]) -> str:
        return (
            f"{fact} {'/'.join(str(value).lower() if isinstance(value, bool) else value for value in values)}"
        )

    return "; or ".join(" and ".join(said(fact, values) for fact, values in each.items()) for each in sets)


def _bare_asks(each: Variant) -> str:
    levels = [f"{body}: {level}" for body, level in (("police", each.police), ("legal", each.legal)) if level]
    asks = [*(f"tell {seat}" for seat in each.tell), *levels, *([each.urgency] if each.urgency else [])]
    return ", ".join([*asks, *each.actions]) or "–"


def explain_answers(source: str, out: TextIO, err: TextIO) -> int:
    """Print in words what the policy asks for with the answers of a file; return the exit code."""
    try:
        answers = msgspec.json.decode(read(source), type=dict[str, object])
        out.write(explain_one(default_policy(), answers))
    except RecursionError:
        err.write("This is not JSON of answers: brackets stand inside brackets without end.\n")
        return WRONG
    except (InvalidAnswer, msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        err.write(" ".join(str(error).split()) + "\n")
        return WRONG
    return 0


def explain_one(policy: Policy, answers: dict[str, object]) -> str:
    """Return in words what the policy asks for. Raises InvalidAnswer."""
    unfinished = answers.get("unfinished") is True
    return explained(policy, decided(policy, assess(answers, unfinished=unfinished)))
