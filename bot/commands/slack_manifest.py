"""``slack manifest``: what Slack is asked to allow, as this deployment needs it."""

from __future__ import annotations

import json

from adapters.slack import manifest
from bot.config import load
from bot.config.written import address_wrongs
from bot.school_file.load import read_schools
from flows.errors import InvalidAnswer


def made(address: str, *, many: bool) -> str:
    """Return the manifest as JSON: Socket Mode, unless an address is given.

    Looks at the school's file, if there is one: who is staff decides what has to be asked for.
    """
    for wrong in address_wrongs("--address", address):
        raise InvalidAnswer("address", wrong, "")
    if many and not address:
        raise InvalidAnswer("address", "--many needs our public address.", "Add --address https://…")
    path = load.school_path()
    schools = read_schools(path)[0].values() if path.exists() else ()
    staffs = [school.staff for school in schools]
    asked = manifest.manifest(base_url=address or None, socket=not address, many=many, staffs=staffs)
    return json.dumps(asked, indent=2, ensure_ascii=False)
