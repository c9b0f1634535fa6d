"""Who may see or do what: ONE function, deny by default (policy page §10).

Threads, buttons, forms, lists, the digest, files and exports all ask :func:`may`. A person's
*relations* to a case are worked out by :func:`relations`; what each relation allows is the table
below, in the order of the policy page; what an action needs, it declares. Exclusion beats every seat,
and a seat counts for whoever holds it at this moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flows.case.actions.table import ACTIONS
from flows.case.seats import answering, called_in
from flows.model import Action, Case, CaseSummary, Relation
from flows.model import Capability as Can
from flows.school import PersonId, School, Seat

ALLOWED: dict[Relation, frozenset[Can]] = {
    Relation.LEAD: frozenset(
        {Can.KNOW, Can.READ, Can.SEE_REPORTER, Can.NOTE, Can.ACT, Can.DECIDE, Can.CORRECT}
    ),
    Relation.TOLD: frozenset({Can.KNOW, Can.READ, Can.NOTE, Can.ACT}),
    Relation.TARGET_SEAT: frozenset({Can.KNOW, Can.READ, Can.NOTE}),
    Relation.IN_CHANNEL: frozenset({Can.KNOW}),
    Relation.OVERSEES: frozenset({Can.KNOW, Can.READ}),
    Relation.REPORTER: frozenset({Can.SEE_OWN, Can.ADD}),
    Relation.EXCLUDED: frozenset(),
    Relation.ADMINISTRATOR: frozenset({Can.COUNT}),
    Relation.OTHER: frozenset(),
}


def relations(
    case: Case, person: PersonId | None, school: School, *, in_channel: bool = False
) -> frozenset[Relation]:
    """Return every way this person stands to the case. ``in_channel`` = a member right now."""
    if person is None or school.id != case.school:
        return frozenset({Relation.OTHER})
    found: set[Relation] = set()
    if person in case.recused:
        found.add(Relation.EXCLUDED)
    if person == case.report.reporter:
        found.add(Relation.REPORTER)
    holders = answering(case.holders, case.recused, school)
    stands_in = person in called_in(case.stand_ins, case.recused, school)
    told = person in holders.values() or stands_in
    if told and person in case.affected:
        found.add(Relation.TARGET_SEAT)
    elif told:
        found.add(Relation.TOLD)
        if stands_in or (case.lead and holders.get(case.lead) == person):
            found.add(Relation.LEAD)
    if in_channel and not case.restricted:
        found.add(Relation.IN_CHANNEL)
    if oversees(person, school) and not case.restricted:
        found.add(Relation.OVERSEES)
    if person in school.administrators:
        found.add(Relation.ADMINISTRATOR)
    return frozenset(found or {Relation.OTHER})


def oversees(person: PersonId, school: School) -> bool:
    """Return whether this school's own file has this person look after it for the trust, as it is now."""
    return person in school.seats.get(Seat.TRUST_LEAD, ())


def is_told(case: Case, person: PersonId, school: School) -> bool:
    """Return whether a case tells this person: it is theirs to open, and to do something about."""
    told = {Relation.LEAD, Relation.TOLD, Relation.TARGET_SEAT}
    return not told.isdisjoint(relations(case, person, school))


def capabilities(held: frozenset[Relation]) -> frozenset[Can]:
    """Return what these relations allow together."""
    if Relation.EXCLUDED in held:
        # A reporter who reports their own posting still has their own report, and nothing else.
        return ALLOWED[Relation.REPORTER] if Relation.REPORTER in held else frozenset()
    return frozenset().union(*(ALLOWED[relation] for relation in held))


def may(case: Case, person: PersonId | None, school: School, can: Can, *, in_channel: bool = False) -> bool:
    """Return whether this person may do that with this case."""
    allowed = capabilities(relations(case, person, school, in_channel=in_channel))
    if can in (Can.CLEAR_HOLD, Can.REFER):
        # The DSL who was told clears a safeguarding hold too, and records who a child was referred to.
        holders = answering(case.holders, case.recused, school)
        safeguards = person in (holders.get(Seat.DSL), holders.get(Seat.DEPUTY_DSL))
        theirs = can is Can.REFER or case.hold_safeguarding
        return Can.DECIDE in allowed or (Can.ACT in allowed and safeguards and theirs)
    if can is Can.END_DRILL:
        return case.drill and not allowed.isdisjoint({Can.ACT, Can.ADD})
    if can is Can.ASSIGN:  # who leads gives it to somebody; whoever has it hands it on
        return Can.DECIDE in allowed or (Can.ACT in allowed and person in (case.owner, case.assigned))
    return can in allowed


def may_do(case: Case, person: PersonId | None, school: School, action: Action, *, which: str = "") -> bool:
    """Return whether this person may do ``action`` (whether its status allows it, the lifecycle says).

    ``which`` = of several things that it can be about.
    """
    declared = ACTIONS[action].declared if action in ACTIONS else None
    return declared is not None and may(case, person, school, declared.about.get(which, declared.needs))


def may_count(person: PersonId, school: School) -> bool:
    """Return whether this person is shown figures: of cases that :func:`kept_from_nobody` lets be counted."""
    return person in school.administrators or bool(school.seats_of(person))


def kept_from_nobody(row: CaseSummary) -> bool:
    """Return whether a case may be counted where anybody reads: whoever it is may know that it is there."""
    return not (row.restricted or row.recused)


def may_know_row(row: CaseSummary, person: PersonId, school: School, *, in_channel: bool) -> bool:
    """Return whether a list may show this row to this person: the same rule, without opening the case."""
    if person in row.recused:
        return False
    told = (
        *answering(row.holders, row.recused, school).values(),
        *called_in(row.stand_ins, row.recused, school),
    )
    looks_on = in_channel or oversees(person, school)
    return person in told or (looks_on and not row.restricted)


def known_rows(
    rows: Iterable[CaseSummary], person: PersonId, school: School, *, in_channel: bool
) -> Iterator[tuple[CaseSummary, bool]]:
    """Yield the rows that a list may show to this person, each with whether they may read its case.

    :func:`may_know_row` is asked once for each way in which cases are told: there are few. It is asked before
    anything is compared, so that what comes of a search, and when, depends on nothing else.
    """
    rows = list(rows)  # held, so that where a part lies says which it is: a file's store shares what is alike
    seen: dict[tuple[bool, int, int, int], bool] = {}
    reading: dict[tuple[object, ...], bool] = {}
    for row in rows:
        lies = row.restricted, id(row.recused), id(row.stand_ins), id(row.holders)
        reads = seen.get(lies)
        if reads is None:
            told = (row.restricted, row.recused, row.stand_ins, *row.holders.items())
            reads = reading.get(told)
            if reads is None:
                reads = reading[told] = may_know_row(row, person, school, in_channel=False)
            seen[lies] = reads
        if reads or (in_channel and not row.restricted and person not in row.recused):
            yield row, reads
