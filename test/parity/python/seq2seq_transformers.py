"""The encoder-decoder transformer of Vaswani et al. 2017, of torch.nn's layers, and Hugging Face's T5."""

import math

import torch
from torch import nn
from transformers import T5Config, T5ForConditionalGeneration

from exact import exactly
from parity import Case

V = 11


class Transformer(nn.Module):
    def __init__(self, src_vocab, channels, norm_first, tied):
        super().__init__()
        options = {"dim_feedforward": 12, "dropout": 0.0, "batch_first": True, "norm_first": norm_first}
        norm = [nn.LayerNorm(channels) if norm_first else None for _ in range(2)]
        self.src_embedding = nn.Embedding(src_vocab, channels)
        self.tgt_embedding = self.src_embedding if tied == "all" else nn.Embedding(V, channels)
        layer = nn.TransformerEncoderLayer(channels, 2, **options)
        self.encoder = nn.TransformerEncoder(layer, 2, norm[0], enable_nested_tensor=False)
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(channels, 2, **options), 2, norm[1])
        self.output = nn.Linear(channels, V, bias=False)
        if tied != "none":
            self.output.weight = self.tgt_embedding.weight

    def embedded(self, embedding, tokens):
        c = embedding.weight.shape[1]
        places = torch.arange(tokens.shape[1], dtype=torch.float64)[:, None]
        angles = places * 10000.0 ** (-torch.arange(0, c, 2, dtype=torch.float64) / c)
        return embedding(tokens) * math.sqrt(c) + torch.stack([angles.sin(), angles.cos()], -1).flatten(-2)

    def forward(self, src, tgt, mask=None):
        padding = None if mask is None else mask == 0
        hidden = torch.ones(tgt.shape[1], tgt.shape[1], dtype=torch.bool).triu(1)
        memory = self.encoder(self.embedded(self.src_embedding, src), src_key_padding_mask=padding)
        y = self.decoder(self.embedded(self.tgt_embedding, tgt), memory, hidden, memory_key_padding_mask=padding)
        return self.output(y)


def tokens(s, t, mask=None):
    result = {"src": torch.randint(V, (2, s)), "tgt": torch.randint(V, (2, t))}
    return result if mask is None else {**result, "mask": torch.tensor(mask)}


def t5(tied, activation, **options):
    sizes = {"vocab_size": V, "d_model": 8, "d_kv": 6, "d_ff": 12, "num_layers": 2, "num_heads": 2}
    config = T5Config(
        **sizes, **options, dropout_rate=0.0, feed_forward_proj=activation, tie_word_embeddings=tied, attn_implementation="eager"
    )
    model = T5ForConditionalGeneration(config)
    if not tied:  # Hugging Face ties it all the same, and leaves out the scaling
        model.lm_head.weight = nn.Parameter(torch.randn(V, 8))
    return model


def logits(module, inputs):
    return module(
        input_ids=inputs["src"], decoder_input_ids=inputs["tgt"], attention_mask=inputs.get("mask"), use_cache=False
    ).logits


MASK = [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]
OURS = {"vocabSize": V, "channels": 8, "layers": 2, "heads": 2, "hidden": 12}

CASES = [
    Case("transformer", Transformer(V, 8, False, "all"), tokens(5, 4, MASK), OURS, source="Vaswani et al. 2017, of torch.nn"),
    Case(
        "transformer pre-norm",
        Transformer(V, 8, True, "output"),
        tokens(3, 5),
        {**OURS, "normFirst": True, "tied": "output"},
        source="Vaswani et al. 2017, of torch.nn",
    ),
    Case("t5", t5(True, "relu"), tokens(5, 4, MASK), {**OURS, "headWidth": 6}, exactly(logits)),
    Case(
        "t5 1.1",
        t5(False, "gated-gelu", num_decoder_layers=1, relative_attention_num_buckets=8, relative_attention_max_distance=6),
        tokens(12, 9),
        {
            **OURS,
            "headWidth": 6,
            "decoderLayers": 1,
            "buckets": 8,
            "maxDistance": 6,
            "activation": "gegluTanh",
            "tied": False,
        },
        exactly(logits),
    ),
]
