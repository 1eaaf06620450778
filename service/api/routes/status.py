"""REST routes for the state of the service: streams, model, recent actions, health, metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from service.api.dependencies import RunningService
from service.api.examples import METRICS, example_of
from service.api.openapi import describes, json_content
from service.api.routes.replies import answer, error
from service.wire.answers import (
    ActionsAnswer,
    ExemplarsAnswer,
    HealthAnswer,
    ModelAnswer,
    StreamsAnswer,
)
from service.wire.message_building import exemplar_answer, past_action

router = APIRouter()

_METRICS = {"text/plain": {"schema": {"type": "string"}, "example": METRICS}}
_NOT_RUNNING = json_content("HealthAnswer", example_of("HealthAnswer") | {"ok": False})
_HEALTH = describes("HealthAnswer", text="The service works.") | {
    503: {"description": "The inference thread does not run.", "content": _NOT_RUNNING}
}


@router.get(
    "/streams", tags=["Live streams"], responses=describes("StreamsAnswer"), response_model=None
)
def list_streams(live: RunningService) -> Response:
    """List the open streams.

    Each has its state and its counts: people in view, frames, predictions and dropped frames.
    """
    return answer(StreamsAnswer(live.engine.streams()))


@router.get(
    "/actions", tags=["Live streams"], responses=describes("ActionsAnswer"), response_model=None
)
async def list_actions(live: RunningService) -> Response:
    """List the last starts and ends of actions.

    The oldest comes first. The setting `JOINTWISE_RECENT_ACTIONS` limits their number. Times are
    given on the service's monotonic clock, as in the websocket messages, and as Unix times.
    """
    offset_ns = live.wall_offset_ns
    return answer(ActionsAnswer([past_action(one, offset_ns) for one in live.bus.recent_actions()]))


@router.get("/model", tags=["Model"], responses=describes("ModelAnswer"), response_model=None)
def get_model(live: RunningService) -> Response:
    """Get the model card.

    It names the labels, the joints, the thresholds, the data that the model has learnt from, and
    its scores.
    """
    return answer(ModelAnswer(live.model.card, live.model.provider, live.exemplars is not None))


@router.get(
    "/exemplars", tags=["Model"], responses=describes("ExemplarsAnswer"), response_model=None
)
def list_exemplars(live: RunningService) -> Response:
    """List the labels that have an averaged motion.

    The list is empty if the model has none.
    """
    known = live.exemplars
    return answer(ExemplarsAnswer([] if known is None else list(known.labels)))


@router.get(
    "/exemplars/{index}",
    tags=["Model"],
    responses=describes(
        "Exemplar",
        {
            404: "no exemplar 99; there are 35, counted from 0",
            422: "index: Input should be a valid integer, unable to parse string as an integer",
        },
    ),
    response_model=None,
)
def get_exemplar(
    live: RunningService,
    index: Annotated[
        int, Path(description="Index of the label in `GET /exemplars`, from 0.", examples=[0])
    ],
) -> Response:
    """Get the averaged motion of a class.

    It is computed from recordings of many people and shows none of them.
    """
    known = live.exemplars
    count = 0 if known is None else len(known.labels)
    if known is None or not 0 <= index < count:
        return error(404, f"no exemplar {index}; there are {count}, counted from 0")
    return answer(exemplar_answer(known, index))


@router.get("/health", tags=["Monitoring"], responses=_HEALTH, response_model=None)
def get_health(live: RunningService) -> Response:
    """Check that the service works.

    The status is 200 while the inference thread runs, and 503 otherwise. No token is needed.
    """
    unwell = [s.name for s in live.engine.streams() if s.state in ("lost", "failed")]
    alive = live.engine.alive
    subscribers = len(live.bus.subscriptions)
    state = HealthAnswer(alive, live.version, round(live.uptime_s, 1), subscribers, unwell)
    return answer(state, 200 if alive else 503)


@router.get("/ready", tags=["Monitoring"], responses=_HEALTH, response_model=None)
def get_ready(live: RunningService) -> Response:
    """Check that the service is ready for requests.

    The status is 200 once the model is loaded and the inference thread runs, and 503 otherwise. No
    token is needed.
    """
    return get_health(live)


@router.get(
    "/metrics",
    tags=["Monitoring"],
    responses={200: {"description": "Metrics in Prometheus' text format.", "content": _METRICS}},
    response_class=Response,
    response_model=None,
)
def get_metrics(live: RunningService) -> Response:
    """Get the metrics in Prometheus' text format.

    They count frames, predictions and dropped frames of each stream, and measure how long each
    stage takes.
    """
    return Response(live.metrics.text(), media_type="text/plain; version=0.0.4")
