"""Who is masked in what goes to somebody who asks what is kept about them; and how it is cut into pages."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.model import Case, Event, EventKind
from flows.model.reports import Named, Posting
from flows.school import Person, PersonId, Seat
from flows.subject import bundle, cards, masks, passages, results
from flows.subject.bundle import Given
from flows.subject.masks import Hidden
from flows.subject.passages import Passage
from flows.subject.request import Request, lines
from tests.flows.matter import ABUSE, SCHOOL, Matter

AT = dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)
CASE = Matter(ABUSE).case
NOBODY = Hidden()


def request(*names: str, known_as: tuple[str, ...] = (), masked: tuple[str, ...] = ()) -> Request:
    """Return a request of somebody."""
    return Request(
        id="HPS-2026-SAR-1",
        school=SCHOOL.id,
        by=PersonId("ash"),
        touched=AT,
        names=names,
        known_as=known_as,
        masked=masked,
    )


SAM = request("Sam Tester", known_as=("@samtester", "sam@x.example", "07700 900456"))


def own(text: str) -> Passage:
    """Return somebody's own words as a passage."""
    return Passage(heading="h", text=text, own=True)


@pytest.mark.parametrize(
    ("text", "masked", "after"),
    [
        ("Tommy Jones hit Sam Tester", ("Tommy Jones",), "[T] hit Sam Tester"),
        ("tommy and JONES and Tommy's", ("Tommy Jones",), "[T] and [T] and [T]'s"),
        ("TÓMMY  JÓNES, Tommy_Jones, tommy.jones", ("Tommy Jones",), "[T], [T], [T]"),
        ("#TommyJones2009 and @tommyjones", ("Tommy Jones",), "#[T]2009 and @[T]"),
        ("the Joneses, the Tommys", ("Tommy Jones",), "the Joneses, the [T]"),
        ("remarks of Mark", ("Mark",), "remarks of [T]"),
        ("an aunt and An", ("An Li",), "an aunt and [T]"),
        ("O’Brien and O'Brien and OBrien", ("O'Brien",), "[T] and [T] and [T]"),
        ("Jo Tester is the brother of Sam Tester", ("Jo Tester",), "[T] is the brother of Sam Tester"),
        ("one Tester", ("Jo Tester",), "one [T]"),
        ("ring 07700 900123 or +44 7700-900-123", ("07700900123",), "ring [T] or [T]"),
        ("ring 077009001234", ("07700900123",), "ring 077009001234"),
        ("a@b.example and A@B.example, xa@b.example", ("a@b.example",), "[T] and [T], xa@b.example"),
        ("https://forum.example/t/77 there", ("https://forum.example/t/77",), "[T] there"),
        ("a third party and the reporter", ("party", "reporter"), "a third [T] and the [T]"),
        ("nothing", (), "nothing"),
        ("signs – alone", ("–",), "signs – alone"),
        ("@samtester, sam@x.example, 07700 900456, SamTester", ("Sam", "Tester"), None),
    ],
)
def test_what_a_mask_finds(text: str, masked: tuple[str, ...], after: str | None) -> None:
    """Whole words however written, a whole name inside a longer word; numbers and addresses as such alone."""
    found = masks.without(text, NOBODY, masked, SAM, own=True)
    assert found.replace("[a third party]", "[T]") == (text if after is None else after)


@pytest.mark.parametrize(
    ("who", "text", "after"),
    [
        (SAM, "Brook told Sam Tester", "[R] told Sam Tester"),
        (SAM, "brook@s.example, 07700 900999 and U0B", "[R], [R] and [R]"),
        (SAM, "I am the DSL", "I am the [R]"),
        (request("Brook Sample"), "Brook Sample wrote", "[R] wrote"),
        (request("Sample"), "Sample wrote", "[R] wrote"),
        (request("Sam Sample"), "Sam Sample, and a Sample", "Sam Sample, and a [R]"),
        (request("X", known_as=("brook@s.example",)), "brook@s.example", "[R]"),
    ],
)
def test_who_reported_comes_first(who: Request, text: str, after: str) -> None:
    """By name, mark and, in somebody's own words, by seat; also where who asks is called that."""
    hidden = Hidden(("Brook Sample",), ("brook@s.example", "07700 900999", "U0B"), ("DSL",))
    assert masks.without(text, hidden, ("Brook",), who, own=True).replace("[the reporter]", "[R]") == after


def test_where_nobody_is_masked_a_text_is_as_it_was() -> None:
    """Signs alone are nobody's name."""
    assert masks.without("Nothing –", NOBODY, (), request("–"), own=True) == "Nothing –"


def test_a_seat_is_masked_in_nobody_elses_words() -> None:
    """A line of the story names a seat for everybody alike: masked, it would say whose it is."""
    line = Passage(heading="DSL added a note", text="DSL took it on")
    assert masks.masked(line, Hidden(seats=("DSL",)), (), SAM) == line


