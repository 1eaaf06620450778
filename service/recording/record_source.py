"""Records one source to a file, with the labels that the model gives, and without a service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from models.live.outcomes import Predictor
from sensor.block import Block, frames_of
from sensor.skeleton import Frame
from sensor.source import Source
from service.engine.engine import Engine
from service.engine.ports import FrameSink, Observer
from service.engine.stream import State
from service.ingest.source_reader import SourceReader
from service.recording.recorder import Recorder
from service.wire.answers import RecordingInfo
from service.wire.encoding import Envelope
from service.wire.messages import StatusMessage

_TELL_S = 0.25
_BACKLOG = 256
"""A lossless source waits while more frames and messages than this are queued for the disk."""
_END_S = 60.0
"""The end of the stream must have been published within this time."""


class _Recording(Observer):
    """Gives the engine's frames and messages to the recorder. `ended` is set when the stream ends.

    It is the engine's `MessageSink` and its observer.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.ended = threading.Event()

    def on_frames(self, stream: str, entry: Frame | Block) -> None:
        for frame in frames_of(entry):
            self._recorder.put(frame)

    def carry(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            self._recorder.offer(envelope)
            message = envelope.message
            if isinstance(message, StatusMessage) and message.stream.state == "ended":
                self.ended.set()

    def wanted(self, kind: str, stream: str) -> bool:
        return kind == "relevance"


class _RecordedStream:
    """The stream of the recorded source. A lossless source also waits for disk and explainer."""

    def __init__(
        self, stream: FrameSink, engine: Engine, recorder: Recorder, lossless: bool
    ) -> None:
        self.name = stream.name
        self.push = stream.push
        self.count_dropped = stream.count_dropped
        self.remove = stream.remove
        self._stream = stream
        self._engine = engine
        self._recorder = recorder
        self._lossless = lossless

    def change(self, state: State, note: str = "") -> None:
        self._stream.change(state, note)
        if state == "failed":
            self._stream.remove()

    def is_behind(self, captured_ns: int) -> bool:
        if not self._recorder.takes_frames:
            return False
        busy = self._recorder.backlog > _BACKLOG or self._engine.explainer.busy
        return (self._lossless and busy) or self._stream.is_behind(captured_ns)


def record_source(
    source: Source,
    model: Predictor,
    recorder: Recorder,
    stopping: threading.Event,
    tell: Callable[[RecordingInfo, str], None] = lambda info, state: None,
) -> RecordingInfo:
    """Record until the source ends, the recorder takes no more frames, or `stopping` is set.

    `tell` is called with the recording and the source's state a few times a second. Returns the
    ended recording; its `state` is "failed" if the source or the disk failed.
    """
    recording = _Recording(recorder)
    engine = Engine(model, recording, catch_up=None, observer=recording)
    stream = engine.add(source.name, source.kind, source.note)
    lossless = getattr(source, "lossless", False)
    recorded = _RecordedStream(stream, engine, recorder, lossless)
    reader = SourceReader(recorded, source, warn=lambda text: None)
    recorder.start()
    engine.start()
    reader.start()
    while recorder.takes_frames and not recording.ended.is_set() and not stopping.wait(_TELL_S):
        tell(recorder.info(), reader.state)
    reader.stop()
    # The end of the stream is queued behind its last frame, so all labels are published before it.
    recording.ended.wait(_END_S)
    engine.stop()
    if reader.state == "failed":
        recorder.finish(reader.message, "failed")
    recorder.finish()
    recorder.join()
    return recorder.info()
