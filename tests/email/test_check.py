"""What ``check`` says about e-mail: each thing that can be wrong is named, with what to do about it."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.email.check import checks, try_out
from adapters.email.link import Link
from adapters.email.listen import EmailApp
from bot.commands import check, look_at_platforms
from bot.config.settings import SAMPLE_SCHOOL
from bot.school_file.load import read_school
from flows.errors import Permanent, Response
from tests.email import reading
from tests.email.server import PASSWORD, USER, Post, authority_file, served

SAMPLE = SAMPLE_SCHOOL.read_text("utf-8")


async def test_a_server_that_lets_us_in_is_proved(app: Callable[..., EmailApp]) -> None:
    """Reached, TLS, logged in: said in a line, and nothing is sent."""
    post = Post()
    async with served(post, login=True) as port:
        ((well, what, mend),) = await checks(app(port, login=True))
    assert (well, mend) == (True, "")
    assert "lets us in" in what
    assert (post.taken, post.logins) == ([], [True])


@pytest.mark.parametrize(
    ("answers", "server", "client", "mend"),
    [
        ({"login": "535 5.7.8 no"}, {"login": True}, {"login": True}, "EMAIL_PASSWORD"),
        ({}, {"tls": False}, {"login": True}, "TLS"),
        ({}, {}, {"login": True, "trusts": False}, "EMAIL_CA_FILE"),
    ],
)
async def test_what_stands_in_the_way_is_said_with_its_mend(
    app: Callable[..., EmailApp],
    answers: dict[str, str],
    server: dict[str, bool],
    client: dict[str, bool],
    mend: str,
) -> None:
    """A wrong login, no TLS, a certificate of nobody's."""
    async with served(Post(answers), **server) as port:  # type: ignore[arg-type]
        ((well, name, said),) = await checks(app(port, **client))
    assert (well, name.partition(":")[0]) == (False, "E-mail")
    assert mend in said


@pytest.mark.parametrize(
    ("reference", "mend"),
    [
        ("email-not-let", "let this login send"),
        ("email-sender", "EMAIL_FROM"),
        ("email-address", "the school's file"),
        ("anything-else", "Try again later."),
    ],
)
async def test_what_is_answered_to_a_test_is_said_with_its_mend(
    app: Callable[..., EmailApp], reference: str, mend: str
) -> None:
    """What a server says no to only when it is given a message."""
    tried = app(1)

    async def refuses(*_: object, **__: object) -> None:
        raise Permanent(reference, "Invented.", response=Response.MESSAGE)

    tried.chat.send = refuses  # type: ignore[method-assign, assignment]
    ((well, what, said),) = await try_out(tried, "ash", "head@school.example")
    assert (well, what) == (False, 'E-mail: a test for "ash": Invented')
    assert mend in said


async def test_nobody_there(app: Callable[..., EmailApp]) -> None:
    """A server that cannot be reached."""
    async with served(Post()) as port:
        pass
    ((well, what, mend),) = await checks(app(port))
    assert well is False
    assert "cannot be reached" in what
    assert "EMAIL_SERVER" in mend


@pytest.mark.feature("email-server")
async def test_a_test_is_sent_to_one_person(app: Callable[..., EmailApp]) -> None:
    """It is taken, and whether it arrived is left for them to say; a refusal is said."""
    post = Post()
    async with served(post) as port:
        ((well, what, _),) = await try_out(app(port), "ellis", "chair@school.example")
        assert well is None
        assert '"ellis"' in what
        (message,) = post.to("chair@school.example")
        assert "This is a test" in reading.plain(message)
        post.answers["address"] = "550 5.1.1 no"
        ((well, _, mend),) = await try_out(app(port), "ellis", "chair@school.example")
        assert well is False
        assert "school's file" in mend


async def test_whether_it_lets_us_in_is_asked_now_and_then(app: Callable[..., EmailApp]) -> None:
    """An answer is believed for ten minutes: a wrong password said every few seconds locks us out."""
    post, now = Post({"login": "535 5.7.8 no"}), [0.0]
    async with served(post, login=True) as port:
        link = Link(app(port, login=True).smtp, monotonic=lambda: now[0])
        assert await link.answers() == ("email-login", 1)
        asked = len(post.logins)
        now[0] = 599.0
        assert await link.answers() == ("email-login", 1)
        assert len(post.logins) == asked
        del post.answers["login"]
        now[0] = 600.0
        assert await link.answers() == ("", 1)


# -- the command -------------------------------------------------------------------------------------


