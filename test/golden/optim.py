#!/usr/bin/env python3
"""Makes test/golden/optim.json: 100-step trajectories of every optimizer in float64.

    python3 test/golden/optim.py        (needs torch 2.13; the result is in the repository)

The optimizers that torch.optim has are torch's own; the others are short float64 implementations of their papers' algorithms,
below. The problem, which test/optim/trajectories.test.ts states again: a network 3 -> 4 (tanh) -> 3 by mean squared error, whose
batch of 4 of 16 rows changes from step to step and has features that are zero in it, so that some gradients are zeros now and
then; and a quadratic of five unknowns whose curvatures go from 0.01 to 100, of gradients that are not aligned with them.
"""
import json
import math
from pathlib import Path

import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
POINTS = (1, 2, 5, 10, 20, 50, 100)
SHAPES = ((4, 3), (4,), (3, 4), (3,), (5,))


def start():
    """Numbers that any language makes to the bit or nearly so: sines."""
    params, k = [], 0
    for shape in SHAPES:
        n = math.prod(shape)
        params.append(torch.tensor([0.8 * math.sin(1 + 1.7 * (k + i)) for i in range(n)]).reshape(shape))
        k += n
    return params


def data():
    rows = [[0 if (r + f) % 3 == 0 else math.sin(2 + 3 * r + 5 * f) for f in range(3)] for r in range(16)]
    targets = [[math.cos(1 + 2 * r + 3 * f) for f in range(3)] for r in range(16)]
    return torch.tensor(rows), torch.tensor(targets)


X, Y = data()


def loss(params, t):
    """Of step t, from 1; None: of all rows."""
    rows = slice(None) if t is None else [(4 * t + i) % 16 for i in range(4)]
    w1, b1, w2, b2, q = params
    out = torch.tanh(X[rows] @ w1.T + b1) @ w2.T + b2
    mixed = q + 0.3 * q.roll(1)
    scale = torch.tensor([0.01, 0.1, 1.0, 10.0, 100.0])
    return ((out - Y[rows]) ** 2).mean() + 0.5 * (scale * (mixed - 1) ** 2).sum()


class Plain(torch.optim.Optimizer):
    """A rule(p, g, state, t, options) -> p for every tensor."""

    def __init__(self, params, rule, defaults):
        self.rule = rule
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                state["t"] = state.get("t", 0) + 1
                g = -p.grad if group.get("maximize") else p.grad
                p.copy_(self.rule(p.clone(), g, state, state["t"], group))


def lion(p, g, s, t, o):
    """Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2."""
    b1, b2 = o["betas"]
    m = s.get("m", torch.zeros_like(p))
    c = b1 * m + (1 - b1) * g
    s["m"] = b2 * m + (1 - b2) * g
    return p - o["lr"] * (c.sign() + o["weight_decay"] * p)


def adam_direction(g, s, t, o):
    b1, b2 = o["betas"]
    s["m"] = b1 * s.get("m", torch.zeros_like(g)) + (1 - b1) * g
    s["v"] = b2 * s.get("v", torch.zeros_like(g)) + (1 - b2) * g * g
    return (s["m"] / (1 - b1**t)) / ((s["v"] / (1 - b2**t)).sqrt() + o["eps"])


def lamb(p, g, s, t, o):
    """You et al., "Large batch optimization for deep learning", 2020, algorithm 2."""
    u = adam_direction(g, s, t, o) + o["weight_decay"] * p
    ratio = p.norm() / u.norm() if p.norm() > 0 and u.norm() > 0 else 1
    return p - o["lr"] * ratio * u


def lars(p, g, s, t, o):
    """You, Gitman and Ginsburg, "Large batch training of convolutional networks", 2017, algorithm 1."""
    ratio = 1
    if p.norm() > 0 and g.norm() > 0:
        ratio = o["trust_coefficient"] * p.norm() / (g.norm() + o["weight_decay"] * p.norm() + o["eps"])
    step = o["lr"] * ratio * (g + o["weight_decay"] * p)
    s["v"] = o["momentum"] * s.get("v", torch.zeros_like(p)) + step
    return p - (step + o["momentum"] * s["v"] if o["nesterov"] else s["v"])


