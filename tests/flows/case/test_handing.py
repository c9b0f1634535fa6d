"""Handing on, as the core refuses it by itself: whatever a form offered, what is asked is looked at again."""

from __future__ import annotations

import pytest

from flows.case.actions import table as do
from flows.errors import NotAllowed
from flows.messages.beside import Beside, linked
from flows.model import Linking
from flows.school import PersonId
from flows.ui.cards import Small
from tests.flows.matter import ABUSE, AT, CHILD, DSL, HEAD, REPORTER, SCHOOL, VICE, Matter


@pytest.mark.parametrize(
    ("to", "reference"), [(HEAD, "take-it-on-instead"), (REPORTER, "may-not-act"), (VICE, "may-not-act")]
)
def test_it_goes_only_to_another_who_may_act(to: PersonId, reference: str) -> None:
    """Not to oneself, not to the reporter, not to somebody who is not told; nothing changes."""
    matter = Matter(CHILD)
    matter.do(do.TakeOn(), HEAD)
    before = matter.case
    with pytest.raises(NotAllowed) as refused:
        matter.do(do.Assign(to), HEAD)
    assert refused.value.reference == reference
    assert matter.case is before
    matter.do(do.Assign(DSL), HEAD)
    assert matter.case.assigned == DSL


def test_a_case_that_ends_or_begins_anew_is_handed_to_nobody() -> None:
    """Handed on, taken on, closed and re-opened: whom it had been handed to is forgotten each time."""
    matter = Matter(CHILD)
    matter.do(do.Assign(DSL), HEAD)
    matter.do(do.TakeOn(), HEAD)
    assert (matter.case.assigned, matter.case.owner) == (None, HEAD)


def test_who_linked_without_a_seat_of_the_case_is_somebody() -> None:
    """A stand-in holds no seat in the case: the record says what they are there."""
    case, other = Matter(ABUSE).case, Matter(CHILD).case
    beside = Beside(links=((other, (Linking(linked=True, by=VICE, at=AT),)),))
    said = [block.text for block in linked(case, beside, SCHOOL) if isinstance(block, Small)]
    assert any("Somebody linked them" in text for text in said)
