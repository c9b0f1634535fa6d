"""Cases and half a report that were written under an older policy are read, and decided again under today's.

``old/policy_of_2026-11-24.db.gz`` is what the program left before questions and table were revised: an
allegation, a pupil's racist song, hate with criticism and a flagged word, and a report begun.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from flows.model import Action
from flows.policy.engine import default_policy
from flows.school import PersonId
from flows.ui.forms import Value
from flows.ui.inbound import Receipt, Show
from flows.ui.intents import GoTo, SendReport
from storage.embedded.store import TinyStore
from storage.seal import Sealer
from tests.storage import samples as s
from tests.town import SCHOOL, Town, page_values, shown_form

OLD = Path(__file__).parent / "old" / "policy_of_2026-11-24.db.gz"
BROOK = PersonId("brook")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Give the school around a copy of the file."""
    path = tmp_path / "cases.db"
    path.write_bytes(gzip.decompress(OLD.read_bytes()))
    store = await asyncio.to_thread(TinyStore, path, Sealer(s.KEY))
    town, numbers = Town(store), count(1)
    town.chat.numbers = count(101)  # no platform gives the number of an old message to a new one
    town.context.new_id = lambda: f"01NEW{next(numbers):021}"
    yield town
    await store.close()


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("HPS-2026-001", {"headteacher", "dsl", "legal", "police"}),
        ("HPS-2026-002", {"headteacher", "dsl", "legal", "police"}),
        ("HPS-2026-003", {"headteacher", "dsl", "chair_of_governors", "legal", "police"}),
    ],
)
async def test_an_old_case_is_read_and_decided_again(town: Town, reference: str, told: set[str]) -> None:
    """It stays as it was decided until an answer is corrected; then today's table decides, and adds."""
    before = await town.case(reference)
    assert before.decision.policy_version == "2026-11-24"
    corrected: dict[str, Value] = {
        "still_online": "not_sure",
        "reason_for_correction": "Invented: looked again.",
    }
    await town.act("ash", before, Action.CORRECT, corrected)
    after = await town.case(reference)
    assert after.decision.policy_version == default_policy().version
    assert set(after.decision.notify) == told >= set(before.decision.notify)
    assert after.report.answers == {**before.report.answers, "still_online": "not_sure"}


async def test_an_old_allegation_reaches_the_dsl(town: Town) -> None:
    """Whom the older table did not tell is told as soon as the case is decided again."""
    before = await town.case("HPS-2026-001")
    assert "dsl" not in before.decision.notify
    corrected: dict[str, Value] = {
        "repeated": "yes",
        "reason_for_correction": "Invented: it was said before.",
    }
    await town.act("ash", before, Action.CORRECT, corrected)
    await town.settle()
    after = await town.case("HPS-2026-001")
    assert "dsl" in after.decision.notify
    assert "support_person_affected_later_if_cleared" in after.decision.actions
    assert town.messages("cam", "notice")


async def test_an_old_draft_is_finished(town: Town) -> None:
    """The questions that are new are asked on the way, and what was answered stands."""
    draft = await town.store.draft_of(SCHOOL, BROOK)
    assert draft is not None
    reply = await town.press("brook", GoTo(draft=draft.id, revision=draft.revision, page=""))
    while isinstance(reply, Show):
        form = shown_form(reply)
        values = page_values(form, {"targets": ("school",)})
        reply = await town.fill("brook", form.submit, {} if isinstance(form.submit, SendReport) else values)
    assert isinstance(reply, Receipt), reply
    report = (await town.case("HPS-2026-004")).report
    assert report.posting.words == "Invented: half a report."
    assert report.answers["child_at_risk"] == "not_sure"
