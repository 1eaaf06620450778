"""Scores the starts of actions in streams of labelled clips with rests between them.

The streams run through the live path (pipeline, model and decision stage), faster than real time.
The result equals the live result while the service keeps up, because neither the pipeline nor the
decision stage depends on how frames are batched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.card import ModelCard, Thresholds
from models.datasets.merged_clip_set import in_vocabulary
from models.labels import plain_label
from models.live.decision import Decider, Decision
from models.live.events import Prediction
from models.live.offline import run_frames
from models.live.outcomes import Predictor
from sensor.formats import clip_set
from sensor.formats.clip_selection import Selection
from sensor.formats.clip_stream import to_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording, Span

GRACE_NS = 500_000_000
"""A start of a clip's own action still counts as right this long after the clip's end."""


@dataclass(frozen=True)
class Start:
    """The start of an action: the time of the decision and the label."""

    at_ns: int
    label: str


@dataclass(frozen=True)
class LiveScore:
    """Counts over a stream of clips with rests between them.

    - `clips`: all clips but background
    - `found`: clips whose own action started between their first frame and their end + 0.5 s
    - `rests`, `disturbed`: all rests, and those in which any action started, except the previous
      clip's own action within 0.5 s of that clip's end
    - `wrong_clips`: clips during which another action started
    - `delays_s`: seconds from the first frame of each found clip to its first right start
    - `false_starts`: starts outside all clips, with the same exception
    """

    clips: int
    found: int
    rests: int
    disturbed: int
    wrong_clips: int
    delays_s: tuple[float, ...] = ()
    false_starts: int = 0

    def __add__(self, other: LiveScore) -> LiveScore:
        return LiveScore(
            self.clips + other.clips,
            self.found + other.found,
            self.rests + other.rests,
            self.disturbed + other.disturbed,
            self.wrong_clips + other.wrong_clips,
            self.delays_s + other.delays_s,
            self.false_starts + other.false_starts,
        )

    @property
    def found_share(self) -> float:
        """The share of clips that were found."""
        return self.found / max(self.clips, 1)

    @property
    def disturbed_share(self) -> float:
        """The share of rests that were disturbed."""
        return self.disturbed / max(self.rests, 1)


def load_stream(
    data: Path,
    data_set: str,
    people: Sequence[int],
    rest_s: float = 2.0,
    shuffle_seed: int | None = None,
) -> Recording:
    """Load the clips of these people as one recording with rests, as the `replay:` source does.

    The clips keep the order of the file, or are shuffled by `shuffle_seed`. Frames of UI-PRMD and
    CMU have labels of the vocabulary. Raises RecordingError.
    """
    selection = Selection(
        subject=tuple(str(person) for person in people), rest_s=rest_s, shuffle_seed=shuffle_seed
    )
    clips = in_vocabulary(clip_set.load(data / f"{data_set}.npz"))
    return to_recording(data_set, clips, selection, LOCAL_LIMITS, seed=shuffle_seed or 0)


def predict(model: Predictor, recording: Recording) -> list[Prediction]:
    """Run a recording through the live path and return its predictions, in order."""
    events = run_frames(model, recording.frames, joints=False)
    return [event for event in events if isinstance(event, Prediction)]


def decide(
    predictions: Iterable[Prediction], card: ModelCard, thresholds: Thresholds
) -> Iterator[tuple[Prediction, int | None, list[Decision]]]:
    """Run predictions through one decision stage per body.

    Yields each prediction, the index of the action in progress after it (or None), and the
    decisions that it caused.
    """
    deciders: dict[int, Decider] = {}
    for prediction in predictions:
        body = prediction.body_ids[0]
        if body not in deciders:
            deciders[body] = Decider(card.labels, card.background, thresholds)
        decisions = deciders[body].step(prediction.captured_ns, prediction.probabilities)
        yield prediction, deciders[body].current, decisions


def decide_starts(
    predictions: Iterable[Prediction], card: ModelCard, thresholds: Thresholds
) -> list[Start]:
    """Return the starts that a decision stage with these thresholds makes of predictions."""
    return [
        Start(decision.at_ns, card.labels[decision.label])
        for _, _, decisions in decide(predictions, card, thresholds)
        for decision in decisions
        if decision.phase == "start"
    ]


def score_starts(recording: Recording, starts: Sequence[Start], background: str) -> LiveScore:
    """Compare starts with the labels of a recording."""
    clips = _clips(recording, background)
    found = wrong = 0
    delays = []
    for clip in clips:
        label = plain_label(clip.label)
        inside = [s for s in starts if clip.start_ns <= s.at_ns < clip.end_ns + GRACE_NS]
        right = [s for s in inside if s.label == label]
        found += bool(right)
        wrong += any(s.label != label and s.at_ns < clip.end_ns for s in inside)
        delays += [(right[0].at_ns - clip.start_ns) / 1e9] if right else []
    rests = _rests(recording, clips)
    disturbed = sum(any(_disturbs(s, rest, before) for s in starts) for rest, before in rests)
    false = len(false_starts(recording, starts, background))
    return LiveScore(len(clips), found, len(rests), disturbed, wrong, tuple(delays), false)


def false_starts(recording: Recording, starts: Iterable[Start], background: str) -> list[Start]:
    """Return the starts outside all labelled actions.

    A start within 0.5 s after the end of a clip of the same action is late, not false.
    """
    clips = _clips(recording, background)
    return [start for start in starts if not _excused(start, clips)]


def wrong_starts(recording: Recording, starts: Iterable[Start]) -> list[str]:
    """Return the label of each start that is no start of the action that goes on at that time."""
    spans = recording.spans
    return [
        start.label
        for start in starts
        if not any(
            start.label == plain_label(span.label)
            and span.start_ns <= start.at_ns <= span.end_ns + GRACE_NS
            for span in spans
        )
    ]


def _clips(recording: Recording, background: str) -> list[Span]:
    """The labelled spans of a recording, without background."""
    return [span for span in recording.spans if plain_label(span.label) != background]


def _excused(start: Start, clips: Sequence[Span]) -> bool:
    """Whether a start lies in a clip, or in the 0.5 s after a clip of its own action."""
    for clip in clips:
        grace_ns = GRACE_NS if start.label == plain_label(clip.label) else 0
        if clip.start_ns <= start.at_ns <= clip.end_ns + grace_ns:
            return True
    return False


def _rests(recording: Recording, clips: list[Span]) -> list[tuple[tuple[int, int], Span | None]]:
    """The rests between clips as (start, end) in nanoseconds, each with the clip before it."""
    ends = [0, *(clip.end_ns for clip in clips)]
    begins = [*(clip.start_ns for clip in clips), recording.frames[-1].captured_ns]
    before = [None, *clips]
    return [
        ((start, end), clip)
        for start, end, clip in zip(ends, begins, before, strict=True)
        if end > start
    ]


def _disturbs(start: Start, rest: tuple[int, int], before: Span | None) -> bool:
    """Whether a start lies in a rest and is no late start of the clip before it."""
    if not rest[0] <= start.at_ns < rest[1]:
        return False
    own = before is not None and start.label == plain_label(before.label)
    return not (own and start.at_ns < rest[0] + GRACE_NS)
