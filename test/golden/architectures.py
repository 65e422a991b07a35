"""Golden architectures: ResNet with basic blocks and with grouped bottlenecks, GPT-2 and BERT, tiny. A case has the form of models.json's.
Names and layouts are those of torchvision's and Hugging Face's checkpoints, so that the tests show that these load.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from golden_file import GoldenFile
from models import describe


def shortcut(inputs, outputs, stride):
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))


class Basic(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = shortcut(inputs, outputs, stride)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    def __init__(self, inputs, outputs, stride, width, groups):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = shortcut(inputs, outputs, stride)

    def forward(self, x):
        y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.bn3(self.conv3(y)) + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, block, channels, images, classes, stem, groups=1, width=64):
        super().__init__()
        imagenet = stem == "imagenet"
        self.conv1 = nn.Conv2d(images, channels, *((7, 2, 3) if imagenet else (3, 1, 1)), bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.maxpool = nn.MaxPool2d(3, 2, 1) if imagenet else nn.Identity()
        inputs = channels
        for i in range(4):
            base, stride = channels << i, 2 if i else 1
            if block == "basic":
                outputs, layer = base, Basic(inputs, base, stride)
            else:
                outputs = 4 * base
                layer = Bottleneck(inputs, outputs, stride, base * width // 64 * groups, groups)
            setattr(self, f"layer{i + 1}", nn.Sequential(layer))
            inputs = outputs
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class Conv1D(nn.Module):
    """Hugging Face's layer: y = x W + b."""

    def __init__(self, outputs, inputs):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(inputs, outputs)), nn.Parameter(torch.empty(outputs))

    def forward(self, x):
        return x @ self.weight + self.bias


class GPT2Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.c_attn, self.c_proj = heads, Conv1D(3 * width, width), Conv1D(width, width)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = (part.view(b, t, self.heads, c // self.heads).transpose(1, 2) for part in self.c_attn(x).split(c, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(b, t, c))


class GPT2MLP(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_fc, self.c_proj = Conv1D(4 * width, width), Conv1D(width, 4 * width)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class GPT2Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(width), GPT2Attention(width, heads)
        self.ln_2, self.mlp = nn.LayerNorm(width), GPT2MLP(width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT2(nn.Module):
    """Hugging Face's GPT2Model, whose files have no prefix and no output layer: the head is the token embedding."""

    def __init__(self, vocab, positions, width, layers, heads):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocab, width), nn.Embedding(positions, width)
        self.h = nn.ModuleList([GPT2Block(width, heads) for _ in range(layers)])
        self.ln_f = nn.LayerNorm(width)

    def forward(self, tokens):
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        for block in self.h:
            x = block(x)
        return F.linear(self.ln_f(x), self.wte.weight)


def tree(**modules):
    """A module of modules that have no forward of their own."""
    node = nn.Module()
    for name, module in modules.items():
        node.add_module(name, module)
    return node


class Bert(nn.Module):
    """BertModel: features, and the pooled first position added to each, so that one output shows both."""

    def __init__(self, vocab, positions, width, layers, heads, hidden):
        super().__init__()
        self.heads, eps = heads, 1e-12
        self.embeddings = tree(
            word_embeddings=nn.Embedding(vocab, width, padding_idx=0),
            position_embeddings=nn.Embedding(positions, width),
            token_type_embeddings=nn.Embedding(2, width), LayerNorm=nn.LayerNorm(width, eps))
        self.encoder = tree(layer=nn.ModuleList([tree(
            attention=tree(
                self=tree(query=nn.Linear(width, width), key=nn.Linear(width, width), value=nn.Linear(width, width)),
                output=tree(dense=nn.Linear(width, width), LayerNorm=nn.LayerNorm(width, eps))),
            intermediate=tree(dense=nn.Linear(width, hidden)),
            output=tree(dense=nn.Linear(hidden, width), LayerNorm=nn.LayerNorm(width, eps)),
        ) for _ in range(layers)]))
        self.pooler = tree(dense=nn.Linear(width, width))

    def forward(self, inputs):
        tokens, types, mask = inputs.unbind(0)
        e = self.embeddings
        x = e.word_embeddings(tokens) + e.token_type_embeddings(types) + e.position_embeddings.weight[: tokens.shape[1]]
        x = e.LayerNorm(x)
        b, t, c = x.shape
        for layer in self.encoder.layer:
            a = getattr(layer.attention, "self")
            q, k, v = (p(x).view(b, t, self.heads, c // self.heads).transpose(1, 2) for p in (a.query, a.key, a.value))
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=(mask != 0)[:, None, None, :])
            y = y.transpose(1, 2).reshape(b, t, c)
            x = layer.attention.output.LayerNorm(layer.attention.output.dense(y) + x)
            x = layer.output.LayerNorm(layer.output.dense(F.gelu(layer.intermediate.dense(x))) + x)
        return x + torch.tanh(self.pooler.dense(x[:, 0]))[:, None]


def randomize(model):
    """Weights of the size that initializations give; biases and norms away from 0 and 1, so that none can hide."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "embeddings" in name or "wte" in name or "wpe" in name:
                p.copy_(0.3 * torch.randn(p.shape))
            elif p.dim() >= 2:
                p.copy_(torch.randn(p.shape) / math.sqrt(p.numel() / max(p.shape[:2])))
            elif name.endswith("weight"):
                p.copy_(1 + 0.1 * torch.randn(p.shape))
            else:
                p.copy_(0.1 * torch.randn(p.shape))


def write(stem):
    file = GoldenFile()
    # Norms of the last stage see 24 numbers a channel: of fewer, rounding shows.
    images, labels = torch.randn(6, 1, 48, 48), torch.randint(0, 5, (6,))
    tokens, targets = torch.randint(0, 13, (2, 6)), torch.randint(0, 8, (2, 6))
    basic = {"block": "basic", "channels": 2, "images": 1, "classes": 5, "stem": "cifar"}
    grouped = {"block": "bottleneck", "channels": 2, "images": 1, "classes": 5, "stem": "imagenet", "groups": 2, "width": 32}
    gpt2 = {"vocab": 13, "positions": 8, "width": 8, "layers": 2, "heads": 2}
    bert = {"vocab": 13, "positions": 8, "width": 8, "layers": 2, "heads": 2, "hidden": 12}
    mask = torch.ones(2, 6, dtype=torch.int64)
    mask[1, 4:] = 0
    joined = torch.stack([tokens, torch.randint(0, 2, (2, 6)), mask])
    cases = [
        describe(file, "resnetBasic", ResNet(**basic), basic, images[:, :, :16, :16], labels, ["SGD, slow"], randomize),
        describe(file, "resnetGrouped", ResNet(**grouped), grouped, images, labels, ["SGD, slow"], randomize),
        describe(file, "gpt2", GPT2(**gpt2), gpt2, tokens, targets, ["AdamW"], randomize),
        describe(file, "bert", Bert(**bert), bert, joined, targets, ["AdamW"], randomize),
    ]
    file.write(stem, {"cases": cases})
