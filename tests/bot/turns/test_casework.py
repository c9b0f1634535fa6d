"""The leaders' side, a turn at a time: whose files, whose words, and what the one who pressed is answered."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from msgspec.structs import replace

from bot.turns import evidence
from flows.model import (
    Action,
    AuditKind,
    Case,
    CaseId,
    Change,
    DraftId,
    EventKind,
    Handled,
    Timer,
    TimerKind,
)
from flows.school import PersonId, Platform
from flows.ui.cards import Tone
from flows.ui.forms import Form, TextField, Value
from flows.ui.inbound import Noted, Receipt, Refuse, Reply, Show, Upload, Uploaded
from flows.ui.intents import Act, ChatCommand, Fill, TakeOut
from flows.words import say
from storage.open import open_store
from tests.fuzz.crowd import PNG
from tests.story.test_story import ABUSE, BY_THE_HEAD
from tests.town import SCHOOL, Town, said

REFERENCES = ("HPS-2026-001", "HPS-2026-002")


async def reported(*answers: dict[str, Value]) -> Town:
    """Return a school with reports by Brook, then by Jo, that everybody has been told of."""
    place = Town(await open_store("memory:", key=bytes(32)))
    for person, given in zip(("brook", "jo"), answers or (ABUSE,), strict=False):
        await place.report(person, given)
    await place.settle()
    return place


async def upload(place: Town, person: str, case: Case, *contents: bytes) -> Reply:
    """Let somebody add files to a case."""
    files = tuple(Upload(f"picture-{n}.png", content) for n, content in enumerate(contents))
    return await place.service.handle(
        Uploaded(key=f"up{contents!r}", actor=place.actor(person), files=files, case=case.id)
    )


async def hashes(place: Town, reference: str = REFERENCES[0]) -> list[str]:
    """Return the files of a case."""
    return [file.sha256 for file in (await place.case(reference)).report.posting.files]


async def file_for(place: Town, person: str, case: Case, sha256: str) -> bytes | None:
    """Return what somebody gets who asks for a file."""
    found = await place.service.evidence(place.actor(person), case.id, sha256)
    return found[1] if found is not None else None


async def events(place: Town) -> list[Any]:
    """Return what has happened to the first case."""
    return list(await place.store.events(SCHOOL, (await place.case()).id))


# -- everything there is to do ---------------------------------------------------------------------


async def test_more_shows_what_is_theirs_and_is_on_the_audit() -> None:
    """The lead reads the whole list and has its buttons; who must not know of the case has no such case."""
    place = await reported(ABUSE, BY_THE_HEAD)
    case = await place.case()
    shown = await place.press("ash", Act(case=case.id, action=Action.MORE, version=case.version))
    text = said(shown)
    assert "Offer support to the person" in text
    assert say("button.close") not in text, "not before somebody has taken it on"
    lines = await place.store.audit(SCHOOL, case=case.id)
    assert any(line.kind is AuditKind.CARD_SHOWN and line.by == PersonId("ash") for line in lines)
    other = await place.case(REFERENCES[1])
    theirs = await place.press("ash", Act(case=other.id, action=Action.MORE, version=other.version))
    assert isinstance(theirs, Refuse)
    assert theirs.reference == "no-such-case"


async def test_a_lines_button_opens_its_form_with_it_chosen() -> None:
    """What it is about is chosen already; what is sent back goes on record."""
    place = await reported(ABUSE)
    case = await place.case()
    intent = Act(case=case.id, action=Action.TASK, version=case.version, which="support_person_affected")
    shown = await place.press("ash", intent)
    assert isinstance(shown, Show)
    assert isinstance(shown.view, Form)
    values = {field.name: field.value for field in shown.view.fields if hasattr(field, "value")}
    assert (values["which"], values["became"]) == ("support_person_affected", "done")


# -- files ---------------------------------------------------------------------------------------


async def test_ones_own_case_opens_no_other_cases_file() -> None:
    """Who knows another file's hash does not get it by naming a case of their own."""
    place = await reported(ABUSE, BY_THE_HEAD)
    first, second = [await place.case(reference) for reference in REFERENCES]
    await upload(place, "brook", first, PNG + b"1")
    await upload(place, "jo", second, PNG + b"2")
    mine, theirs = (await hashes(place))[0], (await hashes(place, REFERENCES[1]))[0]
    assert await file_for(place, "brook", first, mine) == PNG + b"1"
    assert await file_for(place, "ash", first, mine) == PNG + b"1"
    assert await file_for(place, "ellis", second, theirs) == PNG + b"2"
    for person in ("brook", "ash"):
        assert await file_for(place, person, first, theirs) is None, person
        assert await file_for(place, person, second, theirs) is None, person
    assert await file_for(place, "jo", first, mine) is None
    assert await file_for(place, "jo", second, theirs) == PNG + b"2"


