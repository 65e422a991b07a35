"""Golden models: a digits CNN and a character GPT. A case of models.json is
  {name, config, parameters, inputs, target, output, loss, grads, curves}
  parameters, grads  parameter name -> tensor name; names and layouts are PyTorch's
  curves             {optimizer, args, losses}: the losses before each of ten steps on the same batch, so that
                     losses[0] is `loss`, and losses[9] has seen nine updates
Weights and inputs are f32; the arithmetic is f64.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from golden_file import GoldenFile


class DigitsCNN(nn.Module):
    """The network of the digits example, smaller: images of 12 x 12, channels 1 -> 4 -> 8."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(8 * 4 * 4, 16), nn.ReLU(), nn.Linear(16, 10),
        )

    def forward(self, x):
        return self.net(x)


class CausalSelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(width, 3 * width)  # query, key and value, one after the other
        self.c_proj = nn.Linear(width, width)

    def forward(self, x_BTC):
        B, T, C = x_BTC.shape
        q, k, v = (part.view(B, T, self.heads, C // self.heads).transpose(1, 2)
                   for part in self.c_attn(x_BTC).split(C, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


class MLP(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = CausalSelfAttention(width, heads)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = MLP(width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    """GPT-2's arrangement and names: pre-norm, learned positions, the head tied to the token embedding or not."""

    def __init__(self, vocab, block, layers, heads, width, tied):
        super().__init__()
        self.wte = nn.Embedding(vocab, width)
        self.wpe = nn.Embedding(block, width)
        self.h = nn.ModuleList([Block(width, heads) for _ in range(layers)])
        self.ln_f = nn.LayerNorm(width)
        self.lm_head = nn.Linear(width, vocab, bias=False)
        if tied:
            self.lm_head.weight = self.wte.weight

    def forward(self, tokens_BT):
        x = self.wte(tokens_BT) + self.wpe(torch.arange(tokens_BT.shape[1]))
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))


def randomize(model):
    """Weights of the size usual initializations give; biases and norms away from 0 and 1, so that none can hide."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() >= 2 and "wte" not in name and "wpe" not in name:
                p.copy_(torch.randn(p.shape) / math.sqrt(p[0].numel()))
            elif "ln_" in name and name.endswith("weight"):
                p.copy_(1 + 0.1 * torch.randn(p.shape))
            else:
                p.copy_(0.1 * torch.randn(p.shape))


def loss_of(model, inputs, target):
    logits = model(inputs)
    return logits, F.cross_entropy(logits.flatten(0, -2), target.flatten())


def ten_losses(model, inputs, target, make_optimizer):
    initial = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer, losses = make_optimizer(model.parameters()), []
    for _ in range(10):
        optimizer.zero_grad()
        _, loss = loss_of(model, inputs, target)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    model.load_state_dict(initial)
    return losses


OPTIMIZERS = {
    "AdamW": (lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1),
              {"lr": 0.01, "betas": [0.9, 0.99], "eps": 1e-8, "weightDecay": 0.1}),
    "SGD": (lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.001),
            {"lr": 0.05, "momentum": 0.9, "weightDecay": 0.001}),
    "SGD, slow": (lambda p: torch.optim.SGD(p, lr=0.002, momentum=0.9), {"lr": 0.002, "momentum": 0.9}),
}


def describe(file, name, model, config, inputs, target, optimizers, randomize=randomize):
    randomize(model)
    parameters = {key: file.put(f"{name}.{key}", p) for key, p in model.named_parameters()}
    model.double()
    x = inputs.double() if inputs.is_floating_point() else inputs
    logits, loss = loss_of(model, x, target)
    loss.backward()
    return {
        "name": name,
        "config": config,
        "parameters": parameters,
        "inputs": [file.put(f"{name}.input", inputs)],
        "target": file.put(f"{name}.target", target),
        "output": file.put(f"{name}.output", logits),
        "loss": loss.item(),
        "grads": {key: file.put(f"{name}.{key}.grad", p.grad) for key, p in model.named_parameters()},
        "curves": [
            {"optimizer": key.split(",")[0], "args": OPTIMIZERS[key][1], "losses": ten_losses(model, x, target, OPTIMIZERS[key][0])}
            for key in optimizers
        ],
    }


def write(stem):
    file = GoldenFile()
    cases = [describe(file, "digitsCNN", DigitsCNN(), {"image": 12, "channels": [1, 4, 8], "hidden": 16, "classes": 10},
                      torch.rand(6, 1, 12, 12), torch.randint(0, 10, (6,)), ["AdamW", "SGD"])]
    size = {"vocab": 11, "block": 8, "layers": 2, "heads": 2, "width": 16}
    for name, tied in (("gpt", False), ("gptTied", True)):
        cases.append(describe(file, name, GPT(**size, tied=tied), {**size, "tied": tied},
                              torch.randint(0, 11, (3, 8)), torch.randint(0, 11, (3, 8)), ["AdamW"]))
    file.write(stem, {"cases": cases})
