"""What every test shares: marks by folder, steady properties, golden files, and no test left out."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one way to write golden files: asked for by name, never by accident."""
    parser.addoption(
        "--update-goldens", action="store_true", help="write golden files anew; then read the diff"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything under tests/e2e as e2e, so that no file there can forget to."""
    for test in items:
        if HERE / "e2e" in test.path.parents:
            test.add_marker("e2e")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skipped test into a failed one: a proof that was left out is no proof."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):  # type: ignore[attr-defined]
        report.outcome = "failed"  # type: ignore[attr-defined]
        report.longrepr = f"{item.nodeid} was skipped. Nothing may be: mend it or remove it."  # type: ignore[attr-defined]
    return report


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
