"""What ``init`` asks, in order: what is needed, what an answer must look like, and whom a seat excludes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from bot.school_file import shapes
from bot.school_file.shapes import Shape
from bot.school_file.template import same
from bot.school_file.validate import conflicting
from flows.school import Seat

PLATFORMS = ("slack", "teams", "both", "neither")
#: where the dates that councils usually set are known
USUAL_TERMS = ("england", "wales")
NONE = "Leave empty if there is none."


class Question(Struct, frozen=True, kw_only=True):
    """One question. ``choices`` = one of these; ``needed`` = may not be left empty.

    ``others`` are names that cannot be given here, and why.
    """

    key: str
    words: str
    usual: str = ""
    choices: tuple[str, ...] = ()
    needed: bool = False
    shape: Shape | None = None
    others: Mapping[str, str] = {}

    def trouble(self, answer: str) -> str:
        """Return why this cannot be the answer, and what to do; "" if it can."""
        answer = answer.strip()
        if self.choices and answer not in self.choices:
            return f"I do not know this word. Write one of: {', '.join(self.choices)}."
        if not answer:
            return f"This one is needed: {self.words}" if self.needed else ""
        if len(answer) > (most := self.shape.most if self.shape else shapes.LONGEST):
            return f"This is longer than what belongs here. Write at most {most} letters."
        if self.shape and not self.shape.fits(answer):
            what = self.shape.what
            return f"{what[0].upper()}{what[1:]} {self.shape.mend_for(answer)}"
        return self.others.get(same(answer), "")


#: Asks one question and returns the answer, "" for none.
Ask = Callable[[Question], str]

PREFIX = Shape(
    re.compile(r"[A-Z][A-Z0-9]{1,7}"), "this cannot begin a reference.", 'Use 2 to 8 capitals: "HPS".'
)
TIME = Shape(
    re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]"), "this is not a time of day.", "Write it like 08:00."
)

SCHOOL = (
    Question(key="school.name", words="What is the school called?", needed=True),
    Question(
        key="school.kind", words="What kind of school is it?", usual="maintained",
        choices=("maintained", "academy"),
    ),
    Question(
        key="calendar.bank_holidays", words="Whose bank holidays does it keep?", usual="england",
        choices=("england", "wales", "scotland", "northern_ireland"),
    ),
    Question(key="calendar.opens", words="When do staff begin work?", usual="08:00", shape=TIME),
    Question(key="calendar.closes", words="When is the school closed?", usual="17:00", shape=TIME),
    Question(
        key="school.complaints_procedure", words="Where is the complaints procedure (link)?",
        shape=shapes.LINK,
    ),
    Question(
        key="school.policy_link", words="Where is the social media policy (link)?", shape=shapes.LINK
    ),
    Question(key="chat", words="Which chat does the staff use?", usual="neither", choices=PLATFORMS),
)  # fmt: skip

#: Seats in the order they are asked for: (seat, what it is called, whether it must be filled).
SEATS = (
    (Seat.HEADTEACHER, "Headteacher", True),
    (Seat.DEPUTY_HEADTEACHER, "deputy headteacher", False),
    (Seat.DSL, "designated safeguarding lead (DSL)", True),
    (Seat.DEPUTY_DSL, "deputy DSL", False),
    (Seat.CHAIR, "Chair of governors", True),
    (Seat.VICE_CHAIR, "vice-chair of governors", False),
    (Seat.SUBSTITUTE_GOVERNOR, "governor, trust or council contact who steps in for the Chair", False),
)

OUTSIDE = (
    Question(key="legal.name", words="Who gives legal advice?", usual="CC Legal Services"),
    Question(key="legal.email", words="Their e-mail address?", shape=shapes.EMAIL),
    Question(key="lado.phone", words="The LADO's phone number?", shape=shapes.OFFICE_PHONE),
    Question(key="lado.email", words="The LADO's e-mail address?", shape=shapes.EMAIL),
    Question(
        key="childrens_services.phone", words="Children's services: phone number?", shape=shapes.OFFICE_PHONE
    ),
    Question(
        key="childrens_services.out_of_hours", words="Children's services: number at night?",
        shape=shapes.OFFICE_PHONE,
    ),
    Question(
        key="fallback_contact.name", words="Who is rung when nobody in the school may be told?",
        shape=shapes.NAME,
    ),
    Question(key="fallback_contact.phone", words="Their phone number?", shape=shapes.OFFICE_PHONE),
)  # fmt: skip


def collect(ask: Ask) -> dict[str, str]:
    """Return every answer by key, asked in order; what an earlier answer rules out is not asked."""
    given = {question.key: ask(question) for question in SCHOOL}
    given["school.prefix"] = ask(
        Question(
            key="school.prefix", words="What should references begin with?",
            usual=initials(given["school.name"]), needed=True, shape=PREFIX,
        )
    )  # fmt: skip
    platforms = {"both": ("slack", "teams"), "neither": ()}.get(given["chat"], (given["chat"],))
    for seat, title, needed in SEATS:
        last = seat is Seat.SUBSTITUTE_GOVERNOR and not given.get("vice_chair.name")
        _person(seat.value, title, platforms, ask, given, needed=needed or last, others=_others(seat, given))
    _person("office", "person who looks after this bot's settings", platforms, ask, given)
    _on_call(ask, given)
    for platform in platforms:
        for question in _places(platform):
            given[question.key] = ask(question)
    ends = "What do staff e-mail addresses end with (after the @)? Whoever has one may report."
    given["staff.email_domain"] = ask(
        Question(key="staff.email_domain", words=f"{ends} {NONE}", shape=shapes.DOMAIN)
    )
    given |= {question.key: ask(question) for question in OUTSIDE}
    if given["calendar.bank_holidays"] in USUAL_TERMS:
        words = "Write down the term dates that councils usually set, for you to correct?"
        given["calendar.usual_terms"] = ask(
            Question(key="calendar.usual_terms", words=words, usual="yes", choices=("yes", "no"))
        )
    return {key: value for key, value in given.items() if value}


def initials(name: str) -> str:
    """Return what references of a school of that name could begin with."""
    letters = "".join(word[0] for word in re.findall(r"[A-Za-z]\w*", name)).upper()
    return letters if PREFIX.fits(letters) else "SCH"


def _person(
    seat: str,
    title: str,
    platforms: tuple[str, ...],
    ask: Ask,
    given: dict[str, str],
    *,
    needed: bool = False,
    others: Mapping[str, str] = {},
) -> None:
    """Ask who holds a seat and how to reach them; a name that was given before is the same person."""
    words = f"Who is the {title}?{'' if needed else f' {NONE}'}"
    name = ask(Question(key=f"{seat}.name", words=words, needed=needed, others=others, shape=shapes.NAME))
    known = {same(value) for key, value in given.items() if key in _NAMES}
    given[f"{seat}.name"] = name
    if not name or same(name) in known:
        return
    reached = ""
    for platform in platforms:
        shape = shapes.SLACK_PERSON if platform == "slack" else shapes.ENTRA
        words = f"{name}: Their account id on {platform.title()}?"
        reached += _asked(ask, given, Question(key=f"{seat}.{platform}", words=words, shape=shape))
    words = f"{name}: Their phone number, for emergencies?"
    reached += _asked(ask, given, Question(key=f"{seat}.phone", words=words, shape=shapes.PHONE))
    words = f"{name}: Their e-mail address?"
    question = Question(key=f"{seat}.email", words=words, shape=shapes.EMAIL, needed=not reached)
    _asked(ask, given, question)


def _asked(ask: Ask, given: dict[str, str], question: Question) -> str:
    given[question.key] = ask(question)
    return given[question.key]


#: the answers that are names of people of the school
_NAMES = tuple(f"{seat}.name" for seat in (*(seat.value for seat, _, _ in SEATS), "office"))


def _others(seat: Seat, given: Mapping[str, str]) -> dict[str, str]:
    """Return who cannot hold this seat as well, since nobody could take over in a conflict, and why."""
    titles = {one: title for one, title, _ in SEATS}
    found = {}
    for one, other in conflicting():
        if seat in (one, other) and (name := given.get(f"{(one if seat is other else other).value}.name")):
            held = titles[one if seat is other else other]
            found[same(name)] = f"This is the {held}: nobody could take over in a conflict. Name another."
    return found


def _on_call(ask: Ask, given: dict[str, str]) -> None:
    """Ask who is told of emergencies first; the Headteacher and the DSL stand behind them."""
    names = tuple(dict.fromkeys(given[key] for key in _NAMES if given.get(key) and key != "office.name"))
    words = "Who is told first of emergencies, and in holidays?"
    given["on_call.name"] = ask(
        Question(key="on_call.name", words=words, usual=given["dsl.name"], choices=names)
    )


def _places(platform: str) -> Iterator[Question]:
    name = platform.title()
    channel = shapes.SLACK_CHANNEL if platform == "slack" else shapes.TEAMS_CHANNEL
    words = f"The id of the private leadership channel on {name}? {NONE}"
    yield Question(key=f"places.{platform}", words=words, shape=channel)
    what = "private channel, or the user group," if platform == "slack" else "channel of a team"
    words = f"The id of a {what} on {name} that all staff are in? They may report. {NONE}"
    yield Question(
        key=f"staff.{platform}", words=words, shape=shapes.SLACK_STAFF if platform == "slack" else channel
    )
