"""Somebody who asks what is kept about them, and a leader who looks it through: the steps, for tests."""

from __future__ import annotations

from collections.abc import Mapping

from flows.ui.cards import Attachment, Card, buttons_of
from flows.ui.forms import Form, Many, Value
from flows.ui.inbound import Refuse, Reply, Show
from flows.ui.intents import Ask, ChatCommand
from tests.town import Town, shown_form

BEGIN = Ask(ChatCommand.SUBJECT, "HPS-20")
#: More pages than any case of a test has.
_PAGES = 30


def held(form: Form) -> dict[str, Value]:
    """Return what stands in a form."""
    return {field.name: field.value for field in form.fields if not hasattr(field, "most_files")}


async def asked(place: Town, person: str, names: str, known_as: str = "") -> Reply:
    """Let a leader look for somebody."""
    return await place.fill(person, BEGIN, {"names": names, "known_as": known_as})


async def picked(place: Town, person: str, names: str, known_as: str = "") -> Reply:
    """Let a leader look for somebody, and pick every case that was found."""
    reply = await asked(place, person, names, known_as)
    if not isinstance(reply, Show) or isinstance(reply.view, Card):
        return reply
    cases = reply.view.fields[0]
    assert isinstance(cases, Many)
    chosen = tuple(option.value for option in cases.options)
    return await place.fill(person, reply.view.submit, {"cases": chosen})


async def approve(
    place: Town, person: str, reply: Reply, values: Mapping[str, Value] | None = None, *, every: bool = False
) -> Reply:
    """Let a leader say that a page is right as it is shown; ``every`` = all its passages go out."""
    form = shown_form(reply)
    own = held(form)
    if every:
        own["parts"] = tuple(option.value for option in form.fields[0].options)  # type: ignore[union-attr]
    return await place.fill(person, form.submit, {**own, **(values or {}), "approved": "yes"})


async def approved(place: Town, person: str, reply: Reply, *, every: bool = True) -> Reply:
    """Let a leader approve every page that is shown, until all of it is."""
    for _ in range(_PAGES):
        if isinstance(reply, Refuse) or not isinstance(reply, Show) or isinstance(reply.view, Card):
            return reply
        reply = await approve(place, person, reply, every=every)
    raise AssertionError("the pages never ended")


def going(reply: Reply, what: str) -> Ask:
    """Return the button of a request that does this."""
    assert isinstance(reply, Show), reply
    view = reply.view
    offered = buttons_of(view) if isinstance(view, Card) else iter(view.buttons)
    found = [
        b.intent for b in offered if isinstance(b.intent, Ask) and b.intent.argument.split()[1:2] == [what]
    ]
    assert found, what
    return found[0]


async def made(place: Town, person: str, names: str, known_as: str = "") -> tuple[Reply, bytes, bytes]:
    """Let a leader go all the way; return what they are shown, the PDF and the ZIP."""
    reply = await approved(place, person, await picked(place, person, names, known_as))
    while "make" not in {one.argument.split()[1] for one in _asking(reply)}:
        later = [one for one in _asking(reply) if one.argument.split()[1] == "whole"]
        reply = await place.press(person, later[-1])
    reply = await place.press(person, going(reply, "make"))
    pdf, archive = [await saved(place, person, reply, n) for n in (0, 1)]
    assert pdf is not None
    assert archive is not None
    return reply, pdf, archive


def _asking(reply: Reply) -> list[Ask]:
    assert isinstance(reply, Show), reply
    assert isinstance(reply.view, Card), reply
    found = (b.intent for b in buttons_of(reply.view))
    return [one for one in found if isinstance(one, Ask) and " " in one.argument]


async def saved(place: Town, person: str, reply: Reply, number: int) -> bytes | None:
    """Let somebody save a file of what was made."""
    assert isinstance(reply, Show), reply
    assert isinstance(reply.view, Card), reply
    files = [block for block in reply.view.blocks if isinstance(block, Attachment)]
    found = await place.service.evidence(place.actor(person), request_of(reply), files[number].sha256)
    return found[1] if found is not None else None


def request_of(reply: Reply) -> str:
    """Return what a request is called."""
    return going(reply, "end").argument.split()[0]
