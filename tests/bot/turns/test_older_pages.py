"""Pages pressed late: on another device, after an error, after something else came, after sending."""

from __future__ import annotations

import pytest

from flows.model import Draft
from flows.ui.forms import Form, Value
from flows.ui.inbound import Receipt, Refuse, Show, Upload, Uploaded
from flows.ui.intents import AnswerPage, Discard
from storage.open import open_store
from tests.fuzz.crowd import PNG
from tests.story.test_story import ABUSE
from tests.town import SCHOOL, Town, page_values, shown_form

YES: dict[str, Value] = {"immediate_danger": "yes"}
NO: dict[str, Value] = {"immediate_danger": "no"}


async def _town() -> tuple[Town, Form]:
    """Return a school where Brook has just begun a report, and its first page."""
    place = Town(await open_store("memory:", key=bytes(32)))
    return place, shown_form(await place.start("brook"))


async def _draft(place: Town) -> Draft:
    draft = await place.store.draft_of(SCHOOL, place.school.people["brook"].id)  # type: ignore[index]
    assert draft is not None
    return draft


async def _shown(place: Town, form: Form, values: dict[str, Value]) -> Show:
    reply = await place.fill("brook", form.submit, values)
    assert isinstance(reply, Show), reply
    return reply


def _alerts(place: Town) -> list[str]:
    return place.messages("cam", "first_alert")


async def test_a_yes_on_a_page_that_something_else_overtook_is_taken() -> None:
    """A picture comes into the chat while the danger page stands open: its yes counts, and alerts."""
    place, first = await _town()
    await place.service.handle(
        Uploaded(key="up", actor=place.actor("brook"), files=(Upload("shot.png", PNG),))
    )
    reply = await _shown(place, first, YES)
    assert (await _draft(place)).answers["immediate_danger"] == "yes"
    assert "Taken from it: Is anyone in danger right now?." in reply.note
    await place.settle()
    assert _alerts(place)


@pytest.mark.parametrize(("one", "other"), [(NO, YES), ({**YES, "works_here": "no"}, NO)])
async def test_two_devices_two_answers(one: dict[str, Value], other: dict[str, Value]) -> None:
    """The yes stands and alerts, whichever came first; the note names the question, and it is asked again."""
    place, first = await _town()
    await _shown(place, first, one)
    reply = await _shown(place, first, other)
    assert (await _draft(place)).answers["immediate_danger"] == "yes"
    assert "I ask again: Is anyone in danger right now?." in reply.note
    assert shown_form(reply).id == "report.danger"
    await place.settle()
    assert len(_alerts(place)) == 1


async def test_the_same_page_pressed_twice_says_that_nothing_was_new() -> None:
    """A second press with the same answers changes nothing and asks nothing again."""
    place, first = await _town()
    await _shown(place, first, NO)
    reply = await _shown(place, first, NO)
    assert reply.note == "That was an older page. Nothing on it was new."
    assert (await _draft(place)).again == ()


async def test_a_page_mended_in_its_window_is_the_current_one() -> None:
    """The window keeps its old revision after an error; what is changed on it then is taken as it stands."""
    place, first = await _town()
    await _shown(place, first, NO)
    safety = shown_form(await _shown(place, first, NO))
    about = shown_form(await _shown(place, safety, {"safety": ("none_of_these",)}))
    wrong: dict[str, Value] = {"targets": ("school",), "staff_allegation": ("nobody", "staff")}
    assert isinstance(await place.fill("brook", about.submit, wrong), Refuse)
    mended: dict[str, Value] = {"targets": ("headteacher",), "staff_allegation": ("nobody",)}
    reply = await _shown(place, about, mended)
    assert (await _draft(place)).answers["targets"] == ("headteacher",)
    assert (reply.note, (await _draft(place)).again, (await _draft(place)).mending) == ("", (), {})


async def test_words_on_an_older_page_are_added_and_named() -> None:
    """What was written there is not lost, and the note says where it went."""
    place, first = await _town()
    form = first
    while form.id != "report.since":
        form = shown_form(await _shown(place, form, page_values(form, ABUSE)))
    values = page_values(form, ABUSE)
    await _shown(place, form, {**values, "first_seen": "on Monday"})
    reply = await _shown(place, form, {**values, "first_seen": "on Tuesday"})
    assert "has been added to your words" in reply.note
    assert "on Tuesday" in str((await _draft(place)).answers["words"])


# -- after the report has gone -----------------------------------------------------------------------


async def test_a_yes_after_sending_still_alerts() -> None:
    """The older card says yes once the report was sent: a new report begins with it, and the DSL is told."""
    place, first = await _town()
    await place.report("brook", ABUSE)
    await place.settle()
    assert not _alerts(place)
    reply = await _shown(place, first, YES)
    assert "Because someone may not be safe, I have begun a new one" in reply.note
    assert "999" in str(shown_form(reply).intro)
    assert (await _draft(place)).answers == YES
    await place.settle()
    assert len(_alerts(place)) == 1
    again = await _shown(place, first, YES)
    assert "into the report you have open" in again.note
    await place.settle()
    assert len(_alerts(place)) == 1


async def test_a_yes_after_throwing_away_still_alerts() -> None:
    """Thrown away is the report, not what is said afterwards."""
    place, first = await _town()
    draft = await _draft(place)
    await place.press("brook", Discard(draft.id, draft.revision))
    await _shown(place, first, YES)
    await place.settle()
    assert len(_alerts(place)) == 1


async def test_what_says_nothing_of_danger_begins_no_report() -> None:
    """An ordinary answer to a report that has gone is told so; a page of somebody else is not taken."""
    place, first = await _town()
    await place.report("brook", ABUSE)
    gone = await place.fill("brook", first.submit, NO)
    assert isinstance(gone, Refuse)
    assert gone.reference == "draft-gone"
    assert isinstance(await place.report("jo", ABUSE), Receipt)
    begun = shown_form(await place.start("jo")).submit
    assert isinstance(begun, AnswerPage)
    assert isinstance(await place.fill("brook", begun, YES), Refuse)


async def test_of_the_report_that_is_open_the_graver_stands() -> None:
    """A late yes against a no in the open report: yes, asked again."""
    place, first = await _town()
    await place.report("brook", ABUSE)
    open_now = shown_form(await place.start("brook"))
    await _shown(place, open_now, NO)
    await _shown(place, first, YES)
    draft = await _draft(place)
    assert (draft.answers["immediate_danger"], draft.again) == ("yes", ("immediate_danger",))