def test_words_of_who_reported_do_not_go_out() -> None:
    """Whatever is masked in them; unless somebody said why they are shown."""
    theirs = Passage(heading="h", text="As I said", own=True, reporters=True)
    assert masks.masked(theirs, Hidden(("Brook",)), (), SAM).text == "[words of or to the reporter]"
    assert masks.masked(theirs, Hidden(known=False), (), SAM).text == "[words of or to the reporter]"
    assert masks.masked(theirs, None, ("said",), SAM).text == "As I [a third party]"


def of(case: Case, **posting: str) -> Case:
    """Return a case with another posting."""
    return replace(case, report=replace(case.report, posting=Posting(**posting)))


def test_what_would_say_who_reported() -> None:
    """Name, address, telephone, accounts, seats; for whom, by whom it was captured, where to reach them."""
    person = Person(
        id=PersonId("brook"), name="Brook Sample", email="b@s.example", phone="07700 900999", accounts={}
    )
    school = replace(
        SCHOOL,
        people={**SCHOOL.people, person.id: person},
        seats={**SCHOOL.seats, Seat.DSL: (person.id,)},
    )
    report = replace(
        CASE.report,
        reporter=person.id,
        reporting_for="my colleague Robin",
        wants_contact="ring 07700 900888 or r@s.example",
        posting=Posting(captured_by="me"),
    )
    found = masks.reporter_of(replace(CASE, report=report), school)
    assert found.names == ("Brook Sample", "Robin")
    assert found.marks == ("b@s.example", "07700 900999", "r@s.example", "07700 900888")
    assert found.seats
    assert found.known
    long = replace(report, reporting_for="the one who told me of it", reporter=PersonId("slack:U0STRANGER"))
    unknown = masks.reporter_of(replace(CASE, report=long), school)
    assert (unknown.names, unknown.marks[0], unknown.known) == ((), "U0STRANGER", False)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("Mrs Okafor met Tommy Jones.", ("Okafor", "Tommy Jones")),
        ("Yesterday The Head and I were at School on Monday", ()),
        ("Tommy's mum; O'Brien, Smith-Jones", ("Tommy", "O'Brien", "Smith-Jones")),
        ("Tommy Jones. Later Jones left, and Tommy", ("Tommy Jones",)),
        ("ring 07700 900123 on 24.11.2026 10:00 or 2026-11-24 10:00", ("07700 900123",)),
        (
            "write to t@x.example, see @tommy and www.x.example/tommy.",
            ("t@x.example", "www.x.example/tommy", "@tommy"),
        ),
        ("SAM TESTER AND TOMMY JONES ALL IN CAPITALS", ()),
        ("Sam Tester, SamTester, Tester, @samtester, sam@x.example", ()),
        ("ash example wrote", ("Ash Example",)),
        ("Label: Tommy", ("Tommy",)),
        ("Tommy", ("Tommy",)),
        ("", ()),
    ],
)
def test_what_is_proposed(text: str, offered: tuple[str, ...]) -> None:
    """What looks like a name, account, number or address, not of who asks; and the school's people."""
    assert masks.proposed([own(text)], of(CASE), SCHOOL, SAM, NOBODY) == offered


def test_account_and_link_are_proposed_unless_they_are_theirs() -> None:
    """Those of the posting, as they stand there; of a line of the story the school's people alone."""
    case = of(CASE, account_name="Cross Parent", link="https://x.example/1")
    where = own("Link: https://x.example/1\nAccount: Cross Parent")
    assert masks.proposed([where], case, SCHOOL, SAM, NOBODY)[:2] == ("https://x.example/1", "Cross Parent")
    known = request("Sam", known_as=("@cross parent",))
    assert "Cross Parent" not in masks.proposed([where], case, SCHOOL, known, NOBODY)
    story = Passage(heading="h", text="Tommy and Ash Example")
    assert masks.proposed([story], case, SCHOOL, SAM, NOBODY) == ("Ash Example",)
    theirs = Passage(heading="h", text="Tommy", own=True, reporters=True)
    assert masks.proposed([theirs], case, SCHOOL, SAM, NOBODY) == ()


NAMES = ("Tommy Jones", "Rita O'Hara", "José Núñez", "Mary-Ann Bell", "Kwame Owusu")
MARKS = ("tommy@x.example", "@ritaohara", "07700 900123", "https://forum.example/t/77?tommy=1")
WAYS = (
    str,
    str.upper,
    str.lower,
    str.title,
    lambda name: name.replace(" ", "  "),
    lambda name: name.replace(" ", "\n"),
    lambda name: name.replace(" ", "_"),
    lambda name: name.replace(" ", ""),
    lambda name: f"#{name.replace(' ', '')}2009",
    lambda name: f"{name}'s",
    lambda name: f"({name})",
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: name.split()[0],
    lambda name: name.split()[-1],
)
WORDS = st.sampled_from(
    ("said", "that", "Sam Tester", "is", "there –", "!", "\n", "and", "Sam Tester's", "24.11.2026")
)
NAMED = st.builds(lambda name, way: way(name), st.sampled_from(NAMES), st.sampled_from(WAYS))
MARKED = st.sampled_from(MARKS)
TEXTS = st.lists(st.one_of(WORDS, NAMED, MARKED), max_size=20).map(" ".join)


