"""The limit of a model: when it could show a word right, if it took no time at all.

    python -m benchmarks.limit --model FOLDER --call FOLDER --seconds 45

Every 100 ms the model looks at the whole utterance as it sounds by then, and its text
is shown at that very moment. A word can be right on the screen only when the model gets
it right, so what a live engine measures beside this is what computing and waiting cost.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.call import RATE, Person, excerpt, read_call
from benchmarks.figures import Event, Figures, measure, percentile
from transcription.speech.audio.features import frames_of
from transcription.speech.audio.sound import to_float
from transcription.speech.engine.batching import Costs
from transcription.speech.engine.captions import Caption
from transcription.speech.engine.open_utterance import FIRST_PARTIAL, OpenUtterance
from transcription.speech.engine.voice_track import VoiceTrack
from transcription.speech.model.loading import Device, load
from transcription.speech.model.whisper import Whisper
from transcription.speech.model.windows import Window

LOOK = RATE // 10  # samples between two looks


def main() -> None:
    """Look, print, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder")
    parser.add_argument("--call", type=Path, required=True, help="folder of a call")
    parser.add_argument("--seconds", type=float, default=45, help="of each person")
    parser.add_argument("--json", type=Path, help="file for the figures")
    asked = parser.parse_args()
    whisper = load(asked.model, Device("cpu"), Costs())
    figures = Figures()
    for person in read_call(asked.call):
        person = excerpt(person, asked.seconds, 1)
        measure(figures, person.words, list(looks(whisper, person)), since=0)
    report = {
        "model": asked.model.name,
        "shortest": whisper.shortest,
        "fd_p50_ms": round(1000 * percentile(figures.fd, 0.5)),
        "fd_p95_ms": round(1000 * percentile(figures.fd, 0.95)),
        "erasure": round(figures.erasure, 3),
        "wer": round(figures.wer, 4),
        "words": len(figures.fd),
    }
    print("\n".join(f"{name:<10} {value}" for name, value in report.items()))
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=1) + "\n")


def looks(whisper: Whisper, person: Person) -> Iterator[Event]:
    """What is shown of a person, at the time of the newest sound that it comes from."""
    track, sound = VoiceTrack(), to_float(person.samples)
    for start in range(0, len(sound), LOOK):
        piece = sound[start : start + LOOK]
        ended = track.take(piece, track.hear(piece), 0.0)
        for utterance in ended:
            yield _look(whisper, track, utterance, final=True)
            track.release(utterance)
        if track.utterance and track.utterance.speech >= FIRST_PARTIAL:
            yield _look(whisper, track, track.utterance, final=False)
    if last := track.finish():
        yield _look(whisper, track, last, final=True)


def _look(
    whisper: Whisper, track: VoiceTrack, utterance: OpenUtterance, final: bool
) -> Event:
    end = track.reach(utterance)
    length = whisper.bucket(frames_of(utterance.start, end))
    mel, frames = track.window(whisper.bank, utterance.start, end, length)
    text = whisper.write(Window(np.ascontiguousarray(mel), frames, "en")).text
    begin, heard = track.time(utterance.start), track.time(end)
    caption = Caption(utterance.id, 0, begin, heard, "", text, final, heard_until=heard)
    return track.time(track.end), caption


if __name__ == "__main__":
    main()
