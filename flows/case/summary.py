"""What lists and the digest need of a case, without opening it: its row, and who has opened it."""

from __future__ import annotations

from collections.abc import Iterable

from flows.case.duties import outstanding
from flows.model import Audit, AuditKind, Case, CaseId, CaseSummary, Event
from flows.school import PersonId


def summary(case: Case) -> CaseSummary:
    """Return it: derived, never stored for itself, so it cannot disagree with the case."""
    return CaseSummary(
        id=case.id,
        school=case.school,
        reference=case.reference,
        opened_at=case.opened_at,
        due_at=case.due_at,
        acknowledge_by=case.acknowledge_by,
        closed_at=case.closed_at,
        status=case.status,
        urgency=case.decision.urgency,
        lead=case.lead,
        owner=case.owner,
        reporter=case.report.reporter,
        recused=tuple(case.recused),
        holders=case.holders,
        stand_ins=case.stand_ins,
        held=bool(case.hold),
        restricted=case.restricted,
        duties=outstanding(case),
    )


def openings(audit: Iterable[Audit], events: Iterable[Event]) -> frozenset[tuple[CaseId, PersonId]]:
    """Return who opened which case: they read its record, or did something to it."""
    read = [(line.case, line.by) for line in audit if line.kind is AuditKind.RECORD_OPENED]
    done = [(event.case, event.by) for event in events]
    return frozenset((case, by) for case, by in [*read, *done] if case is not None and by is not None)
