"""What every test shares: marks by folder, steady properties, golden files, and no test left out."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from tests.database import Server

# steady: the same examples every time, so that a red build is our change. fresh: new ones, printed where one
# fails. mutants: whether anything fails, not the smallest example of it.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("fresh", settings.get_profile("steady"), derandomize=False, print_blob=True)
settings.register_profile("mutants", settings.get_profile("steady"), phases=(Phase.explicit, Phase.generate))
settings.load_profile("steady")

HERE = Path(__file__).parent
# A slow machine has ten times longer than a fast one needs; whatever takes longer hangs.
SOAK_SECONDS = 900
# So many rows of a table are all kept for a second Python: they are stores, or platforms.
FEW = 4
# Whose tests run every branch of flows/ between them. To be watched costs a test two to five times its time:
# the others, and whatever is marked so, go unwatched.
WATCHED = {"adapters", "bot", "flows", "policy"}
# Tests that take a fifth of a second or more, measured: make test runs them, make quick never does.
SLOW = {
    "bot/outbox/test_worker.py": {"test_the_weeks_digest_is_planned_and_goes_out"},
    "bot/test_cli.py": {"test_a_taken_port", "test_init_asks", "test_init_stopped", "test_python_m_bot"},
    "bot/test_database.py": {"test_moving_into_a_database"},
    "bot/test_door.py": {"*"},
    "bot/test_processes.py": {"*"},
    "bot/test_windows.py": {"test_a_console_that_cannot_show_a_sign_stops_nothing"},
    "bot/turns/test_casework.py": {
        "test_a_bad_file_does_not_cost_the_good_one",
        "test_a_file_as_big_as_is_allowed_is_taken",
    },
    "flows/test_case.py": {"test_whatever_happens"},
    "flows/test_conversation_walks.py": {
        "test_any_text_at_all_can_be_typed",
        "test_every_report_ends_within_its_pages",
        "test_pages_in_any_order_end_in_the_same_report",
        "test_wandering_loses_nothing_and_ends",
    },
    "flows/test_reassess.py": {"test_any_answers_then_any_others"},
    "flows/test_settled.py": {"*"},
    "flows/test_urgent_advice.py": {"test_no_other_answer_would_bring_advice"},
    "flows/test_words.py": {
        "test_every_sentence_asked_for_exists",
        "test_every_sentence_is_asked_for",
        "test_the_gaps_match",
    },
    "fuzz/test_machine.py": {"TestShort"},
    "policy/test_properties.py": {
        "test_a_graver_answer_never_lowers",
        "test_criticism_is_never_for_the_police",
        "test_two_readings_agree",
        "test_what_must_always_hold",
    },
    "policy/test_row_ids.py": {
        "test_a_decision_is_the_same_whatever_its_rows_are_called",
        "test_no_row_is_named_in_the_code",
    },
    "policy/test_table.py": {"test_every_row_changes_some_decision"},
    "slack/test_kinds.py": {"test_after_the_app_was_removed_nothing_breaks"},
    "slack/test_parse.py": {"test_minimal_and_broken_payloads"},
    "slack/test_render.py": {"test_hostile_words_stay_words", "test_unescape_undoes_escape"},
    "storage/test_crash.py": {"*"},
    "storage/test_errors.py": {"test_a_full_disk_refuses_and_then_goes_on"},
    "storage/test_moving.py": {"*"},
    "storage/test_postgres.py": {
        "test_audit_lines_of_several_processes_stand_one_behind_the_other",
        "test_of_workers_that_race_for_a_digest_one_plans_it",
    },
    "storage/test_stateful.py": {"TestShort"},
    "teams/test_parse.py": {"test_no_activity_breaks_the_reading"},
    "teams/test_render.py": {"test_hostile_words_in_a_form_stay_words", "test_hostile_words_stay_words"},
    "teams/test_send.py": {
        "test_the_loop_goes_on_while_a_token_is_fetched",
        "test_two_hundred_at_once_share_few_connections",
    },
    "teams/test_story.py": {"*"},
    "web/test_parse.py": {
        "test_any_fields_become_values",
        "test_any_words_stay_words",
        "test_anything_posted_is_parsed_or_refused",
    },
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one way to write golden files: asked for by name, never by accident."""
    parser.addoption(
        "--update-goldens", action="store_true", help="write golden files anew; then read the diff"
    )
    parser.addoption(
        "--ends",
        action="store_true",
        help="of each long table the first row and the last: for a second Python",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark everything under tests/e2e as e2e, so that no file there can forget to; and what is slow."""
    if config.option.ends:
        _keep_ends(config, items)
    for test in items:
        if HERE / "e2e" in test.path.parents:
            test.add_marker("e2e")
        slow = SLOW.get(test.path.relative_to(HERE).as_posix(), ())
        if "*" in slow or any(part.partition("[")[0] in slow for part in test.nodeid.split("::")[1:]):
            test.add_marker("slow")
        if test.get_closest_marker("soak"):
            test.add_marker(pytest.mark.timeout(SOAK_SECONDS))


def _keep_ends(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a long table leave out the rows between: for them another Python runs the same lines."""
    rows: dict[str, list[pytest.Item]] = {}
    for test in items:
        rows.setdefault(test.nodeid.partition("[")[0], []).append(test)
    between = {test for tests in rows.values() if len(tests) > FEW for test in tests[1:-1]}
    config.hook.pytest_deselected(items=list(between))
    items[:] = [test for test in items if test not in between]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure coverage where it is asked for alone: in xdist the plugin's own pause leaves one running."""
    asked_for = item.config.pluginmanager.hasplugin("_cov")
    watched = item.path.relative_to(HERE).parts[0] in WATCHED
    if not asked_for or (watched and not any(map(item.get_closest_marker, ("unwatched", "soak")))):
        return (yield)
    measuring = Coverage.current()
    while running := Coverage.current():
        running.stop()
    try:
        return (yield)
    finally:
        if measuring:
            measuring.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skipped test into a failed one: a proof that was left out is no proof."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):  # type: ignore[attr-defined]
        report.outcome = "failed"  # type: ignore[attr-defined]
        report.longrepr = f"{item.nodeid} was skipped. Nothing may be: mend it or remove it."  # type: ignore[attr-defined]
    return report


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    """Give a server with a database whose tables are made: whoever uses it empties it first."""
    from tests.database import CARELESS, REPORTS, server  # noqa: PLC0415 - before coverage has begun it would hide what it imports

    with server(*CARELESS) as found:
        asyncio.run(found.made(REPORTS))
        yield found


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Return a function that compares text with a golden file; a missing file is a failure."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--update-goldens"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            return
        if not path.is_file():
            pytest.fail(f"No golden file {path}. Write it with --update-goldens, then read it.")
        expected = path.read_text("utf-8")
        if expected != text:
            lines = difflib.unified_diff(
                expected.splitlines(), text.splitlines(), "golden", "now", lineterm=""
            )
            pytest.fail(f"{path.name} changed:\n" + "\n".join(lines))

    return compare
