"""Who types is asked one question at a time; what was understood is read back, or asked back."""

from __future__ import annotations

import pytest

from flows.intake.answers import options_of
from flows.intake.conversation import taken_up, view
from flows.intake.said import asked_back
from flows.intake.settled import settle
from flows.intake.typed import Misunderstood, TypedAnswer, Wants
from flows.intake.understood import meant
from flows.model import Draft
from flows.questions.question import Kind
from flows.questions.table import PAGES, QUESTIONS, SAFETY_LIST
from flows.ui.forms import Choice, Form, Many, Value
from flows.ui.inbound import Surface
from flows.ui.intents import AnswerPage, GoTo
from flows.ui.plain_text import form_text
from flows.words import say
from tests.flows.talking import AT, PLAIN, POLICY, SCHOOL, answer, by_pages, goto, new, see, type_, values

HERE = Surface.MESSAGE
#: Every report meets each question of the table in one of these.
MEETS: list[dict[str, Value]] = [
    {"immediate_danger": "yes", "works_here": "yes"},
    {**dict.fromkeys(SAFETY_LIST, "not_sure"), "works_here": "yes", "keep_from": ("someone_else",)},
    {"targets": ("staff",), "staff_allegation": ("staff",), "poster": ("staff",), "did": ("shared",)},
    {"keep_from": ("someone_else",), "words": "kill nude suicide sexist racist homophobic 999 hit her son"},
    {"nature": ("genuine_concern",)},
]  # fmt: skip


def _asked(draft: Draft) -> Form:
    return view(taken_up(draft), SCHOOL, POLICY, surface=HERE, now=AT, typed=True)


def _read(draft: Draft, *texts: str) -> TypedAnswer:
    for text in texts:
        came = type_(draft, text, HERE)
        assert isinstance(came, TypedAnswer), (text, came)
        draft = came.state.draft
    return came


def upto(name: str, **said: Value) -> Draft:
    """Return a report in which this question comes next."""
    draft = new()
    for _ in range(60):
        form = see(draft)
        if form.cursor == name:
            return draft
        page = form.id.removeprefix("report.")
        given = {**values(form, {**PLAIN, **said}), "safety": said.get("safety", ("none_of_these",))}
        draft = answer(draft, page, {n: v for n, v in given.items() if n == form.cursor}).draft
    raise AssertionError(f"{name} was never asked")


# -- only that question ------------------------------------------------------------------------------


@pytest.mark.parametrize("said", MEETS)
def test_only_the_question_that_comes_next_is_asked(said: dict[str, Value]) -> None:
    """One field, its own numbers from 1, and never a question whose condition is not met yet."""
    draft = new()
    for _ in range(60):
        form = _asked(draft)
        if form.id == "report.check":
            break
        (field,) = form.fields
        assert field.name == form.cursor
        assert field.shown is None
        assert any(row.name == field.name for row in settle(draft.answers).rows)
        if isinstance(field, Choice | Many):
            numbers = [option.label.split(" · ")[0] for option in field.options]
            assert numbers == [str(n) for n in range(1, len(field.options) + 1)]
            assert "1. 1" not in form_text(form)
        page = form.id.removeprefix("report.")
        assert form.submit == AnswerPage(draft.id, draft.revision, page, only=field.name)
        given = values(
            form,
            {**PLAIN, **said, "safety": tuple(k for k in SAFETY_LIST if k in said) or ("none_of_these",)},
        )
        draft = answer(draft, page, given).draft
    assert _asked(draft).id == "report.check"


def test_every_question_was_met() -> None:
    """The table above leaves no question out."""
    met = {field.name for said in MEETS for form in by_pages({**PLAIN, **said})[1] for field in form.fields}
    assert {row.name for page in PAGES for row in settle({}).on(page)} <= met | {"files"}
    assert {n for n, q in QUESTIONS.items() if q.kind is Kind.PEOPLE} <= met


