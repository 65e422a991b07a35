"""Attention layers, positions, MLPs and mixtures of experts."""

import math

import torch
import torch.nn.functional as F
from torch import nn
from transformers import LlamaConfig, MixtralConfig
from transformers.models.llama.modeling_llama import LlamaAttention, LlamaRotaryEmbedding, apply_rotary_pos_emb
from transformers.models.mixtral.modeling_mixtral import MixtralSparseMoeBlock

from exact import exactly
from parity import Case

C, H = 8, 2


def multihead(**options):
    return nn.MultiheadAttention(C, H, **options)


def attend(module, inputs):
    """Masks are stored as whole numbers: not zero where a key is not seen."""
    q = inputs["query"]
    k, v = inputs.get("key", q), inputs.get("value", q)
    masks = {name: inputs[name] != 0 for name in ("key_padding_mask", "attn_mask") if name in inputs}
    return module(q, k, v, need_weights=False, **masks)[0]


def causal(module, inputs):
    q = inputs["query"]
    hidden = torch.ones(q.shape[0], q.shape[0], dtype=torch.bool).triu(1)
    return module(q, q, q, need_weights=False, attn_mask=hidden)[0]


def weighted(average):
    return lambda module, inputs: module(*inputs.values(), need_weights=True, average_attn_weights=average)


def mask(*shape):
    hidden = (torch.rand(shape) < 0.4).long()
    hidden[..., 0] = 0  # no query without a key
    return hidden


class Sinusoids(nn.Module):
    """Vaswani et al. 2017, section 3.5."""

    def forward(self, x, offset):
        places = torch.arange(offset, offset + x.shape[-2], dtype=torch.float64)[:, None]
        angles = places * 10000.0 ** (-torch.arange(0, x.shape[-1], 2, dtype=torch.float64) / x.shape[-1])
        return x + torch.stack([angles.sin(), angles.cos()], -1).flatten(-2)


class Learned(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(7, 4))

    def forward(self, x):
        return x + self.weight[2 : 2 + x.shape[-2]]


class MLP(nn.Module):
    """Shazeer 2020, "GLU Variants Improve Transformer"."""

    def __init__(self, activation, gated, bias):
        super().__init__()
        self.gate = nn.Linear(C, 12, bias) if gated else None
        self.linear1, self.linear2 = nn.Linear(C, 12, bias), nn.Linear(12, C, bias)
        self.activation = activation

    def forward(self, x):
        x1 = self.linear1(x)
        return self.linear2(self.activation(x1) if self.gate is None else self.activation(self.gate(x)) * x1)


def gelu_tanh(x):
    return F.gelu(x, approximate="tanh")


def llama(**options):
    return LlamaConfig(hidden_size=C, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=16, **options)


class Grouped(LlamaAttention):
    """Hugging Face's attention with its rotary angles, and a mask for a causal window."""

    def __init__(self, config, window):
        config._attn_implementation = "eager"
        super().__init__(config, 0)
        self.rotary, self.window = LlamaRotaryEmbedding(config), window

    def forward(self, x):
        places = torch.arange(x.shape[1])
        distance = places[:, None] - places
        hidden = (distance < 0) | (distance > self.window)
        scores = torch.zeros(distance.shape).double().masked_fill(hidden, -math.inf)
        return super().forward(x, self.rotary(x, places[None]), scores)[0]