def soap(p, g, s, t, o):
    """Vyas et al., "SOAP: improving and stabilizing Shampoo using Adam", 2024, algorithms 3 and 4, with Adam's bias correction
    and, as the authors' code, a first step that only makes the bases; vectors take AdamW's steps."""
    b1, b2 = o["betas"]
    if p.ndim < 2:
        s["t1"] = s.get("t1", 0) + 1
        return p * (1 - o["lr"] * o["weight_decay"]) - o["lr"] * adam_direction(g, s, s["t1"], o)
    if "L" not in s:
        s["L"], s["R"] = (1 - b2) * g @ g.T, (1 - b2) * g.T @ g
        s["QL"], s["QR"] = (torch.linalg.eigh(x)[1].flip(1) for x in (s["L"], s["R"]))
        s["m"], s["v"] = torch.zeros_like(p), torch.zeros_like(p)
        return p
    k = t - 1
    rotated = s["QL"].T @ g @ s["QR"]
    s["m"] = b1 * s["m"] + (1 - b1) * g
    s["v"] = b2 * s["v"] + (1 - b2) * rotated**2
    u = (s["QL"].T @ s["m"] @ s["QR"]) / (1 - b1**k) / ((s["v"] / (1 - b2**k)).sqrt() + o["eps"])
    u = s["QL"] @ u @ s["QR"].T
    s["L"] = b2 * s["L"] + (1 - b2) * g @ g.T
    s["R"] = b2 * s["R"] + (1 - b2) * g.T @ g
    if k % o["precondition_frequency"] == 0:
        s["QL"] = torch.linalg.qr(s["L"] @ s["QL"])[0]
        s["QR"] = torch.linalg.qr(s["R"] @ s["QR"])[0]
    return p * (1 - o["lr"] * o["weight_decay"]) - o["lr"] * u


def code_values(signed):
    """Dettmers et al., "8-bit optimizers via block-wise quantization", 2022: the dynamic tree's values."""
    values = [0.0, 1.0]
    for k in range(7):
        n = 2**k if signed else 2 ** (k + 1)
        for j in range(n):
            v = 10.0 ** (k - 6) * (0.1 + 0.9 * (j + 0.5) / n)
            values += [v, -v] if signed else [v]
    return torch.tensor(values)


CODES = {True: code_values(True), False: code_values(False)}


def coded(x, signed):
    """x through 8 bits; no tensor here has more than one block of 256."""
    scale = x.abs().max()
    if scale == 0:
        return x
    nearest = ((x / scale).flatten()[:, None] - CODES[signed]).abs().argmin(1)
    return (CODES[signed][nearest] * scale).reshape(x.shape)


def adam8bit(p, g, s, t, o):
    decay = o["weight_decay"]
    u = adam_direction(g, s, t, o)
    s["m"], s["v"] = coded(s["m"], True), coded(s["v"], False)
    return p * (1 - o["lr"] * decay) - o["lr"] * u


def plain(rule, **defaults):
    return lambda params, **options: Plain(params, rule, {**defaults, **options})


