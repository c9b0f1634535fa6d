"""Everything that reads what comes from outside, each as bytes in and a refusal of ours as the only way out.

Whatever comes: it is read, or refused as somebody can be told; it ends, and it does not grow. The examples
are what really comes, so that changed bytes get past the first look.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from adapters.email import parse as email
from adapters.slack import message_reader as slack_message
from adapters.slack import origin as slack_origin
from adapters.slack import parse as slack
from adapters.teams import html_reader
from adapters.teams import parse as teams
from adapters.web import parse as web
from bot.backups import wrapped
from bot.config.environment import decoded_key
from bot.config.settings import SAMPLE_SCHOOL
from bot.documents import paper
from bot.exports.verify import verify as verify_export
from bot.school_file.load import read_school
from bot.turns.evidence import sniff
from flows import postings
from flows.errors import ReportingError
from flows.finding import filters, query
from flows.intake.from_words import offered_by
from flows.letters.table import Letter
from flows.letters.template import faults, fill, packaged, placeholders
from flows.model import Action
from flows.policy.engine.policy import duties, load
from flows.policy.own import read_own
from flows.questions.keywords import WORDS
from flows.ui import intents
from flows.ui.inbound import Surface
from flows.ui.intents import Act, AnswerPage, Ask, Begin, ChatCommand, Fill, Intent, SendReport
from storage.seal import Sealer
from tests.bot.turns.test_export import WHOLE
from tests.email.bounces import OTHERS, REPORTS
from tests.flows.talking import new, type_
from tests.slack import payloads
from tests.teams import activities

Body = dict[str, Any]
INTENTS: tuple[Intent, ...] = (
    Begin(),
    AnswerPage("draft-1", 1, "danger"),
    SendReport("draft-1", 3),
    Act("case-1", Action.NOTE, 4, "which"),
    Fill("case-1", Action.NOTE, 4),
    Ask(ChatCommand.FIND, "words: school"),
)
SAID = (
    *("yes", "not sure", "1, 3", "find link: https://social.example/p/1 since: 1/9/2026", "cases mine 2"),
    *("Somebody wrote <b>awful</b> things about Ms Ash on https://social.example/p/1?utm=2 yesterday",),
)

#: what takes so much longer is tried so much less often
DEAR = 10


class Reader(Struct, frozen=True):
    """One that reads; ``seeds`` = what it reads every day; ``json`` = JSON, changed as such.

    ``dear`` = it takes milliseconds, and is tried a tenth as often.
    """

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    json: bool = False
    dear: bool = False

    def share(self, runs: int) -> int:
        """Return how often it is tried, where most are tried so often."""
        return runs // DEAR if self.dear else runs


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _of_json(*readers: Callable[[Body], object]) -> Callable[[bytes], object]:
    """Return a reader of what a library has made of JSON; what is no object has been answered before."""

    def read(content: bytes) -> None:
        try:
            body = json.loads(content)
        except (ValueError, RecursionError):
            return
        if isinstance(body, dict):
            for reader in readers:
                _refused(reader, body)

    return read


def _refused(reader: Callable[..., object], *given: object) -> None:
    """Read; what can be told to whoever sent it is an answer."""
    try:
        reader(*given)
    except ReportingError:
        return


def _each(*readers: Callable[[str], object]) -> Callable[[bytes], object]:
    def read(content: bytes) -> None:
        for reader in readers:
            _refused(reader, _text(content))

    return read


def _sent(text: str) -> str:
    """Return a text as it comes in a form: it was UTF-8 on its way, in which there is no half a character."""
    return text.encode("utf-8", "replace").decode()


def _page(content: bytes) -> None:
    """Read the pairs of a posted page as each of the things that a page can be."""
    try:
        pairs = [
            (_sent(name), _sent(value))
            for name, value in json.loads(content)
            if isinstance(name, str) and isinstance(value, str)
        ]
    except (ValueError, TypeError, RecursionError):
        return
    surface = Surface.MESSAGE
    _refused(lambda: web.pressed("a", "k", pairs, surface=surface))
    _refused(lambda: web.filled("a", "k", pairs, surface=surface))
    _refused(lambda: web.uploaded("a", "k", pairs, ()))
    _refused(lambda: web.asked("a", "k", pairs))
    web.values(pairs)
    web.noted("a", "k", channel="c", thread="t", text=web.first(pairs, "text"))


def _policy(content: bytes) -> None:
    """Read a school's own policy: what is wrong is said of a row, and duties stay."""
    _refused(lambda: load(duties(), read_own(_text(content)), remember=0))


def _template(content: bytes) -> None:
    """Read a school's own letter; one without a fault can be filled in."""
    text = _text(content)
    if not list(faults(Letter.INVITATION, text)):
        fill(text, dict.fromkeys(placeholders(Letter.INVITATION), "x"))


