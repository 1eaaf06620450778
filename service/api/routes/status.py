"""REST routes for the state of the service: streams, model, recent actions, health, metrics."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Response

from models.gallery.exemplars import Exemplars
from service.api.dependencies import RunningService
from service.api.openapi import asyncapi, describes
from service.api.routes.replies import answer, error
from service.wire.answers import (
    ActionsAnswer,
    Exemplar,
    ExemplarsAnswer,
    HealthAnswer,
    ModelAnswer,
    StreamsAnswer,
)
from service.wire.message_building import body_data, past_action

router = APIRouter()


@router.get("/streams", responses=describes("StreamsAnswer"), response_model=None)
def streams(live: RunningService) -> Response:
    """All open streams."""
    return answer(StreamsAnswer(live.engine.streams()))


@router.get("/model", responses=describes("ModelAnswer"), response_model=None)
def model(live: RunningService) -> Response:
    """The model card, what the model runs on, and whether class exemplars are there."""
    return answer(ModelAnswer(live.model.card, live.model.provider, live.exemplars is not None))


@router.get("/exemplars", responses=describes("ExemplarsAnswer"), response_model=None)
def exemplars(live: RunningService) -> Response:
    """The labels that have an exemplar, in the order of their index."""
    known = live.exemplars
    return answer(ExemplarsAnswer([] if known is None else list(known.labels)))


@router.get("/exemplars/{index}", responses=describes("Exemplar", 404), response_model=None)
def exemplar(live: RunningService, index: int) -> Response:
    """What an action looks like: an averaged clip, which is not a recording of anybody."""
    known = live.exemplars
    count = 0 if known is None else len(known.labels)
    if known is None or not 0 <= index < count:
        return error(404, f"no exemplar {index}; there are {count}, counted from 0")
    return answer(_exemplar(known, index))


def _exemplar(known: Exemplars, index: int) -> Exemplar:
    frames = [body_data(0, pose, known.confidence).joints_m for pose in known.clips[index]]
    confidence = [round(float(value), 2) for value in known.confidence]
    return Exemplar(known.labels[index], known.rate_hz, frames, confidence)


@router.get("/actions", responses=describes("ActionsAnswer"), response_model=None)
async def actions(live: RunningService) -> Response:
    """The last starts and ends of actions, oldest first."""
    offset_ns = live.wall_offset_ns
    return answer(ActionsAnswer([past_action(one, offset_ns) for one in live.bus.recent_actions()]))


@router.get("/health", responses=describes("HealthAnswer", 503), response_model=None)
def health(live: RunningService) -> Response:
    """200 while the service works; 503 where its inference thread does not run."""
    unwell = [s.name for s in live.engine.streams() if s.state in ("lost", "failed")]
    alive = live.engine.alive
    subscribers = len(live.bus.subscriptions)
    state = HealthAnswer(alive, live.version, round(live.uptime_s, 1), subscribers, unwell)
    return answer(state, 200 if alive else 503)


@router.get("/ready", responses=describes("HealthAnswer", 503), response_model=None)
def ready(live: RunningService) -> Response:
    """200 once the model is loaded and the inference thread runs."""
    return health(live)


@router.get("/metrics", response_model=None)
def metrics(live: RunningService) -> Response:
    """Prometheus metrics."""
    return Response(live.metrics.text(), media_type="text/plain; version=0.0.4")


@router.get("/asyncapi.json", response_model=None)
def asyncapi_document(live: RunningService) -> Response:
    """The AsyncAPI document of the websockets."""
    document = msgspec.json.encode(asyncapi(live.version))
    return Response(document, media_type="application/json")
