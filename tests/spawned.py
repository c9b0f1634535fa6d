"""Programs to be killed, each a process of its own.

They come from a small process that has read our code and done nothing. A copy of the test's own would have
its locks and none of its threads: whatever had worked there, as what sets a PDF does, hangs in the copy.
"""

from __future__ import annotations

import multiprocessing

SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["tests.storage.faults", "tests.crash.driver"])
