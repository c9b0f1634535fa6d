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
from flows.model import Action, Answer, Case, EventKind, Report, Status
from flows.model import Capability as Can
from flows.school import School
from flows.ui.forms import Field, TextField, Value
from flows.words import say

_TEXT = TextField(name="text", label=say("form.add.text"), lines=4, required=True)
#: The answer that says that it is about the reporter.
_LINK, _ME = "reporter_link", "is_target"
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
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:  # noqa: ARG003 - as its base says
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
        fields=lambda case, _school: (*correction_fields(case.report), _REASON),
    )

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:  # noqa: ARG003 - as its base says
        """Return the report as corrected. Raises InvalidAnswer also where nothing is different."""
        return cls(*_mended(case.report, values))

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case decided again."""
        because = NewEvent(EventKind.CORRECTED, {"answers": self.changed}, self.reason)
        case = replace(case, corrected=tuple(sorted({*case.corrected, *self.changed})))
        return reassess(case, self.report, step, because=because)


class Amend(ByPerson, frozen=True):
    """The reporter ticked something wrong. What a leader has corrected stands; this is on record beside it.

    They see and mend what they said themselves and nothing else: an answer may be about them.
    """

    report: Report
    changed: tuple[str, ...]
    reason: str
    declared: ClassVar = Declared(
        action=Action.AMEND,
        leads_to=stays(*RUNNING),
        needs=Can.ADD,
        event=EventKind.AMENDED,
        on=(On.RECEIPT,),
        fields=lambda case, _school: (*_own_fields(case), _REASON),
        adds_only=True,
    )

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:  # noqa: ARG003 - as its base says
        """Return the report as its reporter has it now. Raises InvalidAnswer where nothing is different."""
        return cls(*_mended(_own(case), values))

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case decided again."""
        because = NewEvent(EventKind.AMENDED, {"answers": self.changed}, self.reason)
        said, standing = self.report.answers, dict(case.report.answers)
        standing |= {name: said[name] for name in self.changed if name not in case.corrected}
        left = tuple(name for name in case.report.presumed if name not in self.changed)
        report = replace(case.report, answers=standing, presumed=left)
        return reassess(replace(case, said=said), report, step, because=because)


class Complete(Struct, frozen=True):
    """The reporter finished a report that had gone ahead unfinished. The case is decided again."""

    report: Report

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case decided again. What a leader has corrected meanwhile stays corrected."""
        before = case.report.answers
        kept: dict[str, Answer] = {name: before[name] for name in case.corrected if name in before}
        left = tuple(name for name in self.report.presumed if name not in kept)
        report = replace(self.report, answers=self.report.answers | kept, presumed=left)
        return reassess(
            replace(case, said=self.report.given), report, step, because=NewEvent(EventKind.COMPLETED)
        )


_FOR_SUPPORT = words("text", "form.support.text", required=False)


class AskForSupport(ByPerson, frozen=True):
    """It is about me: the case is decided again, so that somebody offers support."""

    text: str = ""
    declared: ClassVar = Declared(
        action=Action.SUPPORT,
        leads_to=stays(*RUNNING),
        needs=Can.ADD,
        event=EventKind.SUPPORT_ASKED,
        on=(On.RECEIPT,),
        worth=lambda case, _: _ME not in case.report.answers.get(_LINK, ()),
        fields=asks(_FOR_SUPPORT),
        adds_only=True,
    )

    def take(self, case: Case, step: StepContext) -> Transition:
        """Return the case decided again on it; asked again it is on record, and changes nothing else."""
        because = NewEvent(EventKind.SUPPORT_ASKED, {}, self.text)
        linked = case.report.answers.get(_LINK, ())
        if _ME in linked:
            return Transition(case=case, events=(because,))
        answers = {**case.report.answers, _LINK: (*linked, _ME)}
        left = tuple(name for name in case.report.presumed if name != _LINK)
        said = {**case.said, _LINK: answers[_LINK]} if case.said else case.said
        report = replace(case.report, answers=answers, presumed=left)
        return reassess(replace(case, said=said), report, step, because=because)


def _own(case: Case) -> Report:
    """Return the report as its reporter knows it."""
    return replace(case.report, answers=case.said)


def _own_fields(case: Case) -> tuple[Field, ...]:
    """Return what the reporter may mend: what they answered. Of a case that an older version kept, that is
    not known any more: then everything is asked, and nothing is filled in.
    """
    fields = correction_fields(_own(case))
    return tuple(field for field in fields if field.name in case.said) if case.said else fields


def _mended(report: Report, values: Mapping[str, Value]) -> tuple[Report, tuple[str, ...], str]:
    """Return the report with other answers, which they are, and why. Raises InvalidAnswer if none is."""
    wrong: dict[str, str] = {}
    reason, after = "", report
    try:
        after = corrected(report, {k: v for k, v in values.items() if k != _REASON.name})
    except InvalidAnswer as error:
        wrong |= error.errors
    try:
        reason = read((_REASON,), values)[_REASON.name]
    except InvalidAnswer as error:
        wrong |= error.errors
    if wrong:
        raise InvalidAnswer.of(wrong)
    before, given = report.answers, set(report.presumed).difference(after.presumed)
    changed = tuple(sorted(k for k, v in after.answers.items() if before.get(k) != v or k in given))
    if not changed:
        raise InvalidAnswer("", say("form.correct.nothing"))
    return after, changed, reason