def only_by_email(text: str) -> str:
    """Return the sample's file with a Chair who has e-mail alone."""
    return text.replace('web = "ellis"\n', "")


async def looked(
    text: str, tmp_path: Path, environment: dict[str, str], *, send_test: str | None = None
) -> tuple[int, str]:
    """Return what check says of a school's file in an environment."""
    (tmp_path / "school.toml").write_text(text, "utf-8")
    out = io.StringIO()

    async def look(*given: object) -> object:
        return await look_at_platforms.look(*given, send_test=send_test or "")  # type: ignore[arg-type]

    code = await check.run(
        tmp_path / "school.toml",
        out=out,
        environment={"REPORT_TRY_OUT": "yes", **environment},
        platform_checks=[look] if send_test is not None else [],  # type: ignore[list-item]
    )
    return code, out.getvalue()


MAIL = {"EMAIL_SERVER": "smtp://127.0.0.1:9", "EMAIL_FROM": "reports@school.example"}
ALONE = "reached by e-mail alone"


@pytest.mark.feature("email-server")
@pytest.mark.parametrize(
    ("alone", "environment", "part"),
    [
        (True, MAIL, "Wrong"),
        (True, {**MAIL, "REPORT_ADDRESS": "https://bot.school.example"}, "Left to do"),
        (False, MAIL, ""),
        (True, {}, ""),
    ],
    ids=["no public address", "a public address", "also in a chat", "no e-mail"],
)
async def test_a_lead_with_email_alone(
    tmp_path: Path, environment: dict[str, str], part: str, *, alone: bool
) -> None:
    """Who may have to lead must be able to open a case: without an address of ours that is refused."""
    code, said = await looked(only_by_email(SAMPLE) if alone else SAMPLE, tmp_path, environment)
    assert (ALONE in said) is bool(part)
    if part:
        after = said.partition(f"{part}\n")[2]
        assert ALONE in (after if part == "Wrong" else after.partition("Wrong\n")[0])
    assert (code == 2) is (part == "Wrong")


async def test_a_digest_by_email_without_email(tmp_path: Path) -> None:
    """A key of the file that would do nothing is refused; with e-mail it is not."""
    text = SAMPLE.replace("[digest]\n", '[digest]\nemail = ["ellis"]\n')
    code, said = await looked(text, tmp_path, {})
    assert code == 2
    assert "EMAIL_SERVER" in said
    assert (await looked(text, tmp_path, MAIL))[0] == 0


async def test_the_command_sends_a_test(tmp_path: Path) -> None:
    """By the id of the school's file; who is nobody there is said, and so is that there is no e-mail."""
    post = Post()
    async with served(post, login=True) as port:
        mail = {
            "EMAIL_SERVER": f"smtp://127.0.0.1:{port}",
            "EMAIL_FROM": "reports@school.example",
            "EMAIL_USER": USER,
            "EMAIL_PASSWORD": PASSWORD,
            "EMAIL_CA_FILE": str(authority_file()),
        }
        code, said = await looked(SAMPLE, tmp_path, mail, send_test="ellis")
        assert (code, len(post.to("chair@school.example"))) == (0, 1)
        assert "Ask them whether it arrived" in said
        assert (await looked(SAMPLE, tmp_path, mail, send_test=""))[0] == 0
        assert len(post.taken) == 1
        code, said = await looked(SAMPLE, tmp_path, mail, send_test="nobody")
        assert (code, 'nobody is called "nobody"' in said) == (2, True)
    code, said = await looked(SAMPLE, tmp_path, {}, send_test="ellis")
    assert (code, "EMAIL_SERVER" in said) == (2, True)


# -- the school's file -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "wrong"),
    [
        ('["ellis", "ash"]', ""),
        ('["elis"]', "is nobody under"),
        ('["office"]', "holds no seat"),
        ('["fern"]', "has no e-mail address"),
    ],
)
def test_who_has_the_digest_by_email(listed: str, wrong: str) -> None:
    """Those who hold a seat and have an address; anybody else is refused by name and line."""
    text = SAMPLE.replace("[digest]\n", f"[digest]\nemail = {listed}\n").replace(
        'email = "vice.chair@school.example"\n', ""
    )
    assert tomllib.loads(text)
    found = read_school(text)
    assert (found.school is not None) is not bool(wrong)
    assert [problem.key for problem in found.errors] == (["digest.email[0]"] if wrong else [])
    assert all(wrong in problem.what for problem in found.errors)
