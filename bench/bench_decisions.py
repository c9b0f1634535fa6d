"""Decisions a second with full reasons, against a rules engine with its trace and against plain Python ifs.

All three are first made to agree on every answer set that is then timed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from bench.measure import SEED, Line, answer_sets, at_least, at_most, best, seconds
from bench.peers import plain_ifs
from bench.peers.zen_table import ZenPeer, covered, facts
from flows.policy.assessment import assess
from flows.policy.engine import Policy, decide, duties, form, load

Answers = dict[str, object]

SETS = 20_000
ENGINE_SETS = 2_000
COMMAND_SETS = 100_000


def measure() -> Iterable[Line]:
    """Yield the three speeds, their ratios, and the machine interface's time for 100,000 answer sets."""
    forgetful = _fresh(remember=0)
    sets = answer_sets(SETS)
    ready = [facts(assess(answers)) for answers in sets[:ENGINE_SETS]]
    zen = ZenPeer(forgetful)
    _agree(forgetful, sets[:ENGINE_SETS], zen)
    engine = len(ready) / best(lambda: [zen.decide(given) for given in ready], rounds=3)
    before = answer_sets(SETS, seed=SEED + 1)
    ours = SETS / min(_pass(sets, before) for _ in range(3))
    cold = SETS / min(_pass(sets, []) for _ in range(2))
    none = SETS / min(seconds(lambda: [decide(forgetful, assess(a)) for a in sets]) for _ in range(2))
    ifs = SETS / best(lambda: [plain_ifs.decide(answers) for answers in sets], rounds=3)
    yield Line(what="ours, answers to reasons", value=ours, unit="/s", note="answer sets never seen before")
    yield Line(what="the same, from a cold start", value=cold, unit="/s")
    yield Line(what="the same, remembering no row's outcome", value=none, unit="/s")
    rows = f"{len(covered(forgetful))} of {len(forgetful.table.row)} rows, from ready facts, no seats"
    yield Line(what="zen-engine with trace", value=engine, unit="/s", note=rows)
    yield Line(what="plain Python ifs", value=ifs, unit="/s", note="no reasons")
    yield at_least("ours against zen-engine", ours / engine, "×", 5)
    yield Line(what="remembering nothing, against zen-engine", value=none / engine, unit="×")
    yield Line(what="ours against plain ifs", value=ours / ifs, unit="×")
    command = _command()
    yield Line(what="python -m bot decide, 100,000 answer sets", value=command, unit="s")
    yield at_most("the same, against plain ifs on as many", command * ifs / COMMAND_SETS, "×", 3)


def _fresh(remember: int = 4096) -> Policy:
    """Return the packaged policy, loaded anew."""
    own, words = form("county")
    return load(duties(), own, words=words, remember=remember)


def _pass(sets: list[Answers], before: list[Answers]) -> float:
    """Return the time for each answer set once, with a policy that has decided other sets before."""
    fresh = _fresh()
    for answers in before:
        decide(fresh, assess(answers))
    return seconds(lambda: [decide(fresh, assess(answers)) for answers in sets])


def _agree(policy: Policy, sets: list[dict[str, object]], zen: ZenPeer) -> None:
    """Raise AssertionError unless all three say the same."""
    known = {row.id for row in covered(policy)}
    for answers in sets:
        assessment = assess(answers)
        decision = decide(policy, assessment)
        peer = plain_ifs.decide(answers)
        mine = {reason.row for reason in decision.reasons}
        if (
            list(decision.notify) != peer["notify"]
            or decision.leads != peer["leads"]
            or decision.urgency != peer["urgency"]
            or list(decision.actions) != peer["actions"]
            or decision.levels != peer["levels"]
            or mine != set(peer["rows"])
        ):
            raise AssertionError(f"the table and the ifs differ on {answers}")
        if zen.rows(facts(assessment)) != mine & known:
            raise AssertionError(f"the table and zen differ on {answers}")


def _command() -> float:
    """Return how long the command takes, start and JSON included, in seconds."""
    given = json.dumps(answer_sets(COMMAND_SETS)).encode()

    def run() -> None:
        subprocess.run(
            [sys.executable, "-m", "bot", "decide", "-"],
            input=given,
            stdout=subprocess.DEVNULL,
            check=True,
            cwd=Path(__file__).parents[1],
        )

    return best(run, rounds=2)
