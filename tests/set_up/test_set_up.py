"""Setting up: a machine says where packages come from and nothing else, and no half is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from requirements import set_up
from tests.source import ROOT

PLACE = "https://packages.school.example/simple"


@pytest.mark.parametrize(
    ("environ", "listing", "expected"),
    [
        ({}, "", {}),
        ({"HOME": "/home/kim"}, "", {"HOME": "/home/kim"}),
        (
            {
                "PIP_CONSTRAINT": "c.txt",
                "PIP_TARGET": "/t",
                "UV_CONSTRAINT": "c.txt",
                "UV_EXCLUDE_NEWER": "2020",
            },
            "",
            {},
        ),
        ({"PYTHONPATH": "/elsewhere"}, "", {}),
        (
            {},
            f"global.index-url='{PLACE}'\nglobal.constraint='c.txt'\nglobal.target='/t'",
            {"PIP_INDEX_URL": PLACE, "UV_DEFAULT_INDEX": PLACE},
        ),
        (
            {},
            f"global.index-url='https://other.example'\n:env:.index-url='{PLACE}'",
            {"PIP_INDEX_URL": PLACE, "UV_DEFAULT_INDEX": PLACE},
        ),
        (
            {"UV_DEFAULT_INDEX": "https://uv.example"},
            f"global.index-url='{PLACE}'",
            {"PIP_INDEX_URL": PLACE, "UV_DEFAULT_INDEX": "https://uv.example"},
        ),
        (
            {"UV_INDEX_SCHOOL_PASSWORD": "x", "UV_OFFLINE": "1"},
            "",
            {"UV_INDEX_SCHOOL_PASSWORD": "x", "UV_OFFLINE": "1"},
        ),
        (
            {},
            "install.extra-index-url='\\nhttps://a.example\\nhttps://b.example'",
            {
                "PIP_EXTRA_INDEX_URL": "https://a.example https://b.example",
                "UV_INDEX": "https://a.example https://b.example",
            },
        ),
        (
            {},
            f"global.find-links='/not/there {ROOT} https://a.example/wheels'",
            {
                "PIP_FIND_LINKS": f"/not/there {ROOT} https://a.example/wheels",
                "UV_FIND_LINKS": f"{ROOT},https://a.example/wheels",
            },
        ),
        ({}, "global.cert='/ours.pem'", {"PIP_CERT": "/ours.pem", "SSL_CERT_FILE": "/ours.pem"}),
        (
            {"SSL_CERT_FILE": "/theirs.pem"},
            "global.cert='/ours.pem'",
            {"PIP_CERT": "/ours.pem", "SSL_CERT_FILE": "/theirs.pem"},
        ),
        ({}, "global.timeout='60'", {"PIP_TIMEOUT": "60"}),
    ],
)
def test_a_machine_says_where_from_and_nothing_else(
    environ: dict[str, str], listing: str, expected: dict[str, str]
) -> None:
    """Index, certificate and proxy are heard, from pip's files too; constraints and targets are not."""
    heard = set_up.environment(environ, listing)
    assert heard.pop("PIP_CONFIG_FILE") == os.devnull
    assert heard == expected


def test_a_folder_that_is_something_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a virtual environment is ever taken away."""
    (tmp_path / "letters.txt").write_text("keep me", "utf-8")
    assert set_up.main(tmp_path, ROOT / "requirements/run.txt") == 1
    assert "no virtual environment" in capsys.readouterr().err
    assert (tmp_path / "letters.txt").read_text("utf-8") == "keep me"


@pytest.mark.slow
def test_what_fails_leaves_no_half(tmp_path: Path) -> None:
    """Half an environment is made anew; where nothing can be fetched, words say so and none is left."""
    folder = tmp_path / ".venv"
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("home = /nowhere\n", "utf-8")
    nowhere = os.environ | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "requirements/set_up.py", str(folder), "requirements/run.txt"],
        cwd=ROOT,
        env=nowhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Not set up, see above." in done.stderr
    assert not folder.exists()


@pytest.mark.parametrize(
    ("asked", "words"),
    [("python9.9", "python9.9 is not that"), ("false", "false is not that")],
)
def test_make_refuses_another_python_before_anything_is_made(tmp_path: Path, asked: str, words: str) -> None:
    """A Python that is too old, or none, is refused in words, and nothing is made."""
    folder = tmp_path / "venv"
    done = subprocess.run(  # noqa: S603 - our own Makefile
        ["make", "run", f"PYTHON={asked}", f"VENV={folder}"],  # noqa: S607 - whichever make there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert words in done.stdout
    assert "Nothing was made" in done.stdout
    assert not folder.exists()
