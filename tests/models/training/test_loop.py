import threading

import pytest

from models.training.loop import prefetched


@pytest.mark.parametrize("workers", [1, 3])
def test_prefetched_batches_come_in_order(workers):
    assert list(prefetched(lambda i: i * i, 2, 40, workers)) == [i * i for i in range(2, 40)]
    assert list(prefetched(str, 5, 5)) == []


def test_closing_early_ends_the_threads_and_makes_no_more_batches():
    calls = []
    batches = prefetched(lambda i: calls.append(i) or i, 0, 1000)
    assert next(batches) == 0
    batches.close()
    assert len(calls) < 10
    assert not [thread for thread in threading.enumerate() if "batches" in thread.name]


def test_an_error_is_raised_at_its_place_in_the_order():
    def make(i):
        if i == 2:
            raise ValueError("the third")
        return i

    batches = prefetched(make, 0, 9)
    assert [next(batches), next(batches)] == [0, 1]
    with pytest.raises(ValueError, match="the third"):
        next(batches)
