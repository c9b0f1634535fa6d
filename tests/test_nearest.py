"""`make quick` runs the tests nearest to a change: what it chooses, and that it always chooses some."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nearest import ROOT, Importers, importers, nearest


@pytest.fixture(scope="module")
def by() -> Importers:
    """Give who imports what."""
    return importers()


@pytest.mark.parametrize(
    ("changed", "first"),
    [
        ("storage/embedded/backup.py", "tests/storage/test_backup.py"),
        ("flows/words/en/roster.toml", "tests/flows/test_words.py"),
        ("flows/case/access.py", "tests/flows/test_access_table.py"),
        ("adapters/web/templates/blocks.html", "tests/web/test_render.py"),
        ("tests/flows/golden/check_danger.txt", "tests/flows/test_check_page.py"),
        ("tests/bot/turns/test_roster.py", "tests/bot/turns/test_roster.py"),
    ],
)
def test_a_change_has_its_tests(by: Importers, changed: str, first: str) -> None:
    """Code, words, a template, a golden file, a test: its own tests are among those that are run."""
    assert (ROOT / changed).is_file()
    chosen = nearest([changed], by, most=60)
    assert first in chosen
    assert all((ROOT / path).is_file() for path in chosen)
    assert not [path for path in chosen if path.startswith("tests/e2e/")]


def test_what_was_changed_itself_comes_first(by: Importers) -> None:
    """However much else imports it, the test at hand is run."""
    both = ["flows/ui/cards.py", "tests/web/test_guard.py"]
    assert nearest(both, by)[0] == both[1]
    assert len(nearest(both, by)) == len(set(nearest(both, by))) > 1


def test_every_module_of_ours_has_a_test_near(by: Importers) -> None:
    """Directly or some imports further: whatever is changed, something is run."""
    modules = [path for path in by if not path.startswith("tests/") and Path(path).name != "__init__.py"]
    assert [path for path in modules if not nearest([path], by)] == []
