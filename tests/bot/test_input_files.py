"""A file that nobody wrote for this – nested without end, huge, binary – is called so, soon, in a line."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from bot.commands import decide, init, words
from bot.commands.policy import policy_page
from bot.school_file.load import read_schools
from flows.errors import InvalidAnswer

STRANGE = {
    "nested lists": b"a = " + b"[" * 100_000 + b"]" * 100_000,
    "nested lists, a line each": b"a = " + b"[\n" * 3_000 + b"]\n" * 3_000,
    "nested tables": b"a = " + b"{a=" * 1_000 + b"1" + b"}" * 1_000,
    "nested JSON": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "one key of many parts": b".".join([b"a"] * 100_000) + b" = 1",
    "thirty megabytes": b"x" * 30_000_000,
    "binary": bytes(range(256)) * 1_000,
    "zeros": bytes(1_000),
    "half a letter": b'name = "\xff\xfe"',
    "nothing": b"",
}
SOON = 8.0


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE.keys())
def test_it_is_said_soon_and_in_a_line(tmp_path: Path, content: bytes) -> None:
    """By everything that reads a file: the school's, answers for init, decide, explain, words."""
    path, out = tmp_path / "given", io.StringIO()
    path.write_bytes(content)
    began = time.process_time()
    _, errors, _ = read_schools(path)
    assert errors
    with pytest.raises(InvalidAnswer):
        init.run(tmp_path / "school.toml", answers=path, force=False, out=out)
    assert decide.run(str(path), out, out) == decide.WRONG
    assert policy_page.explain_answers(str(path), out, out) == policy_page.WRONG
    words.run(str(path), io.StringIO(), out)
    assert time.process_time() - began < SOON
    said = out.getvalue().splitlines()
    assert all(len(line) < 300 for line in said)
    assert not (tmp_path / "school.toml").exists()
