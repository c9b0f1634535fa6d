"""What the policy asked for, and why. Values only."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType

from flows.school import Seat


class Layer(StrEnum):
    """Where a reason comes from; always shown apart."""

    POLICY = "policy"
    SAFEGUARDING = "safeguarding"
    SETTING = "setting"


class Urgency(StrEnum):
    """How soon, from least to most (see :data:`URGENCIES`)."""

    ROUTINE = "routine"
    TWO_WORKING_DAYS = "two_working_days"
    SAME_DAY = "same_day"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def presses(self) -> bool:
        """Nobody waits for morning with it, and a phone is quicker than a chat."""
        return self in (Urgency.URGENT, Urgency.EMERGENCY)


URGENCIES = tuple(Urgency)


class Level(StrEnum):
    """How strongly Legal or the police are put to the decider."""

    CONSIDER = "consider"
    RECOMMEND = "recommend"
    CALL_999_NOW = "call_999_now"


class Hold(StrEnum):
    """What ends a hold on contact: those who keep children safe agree, or a decision on the police."""

    SAFEGUARDING = "safeguarding"
    POLICE = "police"


class Reason(Struct, frozen=True, kw_only=True):
    """One row that matched: what it rests on, what it saw, and what it asked for.

    ``row`` is a name and nothing else: what the row means stands in its columns. ``instead_of`` is the
    seat that must not know, and that others stand in for.
    """

    row: str
    layer: Layer
    clauses: tuple[str, ...] = ()
    quote: str | None = None
    because: str
    facts: dict[str, str | bool | tuple[str, ...]] = {}
    asks: tuple[str, ...] = ()
    hold: Hold | None = None
    safeguarding_deadline: bool = False
    apart: bool = False
    instead_of: Seat | None = None


class OwnAction(Struct, frozen=True, kw_only=True):
    """An action of a school's own policy, in its own words; ``name`` is its name in the file.

    ``called`` is its name where it has to be decided (``decide``) before the case is closed. Where that is
    whether to contact a body outside, it is ``body``, and ``reach`` says how.
    """

    name: str
    words: str
    called: str = ""
    decide: bool = False
    body: str = ""
    reach: str = ""


class Decision(Struct, frozen=True, kw_only=True):
    """All that the policy asks for. ``notify`` is sorted and holds ``legal`` and ``police`` too; ``kind`` is
    what any channel may be told of it; ``own`` has the words of those actions that a school's policy brings,
    ``again`` what could happen that would bring more of its rows.
    """

    notify: tuple[str, ...]
    levels: dict[str, Level] = {}
    urgency: Urgency
    leads: Seat | None
    actions: tuple[str, ...]
    reasons: tuple[Reason, ...]
    policy_version: str
    kind: str = ""
    own: dict[str, OwnAction] | UnsetType = UNSET
    again: tuple[str, ...] | UnsetType = UNSET
