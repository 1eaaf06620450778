"""The running service without its routes: connects sources, engines, bus, recordings and clips."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from models.gallery.exemplars import Exemplars
from models.live.explanations import Explains
from models.live.outcomes import Predictor
from sensor.block import Block
from sensor.skeleton import LAYOUTS, Frame
from sensor.source import Source
from sensor.tracking.outlier_rows import OutlierLimits
from service.atlas.cache import AtlasCache
from service.clips.uploads import LOADER, Clips
from service.clips.uploads import setup_of as clip_setup
from service.engine.batch import Stages
from service.engine.engine import Engine
from service.engine.kept_actions import KeptActions
from service.engine.overflow import Engines
from service.engine.ports import Observer
from service.engine.remote.engine import RemoteEngine
from service.engine.remote.orders import setup_of
from service.engine.stream import PUSHED
from service.ingest.push_batches import PushBatches
from service.ingest.pushers import Pushers
from service.ingest.source_reader import SourceReader
from service.prometheus import Metrics
from service.publish.bus import Bus
from service.recording.library import Recordings
from service.settings import Settings
from service.version import version
from service.why.explaining import ActionExplainer, reader_of
from service.wire.messages import PROTOCOL_VERSION, Hello, LayoutInfo, ModelInfo

LIVE_QUEUE_FRAMES = 90
"""Each stream queues at most this many frames, three seconds of a camera at 30 Hz."""


class Live:
    """The parts of a running service. Call `start` and `stop` on the event loop."""

    def __init__(
        self,
        settings: Settings,
        model: Predictor,
        sources: Sequence[Source] = (),
        exemplars: Exemplars | None = None,
        explaining: Explains | None = None,
        atlas: AtlasCache | None = None,
        clip_loader: str = LOADER,
    ) -> None:
        """`explaining` is another instance of the model, for relevance; None: `model` itself.

        Without `atlas` the service has no atlas of the model. `clip_loader` is the
        `module:function` that loads the model for uploaded clips.
        """
        self.model = model
        self.exemplars = exemplars
        self.atlas = atlas
        self.metrics = Metrics()
        self.bus = Bus(settings.recent_actions)
        self.recordings = Recordings(
            self.bus,
            settings.recordings,
            settings.recording_mib,
            settings.recordings_kept,
            settings.recordings_at_once,
            facts={"model": model.card.id},
        )
        self.kept = KeptActions(settings.why_actions)
        self.why_actions = settings.why_actions
        self.explainer = ActionExplainer(model.card, reader_of(explaining or model), exemplars)
        self.engine = self._engines(settings, explaining)
        self.push_batches = PushBatches(self.engine)
        self.pushers = Pushers(
            lambda name: self.engine.add(name, PUSHED),
            lambda: len(self.engine),
            settings.max_streams,
        )
        self.clips = Clips(
            clip_setup(settings.upload_mib, settings.clip_seconds, settings.model, clip_loader),
            settings.clips_at_once,
            settings.clips_ready,
        )
        self.max_subscribers = settings.max_subscribers
        self.max_bodies = settings.max_bodies
        self.push_bytes = settings.push_kib * 1024
        self.push_idle_s = settings.push_idle_s
        self.push_fps = settings.push_fps
        self.upload_idle_s = settings.upload_idle_s
        self.version = version()
        self._started_s = time.monotonic()
        self._readers = [self._reader(source) for source in sources]
        self.metrics.watch(
            self.engine.streams,
            lambda: len(self.bus.subscriptions),
            lambda: self.engine.explained,
        )

    def _engines(self, settings: Settings, explaining: Explains | None) -> Engines:
        observer = _Observer(self.metrics, self.recordings)
        near = far = None
        if "thread" in settings.engines:
            near = Engine(
                self.model,
                self.bus,
                catch_up=settings.catch_up,
                max_bodies=settings.max_bodies,
                limits=OutlierLimits(confidence=settings.min_confidence),
                observer=observer,
                explaining=explaining,
                relevance_hz=settings.relevance_hz,
                queue_frames=LIVE_QUEUE_FRAMES,
                on_action=self.kept.add if settings.why_actions else None,
            )
        if "process" in settings.engines:
            far = RemoteEngine(setup_of(settings, LIVE_QUEUE_FRAMES), self.bus, observer)
        return Engines(near, far)

    def _reader(self, source: Source) -> SourceReader:
        stream = self.engine.add(self._free_name(source.name), source.kind, source.note)
        return SourceReader(stream, source)

    def _free_name(self, wanted: str) -> str:
        taken = {stream.name for stream in self.engine.streams()}
        names = [wanted, *(f"{wanted}-{i}" for i in range(2, len(taken) + 3))]
        return next(name for name in names if name not in taken)

    async def start(self) -> None:
        """Start to read, infer and deliver. Raises RuntimeError if inference does not start."""
        loop = asyncio.get_running_loop()
        self.bus.attach(loop)
        self.push_batches.attach(loop)
        await self.engine.open()
        for reader in self._readers:
            reader.start()
        self.clips.start()

    async def stop(self) -> None:
        """End all threads, and close all recordings after the last messages."""
        for reader in self._readers:
            reader.stop()
        self.clips.close()
        self.explainer.close()
        if self.atlas is not None:
            self.atlas.close()
        await self.engine.close()
        self.bus.deliver()  # the last messages, before the recordings close
        self.recordings.close()
        self.bus.detach()

    def hello(self, streams: frozenset[str] | None = None) -> Hello:
        """Return the first message to a subscriber of these streams (None: all)."""
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
            wall_offset_ns=self.wall_offset_ns,
        )

    @property
    def wall_offset_ns(self) -> int:
        """Unix time minus the monotonic clock, in nanoseconds."""
        return time.time_ns() - time.monotonic_ns()

    @property
    def uptime_s(self) -> float:
        """Seconds since this object was created."""
        return time.monotonic() - self._started_s


class _Observer(Observer):
    """Gives the engines' frames to the recordings, and their timings to the metrics."""

    def __init__(self, metrics: Metrics, recordings: Recordings) -> None:
        self._metrics = metrics
        self._recordings = recordings

    def on_frames(self, stream: str, entry: Frame | Block) -> None:
        self._recordings.take_frames(stream, entry)

    def on_batch(self, stages: Stages, predictions: int) -> None:
        self._metrics.observe(stages, predictions)

    def on_explained(self, windows: int, duration_ns: int) -> None:
        self._metrics.observe_relevance(windows, duration_ns)
