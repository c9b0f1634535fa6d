"""A school's own file only adds to the duties: what it cannot say, and what comes of what it says."""

from __future__ import annotations

import pytest

from flows.errors import PolicyError
from flows.model import Hold
from flows.policy.assessment import assess
from flows.policy.engine import Policy, decide, default_policy, duties, form, load, prove
from flows.policy.own import read_own
from flows.policy.table import Rule

FLOOR = load(duties())
HEAD = f'version = "{FLOOR.version}"\n'


def joined(text: str) -> Policy:
    """Return the duties with a school's file."""
    return load(duties(), read_own(HEAD + text), words="Be kind. Be fair.")


def row(policy: Policy, name: str) -> Rule:
    """Return one row as joined."""
    return next(row for row in policy.table.row if row.id == name)


def test_the_duties_hold_by_themselves() -> None:
    """Without any school's file a table stands that decides; none of its rows quotes a policy."""
    assert {row.quote for row in FLOOR.table.row} == {None}
    assert decide(FLOOR, assess({"violence": "yes"})).levels == {"police": "recommend"}
    assert decide(FLOOR, assess({"targets": ["none"]})).notify == ()


def test_the_county_form_is_a_file_like_any_other() -> None:
    """What is decided where no file is named is the duties joined with a packaged school's file."""
    own, words = form("county")
    assert load(duties(), own, words=words).table == default_policy().table


def test_rows_of_a_school_stand_between_early_and_late_duties() -> None:
    """Late rows can ask whether a school's own applied, and the page keeps its order."""
    names = [row.id for row in default_policy().table.row]
    assert names[:2] == ["S1", "S2"]
    assert names.index("C8s") < names.index("C3") < names.index("X") < names.index("F")


def test_one_value_needs_no_brackets() -> None:
    """A condition can be written as one value; a row without a quote is the school's setting."""
    policy = joined('[[row]]\nid = "A"\nbecause = "So."\nwhen = [{ targets = "school" }]\nsoon = "same_day"')
    assert row(policy, "A").when == [{"targets": ["school"]}]
    found = {reason.row: reason for reason in decide(policy, assess({})).reasons}["A"]
    assert (found.layer, found.asks) == ("setting", ("urgency:same_day",))


def test_levels_the_policy_names_are_its_own() -> None:
    """Of each level it is said whether the policy names it or the school has set it."""
    policy = joined("""
[clause.one]
actor = "all"
quote = "Be kind."
[[row]]
id = "A"
clauses = ["one"]
quote = "Be kind."
because = "So."
when = [{ fake = true }]
police = "consider"
legal = "consider"
named = ["legal"]
""")
    assert row(policy, "A").level_layer == {"police": "setting", "legal": "policy"}
    assert row(policy, "A").layer == "policy"


def test_what_is_added_to_a_duty_is_the_more_of_both() -> None:
    """Levels, urgency and hold of a duty stay where a file asks for less, and rise where it asks for more."""
    policy = joined("""
[[more]]
row = "W"
tell = ["headteacher", "chair_of_governors", "vice_chair"]
soon = "routine"
[[more]]
row = "C8v"
because = "We mind."
[[more.variant]]
id = "C8v.yes"
police = "consider"
hold = "safeguarding"
[[more.variant]]
id = "C8v.dsl"
legal = "consider"
""")
    words, threat = row(policy, "W"), row(policy, "C8v")
    assert (words.tell, words.urgency) == (["dsl", "vice_chair"], "same_day")
    assert words.asks_head
    assert words.chairs_part
    assert threat.because.endswith("violence]. We mind.")
    yes, dsl = (v for v in threat.variant if v.id in ("C8v.yes", "C8v.dsl"))
    assert (yes.police, yes.hold, dsl.legal) == ("recommend", Hold.SAFEGUARDING, "consider")
    assert decide(policy, assess({"violence": "yes", "targets": ["none"]})).levels == {
        "police": "recommend",
        "legal": "consider",
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[[row]]\nid = "S1"\nbecause = "So."\nwhen = [{ fake = true }]', ("S1", "id", "name of a duty")),
        ('[[more]]\nrow = "S99"', ("S99", "no duty", "S1")),
        ('[[more]]\nrow = "S1"\npolice = "loud"', ("S1", "police", "loud")),
        ("[[row", ("cannot be read", "end of document")),
        ('[[row]]\nid = "A"\nwhen = 3', ("expected a list, got `int`",)),
    ],
)
def test_what_adds_nothing_is_refused(text: str, named: tuple[str, ...]) -> None:
    """The error names the row, the field and what to do."""
    with pytest.raises(PolicyError) as refused:
        joined(text)
    assert refused.value.hint
    for part in named:
        assert part in str(refused.value)
    assert not refused.value.part.endswith("."), "a place in the file"


#: What a table that is weaker than the duties has in place of something, and what is said of it.
WEAKER = {
    "a row narrowed": (
        'when = [{ immediate_danger = ["yes"] }]',
        'when = [{ immediate_danger = ["yes"], targets = ["pupil"] }]',
        "told",
    ),
    "a recipient less": ('tell = ["dsl"]\npolice = "call_999_now"', 'police = "call_999_now"', "told"),
    "a level lowered": ('police = "call_999_now"', 'police = "recommend"', "less firmly"),
    "more time": ('soon = "emergency"', 'soon = "urgent"', "more time"),
    "an action less": ('"call_999", ', "", "missing"),
    "a hold removed": ('hold = "safeguarding"\n\n[[row]]\nid = "S2"', '[[row]]\nid = "S2"', "wait"),
    "a lead nearer to it": (
        'targets = ["headteacher"] }]\nthen = "chairs_part_and_leads"',
        'targets = ["headteacher"] }]\nthen = "chair_affected"',
        "lead",
    ),
    "who must not know": (
        'tell = ["dsl"]\nsoon = "routine"',
        'tell = ["dsl", "headteacher"]\nsoon = "routine"',
        "not know",
    ),
    "an action and its later self": (
        '"do_not_tell_person_accused"',
        '"do_not_tell_person_accused", "support_person_affected", "support_person_affected_later_if_cleared"',
        "contradict",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WEAKER)
def test_what_is_weaker_is_found(name: str) -> None:
    """Wherever a table asks for less than the duties, or for what they do not allow, the proof says so."""
    was, now, said = WEAKER[name]
    assert was in duties()
    with pytest.raises(PolicyError, match=said) as refused:
        prove(FLOOR, load(duties().replace(was, now, 1)))
    assert refused.value.hint


@pytest.mark.slow
@pytest.mark.unwatched
@pytest.mark.feature("own-policy")
def test_our_own_policy_weakens_no_duty() -> None:
    """In every situation the county's form asks for what the duties ask for, at least."""
    assert prove(FLOOR, default_policy()) == 46_200


def test_what_has_happened_is_not_waited_for_any_more() -> None:
    """A row that holds only while it has not gone on does not bring *it goes on* back once it has."""
    policy = joined("""
[[row]]
id = "Calm"
because = "So."
when = [{ goes_on = false, about = true }]
tell = ["dsl"]
[[second_look]]
id = "Again"
because = "So."
if_any = ["goes_on"]
soon = "same_day"
""")
    answers = {"targets": ("staff",), "nature": ("abusive",)}
    before, after = (decide(policy, assess(answers, happened=what)) for what in ((), ("goes_on",)))
    assert before.again == ("goes_on",)
    assert after.again == ()
