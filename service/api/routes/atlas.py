"""REST routes for the atlas: the filters of the model's first layer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Response

from models.errors import ModelError
from service.api.dependencies import RunningService
from service.api.openapi import describes
from service.api.routes.replies import error
from service.atlas.cache import AtlasCache, Stored
from service.errors import ClientError

router = APIRouter()

_NONE = "this service has no atlas of its model"
_UNUSABLE = "explain.onnx is not the file that its card describes: copy both from the same export"
_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The answer is the one of `If-None-Match`."}
}

Known = Annotated[
    str,
    Header(
        alias="If-None-Match",
        description="The `ETag` of an earlier answer. If it still holds, the status is 304.",
    ),
]


@router.get(
    "/model/atlas",
    tags=["Model"],
    responses=describes("AtlasAnswer", {404: _NONE, 409: _UNUSABLE}) | _UNCHANGED,
    response_model=None,
)
async def list_units(live: RunningService, known: Known = "") -> Response:
    """List the units of the first layer.

    Each unit has a filter, named by the joints that carry it. The first request after the start
    computes the atlas, which takes some seconds; labels do not wait for it.
    """
    return await _answer(live.atlas, None, known)


@router.get(
    "/model/atlas/{unit}",
    tags=["Model"],
    responses=describes(
        "AtlasUnit",
        {
            404: "no unit 99; there are 48, counted from 0",
            409: _UNUSABLE,
            422: "unit: Input should be a valid integer, unable to parse string as an integer",
        },
    )
    | _UNCHANGED,
    response_model=None,
)
async def get_unit(
    live: RunningService,
    unit: Annotated[
        int, Path(description="Number of the unit in `GET /model/atlas`, from 0.", examples=[1])
    ],
    known: Known = "",
) -> Response:
    """Get a unit of the first layer.

    It has the weights of the filter, the filter as a displaced pose and as velocities, the classes
    that it speaks for and against, and the moments that excite it most. What excites a unit is not
    its meaning.
    """
    return await _answer(live.atlas, unit, known)


async def _answer(atlas: AtlasCache | None, unit: int | None, known: str) -> Response:
    """Return the overview, or one unit, unless the client knows it already."""
    if atlas is None:
        return error(404, _NONE)
    try:
        found = await atlas.overview() if unit is None else await atlas.unit(unit)
    except ClientError as problem:
        return error(404, str(problem))
    except ModelError as problem:
        return error(409, str(problem))
    headers = {"ETag": found.etag, "Cache-Control": "no-cache"}
    if _matches(known, found):
        return Response(status_code=304, headers=headers)
    return Response(found.body, headers=headers, media_type="application/json")


def _matches(known: str, found: Stored) -> bool:
    """Whether one of the tags of `If-None-Match` is the one of the answer."""
    tags = [tag.strip() for tag in known.split(",")]
    return found.etag in tags or "*" in tags
