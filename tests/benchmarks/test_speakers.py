from benchmarks.speakers import Turn, error_rate

TRUTH = [Turn(0, 10, "anna"), Turn(10, 20, "ben")]


def test_numbers_are_as_good_as_names() -> None:
    assert error_rate(TRUTH, [Turn(0, 10, "2"), Turn(10, 20, "1")], 20) == 0


def test_who_is_taken_for_somebody_else_counts() -> None:
    told = [Turn(0, 10, "1"), Turn(10, 15, "2"), Turn(15, 20, "1")]
    assert 0.24 < error_rate(TRUTH, told, 20) < 0.26


def test_one_voice_for_two_people_is_wrong_half_of_the_time() -> None:
    assert error_rate(TRUTH, [Turn(0, 20, "1")], 20) == 0.5


def test_what_is_missed_and_what_is_invented_count() -> None:
    assert error_rate(TRUTH, [Turn(0, 10, "1")], 20) == 0.5
    assert error_rate(TRUTH[:1], [Turn(0, 10, "1"), Turn(12, 17, "2")], 20) > 0.5


def test_edges_may_be_off_by_the_collar() -> None:
    told = [Turn(0.2, 10.2, "1"), Turn(10.2, 19.8, "2")]
    assert error_rate(TRUTH, told, 20) == 0
