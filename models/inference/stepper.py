"""`Stepper`: four new frames of many streams in, logits out, by ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.card import DEFAULT_MODEL, STEP_FILE, STILL_FILE, ModelCard, load_card
from models.errors import ModelError
from models.features import CHANNELS, STRIDE_FRAMES, FloatArray, IntArray
from models.inference.memory import SPARE, Remembering
from models.inference.onnx_session import Device, check_file, open_session, runtime

BATCHES = (*range(1, 8), *range(8, 65, 4))
"""The batch sizes that run; others are filled up, greater ones split."""


class Stepper(Remembering):
    """A loaded model and what it remembers of each stream, a row each.

    The answer to a step equals that of `Recognizer.logits` to the window that ends there. What
    is remembered lies in arrays that every step changes in place, on a GPU in its memory; they
    double when all rows are taken and never shrink. For one thread at a time. `provider` says in
    plain words what it runs on.
    """

    def __init__(
        self,
        model_dir: Path | None = None,
        device: Device = "auto",
        threads: int = 1,
        capacity: int = 64,
    ) -> None:
        """Load the step form of a folder's model (None: the shipped one) for `capacity` streams.

        `threads` is the number of processor threads of one run. Raises ModelError.
        """
        folder = model_dir or DEFAULT_MODEL
        self.card: ModelCard = load_card(folder)
        if not self.card.step_sha256:
            raise ModelError(f"the model in {folder} has no step form: export it again")
        check_file(folder / STEP_FILE, self.card.step_sha256)
        check_file(folder / STILL_FILE, self.card.still_sha256)
        self._session = open_session(folder / STEP_FILE, device, threads)
        self._still = open_session(folder / STILL_FILE, device, threads)
        on_gpu = self._session.get_providers()[0] == "CUDAExecutionProvider"
        self.provider = "GPU (CUDA)" if on_gpu else "CPU"
        self._place = "cuda" if on_gpu else "cpu"
        self._shape = (STRIDE_FRAMES, len(self.card.joints_used), CHANNELS)
        self._check()
        super().__init__(capacity)
        streams = len(self._rows.made)
        self._rings = [
            self._on_device(np.zeros((streams * length, width), np.float32))
            for length, width in self._sizes()
        ]
        self.prepare()

    def prepare(self) -> None:
        """Bind every batch size to the memory and run it once: its first run allocates."""
        shape, classes = self._shape, len(self.card.labels)
        self._batches = {
            size: Batch(self._session, self._still, self._rings, (size, *shape), classes)
            for size in BATCHES
        }
        for batch in self._batches.values():
            batch.hold()
            batch.step()

    def step(self, rows: IntArray, features: FloatArray) -> FloatArray:
        """The next four frames of N streams: float32 (N, 4, J, 4) to logits float32 (N, C).

        `rows` int64 (N,), each once. Raises ValueError for another shape or a closed row.
        """
        if features.shape != (len(rows), *self._shape):
            raise ValueError(f"features must be {(len(rows), *self._shape)}, not {features.shape}")
        self._rows.check(rows)
        logits = np.empty((len(rows), len(self.card.labels)), np.float32)
        for start in range(0, len(rows), BATCHES[-1]):
            part = slice(start, start + BATCHES[-1])
            logits[part] = self._step(rows[part], features[part])
        return logits

    def _step(self, rows: IntArray, features: FloatArray) -> FloatArray:
        fresh = self._rows.begin(rows)
        if fresh.any():
            self._batch(rows[fresh], features[fresh]).hold()
        batch = self._batch(rows, features)
        batch.step()
        self._rows.made[rows] += 1
        return batch.logits[: len(rows)]

    def _batch(self, rows: IntArray, features: FloatArray) -> Batch:
        """The smallest batch that holds so many, filled."""
        batch = self._batches[next(size for size in BATCHES if size >= len(rows))]
        batch.fill(rows, self._rows.made[rows], features)
        return batch

    def _grow(self) -> None:
        """Double the memory, keeping what is in it."""
        old = [ring.numpy() for ring in self._rings]
        self._rings = [self._on_device(np.concatenate([ring, np.zeros_like(ring)])) for ring in old]
        self.prepare()

    def _on_device(self, values: FloatArray) -> Any:
        return runtime().OrtValue.ortvalue_from_numpy(values, self._place)

    @property
    def multiply_adds(self) -> int:
        """How many a step of one stream needs."""
        return int(self._session.get_modelmeta().custom_metadata_map["multiply_adds"])

    def _sizes(self) -> list[tuple[int, int]]:
        """The length and width of each ring."""
        notes = self._session.get_modelmeta().custom_metadata_map["rings"].split(",")
        return [(int(length), int(width)) for length, width in (n.split("x") for n in notes)]

    def _check(self) -> None:
        given = list(self._session.get_inputs()[0].shape[1:])
        outputs = {output.name: output.shape for output in self._session.get_outputs()}
        expected, labels = list(self._shape), len(self.card.labels)
        if given != expected or outputs["logits"][1] != labels:
            raise ModelError(
                f"the card of {self.card.id} does not fit its {STEP_FILE}: that takes steps of "
                f"{given} for {outputs['logits'][1]} labels, the card says {expected} for {labels}"
            )


class Batch:
    """Input and output of one batch size, bound to the memory of all streams."""

    def __init__(
        self, step: Any, still: Any, rings: list[Any], shape: tuple[int, ...], classes: int
    ) -> None:
        self._on_gpu = rings[0].device_name() != "cpu"
        self._given: dict[str, NDArray[Any]] = {
            "rows": np.full((shape[0], 1), SPARE, np.int64),
            "count": np.zeros(shape[0], np.int64),
            "features": np.zeros(shape, np.float32),
        }
        self.logits = np.zeros((shape[0], classes), np.float32)
        self._sessions = {"after": step, "held": still}
        self._bindings = {way: self._bound(rings, way) for way in self._sessions}
        place, kind = self.logits.ctypes.data, self.logits.dtype
        self._bindings["after"].bind_output("logits", "cpu", 0, kind, self.logits.shape, place)

    def fill(self, rows: IntArray, count: IntArray, features: FloatArray) -> None:
        """What the next run is given, for at most as many streams as it takes."""
        used, given = len(rows), self._given
        given["rows"][:used, 0], given["rows"][used:] = rows, SPARE
        given["count"][:used], given["count"][used:] = count, 0
        given["features"][:used], given["features"][used:] = features, 0

    def step(self) -> None:
        """Run the step; the answer is in `logits`, float32 (N, C)."""
        self._run("after")

    def hold(self) -> None:
        """Fill the memory of the rows as if their first frame had been held for ever."""
        self._run("held")

    def _bound(self, rings: list[Any], way: str) -> Any:
        """In and out at the same memory, so nothing but new frames is written."""
        binding = self._sessions[way].io_binding()
        for number, ring in enumerate(rings):
            binding.bind_ortvalue_input(f"ring_{number}", ring)
            binding.bind_ortvalue_output(f"{way}_{number}", ring)
        self._bind(binding, way)
        return binding

    def _bind(self, binding: Any, way: str) -> None:
        for name, values in self._given.items():
            if name != "count" or way == "after":
                binding.bind_cpu_input(name, values)

    def _run(self, way: str) -> None:
        if self._on_gpu:  # there binding an input is what copies it
            self._bind(self._bindings[way], way)
        self._sessions[way].run_with_iobinding(self._bindings[way])
