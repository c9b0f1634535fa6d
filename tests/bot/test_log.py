"""Nothing a person typed, no name and no token ever reaches a log handler."""

from __future__ import annotations

import datetime as dt
import io
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiohttp.http_exceptions import ContentEncodingError

from bot import log
from flows.errors import StoreError
from flows.model import Status
from flows.school import Platform

WORDS = "Ash Example said something"
TOKEN = "xoxb-0000-very-secret"


class Everything(logging.Handler):
    """A handler as curious as can be: keeps all that a record holds, in every way of reading it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the attributes, the formatted text and the traceback of a record."""
        attributes = [repr(getattr(record, name, None)) for name in dir(record) if not name.startswith("__")]
        self.seen += [
            repr(vars(record)),
            *attributes,
            logging.Formatter().format(record),
            str(record.exc_info),
        ]


@pytest.fixture
def handler() -> Iterator[Everything]:
    """Scrub as the running bot does, with a curious handler listening to every logger; undone afterwards."""
    with undone():
        log.setup("debug", io.StringIO())
        everything = Everything()
        logging.getLogger().addHandler(everything)
        logging.getLogger().setLevel(logging.DEBUG)
        yield everything


@contextmanager
def undone() -> Iterator[None]:
    """Put logging and the hooks back as they were."""
    root, factory = logging.getLogger(), logging.getLogRecordFactory()
    level, handlers = root.level, root.handlers[:]
    hooks = threading.excepthook, sys.unraisablehook
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = hooks
        logging.captureWarnings(capture=False)
        logging.setLogRecordFactory(factory)
        root.handlers[:] = handlers
        root.setLevel(level)


def fail() -> None:
    """Raise an exception full of words, caused by another."""
    try:
        {}[TOKEN]
    except KeyError as error:
        raise ValueError(WORDS) from error


def caught() -> ValueError:
    """Return that exception, as it was caught."""
    try:
        fail()
    except ValueError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (log.Ref("01JD0000000000000000000000"), "01JD0000000000000000000000"),
        (log.Ref("HPS-2026-014/3"), "HPS-2026-014/3"),
        (log.Ref(WORDS), "<Ref>"),  # calling words an id does not make them one
        (Status.ESCALATED, "escalated"),
        (Platform.SLACK, "slack"),
        (3, "3"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "none"),
        (dt.timedelta(seconds=90), "0:01:30"),
        (dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC), "2026-11-24T09:00:00+00:00"),
        (WORDS, "<str>"),
        (WORDS.encode(), "<bytes>"),
        ([WORDS], "<list>"),
        ({"name": WORDS}, "<dict>"),
        (object(), "<object>"),
    ],
)
def test_what_may_be_shown(value: object, text: str) -> None:
    """Minted ids, closed words, numbers and times are shown; of anything else only its type."""
    assert text == log.loggable(value)


def test_our_events(handler: Everything) -> None:
    """An event is told with the facts that are allowed, and with no others."""
    log.note("case.opened", case=log.Ref("01JD"), words=WORDS, count=2)
    assert "case.opened case=01JD words=<str> count=2" in handler.seen
    assert WORDS not in str(handler.seen)


def test_a_bare_event_of_ours(handler: Everything) -> None:
    """A module of ours may log an event by its name alone; a sentence of ours is treated as a library's."""
    ours = logging.getLogger("bot.worker")
    ours.warning("worker.failed", extra={"who": WORDS})
    assert "worker.failed" in handler.seen
    ours.warning(WORDS)
    assert WORDS not in str(handler.seen)


def test_an_event_has_a_noun_and_a_verb() -> None:
    """A sentence is refused as an event's name: it could hold anything."""
    with pytest.raises(ValueError, match=r"noun\.verb"):
        log.note(WORDS)


