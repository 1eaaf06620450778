"""Scores the starts of actions in continuous streams, in which much is not an action.

Each stretch of a stream has the labels that are right for it. A stretch of a known action should
start one of them. In all other stretches nothing should start, but labels that fit may.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from models.scoring.live_scoring import GRACE_NS, Start
from sensor.formats.recording import Recording, Span


@dataclass(frozen=True)
class Meaning:
    """The labels that are right for a motion; without one it is background.

    Labels in `also` fit it as well, but need not start, such as `walk` in a motion during which
    the person may walk.
    """

    labels: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()

    def known_to(self, labels: Collection[str]) -> Meaning:
        """The meaning to a model with these labels."""
        return Meaning(self.labels.intersection(labels), self.also.intersection(labels))


Meanings = Mapping[str, Meaning]
"""The labels of each motion of a stream, by its name. A motion without an entry is background."""


@dataclass(frozen=True)
class GradedStart:
    """A start, its probability, and whether it was `right`, `wrong` (in another action) or `false`.

    A start that is in `Meaning.also` of its motion is graded `fitting`. `during` names the motion
    at the time of the start.
    """

    label: str
    confidence: float
    grade: str
    during: str


@dataclass(frozen=True)
class SpanScore:
    """Counts over streams: actions by name, found ones by name, and graded starts.

    `background_s` is all time outside actions, in seconds. `delays_s` are the seconds from the
    beginning of each found action to its first right start.
    """

    actions: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    starts: tuple[GradedStart, ...] = ()
    background_s: float = 0.0
    delays_s: tuple[float, ...] = ()

    def __add__(self, other: SpanScore) -> SpanScore:
        return SpanScore(
            self.actions + other.actions,
            self.found + other.found,
            self.starts + other.starts,
            self.background_s + other.background_s,
            self.delays_s + other.delays_s,
        )

    @property
    def found_share(self) -> float:
        """The share of actions that were found."""
        return self.found.total() / max(self.actions.total(), 1)

    def graded(self, grade: str) -> list[GradedStart]:
        """The starts of one grade."""
        return [start for start in self.starts if start.grade == grade]


def score_spans(
    recording: Recording, starts: Sequence[tuple[Start, float]], meanings: Meanings
) -> SpanScore:
    """Compare starts, each with its probability, with the motions of a stream.

    An action is found if a right label starts between its beginning and its end + 0.5 s.
    """
    spans = [(span, meanings.get(span.label, Meaning())) for span in recording.spans]
    actions = [(span, meaning.labels) for span, meaning in spans if meaning.labels]
    found: Counter[str] = Counter()
    delays = []
    for span, labels in actions:
        right = [start.at_ns for start, _ in starts if _fits(start, span, labels)]
        if right:
            found[span.label] += 1
            delays.append((min(right) - span.start_ns) / 1e9)
    graded = tuple(
        GradedStart(start.label, confidence, _grade(start, spans), _during(start, recording))
        for start, confidence in starts
    )
    acted_s = sum(span.end_ns - span.start_ns for span, _ in actions) / 1e9
    names = Counter(span.label for span, _ in actions)
    return SpanScore(names, found, graded, recording.duration_s - acted_s, tuple(delays))


def _fits(start: Start, span: Span, labels: Collection[str]) -> bool:
    """Whether a start has one of the labels, from a motion's beginning to its end + 0.5 s."""
    return start.label in labels and span.start_ns <= start.at_ns < span.end_ns + GRACE_NS


def _grade(start: Start, spans: Sequence[tuple[Span, Meaning]]) -> str:
    if any(_fits(start, span, meaning.labels) for span, meaning in spans):
        return "right"
    if any(_fits(start, span, meaning.also) for span, meaning in spans):
        return "fitting"
    inside = any(
        meaning.labels and span.start_ns <= start.at_ns <= span.end_ns for span, meaning in spans
    )
    return "wrong" if inside else "false"


def _during(start: Start, recording: Recording) -> str:
    """The name of the motion at the time of a start."""
    begun = [span.label for span in recording.spans if span.start_ns <= start.at_ns]
    return begun[-1] if begun else ""
