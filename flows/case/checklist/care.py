"""Who is to be offered support, and when somebody looks in on them again."""

from __future__ import annotations

from flows.case.checklist.names import LATER, as_held, sentence
from flows.model import Case

#: What the policy asks for, for whom.
OFFERS = ("support_person_affected", "support_child_affected", "support_for_reporter")


def offers(case: Case) -> dict[str, str]:
    """Return what is to be offered now, by name, as it is said; what waits for a hold is not among it."""
    asked = dict.fromkeys(as_held(case, action) for action in case.decision.actions)
    names = [name for name in asked if name in OFFERS and not name.endswith(LATER)]
    return {name: sentence(case, name) for name in dict.fromkeys((*names, *case.look_in))}


def for_the_reporter(case: Case) -> bool:
    """Return whether whoever reported it is whom it is about."""
    return "support_for_reporter" in case.decision.actions
