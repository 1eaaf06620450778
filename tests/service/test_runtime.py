"""The running service hands its last messages to the recordings before they close."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from tests.fakes.house import wire
from tests.fakes.recordings import messages_by_topic
from tests.fakes.subscriber import action

pytest.importorskip("mcap", reason="needs the record extra (mcap)")


def test_the_last_messages_of_the_engine_are_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, _, _ = wire(recordings=tmp_path)
    close = live.engine.close

    async def close_with_a_last_message() -> None:
        await close()
        # The event loop is busy in this line, so the message waits for it, as at a real end.
        publishing = threading.Thread(target=live.bus.publish, args=([action(7)],))
        publishing.start()
        publishing.join()

    monkeypatch.setattr(live.engine, "close", close_with_a_last_message)

    async def scene() -> None:
        await live.start()
        await asyncio.to_thread(live.recordings.start, "a", {"a"})
        await live.stop()

    asyncio.run(scene())
    (path,) = tmp_path.iterdir()
    assert len(messages_by_topic(path)["/action"]) == 1
