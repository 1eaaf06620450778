"""Lines of CSV texts that are cut out when they are asked for."""

from __future__ import annotations

import pytest

from sensor.formats.csv_text import NumberedLines, numbered_lines


@pytest.mark.parametrize("text", ["", "\n", "a", "a\n", " a \n\n b\n \t\nc", "\n\nx,1\r\ny,2 "])
def test_they_are_those_that_are_read_in_order(text):
    lines, expected = NumberedLines.of(text), list(numbered_lines(text))
    assert list(lines) == expected and len(lines) == len(expected)
    assert list(lines[1:]) == expected[1:]
    assert [lines[i] for i in range(-len(expected), 0)] == expected
