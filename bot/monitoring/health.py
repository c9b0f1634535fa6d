"""``/healthz``: the process answers. ``/readyz``: reports are kept and go out, and nothing needs a person.

A balancer looks at the first (a report can be made while a platform is down), a monitor at the second, and
at ``/metrics`` for how it goes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from bot.context import AppContext
from bot.monitoring.metrics import TYPE, Metrics
from bot.monitoring.pulse import LATE, heard
from bot.monitoring.pulse import down as pulse_down
from flows.errors import StoreError


def routes(app: web.Application, context: AppContext) -> None:
    """Add the routes. None says anything of a school."""

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def ready(_request: web.Request) -> web.Response:
        try:
            await context.store.next_due()
            apart = len(await context.store.apart())
            workers = await heard(context) if context.store.shared else None
        except StoreError as error:
            return web.json_response({"ok": False, "reason": error.reference}, status=503)
        down = [
            msgspec.to_builtins(one)
            for one in dict.fromkeys((*pulse_down(context), *(d for w in workers or () for d in w.down)))
        ]
        late = max((one.late for one in workers or ()), default=0.0)
        silent = [
            {"platform": platform, "since": one.since.isoformat(), "why": one.why, "count": one.count}
            for platform, one in context.links.silent.items()
        ]
        reasons = {
            "set-apart": apart,
            "platform-down": down,
            "platform-silent": silent,
            "worker-silent": workers is not None and not workers,
            "outbox-late": late > LATE.total_seconds(),
            "unfit-place": context.unfit,
        }
        reason = next((name for name, found in reasons.items() if found), "")
        if not reason:
            return web.json_response({"ok": True})
        told = {"ok": False, "reason": reason, "apart": apart, "down": down, "silent": silent}
        return web.json_response(told, status=503)

    app.add_routes(
        [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", _metrics(context))]
    )


def _metrics(context: AppContext) -> Callable[[web.Request], Awaitable[web.Response]]:
    figures = Metrics(context)

    async def metrics(_request: web.Request) -> web.Response:
        try:
            text = await figures.text()
        except StoreError:
            return web.Response(status=503)
        return web.Response(body=text.encode(), headers={"Content-Type": TYPE})

    return metrics
