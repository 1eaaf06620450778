"""Records one source to a file, with the labels that the model gives, without a service."""

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

_LOOK_S = 0.25
_BACKLOG = 256
_GOODBYE_S = 60.0


class _Tape(Observer):
    """Hands frames and messages to the recorder; `over` is set when the source has ended."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.over = threading.Event()

    def on_frames(self, stream: str, entry: Frame | Block) -> None:
        for frame in frames_of(entry):
            self._recorder.put(frame)

    def carry(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            self._recorder.offer(envelope)
            message = envelope.message
            if isinstance(message, StatusMessage) and message.stream.state == "ended":
                self.over.set()

    def wanted(self, kind: str, stream: str) -> bool:
        return kind == "relevance"


class _RecordedStream:
    """The stream of the recorded source; a lossless source also waits for disk and explainer."""

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
    """Record until the source ends, the recorder has enough, or `stopping` is set.

    `tell` is called with the recording and the source's state a few times a second. Returns the
    finished recording; its `state` is "failed" if the source or the disk failed.
    """
    tape = _Tape(recorder)
    engine = Engine(model, tape, catch_up=None, observer=tape)
    stream = engine.add(source.name, source.kind, source.note)
    lossless = getattr(source, "lossless", False)
    recorded = _RecordedStream(stream, engine, recorder, lossless)
    reader = SourceReader(recorded, source, warn=lambda text: None)
    recorder.start()
    engine.start()
    reader.start()
    while recorder.takes_frames and not tape.over.is_set() and not stopping.wait(_LOOK_S):
        tell(recorder.info(), reader.state)
    reader.stop()
    # The end of the stream is queued behind its last frame; engine.stop waits for that frame.
    tape.over.wait(_GOODBYE_S)
    engine.stop()
    if reader.state == "failed":
        recorder.finish(reader.message, "failed")
    recorder.finish()
    recorder.join()
    return recorder.info()
