"""An export of one case: its record as a PDF, all of it as a ZIP that proves itself. Nobody is sent it."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import ByPerson, Declared, On, asks, stays, words
from flows.model import Action, Case, Document, EventKind, Status
from flows.model import Capability as Can


class MakeExport(ByPerson, frozen=True):
    """What it is for; ``sheet`` is the record as a PDF, ``archive`` everything as a ZIP."""

    text: str
    sheet: Document | None = None
    archive: Document | None = None
    declared: ClassVar = Declared(
        action=Action.EXPORT,
        leads_to=stays(*Status),
        needs=Can.DECIDE,
        event=EventKind.EXPORTED,
        on=(On.RECORD,),
        fields=asks(words("text", "form.export.text")),
        adds_only=True,
    )

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - as its base says
        """Return the case with both files, and on record what for and the hash of each."""
        made = [file for file in (self.sheet, self.archive) if file is not None]
        facts = {file.of: file.sha256 for file in made}
        event = NewEvent(EventKind.EXPORTED, {**facts}, self.text)
        return Transition(case=replace(case, documents=(*case.documents, *made)), events=(event,))
