"""How good the live path is: streams of labelled clips with rests, through pipeline and decision.

The path is the service's own, run faster than real time; live gives the same answers while it
keeps up, for neither pipeline nor decision depends on how frames are batched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.card import ModelCard, Thresholds
from models.labels import plain_label
from models.live.decision import Decider, Decision
from models.live.events import Prediction
from models.live.offline import run_frames
from models.live.outcomes import Predictor
from sensor.formats import clip_set
from sensor.formats.clip_stream import Selection, to_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording, Span

GRACE_NS = 500_000_000
"""An action may still start this long after its clip has ended."""


@dataclass(frozen=True)
class Start:
    """An action that was said to start: when, which."""

    at_ns: int
    label: str


@dataclass(frozen=True)
class LiveScore:
    """Counts over a stream of clips with rests.

    A clip is `found` when its action starts between its beginning and its end + 0.5 s. A rest is
    `disturbed` when any action starts in it, but for the clip's own, within those 0.5 s. `wrong`
    counts clips during which another label started, `false` every start while nothing was done.
    """

    clips: int
    found: int
    rests: int
    disturbed: int
    wrong: int
    delays_s: tuple[float, ...] = ()
    false: int = 0

    def __add__(self, other: LiveScore) -> LiveScore:
        return LiveScore(
            self.clips + other.clips,
            self.found + other.found,
            self.rests + other.rests,
            self.disturbed + other.disturbed,
            self.wrong + other.wrong,
            self.delays_s + other.delays_s,
            self.false + other.false,
        )

    @property
    def found_share(self) -> float:
        """Found clips of all clips."""
        return self.found / max(self.clips, 1)

    @property
    def disturbed_share(self) -> float:
        """Disturbed rests of all rests."""
        return self.disturbed / max(self.rests, 1)


def streams_of(
    data: Path,
    data_set: str,
    people: Sequence[int],
    rest_s: float = 2.0,
    shuffle_seed: int | None = None,
) -> Recording:
    """The clips of these people as one recording, with rests, as `replay:` plays them."""
    selection = Selection(
        subject=tuple(str(who) for who in people), rest_s=rest_s, shuffle_seed=shuffle_seed
    )
    clips = clip_set.load(data / f"{data_set}.npz")
    return to_recording(data_set, clips, selection, LOCAL_LIMITS, seed=shuffle_seed or 0)


def predictions(model: Predictor, recording: Recording) -> list[Prediction]:
    """What the live path predicts for a recording, in order."""
    events = run_frames(model, recording.frames, joints=False)
    return [event for event in events if isinstance(event, Prediction)]


def decided(
    said: Iterable[Prediction], card: ModelCard, thresholds: Thresholds
) -> Iterator[tuple[Prediction, int | None, list[Decision]]]:
    """Each prediction through a decision stage for its body: the label in progress, and changes."""
    deciders: dict[int, Decider] = {}
    for prediction in said:
        body = prediction.body_ids[0]
        if body not in deciders:
            deciders[body] = Decider(card.labels, card.background, thresholds)
        decisions = deciders[body].step(prediction.captured_ns, prediction.probabilities)
        yield prediction, deciders[body].current, decisions


def starts(said: Iterable[Prediction], card: ModelCard, thresholds: Thresholds) -> list[Start]:
    """The starts that a decision stage with these thresholds makes of predictions."""
    return [
        Start(decision.at_ns, card.labels[decision.label])
        for _, _, decisions in decided(said, card, thresholds)
        for decision in decisions
        if decision.phase == "start"
    ]


def score(recording: Recording, said: Sequence[Start], background: str) -> LiveScore:
    """Compare starts with the truth that a recording carries."""
    clips = [span for span in recording.spans if plain_label(span.label) != background]
    found = wrong = 0
    delays = []
    for span in clips:
        label = plain_label(span.label)
        inside = [s for s in said if span.start_ns <= s.at_ns < span.end_ns + GRACE_NS]
        right = [s for s in inside if s.label == label]
        found += bool(right)
        wrong += any(s.label != label and s.at_ns < span.end_ns for s in inside)
        delays += [(right[0].at_ns - span.start_ns) / 1e9] if right else []
    rests = _rests(recording, clips)
    disturbed = sum(any(_disturbs(s, rest, before) for s in said) for rest, before in rests)
    false = len(false_starts(recording, said, background))
    return LiveScore(len(clips), found, len(rests), disturbed, wrong, tuple(delays), false)


def false_starts(recording: Recording, said: Iterable[Start], background: str) -> list[Start]:
    """Starts while nothing that has a name was done.

    The start of an action within 0.5 s after its own true one has ended is late, not false.
    """
    clips = [span for span in recording.spans if plain_label(span.label) != background]
    return [start for start in said if not _excused(start, clips)]


def _excused(start: Start, clips: Sequence[Span]) -> bool:
    for span in clips:
        grace_ns = GRACE_NS if start.label == plain_label(span.label) else 0
        if span.start_ns <= start.at_ns <= span.end_ns + grace_ns:
            return True
    return False


def _rests(recording: Recording, clips: list[Span]) -> list[tuple[tuple[int, int], Span | None]]:
    """The stretches between clips, each with the clip before it."""
    ends = [0, *(span.end_ns for span in clips)]
    begins = [*(span.start_ns for span in clips), recording.frames[-1].captured_ns]
    before = [None, *clips]
    return [
        ((start, end), clip)
        for start, end, clip in zip(ends, begins, before, strict=True)
        if end > start
    ]


def _disturbs(start: Start, rest: tuple[int, int], before: Span | None) -> bool:
    if not rest[0] <= start.at_ns < rest[1]:
        return False
    own = before is not None and start.label == plain_label(before.label)
    return not (own and start.at_ns < rest[0] + GRACE_NS)
