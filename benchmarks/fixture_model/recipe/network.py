"""A small Whisper in plain PyTorch, its parameters named as in transformers.

Unlike the library's it takes windows of any length, and its decoder shows where in the
sound it listened for each token, so that this can be trained too.
"""

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MELS = 80
WIDTH = 144
HEADS = 3
ENCODER_LAYERS = 3
DECODER_LAYERS = 3
SOUND_POSITIONS = 1500  # of 20 ms: 30 s
TEXT_POSITIONS = 448
TIMESTAMPS = 1501  # the last rows of the vocabulary, one per sound position and the end


def sinusoids(length: int, width: int) -> Tensor:
    """Whisper's fixed positions of the encoder, (length, width)."""
    step = torch.log(torch.tensor(10_000.0)) / (width // 2 - 1)
    frequencies = torch.exp(-step * torch.arange(width // 2))
    angles = torch.arange(length)[:, None] * frequencies[None]
    return torch.cat([angles.sin(), angles.cos()], 1)


@cache
def _clock() -> Tensor:
    return sinusoids(TIMESTAMPS, WIDTH)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q_proj = nn.Linear(WIDTH, WIDTH)
        self.k_proj = nn.Linear(WIDTH, WIDTH, bias=False)
        self.v_proj = nn.Linear(WIDTH, WIDTH)
        self.out_proj = nn.Linear(WIDTH, WIDTH)

    def heads(self, x: Tensor, source: Tensor) -> list[Tensor]:
        parts = [self.q_proj(x), self.k_proj(source), self.v_proj(source)]
        return [p.unflatten(-1, (HEADS, -1)).transpose(1, 2) for p in parts]

    def forward(self, x: Tensor, causal: bool = False) -> Tensor:
        q, k, v = self.heads(x, x)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        heard: Tensor = self.out_proj(y.transpose(1, 2).flatten(2))
        return heard

    def across(self, x: Tensor, sound: Tensor) -> tuple[Tensor, Tensor]:
        """What the tokens heard, and where they listened (batch, heads, x, sound)."""
        q, k, v = self.heads(x, sound)
        weights = (q @ k.transpose(2, 3) * q.shape[-1] ** -0.5).softmax(-1)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2)), weights


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.self_attn = Attention()
        self.self_attn_layer_norm = nn.LayerNorm(WIDTH)
        self.fc1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.fc2 = nn.Linear(4 * WIDTH, WIDTH)
        self.final_layer_norm = nn.LayerNorm(WIDTH)

    def look(self, x: Tensor, causal: bool) -> Tensor:
        seen: Tensor = self.self_attn(self.self_attn_layer_norm(x), causal)
        return x + seen

    def think(self, x: Tensor) -> Tensor:
        thought: Tensor = self.fc2(F.gelu(self.fc1(self.final_layer_norm(x))))
        return x + thought


class DecoderLayer(Layer):
    def __init__(self) -> None:
        super().__init__()
        self.encoder_attn = Attention()
        self.encoder_attn_layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, x: Tensor, sound: Tensor) -> tuple[Tensor, Tensor]:
        x = self.look(x, causal=True)
        asking = self.encoder_attn_layer_norm(x)
        heard, weights = self.encoder_attn.across(asking, sound)
        return self.think(x + heard), weights


class Encoder(nn.Module):
    """A mel (batch, 80, frames <= 3000) to states (batch, frames / 2, width).

    A window may be taken for a later part of 30 s: ``offset`` is in positions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(MELS, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(SOUND_POSITIONS, WIDTH)
        self.embed_positions.weight.data = sinusoids(SOUND_POSITIONS, WIDTH)
        self.embed_positions.requires_grad_(False)
        self.layers = nn.ModuleList(Layer() for _ in range(ENCODER_LAYERS))
        self.layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, mel: Tensor, offset: int = 0) -> Tensor:
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.embed_positions.weight[offset : offset + x.shape[1]]
        for layer in self.layers:
            assert isinstance(layer, Layer)
            x = layer.think(layer.look(x, causal=False))
        states: Tensor = self.layer_norm(x)
        return states


class Decoder(nn.Module):
    """Tokens and a sound's states to states (batch, tokens, width), and the attention
    (batch, layers x heads, tokens, positions of the sound)."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, WIDTH)
        self.embed_positions = nn.Embedding(TEXT_POSITIONS, WIDTH)
        self.times = nn.Parameter(torch.zeros(WIDTH, WIDTH))
        self.layers = nn.ModuleList(DecoderLayer() for _ in range(DECODER_LAYERS))
        self.layer_norm = nn.LayerNorm(WIDTH)
        nn.init.normal_(self.embed_tokens.weight, std=0.02)
        nn.init.normal_(self.embed_positions.weight, std=0.02)

    def table(self) -> Tensor:
        """The vocabulary, (entries, width). Timestamps share one map of the encoder's
        positions: what is learnt of one moment holds for all 1,501."""
        words, moments = self.embed_tokens.weight.tensor_split([-TIMESTAMPS])
        return torch.cat([words, moments + _clock() @ self.times * WIDTH**-0.5])

    def forward(self, tokens: Tensor, sound: Tensor) -> tuple[Tensor, Tensor]:
        positions = self.embed_positions.weight[: tokens.shape[1]]
        x = F.embedding(tokens, self.table()) + positions
        attention = []
        for layer in self.layers:
            x, weights = layer(x, sound)
            attention.append(weights)
        return self.layer_norm(x), torch.cat(attention, 1)


class Whisper(nn.Module):
    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder(vocabulary)

    def logits(self, states: Tensor) -> Tensor:
        return states @ self.decoder.table().T