# -- a name is never taken from a number -------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("insider_is", {"immediate_danger": "yes", "works_here": "yes"}),
        ("target_is", {"targets": ("staff",)}),
        ("accused_is", {"targets": ("pupil",), "staff_allegation": ("staff",)}),
        ("poster_is", {"poster": ("staff",)}),
        ("kept_out_is", {"keep_from": ("someone_else",)}),
    ],
)
@pytest.mark.parametrize("words", ["2", "2.", "number 2", "1 and 2", "all of them"])
def test_a_number_names_nobody_before_a_yes(name: str, said: dict[str, Value], words: str) -> None:
    """The person is named and asked about; yes takes it, no asks again, and until then nothing is held."""
    draft = upto(name, **said)
    back = _read(draft, words)
    assert options_of(QUESTIONS[name], SCHOOL)[1].label in back.note
    assert name not in back.state.draft.answers
    assert see(back.state.draft).cursor == name
    assert name not in _read(back.state.draft, "no").state.draft.answers
    assert see(_read(back.state.draft, "no").state.draft).cursor == name
    assert _read(back.state.draft, "yes").state.draft.answers[name]
    assert _read(back.state.draft, "not sure").state.draft.answers[name] == ("rather_not_say",)
    assert _read(back.state.draft, "someone else").state.draft.answers[name] == ("someone_else",)


@pytest.mark.parametrize(
    ("words", "held"),
    [
        ("Ash Example", ("ash",)),
        ("no", ("someone_else",)),
        ("none of them", ("someone_else",)),
        ("I'd rather not say", ("rather_not_say",)),
        ("prefer not to say", ("rather_not_say",)),
        ("skip", ("rather_not_say",)),
        ("99", None),
        ("yes", None),
    ],
)
def test_who_is_named_by_name_is_taken(words: str, held: tuple[str, ...] | None) -> None:
    """A typed name counts at once; so do *someone else* and *rather not say*, in anybody's words."""
    came = type_(upto("target_is", targets=("staff",)), words, HERE)
    if held is None:
        assert isinstance(came, Misunderstood)
    else:
        assert isinstance(came, TypedAnswer)
        assert came.state.draft.answers["target_is"] == held


@pytest.mark.parametrize(
    ("name", "words", "message", "hint"),
    [
        ("targets", "99", "typed.number", "typed.number_hint"),
        ("immediate_danger", "99", "typed.number", "typed.number_hint"),
        ("targets", "blurb", "typed.no_match", "typed.no_match_hint"),
        ("targets", "skip", "typed.needs_answer", "typed.needs_answer_hint"),
        ("targets", "yes", "typed.which", "typed.no_match_hint"),
    ],
)
def test_what_was_not_understood_is_said_as_what_it_was(
    name: str, words: str, message: str, hint: str
) -> None:
    """Somebody who types a number too high reads how many there are, and not that words were strange."""
    came = type_(upto(name), words, HERE)
    assert isinstance(came, Misunderstood)
    most = len(options_of(QUESTIONS[name], SCHOOL))
    assert (came.message, came.hint) == (
        say(message),
        say(hint, most=most) if "number" in hint else say(hint),
    )


def test_more_of_ones_own_words_replaces_none() -> None:
    """Somebody who has told it once and types more where the words stand keeps both."""
    draft = goto(by_pages({**PLAIN, "words": "They said something."})[0], "words", HERE, field="words")
    after = _read(draft, "And it was awful.").state.draft
    assert after.answers["words"] == "They said something.\nAnd it was awful."


def test_a_yes_that_comes_after_something_else_agrees_to_nothing() -> None:
    """What was asked back is gone as soon as anything has changed, or a page was opened."""
    back = _read(upto("target_is", targets=("staff",)), "2").state.draft
    assert asked_back.waiting(taken_up(back), HERE)
    moved = answer(back, "about", {"targets": ("pupil",)}).draft
    assert asked_back.waiting(taken_up(moved), HERE) is None
    assert asked_back.waiting(taken_up(goto(back, "danger", HERE)), HERE) is None
    assert isinstance(type_(back, "yes", Surface.MODAL), Misunderstood)


