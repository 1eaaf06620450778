"""The server that runs the application, and its listening socket."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import uvicorn
from fastapi import FastAPI

from service.api.direct_socket import DirectSocket
from service.api.protocol.connections import Connections
from service.api.protocol.http_protocol import HttpProtocol, Limits
from service.errors import SettingsError
from service.publish.bus import Bus
from service.settings import Settings

_GOODBYE_S = 1.0
"""Time for subscribers to close their sockets at shutdown."""
OTHER_CONNECTIONS = 512
"""Connections beside the streams and subscribers: requests, and websockets that are refused."""
_OTHER_FILES = 256
"""Open files that are not connections."""
_BACKLOG = 4096
"""Connections that may wait to be accepted, since a thousand cameras may reconnect at once."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises SettingsError, with the remedy, if that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            remedy = "stop the program that uses it, or choose another with --port"
            raise SettingsError(f"port {port} of {host} is taken: {remedy}") from None
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None


def allow_sockets(count: int) -> int:
    """Raise this process's limit of open files for `count` sockets, at most to the hard limit.

    Returns the number of sockets that may be open.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return count
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + _OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    if soft == resource.RLIM_INFINITY:
        return count
    return min(count, max(soft - _OTHER_FILES, soft // 2))


def limits_of(settings: Settings, most_sockets: int) -> Limits:
    """Return the limits of a server. `most_sockets` may be open in this process."""
    # An upload that pauses is answered by its route, so the connection waits a little longer.
    body_s = settings.upload_idle_s + 5
    return Limits(Connections(most_sockets, settings.connections_per_address), body_s)


class Server(uvicorn.Server):
    """A uvicorn server that reports when it is ready and closes subscriptions before it stops.

    `push_bytes` is the largest pushed message, and `limits` are those of connections and requests;
    `on_ready` is called once the server listens.
    """

    def __init__(
        self,
        app: FastAPI,
        bus: Bus,
        push_bytes: int,
        on_ready: Callable[[], None],
        limits: Limits,
    ) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            loop="auto",  # uvloop where it is installed
            # A callable is enough, though uvicorn asks for a class.
            http=cast(Any, partial(HttpProtocol, limits=limits)),
            ws=DirectSocket,
            lifespan="on",
            # Twice the limit, so that a message slightly too large gets an error, not a cut.
            ws_max_size=2 * push_bytes,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=3,
        )
        super().__init__(config)
        self.limits = limits
        self._bus = bus
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then call `on_ready`."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close each subscriber's socket with the code for going away, then stop."""
        self._bus.close()
        for _ in range(20):
            if not self._bus.subscriptions:
                break
            await asyncio.sleep(_GOODBYE_S / 20)
        await super().shutdown(sockets)
        if self.force_exit:  # uvicorn skips this, but the service must stop cleanly
            await self.lifespan.shutdown()