class Multiquery(nn.Module):
    """One head of keys, and ALiBi's slopes (Press et al. 2022)."""

    def __init__(self):
        super().__init__()
        self.q_proj, self.o_proj = nn.Linear(C, C), nn.Linear(C, C)
        self.k_proj, self.v_proj = nn.Linear(C, 2), nn.Linear(C, 2)

    def forward(self, x):
        b, t, _ = x.shape
        q = self.q_proj(x).view(b, t, 4, 2).transpose(1, 2)
        places = torch.arange(t)
        slopes = torch.tensor([2.0**-2, 2.0**-4, 2.0**-6, 2.0**-8]).double()
        scores = q @ self.k_proj(x)[:, None].transpose(2, 3) / math.sqrt(2)
        scores = scores - slopes[:, None, None] * (places[:, None] - places)
        hidden = torch.ones(t, t, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(hidden, -math.inf).softmax(-1)
        return self.o_proj((weights @ self.v_proj(x)[:, None]).transpose(1, 2).reshape(b, t, C))


class Rotary(nn.Module):
    """Turned queries and keys of Hugging Face's Llama."""

    def __init__(self, **parameters):
        super().__init__()
        config = LlamaConfig(hidden_size=16, num_attention_heads=1, max_position_embeddings=32, rope_parameters=parameters)
        self.rotary = LlamaRotaryEmbedding(config)

    def forward(self, q, k, places):
        return apply_rotary_pos_emb(q, k, *self.rotary(q, places))


def rotary(name, ours, places=range(20), base=100.0, **parameters):
    inputs = {"q": torch.randn(1, 2, len(places), 16), "k": torch.randn(1, 1, len(places), 16)}
    inputs["places"] = torch.tensor([list(places)])
    module = Rotary(rope_theta=base, **parameters)
    call = exactly(lambda module, inputs: module(*inputs.values()))
    config = {"width": 16, "base": base, "scaling": ours, "length": max(places) + 1}
    return Case(f"rotary {name}", module, inputs, config, call, source="transformers LlamaRotaryEmbedding")


SHORT, LONG = [1.0, 1.1, 1.2, 1.5, 1.75, 2.0, 2.0, 2.5], [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 9.0]

YARN = {"factor": 4.0, "original_max_position_embeddings": 8}
OURS = {"type": "yarn", "factor": 4, "originalPositions": 8}
DEEPSEEK = {"mscale": 0.7, "mscale_all_dim": 1.2, "beta_fast": 3.0, "beta_slow": 0.2, "truncate": False}
LLAMA3 = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}
PHI = {"short_factor": SHORT, "long_factor": LONG, "factor": 2.0, "original_max_position_embeddings": 16}
OUR_PHI = {"type": "longrope", "shortFactor": SHORT, "longFactor": LONG, "factor": 2, "originalPositions": 16}

ROTARY = [
    rotary("plain", None, range(3, 9), rope_type="default"),
    rotary("linear", {"type": "linear", "factor": 4}, rope_type="linear", factor=4.0),
    rotary("dynamic within", {"type": "dynamic", "factor": 2, "originalPositions": 32}, rope_type="dynamic", factor=2.0),
    rotary(
        "dynamic beyond", {"type": "dynamic", "factor": 2, "originalPositions": 32}, range(28, 40), rope_type="dynamic", factor=2.0
    ),
    rotary("yarn", OURS, rope_type="yarn", **YARN),
    rotary(
        "yarn with mscale",
        {**OURS, "mscale": 0.7, "mscaleAllDim": 1.2, "betaFast": 3, "betaSlow": 0.2, "truncate": False},
        rope_type="yarn",
        **YARN,
        **DEEPSEEK,
    ),
    rotary("llama3", {"type": "llama3", "factor": 8, "originalPositions": 16}, rope_type="llama3", **LLAMA3),
    rotary("longrope short", OUR_PHI, range(12), rope_type="longrope", **PHI),
    rotary("longrope long", OUR_PHI, rope_type="longrope", **PHI),
]


def experts(top_k):
    return MixtralConfig(hidden_size=C, intermediate_size=6, num_local_experts=4, num_experts_per_tok=top_k)


def mixture(module):
    """Initial values where the module leaves its memory as it found it."""
    for parameter in module.parameters():
        nn.init.normal_(parameter, 0, 0.5)
    return module


def balanced(module, inputs):
    """Hugging Face's load-balancing loss beside the layer's result."""
    x = inputs["x"]
    y = module(x)
    probabilities = module.gate(x.flatten(0, -2))[0].softmax(-1)
    chosen = F.one_hot(probabilities.topk(module.top_k)[1], 4).sum(1).to(x.dtype)
    return y, (chosen.mean(0) * probabilities.mean(0)).sum() * 4


class Switch(nn.Module):
    """Probabilities as they are, and a capacity: Fedus et al. 2021, with GShard's order of choices (Lepikhin et al. 2020)."""

    def __init__(self, top_k, capacity_factor):
        super().__init__()
        block = MixtralSparseMoeBlock(experts(top_k))
        self.gate, self.experts, self.top_k, self.capacity_factor = block.gate, block.experts, top_k, capacity_factor

    def forward(self, x):
        rows = x.flatten(0, -2)
        weights, chosen = (rows @ self.gate.weight.T).softmax(-1).topk(self.top_k)
        capacity = math.ceil(self.capacity_factor * rows.shape[0] * self.top_k / 4)
        taken, result = [0] * 4, torch.zeros_like(rows)
        for choice in range(self.top_k):
            for token in range(rows.shape[0]):
                expert = chosen[token, choice].item()
                taken[expert] += 1
                if taken[expert] > capacity:
                    continue
                gate, up = (self.experts.gate_up_proj[expert] @ rows[token]).chunk(2)
                answer = self.experts.down_proj[expert] @ (F.silu(gate) * up)
                result = result.index_add(0, torch.tensor([token]), (weights[token, choice] * answer)[None])
        return result.view_as(x)


