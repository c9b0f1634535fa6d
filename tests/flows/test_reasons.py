"""A reason is built from who is really told: none names as told somebody who is not."""

from __future__ import annotations

import random
import re

from flows.messages import templates
from flows.messages.record import record
from flows.model import Named
from flows.policy.engine import default_policy
from flows.policy.said import as_said
from flows.school import Seat
from flows.ui.plain_text import card_text
from tests.flows.matter import ABUSE, AT, CHAIR, DEPUTY_DSL, DSL, HEAD, SCHOOL, VICE, Matter
from tests.often import often
from tests.policy.conftest import answer_sets

CALLED = {
    "the Headteacher": Seat.HEADTEACHER,
    "the DSL": Seat.DSL,
    "the deputy DSL": Seat.DEPUTY_DSL,
    "the Chair": Seat.CHAIR,
    "the vice-chair": Seat.VICE_CHAIR,
}
NAMED_AS_TOLD = re.compile(rf"goes to ({'|'.join(CALLED)})\b")
#: What only the part that depends on who is told may say.
CLAIMS = re.compile(r"\b(is told|are told|knows? of|goes to|is informed|leads)\b")


def named(text: str) -> set[Seat]:
    """Return the seats that a text names as told."""
    return {CALLED[found] for found in NAMED_AS_TOLD.findall(text)}


def test_no_reason_claims_that_somebody_is_told_whoever_is() -> None:
    """What a row says of those told stands in the part that depends on it."""
    table = default_policy().table
    for row in (*table.row, *table.lead, table.nobody):
        assert not CLAIMS.search(as_said(row.because, ())), row.id


def holds(matter: Matter) -> None:
    """Assert of every text with reasons that it names as told only who is."""
    case, told = matter.case, set(matter.case.holders)
    texts = [
        templates.receipt(case, SCHOOL, AT),
        templates.update(case, matter.events[0], SCHOOL, AT),
        record(case, matter.events, SCHOOL, HEAD),
        *(templates.notice(case, SCHOOL, person, AT) for person in case.holders.values()),
    ]
    for text in map(card_text, texts):
        assert named(text) <= told, text


def test_no_sentence_names_as_told_somebody_who_is_not() -> None:
    """Over random answers, and random people kept out by name: every reason agrees with who is told."""
    dice = random.Random(11)  # noqa: S311 - a seed, not a secret
    people = [HEAD, DSL, DEPUTY_DSL, CHAIR, VICE]
    for answers in answer_sets(often(3000), 11):
        kept = tuple(dice.sample(people, dice.choice((0, 0, 1, 2, 3))))
        unfinished = bool(answers.pop("unfinished", False))
        given = {key: tuple(value) if isinstance(value, list) else value for key, value in answers.items()}
        holds(Matter(given, named=Named(kept_out=kept), unfinished=unfinished))


def test_the_headteacher_kept_out() -> None:
    """The receipt to somebody whose safety rests on it says in no sentence that the Headteacher knows."""
    matter = Matter({**ABUSE, "keep_from": ("headteacher",)})
    text = card_text(templates.receipt(matter.case, SCHOOL, AT))
    assert "must not be told" in text
    assert named(text) == {Seat.CHAIR}
    assert named(card_text(templates.receipt(Matter(ABUSE).case, SCHOOL, AT))) == {Seat.HEADTEACHER}


def test_words_that_stand_for_each_other() -> None:
    """A page about the policy has the first of them; a reason that of the seat that is told."""
    words = "A pupil is involved[dsl:, so A][deputy_dsl:, so B]."
    assert as_said(words) == "A pupil is involved, so A."
    assert as_said(words, {Seat.DEPUTY_DSL}) == "A pupil is involved, so B."
    assert as_said(words, ()) == "A pupil is involved."
