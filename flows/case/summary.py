"""What lists and the digest need of a case, without opening it."""

from __future__ import annotations

from flows.case.duties import outstanding
from flows.model import Case, CaseSummary


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
