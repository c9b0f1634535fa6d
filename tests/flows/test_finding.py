"""Lists with their filters, and the search: what is asked for, what fits, what is shown, page by page."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.context import Command
from flows.errors import InvalidAnswer
from flows.finding import cards, filters, matches, query
from flows.finding.filters import Filter
from flows.finding.query import Query
from flows.intake.said import steering
from flows.model import CaseId, CaseSummary, EvidenceFile, Owed, Posting, Status
from flows.postings import blinded, each_blind, holds, marks, searched
from flows.school import PersonId, Seat
from flows.ui.cards import Buttons, buttons_of
from flows.ui.forms import DateField, Form
from flows.ui.intents import Ask, ChatCommand
from flows.ui.plain_text import card_text, form_text
from tests.flows.matter import ABUSE, AT, CHAIR, DSL, HEAD, REPORTER, SCHOOL, Matter, listed, row

DAY = dt.date(2026, 9, 1)
CASE = row(Matter(ABUSE).case, reference="HPS-2026-7H4M")

# -- the list ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "which", "page"),
    [
        ("", Filter.ALL, 1),
        ("mine", Filter.MINE, 1),
        ("Overdue 2", Filter.OVERDUE, 2),
        (" held ", Filter.HELD, 1),
        ("waiting", Filter.WAITING, 1),
        ("all 12", Filter.ALL, 12),
        ("3", Filter.ALL, 3),
        ("HPS-2026-7H4M", Filter.ALL, 1),
        ("mine 99999", Filter.ALL, 1),
    ],
)
def test_which_cases_are_asked_for(argument: str, which: Filter, page: int) -> None:
    """A filter and a page; what is neither is all of them, from the first."""
    assert filters.asked(argument) == (which, page)


@pytest.mark.parametrize(
    ("which", "changed", "passes"),
    [
        (Filter.ALL, {}, True),
        (Filter.HELD, {"held": True}, True),
        (Filter.HELD, {"held": False}, False),
        (Filter.WAITING, {"owed": (Owed("Legal", DAY),)}, True),
        (Filter.WAITING, {"owed": ()}, False),
        (Filter.OVERDUE, {"due_at": AT - dt.timedelta(minutes=1)}, True),
        (Filter.OVERDUE, {"due_at": AT, "owed": ()}, False),
        (Filter.OVERDUE, {"due_at": AT, "owed": (Owed("Legal", AT.date()),)}, False),
        (Filter.OVERDUE, {"due_at": AT, "owed": (Owed("Legal", DAY),)}, True),
        (Filter.MINE, {"lead": Seat.HEADTEACHER, "holders": {Seat.HEADTEACHER: HEAD}}, True),
        (Filter.MINE, {"lead": Seat.DSL, "holders": {Seat.DSL: DSL, Seat.HEADTEACHER: HEAD}}, False),
        (Filter.MINE, {"lead": None, "holders": {Seat.HEADTEACHER: HEAD}}, False),
        (Filter.MINE, {"lead": Seat.DSL, "holders": {}, "stand_ins": (HEAD,)}, True),
        (Filter.MINE, {"status": Status.ACKNOWLEDGED, "owner": HEAD, "lead": Seat.DSL}, True),
        (Filter.MINE, {"status": Status.ACKNOWLEDGED, "owner": DSL, "lead": Seat.HEADTEACHER}, False),
        (Filter.MINE, {"assigned": HEAD, "owner": DSL, "lead": Seat.DSL}, True),
        (Filter.MINE, {"assigned": DSL, "owner": None, "lead": Seat.HEADTEACHER}, False),
    ],
)
def test_what_a_filter_lets_through(which: Filter, changed: dict[str, object], *, passes: bool) -> None:
    """Held, waiting for a decision, late by its limit or by a duty's day, or this person's turn."""
    case = replace(CASE, owner=None, assigned=None, stand_ins=(), holders=CASE.holders)
    assert filters.passes(replace(case, **changed), which, HEAD, SCHOOL, AT) is passes


@pytest.mark.feature("lists-with-filters")
def test_every_case_stands_on_one_page_and_each_page_says_which_it_is() -> None:
    """Fifteen a page, none twice and none left out; behind the last page there is the last."""
    rows = [row(Matter(ABUSE).case, id=f"C{n}", reference=f"HPS-2026-{n:03}") for n in range(33)]
    pages = [listed(rows, page=n) for n in (1, 2, 3)]
    shown = [b.intent.argument for card in pages for b in buttons_of(card) if b.label.startswith("HPS")]  # type: ignore[union-attr]
    assert sorted(shown) == [one.reference for one in rows]
    assert "Page 2 of 3" in card_text(pages[1])
    turning = [b.intent for b in buttons_of(pages[1]) if b.label in ("Previous page", "Next page")]
    assert turning == [Ask(ChatCommand.CASES, "all 1"), Ask(ChatCommand.CASES, "all 3")]
    assert card_text(listed(rows, page=9)) == card_text(pages[2])
    assert "Page" not in card_text(listed(rows[:15]))


def test_a_filter_is_offered_where_it_shows_something_else() -> None:
    """One that would show all of them, or none, has no button; each says how many it shows."""
    held = replace(CASE, held=True, owed=(Owed("Legal", DAY),))
    card = listed([CASE, replace(held, id="C2", reference="HPS-2026-002")])
    assert [b.label for b in buttons_of(card)][:3] == ["Overdue (1)", "On hold (1)", "HPS-2026-7H4M"]
    held_ones = listed([CASE, held], Filter.HELD)
    first = next(block for block in held_ones.blocks if isinstance(block, Buttons))
    assert next((b.label, b.intent) for b in first.buttons) == ("All open (2)", Ask(ChatCommand.CASES))
    assert "On hold" not in " ".join(b.label for b in first.buttons)
    assert "Legal: to be decided by Tuesday 1 September" in card_text(listed([held], Filter.WAITING))
    assert "None of the open cases" in card_text(listed([CASE], Filter.HELD))


# -- what is typed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("HPS-2026-7H4M", Query(reference="HPS-2026-7H4M")),
        ("hps 2026 7h4m", Query(reference="HPS 2026 7H4M")),
        ("7h4m", Query(reference="7H4M")),
        ("makes up the marks", Query(words="makes up the marks")),
        ("@cross_parent", Query(account="@cross_parent")),
        (
            "lies account:Cross Parent since:2026-09-01",
            Query(words="lies", account="Cross Parent", since=DAY),
        ),
        ("https://forum.example/t/77", Query(link="https://forum.example/t/77")),
        ("link:forum.example/t/77 until 1.9.2026", Query(link="forum.example/t/77", until=DAY)),
        ("from 1/9/2026 to 2026-9-1", Query(since=DAY, until=DAY)),
        ("by:Ellis", Query(person="Ellis")),
        ('words "in quotes" person:"Ellis"', Query(words='words "in quotes"', person="Ellis")),
        ("marks page:3", Query(words="marks", page=3)),
        ("marks page:x", Query(words="marks")),
        ("marks page:²", Query(words="marks")),
        ("marks page:99999", Query(words="marks")),
        ("account: link:", Query()),
        ("since the autumn", Query(words="since the autumn")),
        ("@one account:two", Query(account="two", words="@one")),
        ("@one @two", Query(account="@one", words="@two")),
        ("and/or", Query(words="and/or")),
        ("", Query()),
    ],
)
def test_what_is_looked_for(typed: str, wanted: Query) -> None:
    """By its shape, or by the name before the colon."""
    assert query.read(typed) == wanted


@pytest.mark.parametrize("typed", ["since:yesterday", "until:2026-02-30", "since:٢٠٢٦-٠٩-٠١"])
def test_a_day_that_is_none_is_said(typed: str) -> None:
    """Which field, and how a day is written."""
    with pytest.raises(InvalidAnswer) as wrong:
        query.read(typed)
    form = cards.form(wrong.value, query.said(typed))
    days = [field for field in form.fields if isinstance(field, DateField)]
    assert [bool(field.error) for field in days] == [field.name in typed for field in days]
    assert {field.value for field in days} == {"", typed.partition(":")[2]}


@given(st.text(max_size=80))
def test_what_was_typed_can_be_typed_again(typed: str) -> None:
    """The button for the next page looks for the same; no text breaks it."""
    try:
        wanted = query.read(typed)
    except InvalidAnswer:
        return
    again = query.read(query.written(wanted))
    assert query.read(query.written(again)) == again
    assert again.by == wanted.by or wanted.words


def test_what_is_filled_in_is_what_can_be_typed() -> None:
    """The form's fields become the same words; a field that is none of its is nothing."""
    typed = query.filled(
        {"words": "marks", "account": "@a b", "since": "2026-09-01", "link": "", "x": ("y",)}
    )
    assert query.read(typed) == Query(words="marks", account="@a b", since=DAY)
    assert "Words of the posting" in form_text(cards.form())


