"""One person keeps one identity through gaps and through changes of the tracker's mind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sensor.skeleton import Body, FloatArray, Frame, Layout

LARGEST_KEPT_ID = 2**31 - 1


@dataclass
class _Track:
    """A person: the lasting id, the tracker's last id for them, where and when last seen."""

    id: int
    tracker_id: int
    place_m: FloatArray
    seen_ns: int
    present: bool


class Tracks:
    """Gives each body of a stream an id that lasts.

    A body whose tracker id was there in the frame before is the same person. Any other body is
    the person who was last seen nearest to it, within `reach_m` and at most `memory_s` ago and
    not in this frame, nearest pairs first; else somebody new. Ids of the tracker are kept where
    they can be; -1 and ids that come twice in a frame are matched by place alone. No two bodies
    of a frame ever share an id.
    """

    def __init__(self, memory_s: float = 1.0, reach_m: float = 0.5) -> None:
        self._memory_ns = round(memory_s * 1e9)
        self._reach_m = reach_m
        self._tracks: list[_Track] = []
        self._next_id = 1

    def update(self, frame: Frame) -> Frame:
        """The frame with lasting ids. Call it with each frame of the stream, in order."""
        now_ns = frame.captured_ns
        self._tracks = [t for t in self._tracks if 0 <= now_ns - t.seen_ns <= self._memory_ns]
        places = [_place(body, frame.layout) for body in frame.bodies]
        tracker_ids = _trusted_ids(frame.bodies)
        owners: dict[int, _Track] = {}
        for i, tracker_id in enumerate(tracker_ids):
            for track in self._tracks:
                if track.present and tracker_id is not None and track.tracker_id == tracker_id:
                    owners[i] = track
        self._match_by_place(places, owners)
        for track in self._tracks:
            track.present = False
        for i, tracker_id in enumerate(tracker_ids):
            track = owners.get(i) or self._new(tracker_id, places[i], set(tracker_ids))
            track.tracker_id = -1 if tracker_id is None else tracker_id
            track.place_m = places[i] if np.isfinite(places[i]).all() else track.place_m
            track.seen_ns, track.present = now_ns, True
            owners[i] = track
        bodies = tuple(replace(body, id=owners[i].id) for i, body in enumerate(frame.bodies))
        return replace(frame, bodies=bodies)

    def _match_by_place(self, places: list[FloatArray], owners: dict[int, _Track]) -> None:
        pairs = []
        for i, place in enumerate(places):
            for track in self._tracks:
                distance_m = float(np.linalg.norm(place - track.place_m))
                if distance_m < self._reach_m:
                    pairs.append((distance_m, i, track.id, track))
        taken = {track.id for track in owners.values()}
        for _, i, id_, track in sorted(pairs, key=lambda pair: pair[:3]):
            if i not in owners and id_ not in taken:
                owners[i] = track
                taken.add(id_)

    def _new(self, tracker_id: int | None, place: FloatArray, wanted: set[int | None]) -> _Track:
        used = {track.id for track in self._tracks}
        if tracker_id is not None and tracker_id <= LARGEST_KEPT_ID and tracker_id not in used:
            id_ = tracker_id
        else:
            while self._next_id in used or self._next_id in wanted:
                self._next_id += 1
            id_ = self._next_id
            self._next_id += 1
        track = _Track(id_, -1, place, 0, True)
        self._tracks.append(track)
        return track


def _trusted_ids(bodies: tuple[Body, ...]) -> list[int | None]:
    """Each body's tracker id; None where it is negative or comes twice."""
    ids = [body.id for body in bodies]
    return [id_ if id_ >= 0 and ids.count(id_) == 1 else None for id_ in ids]


def _place(body: Body, layout: Layout) -> FloatArray:
    """Where the hips are, (3,) metres; the mean of what is seen where they are not."""
    hips = [layout.index[name] for name in ("HipLeft", "HipRight") if name in layout.index]
    seen = [i for i in hips if body.confidence[i] > 0] or list(np.flatnonzero(body.confidence))
    if not seen:
        return np.full(3, np.nan, np.float32)
    return np.asarray(body.joints_m[seen].mean(axis=0), np.float32)
