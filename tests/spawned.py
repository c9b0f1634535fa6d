"""Programs to be killed, each a process of its own.

They come from a small process that has read our code and done nothing. A copy of the test's own would have
its locks and none of its threads: whatever had worked there, as what sets a PDF does, hangs in the copy.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable

SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["tests.storage.faults", "tests.crash.driver"])


def exit_of(target: Callable[..., object], *args: object) -> int:
    """Let a program run to its end; return how it ended, a signal's number below zero if it was killed."""
    program = SPAWN.Process(target=target, args=args)
    program.start()
    program.join()
    assert program.exitcode is not None
    return program.exitcode