@pytest.mark.parametrize(
    ("words", "leads", "asked"),
    [
        ("cases mine", False, (ChatCommand.CASES, "mine")),
        ("cases overdue 2", False, (ChatCommand.CASES, "overdue 2")),
        ("/cases: held", False, (ChatCommand.CASES, "held")),
        ("cases 2", False, (ChatCommand.CASES, "2")),
        ("my cases", False, (ChatCommand.CASES, "mine")),
        ("cases of lies about us", False, None),
        ("find", False, (ChatCommand.FIND, "")),
        ("search", False, (ChatCommand.FIND, "")),
        ("find HPS-2026-7H4M", False, (ChatCommand.FIND, "HPS-2026-7H4M")),
        ("find @cross", False, (ChatCommand.FIND, "@cross")),
        ("search: the marks", False, (ChatCommand.FIND, "the marks")),
        ("find account:cross parent", False, (ChatCommand.FIND, "account:cross parent")),
        ("find out who did this", False, None),
        ("find this really hurtful", False, None),
        ("find the marks", True, (ChatCommand.FIND, "the marks")),
        ("search for marks", True, (ChatCommand.FIND, "marks")),
        ("find this\nhurtful", True, None),
        ("subject access", False, (ChatCommand.SUBJECT, "")),
        ("subject access: Sam Tester", True, (ChatCommand.SUBJECT, "Sam Tester")),
        ("subject access Sam Tester", False, None),
    ],
)
def test_what_is_typed_as_a_command(words: str, leads: bool, asked: object) -> None:  # noqa: FBT001 - a row
    """A sentence that begins with *find* is a search only for somebody with a seat who writes no report."""
    assert steering.command(words, leads=leads) == asked


