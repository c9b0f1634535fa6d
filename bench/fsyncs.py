"""Counts how often this process asks the disk to really keep something, and can make the disk slower.

A few lines of C stand between the program and the system's ``fsync`` and ``fdatasync``. The bench starts
itself again with them in front; without a C compiler nothing is counted, and the bench says so.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

_SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
static atomic_long calls;
long fsyncs_so_far(void) { return atomic_load(&calls); }
static int pass(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *slower = getenv("FLUSH_TAKES_US");
    atomic_fetch_add(&calls, 1);
    if (slower) usleep(atoi(slower));
    return real(fd);
}
int fsync(int fd) { return pass("fsync", fd); }
int fdatasync(int fd) { return pass("fdatasync", fd); }
"""


def shim(folder: Path) -> Path | None:
    """Build the counter in ``folder``; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    source, built = folder / "fsyncs.c", folder / "fsyncs.so"
    source.write_text(_SHIM, "utf-8")
    subprocess.run(  # noqa: S603 - the compiler found above, on our own text
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(built), str(source), "-ldl"], check=True
    )
    return built


def environment(built: Path, *, slower_us: int = 0) -> dict[str, str]:
    """Return the environment for a process that counts; each flush takes ``slower_us`` microseconds more."""
    slower = {"FLUSH_TAKES_US": str(slower_us)} if slower_us else {}
    return {**os.environ, "LD_PRELOAD": str(built), **slower}


def so_far() -> int:
    """Return how many there have been in this process. Only in a process started with :func:`environment`."""
    counter = ctypes.CDLL(None).fsyncs_so_far
    counter.restype = ctypes.c_long
    return int(counter())
