import numpy as np
import pytest

from benchmarks.call import RATE, Person
from benchmarks.feed import STAGGER, stagger


@pytest.mark.parametrize("streams", [1, 2, 16, 64, 128])
def test_all_talk_at_a_time(streams: int) -> None:
    people = [Person("anna", np.zeros(30 * RATE, np.int16), ())]

    last = (streams - 1) * stagger(people, streams)

    assert last <= 10


def test_a_few_start_as_far_apart_as_ever() -> None:
    people = [Person("anna", np.zeros(90 * RATE, np.int16), ())]

    assert stagger(people, 4) == STAGGER
