"""Gives each person an id that lasts through gaps and through changes of the tracker's ids."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

from sensor.skeleton import Body, Frame
from sensor.tracking.crossing import NEAR_M, Crossing
from sensor.tracking.proportions import Measurer, Proportions
from sensor.tracking.track import Detection, Track

LARGEST_KEPT_ID = 2**31 - 1
_SAME = 0.1  # differences of proportions below this are noise of a single frame
_UNLIKE_M = 3.0  # cost in metres per unit of difference: 0.3 m for one tenth
_MOST_UNLIKE_M = 0.25  # upper limit of that cost, since half hidden people are measured badly
_SAME_ID_M = 0.15  # metres taken off the cost if the tracker's id is the same as before


class IdentityTracker:
    """Gives each body of a stream an id that lasts.

    A body with a tracker id of the frame before is the same person, unless it has jumped to where
    another person is expected. Any other body is matched to the nearest person who was seen at most
    `memory_s` ago (`same_id_memory_s` with the same tracker id), is expected within `reach_m` and
    has similar proportions. If there is none, the
    body is a new person. If two people meet and part with swapped ids, their motion and proportions
    decide who is who. The tracker's ids are kept where possible. An id of -1, or one that occurs
    twice in a frame, is ignored. No two bodies of a frame share an id.

    After `update`, `tentative` holds the ids of bodies that may not be a person yet. `mended` holds
    the ids of people who were swapped until now, so that their recent motion belongs to someone
    else. `renewed` holds the ids of people who were found by place and proportions alone, because
    the tracker's id is another than in their frame before, or is missing.
    """

    def __init__(
        self, memory_s: float = 1.0, reach_m: float = 0.5, same_id_memory_s: float = 1.0
    ) -> None:
        self.tentative: frozenset[int] = frozenset()
        self.mended: frozenset[int] = frozenset()
        self.renewed: frozenset[int] = frozenset()
        self._memory_ns = round(memory_s * 1e9)
        self._kept_ns = round(max(memory_s, same_id_memory_s) * 1e9)
        self._reach_m = reach_m
        self._tracks: list[Track] = []
        self._crossings: dict[tuple[int, int], Crossing] = {}
        self._layout = ""
        self._measurer: Measurer
        self._next_id = 1

    def update(self, frame: Frame) -> Frame:
        """Return the frame with lasting ids. Call this with every frame of the stream, in order."""
        now_ns = frame.captured_ns
        self._tracks = [t for t in self._tracks if 0 <= now_ns - t.seen_ns <= self._kept_ns]
        detections = self._detect(frame)
        owners = self._by_id(detections)
        self._reassign_jumps(detections, owners, now_ns)
        self._match(detections, owners, now_ns)
        self._update_tracks(detections, owners, now_ns)
        self._resolve_crossings(detections, owners, now_ns)
        self.tentative = frozenset(t.id for t in owners.values() if not t.certain)
        bodies = tuple(
            body if body.id == owners[i].id else replace(body, id=owners[i].id)
            for i, body in enumerate(frame.bodies)
        )
        return replace(frame, bodies=bodies)

    def alone(self, tracker_id: int) -> Track | None:
        """Return the only track, if it has this tracker id and there is no doubt; else None."""
        if len(self._tracks) != 1 or self._crossings:
            return None
        (track,) = self._tracks
        known = track.present and track.tracker_id == tracker_id >= 0
        return track if known and math.isfinite(track.position_m[0]) else None

    def _detect(self, frame: Frame) -> list[Detection]:
        if self._layout != frame.layout.name:
            self._measurer, self._layout = Measurer(frame.layout), frame.layout.name
        measurer = self._measurer
        return [
            Detection(
                id_,
                measurer.position_m(body),
                measurer.lengths_m(body),
                measurer.upright(body),
            )
            for body, id_ in zip(frame.bodies, _trusted_ids(frame.bodies), strict=True)
        ]

    def _by_id(self, detections: list[Detection]) -> dict[int, Track]:
        known = {track.tracker_id: track for track in self._tracks if track.present}
        return {
            i: known[detection.tracker_id]
            for i, detection in enumerate(detections)
            if detection.tracker_id is not None and detection.tracker_id in known
        }

    def _reassign_jumps(
        self, detections: list[Detection], owners: dict[int, Track], now_ns: int
    ) -> None:
        """Reassign ids that jumped to where another person is expected.

        A jump alone is no reason to doubt an id; another person must fit the detection.
        """

        def relative_jump(i: int, track: Track) -> float:
            jump_m = math.dist(detections[i].position_m, track.expected_m(now_ns))
            return jump_m / track.jump_limit_m(now_ns)

        jumped = {i: track for i, track in owners.items() if relative_jump(i, track) > 1}
        if not jumped:
            return
        sure = {track.id for i, track in owners.items() if i not in jumped}
        free = [track for track in self._tracks if track.present and track.id not in sure]
        fits = ((relative_jump(i, track), i, track.id, track) for i in jumped for track in free)
        found = _pair([fit for fit in fits if fit[0] < 0.5])
        for i, track in jumped.items():
            if i not in found and track in found.values():
                del owners[i]
        owners.update(found)

    def _match(self, detections: list[Detection], owners: dict[int, Track], now_ns: int) -> None:
        """Match each detection without an owner to the free person who fits best."""
        if len(owners) == len(detections):
            return
        taken = {track.id for track in owners.values()}
        pairs = []
        for i, detection in enumerate(detections):
            for track in self._tracks:
                same_id = detection.tracker_id == track.tracker_id
                kept = same_id or now_ns - track.seen_ns <= self._memory_ns
                if i not in owners and track.id not in taken and kept:
                    cost_m = _cost_m(detection, track, now_ns)
                    if cost_m < self._reach_m:
                        pairs.append((cost_m - _SAME_ID_M * same_id, i, track.id, track))
        owners.update(_pair(pairs))

    def _update_tracks(
        self, detections: list[Detection], owners: dict[int, Track], now_ns: int
    ) -> None:
        """Update all tracks with their detections, and start new tracks."""
        in_frame = {detection.tracker_id for detection in detections}
        for i, detection in enumerate(detections):
            if i not in owners:
                owners[i] = self._new(detection.tracker_id, in_frame)
        self.renewed = frozenset(
            owners[i].id
            for i, detection in enumerate(detections)
            if detection.tracker_id is None or detection.tracker_id != owners[i].tracker_id
        )
        for i, detection in enumerate(detections):
            owners[i].update(detection, now_ns)
        there = {track.id for track in owners.values()}
        for track in self._tracks:
            track.present = track.id in there

    def _resolve_crossings(
        self, detections: list[Detection], owners: dict[int, Track], now_ns: int
    ) -> None:
        """Follow people who meet, and swap those whose ids were exchanged when they parted."""
        where = {track.id: i for i, track in owners.items()}
        certain = sorted((t for t in owners.values() if t.certain), key=lambda track: track.id)
        mended: set[int] = set()
        for a, b in combinations(certain, 2):
            pair = (a.id, b.id)
            if pair not in self._crossings:
                if not math.dist(a.position_m, b.position_m) < NEAR_M:
                    continue
                self._crossings[pair] = Crossing(a, b, now_ns)
            lengths_m = (detections[where[a.id]].lengths_m, detections[where[b.id]].lengths_m)
            verdict = self._crossings[pair].update(a, b, lengths_m, now_ns)
            if verdict == "swapped":
                a.swap(b)
                where[a.id], where[b.id] = where[b.id], where[a.id]
                mended.update(pair)
            if verdict != "open":
                del self._crossings[pair]
        owners.update({where[track.id]: track for track in owners.values()})
        self.mended = frozenset(mended)
        self._learn_proportions(detections, owners)

    def _learn_proportions(self, detections: list[Detection], owners: dict[int, Track]) -> None:
        """Learn the proportions of people whose identity is not in doubt."""
        known = {track.id for track in self._tracks}
        for pair in [pair for pair in self._crossings if not known.issuperset(pair)]:
            del self._crossings[pair]
        doubted = {id_ for pair in self._crossings for id_ in pair} | self.mended
        for i, track in owners.items():
            if track.id not in doubted:
                track.proportions.learn(detections[i].lengths_m)

    def _new(self, tracker_id: int | None, in_frame: set[int | None]) -> Track:
        used = {track.id for track in self._tracks}
        if tracker_id is not None and tracker_id <= LARGEST_KEPT_ID and tracker_id not in used:
            id_ = tracker_id
        else:
            while self._next_id in used or self._next_id in in_frame:
                self._next_id += 1
            id_ = self._next_id
            self._next_id += 1
        track = Track(id_)
        self._tracks.append(track)
        return track


def _trusted_ids(bodies: tuple[Body, ...]) -> list[int | None]:
    """Return each body's tracker id; None if it is negative or occurs twice."""
    ids = [body.id for body in bodies]
    return [id_ if id_ >= 0 and ids.count(id_) == 1 else None for id_ in ids]


def _cost_m(detection: Detection, track: Track, now_ns: int) -> float:
    """Return how badly a detection fits a person: distance plus a cost for other proportions."""
    distance_m = track.distance_m(detection.position_m, now_ns)
    if not track.certain:
        return distance_m
    proportions = Proportions()
    proportions.learn(detection.lengths_m)
    difference = max(0.0, proportions.difference(track.proportions) - _SAME)
    return distance_m + min(_UNLIKE_M * difference, _MOST_UNLIKE_M)


def _pair(fits: list[tuple[float, int, int, Track]]) -> dict[int, Track]:
    """Assign detections to tracks, cheapest first, each once.

    `fits` holds (cost in metres, detection, track id, track).
    """
    found: dict[int, Track] = {}
    taken: set[int] = set()
    for _, i, id_, track in sorted(fits, key=lambda fit: fit[:3]):
        if i not in found and id_ not in taken:
            found[i] = track
            taken.add(id_)
    return found
