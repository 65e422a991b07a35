"""PyTorch's side of shakespeare.ts: the same model, weights, batches and evaluations.

Place in the whole: started by shakespeare.ts with a folder that holds `config.json`, `weights.safetensors` and the windows' places; prints one
line of JSON. The model is nanoGPT's (pre-norm GPT-2 without biases and with the exact GELU), its training loop too: AdamW without decay for
vectors, a warm-up and half a cosine, clipping to a norm of 1.

    shakespeare.py FOLDER THREADS
"""
import json
import math
import os
import sys
import time

folder, threads = sys.argv[1], int(sys.argv[2])
os.environ["OMP_NUM_THREADS"] = str(threads)

import numpy
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(threads)
with open(os.path.join(folder, "config.json")) as file:
    config = json.load(file)
block, batch = config["blockSize"], config["batchSize"]


def read(name, dtype):
    return torch.from_numpy(numpy.fromfile(os.path.join(folder, name), dtype=dtype).astype(numpy.int64))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = (part.view(b, t, self.heads, c // self.heads).transpose(1, 2) for part in self.c_attn(x).split(c, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).contiguous().view(b, t, c))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_fc, self.c_proj = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(width, bias=False), Attention(width, heads)
        self.ln_2, self.mlp = nn.LayerNorm(width, bias=False), Mlp(width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Gpt(nn.Module):
    def __init__(self, vocabulary, positions, layers, heads, width):
        super().__init__()
        self.transformer = nn.ModuleDict(
            dict(
                wte=nn.Embedding(vocabulary, width),
                wpe=nn.Embedding(positions, width),
                h=nn.ModuleList(Block(width, heads) for _ in range(layers)),
                ln_f=nn.LayerNorm(width, bias=False),
            )
        )
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.transformer.wte.weight = self.lm_head.weight

    def forward(self, tokens):
        x = self.transformer.wte(tokens) + self.transformer.wpe(torch.arange(tokens.shape[1]))
        for layer in self.transformer.h:
            x = layer(x)
        return self.lm_head(self.transformer.ln_f(x))


model = Gpt(config["vocabSize"], block, config["layers"], config["heads"], config["channels"])
weights = load_file(os.path.join(folder, "weights.safetensors"))
missing, surplus = model.load_state_dict(weights, strict=False)
assert not surplus and set(missing) <= {"lm_head.weight", "transformer.wte.weight"}, (missing, surplus)
matrices = [p for p in model.parameters() if p.dim() >= 2]
vectors = [p for p in model.parameters() if p.dim() < 2]
groups = [{"params": matrices, "weight_decay": config["weightDecay"]}, {"params": vectors, "weight_decay": 0.0}]
optimizer = torch.optim.AdamW(groups, lr=config["lr"], betas=tuple(config["betas"]))  # on a CPU the fused one is no faster

splits = {name: read(f"{name}.bin", numpy.uint16) for name in ("train", "validation")}
places = {name: read(f"{name}.places", numpy.int32) for name in ("steps", "train", "validation")}
within = torch.arange(block)


def loss_of(split, starts, reduction="mean"):
    at = starts[:, None] + within
    logits = model(splits[split][at])
    return F.cross_entropy(logits.view(-1, logits.size(-1)), splits[split][at + 1].view(-1), reduction=reduction)


@torch.no_grad()
def estimate(index):
    """Mean loss of evaluation number `index`'s batches of both splits."""
    model.eval()
    result, count = {}, config["evaluationBatches"]
    for name in splits:
        losses = [
            loss_of(name, places[name][first : first + batch]).item()
            for first in range(index * count * batch, (index + 1) * count * batch, batch)
        ]
        result[name] = sum(losses) / count
    model.train()
    return result


def rate(step):
    if step < config["warmupSteps"]:
        return config["lr"] * (step + 1) / (config["warmupSteps"] + 1)
    share = (step - config["warmupSteps"]) / (config["steps"] - config["warmupSteps"])
    return config["minLr"] + 0.5 * (1 + math.cos(math.pi * share)) * (config["lr"] - config["minLr"])


start, evaluations = time.perf_counter(), []
for step in range(config["steps"] + 1):
    if step % config["evaluateEvery"] == 0:
        evaluations.append({"step": step, **estimate(step // config["evaluateEvery"])})
    if step == config["steps"]:
        break
    for group in optimizer.param_groups:
        group["lr"] = rate(step)
    loss = loss_of("train", places["steps"][step * batch : (step + 1) * batch])
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
model.eval()
with torch.no_grad():
    starts = torch.arange((len(splits["validation"]) - 1) // block) * block
    total = sum(loss_of("validation", part, "sum").item() for part in starts.split(config["wholeBatch"]))
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "loss": total / (len(starts) * block), "evaluations": evaluations, "name": f"torch-{torch.__version__}"}))
