"""`GET /actions/{id}/why`: why a live action got its label."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from models.errors import ModelError
from service.api.dependencies import RunningService
from service.api.openapi import describes
from service.api.routes.replies import answer, error
from service.errors import ClientError
from service.runtime import Live
from service.why.explaining import WhyBusyError
from service.why.options import Language, ReferenceName, WhyOptions

router = APIRouter()

LabelQuery = Annotated[
    str | None, Query(description="The label to explain; that of the action if left out.")
]
AgainstQuery = Annotated[
    str | None,
    Query(description="The label to compare with; the next likely action if left out."),
]
ReferenceQuery = Annotated[
    ReferenceName,
    Query(
        description="The pose held still as reference: `mean`, the window's own mean pose; "
        "`neutral`, the mean pose of all labels; `zero`, a standing figure."
    ),
]
LanguageQuery = Annotated[Language, Query(description="The language of the story.")]


@router.get(
    "/actions/{id:path}/why",
    tags=["Live streams"],
    responses=describes(
        "WhyAnswer",
        {
            404: "action hall:1:170900000000 is too old or unknown: only the frames of the last 64 "
            "actions are kept (JOINTWISE_WHY_ACTIONS)",
            409: "/models/mine has no explain.onnx: `jointwise export --from /models/mine --out "
            "/models/mine` adds it",
            422: "against: the model has no label 'wve'; did you mean wave?",
            503: "other actions are being explained; try again",
        },
    ),
    operation_id="explain_action",
    response_model=None,
)
async def explain_action(
    live: RunningService,
    id: Annotated[
        str,
        Path(
            description="The id of the action, from `GET /actions`.",
            examples=["hall:1:170900000000"],
        ),
    ],
    label: LabelQuery = None,
    against: AgainstQuery = None,
    reference: ReferenceQuery = "mean",
    language: LanguageQuery = "en",
    frames: Annotated[bool, Query(description="Add the skeleton to the answer.")] = False,
) -> Response:
    """Explain a recent action.

    The answer has a story in one or two sentences with its evidence, the strongest units of the
    first layer over time, the relevance of joints and of the whole body, and the contrast to
    another label. An action has an answer from its start on, and a whole one after its end. The
    setting `JOINTWISE_WHY_ACTIONS` limits the number of actions whose frames are kept.
    """
    options = WhyOptions(label, against, reference, language, frames)
    try:
        kept = live.kept.find(id) or await live.engine.find_far_action(id)
        if kept is None:
            return error(404, _not_kept(live, id))
        return answer(await live.explainer.answer(kept, options))
    except ClientError as problem:
        return error(422, str(problem))
    except ModelError as problem:
        return error(409, str(problem))
    except WhyBusyError:
        text = "other actions are being explained; try again"
        return error(503, text, {"Retry-After": "1"})


def _not_kept(live: Live, id: str) -> str:
    if not live.why_actions:
        return "no frames are kept of actions: set JOINTWISE_WHY_ACTIONS above 0"
    return (
        f"action {id[:100]} is too old or unknown: only the frames of the last {live.why_actions} "
        "actions are kept (JOINTWISE_WHY_ACTIONS)"
    )
