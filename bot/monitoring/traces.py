"""Traces by OpenTelemetry, for whoever asks how long things take; the extra ``traces`` brings what it needs.

A span holds what it is, which kinds it is about, how long it took, and the reference of what went wrong. All
of that is closed words of ours: a value that is no member of an enumeration and no class is not told. What an
error says, and where it was raised, is never told: a library's words may hold a person's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.context import AppContext, Span
from flows.errors import ReportingError, SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

#: What is left to be sent when we end has this long (seconds).
_WITHIN = 1.0


class Traced:
    """See :class:`bot.context.Spans`."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def span(self, name: Span, **kinds: StrEnum | type) -> Iterator[Callable[..., None]]:
        """Tell how long it took, of which kinds it was, and what came of it."""
        with self._tracer.start_as_current_span(
            name.value, record_exception=False, set_status_on_exception=False
        ) as span:

            def became(**kinds: StrEnum | type) -> None:
                span.set_attributes({key: told for key, one in kinds.items() if (told := _told(one))})

            became(**kinds)
            try:
                yield became
            except Exception as error:
                known = error.reference if isinstance(error, ReportingError) else type(error).__name__
                span.set_attribute("error", known)
                raise


def _told(kind: object) -> str:
    """Return a closed word as it is told; "" = it is none."""
    if isinstance(kind, StrEnum):
        return kind.value
    return kind.__name__ if isinstance(kind, type) else ""


@contextmanager
def traced(endpoint: str, context: AppContext) -> Iterator[None]:
    """Have what takes time told to a collector, where one is named; in the end what is left, if it is quick.

    Raises SettingsError without the extra.
    """
    if not endpoint:
        yield
        return
    provider = _provider(f"{endpoint.rstrip('/')}/v1/traces")
    context.spans = Traced(provider.get_tracer("report-posting"))
    try:
        yield
    finally:
        ending = threading.Thread(target=provider.shutdown, name="traces", daemon=True)
        ending.start()
        ending.join(_WITHIN)


def _provider(address: str) -> TracerProvider:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - likewise
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - likewise
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - likewise
    except ImportError:
        mend = "Type: pip install 'report-posting[traces]', or take this setting out."
        raise SettingsError(
            "settings", "OTEL_EXPORTER_OTLP_ENDPOINT: what traces need is not installed.", mend
        ) from None
    made = TracerProvider(resource=Resource({"service.name": "report-posting"}), shutdown_on_exit=False)
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(address)))
    return made
