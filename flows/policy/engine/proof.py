"""The proof that a school's own policy weakens no duty: over enumerated situations, joined against duties.

Joining can only add, so most of this holds by construction; here it is seen to hold. So is what adding
could break: criticism is nothing for the police, pupils do not meet the adult ladder, who must not know is
not told, and no two actions contradict each other.
"""

from __future__ import annotations

from flows.errors import PolicyError
from flows.model import Decision
from flows.policy.engine.columns import Came, Columns, union, weigh_all
from flows.policy.engine.outputs import (
    ALL_LEVELS,
    ALL_URGENCIES,
    BEYOND_CONSIDER,
    HOLD,
    LEGAL,
    POLICE,
    SEATS,
)
from flows.policy.engine.policy import Policy, Weighed, decide, weigh
from flows.policy.facts import BITS, any_of, bits_of
from flows.policy.situations import Situations, situations
from flows.questions.table import SAFETY_KEYS
from flows.school import Seat
from flows.words import say

#: Actions of which no two may stand on one card.
CONTRADICTIONS = (
    ("preserve_evidence", "do_not_view_copy_or_forward"),
    ("preserve_evidence", "refuse_uploads"),
    ("preserve_evidence", "record_what_was_seen"),
    ("report_to_platform", "do_not_view_copy_or_forward"),
)
#: Who may lead in place of whom: only somebody who stands further down.
_FURTHER = (
    None,
    Seat.DEPUTY_DSL,
    Seat.DSL,
    Seat.HEADTEACHER,
    Seat.CHAIR,
    Seat.VICE_CHAIR,
    Seat.SUBSTITUTE_GOVERNOR,
)
_RANK = {seat: rank for rank, seat in enumerate(_FURTHER)}
_CALM = any_of(staff_allegation="nothing", **dict.fromkeys(SAFETY_KEYS, "no"))
_CRITICAL, _PUPIL = BITS["critical"][True], BITS["child_poster"][True]
_GRAVE = any_of(sexual_imagery_child="yes", immediate_danger="yes")
_NOBODY_AT_RISK = any_of(
    staff_allegation="nothing",
    **dict.fromkeys(("immediate_danger", "sexual_imagery_child", "child_at_risk", "adult_at_risk"), "no"),
)
_HEAD_OUT, _CHAIR_OUT = BITS["head_out"][True], BITS["chair_out"][True]


def prove(duties: Policy, joined: Policy, every: Situations | None = None) -> int:
    """Return in how many situations (of all) nothing is weakened. Raises PolicyError where it is.

    The error names the row that does it, where one can be named, and the situation.
    """
    every = every or situations(later=bool(joined.later))
    if not _anywhere(duties, joined, every):
        return every.count
    cards = _Cards(duties, joined)
    weighed = ((place, facts, weigh(duties, facts), weigh(joined, facts)) for place, facts in every.all())
    found = (
        (wrong, every.words(place), facts)
        for place, facts, floor, ours in weighed
        if (wrong := _weaker(facts.bits, floor, ours) or cards.wrong(floor, ours))
    )
    wrong, situation, facts = next(found)
    raise _refusal(wrong, situation, decide(duties, facts), decide(joined, facts))


def _anywhere(duties: Policy, joined: Policy, every: Situations) -> int:
    """Return where anything is weaker, or added that must not be: all situations at once, by no name yet."""
    whole = (1 << every.count) - 1
    facts = every.columns()
    floor, ours = (weigh_all(policy, facts, whole) for policy in (duties, joined))
    wrong = 0
    for seat, where in floor.told.items():
        wrong |= where & ~ours.told.get(seat, 0)
    for step, where in floor.steps.items():
        wrong |= where & ~ours.steps[step]
    for lead, where in floor.leads.items():
        for other, there in ours.leads.items():
            wrong |= where & there * (_RANK[other] < _RANK[lead])
    somebody = union(floor.told.values())
    for action, where in floor.actions.items():
        wrong |= where & somebody & ~ours.actions.get(action, 0)
    return wrong | _not_to_add(ours, facts, whole) | _against_each_other(joined, ours)


def _not_to_add(ours: Came, facts: Columns, whole: int) -> int:
    """Return where something is added that the duties do not allow."""

    def any_(mask: int, columns: Columns) -> int:
        return union(columns.get(bit, 0) for bit in bits_of(mask))

    def every(mask: int) -> int:
        return whole & ~union(whole & ~facts.get(bit, 0) for bit in bits_of(mask))

    pupil = any_(_PUPIL, facts)
    return union(
        (
            any_(_HEAD_OUT, facts) & ours.told.get(Seat.HEADTEACHER, 0),
            any_(_CHAIR_OUT, facts) & ours.told.get(Seat.CHAIR, 0),
            every(_CALM) & any_(_CRITICAL, facts) & any_(POLICE, ours.steps),
            pupil & ~any_(_GRAVE, facts) & any_(POLICE & BEYOND_CONSIDER, ours.steps),
            pupil & every(_NOBODY_AT_RISK) & any_(LEGAL, ours.steps),
        )
    )


