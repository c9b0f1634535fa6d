"""The table itself: a broken one is refused by name, every row changes something, the page is fresh."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.commands.policy import policy_page
from flows.errors import InvalidAnswer, PolicyError
from flows.model import Decision
from flows.policy.assessment import assess
from flows.policy.engine import Policy, decide, default_policy, duties, load
from flows.policy.engine.memory import Memory
from flows.policy.own import read_own
from flows.policy.wording import explain

ROOT = Path(__file__).parents[2]
OWN, WORDS = (
    (ROOT / "flows/policy/forms" / name).read_text("utf-8") for name in ("county.toml", "county.txt")
)
DUTIES = duties()


def loaded(old: str = "", new: str = "", *, remember: int = 4096) -> Policy:
    """Return the county's policy with something changed: in the duties, else in its own file."""
    assert old in DUTIES + OWN
    here = old in DUTIES
    return load(
        DUTIES.replace(old, new, 1) if old and here else DUTIES,
        read_own(OWN if here else OWN.replace(old, new, 1)),
        words=WORDS,
        remember=remember,
    )


#: Wrong in one place each: what stands there, what is written instead, and what the error names.
BROKEN: list[tuple[str, str, tuple[str, ...]]] = [
    ('when = [{ immediate_danger = ["yes"] }]', 'when = [{ dangr = ["yes"] }]', ("S1", "dangr")),
    (
        '{ immediate_danger = ["yes"] }',
        '{ immediate_danger = ["perhaps"] }',
        ("S1", "immediate_danger", "perhaps"),
    ),
    ('id = "S2"', 'id = "S1"', ("S1", "id", "twice")),
    ('because = "[repeated:done before by the same people]."', 'because = ""', ("R", "because")),
    ('quote = "address any legitimate', 'quote = "adress any legitimate', ("F", "quote")),
    ('matched = ["C3", "C4", "C5"]', 'matched = ["F"]', ("X", "matched", "later")),
    ('soon = "emergency"', 'soon = "now"', ("S1", "soon", "now")),
    ('tell = ["dsl"]\npolice = "call_999_now"', 'tell = ["dls"]', ("S1", "tell", "dls")),
    (
        'layer = "safeguarding"\nbecause = "Somebody may',
        'layer = "law"\nbecause = "Somebody may',
        ("S1", "layer"),
    ),
    ("[[row]]", "[[row", ("line",)),
    ("[[more]]", "[[more", ("line",)),
    ("up = [true], sexual", 'up = ["true"], sexual', ("keep it", "up", "true")),
    ('id = "S1"', 'id = ""', ("id", "its own")),
    ('[[row]]\nid = "S1"\n', "[[row]]\n", ("row[0]", "id")),
    (f'version = "{default_policy().version}"', "version = 7", ("version", "str")),
    ('quote = "includes, but', 'quote = "include, but', ("C1", "quote")),
    ('because = "A governor or the Chair may be responsible, so governors look into it."', "", ("L3",)),
    ('because = "Nothing in the policy', 'because = ""#', ("N", "because")),
    ("[dsl: It goes to the DSL.]", "[dls: It goes to the DSL.]", ("S3", "because", "dls")),
    ('dsl = "deputy_dsl"', 'dsl = "chair"', ("kept_out", "dsl → deputy_dsl")),
    ('action = "hold_contact_with_poster"', 'action = "hold"', ("hold", "action")),
    ('replied = "the one', 'replied = ""#', ("fact", "replied")),
    ("[fact]\n", '[fact]\nmoon = "it is full"\n', ("fact", "moon")),
    ('rep = "it is not', 'rep = ""#', ("fact_false", "rep")),
    ('layer = "safeguarding"', 'layer = "policy"', ("S1", "quote", "missing")),
    ('id = "S1"\n', 'id = "S1"\nquote = "may"\n', ("S1", "quote", "belong")),
    ('quote = "could be deemed as being', 'quote = "… critical of … being', ("C3", "quote", "clauses")),
    ('clauses = ["C5", "C6"]', 'clauses = ["C99"]', ("C5", "clauses", "C99")),
    ('level_layer = { police = "safeguarding" }\nsoon', "soon", ("S1", "level_layer", "police")),
    (
        'level_layer = { police = "safeguarding" }',
        'level_layer = { police = "ours" }',
        ("S1", "level_layer.police"),
    ),
    ('id = "S3.yes"', 'id = "yes"', ("yes", "id", "S3.something")),
    ('ask = ["support_person_affected"]', 'ask = ["Support!"]', ("C3c", "ask", "Support!")),
    ('when = [{ immediate_danger = ["yes"] }]', "when = []", ("S1", "when", "no condition")),
    ('when = [{ immediate_danger = ["yes"] }]', "when = [{}]", ("S1", "when", "empty")),
    ('{ immediate_danger = ["yes"] }', "{ immediate_danger = [] }", ("S1", "lists no value")),
    ('matched = ["C3", "C4", "C5"]', 'matched = ["C9"]', ("X", "matched", "C9", "no row")),
    ('kind = "threat"', 'kind = "loud"', ("C8v", "kind", "loud")),
    ('"danger", "imagery"', '"loud", "danger", "imagery"', ("kinds", "loud", "words")),
    ('id = "S6"', 'id = "any_row_above"', ("any_row_above", "id")),
    ('hold = "police"', 'hold = "lado"', ("C8v", "hold", "lado")),
    ('instead_of = "headteacher"', 'instead_of = "head"', ("L1", "instead_of", "head")),
    # rows that can never apply
    ("{ about = [true], rep = [true] }", "{ named = [false], rep = [true] }", ("F", "when", "set 1")),
    (
        "{ about = [true], rep = [true] }",
        "{ accused_head = [true], staff_allegation = ['nothing'] }",
        ("F", "when", "set 1"),
    ),
    ("{ about = [true], rep = [true] }", "{ child = [false], child_at_risk = ['yes'] }", ("F", "set 1")),
    ("rep = [false]", 'targets = ["staff"], rep = [false]', ("C3c.dsl", "when", "never")),
    ("{ about = [true], rep = [true] }", "{ rep = [true], targets = ['nothing'] }", ("F", "nothing")),
    ('racist = ["yes"], child', 'racist = ["no"], child', ("C8r.yes", "when", "never")),
    (
        'matched = ["X"], poster = ["staff"',
        'matched = ["X"], not_matched = ["X"], poster = ["staff"',
        ("staff",),
    ),
    (
        'unless = [{ violence = ["yes"] }',
        'unless = [{ only_genuine_concern = [true] }, { violence = ["yes"] }',
        ("F.concern", "unless", "set 1"),
    ),
    # facts that nothing sets, and facts without words
    (
        'because = "[repeated:done before by the same people]."',
        'because = "…"\nunless = [{ moon = ["full"] }]',
        ("R", "moon"),
    ),
    ("[fact]\n", '[fact]\nmoon = "it is full"\n', ("moon", "nothing sets it")),
    (
        "about = [true], repeated",
        'platform = ["blog"], about = [true], repeated',
        ("fact", "platform", "words"),
    ),
    ('then = "nobody_left"\nlegal', 'then = "whoever"\nlegal', ("L6", "then", "whoever")),
]


