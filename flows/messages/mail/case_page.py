"""What goes to a mailbox for the page behind a link: the code that opens it, and a new link."""

from __future__ import annotations

from collections.abc import Mapping

from flows.case.actions.drilling import marked
from flows.messages import shared_blocks
from flows.model import Case
from flows.ui.cards import Block, Card, Heading, Link, Small, Text
from flows.words import say


def code(facts: Mapping[str, str]) -> Card | None:
    """Return the code; None = there is none any more. The subject, which a lock screen shows, has none."""
    if not facts.get("code"):
        return None
    blocks = (Text(say("mailed.code")), Heading(facts["code"]), Small(say("mailed.code_for_you")))
    return Card(kind="code", summary=say("mailed.code_subject"), blocks=blocks)


def new_link(case: Case, link: str) -> Card | None:
    """Return the link that somebody asked for by an older one; None = there is no page any more."""
    if not link:
        return None
    summary = say("mailed.new_link", ref=case.reference)
    blocks = (
        Heading(say("message.notice_title", ref=case.reference)),
        *shared_blocks.urgent(case),
        Text(summary),
        *the_link(link),
        Small(say("mailed.why")),
    )
    return marked(Card(kind="new_link", summary=summary, blocks=blocks), case)


def the_link(link: str) -> tuple[Block, ...]:
    """Return the link, and what it is good for."""
    return Link(say("mailed.open"), link), Small(say("mailed.open_how"))
