"""A school's own policy in the pages: begun from a form, changed, compared, refused, put into force."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from bot.commands.policy import policy_page
from bot.school_file.load import read_school
from bot.school_file.own_policy import read_policy
from bot.school_file.parse import FORMS
from bot.set_up.answers import Answers
from bot.set_up.paper import html_of
from bot.set_up.policy import Draft, toml_of
from flows.errors import PolicyError
from flows.policy.engine import default_policy
from flows.school import PolicyNamed
from tests.set_up.test_browser import MAILS, PEOPLE, TODAY, Browser, browser

ROW = {"id": "Nobody known", "because": "We look who it was.", "police": "", "legal": "", "soon": "same_day"}


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """Return a policy that was begun with a form."""
    found = Draft(tmp_path)
    found.begin("talk_first")
    return found


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_what_was_read(form: str) -> None:
    """A form, written by us, says what it said."""
    raw = tomllib.loads((files("flows.policy") / "forms" / f"{form}.toml").read_text("utf-8"))
    assert tomllib.loads(toml_of(raw)) == raw


@pytest.mark.feature("policy-pages")
async def test_a_change_is_compared_at_once(tmp_path: Path) -> None:
    """A level that is raised is read back as a sentence, with when; put back, nothing is different."""
    async with browser(tmp_path) as one:
        await one.enter()
        await one.post("/policy/begin", {"form": "talk_first"})
        assert "comes to the same as the form" in await shown(one)
        now = await fields(one, "/policy/change/row/Nobody%20known")
        form = await (await one.client.get("/policy/change/row/Nobody%20known")).text()
        assert 'class="errors"' not in form
        assert "has-error" not in form
        await one.post("/policy/change/row/Nobody%20known", now | {"legal": "recommend", "id": "Unknown"})
        page = await shown(one)
        assert "Legal Services" in page
        assert re.search(r"In [\d,]+ of [\d,]+ situations something is different", page)
        assert 'href="/policy/change/row/Unknown"' in page
        await one.post("/policy/change/row/Unknown", now)
        assert "comes to the same as the form" in await shown(one)


async def shown(one: Browser) -> str:
    """Return the policy as it stands there."""
    return await (await one.client.get("/policy")).text()


async def fields(one: Browser, path: str) -> dict[str, str]:
    """Return what the fields of a part say now."""
    page = await (await one.client.get(path)).text()
    found = dict(re.findall(r'<input id="[\w.]+" name="([\w.]+)" value="([^"]*)"', page))
    found |= dict(re.findall(r'name="([\w.]+)" rows="\d+">\s([^<]*)</textarea>', page))
    for name, options in re.findall(r'<select id="[\w.]+" name="([\w.]+)">(.*?)</select>', page):
        found |= dict.fromkeys([name], "".join(re.findall(r'value="(\w*)" selected', options)))
    return found


#: what is changed, how, and why it is refused
REFUSED = [
    ("duty/S1", {"police": "consider", "soon": "emergency"}, "never weaker", "police"),
    ("duty/S1", {"police": "call_999_now", "soon": "routine"}, "never weaker", "soon"),
    ("duty/S1", {"police": "nonsense", "soon": "emergency"}, "never weaker", "police"),
    ("row/Nobody known", ROW | {"quote": "we said no such thing"}, "own words", "quote"),
    (
        "row/A complaint online",
        ROW | {"id": "A complaint online", "police": "consider"},
        "criticism",
        "police",
    ),
    ("consequence/talk_it_over", {"do": ""}, "empty", "do"),
    ("words/all", {"words": "Nothing that is quoted."}, "", "words"),
]


@pytest.mark.feature("policy-pages")
@pytest.mark.parametrize(("part", "said", "why", "field"), REFUSED)
async def test_what_would_be_weaker_is_refused(
    tmp_path: Path, part: str, said: dict[str, str], why: str, field: str
) -> None:
    """It says why beside the field, keeps what was typed, and changes nothing."""
    async with browser(tmp_path) as one:
        await one.enter()
        await one.post("/policy/begin", {"form": "talk_first"})
        before = (tmp_path / "policy.toml.draft").read_text("utf-8")
        answer = await one.post(f"/policy/change/{part}", said)
        page = await answer.text()
        assert answer.status == 422
        assert re.search(rf'id="{field}-error".*{why}', page), re.findall(r'class="error.*', page)
        assert (tmp_path / "policy.toml.draft").read_text("utf-8") == before


def test_a_duty_is_made_firmer(draft: Draft) -> None:
    """It can ask sooner, in the policy's words; what is the duty's own already is not written down."""
    draft.firmer("C8r", draft.levels("C8r") | {"soon": "emergency", "because": "We act."})
    (more,) = [one for one in draft.parts("more") if one["row"] == "C8r"]
    assert more["soon"] == "emergency"
    assert draft.differences().different > 0
    draft.firmer("C8r", draft.levels("C8r"))
    assert [one for one in draft.parts("more") if one["row"] == "C8r"] == []


def test_a_new_name_is_new_everywhere(draft: Draft) -> None:
    """Rows that come after it, or look whether it applied, know it by its new name."""
    look = draft.parts("second_look")[0]
    after = look["after"] if isinstance(look["after"], str) else look["after"][0]
    row = draft.part("row", after)
    assert row is not None
    draft.change(
        "row", after, {key: row.get(key, "") for key in ("because", "quote", "soon")} | {"id": "Renamed"}
    )
    assert "Renamed" in draft.parts("second_look")[0]["after"]
    assert after not in toml_of(draft.raw)


def test_consequences_are_asked_for(draft: Draft) -> None:
    """A row asks for a consequence, or puts it to whoever leads; a consequence has words and a letter."""
    name = next(iter(draft.raw["consequence"]))
    draft.change("row", "Nobody known", ROW | {f"consequence.{name}": "consider"})
    row = draft.part("row", "Nobody known")
    assert row is not None
    assert row["consider"] == [name]
    draft.consequence(name, {"do": "Talk.", "letter": "warning", "decide": "yes"})
    assert draft.raw["consequence"][name] == {"do": "Talk.", "letter": "warning", "decide": True} | {
        key: value for key, value in draft.raw["consequence"][name].items() if key == "reaches_poster"
    }


def test_half_way_it_is_kept(draft: Draft, tmp_path: Path) -> None:
    """Begun again, it goes on where it was; an unknown change of nothing leaves it alone."""
    draft.change("row", "Nobody known", ROW)
    again = Draft(tmp_path)
    assert (again.raw, again.words, again.form) == (draft.raw, draft.words, "talk_first")
    assert again.differences() == draft.differences()
    with pytest.raises(PolicyError):
        again.reword("")
    assert Draft(tmp_path).words == draft.words


async def test_it_is_put_into_force_from_a_day(tmp_path: Path) -> None:
    """A file of its own with that day as its version; until then what held before; none is written over."""
    async with browser(tmp_path) as one:
        await one.enter()
        await one.post("/policy/begin", {"form": "meet_and_mend"})
        assert (await one.post("/policy/force", {"since": "soon"})).status == 422
        for _ in range(2):
            answer = await one.post("/policy/force", {"since": "2027-01-05"})
            assert answer.url.path == "/step/look"
        page = await (await one.client.get("/policy/print")).text()
    answers = Answers(tmp_path / "school.toml", {}, TODAY)
    answers.given |= {"school.name": "X", **PEOPLE, **MAILS}
    school = read_school(answers.school_text()).school
    assert school is not None
    first, second = "policy-2027-01-05.toml", "policy-2027-01-05.2.toml"
    assert school.policy == PolicyNamed(
        file=second, since=dt.date(2027, 1, 5), before=PolicyNamed(file=first)
    )
    for file in (first, second):
        reading = read_policy(tmp_path / file)
        assert reading.policy is not None, reading.problem
    assert "Signatures" in page


async def test_in_force_today_needs_no_other(tmp_path: Path) -> None:
    """From today on there is nothing that holds until then."""
    async with browser(tmp_path) as one:
        await one.enter()
        await one.post("/policy/begin", {"form": "county"})
        await one.post("/policy/force", {"since": TODAY.isoformat()})
    answers = Answers(tmp_path / "school.toml", {}, TODAY)
    assert (answers.given["policy.file"], answers.given.get("policy.from")) == (f"policy-{TODAY}.toml", None)


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    """Before a form is chosen there is nothing to print or change; afterwards only what there is."""
    async with browser(tmp_path) as one:
        await one.enter()
        assert (await one.client.get("/policy/print")).url.path == "/policy"
        assert (await one.client.get("/policy/change/duty/S1")).status == 404
        assert (await one.post("/policy/begin", {"form": "../county"})).status == 400
        await one.post("/policy/begin", {"form": "county"})
        for part in ("duty/none", "row/none", "more/S1", "words/some", "consequence/none"):
            assert (await one.client.get(f"/policy/change/{part}")).status == 404


def test_the_paper_says_what_the_page_says() -> None:
    """Each word of the page to sign stands in it, and nothing of it becomes markup."""
    text = policy_page.page(default_policy())
    made = html_of(text)
    words = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", made)
    for word in ("Signatures", "How soon", "Clause"[:5].lower(), "C8r"):
        assert (word in words) == (word in plain)
    assert made.count("<h3>") == text.count("\n### ")
    assert "<script" not in html_of("- <script>x</script> **b** *e*")
    assert html_of("# a\n\n1. x\n2. y\n\n> q\n\np p") == (
        "<h1>a</h1>\n<ol><li>x</li><li>y</li></ol>\n<blockquote>q</blockquote>\n<p>p p</p>"
    )