@pytest.mark.parametrize(("old", "new", "named"), BROKEN)
@pytest.mark.unwatched
def test_a_broken_table_is_refused_by_name(old: str, new: str, named: tuple[str, ...]) -> None:
    """The error names the row, the field and what to do."""
    with pytest.raises(PolicyError) as refused:
        loaded(old, new)
    assert refused.value.hint
    for part in named:
        assert part in str(refused.value)


def test_what_is_said_of_a_broken_table(golden: Callable[[Path, str], None]) -> None:
    """A school's clerk has nothing but these sentences to put the file right with: word for word."""
    said = []
    for old, new, _ in BROKEN:
        with pytest.raises(PolicyError) as refused:
            loaded(old, new)
        if "cannot be read" not in refused.value.message:  # there Python has a say
            said.append(f"{refused.value.message}\n  {refused.value.hint}\n")
    golden(Path(__file__).parent / "golden" / "refused.txt", "".join(said))


def outcome(policy: Policy, answers: dict[str, Any]) -> Decision:
    """Return a decision without its reasons."""
    found = decide(policy, assess(answers, unfinished=answers.get("unfinished", False)))
    return replace(found, reasons=())


@pytest.mark.unwatched
def test_every_row_changes_some_decision(sets: Callable[[int, int], Iterator[dict[str, Any]]]) -> None:
    """Take any one row away and some decision comes out differently, reasons aside."""
    whole = default_policy()
    fewer = {
        row.row.id: replace(whole, rows=tuple(r for r in whole.rows if r is not row)) for row in whole.rows
    }
    fewer |= {
        row.row.id: replace(
            whole,
            leads=replace(
                whole.leads, lines=tuple(r for r in whole.leads.lines if r is not row), memory=Memory(0)
            ),
        )
        for row in whole.leads.lines
    }
    for answers in sets(6_000, 5):
        full = decide(whole, assess(answers, unfinished=answers.get("unfinished", False)))
        for reason in full.reasons:
            less = fewer.get(reason.row)
            if less is not None and outcome(less, answers) != replace(full, reasons=()):
                del fewer[reason.row]
    assert not fewer


