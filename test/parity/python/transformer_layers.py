"""Encoder and decoder layers, their stacks, and torch.nn.Transformer."""

import torch
import torch.nn.functional as F
from torch import nn

from parity import Case

C, H, HIDDEN = 8, 2, 12
# Without masks or gradients PyTorch would take kernels of its own for some of these.
torch.backends.mha.set_fastpath_enabled(False)


def layer(kind, **options):
    return kind(C, H, dim_feedforward=HIDDEN, dropout=0.0, **options)


def gelu_tanh(x):
    return F.gelu(x, approximate="tanh")


class Gated(nn.TransformerEncoderLayer):
    """With a gate before the activation, as in Shazeer 2020; else PyTorch's."""

    def __init__(self, activation, **options):
        super().__init__(C, H, dim_feedforward=HIDDEN, dropout=0.0, **options)
        self.gate, self.act = nn.Linear(C, HIDDEN, options.get("bias", True)), activation

    def _ff_block(self, x):
        return self.linear2(self.act(self.gate(x)) * self.linear1(x))


def hidden(t, s=None):
    return torch.ones(t, s or t, dtype=torch.bool).triu(1)


def encoded(module, inputs):
    masks = {"src_key_padding_mask": inputs["padding"] != 0} if "padding" in inputs else {}
    return module(inputs["src"], **masks)


def causal(module, inputs):
    length = inputs["src"].shape[1 if module.self_attn.batch_first else 0]
    return module(inputs["src"], src_mask=hidden(length), is_causal=True)


def decoded(module, inputs):
    tgt, memory = inputs["tgt"], inputs["memory"]
    masks = {"memory_key_padding_mask": inputs["padding"] != 0} if "padding" in inputs else {}
    return module(tgt, memory, tgt_mask=hidden(tgt.shape[0 if tgt.dim() == 2 else 1]), **masks)


def translated(module, inputs):
    padding = inputs["padding"] != 0
    tgt = inputs["tgt"]
    return module(
        inputs["src"],
        tgt,
        tgt_mask=hidden(tgt.shape[0]),
        src_key_padding_mask=padding,
        memory_key_padding_mask=padding,
    )


def stack(kind, single, count, final, **options):
    norm = nn.LayerNorm(C) if final else None
    extra = {"enable_nested_tensor": False} if kind is nn.TransformerEncoder else {}
    return kind(layer(single, **options), count, norm, **extra)


ENCODER, DECODER = nn.TransformerEncoderLayer, nn.TransformerDecoderLayer
PADDING = torch.tensor([[0, 0, 0, 1], [0, 0, 1, 1]])

CASES = [
    Case("encoder layer", layer(ENCODER), {"src": torch.randn(4, 2, C)}, {}, encoded),
    Case(
        "encoder layer pre-norm",
        layer(ENCODER, norm_first=True, activation="gelu", batch_first=True, layer_norm_eps=1e-3),
        {"src": torch.randn(2, 4, C), "padding": PADDING},
        {"normFirst": True, "activation": "gelu", "batchFirst": True, "eps": 1e-3},
        encoded,
    ),
    Case(
        "encoder layer causal",
        layer(ENCODER, bias=False, activation=gelu_tanh, batch_first=True),
        {"src": torch.randn(1, 5, C)},
        {"bias": False, "activation": "geluTanh", "batchFirst": True},
        causal,
    ),
    Case("encoder layer unbatched", layer(ENCODER, norm_first=True), {"src": torch.randn(3, C)}, {"normFirst": True}, encoded),
    Case(
        "encoder layer swiglu",
        Gated(F.silu, norm_first=True, bias=False),
        {"src": torch.randn(3, 2, C)},
        {"activation": "swiglu", "normFirst": True, "bias": False},
        encoded,
        source="torch.nn with a gate (Shazeer 2020)",
    ),
    Case(
        "encoder layer geglu",
        Gated(F.gelu),
        {"src": torch.randn(3, 2, C)},
        {"activation": "geglu"},
        encoded,
        source="torch.nn with a gate (Shazeer 2020)",
    ),
    Case(
        "decoder layer",
        layer(DECODER, batch_first=True),
        {"tgt": torch.randn(2, 3, C), "memory": torch.randn(2, 4, C), "padding": PADDING},
        {"batchFirst": True},
        decoded,
    ),
    Case(
        "decoder layer pre-norm",
        layer(DECODER, norm_first=True, activation="gelu"),
        {"tgt": torch.randn(3, C), "memory": torch.randn(4, C)},
        {"normFirst": True, "activation": "gelu"},
        decoded,
    ),
    Case(
        "encoder",
        stack(nn.TransformerEncoder, ENCODER, 2, False, batch_first=True),
        {"src": torch.randn(2, 4, C), "padding": PADDING},
        {"layers": 2, "batchFirst": True},
        encoded,
    ),
    Case(
        "decoder",
        stack(nn.TransformerDecoder, DECODER, 2, True, norm_first=True, batch_first=True),
        {"tgt": torch.randn(2, 3, C), "memory": torch.randn(2, 4, C)},
        {"layers": 2, "finalNorm": True, "normFirst": True, "batchFirst": True},
        decoded,
    ),
    Case(
        "transformer",
        nn.Transformer(C, H, 1, 1, HIDDEN, 0.0),
        {"src": torch.randn(4, 2, C), "tgt": torch.randn(3, 2, C), "padding": PADDING},
        {"encoderLayers": 1, "decoderLayers": 1},
        translated,
    ),
]
