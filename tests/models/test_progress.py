from models.progress import shown, steps


def test_progress_shown_inside_other_progress_goes_on_in_it():
    with shown() as outer:
        with shown() as inner:
            assert inner is outer
            assert list(steps(iter("abc"), "letters", 3)) == ["a", "b", "c"]
        assert list(steps(iter("de"), "more", 2)) == ["d", "e"]


def test_steps_outside_of_any_progress_are_the_items():
    assert list(steps(range(3), "numbers", 3)) == [0, 1, 2]
