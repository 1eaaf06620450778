from models.progress import shown, steps


def test_nested_progress_uses_the_outer_display():
    with shown() as outer:
        with shown() as inner:
            assert inner is outer
            assert list(steps(iter("abc"), "letters", 3)) == ["a", "b", "c"]
        assert list(steps(iter("de"), "more", 2)) == ["d", "e"]


def test_steps_without_a_display_are_the_items():
    assert list(steps(range(3), "numbers", 3)) == [0, 1, 2]
