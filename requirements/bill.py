"""What the program is made of: a bill of materials (CycloneDX) and a list of licences, from the lock alone.

    python requirements/bill.py FOLDER      writes sbom.cdx.json and licences.md there

Fails where a licence is one that nobody has looked at. On one system the same lock gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: Licences under which a school may run what is installed, and pass it on; each was read.
ACCEPTED = frozenset(
    {
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "LGPL-3.0-only",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
    }
)
#: How packages that name no SPDX id say the same.
_SAID = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Dual License": "Apache-2.0 OR BSD-3-Clause",
}
_PINNED = re.compile(r"^([a-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_CLASSED = "License :: OSI Approved :: "


class Piece:
    """One package of the lock: its version, its hashes, and what it says of itself where it is installed."""

    def __init__(self, name: str, version: str, marker: str) -> None:
        self.name, self.version, self.marker = name, version, marker
        self.hashes: list[str] = []
        try:
            self.told = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            self.told = None

    @property
    def wanted_here(self) -> bool:
        """Return whether it is for this system and this Python."""
        return not self.marker or Marker(self.marker).evaluate()

    @property
    def licence(self) -> str:
        """Return the licence as an SPDX expression as far as it can be known ("" = it is not installed)."""
        if self.told is None:
            return ""
        classed = [
            line.removeprefix(_CLASSED)
            for line in self.told.get_all("Classifier", [])
            if line.startswith(_CLASSED)
        ]
        short = (self.told.get("License") or "").strip()
        said = self.told.get("License-Expression") or (short if "\n" not in short else "")
        names = [said] if said and (said in _SAID or not classed) else classed or [said]
        return " OR ".join(dict.fromkeys(_SAID.get(name, name) for name in names)) or "unknown"

    @property
    def needs(self) -> set[str]:
        """Return the names of what it stands on here."""
        lines = self.told.get_all("Requires-Dist", []) if self.told is not None else []
        asked = (Requirement(line) for line in lines)
        here = {"extra": ""}
        return {canonicalize_name(one.name) for one in asked if not one.marker or one.marker.evaluate(here)}


def pieces(lock: str) -> list[Piece]:
    """Return what a lock holds."""
    found: list[Piece] = []
    for line in lock.splitlines():
        if pinned := _PINNED.match(line):
            found.append(Piece(pinned[1], pinned[2], pinned[3] or ""))
        elif found:
            found[-1].hashes += _HASH.findall(line)
    return found


def faults(found: Sequence[Piece]) -> Iterator[str]:
    """Yield each package whose licence nobody has looked at, and each that is not there to be asked."""
    for one in found:
        if one.told is None and one.wanted_here:
            yield f"{one.name}: it is not installed, so its licence cannot be read."
        elif one.told is not None and not accepted(one.licence):
            yield f"{one.name} {one.version}: its licence is {one.licence}. Read it, then add it to ACCEPTED."


def accepted(licence: str) -> bool:
    """Return whether one of a choice is accepted, and all of what holds together."""
    return any(
        all(name.strip(" ()") in ACCEPTED for name in choice.split(" AND "))
        for choice in licence.replace("(", "").replace(")", "").split(" OR ")
    )


def bill(found: Sequence[Piece], name: str, version: str, lock: str) -> str:
    """Return the bill of materials as JSON."""
    licences = LicenseFactory()
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, lock))
    bom.metadata.timestamp = dt.datetime.fromtimestamp(0, dt.UTC)
    whole = Component(name=name, version=version, type=ComponentType.APPLICATION, bom_ref=name)
    whole.licenses.add(licences.make_from_string("MIT"))
    bom.metadata.component = whole
    parts = {one.name: _part(one, licences) for one in found}
    for part in parts.values():
        bom.components.add(part)
    needs = {one.name: one.needs & set(parts) for one in found}
    below = {need for names in needs.values() for need in names}
    bom.register_dependency(whole, [part for name, part in parts.items() if name not in below])
    for one in found:
        bom.register_dependency(parts[one.name], [parts[need] for need in sorted(needs[one.name])])
    return JsonV1Dot6(bom).output_as_string(indent=2)


def _part(one: Piece, licences: LicenseFactory) -> Component:
    part = Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", name=one.name, version=one.version),
        bom_ref=f"{one.name}=={one.version}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in one.hashes],
    )
    if one.licence:
        part.licenses.add(licences.make_from_string(one.licence))
    return part


def listed(found: Sequence[Piece]) -> str:
    """Return the list of licences as a page."""
    rows = [f"| {one.name} | {one.version} | {one.licence or 'for another system'} |" for one in found]
    head = ["# Licences of what is installed with it", "", "| package | version | licence |", "|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def main(root: Path, folder: Path) -> int:
    """Write both; return 0, or 1 after naming what is wrong."""
    about = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    lock = (root / "requirements" / "run.txt").read_text("ascii")
    found = pieces(lock)
    text = bill(found, about["name"], about["version"], lock)
    invalid = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    wrong = [*faults(found), *([f"The bill is not CycloneDX: {invalid}"] if invalid else [])]
    if wrong:
        sys.stderr.write("\n".join(wrong) + "\n")
        return 1
    folder.mkdir(exist_ok=True)
    (folder / "sbom.cdx.json").write_text(text + "\n", "utf-8")
    (folder / "licences.md").write_text(listed(found), "utf-8")
    sys.stdout.write(f"{len(found)} packages, each under a licence that was looked at: {folder.name}/\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parents[1], Path(sys.argv[1])))
