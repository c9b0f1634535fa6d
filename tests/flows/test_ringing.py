"""Whom to ring: by name and number, from the school's file, and nobody whom the report speaks against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from bot.school_file.gaps import gaps
from flows.case.actions.table import TakeOn
from flows.delivery.told import Reach
from flows.intake import conversation
from flows.intake.pages import intro
from flows.intake.ringing import rung
from flows.messages import templates
from flows.messages.ringing import whom_to_ring
from flows.model import Answer, Draft, Named, Status
from flows.school import Contact, PersonId, School, Seat
from flows.ui.cards import Callout, Tone
from flows.ui.forms import Form, Value
from flows.ui.inbound import Surface
from flows.ui.plain_text import card_text, form_text
from flows.words import say
from tests.flows.matter import ABUSE, AT, CHAIR, DEPUTY, DSL, HEAD, REPORTER, SCHOOL, THREAT, Matter
from tests.flows.talking import PLAIN, POLICY, answer, at_check, finish, new, see, values

GRAVE: dict[str, Value] = {**PLAIN, "immediate_danger": "yes", "targets": ("pupil",)}
IMAGE: dict[str, Value] = {**PLAIN, "sexual_imagery_child": "yes", "targets": ("pupil",)}
HOLDERS = sorted({person for people in SCHOOL.seats.values() for person in people})
#: How a report can speak against somebody by name: the answers, and what a sent report says of them.
BY_NAME: dict[str, tuple[dict[str, Value], str, dict[str, object]]] = {
    "accused": ({"staff_allegation": ("staff",)}, "accused_is", {"staff_allegation": ("staff",)}),
    "behind it": ({"works_here": "yes"}, "insider_is", {"staff_allegation": ("staff",)}),
    "the poster": ({"poster": ("staff",)}, "poster_is", {"poster": ("staff",)}),
    "kept out": ({"keep_from": ("someone_else",)}, "kept_out_is", {}),
}
NAMED_AS = {
    "accused_is": "accused",
    "insider_is": "accused",
    "poster_is": "poster",
    "kept_out_is": "kept_out",
}
BY_ROLE: list[tuple[dict[str, Value], Seat]] = [
    ({"staff_allegation": ("headteacher",)}, Seat.HEADTEACHER),
    ({"staff_allegation": ("chair",)}, Seat.CHAIR),
    ({"poster": ("headteacher",)}, Seat.HEADTEACHER),
    ({"poster": ("chair",)}, Seat.CHAIR),
    ({"keep_from": ("headteacher",)}, Seat.HEADTEACHER),
    ({"keep_from": ("dsl",)}, Seat.DSL),
    ({"keep_from": ("chair",)}, Seat.CHAIR),
    ({"keep_from": ("vice_chair",)}, Seat.VICE_CHAIR),
]


def pages(said: dict[str, Value]) -> Iterator[tuple[Form, Draft]]:
    """Yield every page of a report as it is shown, with what was answered so far."""
    draft = new()
    for _ in range(20):
        form = see(draft)
        yield form, draft
        if at_check(form):
            return
        draft = answer(draft, form.id.removeprefix("report."), values(form, said)).draft
    raise AssertionError("the pages never ended")


def number(person: PersonId) -> str:
    """Return somebody's number."""
    return SCHOOL.people[person].phone


@pytest.mark.parametrize("person", HOLDERS)
@pytest.mark.parametrize("way", BY_NAME)
@pytest.mark.parametrize("base", [GRAVE, IMAGE], ids=["danger", "imagery"])
@pytest.mark.unwatched
def test_nobody_spoken_against_by_name_is_to_be_rung(
    base: dict[str, Value], way: str, person: PersonId
) -> None:
    """With every seat holder in turn: no page from there on, alert, receipt or card has their number."""
    said, field, policy = BY_NAME[way]
    spoken = False
    for form, draft in pages({**base, **said, field: (person,)}):
        spoken = spoken or draft.answers.get(field) == (person,)
        if spoken:
            assert number(person) not in form_text(form), form.id
            state = conversation.taken_up(draft)
            ring = rung(draft, state.settled.standing, SCHOOL)
            assert number(person) not in card_text(templates.first_alert(SCHOOL, " ".join(ring)))
    key = "immediate_danger" if base is GRAVE else "sexual_imagery_child"
    named = Named(**{NAMED_AS[field]: (person,)})
    no_number_of(person, Matter({key: "yes", "targets": ("pupil",), **policy}, named=named))  # type: ignore[dict-item]