TOKENS = {"x": torch.randn(2, 5, C)}

CASES = [
    Case("multihead self", multihead(), {"query": torch.randn(5, 2, C)}, call=attend),
    Case("multihead causal", multihead(bias=False), {"query": torch.randn(5, 2, C)}, {"bias": False}, causal),
    Case(
        "multihead cross",
        multihead(kdim=6, vdim=5, batch_first=True),
        {"query": torch.randn(2, 3, C), "key": torch.randn(2, 4, 6), "value": torch.randn(2, 4, 5)},
        {"kdim": 6, "vdim": 5, "batchFirst": True},
        attend,
    ),
    Case(
        "multihead masked",
        multihead(),
        {
            "query": torch.randn(3, 2, C),
            "key": torch.randn(4, 2, C),
            "value": torch.randn(4, 2, C),
            "key_padding_mask": mask(2, 4),
            "attn_mask": mask(3, 4),
        },
        call=attend,
    ),
    Case(
        "multihead masked by head",
        multihead(batch_first=True),
        {"query": torch.randn(2, 3, C), "attn_mask": mask(4, 3, 3)},
        {"batchFirst": True},
        attend,
    ),
    Case(
        "multihead unbatched",
        multihead(add_bias_kv=True, add_zero_attn=True),
        {"query": torch.randn(3, C), "key": torch.randn(4, C), "value": torch.randn(4, C), "key_padding_mask": mask(4)},
        {"addBiasKV": True, "addZeroAttn": True},
        attend,
    ),
    Case(
        "multihead weights",
        multihead(),
        {"query": torch.randn(3, 2, C), "key": torch.randn(4, 2, C), "value": torch.randn(4, 2, C)},
        call=weighted(True),
    ),
    Case(
        "multihead weights by head",
        multihead(batch_first=True),
        {"query": torch.randn(2, 3, C), "key": torch.randn(2, 4, C), "value": torch.randn(2, 4, C)},
        {"batchFirst": True},
        weighted(False),
    ),
    Case("grouped-query", Grouped(llama(), 99), {"x": torch.randn(2, 6, C)}, {}, exactly(lambda m, i: m(i["x"])), source="transformers LlamaAttention"),
    Case(
        "grouped-query window",
        Grouped(llama(head_dim=4, attention_bias=True), 2),
        {"x": torch.randn(1, 7, C)},
        {"headWidth": 4, "bias": True, "window": 2},
        exactly(lambda m, i: m(i["x"])),
        source="transformers LlamaAttention",
    ),
    Case("multi-query with ALiBi", Multiquery(), {"x": torch.randn(2, 5, C)}, source="Press et al. 2022"),
    Case("sinusoidal", Sinusoids(), {"x": torch.randn(2, 3, 6)}, {"offset": 4}, lambda m, i: m(i["x"], 4), source="Vaswani et al. 2017"),
    Case("learned positions", Learned(), {"x": torch.randn(2, 3, 4)}, {"offset": 2}, source="torch.nn.Embedding"),
    *ROTARY,
    *(
        Case(f"feed-forward {name}", MLP(f, gated, bias), {"x": torch.randn(3, C)}, {"activation": name, "bias": bias}, source=source)
        for name, f, gated, bias, source in [
            ("relu", F.relu, False, True, "torch.nn"),
            ("gelu", F.gelu, False, True, "torch.nn"),
            ("geluTanh", gelu_tanh, False, False, "torch.nn"),
            ("swiglu", F.silu, True, False, "Shazeer 2020"),
            ("geglu", F.gelu, True, True, "Shazeer 2020"),
            ("gegluTanh", gelu_tanh, True, False, "Shazeer 2020"),
            ("reglu", F.relu, True, True, "Shazeer 2020"),
        ]
    ),
    Case("mixture", mixture(MixtralSparseMoeBlock(experts(2))), TOKENS, {"topK": 2}, exactly(balanced)),
    Case("mixture of one", mixture(MixtralSparseMoeBlock(experts(1))), TOKENS, {"topK": 1}, exactly(balanced)),
    Case(
        "mixture with capacity",
        mixture(Switch(2, 0.75)),
        TOKENS,
        {"topK": 2, "normalize": False, "capacityFactor": 0.75},
        source="Fedus et al. 2021",
    ),
]
