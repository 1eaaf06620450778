"""REST: how the service is, what it has, and what happened lately."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request, Response

from models.gallery.exemplars import Exemplars
from service.api.openapi import asyncapi, describes
from service.api.routes.replies import answer, error
from service.runtime import Live
from service.wire.answers import (
    ActionsAnswer,
    Exemplar,
    ExemplarsAnswer,
    HealthAnswer,
    ModelAnswer,
    StreamsAnswer,
)
from service.wire.message_building import body_data

router = APIRouter()


@router.get("/streams", responses=describes("StreamsAnswer"), response_model=None)
def streams(request: Request) -> Response:
    """All open streams."""
    return answer(StreamsAnswer(_live(request).engine.streams()))


@router.get("/model", responses=describes("ModelAnswer"), response_model=None)
def model(request: Request) -> Response:
    """The model card, what the model runs on, and whether class exemplars are there."""
    live = _live(request)
    return answer(ModelAnswer(live.model.card, live.model.provider, live.exemplars is not None))


@router.get("/exemplars", responses=describes("ExemplarsAnswer"), response_model=None)
def exemplars(request: Request) -> Response:
    """The labels that have an exemplar, in the order of their index."""
    found = _live(request).exemplars
    return answer(ExemplarsAnswer([] if found is None else list(found.labels)))


@router.get("/exemplars/{index}", responses=describes("Exemplar", 404), response_model=None)
def exemplar(request: Request, index: int) -> Response:
    """What an action looks like: an averaged clip, which is not a recording of anybody."""
    found = _live(request).exemplars
    count = 0 if found is None else len(found.labels)
    if found is None or not 0 <= index < count:
        return error(404, f"there is no exemplar {index}; there are {count}, counted from 0")
    return answer(_exemplar(found, index))


def _exemplar(found: Exemplars, index: int) -> Exemplar:
    frames = [body_data(0, pose, found.confidence).joints_m for pose in found.clips[index]]
    sure = [round(float(value), 2) for value in found.confidence]
    return Exemplar(found.labels[index], found.rate_hz, frames, sure)


@router.get("/actions", responses=describes("ActionsAnswer"), response_model=None)
async def actions(request: Request) -> Response:
    """The last starts and ends of actions, oldest first."""
    return answer(ActionsAnswer(_live(request).bus.recent_actions()))


@router.get("/health", responses=describes("HealthAnswer", 503), response_model=None)
def health(request: Request) -> Response:
    """200 while the service works; 503 where its inference thread does not run."""
    live = _live(request)
    unwell = [s.name for s in live.engine.streams() if s.state in ("lost", "failed")]
    alive = live.engine.alive
    subscribers = len(live.bus.subscriptions)
    state = HealthAnswer(alive, live.version, round(live.uptime_s, 1), subscribers, unwell)
    return answer(state, 200 if alive else 503)


@router.get("/ready", responses=describes("HealthAnswer", 503), response_model=None)
def ready(request: Request) -> Response:
    """200 once the model is loaded and the inference thread runs."""
    return health(request)


@router.get("/metrics", response_model=None)
def metrics(request: Request) -> Response:
    """Prometheus metrics."""
    return Response(_live(request).metrics.text(), media_type="text/plain; version=0.0.4")


@router.get("/asyncapi.json", response_model=None)
def asyncapi_document(request: Request) -> Response:
    """The AsyncAPI document of the websockets."""
    document = msgspec.json.encode(asyncapi(_live(request).version))
    return Response(document, media_type="application/json")


def _live(request: Request) -> Live:
    live: Live = request.app.state.live
    return live
