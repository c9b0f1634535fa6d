"""Our Socket Mode counterpart, met by Slack's own client: it speaks the protocol."""

from __future__ import annotations

import asyncio

from tests.e2e.slack.emulated import HERE, NODE
from tests.e2e.slack.front import Front


async def test_slacks_own_client_understands_the_counterpart() -> None:
    """It connects, hears a command, and its acknowledgement arrives."""
    front = Front("http://127.0.0.1:1")
    await front.start()
    made = await asyncio.create_subprocess_exec(
        NODE, HERE / "official_client.mjs", front.api_url, stdout=asyncio.subprocess.PIPE, cwd=HERE.parent
    )
    try:
        assert made.stdout is not None
        async with asyncio.timeout(20):
            assert await made.stdout.readline() == b"connected\n"
            envelope = {
                "type": "slash_commands",
                "envelope_id": "node1",
                "accepts_response_payload": True,
                "payload": {"command": "/report-posting", "text": "x"},
            }
            ack = await front.push(envelope)
            assert ack["payload"] == {"text": "heard"}
            assert await made.stdout.readline() == b"/report-posting\n"
            assert await made.wait() == 0
    finally:
        if made.returncode is None:
            made.kill()
            await made.wait()
        await front.stop()
