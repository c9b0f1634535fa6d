"""Logging without personal data: what is allowed is decided by *type*, and everything else is left out.

Allowed are ids that we minted (:class:`Ref`), closed words (enums), numbers, booleans and times. Any
other value becomes ``<str>``, ``<dict>``… An exception becomes its type and the place it was raised,
never its message. All of it happens when a record is *made*, for every logger of the process, so no
handler, formatter or error reporter can see more. A library's own message becomes the place it was
written at: it may have a name or a token in it, and nobody can tell.

``setup()`` is called once by the command line. An event is named ``noun.verb`` and stands in
``log_events``. In ``bot`` ``note(…)`` logs one; elsewhere a logger called after our module does, with the
facts as the one argument: ``_log.warning("file.waits", {"reference": error.reference})``.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import PurePath
from types import TracebackType
from typing import Any, TextIO

from bot.log_events import EVENTS
from flows.errors import ReportingError

#: Loggers of ours are called after our modules: ``bot``, ``adapters.slack`` …
ROOT = "bot"
OURS = (ROOT, "adapters", "storage")

_EVENT = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_FACT = re.compile(r"[a-z][a-z0-9_]*")
_LOGGER = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,79}")
_REFERENCE = re.compile(r"[a-z][a-z0-9-]{0,59}")
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9:/_-]{0,119}")
_DEEPEST = 5
#: what aiohttp raises for bytes that are no request
_MALFORMED = "HttpProcessingError"
#: how long the same trouble is only counted, and of how many kinds that is remembered
_REPEAT_SECONDS, _MOST_REPEATS = 60.0, 500


class Ref(str):
    """An id that we minted (a case, a draft, a school's prefix, a key): may stand in a log."""

    __slots__ = ()


class LogEvent:
    """An event to be logged: its name and its facts, already reduced to what may be told."""

    __slots__ = ("text",)

    def __init__(self, event: str, facts: dict[str, object]) -> None:
        """Refuse with ValueError an event that is not ``noun.verb``."""
        if not _EVENT.fullmatch(event):
            raise ValueError("an event is named noun.verb")
        lines = (f"{key}={_fact(key, value)}" for key, value in facts.items() if _FACT.fullmatch(key))
        self.text = " ".join([event, *lines])

    def __str__(self) -> str:
        """Return the event on one line."""
        return self.text


def note(
    event: str, *, level: int = logging.INFO, error: BaseException | None = None, **facts: object
) -> None:
    """Log an event, from any module; ``error`` adds its type and place."""
    logging.getLogger(ROOT).log(level, LogEvent(event, facts), exc_info=error)


def _fact(key: str, value: object) -> str:
    """Return a fact; an error's own reference may stand there, whoever hands it on."""
    known = key == "reference" and isinstance(value, str) and _REFERENCE.fullmatch(value)
    return loggable(Ref(value) if known else value)


def loggable(value: object) -> str:
    """Return a value as a log may show it: itself if its type is allowed, else only its type."""
    match value:
        case Enum():
            return loggable_word(value)
        case Ref() if _REF.fullmatch(value):
            return str.__str__(value)
        case None | bool() | int() | float() if type(value) in (type(None), bool, int, float):
            return repr(value).lower()
        case dt.datetime() | dt.timedelta():
            return str(value).replace(" ", "T")
        case BaseException():
            return described(value)
        case _:
            return f"<{type(value).__name__}>"


def loggable_word(value: Enum) -> str:
    """Return a closed word; its name where its value is no plain word."""
    return value.value if isinstance(value.value, str) and _REF.fullmatch(value.value) else value.name


def described(error: BaseException) -> str:
    """Return an exception as type and place, with the types of what caused it; never its message."""
    return " from ".join(_one(each) for each in _chain(error))


def setup(level: str = "info", stream: TextIO | None = None) -> None:
    """Scrub every record of this process from now on, and write them to ``stream`` (standard error).

    Ours from ``level`` up; those of libraries from WARNING up, since some log whole requests below.
    """
    logging.setLogRecordFactory(scrubbed)
    writer = logging.StreamHandler(stream or sys.stderr)
    writer.setFormatter(_Line())
    writer.addFilter(_Repeats())
    logging.basicConfig(level=logging.WARNING, handlers=[writer], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.captureWarnings(capture=True)
    # What nobody caught would otherwise be printed with its message.
    threading.excepthook = lambda broke: note("thread.broke", level=logging.ERROR, error=broke.exc_value)
    sys.unraisablehook = lambda broke: note("cleanup.broke", level=logging.ERROR, error=broke.exc_value)


def scrubbed(  # noqa: PLR0917 - the shape logging calls its record factory with
    name: str,
    level: int,
    path: str,
    line: int,
    message: object,
    args: object,
    error: Any = None,
    function: str | None = None,
    stack: str | None = None,
    **_: object,
) -> logging.LogRecord:
    """Return a record that holds nothing but what may be told. Shape as logging's own record factory."""
    del stack
    place = f"{PurePath(path).name}:{line}"
    text = f"library.said at={place}"
    if isinstance(message, LogEvent):
        text = message.text
    elif isinstance(message, str) and name.split(".", maxsplit=1)[0] in OURS and message in EVENTS:
        text = LogEvent(message, _facts(args)).text
    found = error[1] if isinstance(error, tuple) else error
    if isinstance(found, BaseException):
        text = f"{text} error={described(found)}"
        if any(kind.__name__ == _MALFORMED for kind in type(found).__mro__):
            level = logging.INFO  # whoever sends rubbish to an open port is no trouble of ours
    name = name if _LOGGER.fullmatch(name) else "<str>"
    record = _Record(name, level, PurePath(path).name, line, text, None, None, function)
    record.threadName = record.processName = record.taskName = None
    return record


def _facts(args: object) -> dict[str, object]:
    """Return the facts an event was logged with: the one argument, where it is a mapping."""
    match args:
        case (Mapping() as facts,) | (Mapping() as facts):
            return dict(facts)
        case _:
            return {}


class _Record(logging.LogRecord):
    """A record to which ``extra=`` adds nothing: logging writes those into ``__dict__`` after the making."""

    taskName: str | None  # noqa: N815 - logging's own name

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        """Return a copy, so that what is written into it is lost."""
        own: dict[str, Any] = logging.LogRecord.__dict__["__dict__"].__get__(self)
        return dict(own)


class _Repeats(logging.Filter):
    """Lets the same trouble through once a minute, with how often it came in between."""

    def __init__(self) -> None:
        super().__init__()
        #: by line: when it was let through, and how often it came since
        self._said: dict[tuple[str, str], list[float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if record.levelno < logging.WARNING and " error=" not in text:
            return True
        key = (record.name, text)
        said = self._said.pop(key, [0.0, 0.0])
        due = record.created - said[0] >= _REPEAT_SECONDS
        self._said[key] = [record.created, 0] if due else [said[0], said[1] + 1]
        if len(self._said) > _MOST_REPEATS:
            del self._said[next(iter(self._said))]
        if due and said[1]:
            record.msg = f"{text} repeated={said[1]:.0f}"
        return due


class _Line(logging.Formatter):
    """One line a record: when (UTC), level, logger, event, facts."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        return f"{at} {record.levelname} {record.name} {record.getMessage()}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(_DEEPEST):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _one(error: BaseException) -> str:
    kind = type(error).__name__
    if isinstance(error, ReportingError) and _REFERENCE.fullmatch(error.reference):
        kind = f"{kind}[{error.reference}]"
    return f"{kind}{_place(error.__traceback__)}"


def _place(trace: TracebackType | None) -> str:
    """Return where an exception was raised: the innermost frame."""
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return f"@{PurePath(code.co_filename).name}:{trace.tb_lineno}:{code.co_name}"
