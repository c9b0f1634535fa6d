"""What rows ask for, as one whole number with a bit for each thing that can be asked for.

Asking adds up by *or*. A level or an urgency takes a bit for each step up to it, so that the strongest wins
by *or* as well. Bits of actions have the names of one table, given when the table is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from flows.model import URGENCIES, Level, Urgency
from flows.policy.table import Variant
from flows.school import Seat

_LEVELS = tuple(Level)
_RANKS: dict[str, int] = {"": 0} | {str(name): rank for rank, name in enumerate(_LEVELS, 1)}
_URGENCY: dict[str, int] = {"": 0} | {str(name): rank for rank, name in enumerate(URGENCIES)}
_LEGAL_PLACE, _URGENCY_PLACE, _FLAGS = 3, 6, 10
HOLD, HEAD, CHAIRS = 1 << _FLAGS, 2 << _FLAGS, 4 << _FLAGS
SEATS: dict[Seat, int] = {seat: 8 << _FLAGS + at for at, seat in enumerate(sorted(Seat))}
ALL_SEATS = sum(SEATS.values())
ALL_LEVELS = 0b111_111
POLICE, LEGAL = 0b111, 0b111 << _LEGAL_PLACE
BEYOND_CONSIDER = 0b110
ALL_URGENCIES = 0b1111 << _URGENCY_PLACE
_ACTIONS_PLACE = ALL_SEATS.bit_length()


def levels(asked_for: int) -> dict[str, Level]:
    """Return the strongest level asked for of Legal and of the police, where there is any."""
    legal = (asked_for >> _LEGAL_PLACE & 0b111).bit_length()
    police = (asked_for & 0b111).bit_length()
    found: dict[str, Level] = {}
    if legal:
        found["legal"] = _LEVELS[legal - 1]
    if police:
        found["police"] = _LEVELS[police - 1]
    return found


def urgency(asked_for: int) -> Urgency:
    """Return how soon."""
    return URGENCIES[(asked_for >> _URGENCY_PLACE & 0b1111).bit_length()]


def seats_told(asked_for: int) -> tuple[str, ...]:
    """Return the seats told, Legal and the police where they have a level; sorted."""
    seats = [seat.value for seat, bit in SEATS.items() if asked_for & bit]
    return tuple(sorted([*seats, *levels(asked_for)]))


class Names(Struct, frozen=True):
    """The actions of one table: the bit of each, and their names in order, as they are and under a hold."""

    actions: dict[str, int]
    plain: tuple[tuple[int, str], ...]
    held: tuple[tuple[int, str], ...]

    def asked_for(
        self,
        *,
        tell: Iterable[str] = (),
        actions: Iterable[str] = (),
        police: str = "",
        legal: str = "",
        urgency: str = "",
    ) -> int:
        """Return the number for what a row asks for. Raises KeyError for words the table does not know."""
        asked_for = (1 << _RANKS[police]) - 1
        asked_for |= (1 << _RANKS[legal]) - 1 << _LEGAL_PLACE
        asked_for |= (1 << _URGENCY[urgency]) - 1 << _URGENCY_PLACE
        for seat in tell:
            asked_for |= SEATS[Seat(seat)]
        for action in actions:
            asked_for |= self.actions[action]
        return asked_for

    def asked(self, by: Variant) -> int:
        """Return the number for what a row, or a variant, lists."""
        return self.asked_for(
            tell=by.tell, actions=by.actions, police=by.police, legal=by.legal, urgency=by.urgency
        )

    def named(self, asked_for: int) -> tuple[str, ...]:
        """Return the actions asked for, sorted; under a hold, contact as what waits."""
        return tuple(
            [name for bit, name in (self.held if asked_for & HOLD else self.plain) if asked_for & bit]
        )


def names(actions: Iterable[str], waits: dict[str, str], hold: str) -> Names:
    """Return the names of a table's actions. ``waits`` says what becomes of each under a hold."""
    known = {name: 1 << _ACTIONS_PLACE + at for at, name in enumerate(sorted({*actions, *waits}))}
    return Names(
        actions=known,
        plain=tuple((bit, name) for name, bit in known.items()),
        held=tuple(
            sorted(
                ((HOLD, hold), *((bit, waits.get(name, name)) for name, bit in known.items())),
                key=lambda pair: pair[1],
            )
        ),
    )
