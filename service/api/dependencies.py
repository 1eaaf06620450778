"""Dependencies of the routes: the running service."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from service.runtime import Live


async def running_service(connection: HTTPConnection) -> Live:
    """Return the service that the application was made for."""
    live: Live = connection.app.state.live
    return live


RunningService = Annotated[Live, Depends(running_service)]
"""Type of a route's parameter that receives the running service."""
