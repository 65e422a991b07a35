"""Hugging Face's GPT-2."""

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from parity import Case


def gpt2(vocab, positions, channels, layers, heads):
    config = GPT2Config(
        vocab_size=vocab,
        n_positions=positions,
        n_embd=channels,
        n_layer=layers,
        n_head=heads,
        resid_pdrop=0,
        embd_pdrop=0,
        attn_pdrop=0,
        bos_token_id=0,
        eos_token_id=0,
    )
    return GPT2LMHeadModel._from_config(config, attn_implementation="sdpa")


def case(name, batch, length, **config):
    tokens = torch.randint(0, config["vocab"], (batch, length))
    return Case(name, gpt2(**config), {"tokens": tokens}, config, lambda module, inputs: module(inputs["tokens"]).logits)


CASES = [
    case("gpt2", 2, 6, vocab=13, positions=8, channels=8, layers=2, heads=2),
    case("gpt2Odd", 1, 7, vocab=9, positions=7, channels=15, layers=1, heads=3),
    case("gpt2OneToken", 3, 1, vocab=5, positions=4, channels=8, layers=1, heads=1),
]
