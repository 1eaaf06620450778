"""Keeps the frames of the newest actions, so that they can be explained on request."""

from __future__ import annotations

import threading
from collections import OrderedDict

from models.live.action_frames import ActionFrames
from service.errors import ClientError
from service.wire.message_building import action_id

NEAR_NS = 1_000_000
"""Ids whose times differ by at most this are the same: JavaScript rounds large numbers.

The ids of people are compared as JavaScript has them, because those of some sensors have 17 digits.
"""

_Key = tuple[str, int, int]


class KeptActions:
    """The frames of at most `most` actions, of about 80 KB each. Any thread may call it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, ActionFrames] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, frames: ActionFrames) -> None:
        """Keep an action. Its end replaces its start."""
        action = frames.action
        key = (action.stream, action.body_ids[0], action.started_ns)
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = frames
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def find(self, id: str) -> ActionFrames | None:
        """Return the frames of the action with this id; None if they are not kept.

        Raises ClientError for text that is no id.
        """
        stream, body, started_ns = _parsed(id)
        with self._lock:
            for key, frames in reversed(self._kept.items()):
                near = abs(key[2] - started_ns) <= NEAR_NS
                if key[0] == stream and near and _same_number(key[1], body):
                    return frames
        return None


def _same_number(a: int, b: int) -> bool:
    """Whether JavaScript has the same number for both."""
    return a == b or (max(a.bit_length(), b.bit_length()) <= 64 and float(a) == float(b))


def _parsed(id: str) -> _Key:
    stream, _, rest = id.rpartition(":")
    stream, _, body = stream.rpartition(":")
    try:
        return stream, int(body), int(rest)
    except ValueError:
        example = action_id("hall", 1, 170_900_000_000)
        raise ClientError(
            f"{id[:100]!r} is no id of an action: take one from GET /actions, such as {example}"
        ) from None