async def test_only_who_may_read_gets_a_file_and_it_is_logged() -> None:
    """Who may only know of the case, a colleague, a stranger: they get nothing; who read is on record."""
    place = await reported()
    case = await place.case()
    await upload(place, "brook", case, PNG)
    sha256 = (await hashes(place))[0]
    for person in ("dee", "jo", "office", "nobody"):
        assert await file_for(place, person, case, sha256) is None, person
    assert await file_for(place, "ash", case, sha256) == PNG
    opened = [a for a in await place.store.audit(SCHOOL) if a.kind is AuditKind.RECORD_OPENED]
    file = (await place.case()).report.posting.files[0]
    assert [(a.by, a.case, a.facts) for a in opened] == [
        ("ash", case.id, {"file": file.id, "seats": "headteacher,on_call"})
    ]
    assert await place.service.evidence(place.actor("ash"), "no-such-case", sha256) is None


async def test_a_second_picture_keeps_the_first() -> None:
    """Two pictures, then a third: all three are there, each with who added it and what it is."""
    place = await reported()
    await upload(place, "brook", await place.case(), PNG + b"1", PNG + b"2")
    answer = await upload(place, "brook", await place.case(), PNG + b"3")
    files = (await place.case()).report.posting.files
    assert [file.name for file in files] == ["picture-0.png", "picture-1.png", "picture-0 (2).png"]
    assert len({file.id for file in files}) == len({file.sha256 for file in files}) == 3
    assert {(f.media_type, f.added_by, f.size, f.added_at) for f in files} == {
        ("image/png", "brook", len(PNG) + 1, place.clock.at)
    }
    assert [e.facts for e in await events(place) if e.kind is EventKind.ADDED] == [
        {"files": "2"},
        {"files": "1"},
    ]
    assert isinstance(answer, Receipt)
    assert "HPS-2026-001" in said(answer)


@pytest.mark.parametrize(
    ("content", "reference"),
    [
        pytest.param(b"", "file-empty", id="nothing in it"),
        pytest.param(b"#!/bin/sh\necho", "file-kind", id="a program"),
        pytest.param(PNG + bytes(10_000_000), "file-too-big", id="too big"),
    ],
)
async def test_a_bad_file_does_not_cost_the_good_one(content: bytes, reference: str) -> None:
    """The good one is kept and the bad one named; where all are bad, nothing is kept and it says why."""
    place = await reported()
    taken = await upload(place, "brook", await place.case(), PNG, content)
    assert isinstance(taken, Receipt)
    assert "picture-1.png" in said(taken)
    assert [f.name for f in (await place.case()).report.posting.files] == ["picture-0.png"]
    refused = await upload(place, "brook", await place.case(), content)
    assert isinstance(refused, Refuse)
    assert refused.reference == reference
    assert len(await hashes(place)) == 1


async def test_a_file_as_big_as_is_allowed_is_taken() -> None:
    """The limit itself is no offence."""
    place = await reported()
    most = place.school.limits.evidence_mb * 1_000_000
    assert isinstance(await upload(place, "brook", await place.case(), PNG + bytes(most - len(PNG))), Receipt)


async def test_where_it_may_be_imagery_no_file_is_taken() -> None:
    """A picture that may show a child is never copied into our store; the one who sends it is told so."""
    place = await reported({**ABUSE, "sexual_imagery_child": "not_sure"})
    refused = await upload(place, "brook", await place.case(), PNG)
    assert isinstance(refused, Refuse)
    assert refused.reference == "imagery"
    assert await hashes(place) == []


# -- words in a case's thread --------------------------------------------------------------------


async def in_thread(place: Town, person: str, text: str, *, thread: str = "", channel: str = "") -> Reply:
    """Let somebody write into the case's thread in the leadership channel."""
    root = place.chat.audience("leadership")[0].posted
    noted = Noted(
        key=f"n{text}",
        actor=place.actor(person),
        channel=channel or root.channel,
        thread=thread or root.message,
        text=text,
    )
    return await place.service.handle(noted)


