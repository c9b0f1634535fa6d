"""What somebody can do to a case: a class an action, with all there is to know of it.

Each says when it is allowed and to whom, where it is offered, what its form asks for, and what it does.
The lifecycle, the buttons, the forms and access are read off :data:`ACTIONS`.
"""

from __future__ import annotations

from flows.case.actions.amendments import AddToReport, Amend, AskForSupport, Correct
from flows.case.actions.beside import Chronology, LinkWith, Unlink
from flows.case.actions.care import RecordCare
from flows.case.actions.drilling import EndDrill
from flows.case.actions.endings import Close, Countersign, RecordOwn, Reopen
from flows.case.actions.exporting import MakeExport
from flows.case.actions.following import RecordReference, ShowPlan, Snooze
from flows.case.actions.handing import Assign, Write
from flows.case.actions.keeping import KeepLonger, LegalHold, LiftLegalHold
from flows.case.actions.leading import (
    AddNote,
    ClearHold,
    Confirm999,
    Hold,
    OpenRecord,
    ShowReporter,
    TakeOn,
)
from flows.case.actions.mailing import EndLinks
from flows.case.actions.packing import MakePack
from flows.case.actions.settling import GoesOn, RecordContact, RecordMeeting
from flows.case.actions.writing import ApproveLetter
from flows.case.checklist.record import RecordTask, ShowMore
from flows.case.declared import ByPerson, On
from flows.case.duties import (
    RecordChildrensServices,
    RecordImagery,
    RecordLado,
    RecordLegal,
    RecordPolice,
)
from flows.case.exclusion import BringIn, HaveConflict, KeepOut
from flows.model import Action, Case
from flows.school import PersonId

#: Every action, in the order in which its buttons stand.
ACTIONS: dict[Action, type[ByPerson]] = {
    kind.declared.action: kind
    for kind in (
        TakeOn, OpenRecord, ShowMore, Confirm999, RecordLado, RecordChildrensServices, RecordImagery,
        RecordLegal, RecordPolice, RecordOwn, RecordReference, RecordTask, RecordCare, ClearHold,
        RecordContact, RecordMeeting, ApproveLetter, MakePack, MakeExport, GoesOn, Assign, AddNote, Write,
        ShowReporter, Hold, ShowPlan, Snooze, AddToReport, AskForSupport, Amend, Correct, KeepOut,
        BringIn, LinkWith, Unlink, Chronology, EndLinks, KeepLonger, LegalHold, LiftLegalHold, EndDrill,
        Close, Countersign, Reopen, HaveConflict,
    )
}  # fmt: skip


def offered(case: Case, on: On, person: PersonId | None = None) -> list[Action]:
    """Return the actions that are worth a button on this card now; None = whoever reads the channel.

    Whether ``person`` may do it is not asked here: ``access.may_do`` is.
    """
    declared = [kind.declared for kind in ACTIONS.values()]
    return [
        one.action
        for one in declared
        if on in one.on
        and case.status in one.leads_to
        and not (one.waits_on_hold and case.hold)
        and one.worth(case, person)
    ]