ADAM = dict(betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
OWN = {
    "Lion": plain(lion, betas=(0.9, 0.99), weight_decay=0.0),
    "Lamb": plain(lamb, **{**ADAM, "eps": 1e-6, "weight_decay": 0.01}),
    "Lars": plain(lars, momentum=0.9, weight_decay=0.0, trust_coefficient=1e-3, eps=1e-8, nesterov=False),
    "SOAP": plain(soap, betas=(0.95, 0.95), eps=1e-8, weight_decay=0.01, precondition_frequency=10),
    "AdamW8bit": plain(adam8bit, **{**ADAM, "weight_decay": 0.01}),
}

CASES = [
    ("SGD", dict(lr=0.005)),
    ("SGD", dict(lr=0.002, momentum=0.9, dampening=0.1, weight_decay=0.01)),
    ("SGD", dict(lr=0.002, momentum=0.8, nesterov=True)),
    ("SGD", dict(lr=0.0005, momentum=0.5, maximize=True)),
    ("Adam", dict(lr=0.01)),
    ("Adam", dict(lr=0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1)),
    ("Adam", dict(lr=0.02, betas=(0.8, 0.9), amsgrad=True)),
    ("AdamW", dict(lr=0.01)),
    ("AdamW", dict(lr=0.02, betas=(0.8, 0.95), weight_decay=0.1, amsgrad=True)),
    ("AdamW", dict(lr=0.005, maximize=True)),
    ("NAdam", dict(lr=0.01)),
    ("NAdam", dict(lr=0.02, betas=(0.8, 0.95), weight_decay=0.1, momentum_decay=0.1)),
    ("NAdam", dict(lr=0.02, weight_decay=0.1, decoupled_weight_decay=True, eps=1e-4)),
    ("NAdam", dict(lr=0.005, maximize=True)),
    ("RAdam", dict(lr=0.01)),
    ("RAdam", dict(lr=0.02, betas=(0.8, 0.95), weight_decay=0.1, eps=1e-4)),
    ("RAdam", dict(lr=0.02, betas=(0.9, 0.99), weight_decay=0.1, decoupled_weight_decay=True)),
    ("RAdam", dict(lr=0.005, maximize=True)),
    ("Adagrad", dict(lr=0.1)),
    ("Adagrad", dict(lr=0.1, lr_decay=0.05, weight_decay=0.05, initial_accumulator_value=0.5, eps=1e-3)),
    ("Adadelta", dict()),
    ("Adadelta", dict(lr=2.0, rho=0.95, eps=1e-4, weight_decay=0.05)),
    ("Adadelta", dict(lr=0.5, maximize=True)),
    ("RMSprop", dict(lr=0.005)),
    ("RMSprop", dict(lr=0.005, alpha=0.9, eps=1e-3, weight_decay=0.05, momentum=0.8, centered=True)),
    ("Adamax", dict()),
    ("Adamax", dict(lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)),
    ("Adamax", dict(lr=0.005, maximize=True)),
    ("Adafactor", dict(lr=0.05)),
    ("Adafactor", dict(lr=0.05, beta2_decay=-0.6, eps=(1e-4, 1e-2), d=1.5, weight_decay=0.1)),
    ("Muon", dict(lr=0.02)),
    ("Muon", dict(lr=0.02, momentum=0.8, nesterov=False, weight_decay=0.0, adjust_lr_fn="match_rms_adamw")),
    ("Lion", dict(lr=0.003)),
    ("Lion", dict(lr=0.005, betas=(0.8, 0.95), weight_decay=0.2)),
    ("Lamb", dict(lr=0.01)),
    ("Lamb", dict(lr=0.01, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.2)),
    ("Lars", dict(lr=10.0)),
    ("Lars", dict(lr=1.0, momentum=0.8, weight_decay=0.05, trust_coefficient=0.01, eps=1e-3, nesterov=True)),
    ("SOAP", dict(lr=0.01)),
    ("SOAP", dict(lr=0.01, betas=(0.9, 0.99), eps=1e-4, weight_decay=0.1, precondition_frequency=1)),
    ("AdamW8bit", dict(lr=0.01, min8bit_size=0)),
]
# Steps of up to max_iter iterations each on the loss of all rows.
LBFGS = [
    (dict(lr=0.01, max_iter=4), (1, 2, 5)),
    (dict(max_iter=5, history_size=4, line_search_fn="strong_wolfe"), (1, 2, 5)),
    (dict(lr=0.5, max_iter=20, history_size=10, line_search_fn="strong_wolfe"), (1, 2)),
]


def camel(name):
    """`min8bit_size` is for the engine alone: the implementation here codes tensors of any size."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def flat(params):
    return [v for p in params for v in p.detach().flatten().tolist()]


def run(name, options):
    params = [p.requires_grad_() for p in start()]
    trained = [p for p in params if p.ndim == 2] if name == "Muon" else params
    make = OWN[name] if name in OWN else getattr(torch.optim, name)
    optimizer = make(trained, **options)
    values = {}
    for t in range(1, max(POINTS) + 1):
        optimizer.zero_grad()
        loss(params, t).backward()
        optimizer.step()
        if t in POINTS:
            values[t] = flat(params)
    return {"optimizer": name, "options": {camel(k): v for k, v in options.items()}, "values": values}


def run_lbfgs(options, points):
    params = [p.requires_grad_() for p in start()]
    optimizer = torch.optim.LBFGS(params, **options)
    values, losses = {}, []

    def closure():
        optimizer.zero_grad()
        value = loss(params, None)
        value.backward()
        return value

    for t in range(1, max(points) + 1):
        losses.append(optimizer.step(closure).item())
        if t in points:
            values[t] = flat(params)
    evaluations = optimizer.state_dict()["state"][0]["func_evals"]
    names = {camel(k): v for k, v in options.items()}
    return {"options": names, "values": values, "losses": losses, "evaluations": evaluations}


if __name__ == "__main__":
    golden = {
        "torch": torch.__version__,
        "trajectories": [run(*case) for case in CASES],
        "lbfgs": [run_lbfgs(*case) for case in LBFGS],
    }
    lines = ["{", f'"torch": {json.dumps(golden["torch"])},']
    for key in ("trajectories", "lbfgs"):
        cases = ",\n".join(json.dumps(case, separators=(",", ":")) for case in golden[key])
        lines.append(f'"{key}": [\n{cases}\n]' + ("," if key == "trajectories" else ""))
    Path(__file__).with_suffix(".json").write_text("\n".join([*lines, "}"]) + "\n")
