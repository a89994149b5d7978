"""Word error rate on sentences in held-out voices, one a window, greedy.

    python -m benchmarks.fixture_model.recipe.evaluate MODEL_DIR CORPUS [--count 200]
        [--frames 200 300 400 600 1000 3000]

CORPUS comes from ``synth.py --held-out``. A sentence that is longer than the window is
left out. The windows are those of live captions: ``<|notimestamps|>``, no prompt.
"""

import argparse
import re
from collections import defaultdict
from pathlib import Path

import ctranslate2
import jiwer
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from benchmarks.fixture_model.recipe.phrases import LANGUAGES
from benchmarks.fixture_model.recipe.sounds import HOP, Corpus, Sound
from benchmarks.fixture_model.recipe.synth import SAMPLE_RATE
from benchmarks.fixture_model.recipe.tokens import layout

BEFORE, AFTER = 0.2, 0.3  # seconds of silence around a sentence
MARKS = ("startoftranscript", "{language}", "transcribe", "notimestamps")


def plain(text: str) -> str:
    """Lower-case words without punctuation, "-" for nothing at all."""
    return " ".join(re.sub(r"[^\w' ]", " ", text.lower()).split()) or "-"


def error(pairs: list[tuple[str, str]]) -> float:
    """Word error rate of (said, heard) pairs."""
    said, heard = zip(*pairs, strict=True)
    return float(jiwer.wer([plain(s) for s in said], [plain(h) for h in heard]))


def framed(sound: Sound) -> Sound:
    silence = [np.zeros(round(s * SAMPLE_RATE), np.float32) for s in (BEFORE, AFTER)]
    return np.concatenate([silence[0], sound, silence[1]])


class Listener:
    """The CTranslate2 model on windows of a fixed number of mel frames."""

    def __init__(self, folder: Path) -> None:
        self.model = ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", intra_threads=2
        )
        self.tokenizer = layout(folder / "tokenizer.json").tokenizer
        self.features = FeatureExtractor()

    def hear(self, sound: Sound, language: str, frames: int) -> str:
        mel = self.features(sound)[:, :frames]
        mel = np.pad(mel, ((0, 0), (0, frames - mel.shape[1])))[None]
        window = ctranslate2.StorageView.from_array(
            np.array(mel, np.float32, order="C")
        )
        prompt = [f"<|{mark.format(language=language)}|>" for mark in MARKS]
        result = self.model.generate(window, [prompt], beam_size=1, max_length=120)
        return str(self.tokenizer.decode(result[0].sequences_ids[0]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--frames", type=int, nargs="+", default=[400, 3000])
    options = parser.parse_args()
    listener, corpus = Listener(options.model), Corpus([options.corpus])
    for frames in options.frames:
        pairs = defaultdict(list)
        for language in LANGUAGES:
            for row in corpus.by_language[language][: options.count]:
                sound = framed(corpus.sound(row))
                if len(sound) <= frames * HOP:
                    heard = listener.hear(sound, language, frames)
                    pairs[language].append((row.text, heard))
        rates = [f"{lang} {error(p):.1%} of {len(p)}" for lang, p in pairs.items() if p]
        print(f"T={frames}:", ", ".join(rates), flush=True)


if __name__ == "__main__":
    main()