def test_an_error_is_type_and_place(handler: Everything) -> None:
    """Of an exception and what caused it, type and place are told and no word of the messages."""
    log.note("send.failed", error=caught(), level=logging.ERROR)
    (line,) = {seen for seen in handler.seen if seen.startswith("send.failed")}
    assert line.startswith("send.failed error=ValueError@test_log.py:")
    assert ":fail from KeyError@test_log.py:" in line
    assert not [seen for seen in handler.seen if WORDS in seen or TOKEN in seen]


def test_our_errors_keep_their_reference(handler: Everything) -> None:
    """Our own errors are told by their documented reference."""
    log.note("store.failed", error=StoreError("disk-full", WORDS, WORDS))
    assert "store.failed error=StoreError[disk-full]" in handler.seen


def leaks(library: logging.Logger) -> Iterator[None]:
    """Log a person's words and a token in every way a library might, one at a time."""
    yield library.debug(f"body: {WORDS}")
    yield library.info("body: %s", WORDS)
    yield library.warning("%(a)s", {"a": TOKEN})
    yield library.error("with more", extra={"body": WORDS, "token": TOKEN})
    yield library.error(caught())
    yield library.error("with stack", stack_info=True)
    yield library.error(WORDS, exc_info=caught())
    yield library.log(35, {"body": WORDS})
    try:
        fail()
    except ValueError:
        yield library.exception("caught: %s", TOKEN)


@pytest.mark.parametrize("name", ["aiohttp.access", "slack_bolt.App", "asyncio", f"app.{WORDS}", "root"])
def test_libraries(handler: Everything, name: str) -> None:
    """Whatever a library logs, and however, a handler learns only where it was said."""
    library = logging.getLogger(name)
    library.setLevel(logging.DEBUG)
    for _ in leaks(library):
        assert "library.said at=test_log.py" in handler.seen[-2]
    for secret in (WORDS, TOKEN, "very-secret", "Ash", "body", "said something"):
        assert not [seen for seen in handler.seen if secret in seen]
    assert not [seen for seen in handler.seen if "Traceback" in seen]


def test_warnings(handler: Everything) -> None:
    """A warning that a library shows goes the same way."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(WORDS, UserWarning, stacklevel=1)
    assert handler.seen
    assert WORDS not in str(handler.seen)


def test_lines_and_levels() -> None:
    """Lines go to the stream with time, level and logger; libraries below WARNING are not written at all."""
    stream = io.StringIO()
    with undone():
        log.setup("info", stream)
        logging.getLogger("library").info("quiet")
        log.note("case.closed", level=logging.DEBUG)
        log.note("case.opened", school=log.Ref("HPS"))
    (line,) = stream.getvalue().splitlines()
    assert line.endswith(" INFO bot case.opened school=HPS")
    assert dt.datetime.fromisoformat(line.split()[0]).tzinfo == dt.UTC


class Leaving:
    """Something that breaks while it is cleaned up."""

    def __del__(self) -> None:
        """Raise, where nobody can catch it."""
        raise ValueError(WORDS)


def test_rubbish_from_outside_is_no_trouble() -> None:
    """Bytes that are no request are no error of ours, however often they come: one line, at its level."""
    stream = io.StringIO()
    with undone():
        log.setup("info", stream)
        for _ in range(100):
            broke = ContentEncodingError("a secret")
            logging.getLogger("aiohttp.server").error(
                "Error handling request from %s", "here", exc_info=broke
            )
    (line,) = stream.getvalue().splitlines()
    assert " INFO aiohttp.server library.said " in line
    assert "secret" not in line


def test_what_nobody_caught(handler: Everything, capsys: pytest.CaptureFixture[str]) -> None:
    """An exception that ends a thread, or a clean-up, is told by type and place, and printed nowhere."""
    broken = threading.Thread(target=fail)
    broken.start()
    broken.join()
    leaving = Leaving()
    del leaving
    events = {seen.split("@")[0] for seen in handler.seen if seen.startswith(("thread.", "cleanup."))}
    assert events == {"thread.broke error=ValueError", "cleanup.broke error=ValueError"}
    told = capsys.readouterr()
    assert WORDS not in str(handler.seen) + told.err + told.out
