"""How often a long property is tried: in full by make soak, a slice of it by make test."""

from __future__ import annotations

from hypothesis import settings

SLICE = 24  # of a full soak, so much is in every run


def often(full: int, least: int = 3, *, part: int = SLICE) -> int:
    """Return how many examples this run asks for, of what a full soak does: one in ``part``."""
    return full if settings.get_current_profile_name() == "fresh" else max(full // part, least)
