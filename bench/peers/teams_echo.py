"""Two kits of Microsoft's as they come, each with a bot that answers every message with its own words."""

from __future__ import annotations

from typing import Any

from aiohttp import web


def stock() -> web.Application:
    """Return an echo on botbuilder's CloudAdapter, without credentials."""
    from botbuilder.core import ActivityHandler, TurnContext  # noqa: PLC0415 - each process loads its own
    from botbuilder.integration.aiohttp import (  # noqa: PLC0415 - likewise
        CloudAdapter,
        ConfigurationBotFrameworkAuthentication,
    )

    class Settings:
        APP_ID = ""
        APP_PASSWORD = ""

    class Echo(ActivityHandler):  # type: ignore[misc] # published without types
        async def on_message_activity(self, turn_context: TurnContext) -> None:
            await turn_context.send_activity(turn_context.activity.text)

    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(Settings()))
    echo = Echo()

    async def take(request: web.Request) -> Any:
        return await adapter.process(request, echo)

    app = web.Application()
    app.router.add_post("/api/messages", take)
    return app


def agents() -> web.Application:
    """Return an echo on the kit that came after it, without credentials."""
    from microsoft_agents.hosting.aiohttp import CloudAdapter  # noqa: PLC0415 - each process loads its own
    from microsoft_agents.hosting.core import ActivityHandler, TurnContext  # noqa: PLC0415 - likewise
    from microsoft_agents.hosting.core.authorization import (  # noqa: PLC0415 - likewise
        AnonymousTokenProvider,
        ClaimsIdentity,
    )

    class Nobody:
        def get_token_provider(self, *_: Any) -> AnonymousTokenProvider:
            return AnonymousTokenProvider()

        get_token_provider_from_activity = get_token_provider

        def get_connection(self, *_: Any) -> AnonymousTokenProvider:
            return AnonymousTokenProvider()

        def get_default_connection(self) -> AnonymousTokenProvider:
            return AnonymousTokenProvider()

    class Echo(ActivityHandler):
        async def on_message_activity(self, turn_context: TurnContext) -> None:  # type: ignore[override]
            await turn_context.send_activity(turn_context.activity.text or "")

    nobody: Any = Nobody()
    adapter = CloudAdapter(connection_manager=nobody)
    echo = Echo()

    async def take(request: web.Request) -> Any:
        request["claims_identity"] = ClaimsIdentity({})
        return await adapter.process(request, echo)

    app = web.Application()
    app.router.add_post("/api/messages", take)
    return app
