"""The sheet of an export: the record part by part, and what happened in the record's own words."""

from __future__ import annotations

from msgspec.structs import replace

from flows.delivery.told import JUST_NOW
from flows.packs.whole import files_of, sheet, story
from tests.flows.examples import worked
from tests.flows.matter import AT, HEAD, REPORTER, SCHOOL


def test_the_sheet_holds_each_part_of_the_record_under_its_heading() -> None:
    """Files stand together, that it is for somebody else is no heading, and the reasons are lines."""
    matter = worked()
    posting = matter.case.report.posting
    first = posting.files[0]
    files = (first, replace(first, id="F2", name="second.png"))
    case = replace(matter.case, report=replace(matter.case.report, posting=replace(posting, files=files)))
    made = sheet(case, matter.events, SCHOOL, JUST_NOW, by=HEAD, at=AT)
    parts = {part.heading: part for part in made.sections}
    assert [name for name, _ in parts["Files of the case"].pairs] == [first.name, "second.png"]
    assert parts["In the reporter's words"].quote
    assert any("reported for somebody else" in line for line in parts["In the reporter's words"].lines)
    assert parts["Why it was decided like this"].lines
    assert len(parts["What has happened"].lines) == len(matter.events)
    assert [name for name, _ in made.manifest] == [first.name, "second.png"]
    assert SCHOOL.people[REPORTER].name not in str(made)


def test_what_happened_names_nobody_beside_its_words() -> None:
    """An event has its number, moment, kind and words; by whom is what its words say, and no more."""
    matter = worked()
    told = story(matter.case, matter.events, SCHOOL)
    assert {tuple(line) for line in told} == {("n", "at", "kind", "what", "particulars", "words")}
    assert [line["n"] for line in told] == [event.seq for event in matter.events]


def test_what_is_not_there_any_more_is_in_no_export() -> None:
    """A letter that is gone stays out, as a file does."""
    matter = worked()
    letters = [one for one in matter.case.documents if one.of == "invitation"]
    gone = replace(matter.case, documents=tuple(replace(one, gone=True) for one in letters))
    assert files_of(gone)[1] == ()


def test_a_practised_case_says_so_first() -> None:
    """DRILL stands in the first part of its sheet."""
    matter = worked()
    made = sheet(replace(matter.case, drill=True), (), SCHOOL, JUST_NOW, by=HEAD, at=AT)
    assert "DRILL" in made.sections[0].lines[0]
