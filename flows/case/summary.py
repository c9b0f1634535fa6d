"""What lists and the digest need of a case, without opening it: its row, and who has opened it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flows.case.actions.table import ACTIONS
from flows.case.checklist.care import for_the_reporter
from flows.case.checklist.task import Task
from flows.case.checklist.tasks import next_step, tasks
from flows.case.duties import duty_name, outstanding
from flows.model import Action, Answer, Audit, AuditKind, Case, CaseId, CaseSummary, Event, NextStep, Owed
from flows.postings import marks, searched
from flows.school import PersonId
from flows.ui.cards import Mark


def summary(case: Case) -> CaseSummary:
    """Return it: derived, never stored for itself, so it cannot disagree with the case."""
    found, (words, said) = tasks(case), searched(case.report.posting)
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
        owed=tuple(Owed(duty_name(duty, case.decision), duty.due) for duty in outstanding(case)),
        next=_next(case, found),
        done=sum(task.mark in (Mark.DONE, Mark.NOT_NEEDED) for task in found),
        asked=len(found),
        reporter_hurt=for_the_reporter(case),
        outcome=case.outcome,
        drill=case.drill,
        marks=marks(case.report.posting),
        words=words, said=said, noted=case.noted,
        assigned=case.assigned,
        kind=case.decision.kind,
        clauses=tuple(sorted({clause for reason in case.decision.reasons for clause in reason.clauses})),
        seen_on=_several(case.report.answers.get("platform", ())),
        taken_on_at=case.taken_on_at,
        removal=case.removal,
        kept_until=case.kept_until,
        legal_hold=case.legal_hold,
    )  # fmt: skip


def _next(case: Case, found: Sequence[Task]) -> NextStep | None:
    first = next_step(case, found, lambda action: _open_to(case, action))
    return NextStep(first.what, first.due) if first is not None else None


def _several(answer: Answer) -> tuple[str, ...]:
    return (answer,) if isinstance(answer, str) else answer


def _open_to(case: Case, action: Action) -> bool:
    """Return whether somebody could do it now, whoever it is."""
    declared = ACTIONS[action].declared
    return case.status in declared.leads_to and not (declared.waits_on_hold and case.hold)


def openings(audit: Iterable[Audit], events: Iterable[Event]) -> frozenset[tuple[CaseId, PersonId]]:
    """Return who opened which case: they read its record, or did something to it."""
    read = [(line.case, line.by) for line in audit if line.kind is AuditKind.RECORD_OPENED]
    done = [(event.case, event.by) for event in events]
    return frozenset((case, by) for case, by in [*read, *done] if case is not None and by is not None)
