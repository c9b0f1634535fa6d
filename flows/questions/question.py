"""What a question is, and where it stands: the columns of the table of questions."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from flows.model import Answer
from flows.questions.conditions import ALWAYS, Condition, Need, both
from flows.ui.forms import OnlyIf, Value

YES_NO = ("yes", "no", "not_sure")


class Kind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    MANY = "many"
    PEOPLE = "people"
    TEXT = "text"
    LONG = "long"


class Question(Struct, frozen=True, kw_only=True):
    """One question. ``unsure`` is what a typed "not sure" means, ``nothing`` the option recorded as the empty
    answer; ``options`` of PEOPLE are the school's.

    ``values`` are what the policy may hear, none where the answer is not for the policy. Where it was not
    asked the policy takes ``default``, and ``cautious`` (None = the default) in a report that was cut short.
    """

    name: str
    kind: Kind
    options: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    unsure: Value = ""
    nothing: str = ""
    values: tuple[str, ...] = ()
    default: Answer = ()
    cautious: Answer | None = None
    correctable: bool = False

    @property
    def policy(self) -> bool:
        """Whether the policy hears the answer."""
        return bool(self.values)

    @property
    def many(self) -> bool:
        """Whether several can be chosen."""
        return self.kind in (Kind.MANY, Kind.PEOPLE)

    @property
    def may_be_empty(self) -> bool:
        """Whether the policy takes an answer that holds nothing."""
        return self.many and not self.default

    @property
    def text(self) -> bool:
        """Whether it is answered in the person's own words."""
        return self.kind in (Kind.TEXT, Kind.LONG)

    @property
    def yes_no(self) -> bool:
        """Whether it is answered with yes, no or not sure."""
        return self.values == YES_NO

    def heard(self, answer: Answer) -> Answer:
        """Return what the policy hears of an answer."""
        return answer if isinstance(answer, str) else tuple(value for value in answer if value in self.values)


class Row(Struct, frozen=True, kw_only=True):
    """Where and when a question is asked. ``shown`` ties it to another question of the same page."""

    page: str
    name: str
    when: Condition = ALWAYS
    shown: OnlyIf | None = None

    @property
    def condition(self) -> Condition:
        """All that must hold for it to be asked."""
        if self.shown is None:
            return self.when
        return both(self.when, ((Need(self.shown.field, self.shown.values),),))


def choice(
    name: str,
    *options: str,
    values: tuple[str, ...] | None = None,
    default: str = "no",
    cautious: str | None = None,
    unsure: str = "not_sure",
    correctable: bool = True,
) -> Question:
    """Return a question with one answer. ``values`` say what the policy may hear, if not the options."""
    return Question(
        name=name,
        kind=Kind.CHOICE,
        options=options,
        unsure=unsure,
        values=options if values is None else values,
        default=default,
        cautious=cautious,
        correctable=correctable,
    )


def many(
    name: str,
    *options: str,
    values: tuple[str, ...] | None = None,
    default: tuple[str, ...] = (),
    cautious: tuple[str, ...] | None = None,
    unsure: tuple[str, ...] = ("not_sure",),
    alone: tuple[str, ...] = (),
    nothing: str = "",
    correctable: bool = True,
) -> Question:
    """Return a question with several answers; ``nothing`` is offered last, stands alone and is no value."""
    return Question(
        name=name,
        kind=Kind.MANY,
        options=(*options, nothing) if nothing else options,
        alone=(*alone, nothing) if nothing else alone,
        unsure=unsure,
        nothing=nothing,
        values=options if values is None else values,
        default=default,
        cautious=cautious,
        correctable=correctable,
    )


def people(name: str) -> Question:
    """Return a question about the school's seat holders, which the policy does not hear."""
    return Question(name=name, kind=Kind.PEOPLE, alone=("rather_not_say",), unsure=("rather_not_say",))


def text(name: str, kind: Kind = Kind.TEXT) -> Question:
    """Return a question answered in the person's own words, which the policy never hears."""
    return Question(name=name, kind=kind)
