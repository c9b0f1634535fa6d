"""Who is told and who leads: the rows L, after the table and in their order (policy page §6).

The conditions stand in ``policy.toml``; what a row then does to the seats is one of four steps here.
"""

from __future__ import annotations

from msgspec import Struct

from flows.assessment import BITS
from flows.model import Layer, Reason
from flows.policy_rows import Line, facts
from flows.policy_table import LEVELS, LeadRow, Words
from flows.school import Seat

_HEAD_OUT, _CHAIR_OUT = BITS["head_out"][True], BITS["chair_out"][True]
_KEPT_DSL, _KEPT_VICE = BITS["keep_from"]["dsl"], BITS["keep_from"]["vice_chair"]
_LEAD_ACTIONS = {
    Seat.CHAIR: "chair_leads",
    Seat.VICE_CHAIR: "vice_chair_leads",
    Seat.SUBSTITUTE_GOVERNOR: "substitute_governor_leads",
}
_IN_ORDER = (Seat.HEADTEACHER, *_LEAD_ACTIONS)


class Settled(Struct, frozen=True, kw_only=True):
    """Who is told, who leads, and the rows that said so. ``bits`` hold the late facts too."""

    told: set[Seat]
    leads: Seat | None
    actions: set[str]
    legal: int
    reasons: tuple[Reason, ...]
    bits: int


class _Board:
    """The seats while the rows are read, in their order."""

    def __init__(self, words: Words, bits: int, told: set[Seat], *, chairs: bool) -> None:
        self.words, self.bits, self.told, self.chairs = words, bits, told, chairs
        self.leader: Seat | None = None
        self.actions: set[str] = set()
        self.legal = 0
        self.asked: list[tuple[Line, int, list[str]]] = []
        self.by: int | None = None

    def late(self, fact: str, *, value: bool) -> int:
        return self.words.bits[fact][value]

    def lead(self, seat: Seat) -> None:
        self.leader, self.by = seat, len(self.asked)


def settle(
    rows: tuple[Line, ...], words: Words, bits: int, told: set[Seat], *, head: bool, chairs: bool
) -> Settled:
    """Return the seats told and the seat that leads, given what the table asked for."""
    board = _Board(words, bits | words.bits["head_asked"][head], told, chairs=chairs)
    if head and not bits & _HEAD_OUT:
        told.add(Seat.HEADTEACHER)
    for row in rows:
        if isinstance(row.row, LeadRow) and row.row.then != "chairs_part_and_leads":
            _chair(board)
        now = board.bits | board.late("chairs_part", value=board.chairs)
        now |= board.late("vice_chair_told", value=Seat.VICE_CHAIR in told)
        if row.test.hit(now):
            _apply(board, row, now)
    _chair(board)
    _keep_out(board)
    leads = board.leader or next((seat for seat in _IN_ORDER if seat in told), None)
    if board.leader is not None:
        board.actions.add(_LEAD_ACTIONS[board.leader])
    return Settled(
        told=told,
        leads=leads,
        actions=board.actions,
        legal=board.legal,
        reasons=tuple(_reason(board, at) for at in range(len(board.asked))),
        bits=board.bits,
    )


def _chair(board: _Board) -> None:
    """Tell the Chair when somebody asked for the Chair's part and the Chair may know."""
    if board.chairs and not board.bits & _CHAIR_OUT:
        board.told.add(Seat.CHAIR)


def _apply(board: _Board, line: Line, now: int) -> None:
    row = line.row
    if not isinstance(row, LeadRow):
        return
    asks: list[str] = []
    match row.then:
        case "chairs_part_and_leads":
            board.chairs = True
            if not board.bits & _CHAIR_OUT:
                asks.append(Seat.CHAIR)
                board.lead(Seat.CHAIR)
        case "vice_chair_instead":
            asks.append(Seat.VICE_CHAIR)
            board.told.add(Seat.VICE_CHAIR)
            board.lead(Seat.VICE_CHAIR)
        case "chair_affected":
            asks.append(Seat.CHAIR)
            if Seat.CHAIR in board.told:
                asks.append(Seat.VICE_CHAIR)
                board.told.add(Seat.VICE_CHAIR)
                board.lead(Seat.VICE_CHAIR)
            board.told.add(Seat.CHAIR)
        case _:  # nobody_left
            pass
    board.legal = max(board.legal, LEVELS.index(row.legal))
    board.actions.update(row.actions)
    asks += [f"legal:{row.legal}"] if row.legal else []
    asks += [f"action:{action}" for action in row.actions]
    board.asked.append((line, now, asks))


def _keep_out(board: _Board) -> None:
    """Swap, last of all, the seats that the reporter wants kept out."""
    told = board.told
    if board.bits & _KEPT_DSL and Seat.DSL in told:
        told.remove(Seat.DSL)
        told.add(Seat.DEPUTY_DSL)
    if board.bits & _KEPT_VICE and Seat.VICE_CHAIR in told:
        told.remove(Seat.VICE_CHAIR)
        told.add(Seat.SUBSTITUTE_GOVERNOR)
        if board.leader is Seat.VICE_CHAIR:
            board.leader = Seat.SUBSTITUTE_GOVERNOR


def _reason(board: _Board, at: int) -> Reason:
    line, now, asks = board.asked[at]
    if at == board.by and board.leader is not None:
        asks = [*asks, f"action:{_LEAD_ACTIONS[board.leader]}"]
    if board.bits & _KEPT_VICE:
        asks = ["substitute_governor" if ask == "vice_chair" else ask for ask in asks]
    row = line.row
    return Reason(
        row=row.id,
        layer=Layer.SETTING,
        because=row.because,
        facts=facts((line.test,), now, board.words),
        asks=tuple(str(ask) for ask in asks),
    )
