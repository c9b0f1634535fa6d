"""The forms and cards of a request: who asks, which cases are about them, page by page, which passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from flows.model import Case
from flows.references import about
from flows.school import School
from flows.subject.masks import Hidden
from flows.subject.passages import Passage
from flows.subject.request import MOST_NAMES, Page, Request
from flows.ui.cards import (
    Block,
    Button,
    Buttons,
    Callout,
    Card,
    Heading,
    Quote,
    Small,
    Text,
    Tone,
)
from flows.ui.forms import Field, Form, Many, Option, Shortcut, TextField, Value
from flows.ui.intents import Ask, ChatCommand
from flows.words import say

#: Characters of the list of masks ...
_MASKS = 3_000
#: ... and of a passage's heading, where it is ticked.
_SHORT = 75
#: What says, beside a page's fields, that it is right as it was shown.
APPROVED = "approved"


class Found(Struct, frozen=True):
    """A case that may be about who asks, and by what."""

    case: Case
    by: tuple[str, ...]


class Looked(Struct, frozen=True, kw_only=True):
    """A page of a case as it stands now: its passages as they go out, and by their places.

    ``others`` is masked on it; ``hidden`` None = who reported is shown.
    """

    case: Case
    number: int
    of: int
    places: tuple[int, ...]
    shown: tuple[Passage, ...]
    parts: tuple[int, ...]
    others: tuple[str, ...]
    hidden: Hidden | None
    page: Page | None

    @property
    def approved(self) -> bool:
        """Whether it was approved as it stands."""
        return self.page is not None and self.page.approved

    @property
    def going(self) -> tuple[Passage, ...]:
        """What goes out of it."""
        return tuple(one for place, one in zip(self.places, self.shown, strict=True) if place in self.parts)


def step(request: Request, *what: object) -> Ask:
    """Return what goes on with a request."""
    return Ask(ChatCommand.SUBJECT, " ".join(map(str, (request.id, *what))))


def who(
    school: School, values: Mapping[str, Value] | None = None, errors: Mapping[str, str] | None = None
) -> Form:
    """Return the form that asks for whom it is to be looked in a school's cases."""
    said, wrong = values or {}, errors or {}

    def box(name: str, *, required: bool = False) -> TextField:
        value = said.get(name, "")
        return TextField(
            name=name,
            label=say(f"subject.field.{name}"),
            help=say(f"subject.help.{name}"),
            value=value if isinstance(value, str) else "",
            lines=3,
            most=600,
            required=required,
            error=wrong.get(name, ""),
        )

    return Form(
        id="subject.who",
        title=say("subject.title"),
        submit=Ask(ChatCommand.SUBJECT, about(school)),
        submit_label=say("subject.button.look"),
        intro=(Text(say("subject.what")), Small(say("subject.logged"))),
        fields=(box("names", required=True), box("known_as")),
        summary=say("summary.list"),
    )


def pick(request: Request, found: Sequence[Found], errors: Mapping[str, str] | None = None) -> Form | Card:
    """Return the form that asks which of the cases are about who asks; a card where none was found."""
    if not found:
        begun = f"{request.id.partition('-20')[0]}-20"  # the next one is of the same school
        again = Button(label=say("subject.button.again"), intent=Ask(ChatCommand.SUBJECT, begun))
        blocks = (head(request), Text(say("subject.none")), Buttons((again, end(request))))
        return Card(kind="subject", summary=say("summary.list"), blocks=blocks)
    options = tuple(
        Option(one.case.id, one.case.reference, description=say("subject.found_by", how=", ".join(one.by)))
        for one in found
    )
    cases = Many(
        name="cases",
        label=say("subject.field.cases"),
        options=options,
        value=request.cases,
        help=say("subject.help.cases"),
        error=(errors or {}).get("cases", ""),
    )
    return _form(request, "cases", (Text(say("subject.pick")), Small(say("subject.yours"))), (cases,))