def alike(text: str) -> str:
    """Return a text as it is compared: without capitals and accents, and with one space between words."""
    flat = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(flat.replace("_", " ").split())


@given(TEXTS, st.sampled_from(NAMES))
@pytest.mark.feature("subject-access")
def test_nothing_that_is_masked_stands_in_what_goes_out(text: str, reporter: str) -> None:
    """Names, their parts and marks, however they were written; who reported among them; who asks stays."""
    others = tuple(name for name in NAMES if name != reporter)
    found = masks.masked(own(text), Hidden((reporter,)), (*others, *MARKS), SAM)
    pack = bundle.bundle(SAM, [Given("HPS-2026-1", (found,))], SCHOOL, PersonId("ash"), AT)
    goes = alike("\n".join((*results.told(pack), str(bundle.lines([Given("HPS-2026-1", (found,))])))))
    for name in NAMES:
        run = alike(name).replace(" ", "")
        for part in (alike(name), run, *(w for w in alike(name).split() if len(w) > 2)):
            assert part not in goes.replace("\\n", " "), (part, goes)
    for mark in MARKS:
        assert mark not in goes
    assert found.text.count("Sam Tester") == text.count("Sam Tester")


@given(TEXTS, st.lists(st.sampled_from((*NAMES, *MARKS)), max_size=4))
@pytest.mark.unwatched
def test_what_is_proposed_is_masked_by_it(text: str, more: list[str]) -> None:
    """After what is proposed was masked, nothing of others is proposed any more."""
    case = of(CASE)
    offered = (*masks.proposed([own(text)], case, SCHOOL, SAM, NOBODY), *more)
    after = masks.masked(own(text), NOBODY, offered, SAM)
    assert masks.proposed([after], case, SCHOOL, SAM, NOBODY) == ()


@given(st.text(max_size=6000))
def test_a_text_is_cut_without_losing_a_word(text: str) -> None:
    """What no page carries is parted where a line or a word ends; nothing but spaces there is lost."""
    pieces = list(passages.cut(text))
    assert all(len(piece) <= 1200 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.lists(st.integers(1, 1200), max_size=30))
def test_every_passage_stands_on_one_page(sizes: list[int]) -> None:
    """In their order, four at most and no more than can be read at once."""
    found = [own("x" * size) for size in sizes]
    on = passages.pages(found)
    assert [place for page in on for place in page] == list(range(len(found)))
    assert all(0 < len(page) <= 4 and sum(sizes[n] for n in page) <= 3000 for page in on)


def event(kind: EventKind, words: str = "") -> Event:
    """Return something that happened."""
    return Event(case=CASE.id, seq=1, kind=kind, at=AT, by=PersonId("ash"), words=words)


def test_what_a_case_holds_as_passages() -> None:
    """Posting, place, answers, story; then words, those to who reported as such, not why they were shown."""
    events = (
        event(EventKind.OPENED),
        event(EventKind.NOTED, "A note on Sam Tester"),
        event(EventKind.WROTE, "Dear reporter"),
        event(EventKind.REPORTER_SHOWN, "Why"),
    )
    case = of(CASE, words="Words", link="https://x.example/1")
    found = passages.passages(case, events, SCHOOL, SAM)
    assert [one.text.partition("\n")[0] for one in found if one.own] == [
        "Words",
        "Link: https://x.example/1",
        "A note on Sam Tester",
        "Dear reporter",
    ]
    assert [one.text for one in found if one.reporters] == ["Dear reporter"]
    assert [one.text for one in found if one.theirs] == ["A note on Sam Tester"]
    assert [one.own for one in passages.passages(of(CASE), (), SCHOOL, SAM)] == [False]


def test_whom_the_report_points_at_is_whom_its_words_are_about() -> None:
    """Also where these do not name them; and that is said to whoever picks the cases."""
    named = replace(of(CASE, words="Words").report, named=Named(target=(PersonId("ash"),)))
    case = replace(CASE, report=named, recused={}, holders={}, stand_ins=(), affected=())
    asks = request("Ash Example")
    found = passages.passages(case, (), SCHOOL, asks)
    assert next(one.text for one in found if one.theirs) == "Words"
    assert "whom the report points at" in passages.concerns(case, found, passages.people(asks, SCHOOL))
    assert passages.people(request("–"), SCHOOL) == frozenset()


def test_a_text_speaks_of_an_account() -> None:
    """By their account, number or address; a sign alone is none."""
    assert passages.speaks_of("so says @SamTester", SAM)
    assert not passages.speaks_of("so says nobody", request("X", known_as=("@", "12")))


def test_lines_are_each_taken_once() -> None:
    """Empty ones are none, spaces to spare are dropped."""
    assert lines(" a  b \n\n a b\nc") == ("a b", "c")


def test_long_headings_are_cut_where_they_are_ticked() -> None:
    """So that every platform carries them."""
    assert cards._short("x" * 80) == f"{'x' * 74}…"  # noqa: SLF001
