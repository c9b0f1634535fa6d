"""A pack for a body outside, made when whoever decides confirms it: what that body needs, and no more.

The bot sends it to nobody. The reporter stands in it only on request, with a reason, which is on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from msgspec.structs import replace

from flows.case.context import NewEvent, StepContext, Transition
from flows.case.declared import ByPerson, Declared, On, asks, choice, read, stays, words
from flows.case.duties import SAFEGUARDING
from flows.case.refusals import refuse
from flows.errors import InvalidAnswer
from flows.intake.answers import clean
from flows.model import Action, Body, Case, Document, EventKind, Fact, Status
from flows.model import Capability as Can
from flows.school import School
from flows.ui.forms import OnlyIf, TextField, Value
from flows.words import say

_YES = "yes"
_SHOWN = {one: say(f"form.pack.reporter_{one}") for one in ("no", _YES)}
_FIELDS = (
    words("text", "form.pack.text", required=False),
    TextField(name="mask", label=say("form.pack.mask"), help=say("form.pack.mask_help"), lines=3, most=1000),
    replace(choice("reporter", "form.pack.reporter", _SHOWN, required=False), value="no"),
    replace(words("why", "form.pack.why", required=False), shown=OnlyIf("reporter", (_YES,))),
)


def packable(case: Case) -> tuple[Body, ...]:
    """Return the bodies that something is owed to, as far as a pack can be made for them."""
    return tuple(body for body in Body if any(duty.body == body for duty in case.duties))


def owed_pack(body: str, case: Case) -> Body:
    """Return the body that is meant. Raises NotAllowed where nothing is owed to it."""
    found = next((one for one in packable(case) if one == body), None)
    if found is None:
        raise refuse("not_owed")
    return found


class MakePack(ByPerson, frozen=True):
    """For which body; what is asked of it, whom to mask, whether the reporter is shown, and why.

    ``told`` is what it came to say, for whoever makes it.
    """

    which: str
    reporter: str = "no"
    text: str = ""
    mask: str = ""
    why: str = ""
    document: Document | None = None
    told: str = ""
    declared: ClassVar = Declared(
        action=Action.PACK,
        leads_to=stays(*Status),
        needs=Can.REFER,
        event=EventKind.PACK_MADE,
        on=(On.CARD, On.RECORD),
        worth=lambda case, _: bool(packable(case)),
        fields=asks(*_FIELDS),
        adds_only=True,
        about={body.value: Can.REFER if body in SAFEGUARDING else Can.DECIDE for body in Body},
    )

    @classmethod
    def filled(cls, values: Mapping[str, Value], case: Case, school: School) -> Self:  # noqa: ARG003 - as its base says
        """Return it. Raises InvalidAnswer where the reporter is to be shown and nobody says why."""
        found = {name: clean(text) for name, text in read(_FIELDS, {"reporter": "no"} | {**values}).items()}
        if found["reporter"] == _YES and not found["why"]:
            raise InvalidAnswer("why", say("form.needed"))
        body = owed_pack(str(values.get("which", "")), case)
        return cls(body.value, found["reporter"], found["text"], found["mask"], found["why"])

    @property
    def shows_reporter(self) -> bool:
        """Whether the reporter's name stands in it."""
        return self.reporter == _YES

    @property
    def names(self) -> tuple[str, ...]:
        """The names to mask, one a line."""
        return tuple(filter(None, (line.strip() for line in self.mask.splitlines())))

    def take(self, case: Case, step: StepContext) -> Transition:  # noqa: ARG002 - as its base says
        """Return the case with the pack on record, and the file of it."""
        owed_pack(self.which, case)
        made = (self.document,) if self.document is not None else ()
        return Transition(case=replace(case, documents=(*case.documents, *made)), events=self.recorded())

    def recorded(self) -> tuple[NewEvent, ...]:
        """Return that a pack was made, for whom, and its hash; and that the reporter was shown, and why."""
        facts: dict[str, Fact] = {"body": self.which}
        if self.document is not None:
            facts |= {"document": self.document.id, "sha256": self.document.sha256}
        shown = (
            (NewEvent(EventKind.REPORTER_SHOWN, {"body": self.which}, self.why),)
            if self.shows_reporter
            else ()
        )
        return (*shown, NewEvent(EventKind.PACK_MADE, facts, self.text))
