"""Who is told and who leads: the lead rows, after the table and in their order (policy page §6).

The conditions stand in ``duties.toml``; what a row then does to the seats is one of four steps here.
"""

from __future__ import annotations

from msgspec import Struct

from flows.model import Layer
from flows.policy.engine.compiled import compiled
from flows.policy.engine.conditions import Compiled, FactBits
from flows.policy.engine.memory import Memory
from flows.policy.engine.outputs import ALL_SEATS, CHAIRS, HEAD, SEATS, Names
from flows.policy.engine.rules import Outcome, seen
from flows.policy.facts import BITS
from flows.policy.table import LeadRule
from flows.school import Seat

_HEAD_OUT, _CHAIR_OUT = BITS["head_out"][True], BITS["chair_out"][True]
_KEPT_DSL, _KEPT_VICE = BITS["keep_from"]["dsl"], BITS["keep_from"]["vice_chair"]
_ALWAYS = _HEAD_OUT | _CHAIR_OUT | _KEPT_DSL | _KEPT_VICE
_ASKED = ALL_SEATS | HEAD | CHAIRS
LEAD_ACTIONS = {
    Seat.CHAIR: "chair_leads",
    Seat.VICE_CHAIR: "vice_chair_leads",
    Seat.SUBSTITUTE_GOVERNOR: "substitute_governor_leads",
}
_IN_ORDER = (Seat.HEADTEACHER, *LEAD_ACTIONS, Seat.DSL, Seat.DEPUTY_DSL)


class CompiledLead(Struct, frozen=True, kw_only=True):
    """One lead row, compiled."""

    row: LeadRule
    test: Compiled


class Settled(Struct, frozen=True, kw_only=True):
    """Who is told, who leads, what the lead rows ask for, and those rows with the late facts they saw."""

    told: int
    leads: Seat | None
    asked_for: int
    rows: tuple[tuple[Outcome, int], ...]


class Leads(Struct, frozen=True, kw_only=True):
    """The lead rows, and what they came to before, by the bits they depend on."""

    lines: tuple[CompiledLead, ...]
    looks_at: int
    facts: FactBits
    names: Names
    memory: Memory[Settled]

    def settle(self, bits: int, asked_for: int) -> Settled:
        """Return who is told and who leads, given the facts and what the table asked for."""
        key = (bits & self.looks_at) << _ASKED.bit_length() | asked_for & _ASKED
        found = self.memory.get(key)
        return found or self.memory.remember(key, _settled(self, bits, asked_for))


def lead_line(row: LeadRule, facts: FactBits, known: frozenset[str]) -> CompiledLead:
    """Return a lead row, compiled. Raises PolicyError for conditions that cannot be tested."""
    return CompiledLead(row=row, test=compiled(row.id, row.when, [], facts, known.__contains__))


def leads(lines: tuple[CompiledLead, ...], facts: FactBits, names: Names, remember: int) -> Leads:
    """Return the lead rows, ready to settle."""
    looks_at = _ALWAYS
    for each in lines:
        looks_at |= each.test.looks_at()[0]
    return Leads(lines=lines, looks_at=looks_at, facts=facts, names=names, memory=Memory(remember))