# -- what fits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "wanted", "fits"),
    [
        ("She makes up the marks.", "MARKS", True),
        ("She makes up the marks.", "mark", True),
        ("The teacher's lies", "teachers", True),
        ("La café is closed", "CAFE", True),
        ("Lіаr", "liar", True),  # two letters of another alphabet
        ("soft\u00adhyphen", "softhyphen", True),
        ("class", "clas", False),
        ("remarks", "marks", False),
        ("one two three", "three one", True),
        ("one two", "one two three", False),
        ("", "one", False),
    ],
)
def test_words_are_found_as_they_are_meant(said: str, wanted: str, *, fits: bool) -> None:
    """Capitals, accents, look-alikes and a plural make no difference; parts of words are none."""
    assert all(holds(blinded(said), word) for word in each_blind(blinded(wanted))) is fits


def test_a_word_is_found_only_where_one_begins() -> None:
    """What lies across two words that are kept is no word."""
    kept = b"abcdefghij"
    assert holds(kept, b"fghij")
    assert not holds(kept, b"bcdef")
    assert not holds(kept, b"zzzzz")
    assert holds(b"xabcd" + b"eeeee" + b"abcde", b"abcde")
    assert holds(b"zabcd" + b"ezzzz" + b"abcde", b"abcde")


def test_nothing_that_tells_of_the_reporter_is_searched() -> None:
    """Who captured it is not among the words, nor is a file that nobody opens."""
    file = {"media_type": "image/png", "size": 1, "sha256": "00", "added_by": REPORTER, "added_at": AT}
    posting = Posting(
        words="one",
        captured_by="Brook",
        files=(
            EvidenceFile(id="1", name="two.png", **file),  # type: ignore[arg-type]
            EvidenceFile(id="2", name="three.png", locked=True, **file),  # type: ignore[arg-type]
            EvidenceFile(id="3", name="four.png", gone=True, **file),  # type: ignore[arg-type]
        ),
    )
    found = [
        word
        for word in ("one", "two", "brook", "three", "four")
        if holds(searched(posting)[0], blinded(word))
    ]
    assert found == ["one", "two"]


