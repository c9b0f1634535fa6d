"""Towns with a report in them, for attacks."""

from __future__ import annotations

from flows.ui.forms import Value
from flows.ui.inbound import Reply, Upload, Uploaded
from storage.open import Opening, open_store
from tests.fuzz.crowd import PNG
from tests.story.test_story import ABUSE
from tests.town import Town, page_values, shown_form

CALM: dict[str, Value] = {**ABUSE, "nature": ("genuine_concern",), "targets": ("school",)}
URGENT: dict[str, Value] = {**ABUSE, "violence": "yes"}


async def town(url: str = "memory:") -> Town:
    """Return a school whose day begins."""
    return Town(await open_store(url, key=bytes(32), opening=Opening.EITHER))


async def reported(answers: dict[str, Value] | None = None, *, person: str = "brook") -> Town:
    """Return a school with one report that everybody has been told of."""
    place = await town()
    await place.report(person, answers or ABUSE)
    await place.settle()
    return place


async def walk(place: Town, person: str, answers: dict[str, Value], *, pages: int, words: str = "") -> Reply:
    """Answer so many pages, then stop."""
    reply = await place.start(person, words)
    for _ in range(pages):
        form = shown_form(reply)
        reply = await place.fill(person, form.submit, page_values(form, answers))
    return reply


async def upload(place: Town, person: str, *, case: str = "", content: bytes = PNG) -> Reply:
    """Send a picture."""
    made = Uploaded(
        key=f"up{len(place.chat.calls)}{case}{content[-1:].hex()}",
        actor=place.actor(person),
        files=(Upload("secret-name.png", content),),
        case=case,
    )
    return await place.service.handle(made)
