"""Check that the benchmark measures, not the figures it finds."""

import numpy as np
import pytest

from models.card import DEFAULT_MODEL, STEP_FILE
from service.bench import steps
from service.bench.steps import large_products


def test_the_ceiling_is_a_matrix_product():
    adds, call = large_products(threads=1)[0]
    (found,) = call()
    matrix = call.keywords["b"] if call.keywords else call.args[1]["b"]
    assert adds == len(matrix) ** 3
    np.testing.assert_allclose(found, matrix @ matrix, atol=1e-2)


@pytest.mark.skipif(not (DEFAULT_MODEL / STEP_FILE).exists(), reason="no shipped step form here")
def test_the_table_has_a_figure_for_each_row(monkeypatch):
    for name, value in (("STEPS", (1, 3)), ("WINDOWS", (1,)), ("ROUNDS", 1), ("TURN_S", 0.0)):
        monkeypatch.setattr(steps, name, value)
    table, figures = steps.table(threads=(1,))
    assert {"1 step 3 us", "1 step 3 of ceiling", "1 window 1 us", "1 ceiling gflops"} <= set(
        figures
    )
    assert all(value > 0 for value in figures.values())
    assert table.row_count >= 4
