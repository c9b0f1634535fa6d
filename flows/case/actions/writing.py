"""A letter from the case: a person reads it, changes it and approves it. The bot sends it to nobody.

What was approved stays with the case, word for word in its event and as a file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar, Self

from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import RUNNING, ByPerson, Declared, On, asks, read, stays
from flows.case.refusals import refuse
from flows.errors import InvalidAnswer
from flows.intake.answers import clean
from flows.letters.table import KINDS, Letter, offered, waits
from flows.letters.template import LONGEST, unfilled
from flows.letters.values import write
from flows.model import Action, Case, Document, EventKind
from flows.model import Capability as Can
from flows.school import School
from flows.ui.forms import TextField, Value
from flows.words import say

_TEXT = TextField(name="text", label=say("form.letter.text"), lines=18, required=True, most=LONGEST)


def require(letter: str, case: Case) -> Letter:
    """Return the letter that is meant. Raises NotAllowed where it does not fit the case, or must wait."""
    found = next((one for one in offered(case) if one == letter), None)
    if found is None:
        raise refuse("letter_does_not_fit")
    if waits(found, case):
        raise refuse("letter_waits")
    return found


def drafted(which: str, case: Case, school: School, at: dt.datetime) -> dict[str, Value]:
    """Return what the form about a letter holds at first: its text, filled from the case."""
    return {"text": write(require(which, case), case, school, at).text}


class ApproveLetter(ByPerson, frozen=True):
    """Which letter, its whole text as approved, and the file that was made of it."""

    which: str
    text: str
    document: Document | None = None
    declared: ClassVar = Declared(
        action=Action.LETTER,
        leads_to=stays(*RUNNING),
        needs=Can.REFER,
        event=EventKind.LETTER_APPROVED,
        on=(On.CARD, On.RECORD),
        fields=asks(_TEXT),
        adds_only=True,
        about={letter.value: Can.REFER if KINDS[letter].facts else Can.DECIDE for letter in Letter},
    )

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:
        """Return it. Raises InvalidAnswer with the line of each gap that nobody has filled in."""
        text = clean(read((_TEXT,), values)["text"])
        letter = require(str(values.get("which", "")), case)
        gaps = write(letter, case, school, case.opened_at).gaps
        left = [say("form.letter.gap", line=line, gap=gap) for line, gap in unfilled(text, gaps)]
        if left:
            raise InvalidAnswer("text", " ".join(left))
        return cls(letter.value, _practised(text) if case.drill else text)

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - as its base says
        """Return the case with the letter on record, and the file of it."""
        require(self.which, case)
        made = (self.document,) if self.document is not None else ()
        return Transition(case=replace(case, documents=(*case.documents, *made)), events=self.recorded())

    def recorded(self) -> tuple[NewEvent, ...]:
        """Return which letter was approved, and which file it is; its words are kept as they are."""
        made = {"document": self.document.id} if self.document is not None else {}
        return (NewEvent(EventKind.LETTER_APPROVED, {"letter": self.which, **made}, self.text),)


def _practised(text: str) -> str:
    """Return a letter of a drill, which says so below its title: a copy of it must not pass for real."""
    title, _, rest = text.partition("\n")
    return f"{title}\n\n{say('drill.mark')}\n{rest}"
