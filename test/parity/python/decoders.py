"""Llama (also as Mistral and Qwen2 have it) and Mixtral, of Hugging Face."""

import torch
from torch import nn
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from exact import exactly
from parity import Case

V = 13
SIZES = {
    "vocab_size": V,
    "hidden_size": 16,
    "intermediate_size": 20,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "pad_token_id": None,
    "attn_implementation": "eager",
}
OURS = {"vocabSize": V, "channels": 16, "hidden": 20, "layers": 2, "heads": 4, "kvHeads": 2}


def tokens(*shape):
    return {"tokens": torch.randint(V, shape)}


def logits(module, inputs):
    return module(inputs["tokens"], use_cache=False).logits


def balanced(module, inputs):
    result = module(inputs["tokens"], use_cache=False, output_router_logits=True)
    return result.logits, result.aux_loss


LLAMA3 = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}

CASES = [
    Case("llama", LlamaForCausalLM(LlamaConfig(**SIZES)), tokens(2, 7), {**OURS, "eps": 1e-6}, exactly(logits)),
    Case(
        "llama tied with scaling",
        LlamaForCausalLM(
            LlamaConfig(
                **{**SIZES, "num_key_value_heads": 4},
                tie_word_embeddings=True,
                attention_bias=True,
                mlp_bias=True,
                head_dim=6,
                rms_norm_eps=1e-4,
                rope_parameters={"rope_type": "llama3", "rope_theta": 500.0, **LLAMA3},
            )
        ),
        tokens(1, 9),
        {
            **OURS,
            "kvHeads": 4,
            "tied": True,
            "attentionBias": True,
            "mlpBias": True,
            "headWidth": 6,
            "eps": 1e-4,
            "rotaryBase": 500,
            "rotaryScaling": {"type": "llama3", "factor": 8, "originalPositions": 16},
        },
        exactly(logits),
    ),
    Case(
        "mistral",
        MistralForCausalLM(MistralConfig(**SIZES, sliding_window=3, max_position_embeddings=32)),
        tokens(2, 8),
        {**OURS, "slidingWindow": 3, "eps": 1e-6},
        exactly(logits),
    ),
    Case(
        "qwen2",
        Qwen2ForCausalLM(Qwen2Config(**SIZES, max_position_embeddings=32)),
        tokens(2, 6),
        {**OURS, "attentionBias": "qkv", "eps": 1e-6},
        exactly(logits),
    ),
    Case(
        "mixtral",
        MixtralForCausalLM(MixtralConfig(**SIZES, num_local_experts=4, max_position_embeddings=32, experts_implementation="eager")),
        tokens(2, 7),
        {**OURS, "experts": 4},
        exactly(balanced),
    ),
]
