"""What stands beside a case: others it is linked with, and what else there was of an account.

None of these changes the case: somebody who must not know of the other would see that by it. What is linked
is kept beside both (:class:`flows.model.Link`), and shown to whoever may read both at that moment.
"""

from __future__ import annotations

from typing import ClassVar

from flows.case.declared import ByPerson, Declared, On, asks, stays, words
from flows.model import Action, Case, Status
from flows.model import Capability as Can
from flows.ui.forms import TextField
from flows.words import say

_WHICH = TextField(name="which", label=say("form.link.which"), required=True, most=60)


class LinkWith(ByPerson, frozen=True):
    """It belongs together with another case: which, by its reference, and why."""

    which: str
    text: str = ""
    declared: ClassVar = Declared(
        action=Action.LINK,
        leads_to=stays(*Status),
        needs=Can.ACT,
        on=(On.CARD, On.RECORD),
        fields=asks(_WHICH, words("text", "form.link.text", required=False)),
        adds_only=True,
    )


class Unlink(ByPerson, frozen=True):
    """It does not belong together with another after all: which, and why."""

    which: str
    text: str
    declared: ClassVar = Declared(
        action=Action.UNLINK,
        leads_to=stays(*Status),
        needs=Can.ACT,
        on=(),
        fields=asks(_WHICH, words("text", "form.unlink.text")),
        adds_only=True,
    )


def _names_an_account(case: Case, _person: object) -> bool:
    return bool(case.report.posting.account_name)


class Chronology(ByPerson, frozen=True):
    """Show me what else there was of this account, as far as I may read it."""

    declared: ClassVar = Declared(
        action=Action.CHRONOLOGY,
        leads_to=stays(*Status),
        needs=Can.READ,
        on=(On.CARD, On.RECORD),
        worth=_names_an_account,
    )