def test_a_number_is_no_second_answer_about_a_person() -> None:
    """A number typed to a list of people that was answered elsewhere meanwhile names nobody either."""
    draft = _read(upto("target_is", targets=("staff",)), "blurb blurb blurb").state.draft
    elsewhere = answer(draft, "about", {**PLAIN, "targets": ("staff",)}, surface=Surface.MODAL).draft
    assert _read(elsewhere, "2").state.draft.answers["target_is"] == ("rather_not_say",)


# -- what closes a report off ------------------------------------------------------------------------


#: Words after which nobody would be told.
CLOSES = {
    "targets": "none | no | nobody | 9 | nothing to do with us | not our school | n/a",
    "nature": "none | none of these | 9 | nothing",
}


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name, line in CLOSES.items() for words in line.split(" | ")]
)
def test_what_would_close_a_report_off_is_asked_back(name: str, words: str) -> None:
    """Nothing is held until a yes; not sure is not sure; and no asks the question again."""
    draft = upto(name)
    back = _read(draft, words)
    assert "“yes” or “no”" in back.note
    assert name not in back.state.draft.answers
    closed = _read(back.state.draft, "yes").state.draft
    assert closed.answers[name] == asked_back.CLOSING[name]
    assert name not in _read(back.state.draft, "no").state.draft.answers
    assert _read(back.state.draft, "dunno").state.draft.answers[name] == ("not_sure",)


@pytest.mark.parametrize(
    ("words", "held"),
    [
        ("then its about our teacher", ("staff",)),
        ("Then it's about our teacher.", ("staff",)),
        ("no, it is about a pupil in my class", ("pupil",)),
        ("sorry, this was about the head", ("headteacher",)),
        ("about us", ("school",)),
    ],
)
def test_who_it_is_about_can_be_said_after_a_closing_answer(words: str, held: tuple[str, ...]) -> None:
    """Whatever is asked by then, the answer before is mended, and the note says how."""
    closed = _read(upto("targets"), "none", "yes").state.draft
    mended = _read(closed, words)
    assert mended.state.draft.answers["targets"] == held
    assert "I have changed that. Who is it about?" in mended.note
    full, _ = by_pages({**PLAIN, "targets": ("none",)})
    assert _read(full, words).state.draft.answers["targets"] == held
    at_link = goto(full, "where", HERE, field="link")
    assert _read(at_link, words).state.draft.answers["targets"] == held


@pytest.mark.parametrize(
    ("before", "words", "held"),
    [
        (("unknown",), "it was posted by a mum", ("parent_carer",)),
        (("unknown",), "actually a dad wrote it", ("parent_carer",)),
        (("pupil",), "her mum shared it", ("parent_carer", "pupil")),
        (("pupil",), "nobody knows wrote it", None),
        (("pupil",), "the head of the pta posted it", None),
    ],
)
def test_who_put_it_there_can_be_said_later(
    before: tuple[str, ...], words: str, held: tuple[str, ...] | None
) -> None:
    """Whoever was named stays named; who is not known for certain changes nothing."""
    draft = upto("nature", poster=before)
    after = _read(draft, words).state.draft
    assert after.answers["poster"] == (held or before)


# -- real words for people ---------------------------------------------------------------------------

#: A question, the option meant ("-" = nobody for certain), and how people say it.
WHO = """
targets staff: our teacher | my TA | one of our teachers | a Year 4 teacher | the deputy head
targets staff: the dinner lady
targets staff: it's about our teacher | a teacher here | the caretaker | a member of staff | the class teacher
targets pupil: my class | one of my kids | a year 2 child | someone in my class | the head boy | her class
targets pupil: a girl in year 6 | pupils
targets parent_or_other_adult: a mum | her dad | a child's dad | the mum of a pupil | my neighbour | the PTA
targets parent_or_other_adult: a grandparent | one of the PTA mums
targets headteacher: our head | the headmistress | head teacher
targets school: us | the whole school | everyone here
poster parent_carer: a mum | her dad | it was a parent | one of the mums | my foster mum
poster former: a former pupil | an ex-parent
poster staff: our TA | a colleague in my office
keep_from headteacher: the head | our headteacher
targets -: head lice | the head of the PTA | a teacher at another school | a friend of a teacher
targets -: teacher's pet
targets -: the school run | not a teacher | a teacher in my old school | Mrs Invented | the chair of the PTA
targets -: an ex teacher | first class | high school
poster -: a mum's friend | not a parent | a neighbour | the head of the PTA
"""
SAID = [
    (*head.split(), words.strip())
    for head, _, line in (row.partition(": ") for row in WHO.strip().splitlines())
    for words in line.split("|")
]


