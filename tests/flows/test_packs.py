"""A pack holds what its body needs and no more: names masked, no file, the reporter only with a reason."""

from __future__ import annotations

import hashlib

import pytest
from msgspec.structs import replace

from flows.case import access
from flows.case.actions import table as do
from flows.case.actions.packing import packable
from flows.case.actions.table import MakePack
from flows.case.forms import form, parse
from flows.errors import InvalidAnswer, NotAllowed
from flows.letters.masking import mask
from flows.messages import letters, templates
from flows.messages.record import record
from flows.model import Action, Answer, Body, Document, EventKind, Named, Posting
from flows.packs.contents import NEEDS, Pack, as_text, contents
from flows.ui.cards import Small, buttons_of
from flows.ui.intents import Act
from flows.words import say
from tests.flows.matter import (
    ABUSE,
    AT,
    CHILD,
    DEPUTY,
    DSL,
    HEAD,
    QUESTION,
    REPORTER,
    SCHOOL,
    SECRET,
    THREAT,
    Matter,
)

IMAGERY: dict[str, Answer] = {"sexual_imagery_child": "yes", "targets": ("pupil",)}
ACCUSED: dict[str, Answer] = {**ABUSE, "staff_allegation": ("staff",)}
#: For each body, a report that makes the school owe it something.
OWES: dict[Body, dict[str, Answer]] = {
    Body.LEGAL: ABUSE,
    Body.POLICE: THREAT,
    Body.LADO: ACCUSED,
    Body.CHILDRENS_SERVICES: CHILD,
    Body.IMAGERY: IMAGERY,
}
BROOK = SCHOOL.people[REPORTER].name
WORDS = f"{BROOK} saw it. BROOK wrote it down. Jane Doe and janet: {SECRET}."
POSTING = replace(Matter(ABUSE).case.report.posting, words=WORDS)


def owing(body: Body, **changed: object) -> Matter:
    """Return a case that owes a body something, taken on by its lead."""
    matter = Matter(OWES[body], posting=POSTING, **changed)  # type: ignore[arg-type] # fields of a report
    lead = matter.case.holders[matter.case.lead] if matter.case.lead else HEAD
    matter.do(do.TakeOn(), lead)
    return matter


def pack(matter: Matter, order: MakePack) -> Pack:
    """Return what a pack of this case says."""
    return contents(matter.case, matter.events, SCHOOL, order, by=HEAD, at=AT)


def text(made: Pack) -> str:
    """Return all that can be read in a pack."""
    return str(made)


_WORDS_HEADING = "What was posted, or what was seen, in the reporter's words"
#: For each body, what it is given (its headings), in order.
HOLDS: dict[Body, list[str]] = {
    Body.LEGAL: [
        "The matter", "What we ask", "Where it was seen", _WORDS_HEADING,
        "What the school's policy says", "What is kept at school", "What has been done",
        "Who to speak to at school",
        "Sent to",
    ],
    Body.POLICE: [
        "The matter", "What we ask", "Where it was seen", _WORDS_HEADING,
        "What was answered", "What is kept at school", "What has been done",
        "Who to speak to at school", "Sent to",
    ],
    Body.LADO: [
        "The matter", "What we ask", "Who is spoken of", "What was answered",
        _WORDS_HEADING, "What has been done", "Who to speak to at school",
        "Sent to",
    ],
    Body.CHILDRENS_SERVICES: [
        "The matter", "What we ask", "What was answered", _WORDS_HEADING,
        "Where it was seen", "Who to speak to at school", "Sent to",
    ],
    Body.IMAGERY: ["The matter", "What we ask", "Where it was seen", "Who to speak to at school"],
}  # fmt: skip


@pytest.mark.feature("packs")
@pytest.mark.parametrize("body", Body)
def test_each_body_has_what_it_needs_and_no_more(body: Body) -> None:
    """The parts are those of the table; of an image that may show a child neither words nor files."""
    made = pack(owing(body), MakePack(body.value, text="Please ring back."))
    assert [section.heading for section in made.sections] == HOLDS[body]
    assert "Please ring back." in text(made)
    assert (f"{SECRET}." in text(made)) is (body is not Body.IMAGERY)
    assert ("F1" in text(made)) is False
    evidence = body in (Body.LEGAL, Body.POLICE)
    assert (f"{SECRET}.png" in text(made)) is evidence
    assert (POSTING.files[0].sha256 in text(made)) is evidence
    assert set(NEEDS) == set(Body)


@pytest.mark.parametrize("body", Body)
def test_the_manifest_can_be_checked(body: Body) -> None:
    """Each part stands in it with the SHA-256 of its own text, each file that stays with its own."""
    made = pack(owing(body), MakePack(body.value))
    listed = dict(made.manifest)
    for section in made.sections:
        lines = [
            section.heading,
            *("\t".join(pair) for pair in section.pairs),
            *section.quote,
            *section.lines,
        ]
        assert listed[section.heading] == hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert len(listed) == len(made.manifest)


