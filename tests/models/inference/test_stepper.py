"""Steps give the same logits as windows when streams join, leave, pause, reset or share a batch."""

import shutil

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.card import DEFAULT_MODEL, STEP_FILE, STILL_FILE, load_card, save_card
from models.errors import ModelError
from models.inference.recognizer import Recognizer
from models.inference.stepper import BATCHES, Stepper
from models.inference.window_stepper import WindowStepper
from tests.models.inference.streams import EveryFrame, Live, motion, window_of

TOLERANCE = 1e-4
STREAMS = 6


@pytest.fixture(scope="module", params=["upright", "turned"])
def folder(request, tmp_path_factory):
    pytest.importorskip("torch", reason="needs the train extra")
    pytest.importorskip("onnxscript", reason="needs the train extra")
    from tests.fakes.models.network import scale_every_way, untrained_network, write_untrained

    network = untrained_network(seed=3, spread=0.3)
    if request.param == "turned":
        network = scale_every_way(network)
    folder = tmp_path_factory.mktemp(request.param)
    write_untrained(network, folder)
    return folder


@pytest.fixture(scope="module")
def stepper(folder):
    return Stepper(folder, "cpu", capacity=2)


@pytest.fixture(scope="module")
def recognizer(folder):
    return Recognizer(folder, "cpu", threads=1)


ticks = st.lists(
    st.lists(
        st.tuples(st.integers(0, STREAMS - 1), st.sampled_from("ssssssjlr")),
        min_size=1,
        max_size=STREAMS,
        unique_by=lambda event: event[0],
    ),
    min_size=1,
    max_size=70,
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(ticks)
def test_steps_equal_windows_through_joins_leaves_pauses_and_resets(stepper, recognizer, ticks):
    live: dict[int, Live] = {}
    for number, tick in enumerate(ticks):
        for stream, event in tick:
            if event == "l" and stream in live:
                stepper.close(live.pop(stream).row)
            elif event == "r" and stream in live:
                stepper.reset(live[stream].row)
                live[stream].reset()
            elif stream not in live:
                live[stream] = Live(stepper.open(), 10_000 * number + 100 * stream)
        stepping = [stream for stream, event in tick if event != "l" and stream in live]
        if not stepping:
            continue
        rows = np.array([live[stream].row for stream in stepping])
        found = stepper.step(rows, np.stack([live[stream].next() for stream in stepping]))
        length = stepper.card.window_frames
        windows = np.stack([window_of(live[stream].frames, length) for stream in stepping])
        np.testing.assert_allclose(found, recognizer.logits(windows), atol=TOLERANCE, rtol=0)
    for one in live.values():
        stepper.close(one.row)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 2 * BATCHES[-1] + 3), min_size=1, max_size=4), st.randoms())
def test_a_stream_in_a_batch_gets_the_same_logits_as_alone(stepper, counts, random):
    most = max(counts)
    ones = [stepper.open() for _ in range(most)], [stepper.open() for _ in range(most)]
    rows, alone = np.array(ones[0]), np.array(ones[1])
    for number, count in enumerate(counts):
        picked = np.array(random.sample(range(most), count))
        features = motion(number, 4 * count).reshape(count, 4, 18, 4)
        found = stepper.step(rows[picked], features)
        expected = [
            stepper.step(alone[one : one + 1], features[at : at + 1])
            for at, one in enumerate(picked)
        ]
        np.testing.assert_allclose(found, np.concatenate(expected), atol=TOLERANCE, rtol=0)
    for row in [*ones[0], *ones[1]]:
        stepper.close(row)


def test_long_streams_equal_windows(stepper, recognizer):
    length = stepper.card.window_frames
    clips = np.stack([motion(seed, 3 * length) for seed in range(3)])
    rows = np.array([stepper.open() for _ in clips])
    for end in range(4, clips.shape[1] + 1, 4):
        found = stepper.step(rows, clips[:, end - 4 : end])
        if end % 36 == 0:
            windows = np.stack([window_of(clip[:end], length) for clip in clips])
            np.testing.assert_allclose(found, recognizer.logits(windows), atol=TOLERANCE, rtol=0)


def test_rows_grow_and_keep_the_past(folder, recognizer):
    stepper = Stepper(folder, "cpu", capacity=1)
    clip = motion(1, 80)
    row = stepper.open()
    for start in range(0, 76, 4):
        stepper.step(np.array([row]), clip[None, start : start + 4])
    others = [stepper.open() for _ in range(9)]
    assert len({row, *others}) == 10
    found = stepper.step(np.array([row]), clip[None, 76:])
    window = window_of(clip, stepper.card.window_frames)
    np.testing.assert_allclose(found[0], recognizer.logits(window[None])[0], atol=TOLERANCE)