def _link(text: str) -> None:
    """Bring an address and a name to the form in which they are compared."""
    postings.normal_link(text)
    postings.normal_account(text)
    postings.blinded(text)


def _json(*bodies: object) -> tuple[bytes, ...]:
    return tuple(json.dumps(body).encode() for body in bodies)


def _bytes(texts: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


_PRIVATE = intents.encode(INTENTS[1])
_FILLED = {"field:text": {"x": {"type": "plain_text_input", "value": "words"}}}
_SLACK = _json(
    payloads.command("find school"),
    payloads.press({"action_id": "press:0", "value": intents.encode(Begin())}),
    payloads.submission(_PRIVATE, _FILLED),
    payloads.pressed_in_view({"action_id": "x", "value": _PRIVATE}, payloads.view(_PRIVATE, _FILLED)),
    payloads.closed(_PRIVATE),
    payloads.shortcut("report", "Look at this <https://social.example/p/1|post>"),
    payloads.said(
        "it was <@U1>", blocks=[{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}]
    ),
    payloads.said("", subtype="message_changed", message={"text": "now", "user": payloads.RAE}),
)
_TEAMS = _json(
    activities.arrives(activities.personal, text="<at>Report</at> hello", textFormat="xml"),
    activities.in_channel(**activities.mention("a note")),
    activities.press({"intent": intents.encode(Begin()), "text.words": "x"}),
    activities.submit({"intent": _PRIVATE, "one.danger": "no"}),
    activities.on_message("report", "<p>Look at <a href='https://social.example/p/1'>this</a></p>"),
)
_HTML = (
    "<p>Look <a href='https://social.example/p/1'>here</a></p>",
    "<p><img itemtype='http://schema.skype.com/Emoji' alt='x'></p>",
    "<blockquote itemtype='http://schema.skype.com/Reply'>before</blockquote><div>after&nbsp;that</div>",
)
_FORMS = tuple(SAMPLE_SCHOOL.parents[2].glob("flows/policy/forms/*.toml"))
_MAILS = (*(text for text, _ in REPORTS.values()), *OTHERS.values())
_PAGES = _json(
    *(
        [
            ["intent", intents.encode(intent)],
            ["one.danger", "no"],
            ["many.targets", "school"],
            ["text.words", "x"],
            ["also", "{}"],
        ]
        for intent in INTENTS
    ),
    [["command", "find"], ["argument", "school"]],
)

_SEALER = Sealer(bytes(32))
_PIECE = _SEALER.seal(b"what a folder holds", "backup", "last", "a-name", 0)
_BACKUP = b"report-posting backup 1\n" + len(_PIECE).to_bytes(4) + _PIECE

READERS: dict[str, Reader] = {
    "backup": Reader(
        lambda content: _refused(lambda: list(wrapped.opened([content], _SEALER, "a-name"))), (_BACKUP,)
    ),
    "buttons": Reader(_each(intents.decode), _bytes(map(intents.encode, INTENTS)), json=True),
    "email": Reader(email.parse, _bytes(text.replace("{id}", "<a.b@school.example>") for text in _MAILS)),
    "export": Reader(verify_export, (WHOLE,)),
    "files": Reader(sniff, (WHOLE, b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"RIFF1234WEBP", b"\xff\xd8\xff")),
    "keys": Reader(
        _each(decoded_key, lambda text: paper.key_of_lines(text.splitlines())),
        _bytes(("00" * 32, "\n".join(paper.lines_of(bytes(32))))),
    ),
    "letters": Reader(_template, _bytes((packaged(Letter.INVITATION),))),
    "links": Reader(_each(_link), _bytes(("https://m.social.example/p/1?utm_source=x#y", "@Name.Example"))),
    "page": Reader(_page, _PAGES, json=True),
    "policy": Reader(_policy, tuple(one.read_bytes() for one in _FORMS), dear=True),
    "school": Reader(_each(read_school), (SAMPLE_SCHOOL.read_bytes(),), dear=True),
    "search": Reader(_each(query.read, filters.asked), _bytes(SAID)),
    "slack": Reader(
        _of_json(
            *(slack.command, slack.shortcut, slack.submission, slack.press, slack.kept_first, slack.typed),
            *(slack.reworded, slack.opened_home, slack.is_direct, slack_origin.place),
            *(slack_origin.person, slack_message.read, slack_message.ids),
        ),
        _SLACK,
        json=True,
    ),
    "teams": Reader(_of_json(teams.parse), _TEAMS, json=True),
    "teams html": Reader(_each(html_reader.read), _bytes(_HTML)),
    "words": Reader(
        _each(lambda text: type_(new(), text), lambda text: offered_by({WORDS: text})), _bytes(SAID)
    ),
}
