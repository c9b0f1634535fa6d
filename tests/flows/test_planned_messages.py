"""Every message that a case plans, whole: which, where, to whom, about what, how soon, and by which key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from flows.case.actions import table as do
from flows.case.actions.amendments import Complete
from flows.case.commands import Escalate, Move, ReportTrouble
from flows.delivery.sends import edit, facts, moved, once_more, withdrawal
from flows.model import Send, SendState
from flows.school import Platform
from tests.flows.matter import ABUSE, AT, CHAIR, CHILD, DSL, HEAD, REPORTER, THREAT, Matter, report

GOLDEN = Path(__file__).parent / "golden"


def line(send: Send) -> str:
    """Return all that is not as it is without a word said of it."""
    said = msgspec.to_builtins(send)
    plain = msgspec.to_builtins(
        Send(
            key="",
            school=send.school,
            message=send.message,
            way=send.way,
            platform=send.platform,
            due=send.due,
        )
    )
    parts = [
        f"{name}={value}"
        for name, value in said.items()
        if name not in ("key", "school") and value != plain[name]
    ]
    return " ".join([send.key.replace(str(send.case), "CASE"), send.message, send.way, *parts]).replace(
        str(send.case), "CASE"
    )


def steps(name: str) -> Iterator[tuple[str, Matter]]:
    """Yield a case after each thing that happens to it."""
    match name:
        case "rude":
            matter = Matter(ABUSE)
            yield "reported", matter
            matter.do(do.TakeOn(), HEAD)
            yield "taken on", matter
            matter.do(do.AddNote("x"), HEAD)
            yield "a note", matter
            matter.do(do.HaveConflict("x"), HEAD)
            yield "the Headteacher steps out", matter
            matter.do(do.TakeOn(), CHAIR)
            yield "the Chair takes it on", matter
        case "threat":
            matter = Matter(THREAT)
            yield "reported", matter
            matter.do(Escalate(), None)
            yield "nobody answered", matter
            matter.do(ReportTrouble("notice", HEAD), None)
            yield "the Headteacher cannot be reached", matter
            matter.do(Move("unfit_place"), None)
            yield "the channel is unfit", matter
        case "child":
            matter = Matter({"immediate_danger": "yes"}, unfinished=True)
            yield "half a report", matter
            matter.do(Complete(report(CHILD)), REPORTER)
            yield "the rest of it", matter
            matter.do(do.TakeOn(), DSL)
            yield "taken on", matter
        case "head":
            matter = Matter({**ABUSE, "poster": ("headteacher",)})
            yield "reported", matter
            matter.do(do.TakeOn(), CHAIR)
            yield "taken on", matter


@pytest.mark.parametrize("name", ["rude", "threat", "child", "head"])
def test_what_a_case_plans(name: str, golden: Callable[[Path, str], None]) -> None:
    """A message less is somebody who is not told, one more somebody who must not know: read the diff."""
    said = []
    for what, matter in steps(name):
        said += [f"-- {what}", *(line(send) for send in matter.changes[-1].new_sends), ""]
    golden(GOLDEN / f"planned_{name}.txt", "\n".join(said))


def test_what_is_planned_anew_begins_anew(golden: Callable[[Path, str], None]) -> None:
    """A message that went out late and plain after three tries: written again or moved it is fresh."""
    (root, *_) = (send for send in Matter(THREAT).sends.values() if send.person == HEAD)
    worn = msgspec.structs.replace(
        root, state=SendState.SENT, attempts=3, attempted_at=AT, trouble="x", waits_since=AT, late=True,
        plain=True, version=4, broadcast=True,
    )  # fmt: skip
    anew = (edit(worn, AT), withdrawal(worn, AT), moved(worn, Platform.SLACK, AT), once_more(root, 7))
    golden(
        GOLDEN / "planned_anew.txt",
        "".join(f"{line(send)}\n  {facts(send)}\n" for send in anew).replace(str(root.case), "CASE"),
    )
