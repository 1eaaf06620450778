"""Places for clips: no address keeps the others out."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import ExitStack

import pytest

from service.clips.places import MOST_UPLOADS, ClipsBusyError, Places
from tests.fakes.house import running
from tests.fakes.slow_recognizer import SLOW_LOADER
from tests.service.clips.raw_uploads import await_text, clip, form, sent

LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems have one loopback address"
)


def test_an_address_without_a_clip_waits_and_comes_first() -> None:
    async def run() -> None:
        places = Places(1)
        await places.take("a")
        with pytest.raises(ClipsBusyError):
            await places.take("a")
        waiting = asyncio.create_task(places.take("b"))
        await asyncio.sleep(0)
        places.leave("a")
        places.free()
        await waiting
        again = asyncio.create_task(places.take("a"))
        await asyncio.sleep(0)
        assert not again.done()
        places.leave("b")
        places.free()
        await again

    asyncio.run(run())


def test_who_leaves_the_line_takes_no_place() -> None:
    async def run() -> None:
        places = Places(1, wait_s=0.01)
        await places.take("a")
        with pytest.raises(ClipsBusyError):
            await places.take("b")
        gone = asyncio.create_task(places.take("b"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        places.leave("a")
        places.free()
        await places.take("b")

    asyncio.run(run())


def test_one_address_may_use_all_places() -> None:
    async def run() -> None:
        places = Places(2)
        await places.take("a")
        await places.take("a")
        with pytest.raises(ClipsBusyError):
            await places.take("a")

    asyncio.run(run())


@LINUX
def test_a_flood_of_one_address_does_not_keep_others_out() -> None:
    short = {"file": ("a.csv", clip(60))}
    with running(clip_loader=SLOW_LOADER, clips_at_once=1) as house, ExitStack() as flood:
        for _ in range(20):
            client = flood.enter_context(sent(house, form(clip(300)), "127.0.0.2"))
        await_text(client, b"\n")
        assert house.http.post("/clips", files=short, timeout=30).status_code == 200


@LINUX
def test_half_open_uploads_take_no_place_and_are_counted_by_address() -> None:
    part = form(clip(60))[:2000]
    short = {"file": ("a.csv", clip(60))}
    with running(clips_at_once=1) as house, ExitStack() as silent:
        clients: list[socket.socket] = [
            silent.enter_context(sent(house, part, "127.0.0.2")) for _ in range(MOST_UPLOADS + 1)
        ]
        assert b" 503 " in await_text(clients[-1], b"\r\n\r\n")
        assert house.http.post("/clips", files=short, timeout=30).status_code == 200
