"""Reads the weights back from an int8 CTranslate2 Whisper, to train it on.

    python -m benchmarks.fixture_model.recipe.recover MODEL_DIR WEIGHTS.pt

The int8 rows are divided by their scales: what quantisation rounded away stays lost.
"""

import argparse
import struct
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.fixture_model.recipe import network
from benchmarks.fixture_model.recipe.tokens import layout

Array = NDArray[np.float32]
Arrays = dict[str, Array]
State = dict[str, torch.Tensor]
# CTranslate2's DataType, version 6 of its binary format
_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32}


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, code: str) -> int:
        (value,) = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize("<" + code)
        return int(value)

    def text(self) -> str:
        size = self.number("H")
        self.at += size
        return self.data[self.at - size : self.at - 1].decode()

    def array(self) -> tuple[str, NDArray[np.generic]]:
        name, rank = self.text(), self.number("B")
        shape = [self.number("I") for _ in range(rank)]
        kind, size = _TYPES[self.number("B")], self.number("I")
        self.at += size
        values = np.frombuffer(self.data[self.at - size : self.at], kind)
        return name, values.reshape(shape)


def read_model(path: Path) -> Arrays:
    """The arrays of a ``model.bin`` by CTranslate2's names, int8 ones made whole."""
    reader = _Reader(path.read_bytes())
    version, _spec, _revision = reader.number("I"), reader.text(), reader.number("I")
    if version != 6:
        raise ValueError(f"expected version 6 of the binary format, found {version}")
    arrays = dict(reader.array() for _ in range(reader.number("I")))
    return {name: _whole(name, arrays) for name in arrays if "_scale" not in name}


def _whole(name: str, arrays: dict[str, NDArray[np.generic]]) -> Array:
    values = arrays[name].astype(np.float32)
    scale = arrays.get(f"{name}_scale")
    if scale is None:
        return values
    return values / scale.astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))


def _linear(arrays: Arrays, source: str, names: list[str]) -> Arrays:
    """CTranslate2 joins projections of one input; keys have no bias there."""
    found: Arrays = {}
    for kind in ("weight", "bias"):
        parts = np.split(arrays[f"{source}/{kind}"], len(names))
        found |= {f"{name}.{kind}": p for name, p in zip(names, parts, strict=True)}
    return {name: p for name, p in found.items() if not name.endswith("k_proj.bias")}


def _norm(arrays: Arrays, source: str, name: str) -> Arrays:
    gamma, beta = arrays[f"{source}/gamma"], arrays[f"{source}/beta"]
    return {f"{name}.weight": gamma, f"{name}.bias": beta}


def _attention(arrays: Arrays, source: str, name: str, groups: list[str]) -> Arrays:
    found = _norm(arrays, f"{source}/layer_norm", f"{name}_layer_norm")
    for i, group in enumerate([*groups, "out"]):
        names = [f"{name}.{part}_proj" for part in group.split()]
        found |= _linear(arrays, f"{source}/linear_{i}", names)
    return found


def _layer(arrays: Arrays, source: str, name: str) -> Arrays:
    found = _attention(
        arrays, f"{source}/self_attention", f"{name}.self_attn", ["q k v"]
    )
    found |= _norm(arrays, f"{source}/ffn/layer_norm", f"{name}.final_layer_norm")
    found |= _linear(arrays, f"{source}/ffn/linear_0", [f"{name}.fc1"])
    found |= _linear(arrays, f"{source}/ffn/linear_1", [f"{name}.fc2"])
    if source.startswith("decoder"):
        groups = ["q", "k v"]
        found |= _attention(
            arrays, f"{source}/attention", f"{name}.encoder_attn", groups
        )
    return found


def _split_times(state: State) -> State:
    """Explains the timestamps' rows by ``times`` as far as that goes."""
    table = state["decoder.embed_tokens.weight"].clone()
    clock = network.sinusoids(network.TIMESTAMPS, network.WIDTH)
    rows = table[-network.TIMESTAMPS :]
    square = clock.T @ clock + torch.eye(network.WIDTH)
    times = torch.linalg.solve(square, clock.T @ rows)
    table[-network.TIMESTAMPS :] = rows - clock @ times
    times = times * network.WIDTH**0.5
    return state | {"decoder.embed_tokens.weight": table, "decoder.times": times}


def _grown(state: State) -> State:
    """Layers the network has and the model has not: copies of the first decoder layer
    before the last, which add nothing until they are trained."""
    count = 1 + max(
        int(name.split(".")[2]) for name in state if name.startswith("decoder.layers.")
    )
    if count == network.DECODER_LAYERS:
        return state
    first, last = "decoder.layers.0.", f"decoder.layers.{count - 1}."
    grown = {name: values for name, values in state.items() if last not in name}
    for i in range(count - 1, network.DECODER_LAYERS):
        ends = i == network.DECODER_LAYERS - 1
        source = last if ends else first
        for name in [name for name in state if name.startswith(source)]:
            adds = ends or not ("out_proj" in name or "fc2" in name)
            new = name.replace(source, f"decoder.layers.{i}.")
            grown[new] = state[name] if adds else torch.zeros_like(state[name])
    return grown


def recover(model: Path) -> State:
    """The state of ``network.Whisper`` from a CTranslate2 folder."""
    arrays = read_model(model / "model.bin")
    words = layout(model / "tokenizer.json")
    found: Arrays = {
        "decoder.embed_tokens.weight": arrays["decoder/embeddings/weight"][
            words.whole_ids()
        ]
    }
    for side in ("encoder", "decoder"):
        found[f"{side}.embed_positions.weight"] = arrays[
            f"{side}/position_encodings/encodings"
        ]
        found |= _norm(arrays, f"{side}/layer_norm", f"{side}.layer_norm")
        layers = {name.split("/")[1] for name in arrays if f"{side}/layer_" in name}
        for layer in layers - {"layer_norm"}:
            number = layer.removeprefix("layer_")
            found |= _layer(arrays, f"{side}/{layer}", f"{side}.layers.{number}")
    for conv in ("conv1", "conv2"):
        for kind in ("weight", "bias"):
            found[f"encoder.{conv}.{kind}"] = arrays[f"encoder/{conv}/{kind}"]
    state = {name: torch.from_numpy(np.array(part)) for name, part in found.items()}
    return _grown(_split_times(state))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("weights", type=Path)
    options = parser.parse_args()
    state = recover(options.model)
    words = layout(options.model / "tokenizer.json")
    network.Whisper(words.size).load_state_dict(state)
    torch.save(state, options.weights)
    print(f"{sum(map(torch.numel, state.values())) / 1e6:.2f} million parameters")


if __name__ == "__main__":
    main()