@pytest.mark.feature("leaders-notes")
async def test_a_word_in_the_thread_is_a_note_and_nothing_else() -> None:
    """A leader writes into the thread: it is kept as a note, and its author still deals with the case."""
    place = await reported()
    answer = await in_thread(place, "ash", "An invented remark.")
    assert isinstance(answer, Receipt)
    last = (await events(place))[-1]
    assert (last.kind, last.words, last.by) == (EventKind.NOTED, "An invented remark.", "ash")
    assert (await place.case()).recused == {}
    assert "An invented remark." in said(await place.act("ash", await place.case(), Action.OPEN_RECORD))


@pytest.mark.parametrize(
    ("person", "changed", "reference"),
    [
        pytest.param("ash", {"thread": "m999"}, "no-such-case", id="another thread"),
        pytest.param("ash", {"channel": "elsewhere"}, "no-such-case", id="another channel"),
        pytest.param("dee", {}, "not-yours", id="somebody who only reads the channel"),
        pytest.param("jo", {}, "no-such-case", id="a colleague"),
    ],
)
async def test_words_elsewhere_or_of_others_are_no_note(
    person: str, changed: dict[str, str], reference: str
) -> None:
    """What is no thread of a case, or is not theirs to note on, changes no case and is answered."""
    place = await reported()
    before = len(await events(place))
    refused = await in_thread(place, person, "An invented remark.", **changed)
    assert isinstance(refused, Refuse)
    assert refused.reference == reference
    assert len(await events(place)) == before


# -- what is answered ----------------------------------------------------------------------------


async def test_the_record_shows_what_happened() -> None:
    """Who opens the record reads the notes and decisions in it, and that they read is on record."""
    place = await reported()
    await place.act("ash", await place.case(), Action.NOTE, {"text": "An invented note."})
    shown = await place.act("ash", await place.case(), Action.OPEN_RECORD)
    assert isinstance(shown, Show)
    assert "An invented note." in said(shown)
    opened = [a for a in await place.store.audit(SCHOOL) if a.kind is AuditKind.RECORD_OPENED]
    assert [(a.by, a.case) for a in opened] == [("ash", (await place.case()).id)]


async def test_a_refusal_is_on_record_and_tells_strangers_nothing() -> None:
    """Who only reads the channel hears that it is not theirs; who must not know hears of no such case."""
    place = await reported(BY_THE_HEAD)
    case = await place.case()
    words = {}
    for person, reference in (("jo", "no-such-case"), ("ash", "no-such-case"), ("brook", "no-such-case")):
        refused = await place.act(person, case, Action.TAKE_ON)
        assert isinstance(refused, Refuse)
        assert refused.reference == reference
        words[person] = (refused.message, refused.hint)
    gone = await place.press("jo", Act(case="no-such-case", action=Action.TAKE_ON, version=1))
    assert isinstance(gone, Refuse)
    assert set(words.values()) == {(gone.message, gone.hint)}
    told = [(a.by, a.case) for a in await place.store.audit(SCHOOL) if a.kind is AuditKind.REFUSED]
    expected = [(person, case.id) for person in ("jo", "ash", "brook")]
    assert told[::-1] == [*expected, ("jo", None)], "of a case that is not there as well"


async def test_what_the_one_who_pressed_reads() -> None:
    """Each press is answered in its own words: done, out of it, who reported, not yet, too late."""
    place = await reported()
    taken = await place.act("ash", await place.case(), Action.TAKE_ON)
    assert isinstance(taken, Receipt)
    assert not taken.sent
    assert "Ash" in said(taken) or "taken" in said(taken)
    shown = await place.act("ash", await place.case(), Action.SHOW_REPORTER, {"text": "x"})
    assert isinstance(shown, Show)
    assert "Brook Sample" in said(shown)
    logged = [a for a in await place.store.audit(SCHOOL) if a.kind is AuditKind.REPORTER_SHOWN]
    assert [(a.by, a.case) for a in logged] == [("ash", (await place.case()).id)]
    out = await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    assert isinstance(out, Receipt)
    assert not out.sent
    assert "Brook" not in said(out)
    assert said(out) != said(taken)


