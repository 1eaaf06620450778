import numpy as np
import pytest

from models.datasets.own_files import own_files
from models.datasets.own_recordings import even_clip, load_own
from sensor.errors import RecordingError
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2, Body, Frame
from tests.fakes.files.ntu import person, recording, write_own


def rng():
    return np.random.default_rng(5)


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("anna_01.csv", "anna"),
        ("Ben second take.csv", "ben"),
        ("p03-rest.csv", "3"),
        ("a1_s3_t2.csv", "3"),
        ("subject 12.csv", "12"),
        ("S001C002P003R002A013.skeleton", "3"),
        ("carla/take.csv", "carla"),
        ("P03/take.csv", "3"),
        ("anna_s1.csv", "anna"),
        ("Anna-Maria_1.csv", "anna-maria"),
        ("wave_hand_anna_1.csv", "anna"),
        ("wave hand s2 t1.csv", "2"),
        ("take_p03.csv", "3"),
    ],
)
def test_the_person_is_read_from_the_name(tmp_path, name, who):
    path = tmp_path / "Wave Hand" / name
    path.parent.mkdir(parents=True)
    path.write_text("")
    (file,) = own_files(tmp_path)
    assert (file.label, file.person) == ("wave_hand", who)


def test_a_recording_that_names_no_person_is_an_error(tmp_path):
    (tmp_path / "wave").mkdir()
    (tmp_path / "wave" / "take.csv").write_text("")
    with pytest.raises(ValueError, match=r"take\.csv does not name a person"):
        own_files(tmp_path)
    with pytest.raises(ValueError, match="holds no recordings"):
        own_files(tmp_path / "wave")
    with pytest.raises(ValueError, match="no such folder"):
        own_files(tmp_path / "waves")


def test_other_files_need_not_name_a_person(tmp_path, caplog):
    (tmp_path / "wave").mkdir()
    for name in ("anna_1.csv", "Thumbs.db"):
        (tmp_path / "wave" / name).write_text("")
    assert [file.person for file in own_files(tmp_path)] == ["anna"]
    assert "Thumbs.db is not a recording" in caplog.text


def test_a_long_recording_is_split_into_parts_without_loss(tmp_path):
    write_own(tmp_path, people=("anna",), takes=1)
    own = load_own(tmp_path)
    (whole,) = [piece for piece in own.pieces if piece.labels[0] == 1]
    parts = [part for part in own.parts(["anna"], 12) if part.labels[0] == 1]
    assert [len(part.joints_m) for part in parts] == [10, 10, 10]
    np.testing.assert_array_equal(np.concatenate([p.joints_m for p in parts]), whole.joints_m)
    assert [len(part.joints_m) for part in own.parts(["anna"], 30)] == [30, 30, 30]


def slow(joints, step_ns=66_000_000, lost=()):
    """A recording at 15 Hz in which a wrist is not seen in the frames `lost`."""
    frames = []
    for i, pose in enumerate(joints):
        sure = np.ones(25, np.float32)
        if i in lost:
            sure[6] = 0
        frames.append(Frame("slow", i, i * step_ns, (Body(1, pose, sure),), KINECT_V2))
    return Recording("slow", "built", KINECT_V2, tuple(frames), 15.0)


def test_any_rate_becomes_30_hz_and_gaps_are_filled():
    joints = np.repeat(person(1, 2, rng())[:1], 20, axis=0)
    joints[:, 6, 0] = np.linspace(0, 1, 20)
    clip = even_clip(slow(joints, lost=range(5, 9)))
    assert len(clip) == pytest.approx(19 * 0.066 * 30 + 1, abs=1)
    wanted = np.arange(len(clip)) / 30 / (19 * 0.066)
    np.testing.assert_allclose(clip[:, 6, 0], wanted, atol=1e-4)


def test_the_person_who_moves_is_used():
    mover, stander = person(2, 40, rng()), np.repeat(person(1, 1, rng()), 40, axis=0)
    stander = stander + np.float32([1.2, 0, 0])
    np.testing.assert_allclose(
        even_clip(recording((4, 0, stander), (9, 0, mover))), mover, atol=1e-5
    )


def test_a_clip_that_shows_too_little_is_refused():
    joints = person(1, 20, rng())
    with pytest.raises(RecordingError, match="never shows WristLeft"):
        even_clip(slow(joints, lost=range(20)))
    with pytest.raises(RecordingError, match="nobody is in view"):
        even_clip(slow(joints[:3]))


def test_a_folder_becomes_pieces_by_person(tmp_path, caplog):
    write_own(tmp_path, people=("anna", "ben"), takes=2)
    (tmp_path / "lift left" / "anna_notes.txt").write_text("sunny")
    own = load_own(tmp_path)
    assert own.labels == ("background", "lift_left", "lift_right")
    assert own.people == ("anna", "ben")
    assert len(own.pieces) == len(own.files) == 12
    assert {piece.subject for piece in own.of(["ben"])} == {2}
    assert "skipped: lift left/anna_notes.txt" in caplog.text
    streams = own.streams(["ben"])
    assert {span.label for span in streams.spans} == set(own.labels)


def test_a_folder_without_readable_recordings_is_an_error(tmp_path):
    (tmp_path / "wave").mkdir()
    (tmp_path / "wave" / "anna_1.csv").write_text("no numbers")
    with pytest.raises(ValueError, match="none of its files"):
        load_own(tmp_path)
