"""What is said where a step makes no sense, or is nobody's business: each refusal once, in its own words."""

from __future__ import annotations

from flows.errors import NotAllowed, NotFound, Stale
from flows.words import say


def refuse(name: str, **gaps: str) -> NotAllowed:
    """Return the error for a step that makes no sense now."""
    return NotAllowed(name.replace("_", "-"), *_words(name, **gaps))


def no_such_case() -> NotFound:
    """Return the error for a case that is not there, or not there for this person."""
    return NotFound("no-such-case", *_words("no_such_case"))


def stale() -> Stale:
    """Return the error for a button or a form from before the last change."""
    return Stale("stale", *_words("stale"))


def _words(name: str, **gaps: str) -> tuple[str, str]:
    return say(f"case.refused.{name}", **gaps), say(f"case.refused.{name}_hint")