@pytest.mark.parametrize("person", HOLDERS)
@pytest.mark.parametrize("base", [GRAVE, IMAGE], ids=["danger", "imagery"])
def test_nobody_whom_it_is_about_is_to_be_rung(base: dict[str, Value], person: PersonId) -> None:
    """Who is threatened does not lead: their number stands on no page once somebody has pointed at them."""
    pointed = 0
    for form, draft in pages({**base, "targets": ("staff",), "target_is": (person,)}):
        if draft.answers.get("target_is") == (person,):
            pointed += 1
            assert number(person) not in form_text(form), form.id
    assert pointed
    named = finish(draft).named
    assert named.target == (person,)


def no_number_of(person: PersonId, matter: Matter) -> None:
    """Assert that no receipt, card or notice of a case has somebody's number, whoever was reached."""
    case, school = matter.case, matter.school
    assert person in case.recused
    for reach in Reach:
        known = dict.fromkeys(case.holders.values(), reach)
        cards = [
            templates.receipt(case, school, AT, known),
            templates.case_card(case, school, AT, known),
            templates.update(case, matter.events[0], school, AT, known),
            *(templates.notice(case, school, told, AT, known) for told in case.holders.values()),
        ]
        for card in cards:
            assert number(person) not in card_text(card)


@pytest.mark.parametrize(("said", "seat"), BY_ROLE)
@pytest.mark.parametrize("base", [GRAVE, IMAGE], ids=["danger", "imagery"])
def test_nobody_spoken_against_by_role_is_to_be_rung(
    base: dict[str, Value], said: dict[str, Value], seat: Seat
) -> None:
    """A role that is ticked means whoever holds it: their number stands nowhere from then on."""
    (key,) = said
    holders = SCHOOL.seats[seat]
    shown = 0
    for form, draft in pages({**base, **said}):
        if draft.answers.get(key) == said[key]:
            shown += 1
            assert not [p for p in holders if number(p) in form_text(form)], form.id
    assert shown or key == "poster", "an image asks nobody who put it there"
    policy = {"immediate_danger": "yes", "targets": ("pupil",), **said}
    for person in holders:
        no_number_of(person, Matter(policy))  # type: ignore[arg-type]


def test_every_page_names_somebody_to_ring() -> None:
    """From danger or an image on each does; at first also whom one may ring oneself, later in brief."""
    for base, called_for in ((GRAVE, "danger"), (IMAGE, "safety")):
        shown = [form for form, _ in pages(base)]
        since = next(n for n, form in enumerate(shown) if form.id == f"report.{called_for}")
        first, *later = [form_text(form) for form in shown[since + 1 :]]
        assert len(later) > 1
        assert number(DSL) in first
        assert say("ring.yourself") in first
        assert SCHOOL.childrens_services.phone in first
        for text in later:
            assert number(DSL) in text
            assert say("ring.yourself") not in text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"immediate_danger": "yes"}, "ring_999"),
        ({"immediate_danger": "not_sure"}, "if_in_doubt"),
        ({"immediate_danger": "no", "sexual_imagery_child": "yes"}, "imagery"),
    ],
)
def test_urgent_advice_is_whole_at_first_and_brief_later(said: dict[str, Answer], words: str) -> None:
    """Where it is called for and on the next page it is whole; after that the question has the screen."""
    imagery = words == "imagery"
    draft = conversation.taken_up(new()).draft
    for page in ("safety", "about", "hand_over" if imagery else "poster", "check"):
        (callout, *_) = intro(draft, page, said, SCHOOL, imagery=imagery)
        whole = page == "safety" or (imagery and page == "about")
        assert callout == Callout(Tone.DANGER, say(f"conversation.{words}{'' if whole else '_again'}")), page


