"""The pages say what is so: every command, setting and error is in them; links lead somewhere."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from bot.config.load import SETTINGS
from tests.features import marked_tests, sections
from tests.source import ROOT, SOURCES, nodes, relative

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DOCS = ROOT / "docs"
ERRORS = {
    "ReportingError",
    "InvalidAnswer",
    "NotAllowed",
    "NotFound",
    "Stale",
    "PolicyError",
    "SchoolFileError",
    "SettingsError",
    "Conflict",
    "StoreError",
    "UnreadableRow",
    "kind",  # one of these, chosen by whoever asks
    "PlatformError",
    "Retryable",
    "Ambiguous",
    "Permanent",
    "Refuse",
}


# References that are put together: the usual one, and what a platform said, as one word; how a link stands.
OTHERS = {"invalid-answer", "refused", "blocked", "not-there", "too-large"}
OTHERS |= {"slack-untrusted", "teams-untrusted", "no-signing-keys"}


def generator() -> ModuleType:
    """Return docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def references() -> dict[str, str]:
    """Return every error reference that the code gives, and where."""
    found: dict[str, str] = {}
    words = tomllib.loads((ROOT / "flows" / "words" / "en" / "case.toml").read_text("utf-8"))
    refused = [name for name in words["case"]["refused"] if not name.endswith("_hint")]
    found |= {name.replace("_", "-"): "flows/words/en/case.toml" for name in refused}
    words = tomllib.loads((ROOT / "flows" / "words" / "en" / "roster.toml").read_text("utf-8"))
    refused = [name for name in words["roster"]["refused"] if not name.endswith("_hint")]
    found |= {f"roster-{name}".replace("_", "-"): "flows/words/en/roster.toml" for name in refused}
    for path in SOURCES:
        for node in nodes(path):
            for value in _given(node):
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                    found[value.value] = relative(path)
    return found


def _given(node: ast.AST) -> list[ast.expr]:
    """Return what is given as an error's reference, if that is what this is."""
    if not isinstance(node, ast.Call):
        return []
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called not in ERRORS:
        return []
    named = [keyword.value for keyword in node.keywords if keyword.arg == "reference"]
    if not named and node.args and called not in {"InvalidAnswer", "Refuse"}:
        return [node.args[0]]
    return named


def commands() -> list[str]:
    """Return every command of the command line, sub-commands too, as typed."""
    return [name for name, _ in generator().listed_commands()]


@pytest.mark.parametrize("command", commands())
def test_every_command_is_described(command: str) -> None:
    """Each command of `report-posting` stands in docs/commands.md as one would type it."""
    assert f"`report-posting {command}" in (DOCS / "commands.md").read_text("utf-8")


@pytest.mark.parametrize("setting", [setting.name for setting in SETTINGS])
def test_every_setting_is_described(setting: str) -> None:
    """Each environment variable stands in docs/settings.md."""
    assert f"`{setting}`" in (DOCS / "settings.md").read_text("utf-8")


def test_every_error_is_described_and_no_other() -> None:
    """docs/errors.md has a row for every reference the code can give, and none that it cannot."""
    page = (DOCS / "errors.md").read_text("utf-8")
    described = set(re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE))
    known = references()
    assert {name: place for name, place in known.items() if name not in described} == {}
    assert described - set(known) - OTHERS == set()


def test_error_references_are_kebab_case() -> None:
    """A reference can be read out over the telephone: lower-case words with hyphens."""
    odd = {
        name: place for name, place in references().items() if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name)
    }
    assert odd == {}


def test_every_make_command_in_the_pages_exists() -> None:
    """What a page tells one to type after `make` is a target of the Makefile, and help lists it."""
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = {
        command: relative(page)
        for page in PAGES
        for command in re.findall(r"(?:^|`)make ([a-z0-9]+)", page.read_text("utf-8"), re.MULTILINE)
    }
    assert {command: page for command, page in told.items() if command not in targets} == {}
    assert {"run", "test"} <= set(told)


def test_the_readme_leads_with_its_two_commands() -> None:
    """A reader finds make run and make test within the first screenful or two."""
    first = (ROOT / "README.md").read_text("utf-8").splitlines()[:40]
    assert any(line.startswith("make run") for line in first)
    assert any(line.startswith("make test") for line in first)


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    """Each relative link or picture points to a file that is there, and to a heading that is there."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        to = (page.parent / path).resolve() if path else page
        if not to.exists():
            broken.append(target)
        elif heading and to.suffix == ".md":
            lines = re.findall(r"^#+ (.+)$", to.read_text("utf-8"), re.MULTILINE)
            if heading not in {
                re.sub(r"[^\w\- ]", "", line.lower()).strip().replace(" ", "-") for line in lines
            }:
                broken.append(target)
    assert broken == []


@pytest.mark.parametrize("name", sorted(generator().GENERATED))
def test_generated_pages_are_fresh(name: str) -> None:
    """Each page that is drawn from a table is what `make docs` would write now."""
    assert generator().GENERATED[name]() == (DOCS / name).read_text("utf-8"), "run make docs"


@pytest.mark.parametrize("name", ["policy.md", "lifecycle.md", "conversation.md"])
def test_the_pages_people_sign_are_generated(name: str) -> None:
    """The policy page, the conversation and the life of a case are drawn from the tables the bot runs on."""
    assert name in generator().GENERATED


def test_every_decision_is_listed() -> None:
    """Each decision is in the list of decisions, and says what was chosen, refused and what it costs."""
    index = (DOCS / "decisions" / "README.md").read_text("utf-8")
    for record in sorted((DOCS / "decisions").glob("0*.md")):
        text = record.read_text("utf-8")
        assert f"({record.name})" in index
        for part in ("**Chosen.**", "**Refused.**", "**Costs.**"):
            assert part in text, record.name


def test_every_dependency_has_its_reason() -> None:
    """Each runtime dependency has a row that says what it is for."""
    page = (DOCS / "decisions" / "0009-dependencies.md").read_text("utf-8")
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    block = project[project.index("dependencies = [") :]
    names = re.findall(r'"([a-z][a-z0-9-]+)', block[: block.index("\n]")])
    assert [name for name in names if f"| {name} |" not in page] == []


def test_nothing_names_this_machine_or_where_packages_come_from() -> None:
    """No tracked text holds a registry's address: whoever installs chooses where from."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    hosts = re.compile(
        r"pypi" + r"\.org|python" + r"hosted\.org|npm" + r"js\.(org|com)|deb\.debian" + r"\.org"
    )
    hits = []
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".png", ".ico", ".woff2"} or not path.is_file():
            continue
        if hosts.search(path.read_text("utf-8", errors="replace")):
            hits.append(name)
    assert hits == []


def test_every_mark_of_a_feature_names_a_row() -> None:
    """A test that shows something shows a row of docs/features.toml, which lives where the row says."""
    rows = {row["name"]: row for section in sections() for row in section["rows"]}
    shown = marked_tests()
    assert set(shown) - set(rows) == set(), "add a row to docs/features.toml, then `make docs`"
    nowhere = [name for name in shown if not (ROOT / rows[name]["where"]).exists()]
    assert nowhere == [], "say in docs/features.toml where it lives"
