"""One batch of what is due on its way through the model, perhaps while the next one is gathered."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future

import numpy as np
from numpy.typing import NDArray

from models.live.person import Item
from models.live.prediction_state import States
from service.engine.message_building import Stages

FloatArray = NDArray[np.float32]


class Batch:
    """Items that are predicted: by `pool`, where one is given, else when they are asked for.

    One batch of the same states must be done before the next begins.
    """

    def __init__(
        self, states: States, items: Sequence[Item], stages: Stages, pool: Executor | None
    ) -> None:
        self.items, self.stages = items, stages
        self._states = states
        self._running: Future[list[FloatArray]] | None = None
        if pool is not None:
            self._running = pool.submit(self._predict)

    @property
    def done(self) -> bool:
        """Whether the probabilities are there."""
        return self._running is not None and self._running.done()

    def predicted(self) -> list[FloatArray]:
        """Probabilities (C,) of each `Due`, in order. Raises what the model raised."""
        return self._predict() if self._running is None else self._running.result()

    def _predict(self) -> list[FloatArray]:
        rows = self._states.predict(self.items)
        self.stages.predicted_ns = self.stages.clock_ns()
        return rows