@pytest.mark.parametrize(("name", "value", "words"), SAID)
def test_people_are_called_what_people_call_them(name: str, value: str, words: str) -> None:
    """Real words for who is meant; somebody else's teacher, or a word within another, is nobody."""
    question = QUESTIONS[name]
    found = meant(question, options_of(question, SCHOOL), words)
    assert found == (None if value == "-" else value)


def test_several_people_in_one_answer() -> None:
    """Each part is read by itself."""
    question = QUESTIONS["targets"]
    found = meant(question, options_of(question, SCHOOL), "our teacher and her dad")
    assert found == ("staff", "parent_or_other_adult")


# -- read back, and changed --------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["change it", "Change", "that's wrong", "not what I meant"])
def test_what_was_read_can_be_changed_at_once(words: str) -> None:
    """Typed or pressed, the question that was answered last is asked again."""
    read = _read(upto("poster"), "a mum")
    assert "A parent or carer" in read.note
    changes = [b.intent for b in _asked(read.state.draft).buttons if b.label == "Change it"]
    assert changes == [GoTo(read.state.draft.id, read.state.draft.revision, "poster", only="poster")]
    again = _read(read.state.draft, words)
    assert see(again.state.draft).cursor == "poster"
    assert type_(new(), words, HERE) == Wants("back")


# -- the small questions -----------------------------------------------------------------------------


def _asking(why: asked_back.Asks) -> Draft:
    return asked_back.asked(taken_up(upto("nature")), HERE, why).draft


#: What the bot asks beside the report, what follows, and the words for it.
SMALL = """
discard discard: yes | throw it away | y | delete it
discard continue: no | keep it | not sure | back | continue
discard cancel: cancel
discard help: help
offer continue: yes | go on | continue
offer fresh?: no | start again | a new one
fresh fresh: yes | start a new report
fresh continue: no | not sure | go on
"""


@pytest.mark.parametrize(
    ("why", "wants", "words"),
    [
        (*head.split(), words)
        for head, _, line in (row.partition(": ") for row in SMALL.strip().splitlines())
        for words in line.split(" | ")
    ],
)
def test_the_small_questions_can_be_answered_by_typing(why: str, wants: str, words: str) -> None:
    """Yes, no, not sure and their own words; they are never read as an answer to the page behind them."""
    assert type_(_asking(asked_back.Asks(why)), words, HERE) == Wants(wants)


def test_other_words_go_on_with_the_report() -> None:
    """Who answers the page instead of the small question is understood as well."""
    assert _read(_asking(asked_back.Asks.DISCARD), "rude").state.draft.answers["nature"] == ("abusive",)


@pytest.mark.parametrize("key", SAFETY_LIST)
@pytest.mark.parametrize("words", ["no", "ticked by mistake", "mistake"])
def test_a_tick_can_be_taken_away_by_typing(key: str, words: str) -> None:
    """*Yes or not sure?* has a no as well: with nothing ticked any more, the list is asked again."""
    came = _read(upto(key, safety=(key,)), words)
    assert see(came.state.draft).cursor == "safety"
    assert came.state.settled.known.get(key, "no") == "no"
    both = ("violence", "racist")
    one = _read(upto("violence", safety=both), words).state
    assert one.draft.answers["safety"] == ("racist",)
    assert one.settled.known["violence"] == "no"


@pytest.mark.parametrize("name", ["staff_allegation", "targets", "replied", "keep_from", "reporter_link"])
def test_a_bare_yes_is_asked_which(name: str) -> None:
    """Where there is more than one yes, it is asked which."""
    came = type_(upto(name, targets=("pupil",)), "yes", HERE)
    assert isinstance(came, Misunderstood)
    assert came.message == "Please say which."