def written(mark: str) -> dict[str, str]:
    """Return the text of each part of this kind, by the part's id."""
    pattern = rf"^\[\[{mark}\]\]\nid = \"(.+?)\"\n(?:(?![\[#]).*\n)*"
    return {
        f"{mark} {part[1]}": part[0]
        for text in (DUTIES, OWN)
        for part in re.finditer(pattern, text, re.MULTILINE)
    }


def without(name: str, part: str) -> Policy:
    """Return the policy without a part of the duties, and without what the file adds to that part."""
    added = written("more.variant").get(name.replace("row", "more"), "")
    return load(DUTIES.replace(part, "", 1), read_own(OWN.replace(added, "", 1)), words=WORDS)


def test_what_is_remembered_changes_nothing(sets: Callable[[int, int], Iterator[dict[str, Any]]]) -> None:
    """Decisions are the same whether a policy remembers nothing, next to nothing or much."""
    none, few = loaded(remember=0), loaded(remember=2)
    for answers in sets(60, 8):
        facts = assess(answers, unfinished=answers.get("unfinished", False))
        assert decide(none, facts) == decide(few, facts) == decide(default_policy(), facts)


def test_a_vice_chair_told_by_a_row_gives_way_without_leading() -> None:
    """Whoever is kept out gives way to the substitute where another leads, too."""
    policy = loaded('tell = ["dsl"]\npolice = "consider"', 'tell = ["vice_chair"]\npolice = "consider"')
    found = decide(policy, assess({"immediate_danger": "not_sure", "keep_from": ["vice_chair"]}))
    assert found.notify == ("headteacher", "police", "substitute_governor")
    assert found.leads == "headteacher"


@pytest.mark.slow
@pytest.mark.unwatched
def test_every_variant_and_every_line_changes_some_decision(
    sets: Callable[[int, int], Iterator[dict[str, Any]]],
) -> None:
    """Take any one variant, line of contact or line that follows away, or change N: it shows.

    Two cells of the policy page repeat that the DSL is told of a pupil: they show in the reason alone.
    """
    table = default_policy().table
    parts = {
        mark: part
        for kind in ("row.variant", "more.variant", "contact", "follow")
        for mark, part in written(kind).items()
    }
    added = len(written("more.variant")) - 3  # X's and F's are their own
    variants = sum(len(row.variant) for row in table.row)
    assert len(parts) == variants + added + len(table.contact) + len(table.follow)
    fewer = {name: loaded(part) if part in OWN else without(name, part) for name, part in parts.items()}
    fewer["N"] = loaded('ask = ["close_with_advice"]', "ask = []")
    examples = tomllib.loads(Path(__file__).with_name("rows.toml").read_text("utf-8")).values()
    of_pupils = ["row.variant C8s.dsl", "row.variant D.dsl"]
    for answers in chain((example["fires"] for example in examples), sets(30_000, 7)):
        whole = outcome(default_policy(), answers)
        fewer = {name: less for name, less in fewer.items() if outcome(less, answers) == whole}
        if list(fewer) == of_pupils:
            break
    assert list(fewer) == of_pupils
    pupils = {"sexual": "yes", "nature": ["private_information"], "targets": ["pupil"]}
    for less in fewer.values():
        assert decide(less, assess(pupils)) != decide(default_policy(), assess(pupils))


def test_the_page_to_sign_is_fresh() -> None:
    """docs/policy.md is what the table says today."""
    assert (ROOT / "docs/policy.md").read_text("utf-8") == policy_page.page()