def test_nobody_is_alerted_to_ring_themselves() -> None:
    """The first alert names the other leaders; who is alone in it still reads the rest."""
    everybody = f"{DSL} {CHAIR}"
    assert number(DSL) in card_text(templates.first_alert(SCHOOL, everybody))
    mine = card_text(templates.first_alert(SCHOOL, everybody, DSL))
    assert (number(DSL) in mine, number(CHAIR) in mine) == (False, True)
    assert number(DSL) not in card_text(templates.first_alert(SCHOOL, DSL, DSL))


def test_whoever_reports_and_whom_it_is_about_are_not_rung() -> None:
    """A DSL who reports does not ring themselves; a Chair it is about is not the other leader."""
    state = conversation.taken_up(replace(new(), person=DSL))
    assert DSL not in rung(state.draft, {"immediate_danger": "yes"}, SCHOOL)
    said = {"immediate_danger": "yes", "targets": ("chair",)}
    assert CHAIR not in rung(state.draft, said, SCHOOL)  # type: ignore[arg-type]


def without_numbers(school: School) -> School:
    """Return the school with no number in its file."""
    mute = {who: replace(person, phone="") for who, person in school.people.items()}
    return replace(
        school,
        people=mute,
        lado=Contact(),
        childrens_services=Contact(),
        fallback_contact=Contact(),
        legal=Contact(),
        police_non_emergency="",
        posh_helpline="",
    )


def test_a_number_that_is_not_there_is_said_and_asked_for() -> None:
    """Nobody is left with *tell the DSL* and nothing else; check names every number that is missing."""
    school = without_numbers(SCHOOL)
    draft = answer(new(), "danger", {"immediate_danger": "yes", "works_here": "no"}).draft
    form = conversation.view(conversation.taken_up(draft), school, POLICY, surface=Surface.MESSAGE, now=AT)
    assert say("ring.no_number") in form_text(form)
    assert say("message.not_filled_in") in card_text(templates.receipt(Matter(THREAT).case, school, AT))
    lines = list(gaps(school, dt.date(2026, 11, 24)))
    for who in (*(f'"{person}"' for person in HOLDERS), "LADO", "children's services", "outside the school",
                "the police", "helpline", "Legal"):  # fmt: skip
        assert len([line for line in lines if "no phone number" in line and who in line]) == 1, who


def test_who_has_a_case_and_who_is_next() -> None:
    """The lead until somebody takes it on, then whoever did; next whoever is told too, or is told next."""
    matter = Matter(ABUSE)
    assert whom_to_ring(matter.case, SCHOOL) == (
        (say("ring.has"), f"Headteacher, {number(HEAD)}"),
        (say("ring.next"), f"Deputy headteacher, {number(DEPUTY)}"),
    ), "a channel reads seats, no names"
    mine = whom_to_ring(matter.case, SCHOOL, reader=HEAD)
    assert [label for label, _ in mine] == [say("ring.instead")]
    matter.do(TakeOn(), HEAD)
    told = dict(whom_to_ring(matter.case, SCHOOL, reader=REPORTER))
    assert told[say("ring.has")] == f"Ash Example – Headteacher, {number(HEAD)}"
    alone = replace(SCHOOL, seats={Seat.HEADTEACHER: (HEAD,)}, fallback_contact=Contact())
    assert whom_to_ring(matter.case, alone)[-1] == (
        say("ring.next"),
        f"{say('ring.outside')}, {say('message.not_filled_in')}",
    )
    assert whom_to_ring(replace(matter.case, status=Status.CLOSED), SCHOOL) == ()


def test_of_an_allegation_nobody_is_named_who_is_not_told() -> None:
    """It may be about whoever would be asked next."""
    matter = Matter({"staff_allegation": ("not_sure",), "targets": ("staff",), "keep_from": ("dsl",)})
    told = {number(person) for person in matter.case.holders.values()}
    shown = " ".join(value for _, value in whom_to_ring(matter.case, SCHOOL))
    assert not [p for p in HOLDERS if number(p) in shown and number(p) not in told]


def test_where_nobody_may_know_the_contact_outside_is_rung() -> None:
    """A case without anybody left says whom to ring instead."""
    left = Matter(ABUSE, named=Named(kept_out=tuple(HOLDERS))).case
    assert whom_to_ring(left, SCHOOL) == ((SCHOOL.fallback_contact.name, SCHOOL.fallback_contact.phone),)
