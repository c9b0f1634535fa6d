"""A wrong signing secret: every request is refused, and that is noticed."""

from __future__ import annotations

from tests.slack.bench import Bench


async def test_a_wrong_signing_secret_is_noticed(bench: Bench) -> None:
    """What comes is not signed with our secret: counted and said, until something is."""
    assert await bench.app.link.answers() == ("", 0)
    for _ in range(3):
        status, _answer = await bench.post("command=%2Freport-posting", secret="another")
        assert status == 401
    assert await bench.app.link.answers() == ("slack-untrusted", 3)
    await bench.command()
    assert await bench.app.link.answers() == ("", 3)


async def test_what_nobody_signed_is_no_sign_of_a_wrong_secret(bench: Bench) -> None:
    """Whoever tries doors on the internet signs nothing: that says nothing about our secret."""
    answer = await bench.client.post("/slack/events", data=b"x")
    assert answer.status == 401
    assert await bench.app.link.answers() == ("", 0)
