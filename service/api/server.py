"""The socket and the event loop that the application runs on."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from service.api.direct_socket import DirectSocket
from service.errors import SettingsError
from service.publish.bus import Bus

_GOODBYE_S = 1.0
_OTHER_FILES = 256
_BACKLOG = 4096
"""Connections that may wait to be accepted: a thousand cameras come back at once."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingsError with the mend where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            mend = "stop the program that has it, or choose another with --port"
            raise SettingsError(f"port {port} of {host} is taken: {mend}") from None
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None


def allow_sockets(count: int) -> None:
    """Raise this process's limit of open files, where it may, so that `count` sockets fit."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + _OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Server(uvicorn.Server):
    """Tells when it is ready, and says goodbye to subscribers before it goes."""

    def __init__(
        self, app: FastAPI, bus: Bus, push_bytes: int, on_ready: Callable[[], None]
    ) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            loop="auto",  # uvloop where it is installed
            ws=DirectSocket,
            lifespan="on",
            # Twice the limit, so that who is a little over is told so, not just cut off.
            ws_max_size=2 * push_bytes,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=3,
        )
        super().__init__(config)
        self._bus = bus
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close each subscriber's socket as going away, then stop."""
        self._bus.close()
        for _ in range(20):
            if not self._bus.subscriptions:
                break
            await asyncio.sleep(_GOODBYE_S / 20)
        await super().shutdown(sockets)
        if self.force_exit:  # uvicorn leaves this out then, and the application would be cut off
            await self.lifespan.shutdown()
