"""E-mail as a surface: whoever must not know of a case is sent, byte for byte, what they would be anyway."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from adapters.email.render import html, text
from flows.model import Action
from flows.school import DigestTime, PersonId, Platform
from flows.ui.forms import Value
from storage.open import open_store
from tests.access.test_non_interference import EXCLUDED
from tests.fakes import FakeChat
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town


async def world(person: str, answers: dict[str, Value] | None) -> tuple[Town, list[str]]:
    """Return a school in which all leaders have e-mail alone, and what one of them was sent in a week."""
    place = Town(await open_store("memory:", key=bytes(32)))
    people = {
        who: replace(one, accounts={Platform.EMAIL: one.email}) if one.email else one
        for who, one in place.school.people.items()
    }
    digest = DigestTime(by_email=(PersonId("ash"), PersonId("bryn"), PersonId("cam"), PersonId("ellis")))
    place.school = replace(place.school, people=people, digest=digest, leadership={}, restricted={})
    place.context.directory.reload({SCHOOL: place.school})  # type: ignore[attr-defined]
    mail = FakeChat(Platform.EMAIL, can_look_up=False)
    place.context.add_chat(mail)
    await place.worker.digest.plan()
    if answers is not None:
        await place.report("brook", answers)
        await place.settle()
        case = await place.case()
        assert person in case.recused
        await place.act("brook", case, Action.ADD, {"text": "More of it."})
    for _ in range(8):
        await place.later(days=1)
    sent = [
        f"{m.card.summary}\n{html(m.card)}\n{text(m.card)}"
        for m in mail.audience(people[PersonId(person)].email)
    ]
    return place, sent


@pytest.mark.feature("email")
@pytest.mark.parametrize(("person", "answers"), EXCLUDED)
async def test_who_must_not_know_is_sent_what_they_would_be_without_it(
    person: str, answers: dict[str, Value]
) -> None:
    """Notices, lines, alerts and digests: whoever is excluded has the same in both worlds."""
    place, sent = await world(person, {**ABUSE, **answers})
    _, without = await world(person, None)
    assert sent == without
    assert sent, "they have the digest"
    mail = place.context.chats[Platform.EMAIL]
    assert isinstance(mail, FakeChat)
    told = [one.text for one in mail.messages.values() if "HPS-2026-001" in one.text]
    assert told, "somebody is told by e-mail"
