"""Whether anything locked is known to be vulnerable: asks pip-audit, believes only what was looked up.

    python requirements/vulnerabilities.py [LOCK]

Fails where something is known. Where the advisories cannot be reached it says loudly that nothing was
checked, and fails nothing: pip-audit itself says "no known vulnerabilities" then.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

#: Advisories that are known and do not concern us, each with the reason.
SET_ASIDE: Mapping[str, str] = {}
_PATIENCE = 180.0


def told(answer: str, set_aside: Mapping[str, str] = SET_ASIDE) -> tuple[int, str]:
    """Return (code, words) for what pip-audit answered ("" or what is no JSON = nothing came)."""
    try:
        found: Sequence[Mapping[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        found = ()
    checked = [one for one in found if "skip_reason" not in one]
    if not checked:
        return 0, f"{LOUD} The advisories could not be reached. Run it where they can: make vulnerabilities\n"
    known = [line for one in checked for line in _known(one, set_aside)]
    skipped = sorted(one["name"] for one in found if "skip_reason" in one)
    words = [f"{len(checked)} packages were looked up, {len(known)} known vulnerabilities."]
    words += [f"NOT looked up: {', '.join(skipped)}"] if skipped else []
    return int(bool(known)), "\n".join([*known, *words]) + "\n"


LOUD = "######## NOT CHECKED for known vulnerabilities. ########"


def _known(one: Mapping[str, Any], set_aside: Mapping[str, str]) -> list[str]:
    lines = []
    for each in one.get("vulns", ()):
        if not {each["id"], *each.get("aliases", ())} & set(set_aside):
            mended = ", ".join(each.get("fix_versions", ())) or "no version yet"
            lines.append(f"{one['name']} {one['version']}: {each['id']}, mended in {mended}")
    return lines


def main(lock: Path) -> int:
    """Ask, say, and return 1 where something is known."""
    asked = ["-r", str(lock), "--disable-pip", "--require-hashes", "-f", "json", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", *asked]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE)
        answer = done.stdout
    except subprocess.TimeoutExpired:
        answer = ""
    code, words = told(answer)
    sys.stdout.write(words)
    return code


if __name__ == "__main__":
    default = Path(__file__).with_name("run.txt")
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else default))
