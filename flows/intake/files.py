"""When the files of a report go: all of a mistake, a locked one once it was handed over."""

from __future__ import annotations

from msgspec.structs import replace

from flows.model import EvidenceFile, Report


def let_go(report: Report, *, locked_only: bool) -> Report:
    """Return the report without its files; that they were there stays on record."""
    files = tuple(
        replace(file, gone=True) if file.locked or not locked_only else file for file in report.posting.files
    )
    return replace(report, posting=replace(report.posting, files=files))


def still_gone(report: Report, before: Report) -> tuple[EvidenceFile, ...]:
    """Return the files of a report as it comes again: what left the case has left it."""
    gone = {file.id for file in before.posting.files if file.gone}
    return tuple(replace(file, gone=file.id in gone) for file in report.posting.files)
