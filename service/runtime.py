"""The running service without its sockets: sources, engine, bus and clips, wired together."""

from __future__ import annotations

import asyncio
import importlib.metadata
import time
from collections.abc import Sequence

from models.gallery.exemplars import Exemplars
from models.live.explanations import Explains
from models.live.outcomes import Predictor
from sensor.skeleton import LAYOUTS
from sensor.source import Source
from sensor.tracking.outlier_rows import GateLimits
from service.clips.uploads import Clips
from service.engine.engine import Engine
from service.engine.overflow import SpreadEngine
from service.engine.ports import Inference
from service.engine.remote.engine import RemoteEngine, setup_of
from service.errors import ClientError
from service.ingest.push_batches import Arrivals
from service.ingest.source_reader import Feed
from service.prometheus import Metrics
from service.publish.bus import Bus
from service.recording.library import RecordedOutlet, Recordings
from service.settings import Settings
from service.wire.messages import PROTOCOL_VERSION, Hello, LayoutInfo, ModelInfo

LIVE_QUEUE_FRAMES = 90
"""Three seconds of one camera: what is older than that is no news."""


class Live:
    """Everything behind the routes. `start` and `stop` are called on the event loop."""

    def __init__(
        self,
        settings: Settings,
        model: Predictor,
        sources: Sequence[Source] = (),
        exemplars: Exemplars | None = None,
        explaining: Explains | None = None,
    ) -> None:
        """`explaining` is a second one of the model, for relevance; None: `model` does both."""
        self.model = model
        self.exemplars = exemplars
        self.metrics = Metrics()
        self.bus = Bus(settings.recent_actions)
        self.recordings = Recordings(
            settings.recordings,
            settings.recording_mib,
            settings.recordings_kept,
            settings.recordings_at_once,
            facts={"model": model.card.id},
        )
        self.engine = self._inference(settings, explaining)
        self.arrivals = Arrivals(self.engine)
        self.clips = Clips(
            model, settings.clips_at_once, settings.upload_mib, settings.clip_seconds
        )
        self.max_subscribers = settings.max_subscribers
        self.max_bodies = settings.max_bodies
        self.push_bytes = settings.push_kib * 1024
        self.push_idle_s = settings.push_idle_s
        self.upload_idle_s = settings.upload_idle_s
        self.version = _version()
        self._max_streams = settings.max_streams
        self._started_s = time.monotonic()
        self._feeds = [self._feed(source) for source in sources]
        self.metrics.watch(
            self.engine.streams,
            lambda: len(self.bus.subscriptions),
            lambda: self.engine.explained,
        )

    def _inference(self, settings: Settings, explaining: Explains | None) -> Inference:
        outlet = RecordedOutlet(self.bus, self.recordings)
        if "process" not in settings.engines:
            return self._thread(settings, outlet, explaining)
        far = self._process(settings, outlet)
        if "thread" not in settings.engines:
            return far
        return SpreadEngine(self._thread(settings, outlet, explaining), far)

    def _thread(
        self, settings: Settings, outlet: RecordedOutlet, explaining: Explains | None
    ) -> Engine:
        return Engine(
            self.model,
            outlet,
            catch_up=settings.catch_up,
            max_bodies=settings.max_bodies,
            limits=GateLimits(confidence=settings.min_confidence),
            observe=self.metrics.observe,
            on_frames=self.recordings.take_frames,
            explaining=explaining,
            relevance_hz=settings.relevance_hz,
            queue_frames=LIVE_QUEUE_FRAMES,
            observe_relevance=self.metrics.observe_relevance,
        )

    def _process(self, settings: Settings, outlet: RecordedOutlet) -> RemoteEngine:
        return RemoteEngine(
            setup_of(settings, LIVE_QUEUE_FRAMES),
            outlet,
            on_frames=self.recordings.take_frames,
            observe=self.metrics.observe,
            observe_relevance=self.metrics.observe_relevance,
        )

    def _feed(self, source: Source) -> Feed:
        name = self._free_name(source.name)
        self.engine.add(name, source.kind, source.note)
        return Feed(self.engine, name, source)

    def _free_name(self, wanted: str) -> str:
        taken = {stream.name for stream in self.engine.streams()}
        names = [wanted, *(f"{wanted}-{i}" for i in range(2, len(taken) + 3))]
        return next(name for name in names if name not in taken)

    async def start(self) -> None:
        """Begin to read, infer and deliver. Raises RuntimeError where inference cannot begin."""
        loop = asyncio.get_running_loop()
        self.bus.attach(loop)
        self.arrivals.attach(loop)
        await self.engine.open()
        for feed in self._feeds:
            feed.start()

    async def stop(self) -> None:
        """End all threads."""
        for feed in self._feeds:
            feed.stop()
        self.clips.close()
        await self.engine.close()
        self.recordings.close()
        self.bus.detach()

    def open_push(self, name: str) -> None:
        """Open a stream for a pusher. Raises ClientError where it cannot be."""
        if len(self.engine) >= self._max_streams:
            raise ClientError(f"{self._max_streams} streams are open, and no more may be", "stream")
        try:
            self.engine.add(name, "push")
        except ValueError as error:
            raise ClientError(f"{error}; choose another name", "stream") from None

    def hello(self, streams: frozenset[str] | None = None) -> Hello:
        """The first message to a subscriber of these streams, None for all."""
        card = self.model.card
        layout = LAYOUTS[card.layout]
        return Hello(
            version=PROTOCOL_VERSION,
            model=ModelInfo(
                id=card.id,
                labels=card.labels,
                background=card.background,
                joints_used=card.joints_used,
                rate_hz=card.rate_hz,
                window_frames=card.window_frames,
                provider=self.model.provider,
            ),
            layout=LayoutInfo(layout.name, list(layout.joints), list(layout.bones)),
            streams=[s for s in self.engine.streams() if streams is None or s.name in streams],
            wall_offset_ns=time.time_ns() - time.monotonic_ns(),
        )

    @property
    def uptime_s(self) -> float:
        """Seconds since the service was made."""
        return time.monotonic() - self._started_s


def _version() -> str:
    try:
        return importlib.metadata.version("jointwise")
    except importlib.metadata.PackageNotFoundError:
        return "0.0.0+checkout"
