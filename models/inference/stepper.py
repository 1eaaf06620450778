"""`Stepper` classifies four new frames of many streams at a time, with ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.card import DEFAULT_MODEL, STEP_FILE, STILL_FILE, ModelCard, load_card
from models.errors import ModelError
from models.features import CHANNELS, STRIDE_FRAMES, FloatArray, IntArray
from models.inference.memory import SPARE, StreamMemory
from models.inference.onnx_session import CUDA, Device, check_file, open_session, runtime

BATCHES = (*range(1, 8), *range(8, 65, 4))
"""The prepared batch sizes. Other batches are padded to the next size; larger ones are split."""


class Stepper(StreamMemory):
    """A loaded model and the past of each stream, one row each.

    The answer to a step equals `Recognizer.logits` of the window that ends with it. The past is
    kept in ring buffers, in GPU memory if the model runs there. Each step changes them in place.
    They double when all rows are taken and never shrink. Use it from one thread at a time.
    `provider` names the hardware that it runs on.
    """

    def __init__(
        self,
        model_dir: Path | None = None,
        device: Device = "auto",
        threads: int = 1,
        capacity: int = 64,
    ) -> None:
        """Load the step form of a model folder (None: the shipped one) for `capacity` streams.

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
        on_gpu = self._session.get_providers()[0] == CUDA
        self.provider = "GPU (CUDA)" if on_gpu else "CPU"
        self._device = "cuda" if on_gpu else "cpu"
        self._shape = (STRIDE_FRAMES, len(self.card.joints_used), CHANNELS)
        self._check()
        super().__init__(capacity)
        streams = len(self._rows.step_count)
        self._rings = [
            self._on_device(np.zeros((streams * length, width), np.float32))
            for length, width in self._ring_sizes()
        ]
        self._prepare()

    def _prepare(self) -> None:
        """Bind each batch size to the rings and run it once, because the first run allocates."""
        shape, classes = self._shape, len(self.card.labels)
        self._batches = {
            size: Batch(self._session, self._still, self._rings, (size, *shape), classes)
            for size in BATCHES
        }
        for batch in self._batches.values():
            batch.hold()
            batch.step()

    def step(self, rows: IntArray, features: FloatArray) -> FloatArray:
        """Classify the next four frames of N streams.

        Takes rows int64 (N,), each once, and features float32 (N, 4, J, 4). Returns logits
        float32 (N, C). Raises ValueError for another shape or a closed row.
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
        """Run at most one batch of the largest size."""
        fresh = self._rows.begin(rows)
        if fresh.any():
            self._batch(rows[fresh], features[fresh]).hold()
        batch = self._batch(rows, features)
        batch.step()
        self._rows.step_count[rows] += 1
        return batch.logits[: len(rows)]

    def _batch(self, rows: IntArray, features: FloatArray) -> Batch:
        """Fill the smallest batch that holds these rows."""
        batch = self._batches[next(size for size in BATCHES if size >= len(rows))]
        batch.fill(rows, self._rows.step_count[rows], features)
        return batch

    def _grow(self) -> None:
        old = [ring.numpy() for ring in self._rings]
        self._rings = [self._on_device(np.concatenate([ring, np.zeros_like(ring)])) for ring in old]
        self._prepare()

    def _on_device(self, values: FloatArray) -> Any:
        return runtime().OrtValue.ortvalue_from_numpy(values, self._device)

    @property
    def multiply_adds(self) -> int:
        """The number of multiply-add operations of a step of one stream."""
        return int(self._session.get_modelmeta().custom_metadata_map["multiply_adds"])

    def _ring_sizes(self) -> list[tuple[int, int]]:
        """The length and the width of each ring."""
        notes = self._session.get_modelmeta().custom_metadata_map["rings"].split(",")
        return [(int(length), int(width)) for length, width in (n.split("x") for n in notes)]

    def _check(self) -> None:
        """Compare the graph with the card. Raises ModelError."""
        found = list(self._session.get_inputs()[0].shape[1:])
        outputs = {output.name: output.shape for output in self._session.get_outputs()}
        expected, labels = list(self._shape), len(self.card.labels)
        if found != expected or outputs["logits"][1] != labels:
            raise ModelError(
                f"the card of {self.card.id} does not fit its {STEP_FILE}: the file takes steps of "
                f"{found} for {outputs['logits'][1]} labels, the card says {expected} for {labels}"
            )


class Batch:
    """The inputs and outputs of one batch size, bound to the rings of all streams."""

    def __init__(
        self, step: Any, still: Any, rings: list[Any], shape: tuple[int, ...], classes: int
    ) -> None:
        self._on_gpu = rings[0].device_name() != "cpu"
        self._inputs: dict[str, NDArray[Any]] = {
            "rows": np.full((shape[0], 1), SPARE, np.int64),
            "count": np.zeros(shape[0], np.int64),
            "features": np.zeros(shape, np.float32),
        }
        self.logits = np.zeros((shape[0], classes), np.float32)
        self._sessions = {"after": step, "held": still}
        self._bindings = {form: self._bound(rings, form) for form in self._sessions}
        address, dtype = self.logits.ctypes.data, self.logits.dtype
        self._bindings["after"].bind_output("logits", "cpu", 0, dtype, self.logits.shape, address)

    def fill(self, rows: IntArray, count: IntArray, features: FloatArray) -> None:
        """Set the inputs of the next run, for at most as many streams as the batch holds."""
        used, inputs = len(rows), self._inputs
        inputs["rows"][:used, 0], inputs["rows"][used:] = rows, SPARE
        inputs["count"][:used], inputs["count"][used:] = count, 0
        inputs["features"][:used], inputs["features"][used:] = features, 0

    def step(self) -> None:
        """Run the step. The answer is in `logits`, float32 (N, C)."""
        self._run("after")

    def hold(self) -> None:
        """Fill the rings of the rows as if their first frame had been held still for ever."""
        self._run("held")

    def _bound(self, rings: list[Any], form: str) -> Any:
        """Bind ring inputs and outputs to the same memory, so that a run writes new frames only."""
        binding = self._sessions[form].io_binding()
        for number, ring in enumerate(rings):
            binding.bind_ortvalue_input(f"ring_{number}", ring)
            binding.bind_ortvalue_output(f"{form}_{number}", ring)
        self._bind_inputs(binding, form)
        return binding

    def _bind_inputs(self, binding: Any, form: str) -> None:
        for name, values in self._inputs.items():
            if name != "count" or form == "after":
                binding.bind_cpu_input(name, values)

    def _run(self, form: str) -> None:
        if self._on_gpu:  # binding copies the inputs to the GPU
            self._bind_inputs(self._bindings[form], form)
        self._sessions[form].run_with_iobinding(self._bindings[form])