def _form(request: Request, what: str, intro: tuple[Block, ...], fields: tuple[Field, ...]) -> Form:
    return Form(
        id=f"subject.{what}",
        title=say("subject.titled", ref=request.id),
        submit=step(request, what),
        submit_label=say(f"subject.button.{what}"),
        intro=intro,
        fields=fields,
        buttons=(end(request),),
        summary=say("summary.list"),
    )


def head(request: Request) -> Heading:
    """Return what stands on top of each card of a request."""
    return Heading(say("subject.titled", ref=request.id))


def end(request: Request) -> Button:
    """Return the button that takes a request away."""
    return Button(
        label=say("subject.button.end"),
        intent=step(request, "end"),
        describes=say("subject.end", ref=request.id),
    )


def page(request: Request, looked: Looked, digest: str, *, at: tuple[int, int]) -> Form:
    """Return a page to be looked through: each passage as it goes out; which go, and who is masked.

    ``at`` = which of all pages it is, and how many there are; ``digest`` says what was shown.
    """
    what = ("page", looked.case.id, looked.number, digest)
    shows = step(request, "reporter", looked.case.id, looked.number)
    show = Button(label=say("subject.button.reporter"), intent=shows)
    return Form(
        id=f"subject.page.{looked.case.id}.{looked.number}",
        title=say("subject.titled", ref=request.id),
        submit=step(request, *what),
        submit_label=say("subject.button.page"),
        intro=tuple(_as_it_goes(looked)),
        fields=_fields(looked),
        shortcuts=(Shortcut(label=say("subject.button.approve"), values={APPROVED: "yes"}),),
        buttons=(*((show,) if looked.hidden is not None else ()), end(request)),
        step=at,
        summary=say("summary.list"),
    )


def _as_it_goes(looked: Looked) -> Iterator[Block]:
    """Yield the passages of a page, and what must not be overlooked about who reported."""
    yield Text(say("subject.page", ref=looked.case.reference, n=looked.number, of=looked.of))
    if looked.hidden is None:
        yield Callout(Tone.DANGER, say("subject.reporter_stands"))
    elif not looked.hidden.known:
        yield Callout(Tone.CAUTION, say("subject.reporter_unknown"))
    for number, one in zip(looked.places, looked.shown, strict=True):
        yield Small(f"{number + 1} · {one.heading}")
        yield Quote(one.text)


def _fields(looked: Looked) -> tuple[Field, ...]:
    """Return the fields of a page: which of its passages go, and who is masked."""
    parts = Many(
        name="parts",
        label=say("subject.field.parts"),
        options=tuple(
            Option(str(place), say("subject.part", n=place + 1), description=_short(one.heading))
            for place, one in zip(looked.places, looked.shown, strict=True)
        ),
        value=tuple(map(str, looked.parts)),
        help=say("subject.help.parts"),
        required=False,
    )
    masks = TextField(
        name="mask",
        label=say("subject.field.mask"),
        help=say("subject.help.mask"),
        value="\n".join(looked.others),
        lines=6,
        most=_MASKS,
    )
    return parts, masks


def _short(heading: str) -> str:
    return heading if len(heading) <= _SHORT else f"{heading[: _SHORT - 1]}…"


def why(request: Request, case: Case, number: int, errors: Mapping[str, str] | None = None) -> Form:
    """Return the form that asks why who reported a case is to be shown."""
    text = TextField(
        name="why",
        label=say("subject.field.why"),
        lines=3,
        most=1000,
        required=True,
        error=(errors or {}).get("why", ""),
    )
    intro = (Callout(Tone.DANGER, say("subject.reporter_warns", ref=case.reference)),)
    back = Button(label=say("subject.button.back"), intent=step(request))
    form = _form(request, "reporter", intro, (text,))
    return Form(
        id=form.id,
        title=form.title,
        submit=step(request, "reporter", case.id, number),
        submit_label=form.submit_label,
        intro=intro,
        fields=(text,),
        buttons=(back,),
        summary=form.summary,
    )


def too_many() -> str:
    """Return that no more names are looked for."""
    return say("subject.too_many", most=MOST_NAMES)
