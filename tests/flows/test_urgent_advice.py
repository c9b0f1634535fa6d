"""What must not wait for the next page: it is said as soon as the answer that calls for it is chosen."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.intake import conversation
from flows.intake.pages import intro
from flows.intake.settled import Settled, settle
from flows.model import Draft, EvidenceFile
from flows.school import PersonId, Seat
from flows.ui.cards import Attachment, Block, Buttons, Callout, Facts, Text
from flows.ui.forms import Choice, Form, Many, Value
from flows.ui.inbound import Surface
from flows.ui.intents import TakeOut
from flows.words import say
from tests.flows.talking import AT, PLAIN, POLICY, SCHOOL, answer, new, see, with_file, without_file


def after(draft: Draft, page: str, **values: Value) -> Draft:
    """Return the draft with a page answered."""
    return answer(draft, page, values).draft


def advice(form: Form, name: str) -> dict[str, tuple[Block, ...]]:
    """Return what each answer of a question brings at once."""
    field = next(f for f in form.fields if f.name == name)
    assert isinstance(field, Choice | Many)
    return {option.value: option.advice for option in field.options if option.advice}


def words(blocks: tuple[Block, ...]) -> str:
    """Return all that blocks say."""
    return " ".join(
        " ".join(" ".join(pair) for pair in block.pairs) if isinstance(block, Facts) else block.text
        for block in blocks
        if isinstance(block, Callout | Text | Facts)
    )


def test_the_first_page_always_says_when_to_ring_999() -> None:
    """Before anything is answered, and again when it is opened again: one line about 999."""
    assert "ring 999" in words(see(new()).intro)
    calm = after(new(), "danger", immediate_danger="no")
    assert "ring 999" in words(see(calm, page="danger").intro)
    assert "999" not in words(see(calm).intro)
    grave = after(new(), "danger", immediate_danger="yes", works_here="no")
    assert "Ring 999 now" in words(see(grave, page="danger").intro)


@pytest.mark.parametrize(
    ("before", "name", "brings"),
    [
        ({}, "immediate_danger", {"yes": "Ring 999 now", "not_sure": "If in doubt, ring 999"}),
        ({"immediate_danger": "no"}, "safety", {"sexual_imagery_child": "Don't look"}),
        (
            PLAIN,
            "replied",
            {
                **dict.fromkeys(("reporter", "colleague", "school_account"), "don't reply again"),
                "not_sure": "don't delete the reply",
            },
        ),
    ],
)
def test_the_most_urgent_advice_stands_at_its_answer(
    before: dict[str, Value], name: str, brings: dict[str, str]
) -> None:
    """What the next page would begin with stands at the answer that brings it, and at no other."""
    draft = new()
    for _ in range(9):
        form = see(draft)
        if any(field.name == name for field in form.fields):
            break
        page = form.id.removeprefix("report.")
        draft = after(draft, page, **{**before, "safety": ("none_of_these",)})
    found = advice(form, name)
    assert set(brings) <= set(found)
    for value, begins in brings.items():
        assert begins in words(found[value])


def test_it_comes_with_names_and_numbers() -> None:
    """Who is rung stands there with their number, on that page and on the next."""
    told = words(advice(see(new()), "immediate_danger")["yes"])
    for name, number in (("Cam Invented", "01632 960003"), ("Dee Imagined", "01632 960004")):
        assert name in told
        assert number in told
    assert "01632 960003" in words(see(after(new(), "danger", immediate_danger="yes", works_here="no")).intro)


def test_nobody_who_may_be_involved_is_among_the_numbers() -> None:
    """Not the Headteacher, who is not cleared yet, and nobody whom the reporter pointed at."""
    told = words(advice(see(new()), "immediate_danger")["yes"])
    assert "Ash Example" not in told
    grave = after(new(), "danger", immediate_danger="yes", works_here="yes", insider_is=("cam",))
    assert "Cam Invented" not in words(see(grave).intro)
    assert "Dee Imagined" in words(see(grave).intro)


def test_without_numbers_the_advice_stands_alone() -> None:
    """A school that gave no number still says to ring 999."""
    silent = {key: msgspec.structs.replace(person, phone="") for key, person in SCHOOL.people.items()}
    school = msgspec.structs.replace(SCHOOL, people=silent)
    form = conversation.view(conversation.taken_up(new()), school, POLICY, surface=Surface.MESSAGE, now=AT)
    first, then, *_ = advice(form, "immediate_danger")["yes"]
    assert isinstance(first, Callout)
    assert then == Text(say("ring.no_number"))


def file(name: str) -> EvidenceFile:
    """Return a file that came."""
    return EvidenceFile(
        id=f"id-{name}",
        name=name,
        media_type="image/png",
        size=9,
        sha256="0" * 64,
        added_by=PersonId("brook"),
        added_at=AT,
    )


def test_a_file_can_be_taken_out_again() -> None:
    """Each file that came has its way out, until it is locked."""
    draft = new()
    for name in ("a.png", "b.png"):
        draft = with_file(draft, file(name))
    for page in ("danger", "safety", "about", "poster", "nature"):
        draft = after(draft, page, **{**PLAIN, "safety": ("none_of_these",)})
    intro = see(draft).intro
    assert [block.name for block in intro if isinstance(block, Attachment)] == ["a.png", "b.png"]
    outs = [b.intent for block in intro if isinstance(block, Buttons) for b in block.buttons]
    assert outs == [TakeOut(draft.id, draft.revision, f"id-{n}") for n in ("a.png", "b.png")]
    left = without_file(draft, "id-a.png")
    assert [f.name for f in left.files] == ["b.png"]
    assert left.revision == draft.revision + 1
    locked = after(left, "safety", safety=("sexual_imagery_child",), sexual_imagery_child="yes")
    assert without_file(locked, "id-b.png").files == locked.files
    freed = after(locked, "safety", safety=("none_of_these",))
    assert not [b for b in see(freed, page="where").intro if isinstance(b, Buttons)]


def test_the_headteacher_on_call_is_not_among_the_numbers() -> None:
    """Nor through the on-call list."""
    school = msgspec.structs.replace(SCHOOL, seats={**SCHOOL.seats, Seat.DSL: (), Seat.DEPUTY_DSL: ()})
    form = conversation.view(conversation.taken_up(new()), school, POLICY, surface=Surface.MESSAGE, now=AT)
    told = words(advice(form, "immediate_danger")["yes"])
    assert "Ash Example" not in told
    assert "Cam Invented" in told


def begins(page: str, settled: Settled) -> tuple[Block, ...]:
    """Return what a page begins with."""
    return intro(new(), page, settled.standing, SCHOOL, imagery=settled.imagery)


@given(st.data())
@pytest.mark.unwatched
def test_no_other_answer_would_bring_advice(drawn: st.DataObject) -> None:
    """What a page begins with is the same after any answer that has no advice of its own."""
    draft = new()
    for _ in range(12):
        form = see(draft)
        page = form.id.removeprefix("report.")
        before = settle(draft.answers)
        values: dict[str, Value] = {}
        for field in form.fields:
            if not isinstance(field, Choice | Many) or not field.options:
                continue
            option = drawn.draw(st.sampled_from(field.options))
            values[field.name] = option.value if isinstance(field, Choice) else (option.value,)
            then = begins(page, settle({**before.standing, field.name: values[field.name]}))
            assert tuple(b for b in then if b not in begins(page, before)) == option.advice
        draft = after(draft, page, **values)
        if page == "check":
            return
