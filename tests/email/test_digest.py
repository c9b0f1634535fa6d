"""The digest by e-mail: for those who want it, with what they may know of, once, never taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from flows.model import Action, EventKind
from flows.school import DigestTime, PersonId, Platform
from storage.open import open_store
from tests.fakes import FakeChat
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town

#: Monday at eight, when the digest of Tuesday's report is due.
MONDAY = dt.datetime(2026, 11, 30, 8, 0, tzinfo=dt.UTC)
READERS = (PersonId("ash"), PersonId("ellis"), PersonId("cam"))


async def town(*reports: dict[str, object], mailed: bool = True) -> tuple[Town, FakeChat]:
    """Return a school with these reports of Tuesday; three have the digest by e-mail."""
    place = Town(await open_store("memory:", key=bytes(32)))
    mail = FakeChat(Platform.EMAIL, can_look_up=False)
    school = replace(place.school, digest=DigestTime(by_email=READERS))
    place.school = school
    place.context.directory.reload({SCHOOL: school})  # type: ignore[attr-defined]
    if mailed:
        place.context.add_chat(mail)
    for answers in reports:
        await place.report("brook", answers)  # type: ignore[arg-type]
        await place.settle()
    await place.worker.digest.plan()
    return place, mail


def digests(place: Town, mail: FakeChat, person: str) -> list[str]:
    """Return the digests that somebody has by e-mail."""
    address = place.school.people[PersonId(person)].email
    return [message.text for message in mail.audience(address) if message.card.kind == "digest"]


@pytest.mark.feature("email-digest")
async def test_it_goes_once_to_those_who_want_it() -> None:
    """To each of them one a week, also after a restart; to nobody else, and without e-mail to nobody."""
    place, mail = await town(ABUSE)
    place.clock.at = MONDAY
    await place.settle()
    await place.worker.digest.plan()
    await place.settle()
    assert [len(digests(place, mail, person)) for person in ("ash", "ellis", "cam", "bryn")] == [1, 1, 1, 0]
    assert len(place.messages("leadership", "digest")) == 1
    silent, mail = await town(ABUSE, mailed=False)
    silent.clock.at = MONDAY
    await silent.settle()
    assert mail.messages == {}


@pytest.mark.feature("email-digest")
async def test_it_says_what_its_reader_may_know() -> None:
    """Told of it: the reference stands there. Not told: it reads as if there were no such case."""
    accused = {**ABUSE, "targets": ("headteacher",), "staff_allegation": ("headteacher",)}
    place, mail = await town(accused)
    none, nothing = await town()
    for one in (place, none):
        one.clock.at = MONDAY
        await one.settle()
    case = await place.case()
    assert PersonId("ash") in case.recused
    assert digests(place, mail, "ash") == digests(none, nothing, "ash")
    told = {person for person in ("ellis", "cam") if person in {*case.holders.values()}}
    assert told
    for person in told:
        assert digests(place, mail, person) != digests(none, nothing, person)


@pytest.mark.feature("email-not-taken-back")
async def test_who_is_kept_out_after_it_went_is_said_on_the_case() -> None:
    """A leader read of the case by e-mail and is in conflict now: the e-mail stands, and the case says so."""
    place, mail = await town(ABUSE)
    place.clock.at = MONDAY
    await place.settle()
    case = await place.case()
    assert case.reference in "".join(digests(place, mail, "ash"))
    await place.act("ash", case, Action.CONFLICT, {"text": ""})
    await place.settle()
    events = await place.store.events(SCHOOL, case.id)
    said = [event.fact("person") for event in events if event.kind is EventKind.DELIVERY_FAILED]
    assert said == ["ash"]
    assert not [message for message in mail.messages.values() if message.was]