def _against_each_other(joined: Policy, ours: Came) -> int:
    """Return where two actions stand on one card that contradict each other; under a hold by other names."""
    later, waits = joined.table.hold.suffix, joined.waits
    shown: dict[str, int] = {}
    for action, where in ours.actions.items():
        held = where & ours.held * (action in waits)
        for name, there in ((action, where & ~held), (waits.get(action, action), held)):
            shown[name] = shown.get(name, 0) | there
    pairs = [*CONTRADICTIONS, *((action, action + later) for action in shown)]
    return union(shown.get(one, 0) & shown.get(other, 0) for one, other in pairs)


#: Stands for an action that a table does not know, and so never asks for.
_NO_ACTION = 1 << 1000
#: In which field a row asks for what begins like this.
_PARTS = {"police:": "police", "legal:": "legal"}
#: What is wrong in one situation: its name among the words, and how what is asked for wrongly begins.
_Wrong = tuple[str, str]


def _weaker(facts: int, floor: Weighed, found: Weighed) -> _Wrong | None:
    """Return what is weaker than the duties, or what the duties do not allow to be added."""
    told, asked = found.told, found.asked_for
    if floor.told & ~told:
        return "recipients", ""
    if floor.asked_for & ~asked & ALL_LEVELS:
        return "levels", ""
    if floor.asked_for & ~asked & ALL_URGENCIES:
        return "urgency", ""
    if floor.asked_for & ~asked & HOLD:
        return "hold", ""
    if _RANK[found.leads] < _RANK[floor.leads]:
        return "lead", ""
    if (facts & _HEAD_OUT and told & SEATS[Seat.HEADTEACHER]) or (
        facts & _CHAIR_OUT and told & SEATS[Seat.CHAIR]
    ):
        return "conflict", ""
    if facts & _CALM == _CALM and facts & _CRITICAL and asked & POLICE:
        return "criticism", "police:"
    if facts & _PUPIL and not facts & _GRAVE and asked & POLICE & BEYOND_CONSIDER:
        return "pupil_police", "police:"
    calm = facts & _NOBODY_AT_RISK == _NOBODY_AT_RISK
    return ("pupil_legal", "legal:") if facts & _PUPIL and calm and asked & LEGAL else None


class _Cards:
    """What stands on cards, by what was asked for: looked at once for each of the few ways there are."""

    def __init__(self, duties: Policy, joined: Policy) -> None:
        self.duties, self.joined = duties, joined
        self._owed: dict[int, int] = {}
        self._contradiction: dict[int, str] = {}

    def wrong(self, floor: Weighed, found: Weighed) -> _Wrong | None:
        """Return which action of the duties is missing, or which contradicts another."""
        owed = self._owed.get(floor.asked_for)
        if owed is None:
            names = [name for bit, name in self.duties.names.plain if floor.told and floor.asked_for & bit]
            known = self.joined.names.actions
            owed = sum(known.get(name, _NO_ACTION) for name in names)
            self._owed[floor.asked_for] = owed
        if owed & ~found.asked_for:
            return "actions", ""
        against = self._contradiction.get(found.asked_for)
        if against is None:
            against = self._contradiction[found.asked_for] = self._against(found.asked_for)
        return ("contradiction", f"action:{against}") if against else None

    def _against(self, asked_for: int) -> str:
        actions = set(self.joined.names.named(asked_for))
        later = self.joined.table.hold.suffix
        pairs = [*CONTRADICTIONS, *((action, action + later) for action in actions)]
        return next((one for one, other in pairs if one in actions and other in actions), "")


def _refusal(wrong: _Wrong, situation: str, floor: Decision, found: Decision) -> PolicyError:
    """Return the error: what is weaker, by which row, and where."""
    what, asked = wrong
    known = {reason.row for reason in floor.reasons}
    ours = [reason for reason in found.reasons if reason.row not in known]
    by = next((r.row for r in ours if any(a.startswith(asked) for a in r.asks)), ours[0].row if ours else "")
    message = say("weaker.message", what=say(f"weaker.{what}"), situation=situation)
    return PolicyError("policy-weaker", message, say("weaker.hint"), owner=by, part=_PARTS.get(asked, ""))
