"""What every bench shares: a line of the report, times and percentiles, answer sets, the machine in words."""

from __future__ import annotations

import os
import platform
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

SEED = 20_26


class Line(Struct, frozen=True, kw_only=True):
    """One thing measured. ``met`` None = reported without a goal."""

    what: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None
    note: str = ""


def at_most(what: str, value: float, unit: str, most: float, note: str = "") -> Line:
    """Return a line whose goal is an upper bound."""
    return Line(what=what, value=value, unit=unit, goal=f"≤ {most:g}", met=value <= most, note=note)


def at_least(what: str, value: float, unit: str, least: float, note: str = "") -> Line:
    """Return a line whose goal is a lower bound."""
    return Line(what=what, value=value, unit=unit, goal=f"≥ {least:g}", met=value >= least, note=note)


def seconds(work: Callable[[], object]) -> float:
    """Return how long ``work`` took, in seconds of wall clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best(work: Callable[[], object], *, rounds: int = 5) -> float:
    """Return the shortest of several times, in seconds: what the work costs when nobody else is about."""
    return min(seconds(work) for _ in range(rounds))


def percentile(times: Sequence[float], part: int) -> float:
    """Return the value below which ``part`` per cent of the times lie."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * part // 100)]


def resident_mb() -> float:
    """Return the memory this process holds now, in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def machine() -> str:
    """Return the machine in a sentence, without naming it."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, load {load:.1f} when it began"
    )


MAYBE = ("yes", *("no",) * 10, "not_sure")  # most reports have no word of danger in them
ONE: dict[str, tuple[str, ...]] = {
    "immediate_danger": MAYBE,
    "sexual_imagery_child": MAYBE,
    "child_at_risk": MAYBE,
    "adult_at_risk": MAYBE,
    "violence": MAYBE,
    "sexual": MAYBE,
    "racist": MAYBE,
    "other_hate": MAYBE,
    "stance": ("not_applicable", "repeats_or_agrees", "condemns_or_corrects", "cannot_tell"),
    "still_online": ("yes", "removed", "not_sure"),
    "evidence": ("saved", "link", "both", "none", "skipped"),
    "replied": ("no", "reporter", "colleague", "school_account", "not_sure"),
    "repeated": ("yes", "no", "not_sure"),
    "keep_name_private": ("yes", "no"),
}
MANY: dict[str, tuple[str, ...]] = {
    "targets": (
        "school",
        "headteacher",
        "staff",
        "governor",
        "chair",
        "pupil",
        "parent_or_other_adult",
        "not_sure",
    ),
    "poster": (
        "parent_carer",
        "pupil",
        "staff",
        "headteacher",
        "governor",
        "chair",
        "former",
        "other_known",
        "unknown",
    ),
    "did": ("made", "shared", "responded", "reacted_only", "not_sure"),
    "nature": (
        "untrue_or_inaccurate",
        "abusive",
        "could_harm_reputation",
        "critical_of_leadership",
        "genuine_concern",
        "impersonates",
        "private_information",
        "not_sure",
    ),
    "platform": ("internet_or_email", "smartphone_or_messaging", "blog", "forum", "collaborative_space"),
}
SOMETIMES: dict[str, tuple[str, ...]] = {
    "staff_allegation": ("headteacher", "staff", "governor", "chair", "not_sure"),
    "reporter_link": ("is_target", "is_poster", "is_headteacher"),
    "keep_from": ("headteacher", "dsl", "chair", "vice_chair"),
    "text_denied": ("violence", "child_at_risk", "adult_at_risk", "staff_allegation"),
}


def answer_sets(count: int, seed: int = SEED) -> list[dict[str, object]]:
    """Return ``count`` whole reports' answers, the same for the same seed, shaped like a year's reports."""
    dice = random.Random(seed)  # noqa: S311 - invented answers, not secrets
    sets: list[dict[str, object]] = []
    for _ in range(count):
        answers: dict[str, object] = {key: dice.choice(values) for key, values in ONE.items()}
        for key, values in MANY.items():
            answers[key] = sorted(dice.sample(values, dice.choice((1, 1, 1, 2, 3))))
        for key, values in SOMETIMES.items():
            answers[key] = sorted(dice.sample(values, dice.choice((0, 0, 0, 0, 1, 2))))
        sets.append(answers)
    return sets
