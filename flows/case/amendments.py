"""What becomes of a report once it is a case: added to, corrected, or finished after all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from msgspec import Struct
from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition
from flows.case.corrections import corrected, correction_fields
from flows.case.declared import RUNNING, ByPerson, Declared, On, asks, read, stays, words
from flows.case.reassess import reassess
from flows.errors import InvalidAnswer
from flows.model import Action, Case, EventKind, Report, Status
from flows.model import Capability as Can
from flows.ui.forms import TextField, Value
from flows.words import say

_TEXT = TextField(name="text", label=say("form.add.text"), lines=4, required=True)
_REASON = words("reason_for_correction", "form.correct.reason")


class AddToReport(ByPerson, frozen=True):
    """More words or files from the reporter; ``report`` already holds them."""

    report: Report
    text: str = ""
    declared: ClassVar = Declared(
        action=Action.ADD,
        leads_to=stays(*Status),
        needs=Can.ADD,
        event=EventKind.ADDED,
        on=(On.RECEIPT,),
        fields=asks(_TEXT),
        adds_only=True,
    )

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case) -> Self:
        """Return the report with the words behind those that are there."""
        text = read((_TEXT,), values)["text"]
        posting = case.report.posting
        after = f"{posting.words}\n\n{text}" if posting.words else text
        return cls(replace(case.report, posting=replace(posting, words=after)), text)

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - as its base says
        """Return the case with the report as it is now."""
        files = len(self.report.posting.files) - len(case.report.posting.files)
        added = NewEvent(EventKind.ADDED, {"files": str(files)} if files else {}, self.text)
        return Transition(case=replace(case, report=self.report), events=(added,))


class Correct(ByPerson, frozen=True):
    """An answer was wrong; ``report`` is the whole report as corrected. The case is decided again."""

    report: Report
    changed: tuple[str, ...]
    reason: str
    declared: ClassVar = Declared(
        action=Action.CORRECT,
        leads_to=stays(*RUNNING),
        needs=Can.CORRECT,
        event=EventKind.CORRECTED,
        on=(On.CARD, On.RECEIPT),
        fields=lambda case: (*correction_fields(case.report), _REASON),
    )

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case) -> Self:
        """Return the report as corrected. Raises InvalidAnswer also where nothing is different."""
        reason = read((_REASON,), values)[_REASON.name]
        report = corrected(case.report, {k: v for k, v in values.items() if k != _REASON.name})
        before = case.report.answers
        given = set(case.report.presumed).difference(report.presumed)
        changed = tuple(sorted(k for k, v in report.answers.items() if before.get(k) != v or k in given))
        if not changed:
            raise InvalidAnswer("", say("form.correct.nothing"))
        return cls(report=report, changed=changed, reason=reason)

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case decided again."""
        because = NewEvent(EventKind.CORRECTED, {"answers": self.changed}, self.reason)
        return reassess(case, self.report, step, because=because)


class Complete(Struct, frozen=True):
    """The reporter finished a report that had gone ahead unfinished. The case is decided again."""

    report: Report

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case decided again."""
        return reassess(case, self.report, step, because=NewEvent(EventKind.COMPLETED))