@pytest.mark.parametrize(
    ("command", "searched"),
    [
        (do.AddNote("A zebra."), True),
        (do.Hold("Wait for the zebra."), True),
        (do.ApproveLetter("invitation", "Dear zebra"), True),
        (do.RecordContact("phone", "today", text="The zebra rang."), True),
        (do.Write("Dear zebra"), False),
        (do.ShowReporter("To ask the zebra."), False),
    ],
)
def test_what_is_written_in_a_case_is_searched(command: Command, *, searched: bool) -> None:
    """Notes, reasons and letters; not what is written to whoever reported, nor why they were shown.

    Earlier words stay, and whether another report is about the same posting hangs on the posting alone.
    """
    matter = Matter(ABUSE)
    matter.do(do.TakeOn(), HEAD)
    matter.do(do.AddNote("An ocelot."), DSL)
    before = row(matter.case)
    matter.do(command, HEAD)
    after = row(matter.case)
    for words, fits in (
        ("zebra", searched),
        ("zebra ocelot", searched),
        ("ocelot", True),
        ("person:zebra", searched),
    ):
        found = matches.found([(after, True)], query.read(words), SCHOOL)
        assert bool(found) is fits, words
        assert not matches.found([(after, False)], query.read(words), SCHOOL)
    assert (after.words, after.said, after.marks) == (before.words, before.said, before.marks)


POSTING = Posting(
    words="She makes up the marks, says Ellis", link="https://forum.example/t/77", account_name="@Cross"
)
ROW = replace(
    CASE,
    marks=marks(POSTING),
    words=searched(POSTING)[0],
    holders={Seat.HEADTEACHER: HEAD},
    stand_ins=(),
    owner=None,
    assigned=DSL,
    opened_at=dt.datetime(2026, 8, 31, 23, 30, tzinfo=dt.UTC),  # in summer it is the first of September
)


def _name(person: PersonId) -> str:
    return SCHOOL.people[person].name


@pytest.mark.parametrize(
    ("typed", "fits", "unread"),
    [
        ("HPS-2026-7H4M", True, True),
        ("7h4m", True, True),
        ("hps20267h4m", True, True),
        ("HPS-2026-7H4X", False, False),
        ("marks", True, False),
        ("marks lies", False, False),
        ("http://www.forum.example/t/77?utm_source=x", True, False),
        ("forum.example/t/78", False, False),
        ("link:nothing", False, False),
        ("@cross", True, False),
        ("@other", False, False),
        ("account:@", False, False),
        ("since:2026-09-01 until:2026-09-01", True, True),
        ("until:2026-08-31", False, False),
        ("since:2026-09-02", False, False),
        ("marks since:2026-09-01", True, False),
        (f"person:{_name(HEAD)}", True, True),
        (f"person:{_name(HEAD).split()[0]}", True, True),
        (f"person:{_name(DSL)}", True, True),
        (f"person:{_name(CHAIR)}", False, False),
        ("person:says", True, False),
        ("person:nobody", False, False),
        ("person:!", False, False),
        ("words !", False, False),
        ("!!", False, False),
    ],
)
@pytest.mark.feature("find")
def test_what_a_search_finds(typed: str, *, fits: bool, unread: bool) -> None:
    """All that is asked for has to fit; what somebody wrote is compared only for whoever may read it."""
    wanted = query.read(typed)
    assert bool(matches.found([(ROW, True)], wanted, SCHOOL)) is fits
    assert bool(matches.found([(ROW, False)], wanted, SCHOOL)) is unread