@pytest.mark.parametrize("body", Body)
def test_the_reporter_stands_in_it_only_on_request(body: Body) -> None:
    """Masked wherever they are named; shown where a person asked for that, and nowhere else."""
    matter = owing(body)
    assert BROOK not in text(pack(matter, MakePack(body.value)))
    assert "BROOK" not in text(pack(matter, MakePack(body.value)))
    assert POSTING.captured_by not in text(pack(matter, MakePack(body.value)))
    assert BROOK in text(pack(matter, MakePack(body.value, reporter="yes", why="x")))


@pytest.mark.parametrize("body", Body)
def test_it_can_be_copied(body: Body) -> None:
    """What stands in the file can be copied as words, with the same masks: a chat may not give the file."""
    made = pack(owing(body), MakePack(body.value))
    said = as_text(made)
    assert said.startswith(f"{made.title}\n{made.made}")
    assert all(f"\n\n{section.heading}\n" in said for section in made.sections)
    assert BROOK not in said


#: Words, the names to mask, and what is left of them.
MASKED: list[tuple[str, tuple[str, ...], str]] = [
    ("Jane Doe and JANE, not Janet", ("Jane Doe",), "[a third party] and [a third party], not Janet"),
    ("Jane  Doe's", ("jane doe",), "[a third party]'s"),
    ("Bo Li, an Li", ("Bo Li", "An Bo"), "[a third party], an [a third party]"),
    ("a.b (c) [d]", ("a.b", "(c)", "["), "[a third party] [a third party] [d]"),
    ("nobody", ("", "  "), "nobody"),
    (
        "Zoë Ångström, Zoe Angstrom, ZOË",
        ("Zoé Angström",),
        "[a third party], [a third party], [a third party]",
    ),
    ("Zoe\u0308 wrote", ("Zo\u00eb",), "[a third party] wrote"),
    ("O’Neil, O'Neil and ONeil", ("Pat O'Neil",), "[a third party], [a third party] and [a third party]"),
    (
        "jane_doe.png, Jane-Doe, jane.doe",
        ("Jane Doe",),
        "[a third party].png, [a third party], [a third party]",
    ),
    ("Joan Doebury", ("Jo Doe",), "Joan Doebury"),
]


@pytest.mark.parametrize(("words", "names", "left"), MASKED)
def test_names_are_masked(words: str, names: tuple[str, ...], left: str) -> None:
    """Whole words only, whatever the case, accents, apostrophe or spacing; short parts as written."""
    assert mask(words, names=names, reporter=()) == left


def test_the_reporters_name_is_masked_as_theirs() -> None:
    """Whoever reads it knows that the reporter is meant, and not who that is."""
    assert mask("Brook Sample and Jo", names=("Jo Practice",), reporter=("Brook Sample", "")) == (
        "[the reporter] and [a third party]"
    )
    told = owing(Body.LEGAL, reporting_for="Mo Invented")
    told.case = replace(
        told.case, report=replace(told.case.report, posting=replace(POSTING, words="Mo saw it."))
    )
    assert "[the reporter] saw it." in text(pack(told, MakePack("legal")))


def test_who_is_spoken_of() -> None:
    """Whom the report points at stands by name and seat; where it points at nobody, that is said."""
    named = owing(Body.LADO, named=Named(accused=(DEPUTY,)))
    assert "Bryn Fictional (Deputy headteacher)" in text(pack(named, MakePack("lado")))
    assert "The report names nobody" in text(pack(owing(Body.LADO), MakePack("lado")))


def test_what_others_were_asked_stays_inside() -> None:
    """The police read what they were told, and not what Legal was, nor what went on inside the school."""
    matter = owing(Body.POLICE)
    matter.do(do.RecordLegal(contacted=False, why="x"), HEAD)
    matter.do(do.RecordPolice(contacted=True, how="phone", why=SECRET), HEAD)
    matter.do(do.ShowReporter("x"), HEAD)
    story = next(s for s in pack(matter, MakePack("police")).sections if s.heading == "What has been done")
    said = "\n".join(story.lines)
    assert "Police – contacted" in said
    assert "Legal" not in said
    assert "who reported" not in said
    assert SECRET not in said


@pytest.mark.parametrize("body", [body for body in OWES if body is not Body.LADO])
def test_where_it_stands_and_whether_it_still_does(body: Body) -> None:
    """The platform and whether the posting is still there; nobody is asked anything in an empty line."""
    matter = owing(body)
    seen = {**matter.case.report.answers, "platform": "collaborative_space", "still_online": "yes"}
    report = replace(matter.case.report, answers=seen)
    made = contents(replace(matter.case, report=report), (), SCHOOL, MakePack(body), by=HEAD, at=AT)
    asked = dict(next(one for one in made.sections if one.heading == say("pack.place")).pairs)
    assert asked["Where did you see it?"] == "Facebook"
    assert asked["Is it still there?"] == "Yes"
    assert all(line.strip() for section in made.sections for line in section.lines)


