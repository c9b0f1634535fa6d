"""Traces say how long things take and of which kinds they are; nothing that anybody wrote or is called."""

from __future__ import annotations

import asyncio
import builtins
import gzip
import json
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.context import NoSpans, Span
from bot.monitoring.traces import Traced, traced
from flows.errors import NotAllowed, SettingsError
from flows.model import Action, Message
from flows.school import Platform
from flows.ui.intents import ChatCommand
from storage.open import open_store
from tests.fakes import Failure
from tests.often import often
from tests.story.test_story import ABUSE
from tests.town import Town

#: Words of people: no closed word of ours holds one of these letters.
WORDS = st.text(alphabet="ÄÖÜŁßæøþžćń", min_size=6, max_size=30)


class Kept:
    """A tracer whose spans are kept for us to read."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.spans = Traced(provider.get_tracer("test"))

    def read(self) -> list[Mapping[str, Any]]:
        """Return every span, whole, as it would leave."""
        return [json.loads(span.to_json()) for span in self.exporter.get_finished_spans()]


async def town() -> tuple[Town, Kept]:
    """Return a school that is traced."""
    place, kept = Town(await open_store("memory:", key=bytes(32))), Kept()
    place.context.spans = kept.spans
    return place, kept


async def story(place: Town, words: str, name: str, link: str) -> None:
    """Let a case be reported, told, opened, noted, looked for, refused, delivered badly, in these words."""
    place.chat.fail(Failure.PERMANENT, None, Failure.RETRYABLE, Failure.AMBIGUOUS_ACCEPTED)
    said = {**ABUSE, "words": words, "account_name": f"@{name}", "link": f"https://forum.example/{link}"}
    await place.report("brook", said)
    await place.settle()
    case = await place.case()
    await place.act("ash", case, Action.OPEN_RECORD)
    await place.act("ash", case, Action.NOTE, {"text": words})
    await place.act("jo", case, Action.NOTE, {"text": words})
    await place.ask("ash", ChatCommand.FIND, words)
    await place.ask("ash", ChatCommand.SEAT, f"DSL: {name}")
    await place.say("jo", words)
    await place.later(days=8)


@pytest.mark.feature("traces")
@given(words=WORDS, name=WORDS, link=WORDS)
@settings(max_examples=often(60))
async def test_nothing_of_anybody_is_in_a_span(words: str, name: str, link: str) -> None:
    """Whatever is written, whoever does it, whatever fails: a span holds none of it, nor whose it is."""
    place, kept = await town()
    await story(place, words, name, link)
    case, spans = await place.case(), kept.read()
    assert len(spans) > 50
    told = json.dumps(spans, ensure_ascii=False)
    people = [
        one for person in place.school.people.values() for one in (person.name, person.email, person.phone)
    ]
    ids = [case.reference, case.id, place.school.id, place.school.name]
    for kept_back in (words, name, link, *filter(None, people), *ids):
        assert kept_back not in told
    values = {str(value) for span in spans for value in span["attributes"].values()}
    assert not values & set(place.school.people)
    assert all(value.isascii() and " " not in value for value in values)
    assert all(span["events"] == [] and span["links"] == [] for span in spans)
    assert {span["name"] for span in spans} == set(Span)


async def test_an_error_says_its_reference_and_no_word() -> None:
    """What a library says may hold anything: neither its words nor where it was raised is told."""
    kept = Kept()
    for error in (RuntimeError("An invented word"), NotAllowed("no-such-case", "An invented word")):
        with pytest.raises(type(error)), kept.spans.span(Span.TURN):
            raise error
    assert [span["attributes"] for span in kept.read()] == [
        {"error": "RuntimeError"},
        {"error": "no-such-case"},
    ]
    assert "invented" not in json.dumps(kept.read())


async def test_what_is_no_closed_word_is_not_told() -> None:
    """Somebody hands over a text, by mistake: the span goes without it."""
    kept = Kept()
    with kept.spans.span(
        Span.SEND, message=Message.NOTICE, on=Platform.WEB, way="An invented word"
    ) as became:  # type: ignore[arg-type]
        became(reply=int, more=["An invented word"])
    (span,) = kept.read()
    assert span["attributes"] == {"message": "notice", "on": "web", "reply": "int"}


async def test_what_belongs_together_is_one_trace() -> None:
    """A turn holds the commits that it made."""
    place, kept = await town()
    await place.say("brook", "report")
    spans = kept.read()
    turn = next(span for span in spans if span["name"] == "turn")
    commits = [span for span in spans if span["name"] == "commit"]
    assert commits
    assert {span["parent_id"] for span in commits} == {turn["context"]["span_id"]}
    assert turn["attributes"] == {"inbound": "Typed", "on": "web", "reply": "Show"}


async def test_a_collector_gets_them() -> None:
    """Where one is named it is sent what there is, at the latest when we end; afterwards nothing is."""
    got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def take(request: web.Request) -> web.Response:
        got.set_result(await request.read())
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/v1/traces", take)])
    place = Town(await open_store("memory:", key=bytes(32)))
    async with TestServer(app) as server:
        with traced(str(server.make_url("")), place.context):
            await place.ask("brook", ChatCommand.HELP)
        async with asyncio.timeout(20):
            assert b"Asked" in gzip_or_plain(await got)


def gzip_or_plain(body: bytes) -> bytes:
    """Return what a body holds."""
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


async def test_without_an_address_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody traces by default; with an address and without the extra it is said what to type."""
    place = Town(await open_store("memory:", key=bytes(32)))
    with traced("", place.context):
        assert isinstance(place.context.spans, NoSpans)
    real = builtins.__import__

    def missing(name: str, *args: Any, **named: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *args, **named)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(SettingsError, match=r"report-posting\[traces\]"), traced("http://x", place.context):
        pass
