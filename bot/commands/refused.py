"""What the computer refused, in words."""

from __future__ import annotations

import errno
from pathlib import Path


def in_words(error: OSError) -> str:
    """Return what the computer refused, and what to do where that is known."""
    if error.errno == errno.EADDRINUSE:
        return "That port is taken: another program listens there. Choose another: set REPORT_PORT to 8001."
    if error.errno == errno.EADDRNOTAVAIL:
        return "This computer does not have that address. Use 127.0.0.1, or one of its own."
    name = f"{Path(error.filename).name}: " if isinstance(error.filename, str) else ""
    return f"{name}{error.strerror or type(error).__name__}. Check the path and its rights."