def test_what_is_not_known_leaves_no_heading() -> None:
    """A part with nothing in it is left out, rather than standing empty."""
    matter = Matter(ABUSE, posting=Posting())
    headings = {section.heading for section in pack(matter, MakePack("legal")).sections}
    assert "What is kept at school" not in headings
    assert _WORDS_HEADING not in headings
    bare = replace(matter.case, holders={}, lead=None)
    found = contents(bare, (), SCHOOL, MakePack("legal"), by=HEAD, at=AT)
    assert "Who to speak to at school" not in {section.heading for section in found.sections}


def test_only_what_is_owed_has_a_pack() -> None:
    """For a body that nothing is owed to, and a word that is no body, there is none: no step makes one."""
    matter = Matter(QUESTION)
    assert packable(matter.case) == ()
    for which in ("police", "press", ""):
        with pytest.raises(NotAllowed) as refused:
            parse(Action.PACK, {}, matter.case, SCHOOL, which=which)
        assert refused.value.reference == "not-owed"
        with pytest.raises(NotAllowed):
            matter.do(MakePack(which), HEAD)


def test_the_form_asks_why_the_reporter_is_shown() -> None:
    """The name is hidden unless asked for; asked for, a reason is needed. What it holds is said above."""
    case = owing(Body.POLICE).case
    assert parse(Action.PACK, {"reporter": "no"}, case, SCHOOL, which="police") == MakePack("police")
    with pytest.raises(InvalidAnswer) as refused:
        parse(Action.PACK, {"reporter": "yes"}, case, SCHOOL, which="police")
    assert refused.value.field == "why"
    sent = {"reporter": "yes", "why": "They asked.", "mask": " Jane Doe \n\nBo Li ", "text": "Please ring."}
    order = parse(Action.PACK, sent, case, SCHOOL, which="police")
    assert isinstance(order, MakePack)
    assert (order.names, order.shows_reporter, order.text) == (("Jane Doe", "Bo Li"), True, "Please ring.")
    intro = [
        block.text
        for block in form(Action.PACK, case, SCHOOL, which="police").intro
        if isinstance(block, Small)
    ]
    assert any("violence" in line for line in intro)


def test_a_pack_is_on_record_by_itself() -> None:
    """The step itself needs no file: what has been made is put on record all the same."""
    matter = owing(Body.LEGAL)
    matter.do(MakePack("legal"), HEAD)
    assert matter.case.documents == ()
    assert matter.events[-1].facts == {"body": "legal"}


def test_what_was_made_is_on_record() -> None:
    """For whom, which file, its hash; that the reporter was shown, and why; the channel reads for whom."""
    matter = owing(Body.POLICE)
    file = Document(
        id="D1", of="pack.police", name="p.pdf", media_type="x/y", size=3, sha256="cd" * 32,
        added_by=HEAD, added_at=AT,
    )  # fmt: skip
    order = MakePack("police", reporter="yes", why="They asked.", text="Please ring.", document=file)
    matter.do(order, HEAD)
    shown, made = matter.events[-2:]
    assert (shown.kind, shown.words) == (EventKind.REPORTER_SHOWN, "They asked.")
    assert (made.kind, made.words) == (EventKind.PACK_MADE, "Please ring.")
    assert made.facts == {"body": "police", "document": "D1", "sha256": "cd" * 32}
    assert matter.case.documents == (file,)
    assert "p.pdf" in str(record(matter.case, matter.events, SCHOOL, HEAD))
    said = str(templates.update(matter.case, made, SCHOOL, AT))
    assert "a pack for the police" in said
    assert "ring" not in said
    assert "p.pdf" in str(letters.made(matter.case, "police", file, "The matter"))


def test_who_makes_which() -> None:
    """Who leads makes each; the DSL who was told those that concern a child; the reporter none."""
    matter = owing(Body.CHILDRENS_SERVICES)
    bodies = set(packable(matter.case))
    assert {Body.CHILDRENS_SERVICES, Body.POLICE} <= bodies

    def offered(person: str) -> set[str]:
        card = letters.packs(matter.case, SCHOOL, SCHOOL.people[person].id)  # type: ignore[index] # an id
        return {b.intent.which for b in buttons_of(card) if isinstance(b.intent, Act)}

    assert offered(HEAD) == {body.value for body in bodies}
    assert offered(DSL) == {"childrens_services"}
    assert offered(REPORTER) == set()
    assert not access.may_do(matter.case, DSL, SCHOOL, Action.PACK, which="police")