def test_results_turn_their_pages_and_say_what_was_looked_for() -> None:
    """The next page looks for the same; a search too long for a button is narrowed by hand."""
    rows = [row(Matter(ABUSE).case, id=f"C{n}", reference=f"HPS-2026-{n:03}") for n in range(20)]
    wanted = query.read("marks since:2026-09-01")
    card = cards.results(filters.paged(rows, 1), wanted, SCHOOL)
    onward = next(b.intent for b in buttons_of(card) if b.label == "Next page")
    assert isinstance(onward, Ask)
    assert query.read(onward.argument) == replace(wanted, page=2)
    assert "You looked for: marks since:2026-09-01" in card_text(card)
    long = cards.results(filters.paged(rows, 1), query.read("mark " * 70), SCHOOL)
    assert "Page 1 of 2" in card_text(long)
    assert not [b for b in buttons_of(long) if b.label == "Next page"]
    none = cards.results(filters.paged([], 1), wanted, SCHOOL)
    assert "Nothing found among the cases you may see." in card_text(none)


def test_a_practised_case_is_marked_in_every_list() -> None:
    """DRILL stands before its reference."""
    drill = replace(CASE, drill=True)
    assert "DRILL · HPS-2026-7H4M" in card_text(cards.results(filters.paged([drill], 1), Query(), SCHOOL))
    assert "DRILL · HPS-2026-7H4M" in card_text(listed([drill]))


@given(st.data())
def test_many_rows_are_asked_about_as_one_is(data: st.DataObject) -> None:
    """For many rows the answer is that of ``may_know_row`` for each, in order; some share their parts."""
    people = st.sampled_from([HEAD, DSL, CHAIR, REPORTER])
    seats = st.sampled_from([Seat.HEADTEACHER, Seat.DSL, Seat.CHAIR])
    several = st.lists(people, max_size=2, unique=True).map(tuple)
    made = st.builds(
        lambda holders, recused, stand_ins, restricted: replace(
            CASE, holders=holders, recused=recused, stand_ins=stand_ins, restricted=restricted
        ),
        st.dictionaries(seats, people),
        several,
        several,
        st.booleans(),
    )
    drawn: list[CaseSummary] = data.draw(st.lists(made, min_size=1, max_size=8))
    rows = [alike for one in drawn for alike in (one, replace(one, drill=True))]
    person, in_channel = data.draw(people), data.draw(st.booleans())
    known = list(access.known_rows(rows, person, SCHOOL, in_channel=in_channel))
    expected = [
        (one, access.may_know_row(one, person, SCHOOL, in_channel=False))
        for one in rows
        if access.may_know_row(one, person, SCHOOL, in_channel=in_channel)
    ]
    assert known == expected


def test_of_cases_told_alike_each_is_found() -> None:
    """Whom several cases tell, whose parts a store shares, finds all of these, and none that tells others."""
    told = [replace(CASE, words=b"", noted=b"", id=CaseId(f"C{n}")) for n in range(3)]
    others = replace(told[0], holders={Seat.CHAIR: CHAIR}, stand_ins=(), owner=None, assigned=None)
    name = _name(next(iter(CASE.holders.values())))
    found = matches.found([(one, True) for one in (*told, others)], Query(person=name), SCHOOL)
    assert found == told


def test_the_form_asks_for_each_thing_that_can_be_typed() -> None:
    """What the form asks and what can be typed before a colon are the same."""
    form: Form = cards.form()
    assert {field.name for field in form.fields} == {*query.NAMES, "words"} - {"page"}
