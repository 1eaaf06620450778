"""The FastAPI application: routes, access control and one-line error answers.

To add a route, see `service/api/routes/__init__.py`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from service.api.access.guard import Guard
from service.api.access.tokens import Tokens
from service.api.compression import Compression
from service.api.openapi import openapi
from service.api.routes import (
    atlas,
    clips,
    interface,
    page,
    push,
    recordings,
    status,
    subscribe,
    why,
)
from service.api.routes.replies import error
from service.runtime import Live
from service.settings import Settings

log = logging.getLogger(__name__)

OPEN_PATHS = frozenset({"/health", "/ready"})
"""Routes that need no token."""


def create_app(settings: Settings, live: Live, viewer: Path = page.VIEWER) -> FastAPI:
    """Make the application of a service, and start and stop the service with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await live.start()
        try:
            yield
        finally:
            await live.stop()

    app = FastAPI(
        title="Jointwise",
        version=live.version,
        lifespan=lifespan,
        openapi_url=None,  # `routes.interface` answers it
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.live = live
    for router in (
        status.router,
        why.router,
        atlas.router,
        clips.router,
        recordings.router,
        subscribe.router,
        push.router,
        interface.router,
    ):
        app.include_router(router)
    _add_error_handlers(app)
    _describe(app)
    open_paths = [*OPEN_PATHS, *page.mount_page(app, viewer)]
    # The last one added runs first. Inside the guard, errors get its headers too.
    app.add_middleware(Compression)
    app.add_middleware(ServerErrorMiddleware, handler=_on_failure)
    app.add_middleware(
        Guard,
        host=settings.host,
        allowed_origins=settings.allowed_origins,
        tokens=Tokens(
            _secret(settings.subscribe_token),
            _secret(settings.push_token),
            open_paths,
            settings.session_hours * 3600,
            live.metrics.wrong_tokens.inc,
        ),
    )
    return app


def _secret(token: SecretStr | None) -> str | None:
    return None if token is None else token.get_secret_value()


def _describe(app: FastAPI) -> None:
    """Make the application build its OpenAPI document at the first request, and keep it."""
    document: dict[str, Any] = {}

    def describe() -> dict[str, Any]:
        if not document:
            document.update(openapi(app, OPEN_PATHS))
        return document

    app.openapi = describe  # type: ignore[method-assign]


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def on_http(request: Request, problem: HTTPException) -> Response:
        return error(problem.status_code, str(problem.detail), problem.headers)

    @app.exception_handler(ClientDisconnect)
    async def on_leaving(request: Request, problem: ClientDisconnect) -> Response:
        return error(400, "the client left before its request was complete")

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, problem: RequestValidationError) -> Response:
        first = problem.errors()[0]
        return error(422, f"{first['loc'][-1]}: {first['msg']}")


async def _on_failure(request: Request, problem: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=problem)
    return error(500, "internal error; the log of the service has the details")
