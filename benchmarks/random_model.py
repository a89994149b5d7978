"""A Whisper of any shape with random weights: its speed is real, its words are not.

Random weights alone never end a text, which is then many times as long as speech has
words. So the positions of the text decide: they write TOKENS words, then the end.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ctranslate2.specs import WhisperSpec
from ctranslate2.specs.common_spec import LayerNormSpec, LinearSpec
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.fixture_model import FIXTURE_MODEL

SOUND_POSITIONS, TEXT_POSITIONS = 1500, 448  # Whisper's own
TOKENS = 24  # of every text: what is said in some 5 s
PROMPT = 4  # tokens before it
STRONG = 300  # times a word at its position, so that no layer writes another one
SPREAD = 0.02  # standard deviation of weights, as Whisper's layers start with

Weights = NDArray[np.float16]


@dataclass(frozen=True)
class Shape:
    """Sizes of a Whisper; every head is 64 wide."""

    name: str
    mels: int
    width: int
    encoder_layers: int
    decoder_layers: int

    @property
    def heads(self) -> int:
        """Of each attention."""
        return self.width // 64


# openai/whisper-large-v3-turbo and openai/whisper-tiny, config.json
SHAPES = {
    shape.name: shape
    for shape in (
        Shape("large-v3-turbo", 128, 1280, 32, 4),
        Shape("tiny", 80, 384, 4, 4),
    )
}


def build(shape: Shape, folder: Path, seed: int = 1) -> Path:
    """Write the CTranslate2 folder, with the fixture's vocabulary; 1.6 GB as turbo.

    That vocabulary is the multilingual one of 51,865 entries; turbo has one more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = json.loads((FIXTURE_MODEL / "vocabulary.json").read_text())
    config = json.loads((FIXTURE_MODEL / "config.json").read_text())
    spec = _Filler(shape, np.random.default_rng(seed)).spec(len(vocabulary))
    _write(spec, vocabulary)
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = config["suppress_ids"]
    spec.config.suppress_ids_begin = config["suppress_ids_begin"]
    spec.config.lang_ids = config["lang_ids"]
    last = shape.decoder_layers - 1
    spec.config.alignment_heads = [[last, head] for head in range(6)]
    spec.validate()
    spec.optimize(quantization="float16")
    spec.save(str(folder))
    shutil.copy(FIXTURE_MODEL / "tokenizer.json", folder)
    return folder


def _write(spec: WhisperSpec, vocabulary: list[str]) -> None:
    """Let the positions of the text decide what it says."""
    words = [
        i for i, word in enumerate(vocabulary) if word[:1] == "Ġ" and len(word) > 4
    ]
    text = [*words[:TOKENS], vocabulary.index("<|endoftext|>")]
    positions = spec.decoder.position_encodings.encodings
    for place in range(TEXT_POSITIONS - PROMPT + 1):
        token = text[min(place, TOKENS)]
        positions[PROMPT - 1 + place] = STRONG * spec.decoder.embeddings.weight[token]


class _Filler:
    """Puts random weights into every layer of a specification."""

    def __init__(self, shape: Shape, random: Generator) -> None:
        self._shape = shape
        self._random = random

    def spec(self, words: int) -> WhisperSpec:
        shape, width = self._shape, self._shape.width
        spec = WhisperSpec(
            shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads
        )
        encoder, decoder = spec.encoder, spec.decoder
        for conv, channels in ((encoder.conv1, shape.mels), (encoder.conv2, width)):
            conv.weight, conv.bias = self._weights(width, channels, 3), _zeros(width)
        encoder.position_encodings.encodings = self._weights(SOUND_POSITIONS, width)
        decoder.position_encodings.encodings = self._weights(TEXT_POSITIONS, width)
        decoder.embeddings.weight = self._weights(words, width)
        decoder.projection.weight = decoder.embeddings.weight
        for part in (encoder, decoder):
            self._norm(part.layer_norm)
            for layer in part.layer:
                self._layer(layer)
        return spec

    def _layer(self, layer: object) -> None:
        width = self._shape.width
        sizes = {
            "self_attention": ((3 * width, width), (width, width)),
            "attention": ((width, width), (2 * width, width), (width, width)),
        }
        for name, shapes in sizes.items():
            attention = getattr(layer, name, None)  # only the decoder looks across
            if attention:
                self._norm(attention.layer_norm)
                for linear, (rows, columns) in zip(
                    attention.linear, shapes, strict=True
                ):
                    self._linear(linear, rows, columns)
        ffn = layer.ffn  # type: ignore[attr-defined]
        self._norm(ffn.layer_norm)
        self._linear(ffn.linear_0, 4 * width, width)
        self._linear(ffn.linear_1, width, 4 * width)

    def _linear(self, linear: LinearSpec, rows: int, columns: int) -> None:
        linear.weight, linear.bias = self._weights(rows, columns), _zeros(rows)

    def _norm(self, norm: LayerNormSpec) -> None:
        norm.gamma = np.ones(self._shape.width, np.float16)
        norm.beta = _zeros(self._shape.width)

    def _weights(self, *sizes: int) -> Weights:
        weights = self._random.standard_normal(sizes, np.float32) * SPREAD
        return weights.astype(np.float16)


def _zeros(size: int) -> Weights:
    return np.zeros(size, np.float16)
