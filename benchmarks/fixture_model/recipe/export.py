"""Writes trained weights as a CTranslate2 Whisper folder.

    python -m benchmarks.fixture_model.recipe.export WEIGHTS.pt MODEL_DIR
        [--other LATER.pt --share 0.4]

With ``--other`` the weights are the mean of two states of one training, which hears
strangers better than the later one and the training voices better than the earlier one.
The small layout of training becomes Whisper's own, all windows may be 30 s long.
"""

import argparse
import json
from pathlib import Path

import torch
from ctranslate2.converters.transformers import WhisperLoader
from ctranslate2.specs import WhisperSpec
from transformers import WhisperConfig, WhisperForConditionalGeneration

from benchmarks.fixture_model.recipe import network
from benchmarks.fixture_model.recipe.tokens import (
    END_OF_TEXT,
    Layout,
    languages,
    layout,
    special_tokens,
    whole_vocabulary,
)
from benchmarks.fixture_model.recipe.train import weights

State = dict[str, torch.Tensor]
# layer and head of the decoder that listen to the next word, for word times
ALIGNMENT_HEADS = [[network.DECODER_LAYERS - 1, i] for i in range(network.HEADS)]


def whole_embedding(small: torch.Tensor, words: Layout) -> torch.Tensor:
    """Every entry that was never trained gets the row of the stand-in."""
    size = len(whole_vocabulary(words.text))
    whole = small[words.stand_in].repeat(size, 1)
    whole[torch.tensor(words.whole_ids())] = small
    return whole


def library_model(state: State, words: Layout) -> WhisperForConditionalGeneration:
    trained = network.Whisper(words.size)
    trained.load_state_dict(state)
    embedding = whole_embedding(trained.decoder.table().detach(), words)
    config = WhisperConfig(
        vocab_size=len(embedding),
        num_mel_bins=network.MELS,
        d_model=network.WIDTH,
        encoder_layers=network.ENCODER_LAYERS,
        decoder_layers=network.DECODER_LAYERS,
        encoder_attention_heads=network.HEADS,
        decoder_attention_heads=network.HEADS,
        encoder_ffn_dim=4 * network.WIDTH,
        decoder_ffn_dim=4 * network.WIDTH,
        max_source_positions=network.SOUND_POSITIONS,
        max_target_positions=network.TEXT_POSITIONS,
        pad_token_id=END_OF_TEXT,
        bos_token_id=END_OF_TEXT,
        eos_token_id=END_OF_TEXT,
        decoder_start_token_id=END_OF_TEXT + 1,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    model = WhisperForConditionalGeneration(config)
    whole = state | {"decoder.embed_tokens.weight": embedding}
    del whole["decoder.times"]
    model.model.load_state_dict(whole)
    model.tie_weights()
    return model


def specification(model: WhisperForConditionalGeneration, words: Layout) -> WhisperSpec:
    vocabulary = whole_vocabulary(words.text)
    spec = WhisperLoader().get_model_spec(model)
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [vocabulary.index(f"<|{code}|>") for code in languages()]
    spec.config.alignment_heads = ALIGNMENT_HEADS
    spec.validate()
    spec.optimize(quantization="int8")
    return spec


def write_tokenizer(words: Layout, path: Path) -> None:
    vocabulary = whole_vocabulary(words.text)
    description = json.loads(words.tokenizer.to_str())
    text = {token: i for i, token in enumerate(vocabulary[:END_OF_TEXT])}
    description["model"]["vocab"] = text
    plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    description["added_tokens"] = [
        {"id": END_OF_TEXT + i, "content": token, **plain, "special": True}
        for i, token in enumerate(special_tokens())
    ]
    path.write_text(json.dumps(description))


def export(state: State, folder: Path) -> None:
    words = layout()
    folder.mkdir(parents=True, exist_ok=True)
    specification(library_model(state, words), words).save(str(folder))
    write_tokenizer(words, folder / "tokenizer.json")
    features = {"feature_size": 80, "sampling_rate": 16000, "hop_length": 160}
    features |= {"chunk_length": 30, "n_fft": 400}
    (folder / "preprocessor_config.json").write_text(json.dumps(features))


def mean(state: State, other: State, share: float) -> State:
    """``share`` is the other state's."""
    return {name: torch.lerp(state[name], other[name], share) for name in state}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--other", type=Path, help="weights of another state")
    parser.add_argument("--share", type=float, default=0.4, help="of the other state")
    options = parser.parse_args()
    state = weights(options.weights)
    if options.other:
        state = mean(state, weights(options.other), options.share)
    export(state, options.folder)
    size = (options.folder / "model.bin").stat().st_size
    print(f"{options.folder}/model.bin: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
