#!/usr/bin/env python3
"""Makes test/golden/schedulers.json: learning rates of torch.optim.lr_scheduler over 200 steps.

    python3 test/golden/schedulers.py        (needs torch 2.13; the result is in the repository)

Two groups with rates 0.1 and 0.02; a case has the first group's rate (and momentum, where it moves) before step 0, 1, ... 199, and
the second group's rate at the end. Schedules that torch has not are formulas given to its LambdaLR, with their papers named.
"""
import json
import math
import warnings
from pathlib import Path

import torch
from torch.optim import lr_scheduler as S
from torch.optim.swa_utils import SWALR

STEPS = 200
warnings.simplefilter("ignore")


def warm_up(steps, then):
    return lambda t: (t + 1) / steps if t < steps else then(t - steps)


def wsd(total, decay, warmup, least, shape):
    """Hu et al., "MiniCPM", 2024, equation 1; shapes linear, half cosine and 1 - sqrt of Hägele et al. 2024."""

    def factor(t):
        if t < warmup:
            return (t + 1) / warmup
        x = min(max(t - (total - decay), 0) / decay, 1)
        return least**x if shape is None else least + (1 - least) * shape(x)

    return factor


def restarts(t0, mult, least):
    """Loshchilov and Hutter, "SGDR", 2017, equation 5, as a share of the base rate."""

    def factor(t):
        length = t0
        while t >= length:
            t, length = t - length, length * mult
        return least + (1 - least) * (1 + math.cos(math.pi * t / length)) / 2

    return factor


L = S.LambdaLR
CASES = {
    "StepLR": (lambda o: S.StepLR(o, 30, 0.5), {"stepSize": 30, "gamma": 0.5}),
    "MultiStepLR": (lambda o: S.MultiStepLR(o, [20, 90, 90, 150], 0.3), {"milestones": [20, 90, 90, 150], "gamma": 0.3}),
    "ExponentialLR": (lambda o: S.ExponentialLR(o, 0.98), {"gamma": 0.98}),
    "ConstantLR": (lambda o: S.ConstantLR(o, 0.25, 40), {"factor": 0.25, "totalIters": 40}),
    "ConstantLR ": (lambda o: S.ConstantLR(o), {}),
    "LinearLR": (lambda o: S.LinearLR(o, 0.1, 0.9, 60), {"startFactor": 0.1, "endFactor": 0.9, "totalIters": 60}),
    "LinearLR ": (lambda o: S.LinearLR(o), {}),
    "PolynomialLR": (lambda o: S.PolynomialLR(o, 120, 2.5), {"totalIters": 120, "power": 2.5}),
    "CosineAnnealingLR": (lambda o: S.CosineAnnealingLR(o, 60, 0.005), {"tMax": 60, "etaMin": 0.005}),
    "CosineAnnealingWarmRestarts": (
        lambda o: S.CosineAnnealingWarmRestarts(o, 20, 2, 0.003),
        {"t0": 20, "tMult": 2, "etaMin": 0.003},
    ),
    "CosineAnnealingWarmRestarts ": (lambda o: S.CosineAnnealingWarmRestarts(o, 33), {"t0": 33}),
    "CosineAnnealingWarmRestarts  ": (
        lambda o: L(o, warm_up(15, restarts(20, 3, 0))),
        {"t0": 20, "tMult": 3, "warmupSteps": 15},
    ),
    "CyclicLR": (
        lambda o: S.CyclicLR(o, 0.001, 0.2, 30, 20),
        {"baseLr": 0.001, "maxLr": 0.2, "stepSizeUp": 30, "stepSizeDown": 20},
    ),
    "CyclicLR ": (
        lambda o: S.CyclicLR(o, [0.001, 0.01], [0.2, 0.3], 25, mode="triangular2", base_momentum=0.5, max_momentum=0.8),
        {
            "baseLr": [0.001, 0.01],
            "maxLr": [0.2, 0.3],
            "stepSizeUp": 25,
            "mode": "triangular2",
            "baseMomentum": 0.5,
            "maxMomentum": 0.8,
        },
    ),
    "CyclicLR  ": (
        lambda o: S.CyclicLR(o, 0.01, 0.2, 40, 10, mode="exp_range", gamma=0.99, cycle_momentum=False),
        {"baseLr": 0.01, "maxLr": 0.2, "stepSizeUp": 40, "stepSizeDown": 10, "mode": "exp_range", "gamma": 0.99, "cycleMomentum": False},
    ),
    "OneCycleLR": (lambda o: S.OneCycleLR(o, 0.4, STEPS), {"maxLr": 0.4, "totalSteps": STEPS}),
    "SWALR": (lambda o: SWALR(o, 0.03, 25), {"swaLr": 0.03, "annealEpochs": 25}),
    "SWALR ": (lambda o: SWALR(o, [0.03, 0.3], 40, "linear"), {"swaLr": [0.03, 0.3], "annealEpochs": 40, "annealStrategy": "linear"}),
    "WSD": (lambda o: L(o, wsd(180, 60, 20, 0.1, lambda x: 1 - x)), {"totalSteps": 180, "decaySteps": 60, "warmupSteps": 20, "minFactor": 0.1}),
    "WSD ": (
        lambda o: L(o, wsd(180, 60, 20, 0.05, None)),
        {"totalSteps": 180, "decaySteps": 60, "warmupSteps": 20, "minFactor": 0.05, "decay": "exponential"},
    ),
    "WSD  ": (lambda o: L(o, wsd(150, 50, 0, 0, lambda x: 1 - math.sqrt(x))), {"totalSteps": 150, "decaySteps": 50, "decay": "1-sqrt"}),
    "WSD   ": (
        lambda o: L(o, wsd(190, 90, 10, 0.2, lambda x: (1 + math.cos(math.pi * x)) / 2)),
        {"totalSteps": 190, "decaySteps": 90, "warmupSteps": 10, "minFactor": 0.2, "decay": "cosine"},
    ),
    # Vaswani et al., "Attention is all you need", 2017, equation 3, divided by its highest rate.
    "InverseSqrtLR": (lambda o: L(o, lambda t: 40**0.5 * min((t + 1) ** -0.5, (t + 1) * 40**-1.5)), {"warmupSteps": 40}),
    # The test builds these parts itself.
    "MultiplicativeLR": (lambda o: S.MultiplicativeLR(o, lambda t: 1 - 1 / (t + 20)), None),
    "SequentialLR": (
        lambda o: S.SequentialLR(
            o, [S.LinearLR(o, 0.1, 1, 20), S.CosineAnnealingLR(o, 100), S.ExponentialLR(o, 0.95)], [20, 120]
        ),
        None,
    ),
    "ChainedScheduler": (lambda o: S.ChainedScheduler([S.ConstantLR(o, 0.1, 30), S.ExponentialLR(o, 0.97), S.StepLR(o, 80, 0.5)]), None),
}
METRICS = [1 / (t + 1) + (0.3 if t > 40 else 0) + 0.05 * math.sin(t) for t in range(STEPS)]
PLATEAU = [
    {},
    {"mode": "max", "factor": 0.5, "patience": 3, "threshold": 0.01, "threshold_mode": "abs", "cooldown": 5, "min_lr": 0.001},
    {"factor": 0.3, "patience": 6, "threshold": 0.1, "cooldown": 2, "min_lr": [0.01, 0.002], "eps": 1e-3},
]


