"""The words check by itself: which keys each sentence would make the bot ask about, and which word did it.

For schools that adapt the list. Stores nothing, logs nothing.
"""

from __future__ import annotations

from typing import TextIO

import msgspec

from bot.commands.decide import read
from flows.questions.keywords import found

WRONG = 2
#: letters of one sentence
LONGEST = 20_000


def run(source: str, out: TextIO, err: TextIO) -> int:
    """Check every line of a file (``-`` = standard input); return the exit code.

    0: a list on ``out``, one object for each line that is not empty, in order. 2: one line on ``err``.
    """
    try:
        lines = read(source).decode().splitlines()
    except OSError as error:
        err.write(f"{source} cannot be read: {error.strerror or type(error).__name__}.\n")
        return WRONG
    except UnicodeDecodeError:
        err.write(f"{source} is not text in UTF-8.\n")
        return WRONG
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST:
            err.write(f"{source}, line {number}: this is no sentence; it is over {LONGEST} letters long.\n")
            return WRONG
    checked = [{"sentence": line, "asks": found(line)} for line in map(str.strip, lines) if line]
    out.write(msgspec.json.format(msgspec.json.encode(checked), indent=2).decode() + "\n")
    return 0
