"""Word error rate of whole calls through faster-whisper, as its users call it.

    python -m benchmarks.fixture_model.recipe.evaluate_calls MODEL_DIR CALL_DIR...
        [--only defaults vad ...]

CALL_DIR comes from ``benchmarks.make_call``: a track per person and ``call.json``. The
conditions are those of the peers in the caption benchmark; "mixed" is all tracks in
one.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel, decode_audio
from faster_whisper.vad import VadOptions, get_speech_timestamps

from benchmarks.fixture_model.recipe.evaluate import Listener, error
from benchmarks.fixture_model.recipe.sounds import HOP, Sound
from benchmarks.fixture_model.recipe.synth import SAMPLE_RATE

BUCKETS = (200, 300, 400, 600, 800, 1000, 1500, 3000)  # mel frames of live windows
PAUSES = VadOptions(
    min_silence_duration_ms=250, speech_pad_ms=120, max_speech_duration_s=12
)


class Utterance(NamedTuple):
    text: str
    start: float  # seconds
    end: float  # seconds


class Track(NamedTuple):
    name: str
    sound: Sound
    said: list[Utterance]

    @property
    def text(self) -> str:
        return " ".join(utterance.text for utterance in self.said)


def tracks(folder: Path) -> Iterator[Track]:
    """Each person's track, then all in one."""
    rows = json.loads((folder / "call.json").read_text())["utterances"]
    rows.sort(key=lambda row: row["start"])
    sounds = {}
    for path in sorted(folder.glob("*.ogg")):
        sounds[path.stem] = decode_audio(str(path))
        mine = [row for row in rows if row["speaker"] == path.stem]
        yield Track(path.stem, sounds[path.stem], _utterances(mine))
    size = min(map(len, sounds.values()))
    mixed = np.sum([sound[:size] for sound in sounds.values()], axis=0)
    yield Track("mixed", mixed.astype(np.float32), _utterances(rows))


def _utterances(rows: list[dict[str, Any]]) -> list[Utterance]:
    return [Utterance(row["text"], row["start"], row["end"]) for row in rows]


class Peers:
    """Every way of asking, by name: a track in, (said, heard) pairs out."""

    def __init__(self, folder: Path) -> None:
        self.listener = Listener(folder)
        self.model = WhisperModel(str(folder), compute_type="int8", cpu_threads=2)
        self.batched = BatchedInferencePipeline(self.model)

    def conditions(self) -> dict[str, Callable[[Track], list[tuple[str, str]]]]:
        whole, each = self.whole, self.each
        return {
            "pauses": self.at_pauses,
            "pauses-6s": lambda t: self.at_pauses(t, 600),
            "pauses-10s": lambda t: self.at_pauses(t, 1000),
            "defaults": lambda t: whole(t),
            "vad": lambda t: whole(t, vad_filter=True),
            "vad-words": lambda t: whole(t, vad_filter=True, word_timestamps=True),
            "alone": lambda t: whole(t, condition_on_previous_text=False),
            "empty-prompt": lambda t: whole(t, initial_prompt="", word_timestamps=True),
            "plain": lambda t: whole(t, vad_filter=True, without_timestamps=True),
            "batched": lambda t: self.in_batches(t),
            "batched-times": lambda t: self.in_batches(t, without_timestamps=False),
            "each-0.3s": lambda t: each(t, 0.3),
            "each-1.5s": lambda t: each(t, 1.5),
            "each-3s": lambda t: each(t, 3.0),
            "each-plain": lambda t: each(t, 0.3, without_timestamps=True),
            "each-empty": lambda t: each(t, 0.3, initial_prompt=""),
            "each-prompt": self.after_text,
        }

    def hear(self, sound: Sound, **asked: Any) -> str:
        segments, _ = self.model.transcribe(sound, language="en", **asked)
        return " ".join(segment.text for segment in segments)

    def whole(self, track: Track, **asked: Any) -> list[tuple[str, str]]:
        return [(track.text, self.hear(track.sound, **asked))]

    def in_batches(self, track: Track, **asked: Any) -> list[tuple[str, str]]:
        segments, _ = self.batched.transcribe(track.sound, language="en", **asked)
        return [(track.text, " ".join(segment.text for segment in segments))]

    def each(self, track: Track, silence: float, **asked: Any) -> list[tuple[str, str]]:
        """Every utterance alone, after so many seconds of digital silence."""
        return [
            (u.text, self.hear(_cut(track.sound, u, silence), **asked))
            for u in track.said
        ]

    def after_text(self, track: Track) -> list[tuple[str, str]]:
        pairs, before = [], "Hello everyone."
        for u in track.said:
            sound = _cut(track.sound, u, 0.3)
            pairs.append((u.text, self.hear(sound, initial_prompt=before)))
            before = u.text
        return pairs

    def at_pauses(self, track: Track, least: int = 0) -> list[tuple[str, str]]:
        """Live captions: cut where Silero hears a pause, short windows, greedy.

        Behind the speech comes silence; ``least`` frames, when others of the same call
        of the model are longer.
        """
        heard = []
        for span in get_speech_timestamps(track.sound, PAUSES):
            sound = track.sound[span["start"] : span["end"]]
            sound = np.concatenate([sound, np.zeros(SAMPLE_RATE // 2, np.float32)])
            fits = max(least, min(len(sound) // HOP, BUCKETS[-1]))
            frames = next(bucket for bucket in BUCKETS if bucket >= fits)
            sound = np.pad(sound, (0, max(frames * HOP - len(sound), 0)))
            heard.append(self.listener.hear(sound, "en", frames))
        return [(track.text, " ".join(heard))]


def _cut(sound: Sound, utterance: Utterance, silence: float) -> Sound:
    start = round((utterance.start - 0.05) * SAMPLE_RATE)
    end = round((utterance.end + 0.3) * SAMPLE_RATE)
    before = np.zeros(round(silence * SAMPLE_RATE), np.float32)
    return np.concatenate([before, sound[start:end]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("calls", type=Path, nargs="+")
    parser.add_argument("--only", nargs="+", default=[])
    options = parser.parse_args()
    conditions = Peers(options.model).conditions()
    calls = {call.name: list(tracks(call)) for call in options.calls}
    for name in options.only or conditions:
        for call, heard in calls.items():
            pairs = {t.name: conditions[name](t) for t in heard if t.said}
            people = [pair for who in pairs if who != "mixed" for pair in pairs[who]]
            shares = ", ".join(f"{who} {error(p):.1%}" for who, p in pairs.items())
            print(f"{name:14} {call:10} {error(people):6.1%}  ({shares})", flush=True)


if __name__ == "__main__":
    main()