class _Board:
    """The seats while the rows are read, in their order."""

    def __init__(self, rows: Leads, bits: int, asked_for: int) -> None:
        self.rows, self.bits = rows, bits
        self.told = {seat for seat, bit in SEATS.items() if asked_for & bit}
        self.chairs = asked_for & CHAIRS != 0
        self.head = asked_for & HEAD != 0
        self.leader: Seat | None = None
        self.asked: list[tuple[CompiledLead, int, list[str]]] = []
        self.by = 0
        if self.head and not bits & _HEAD_OUT:
            self.told.add(Seat.HEADTEACHER)

    def late(self) -> int:
        """Return what is known by now, beside the facts."""
        known = {
            "head_asked": self.head,
            "chairs_part": self.chairs,
            "vice_chair_told": Seat.VICE_CHAIR in self.told,
        }
        late = 0
        for fact, value in known.items():
            late |= self.rows.facts.bits[fact][value]
        return late

    def tell_chair(self) -> None:
        """Tell the Chair when somebody asked for the Chair's part and the Chair may know."""
        if self.chairs and not self.bits & _CHAIR_OUT:
            self.told.add(Seat.CHAIR)

    def lead(self, seat: Seat) -> None:
        """Let a seat lead, by the row at hand."""
        self.told.add(seat)
        self.leader, self.by = seat, len(self.asked)

    def keep_out(self) -> None:
        """Swap, last of all, the seats that the reporter asked_for memory out."""
        if self.bits & _KEPT_DSL and Seat.DSL in self.told:
            self.told = self.told - {Seat.DSL} | {Seat.DEPUTY_DSL}
        if self.bits & _KEPT_VICE and Seat.VICE_CHAIR in self.told:
            self.told = self.told - {Seat.VICE_CHAIR} | {Seat.SUBSTITUTE_GOVERNOR}
            if self.leader is Seat.VICE_CHAIR:
                self.leader = Seat.SUBSTITUTE_GOVERNOR


def _settled(rows: Leads, bits: int, asked_for: int) -> Settled:
    board = _Board(rows, bits, asked_for)
    for line in rows.lines:
        if line.row.then != "chairs_part_and_leads":
            board.tell_chair()
        late = board.late()
        if line.test.first(bits | late):
            _apply(board, line, late)
    board.tell_chair()
    board.keep_out()
    asked = rows.names.asked_for(actions=[LEAD_ACTIONS[board.leader]] if board.leader else [])
    for line, _, _ in board.asked:
        asked |= rows.names.asked_for(actions=line.row.actions, legal=line.row.legal)
    return Settled(
        told=rows.names.asked_for(tell=board.told),
        leads=board.leader or next((seat for seat in _IN_ORDER if seat in board.told), None),
        asked_for=asked,
        rows=tuple(_outcome(board, at) for at in range(len(board.asked))),
    )


def _apply(board: _Board, line: CompiledLead, late: int) -> None:
    asks: list[str] = []
    match line.row.then:
        case "chairs_part_and_leads":
            board.chairs = True
            if not board.bits & _CHAIR_OUT:
                asks.append(Seat.CHAIR)
                board.lead(Seat.CHAIR)
        case "vice_chair_instead":
            asks.append(Seat.VICE_CHAIR)
            board.lead(Seat.VICE_CHAIR)
        case "chair_affected":
            asks.append(Seat.CHAIR)
            if Seat.CHAIR in board.told:
                asks.append(Seat.VICE_CHAIR)
                board.told.add(Seat.VICE_CHAIR)
                if board.leader is Seat.CHAIR:
                    board.lead(Seat.VICE_CHAIR)
            board.told.add(Seat.CHAIR)
        case _:  # nobody_left: only what the row itself lists
            pass
    asks += [f"legal:{line.row.legal}"] if line.row.legal else []
    asks += [f"action:{action}" for action in line.row.actions]
    board.asked.append((line, late, asks))


def _outcome(board: _Board, at: int) -> tuple[Outcome, int]:
    line, late, asks = board.asked[at]
    if at == board.by and board.leader:
        asks = [*asks, f"action:{LEAD_ACTIONS[board.leader]}"]
    if board.bits & _KEPT_VICE:
        asks = [Seat.SUBSTITUTE_GOVERNOR if ask == Seat.VICE_CHAIR else ask for ask in asks]
    shown = line.test.shown(board.bits | late)
    found = Outcome(
        row=line.row.id,
        layer=Layer.SETTING,
        because=line.row.because,
        asks=tuple(str(ask) for ask in asks),
        shown=shown,
        seen=seen(shown),
        instead_of=line.row.instead_of,
        reasons=Memory(board.rows.memory.most),
    )
    return found, late