def test_a_decision_is_explained_in_words(tmp_path: Path) -> None:
    """Who, how soon, what and why, each reason with its layer, its words and what it saw."""
    out, err, source = io.StringIO(), io.StringIO(), tmp_path / "answers.json"
    source.write_text('{"violence": "yes", "poster": ["staff"], "repeated": "yes"}', "utf-8")
    assert policy_page.explain_answers(str(source), out, err) == 0
    for part in (
        "Told: dsl, headteacher, legal, police. Leads: headteacher.",
        "How soon: urgent.",
        "Police: recommend.",
        "- C8v (policy, C8, C7): Possibly threatening",
        "The policy says: “There may be circumstances",
        "it threatens or encourages violence – yes",
        "somebody who works here or governs is responsible for it – yes",
    ):
        assert part in out.getvalue()
    source.write_text('{"targets": ["none"]}', "utf-8")
    assert policy_page.explain_answers(str(source), out, err) == 0
    assert "N (setting): Nothing in the policy applies" in out.getvalue()
    source.write_text('{"violence": "loud"}', "utf-8")
    assert policy_page.explain_answers(str(source), out, err) == 2
    assert "violence" in err.getvalue()


@pytest.mark.parametrize(
    ("answers", "row"),
    [
        ({"poster": ["headteacher"], "nature": ["abusive"], "targets": ["staff"]}, "L1"),
        ({"targets": ["headteacher"], "nature": ["abusive"]}, "L2"),
    ],
)
def test_the_reason_that_hands_it_to_the_chair_asks_for_the_chair(answers: dict[str, Any], row: str) -> None:
    """Who asks why the Chair has it is shown the row that asked for the Chair."""
    decision = decide(default_policy(), assess(answers))
    (reason,) = (one for one in decision.reasons if one.row == row)
    assert "chair_of_governors" in reason.asks
    asked = explain(default_policy(), decision).partition(f"- {row} ")[2].splitlines()
    assert "chair of governors" in next(line for line in asked if "Asks for:" in line)


def test_the_facts_can_be_read_back() -> None:
    """A fact is one word, several, or true or false."""
    facts = assess({"nature": [], "poster": ["staff"]})
    assert facts.value("violence") == "no"
    assert facts.value("nature") == ()
    assert (facts.value("poster"), facts.value("insider"), facts.value("rep")) == (("staff",), True, False)
    assert facts.true("insider")
    assert facts.holds("poster", "staff")
    own = assess({"reporter_link": ["is_poster"], "poster": ["governor"]})
    assert own.value("poster") == ("governor",)
    with pytest.raises(InvalidAnswer, match="targets"):
        assess({"targets": ["moon"]})
    with pytest.raises(InvalidAnswer, match="violence"):
        assess({"violence": ["yes"]})


def test_the_table_prints_a_line_a_row() -> None:
    """The plain table has every row, every variant and every row L."""
    table = default_policy().table
    lines = policy_page.table().splitlines()
    assert len(lines) == 1 + len(table.row) + sum(len(row.variant) for row in table.row) + len(table.lead)
    assert "S5.now          safeguarding  only_vague_allegation false; or accused_head true" in "\n".join(
        lines
    )


def test_the_page_shows_whose_each_level_is() -> None:
    """Levels the policy names and the school's own are told apart; there is room to sign."""
    page = policy_page.page()
    assert "Police: **recommended** (named by the policy)" in page
    assert "Police: **ring 999 now** (safeguarding duty)" in page
    assert "Legal Services: **recommended** (school setting)" in page
    assert "not so that" not in page
    assert not re.search(r"\[\w+[:=|]", page), "what a governor reads is words alone"
    assert "| Chair of Governors | ____" in page


def test_what_is_wrong_comes_before_what_to_do() -> None:
    """A governor's clerk reads first which row is wrong and how, then what to do about it."""
    with pytest.raises(PolicyError) as refused:
        loaded('then = "nobody_left"\nlegal', 'then = "whoever"\nlegal')
    assert refused.value.reference == "policy-row"
    assert refused.value.message.startswith("Policy row L6, field then: ")
    assert not refused.value.hint.startswith("Policy row")


def test_only_what_the_policy_says_is_quoted() -> None:
    """Where a reason has no words of the policy, none are put into its mouth."""
    policy = default_policy()
    decision = decide(policy, assess({"targets": ("pupil",), "immediate_danger": "yes"}))
    assert {bool(reason.quote) for reason in decision.reasons} == {True, False}
    told = explain(policy, decision)
    assert told.count("The policy says: “") == sum(1 for reason in decision.reasons if reason.quote)
