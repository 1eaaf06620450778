"""One source recorded to one file, with what the model says of it, and no service around it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from models.live.outcomes import Predictor
from sensor.capture import Capture, State
from sensor.source import Source
from service.engine.engine import Engine
from service.recording.recorder import Recorder
from service.wire.answers import RecordingInfo
from service.wire.messages import Message, StatusMessage

_PAUSE_S = 0.005
_LOOK_S = 0.25
_BACKLOG = 256
_GOODBYE_S = 60.0


class _Outlet:
    """Hands everything to the recorder; `over` is set when the source has come to its end."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.over = threading.Event()

    def publish(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._recorder.put(message)
            if isinstance(message, StatusMessage) and message.stream.state == "ended":
                self.over.set()

    def wanted(self, kind: str, stream: str) -> bool:
        return kind == "relevance"


def record_source(
    source: Source,
    model: Predictor,
    recorder: Recorder,
    stopping: threading.Event,
    tell: Callable[[RecordingInfo, str], None] = lambda info, state: None,
) -> RecordingInfo:
    """Record until the source ends, the recorder has enough, or `stopping` is set.

    `tell` is told of the recording and of the source's state a few times a second. Returns what
    was recorded; its `state` is "failed" where the source or the disk failed.
    """
    outlet = _Outlet(recorder)
    engine = Engine(model, outlet, catch_up=None)
    name = source.name
    engine.add(name, source.kind, source.note)
    lossless = getattr(source, "lossless", False)

    def change(state: State, message: str) -> None:
        if state != "live":
            engine.change(name, state, message)
        if state == "failed":
            engine.remove(name)

    def behind() -> bool:
        return recorder.backlog > _BACKLOG or engine.explainer.busy

    def carry() -> None:
        for frame in capture.drain():
            recorder.put(frame)
            engine.push(name, frame)
            while engine.is_behind(name, frame.captured_ns) or (lossless and behind()):
                if stopping.wait(_PAUSE_S) or not recorder.takes_frames:
                    break

    capture = Capture(source, change, carry)
    recorder.start()
    engine.start()
    capture.start()
    while recorder.takes_frames and not outlet.over.is_set() and not stopping.wait(_LOOK_S):
        tell(recorder.info(), capture.state)
    capture.stop()
    # The end of the stream comes behind its last frame, and engine.stop waits for what it brought.
    outlet.over.wait(_GOODBYE_S)
    engine.stop()
    if capture.state == "failed":
        recorder.finish(capture.message, "failed")
    recorder.finish()
    recorder.join()
    return recorder.info()
