"""The speaker encoder's file, made once: Resemblyzer's weights as an ONNX graph.

    pip download --no-deps resemblyzer==0.1.4 && unzip Resemblyzer-*.whl
    pip install onnx
    python -m benchmarks.speaker_encoder resemblyzer/pretrained.pt

The weights are read without torch and without trust: of the pickle, only names and
numbers are taken. They are kept as half floats and computed with as whole ones.
"""

import argparse
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OUT = Path("transcription/speech/speakers/encoder.onnx")
LAYERS, HIDDEN, MELS = 3, 256, 40
OPSET = 17
SHAPES = {"FloatStorage": np.float32, "LongStorage": np.int64}
GATES = (0, 3, 1, 2)  # torch has input, forget, cell, output; ONNX wants i, o, f, c

Floats = NDArray[np.float32]


class Storage(NamedTuple):
    key: str
    kind: str


class View(NamedTuple):
    """A tensor of the checkpoint: where its numbers lie."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]


class Names(pickle.Unpickler):
    """Of a checkpoint, what it names; nothing in it is run."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, *rest: View(storage, offset, shape)
        if module == "torch" and name.endswith("Storage"):
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not looked at")

    def persistent_load(self, pid: Any) -> Storage:
        _, kind, key, *_ = pid
        return Storage(key, kind)


def weights(path: Path) -> dict[str, Floats]:
    """The tensors of "model_state" in a checkpoint of 2019."""
    with path.open("rb") as file:
        for _ in range(3):  # magic number, protocol, sizes of numbers
            Names(file).load()
        told = Names(file).load()["model_state"]
        keys = Names(file).load()
        kinds = {view.storage.key: view.storage.kind for view in told.values()}
        numbers = {key: _numbers(file, kinds.get(key, "FloatStorage")) for key in keys}
    return {name: _tensor(view, numbers) for name, view in told.items()}


def _numbers(file: BinaryIO, kind: str) -> NDArray[Any]:
    kept = SHAPES[kind]
    count = int.from_bytes(file.read(8), "little")
    return np.frombuffer(file.read(count * np.dtype(kept).itemsize), kept)


def _tensor(view: View, numbers: dict[str, NDArray[Any]]) -> Floats:
    flat = numbers[view.storage.key][view.offset :]
    return flat[: int(np.prod(view.shape))].reshape(view.shape).astype(np.float32)


def reordered(weight: Floats) -> Floats:
    """Torch's gates in the order of ONNX, with the direction in front."""
    gates = weight.reshape(4, HIDDEN, -1)[list(GATES)]
    return gates.reshape(1, 4 * HIDDEN, -1)


def graph(state: dict[str, Floats]) -> onnx.ModelProto:
    """mels [n, frames, 40] -> voices [n, 256], each of length 1."""
    kept: dict[str, Floats] = {
        "linear_w": state["linear.weight"],
        "linear_b": state["linear.bias"],
    }
    nodes = [helper.make_node("Transpose", ["mels"], ["x0"], perm=[1, 0, 2])]
    for n in range(LAYERS):
        ways = [state[f"lstm.bias_{way}_l{n}"] for way in ("ih", "hh")]
        kept[f"w{n}"] = reordered(state[f"lstm.weight_ih_l{n}"])
        kept[f"r{n}"] = reordered(state[f"lstm.weight_hh_l{n}"])
        kept[f"b{n}"] = np.concatenate([reordered(b)[:, :, 0] for b in ways], axis=1)
        outs = [f"y{n}", f"h{n}"]
        ins = [f"x{n}", f"w{n}", f"r{n}", f"b{n}"]
        nodes.append(helper.make_node("LSTM", ins, outs, hidden_size=HIDDEN))
        nodes.append(helper.make_node("Squeeze", [f"y{n}", "one"], [f"x{n + 1}"]))
    nodes += [
        helper.make_node("Squeeze", [f"h{LAYERS - 1}", "zero"], ["last"]),
        helper.make_node("Gemm", ["last", "linear_w", "linear_b"], ["z"], transB=1),
        helper.make_node("Relu", ["z"], ["raw"]),
        helper.make_node("ReduceL2", ["raw"], ["length"], axes=[1], keepdims=1),
        helper.make_node("Max", ["length", "least"], ["some"]),
        helper.make_node("Div", ["raw", "some"], ["voices"]),
    ]
    return _model(nodes, kept)


def _model(nodes: list[onnx.NodeProto], kept: dict[str, Floats]) -> onnx.ModelProto:
    halves = [
        numpy_helper.from_array(w.astype(np.float16), f"{name}_half")
        for name, w in kept.items()
    ]
    casts = [
        helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT)
        for name in kept
    ]
    small = [
        numpy_helper.from_array(np.array([1], np.int64), "one"),
        numpy_helper.from_array(np.array([0], np.int64), "zero"),
        numpy_helper.from_array(np.array([1e-6], np.float32), "least"),
    ]
    made = helper.make_graph(
        [*casts, *nodes],
        "speaker_encoder",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["n", "t", MELS])],
        [helper.make_tensor_value_info("voices", TensorProto.FLOAT, ["n", HIDDEN])],
        [*halves, *small],
    )
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(made, opset_imports=opset, ir_version=8)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    onnx.save(graph(weights(asked.checkpoint)), asked.out)
    print(f"{asked.out}: {asked.out.stat().st_size / 2**20:.1f} MB")


if __name__ == "__main__":
    main()
