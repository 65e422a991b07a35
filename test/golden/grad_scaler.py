#!/usr/bin/env python3
"""Makes test/golden/grad_scaler.json: what torch.amp.GradScaler's scale and counter do over 60 steps.

    python3 test/golden/grad_scaler.py        (needs torch 2.13; the result is in the repository)

A step's gradient is finite, infinite or NaN by a fixed pattern. After each step: scale, counter, and whether AdamW stepped.
"""
import json
import math
from pathlib import Path

import torch

CASES = [
    dict(init_scale=65536.0, growth_factor=2.0, backoff_factor=0.5, growth_interval=3),
    dict(init_scale=3.0, growth_factor=1.7, backoff_factor=0.3, growth_interval=2),
    # Grows to the largest power of two that f32 holds, and no further.
    dict(init_scale=2.0**125, growth_factor=2.0, backoff_factor=0.5, growth_interval=4),
]
# What is multiplied into the gradient of step t.
PATTERN = [math.inf if t % 11 in (0, 4) else math.nan if t % 17 == 5 else 1.0 for t in range(60)]


def run(options):
    p = torch.ones(3, requires_grad=True)
    optimizer = torch.optim.AdamW([p], lr=1e-3)
    scaler = torch.amp.GradScaler("cpu", **options)
    steps = []
    for factor in PATTERN:
        # The loss is small enough that the largest scale does not overflow.
        scaler.scale((p * 1e-3).sum()).backward()
        p.grad[1] *= factor
        before = p.detach().clone()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        state = scaler.state_dict()
        steps.append([state["scale"], state["_growth_tracker"], int(not torch.equal(before, p))])
    return dict(options=options, steps=steps)


pattern = ["finite" if x == 1 else "infinite" if math.isinf(x) else "nan" for x in PATTERN]
result = dict(pattern=pattern, cases=[run(options) for options in CASES])
Path(__file__).with_suffix(".json").write_text(json.dumps(result) + "\n")
