"""Which letters there are, which of them a case may want, and which wait while contact does."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from flows.model import Answer, Body, Case
from flows.school import Seat

#: What stands behind the name of an action that waits for the hold.
_LATER = "_later_if_cleared"
_INVITES = frozenset({"invite_via_complaints_procedure", "invite_if_identified"})
_MEETS = frozenset({"contact_and_meet", "meet_if_identified"})
_GOVERNORS = frozenset({Seat.CHAIR, Seat.VICE_CHAIR, Seat.SUBSTITUTE_GOVERNOR})


class Letter(StrEnum):
    """Every letter; the word is the name of its template and of its key in a school's file."""

    INVITATION = "invitation"
    MEETING = "meeting"
    CHAIR = "chair"
    TAKE_DOWN = "take_down"
    HOLDING = "holding"
    THANKS = "thanks"
    FAMILIES = "families"
    BRIEFING = "briefing"
    CLASS = "class"
    RECORD = "record"


class Yearly(StrEnum):
    """Where the policy has parents told of it each year (clause C2); each has its wording."""

    BOOKLET = "booklet"
    NEWSLETTER = "newsletter"
    WEBSITE = "website"


#: Everything that a school can have a template of its own for.
NAMES: tuple[Letter | Yearly, ...] = (*Letter, *Yearly)


class Waits(StrEnum):
    """While what a letter is not written: any hold on contact, or one after an allegation; or never."""

    HOLD = "hold"
    ALLEGATION = "allegation"
    NEVER = "never"


class Kind(Struct, frozen=True, kw_only=True):
    """What holds of a letter: when it fits a case, while what it waits, whether it lists the case's facts."""

    fits: Callable[[Case], bool]
    waits: Waits
    facts: bool = False


def _asks(names: frozenset[str]) -> Callable[[Case], bool]:
    return lambda case: not names.isdisjoint(a.removesuffix(_LATER) for a in case.decision.actions)


def _holds(name: str, *values: str) -> Callable[[Case], bool]:
    return lambda case: not set(values).isdisjoint(_several(case.report.answers.get(name, ())))


def _several(answer: Answer) -> tuple[str, ...]:
    return (answer,) if isinstance(answer, str) else answer


def _governor_is_told(case: Case) -> bool:
    return not _GOVERNORS.isdisjoint(case.holders) and _asks(_INVITES | _MEETS)(case)


#: Every letter, in the order in which they are offered.
KINDS: dict[Letter, Kind] = {
    Letter.INVITATION: Kind(fits=_asks(_INVITES), waits=Waits.HOLD),
    Letter.MEETING: Kind(fits=_asks(_MEETS), waits=Waits.HOLD),
    Letter.CHAIR: Kind(fits=_governor_is_told, waits=Waits.HOLD),
    Letter.TAKE_DOWN: Kind(fits=_asks(frozenset({"ask_to_take_it_down"})), waits=Waits.HOLD),
    Letter.HOLDING: Kind(fits=_asks(_INVITES | _MEETS | {"help_them_raise_it"}), waits=Waits.HOLD),
    Letter.CLASS: Kind(fits=_holds("poster", "pupil"), waits=Waits.HOLD),
    Letter.THANKS: Kind(fits=_holds("stance", "condemns_or_corrects"), waits=Waits.NEVER),
    Letter.FAMILIES: Kind(
        fits=lambda case: _holds("targets", "school")(case) or _holds("nature", "impersonates")(case),
        waits=Waits.ALLEGATION,
    ),
    Letter.BRIEFING: Kind(fits=_asks(frozenset({"do_not_reply"})), waits=Waits.ALLEGATION),
    Letter.RECORD: Kind(fits=lambda _case: True, waits=Waits.NEVER, facts=True),
}
#: The letters that rest on parents having been told of the policy.
INVITES = frozenset({Letter.INVITATION, Letter.MEETING, Letter.CHAIR})
#: The letter that does what an action of the policy asks for.
FOR_TASK: dict[str, Letter] = {
    **dict.fromkeys(sorted(_INVITES), Letter.INVITATION),
    **dict.fromkeys(sorted(_MEETS), Letter.MEETING),
    "ask_to_take_it_down": Letter.TAKE_DOWN,
    "help_them_raise_it": Letter.HOLDING,
    "tell_families_it_is_fake": Letter.FAMILIES,
}


def offered(case: Case) -> tuple[Letter, ...]:
    """Return the letters that fit this case, whether or not they wait."""
    return tuple(letter for letter, kind in KINDS.items() if kind.fits(case))


def waits(letter: Letter, case: Case) -> bool:
    """Return whether a letter must not be written now: it would reach whom nobody may contact, or warn."""
    alleged = any(duty.body == Body.LADO for duty in case.duties)
    on = {Waits.HOLD: True, Waits.ALLEGATION: alleged, Waits.NEVER: False}
    return bool(case.hold) and on[KINDS[letter].waits]