async def test_more_words_are_added_to_those_there_are() -> None:
    """The reporter adds words: the first ones stay, and an empty form comes back."""
    place = await reported()
    case = await place.case()
    form = await place.press("brook", Act(case=case.id, action=Action.ADD, version=case.version))
    assert isinstance(form, Show)
    assert isinstance(form.view, Form)
    assert isinstance(form.view.submit, Fill)
    empty = await place.fill("brook", form.view.submit, {"text": "  "})
    assert isinstance(empty, Refuse)
    assert (empty.field, empty.reference) == ("text", "invalid-answer")
    assert empty.form is not None
    added = await place.fill("brook", form.view.submit, {"text": " More invented words. "})
    assert isinstance(added, Receipt)
    assert not added.sent
    words = (await place.case()).report.posting.words
    assert words == f"{case.report.posting.words}\n\nMore invented words."


async def test_a_case_without_words_gets_its_first() -> None:
    """Where the report had none, what is added begins the words: no empty lines before it."""
    place = await reported({key: value for key, value in ABUSE.items() if key != "words"})
    case = await place.case()
    assert case.report.posting.words == ""
    await place.fill(
        "brook", Fill(case=case.id, action=Action.ADD, version=case.version), {"text": "The first."}
    )
    assert (await place.case()).report.posting.words == "The first."


async def test_a_form_that_has_grown_old_comes_back_filled_in() -> None:
    """Somebody else was quicker: nothing is overwritten, and what was typed is not lost."""
    place = await reported()
    case = await place.case()
    await place.act("ash", case, Action.TAKE_ON)
    stale = await place.fill(
        "ash", Fill(case=case.id, action=Action.HOLD, version=case.version), {"text": "An invented reason."}
    )
    assert isinstance(stale, Refuse)
    assert (stale.reference, stale.message) == ("stale", say("case.refused.stale"))
    assert stale.hint == say("case.refused.stale_hint")
    assert stale.form is not None
    typed = [field.value for field in stale.form.fields if isinstance(field, TextField)]
    assert "An invented reason." in typed
    assert (await place.case()).hold == ""


@pytest.mark.parametrize("action", [Action.NOTE, Action.CONFLICT, Action.TOLD_999])
async def test_what_overwrites_nothing_is_taken_late(action: Action) -> None:
    """A note, a conflict or word of 999 counts although the case has moved on meanwhile."""
    place = await reported({**ABUSE, "violence": "yes", "call_999": "done"})
    case = await place.case()
    await place.act("ash", case, Action.TAKE_ON)
    form = Fill(case=case.id, action=action, version=case.version)
    assert isinstance(await place.fill("ash", form, {"text": "An invented reason."}), Receipt)


async def test_a_second_delivery_answers_as_the_first() -> None:
    """The platform delivers the same press twice: it is done once and answered as done."""
    place = await reported()
    case = await place.case()
    press = Act(case=case.id, action=Action.TAKE_ON, version=case.version)
    await place.press("ash", press, key="same")
    before = len(await events(place))
    again = await place.press("ash", press, key="same")
    assert isinstance(again, Receipt)
    assert not again.sent
    assert len(await events(place)) == before


async def test_somebody_on_another_platform_of_the_channel_may_know() -> None:
    """A leader is in the channel on one platform of two: it is known that they are."""
    place = await reported()
    dee = replace(place.school.people["dee"], accounts={Platform.WEB: "dee", Platform.SLACK: "U-dee"})
    school = replace(place.school, people={**place.school.people, dee.id: dee})
    place.context.directory.reload({school.id: school})  # type: ignore[attr-defined]
    refused = await place.act("dee", await place.case(), Action.HOLD)
    assert isinstance(refused, Refuse)
    assert refused.reference == "not-yours"


async def test_a_form_with_a_wrong_field_comes_back_marked_there() -> None:
    """A decision without its reason: the form comes back, marked where it is missing."""
    place = await reported()
    case = await place.case()
    form = Fill(case=case.id, action=Action.LEGAL, version=case.version)
    refused = await place.fill("ash", form, {"contacted": "no", "why": ""})
    assert isinstance(refused, Refuse)
    assert refused.form is not None
    assert refused.field == "why"
    marked = [field.name for field in refused.form.fields if field.error]
    assert marked == ["why"]
    assert all(duty.decided is None for duty in (await place.case()).duties)


