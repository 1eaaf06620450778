import numpy as np
import pytest

from models.network.ring_buffers import Ring, places_of

RINGS = [Ring(72, 4, 12), Ring(48, 4, 8), Ring(48, 4, 8, 2), Ring(96, 2, 8, 2), Ring(192, 1, 8)]


@pytest.mark.parametrize("ring", [*RINGS, Ring(5, 1, 2), Ring(5, 2, 8)])
def test_each_output_reads_its_newest_frames_from_the_ring(ring):
    memory = np.full(ring.length, -1)
    for step in range(3 * ring.slots):
        slot = step % ring.slots
        memory[ring.written()[slot]] = np.arange(step * ring.frames, (step + 1) * ring.frames)
        found = memory[ring.read()[slot]].reshape(-1, ring.taps)
        if step >= ring.slots:
            newest = step * ring.frames + ring.stride * np.arange(1, len(found) + 1) - 1
            np.testing.assert_array_equal(found, newest[:, None] + np.arange(1 - ring.taps, 1))


def test_one_table_holds_the_positions_of_all_rings():
    places = places_of([*RINGS, Ring(9, 4, 8)])
    parts = np.split(places.table, np.cumsum(places.counts)[:-1], axis=1)
    assert len(places.names) == 2 * len(RINGS)  # rings of the same shape share their positions
    assert len(places.lengths) == places.table.shape[1]
    for phase in range(places.period):
        for ring in RINGS:
            found = parts[places.names.index(f"read_{ring.shape}")][phase]
            np.testing.assert_array_equal(found, ring.read()[phase % ring.slots])
