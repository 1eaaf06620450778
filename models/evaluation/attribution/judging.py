"""Runs all tests of explanations on clips, and collects their figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.datasets.pieces import Piece
from models.evaluation.attribution.agreement import (
    by_joint,
    correlations,
    mirrored,
    rank_correlations,
    top_joints,
    under_noise,
)
from models.evaluation.attribution.areas import areas_of
from models.evaluation.attribution.distractors import Distractors
from models.evaluation.attribution.findings import CLASS, GREATEST_RESIDUAL, Findings
from models.evaluation.attribution.limbs import CERTAIN, acting_joints
from models.evaluation.attribution.methods import (
    INTEGRATED,
    MOTION,
    RANDOM,
    RELEVANCE,
    SMOOTHED,
    Scores,
    chance,
    explain,
    motion_energy,
    relevance,
    smoothed,
)
from models.evaluation.attribution.removal import Logits, served_logits
from models.evaluation.attribution.samples import Samples, actions_of, answered
from models.evaluation.attribution.shapley import sampled_shapley
from models.features import BoolArray
from models.inference.recognizer import Recognizer
from models.progress import steps

if TYPE_CHECKING:
    from models.network.res_tcn import ResTCN

_SEED = 19
SHAPLEY_CLIPS = 24
"""Clips, evenly spread over the test clips, for which Shapley values are sampled."""
_RANDOM_NETWORKS = 3
_NOISE_CM = (2, 5)
_TIMED = 16
"""Windows on which the cost is measured."""


class Judging:
    """Measures a model's explanations; `network` is the same model in torch, if there is one."""

    def __init__(self, recognizer: Recognizer, network: ResTCN | None) -> None:
        self._recognizer, self._network = recognizer, network
        self._names = np.array(recognizer.card.labels)
        self._logits = self._fastest()
        self.findings = Findings()

    def _fastest(self) -> Logits:
        if self._network is None:
            return served_logits(self._recognizer)
        from models.evaluation.attribution.network import logits_of

        return logits_of(self._network)

    def judge(self, clips: Sequence[Piece], others: Sequence[Piece] = ()) -> Findings:
        """Measure everything on clips.

        `others` are further actions, for the expected limb and as distractors. Raises ValueError
        if the model is wrong at the end of all clips.
        """
        samples = self._judge_completeness(clips)
        scores = self._scores(samples)
        tests: list[Callable[[], None]] = [
            lambda: self._judge_areas(samples, scores),
            lambda: self._judge_distractors(samples, others),
            lambda: self._judge_shapley(samples, scores),
            lambda: self._judge_agreement(samples, scores[RELEVANCE]),
            lambda: self._judge_limbs(samples, scores[RELEVANCE], others),
            lambda: self._judge_cost(samples),
        ]
        for run_test in steps(tests, "tests", len(tests)):
            run_test()
        self.findings.value("targets_missed", len(self.findings.missed))
        return self.findings

    def _judge_completeness(self, clips: Sequence[Piece]) -> Samples:
        """Measure the residuals of all clips, and return those whose label is right."""
        every = answered(self._recognizer, self._logits, clips)
        found = explain(self._recognizer, every.windows, every.labels)
        gain = np.maximum(np.abs(found.logit - found.reference), 1)
        residuals = np.abs(found.residual) / gain
        right = every.right()
        if not len(right.labels):
            raise ValueError("the model's label is right for no clip, so no explanation is judged")
        self.findings.value("clips", len(residuals))
        self.findings.value("clips_right", len(right.labels))
        self.findings.value("worst_residual", residuals.max())
        self.findings.value("complete", (residuals <= GREATEST_RESIDUAL).mean())
        return right

    def _scores(self, samples: Samples) -> dict[str, Scores]:
        """The scores of each method that the model allows."""
        windows, labels = samples.windows, samples.labels
        own = relevance(self._recognizer, windows, labels)
        scores = {RELEVANCE: own, SMOOTHED: smoothed(own)}
        if self._network is not None:
            from models.evaluation.attribution.gradients import GRADIENT_METHODS, in_batches

            for name, method in steps(GRADIENT_METHODS.items(), "methods", len(GRADIENT_METHODS)):
                scores[name] = in_batches(method, self._network, windows, labels)
        scores[MOTION] = motion_energy(windows)
        scores[RANDOM] = chance(windows, np.random.default_rng(_SEED))
        return scores

    def _judge_areas(self, samples: Samples, scores: dict[str, Scores]) -> None:
        temperature = self._recognizer.card.temperature
        for test, by_method in areas_of(samples, scores, self._logits, temperature).items():
            self.findings.areas(test, by_method)

    def _judge_distractors(self, samples: Samples, others: Sequence[Piece]) -> None:
        names = self._names[samples.labels]
        motions = actions_of([*samples.pieces, *others], self._recognizer.card.labels)
        rng = np.random.default_rng(_SEED)
        pieces, origin = Distractors(motions).graft(samples.pieces, names, rng)
        if not pieces:
            return
        changed = answered(self._recognizer, self._logits, pieces)
        kept = changed.labels == samples.labels[origin]
        self.findings.mean("distracted_kept", kept, origin)
        self.findings.value("distracted_clips", kept.sum())
        if not kept.any():
            return
        # The limbs that act are those of the clip before the graft.
        acting = acting_joints([samples.pieces[i] for i in origin[kept]], names[origin[kept]])
        changed = changed.where(kept)
        own = _hits(relevance(self._recognizer, changed.windows, changed.labels), acting)
        motion = _hits(motion_energy(changed.windows), acting)
        self.findings.mean("distracted", own, origin[kept])
        self.findings.mean("distracted_motion_energy", motion, origin[kept])
        self.findings.mean("distracted_gain", own.astype(np.float64) - motion, origin[kept])
        self.findings.value("distracted_by_chance", acting.mean())

    def _judge_shapley(self, samples: Samples, scores: dict[str, Scores]) -> None:
        count = min(SHAPLEY_CLIPS, len(samples.labels))
        picks = np.linspace(0, len(samples.labels) - 1, count).round().astype(np.int64)
        values = sampled_shapley(samples.where(picks), self._logits, np.random.default_rng(_SEED))
        self.findings.value("shapley_clips", count)
        for name, ending in ((RELEVANCE, ""), (INTEGRATED, "_integrated")):
            if name in scores:
                joints = by_joint(scores[name][picks])
                same = joints.argmax(axis=1) == values.argmax(axis=1)
                ranks = rank_correlations(joints, values)
                self.findings.mean(f"shapley_rank_correlation{ending}", ranks)
                self.findings.mean(f"shapley_same_top{ending}", same)

    def _judge_agreement(self, samples: Samples, scores: Scores) -> None:
        rng = np.random.default_rng(_SEED)
        for deviation_cm in _NOISE_CM:
            found = under_noise(self._recognizer, samples, scores, deviation_cm / 100, rng)
            self.findings.mean(f"noise_{deviation_cm}_cm", found)
        here, there = mirrored(self._recognizer, samples, scores)
        self.findings.mean("mirrored", correlations(here, there))
        self.findings.mean("mirrored_joints", correlations(by_joint(here), by_joint(there)))
        if self._network is not None:
            self.findings.mean("random_weights", self._with_random_weights(samples, scores))

    def _with_random_weights(self, samples: Samples, scores: Scores) -> Scores:
        from models.evaluation.attribution.network import randomised, relevance_of

        assert self._network is not None
        networks = [randomised(self._network, seed) for seed in range(_RANDOM_NETWORKS)]
        found = [
            correlations(scores, relevance_of(one, samples.windows, samples.labels))
            for one in networks
        ]
        return np.asarray(np.mean(found, axis=0))

    def _judge_limbs(self, samples: Samples, scores: Scores, others: Sequence[Piece]) -> None:
        names, hits = self._expected(samples, scores)
        if others:
            more = answered(self._recognizer, self._logits, others).right()
            found = relevance(self._recognizer, more.windows, more.labels)
            both = zip((names, hits), self._expected(more, found), strict=True)
            names, hits = (np.concatenate(pair) for pair in both)
        self.findings.mean("expected_limb", hits)
        classes = sorted(set(names.tolist()))
        shares = {name: float(hits[names == name].mean()) for name in classes}
        if shares:
            first = [share > 0.5 for share in shares.values()]
            self.findings.value("expected_limb_classes", float(np.mean(first)))
        for name, share in shares.items():
            self.findings.value(CLASS + name, share)

    def _expected(self, samples: Samples, scores: Scores) -> tuple[NDArray[np.str_], BoolArray]:
        """The names of certain classes, and whether the top joint is of an acting limb."""
        names = self._names[samples.labels]
        certain = np.isin(names, list(CERTAIN))
        chosen = samples.where(certain)
        return names[certain], _hits(scores[certain], acting_joints(chosen.pieces, names[certain]))

    def _judge_cost(self, samples: Samples) -> None:
        if self._network is None:
            return
        from models.evaluation.attribution.gradients import integrated_gradients

        network, few = self._network, samples.where(np.arange(min(_TIMED, len(samples.labels))))
        slow_s = _seconds(lambda: integrated_gradients(network, few.windows, few.labels))
        fast_s = _seconds(lambda: explain(self._recognizer, few.windows, few.labels))
        self.findings.value("integrated_gradients_cost", slow_s / fast_s)


def _hits(scores: Scores, acting: BoolArray) -> BoolArray:
    """Whether the top joint of each window is one of `acting` (N, 18)."""
    hits: BoolArray = acting[np.arange(len(acting)), top_joints(scores)]
    return hits


def _seconds(work: Callable[[], object]) -> float:
    """The shortest time of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
