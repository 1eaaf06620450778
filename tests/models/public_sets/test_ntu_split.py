import numpy as np
import pytest

from models.public_sets.ntu_actors import slots
from models.public_sets.ntu_pack import INDEX_FILE, JOINTS_FILE, PACK_DIR, pack
from models.public_sets.ntu_split import (
    NTU_PROTOCOLS,
    action_labels,
    missing_samples,
    skeleton_files,
    validation_performers,
)
from sensor.formats.ntu_skeleton import parse_name, write
from tests.fakes.files.ntu import person, recording, write_folder


def rng():
    return np.random.default_rng(3)


def aside(joints, metres):
    return joints + np.float32([metres, 0, 0])


def still(frames):
    return np.repeat(person(1, frames, rng())[:1], frames, axis=0)


def test_the_actor_who_moves_most_gets_the_first_slot_in_any_file_order():
    mover, stander = person(2, 40, rng()), aside(still(40), 1.2)
    for actors in ([(7, 0, mover), (9, 0, stander)], [(9, 0, stander), (7, 0, mover)]):
        found = slots(recording(*actors))
        np.testing.assert_array_equal(found[:, 0], mover)
        np.testing.assert_array_equal(found[:, 1], stander)


def test_actors_keep_their_slots_when_the_tracker_exchanges_their_ids():
    mover, stander = person(1, 40, rng()), aside(still(40), 1.2)
    whole = slots(recording((7, 0, mover), (9, 0, stander)))
    # From frame 20 on, the tracker gives each actor the other's id.
    mixed = recording(
        (7, 0, mover[:20]), (9, 0, stander[:20]), (9, 20, mover[20:]), (7, 20, stander[20:])
    )
    np.testing.assert_array_equal(slots(mixed), whole)


def test_an_actor_who_is_lost_and_found_keeps_the_slot():
    mover, other = person(1, 100, rng()), aside(still(100), 1.4)
    found = slots(recording((1, 0, mover[:30]), (2, 0, other), (3, 75, mover[75:])))
    np.testing.assert_array_equal(found[75:, 0], mover[75:])
    np.testing.assert_array_equal(found[:, 1], other)
    assert not found[30:75, 0].any()


def test_a_chair_taken_for_a_person_gets_no_slot():
    chair = aside(person(1, 40, rng()) * np.float32([1, 0.05, 1]), 1.0)
    found = slots(recording((1, 0, chair), (2, 0, person(2, 40, rng()))))
    assert not found[:, 1].any()
    assert found[:, 0].any()


def test_samples_are_cut_off_after_300_frames():
    assert slots(recording((1, 0, still(320)))).shape == (300, 2, 25, 3)


def test_the_published_splits():
    name = parse_name("S018C001P003R001A061")
    assert not NTU_PROTOCOLS["ntu60-cs"].has(name)
    assert NTU_PROTOCOLS["ntu120-xset"].has(name)
    assert NTU_PROTOCOLS["ntu120-xset"].trains(name)
    assert not NTU_PROTOCOLS["ntu120-xsub"].trains(name)
    everybody = [parse_name(f"S001C001P{p:03d}R001A001") for p in range(1, 107)]
    counts = {key: sum(map(p.trains, everybody)) for key, p in NTU_PROTOCOLS.items()}
    assert counts["ntu60-cs"] == 20
    assert counts["ntu120-xsub"] == 53
    cameras = [parse_name(f"S001C{c:03d}P001R001A001") for c in (1, 2, 3)]
    assert list(map(NTU_PROTOCOLS["ntu60-cv"].trains, cameras)) == [False, True, True]
    assert action_labels(120)[-1] == "A120"


def test_validation_performers_are_from_the_training_part():
    everybody = [parse_name(f"S001C001P{p:03d}R001A001") for p in range(1, 41)]
    training = [name for name in everybody if NTU_PROTOCOLS["ntu60-cs"].trains(name)]
    held = validation_performers(training, 0.1)
    assert len(held) == 2
    assert set(held) < {name.performer for name in training}
    assert validation_performers(training, 0.0) == []
    assert validation_performers(training[:1], 0.5) == []


def test_packed_clips_equal_the_files(tmp_path):
    names = write_folder(tmp_path, repetitions=1)
    clips = pack(tmp_path)
    assert list(clips.names) == sorted(names)
    wanted = slots(recording((1, 0, person(1, 16, rng()))))
    assert clips.padded(np.array([0, 5])).shape == (2, 300, 150)
    text = write(recording((1, 0, person(1, 16, rng()))))
    (tmp_path / "S003C001P001R001A001.skeleton").write_text(text)
    more = pack(tmp_path)
    last = more.padded(np.array([len(names)]))[0]
    np.testing.assert_allclose(last[:16], wanted.reshape(16, 150), rtol=1e-6)
    assert not last[16:].any()


def test_packing_that_was_stopped_continues_to_the_same_file(tmp_path):
    write_folder(tmp_path / "whole", repetitions=1)
    write_folder(tmp_path / "parts", repetitions=1)
    pack(tmp_path / "whole")
    hidden = sorted((tmp_path / "parts").glob("*.skeleton"))[20:]
    for path in hidden:
        path.rename(path.with_suffix(".later"))
    pack(tmp_path / "parts")
    packed = tmp_path / "parts" / PACK_DIR
    with (packed / JOINTS_FILE).open("ab") as joints, (packed / INDEX_FILE).open("ab") as index:
        joints.write(b"half a clip")
        index.write(b'{"name":"S00')
    for path in hidden:
        path.with_suffix(".later").rename(path)
    pack(tmp_path / "parts")
    for file in (JOINTS_FILE, INDEX_FILE):
        whole = (tmp_path / "whole" / PACK_DIR / file).read_bytes()
        assert (packed / file).read_bytes() == whole


def test_several_processes_pack_the_same_clips(tmp_path):
    write_folder(tmp_path / "a", repetitions=1)
    write_folder(tmp_path / "b", repetitions=1)
    one, two = pack(tmp_path / "a", workers=1), pack(tmp_path / "b", workers=2)
    assert one.names == two.names
    np.testing.assert_array_equal(one.joints_m, two.joints_m)


def test_samples_listed_as_missing_are_left_out(tmp_path):
    names = write_folder(tmp_path, repetitions=1)
    listed = "The following samples have missing or incomplete skeletons:\n" + names[3] + "\n"
    (tmp_path / "NTU_RGBD_samples_with_missing_skeletons.txt").write_text(listed)
    assert missing_samples(tmp_path) == {names[3]}
    assert set(pack(tmp_path).names) == set(names) - {names[3]}


def test_a_damaged_file_is_left_out_with_a_warning(tmp_path, caplog):
    names = write_folder(tmp_path, repetitions=1)
    damaged = tmp_path / f"{names[0]}.skeleton"
    damaged.write_text(damaged.read_text()[:500])
    assert set(pack(tmp_path).names) == set(names[1:])
    assert "1 left out" in caplog.text
    assert names[0] in caplog.text


def test_a_folder_without_skeletons_raises(tmp_path):
    with pytest.raises(ValueError, match=r"no \.skeleton files"):
        pack(tmp_path)


def test_a_sample_that_occurs_twice_raises(tmp_path):
    for part in ("a", "b"):
        write_folder(tmp_path / part, repetitions=1)
    with pytest.raises(ValueError, match="there twice"):
        skeleton_files(tmp_path)