async def test_a_timer_for_a_case_that_is_gone_does_nothing() -> None:
    """The clock of a case that was deleted rings: nothing happens, and nothing breaks."""
    place = await reported({**ABUSE, "violence": "yes", "call_999": "done"})
    case = await place.case()
    timer = Timer(
        key="gone/acknowledge",
        school=SCHOOL,
        kind=TimerKind.ACKNOWLEDGE,
        due=place.clock.at,
        case=CaseId("gone"),
    )
    await place.worker.ringing.escalate(timer)
    assert (await place.case()).version == case.version


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("shot.png", "shot.png"),
        ("/etc/passwd", "passwd"),
        ("C:\\Users\\ash\\shot.png", "shot.png"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("..", "file"),
        ("", "file"),
        (" . ", "file"),
        ("x" * 100 + ".png", "x" * 76 + ".png"),
    ],
)
def test_a_file_is_kept_under_a_name_that_does_no_harm(name: str, kept: str) -> None:
    """No folder, no turned-round letters, no name too long to read, and never none at all."""
    assert evidence.safe_name(name) == kept


async def test_a_timer_for_a_case_that_is_gone_goes_too() -> None:
    """The clock of a case that was deleted rings once: it is put away, and keeps nobody busy."""
    place = await reported()
    timer = Timer(
        key="gone/acknowledge",
        school=SCHOOL,
        kind=TimerKind.ACKNOWLEDGE,
        due=place.clock.at,
        case=CaseId("gone"),
    )
    await place.store.commit(Change(school=SCHOOL, timers=(timer,)))
    await place.settle()
    assert timer.key not in {t.key for t in await place.store.due_timers(place.clock.at)}


async def test_a_second_delivery_about_a_case_that_is_gone_is_refused() -> None:
    """The same press comes again after the case was deleted: no such case, in the words for any other."""
    place = await reported()
    kept = Handled(key="web:old", at=place.clock.at, case=CaseId("gone"))
    await place.store.commit(Change(school=SCHOOL, handled=kept))
    again = await place.press("ash", Act(case="gone", action=Action.TAKE_ON, version=1), key="old")
    assert isinstance(again, Refuse)
    assert again.reference == "no-such-case"


@pytest.mark.feature("receipt")
async def test_the_reporter_has_the_receipt_again_and_nobody_else() -> None:
    """*Send* is delivered twice: the reporter reads their receipt again."""
    place = await reported()
    case = await place.case()
    for person, kind in (("brook", "receipt"), ("ash", "done")):
        key = f"again-{person}"
        handled = Handled(key=f"web:{key}", at=place.clock.at, case=case.id, draft=DraftId("D"))
        await place.store.commit(Change(school=SCHOOL, handled=handled))
        again = await place.say(person, "anything", key=key)
        assert isinstance(again, Receipt)
        assert again.card.kind == kind
        if kind == "done":
            assert again.card.tone is Tone.GOOD, "it went well"


async def test_status_shows_ones_own_draft_and_reports() -> None:
    """Who asks for their status reads what they reported, and that a draft of theirs waits."""
    place = await reported()
    without = said(await place.ask("brook", ChatCommand.STATUS))
    assert "HPS-2026-001" in without
    await place.start("brook", "Invented words.")
    assert said(await place.ask("brook", ChatCommand.STATUS)) != without
    assert said(await place.ask("brook", ChatCommand.HOME)) != said(await place.ask("jo", ChatCommand.HOME))
    assert "HPS-2026-001" not in said(await place.ask("jo", ChatCommand.STATUS))


async def test_a_case_by_its_reference() -> None:
    """A leader reads the case itself, who is only in the channel its card, anybody else of no such case."""
    place = await reported()
    told = said(await place.ask("ash", ChatCommand.CASE, " hps-2026-001 "))
    card = said(await place.ask("dee", ChatCommand.CASE, "HPS-2026-001"))
    assert "HPS-2026-001" in told
    assert "HPS-2026-001" in card
    assert told != card
    for person, reference in (("jo", "HPS-2026-001"), ("ash", "HPS-2026-999")):
        refused = await place.ask(person, ChatCommand.CASE, reference)
        assert isinstance(refused, Refuse)
        assert refused.reference == "no-such-case"


