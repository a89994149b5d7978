import sys

import ctranslate2
import numpy as np
import pytest

from benchmarks import gpu
from benchmarks.call import Person, Spoken


def test_it_says_so_without_a_gpu(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["gpu"])
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)

    gpu.main()

    assert capsys.readouterr().out == "no GPU\n"


def test_it_makes_one_talker_of_all_words() -> None:
    sound = np.arange(32_000, dtype=np.int16)
    anna = Person("anna", sound, (Spoken("hi", 0.5, 1.0),))
    ben = Person("ben", sound, (Spoken("yes", 1.5, 1.6),))

    talker = gpu.talker([anna, ben])

    assert talker.samples.tolist() == [*range(8_000, 16_000), *range(24_000, 25_600)]