def optimizer():
    a, b = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    return torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.02}], lr=0.1, momentum=0.9)


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def table(make, options, name):
    o = optimizer()
    scheduler = make(o)
    rates, momenta = [], []
    for t in range(STEPS):
        if t > 0:
            o.step()
            scheduler.step()
        rates.append(float(o.param_groups[0]["lr"]))
        momenta.append(float(o.param_groups[0]["momentum"]))
    case = {"name": name.strip(), "options": options, "rates": rates, "second": float(o.param_groups[1]["lr"])}
    return {**case, "momenta": momenta} if len(set(momenta)) > 1 else case


def plateau(options):
    o = optimizer()
    scheduler = S.ReduceLROnPlateau(o, **options)
    rates = []
    for metric in METRICS:
        scheduler.step(metric)
        rates.append([group["lr"] for group in o.param_groups])
    # Only where they change.
    changes = {t: r for t, r in enumerate(rates) if t == 0 or r != rates[t - 1]}
    return {"options": {camel(k): v for k, v in options.items()}, "changes": changes}


if __name__ == "__main__":
    golden = {
        "tables": [table(make, options, name) for name, (make, options) in CASES.items()],
        "plateau": [plateau(options) for options in PLATEAU],
        "metrics": METRICS,
    }
    tables = ",\n".join(json.dumps(case, separators=(",", ":")) for case in golden["tables"])
    rest = ",\n".join(f'"{key}": {json.dumps(golden[key], separators=(",", ":"))}' for key in ("plateau", "metrics"))
    Path(__file__).with_suffix(".json").write_text(f'{{\n"tables": [\n{tables}\n],\n{rest}\n}}\n')
