"""One person keeps one identity through gaps and through changes of the tracker's mind."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

from sensor.skeleton import Body, Frame
from sensor.tracking.crossing import NEAR_M, Encounter
from sensor.tracking.proportions import Build, Shape
from sensor.tracking.track import Seen, Track

LARGEST_KEPT_ID = 2**31 - 1
_SAME = 0.1  # what one frame measures of a person differs by less than this from what they are
_UNLIKE_M = 3.0  # metres of way that a difference of build weighs: 0.3 m for a tenth,
_MOST_UNLIKE_M = 0.25  # but never more than this, for who is half hidden is measured badly
_SAME_ID_M = 0.15  # metres of way that the tracker's id from before weighs


class IdentityTracker:
    """Gives each body of a stream an id that lasts.

    A body whose tracker id was there in the frame before is the same person, unless it has leapt
    to where another is due. Any other body is the person who is due nearest to it, was there at
    most `memory_s` ago, is within `reach_m` and of like build; else somebody new. Two who meet
    and part with their ids exchanged are put right by how they moved and how they are built.
    Ids of the tracker are kept where they can be; -1 and ids that come twice in a frame say
    nothing. No two bodies of a frame ever share an id.

    After `update`, `tentative` holds the ids of bodies that may yet be no person, and `mended`
    those of people who were confused until now: what they did of late was another's doing.
    """

    def __init__(self, memory_s: float = 1.0, reach_m: float = 0.5) -> None:
        self.tentative: frozenset[int] = frozenset()
        self.mended: frozenset[int] = frozenset()
        self._memory_ns = round(memory_s * 1e9)
        self._reach_m = reach_m
        self._tracks: list[Track] = []
        self._encounters: dict[tuple[int, int], Encounter] = {}
        self._layout = ""
        self._build: Build
        self._next_id = 1

    def update(self, frame: Frame) -> Frame:
        """The frame with lasting ids. Call it with each frame of the stream, in order."""
        now_ns = frame.captured_ns
        self._tracks = [t for t in self._tracks if 0 <= now_ns - t.seen_ns <= self._memory_ns]
        seen = self._measured(frame)
        owners = self._by_id(seen)
        self._doubt_leaps(seen, owners, now_ns)
        self._match(seen, owners, now_ns)
        self._take(seen, owners, now_ns)
        self._judge_encounters(seen, owners, now_ns)
        self.tentative = frozenset(t.id for t in owners.values() if not t.certain)
        bodies = tuple(
            body if body.id == owners[i].id else replace(body, id=owners[i].id)
            for i, body in enumerate(frame.bodies)
        )
        return replace(frame, bodies=bodies)

    def alone(self, tracker_id: int) -> Track | None:
        """The one body there is, of this id of the tracker; None where it could be another."""
        if len(self._tracks) != 1 or self._encounters:
            return None
        (track,) = self._tracks
        known = track.present and track.tracker_id == tracker_id >= 0
        return track if known and math.isfinite(track.place_m[0]) else None

    def _measured(self, frame: Frame) -> list[Seen]:
        if self._layout != frame.layout.name:
            self._build, self._layout = Build(frame.layout), frame.layout.name
        build = self._build
        return [
            Seen(
                id_,
                build.place_m(body),
                build.lengths_m(body),
                build.upright(body),
            )
            for body, id_ in zip(frame.bodies, _trusted_ids(frame.bodies), strict=True)
        ]

    def _by_id(self, seen: list[Seen]) -> dict[int, Track]:
        known = {track.tracker_id: track for track in self._tracks if track.present}
        return {
            i: known[body.tracker_id]
            for i, body in enumerate(seen)
            if body.tracker_id is not None and body.tracker_id in known
        }

    def _doubt_leaps(self, seen: list[Seen], owners: dict[int, Track], now_ns: int) -> None:
        """A body whose id has leapt to where another is due is that other.

        A leap alone is no reason to doubt an id: only somebody who fits is.
        """

        def off_m(i: int, track: Track) -> float:
            return math.dist(seen[i].place_m, track.expected_m(now_ns)) / track.leap_m(now_ns)

        leapt = {i: track for i, track in owners.items() if off_m(i, track) > 1}
        if not leapt:
            return
        sure = {track.id for i, track in owners.items() if i not in leapt}
        free = [track for track in self._tracks if track.present and track.id not in sure]
        fits = ((off_m(i, track), i, track.id, track) for i in leapt for track in free)
        found = _pair([fit for fit in fits if fit[0] < 0.5])
        for i, track in leapt.items():
            if i not in found and track in found.values():
                del owners[i]
        owners.update(found)

    def _match(self, seen: list[Seen], owners: dict[int, Track], now_ns: int) -> None:
        """Give each body that has no owner the free person who fits it best."""
        if len(owners) == len(seen):
            return
        taken = {track.id for track in owners.values()}
        pairs = []
        for i, body in enumerate(seen):
            for track in self._tracks:
                if i not in owners and track.id not in taken:
                    cost_m = _cost_m(body, track, now_ns)
                    if cost_m < self._reach_m:
                        same_id = body.tracker_id == track.tracker_id
                        pairs.append((cost_m - _SAME_ID_M * same_id, i, track.id, track))
        owners.update(_pair(pairs))

    def _take(self, seen: list[Seen], owners: dict[int, Track], now_ns: int) -> None:
        """Write down who is there, and where."""
        wanted = {body.tracker_id for body in seen}
        for i, body in enumerate(seen):
            if i not in owners:
                owners[i] = self._new(body.tracker_id, wanted)
            owners[i].see(body, now_ns)
        there = {track.id for track in owners.values()}
        for track in self._tracks:
            track.present = track.id in there

    def _judge_encounters(self, seen: list[Seen], owners: dict[int, Track], now_ns: int) -> None:
        """Watch those who meet; put right those who parted as each other."""
        where = {track.id: i for i, track in owners.items()}
        certain = sorted((t for t in owners.values() if t.certain), key=lambda track: track.id)
        mended: set[int] = set()
        for a, b in combinations(certain, 2):
            pair = (a.id, b.id)
            if pair not in self._encounters:
                if not math.dist(a.place_m, b.place_m) < NEAR_M:
                    continue
                self._encounters[pair] = Encounter(a, b, now_ns)
            lengths_m = (seen[where[a.id]].lengths_m, seen[where[b.id]].lengths_m)
            verdict = self._encounters[pair].judge(a, b, lengths_m, now_ns)
            if verdict == "exchanged":
                a.exchange(b)
                where[a.id], where[b.id] = where[b.id], where[a.id]
                mended.update(pair)
            if verdict != "open":
                del self._encounters[pair]
        owners.update({where[track.id]: track for track in owners.values()})
        self.mended = frozenset(mended)
        self._learn_builds(seen, owners)

    def _learn_builds(self, seen: list[Seen], owners: dict[int, Track]) -> None:
        """Learn how people are built while there is no doubt who they are."""
        known = {track.id for track in self._tracks}
        for pair in [pair for pair in self._encounters if not known.issuperset(pair)]:
            del self._encounters[pair]
        doubted = {id_ for pair in self._encounters for id_ in pair} | self.mended
        for i, track in owners.items():
            if track.id not in doubted:
                track.shape.learn(seen[i].lengths_m)

    def _new(self, tracker_id: int | None, wanted: set[int | None]) -> Track:
        used = {track.id for track in self._tracks}
        if tracker_id is not None and tracker_id <= LARGEST_KEPT_ID and tracker_id not in used:
            id_ = tracker_id
        else:
            while self._next_id in used or self._next_id in wanted:
                self._next_id += 1
            id_ = self._next_id
            self._next_id += 1
        track = Track(id_)
        self._tracks.append(track)
        return track


def _trusted_ids(bodies: tuple[Body, ...]) -> list[int | None]:
    """Each body's tracker id; None where it is negative or comes twice."""
    ids = [body.id for body in bodies]
    return [id_ if id_ >= 0 and ids.count(id_) == 1 else None for id_ in ids]


def _cost_m(body: Seen, track: Track, now_ns: int) -> float:
    """How badly a body fits a person: metres off their way, and more for another build."""
    off_m = track.off_m(body.place_m, now_ns)
    if not track.certain:
        return off_m
    shape = Shape()
    shape.learn(body.lengths_m)
    unlike = max(0.0, shape.unlike(track.shape) - _SAME)
    return off_m + min(_UNLIKE_M * unlike, _MOST_UNLIKE_M)


def _pair(fits: list[tuple[float, int, int, Track]]) -> dict[int, Track]:
    """Bodies to tracks, of (cost, body, id, track) the cheapest first, each but once."""
    found: dict[int, Track] = {}
    taken: set[int] = set()
    for _, i, id_, track in sorted(fits, key=lambda fit: fit[:3]):
        if i not in found and id_ not in taken:
            found[i] = track
            taken.add(id_)
    return found
