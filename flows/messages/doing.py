"""What a reporter is asked to do or to leave. What leaders do is :mod:`flows.messages.checklist`."""

from __future__ import annotations

from flows.case.checklist.names import RINGING_999, has_replied, pressing
from flows.model import Case, Status
from flows.words import known, say


def for_reporter(case: Case) -> tuple[str, ...]:
    """Return what a reporter is asked to do or to leave, most pressing first, as far as it applies."""
    if case.status is Status.CLOSED and case.decision.notify:
        return ()
    done = {*RINGING_999, "if_in_doubt_call_999"} if case.called_999 else set()
    done |= {"do_not_reply"} if has_replied(case) else set()
    actions = [a for a in pressing(case.decision.actions) if a not in done]
    kept = case.report.given.get("evidence") in ("saved", "link", "both") or case.report.posting.files
    instead = {
        "preserve_evidence": "" if kept else "advice.no_evidence",
        "stop_replying_keep_reply": "" if has_replied(case) else "advice.if_replied",
    }
    names = (instead.get(action) or f"advice.{action}" for action in actions)
    return tuple(say(name) for name in names if known(name))
