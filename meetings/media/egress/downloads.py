"""Sound of one person for any phone and editor."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from meetings.media.egress.composite import AAC_BIT_RATE, Download
from meetings.media.egress.stems import opus_packets
from meetings.media.packets import OPUS_RATE, OPUS_SILENCE, opus_samples
from meetings.media.pcm import OpusDecoder

BYTES_PER_SECOND = AAC_BIT_RATE // 8


def to_m4a(stem: Path, target: Path, step: Callable[[int], None]) -> None:
    """The sound of a stem (WebM, Opus) as AAC, second by second, in constant memory.

    `target` appears whole or not at all. `step(ms)`, how far it is, may raise.
    """
    decoder = OpusDecoder()
    held, size, done = [np.empty(0, np.float32)], 0, 0
    with Download(target) as file:
        for data in opus_packets(stem):
            length = opus_samples(data)
            samples = np.zeros(length, np.float32)
            if data != OPUS_SILENCE:
                heard = decoder.decode(data)[:length]
                samples[: len(heard)] = heard / np.float32(32768)
            held.append(samples)
            size, done = size + length, done + length
            if size >= OPUS_RATE:
                file.write(np.concatenate(held))
                held, size = [], 0
                step(done * 1000 // OPUS_RATE)
        if size:
            file.write(np.concatenate(held))
