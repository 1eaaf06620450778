"""The machine-readable descriptions of the interface."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request, Response

from service.api.asyncapi import asyncapi
from service.api.dependencies import RunningService
from service.api.openapi import Document

router = APIRouter(tags=["Interface"])


def _document(kind: str, version: str, about: str) -> dict[int | str, Document]:
    example = {kind: version, "info": {"title": "Jointwise", "version": "0.1.0"}}
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    return {200: {"description": about, "content": content}}


@router.get(
    "/openapi.json",
    responses=_document("openapi", "3.1.0", "The OpenAPI document."),
    response_model=None,
)
def get_openapi_document(request: Request) -> Response:
    """Get the OpenAPI document.

    It describes the REST routes. The page `/docs` shows it.
    """
    return Response(msgspec.json.encode(request.app.openapi()), media_type="application/json")


@router.get(
    "/asyncapi.json",
    responses=_document("asyncapi", "3.0.0", "The AsyncAPI document."),
    response_model=None,
)
def get_asyncapi_document(live: RunningService) -> Response:
    """Get the AsyncAPI document.

    It describes the websockets: their addresses, their options and all messages.
    """
    return Response(msgspec.json.encode(asyncapi(live.version)), media_type="application/json")