async def test_the_digest_is_for_the_channel() -> None:
    """Who is in the channel reads this week's digest when they ask; a colleague does not."""
    place = await reported()
    assert "HPS-2026-001" in said(await place.ask("ash", ChatCommand.DIGEST))
    refused = await place.ask("jo", ChatCommand.DIGEST)
    assert isinstance(refused, Refuse)
    assert refused.reference == "not-in-channel"
    await place.act("ash", await place.case(), Action.CONFLICT, {"text": "An invented reason."})
    assert "HPS-2026-001" not in said(await place.ask("bryn", ChatCommand.DIGEST))


async def test_cases_are_listed_for_who_may_know() -> None:
    """A leader's list has the open cases they may know of; a colleague's is empty."""
    place = await reported(ABUSE, BY_THE_HEAD)
    lists = {person: said(await place.ask(person, ChatCommand.CASES)) for person in ("ash", "ellis", "jo")}
    assert {person for person, text in lists.items() if "HPS-2026-001" in text} == {"ash"}
    assert {person for person, text in lists.items() if "HPS-2026-002" in text} == {"ellis"}


async def test_help_speaks_to_leaders_of_cases() -> None:
    """Who holds a seat reads how to list cases; a colleague is not told of what they cannot do."""
    place = await reported()
    assert said(await place.ask("ash", ChatCommand.HELP)) != said(await place.ask("jo", ChatCommand.HELP))


async def test_a_file_can_be_taken_out_by_a_press() -> None:
    """A picture was attached by mistake: the button takes it out of the draft, and the others stay."""
    place = await reported()
    reply = await place.start("jo", "Invented words.")
    files = tuple(Upload(f"{name}.png", PNG + name.encode()) for name in ("wrong", "right"))
    await place.service.handle(Uploaded(key="up", actor=place.actor("jo"), files=files))
    draft = await place.store.draft_of(SCHOOL, PersonId("jo"))
    assert draft is not None
    wrong = next(file for file in draft.files if file.name == "wrong.png")
    out = TakeOut(draft=draft.id, revision=draft.revision, file=wrong.id)
    reply = await place.press("jo", out)
    assert isinstance(reply, Show)
    after = await place.store.draft_of(SCHOOL, PersonId("jo"))
    assert after is not None
    assert [file.name for file in after.files] == ["right.png"]


@pytest.mark.parametrize("begun_anew", [False, True])
async def test_a_file_belongs_to_the_report_it_was_handed_in_for(begun_anew: bool) -> None:  # noqa: FBT001 - a table's column
    """The report was sent while its picture was being fetched, and another may be begun: the case has it."""
    place = Town(await open_store("memory:", key=bytes(32)))
    handed_in = place.clock.now()
    place.clock.pass_by(dt.timedelta(seconds=5))
    await place.report("brook", ABUSE)
    case = await place.case(REFERENCES[0])
    if begun_anew:
        await place.start("brook", "another one")
    late = Uploaded(
        key="late", actor=place.actor("brook"), files=(Upload("a.png", PNG),), handed_in=handed_in
    )
    assert isinstance(await place.service.handle(late), Receipt)
    assert len(await hashes(place)) == 1
    events = await place.store.events(SCHOOL, case.id)
    assert EventKind.ADDED in {event.kind for event in events}


async def test_a_file_of_the_report_that_is_open_is_of_that_report() -> None:
    """One was sent and the next begun, all in one moment: what is handed in then belongs to what is open."""
    place = await reported(ABUSE)
    await place.start("brook", "another one")
    now = Uploaded(
        key="now", actor=place.actor("brook"), files=(Upload("a.png", PNG),), handed_in=place.clock.now()
    )
    await place.service.handle(now)
    draft = await place.store.draft_of(SCHOOL, PersonId("brook"))
    assert draft is not None
    assert [file.name for file in draft.files] == ["a.png"]


async def test_a_file_handed_in_after_the_report_begins_nothing() -> None:
    """Sent before the file was handed in: it belongs to no report, and that is said."""
    place = await reported(ABUSE)
    place.clock.pass_by(dt.timedelta(seconds=5))
    later = Uploaded(
        key="late", actor=place.actor("brook"), files=(Upload("a.png", PNG),), handed_in=place.clock.now()
    )
    reply = await place.service.handle(later)
    assert isinstance(reply, Refuse)
    assert reply.reference == "no-draft"
    assert await hashes(place) == []