@pytest.mark.parametrize("form", ["steps", "windows"])
def test_a_prediction_at_every_frame_equals_the_window_that_ends_there(stepper, recognizer, form):
    steps = stepper if form == "steps" else WindowStepper(recognizer, capacity=1)
    every = EveryFrame(steps)
    length = stepper.card.window_frames
    clips = np.stack([motion(seed, 23) for seed in range(3)])
    streams = np.array([every.open() for _ in clips])
    for end in range(1, 24):
        found = every.step(streams, clips[:, end - 1])
        windows = np.stack([window_of(clip[:end], length) for clip in clips])
        np.testing.assert_allclose(found, recognizer.logits(windows), atol=TOLERANCE, rtol=0)
    every.reset(streams[1])
    found = every.step(streams[1:2], clips[:1, 5])
    window = window_of(clips[0, 5:6], length)
    np.testing.assert_allclose(found[0], recognizer.logits(window[None])[0], atol=TOLERANCE)
    for stream in streams:
        every.close(int(stream))


@pytest.mark.parametrize("form", ["steps", "windows"])
def test_misuse_raises_a_value_error(stepper, recognizer, form):
    steps = stepper if form == "steps" else WindowStepper(recognizer)
    row = steps.open()
    with pytest.raises(ValueError, match="features must be"):
        steps.step(np.array([row]), np.zeros((1, 3, 18, 4), np.float32))
    steps.close(row)
    for call in (steps.close, steps.reset):
        with pytest.raises(ValueError, match="closed"):
            call(row)
    with pytest.raises(ValueError, match="closed"):
        steps.step(np.array([row]), np.zeros((1, 4, 18, 4), np.float32))


def test_a_model_without_a_step_form_is_stepped_by_windows(folder, recognizer, tmp_path):
    old = shutil.copytree(folder, tmp_path / "old")
    save_card(msgspec.structs.replace(load_card(old), step_sha256="", still_sha256=""), old)
    with pytest.raises(ModelError, match="no step form"):
        Stepper(old)
    steps = Recognizer(old, "cpu").steps()
    assert isinstance(steps, WindowStepper) and isinstance(
        Recognizer(folder, "cpu").steps(), Stepper
    )
    rows, clip = np.array([steps.open() for _ in range(3)]), motion(5, 8)
    for start in (0, 4):
        found = steps.step(rows, np.repeat(clip[None, start : start + 4], 3, axis=0))
    window = window_of(clip, steps.card.window_frames)
    np.testing.assert_allclose(found[2], recognizer.logits(window[None])[0], atol=TOLERANCE)


@pytest.mark.parametrize("file", [STEP_FILE, STILL_FILE])
def test_a_step_form_that_differs_from_its_card_is_refused(folder, tmp_path, file):
    copy = shutil.copytree(folder, tmp_path / "copy")
    with (copy / file).open("ab") as opened:
        opened.write(b"x")
    with pytest.raises(ModelError, match="SHA-256 differs"):
        Stepper(copy, "cpu")
    (copy / file).unlink()
    with pytest.raises(ModelError, match="is missing"):
        Stepper(copy, "cpu")


def test_a_card_with_other_labels_is_refused(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    card = load_card(copy)
    save_card(msgspec.structs.replace(card, labels=card.labels[:-1]), copy)
    with pytest.raises(ModelError, match="does not fit its step"):
        Stepper(copy, "cpu")


@pytest.mark.skipif(not (DEFAULT_MODEL / STEP_FILE).exists(), reason="the shipped model has none")
def test_steps_of_the_shipped_model_equal_windows():
    stepper, recognizer = Stepper(None, "cpu"), Recognizer(None, "cpu", threads=1)
    length = stepper.card.window_frames
    clips = np.stack([motion(seed, length + 40) for seed in range(2)])
    rows = np.array([stepper.open() for _ in clips])
    for end in range(4, clips.shape[1] + 1, 4):
        found = stepper.step(rows, clips[:, end - 4 : end])
        windows = np.stack([window_of(clip[:end], length) for clip in clips])
        np.testing.assert_allclose(found, recognizer.logits(windows), atol=TOLERANCE, rtol=0)
