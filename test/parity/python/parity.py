"""What a parity case is, and how PyTorch's side of it is recorded.

Place in the whole: the families beside it list their cases, make_parity.py writes them, test/parity/harness.ts reads them. All is
computed in f64 from numbers that f32 represents, so that the stored results are correct to the last place of f32.
"""

import sys
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).parents[2] / "golden"))
from golden_file import GoldenFile  # noqa: E402

ADAMW = {"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-3, "weightDecay": 0.01}
STEPS = 10


class Case:
    """module: a torch module with dropout 0; inputs: tensors by name; call(module, inputs) gives a tensor or several, by default
    module(*inputs); config: what our side builds the same module from; source: what the module is, for the table;
    train: the mode of gradients and curve; curve=False: no loss curve (modules without parameters have none);
    target: a number for outputs to be compared with in the loss instead of random ones, as scalars need: one that happens to be near makes
    every gradient a small difference of large numbers."""

    def __init__(self, name, module, inputs, config=None, call=None, train=True, source=None, curve=True, target=None):
        self.name, self.module, self.inputs = name, module, inputs
        self.config, self.train, self.curve, self.target = config or {}, train, curve, target
        self.call = call or (lambda module, inputs: module(*inputs.values()))
        package = type(module).__module__.split(".modules.")[0]
        self.source = source or f"{package}.{type(module).__qualname__}"


def rounded(tensor):
    return tensor.float().double() if tensor.is_floating_point() else tensor


def randomize(module):
    """Moves every parameter and the running statistics off values that hide mistakes, such as 0 and 1."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        for name, buffer in module.named_buffers():
            if name.endswith("running_var"):
                buffer.uniform_(0.5, 1.5)
            elif name.endswith("running_mean"):
                buffer.normal_(0, 0.1)
        for tensor in [*module.parameters(), *module.buffers()]:
            if tensor.is_floating_point():
                tensor.copy_(tensor.float())


def several(result):
    return [result] if isinstance(result, torch.Tensor) else list(result)


def loss_of(outputs, targets):
    return sum(0.5 * (output - target).square().mean() for output, target in zip(outputs, targets))


def curve_of(case, inputs, targets):
    optimizer = torch.optim.AdamW(
        case.module.parameters(), lr=ADAMW["lr"], betas=ADAMW["betas"], eps=ADAMW["eps"], weight_decay=ADAMW["weightDecay"]
    )
    losses = []
    for _ in range(STEPS):
        loss = loss_of(several(case.call(case.module, inputs)), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def record(file, case):
    name, module = case.name, case.module
    module.float()
    randomize(module)
    module.double()
    state = {key: value.clone() for key, value in module.state_dict().items()}
    for key, value in state.items():
        file.put(f"{name}/state/{key}", value)
    inputs = {key: rounded(value) for key, value in case.inputs.items()}
    for key, value in inputs.items():
        file.put(f"{name}/input/{key}", value)

    with torch.no_grad():
        module.eval()
        evaluated = several(case.call(module, inputs))
    module.train(case.train)
    leaves = {key: value.clone().requires_grad_() for key, value in inputs.items() if value.is_floating_point()}
    outputs = several(case.call(module, {**inputs, **leaves}))
    targets = [rounded(torch.randn(output.shape)) for output in outputs]
    if case.target is not None:
        targets = [torch.full_like(target, case.target) for target in targets]
    loss = loss_of(outputs, targets)
    if loss.requires_grad:
        loss.backward()
    for k, (output, target, value) in enumerate(zip(outputs, targets, evaluated)):
        file.put(f"{name}/output/{k}", output)
        file.put(f"{name}/eval/{k}", value)
        file.put(f"{name}/target/{k}", target)
    grads = {key: p.grad for key, p in module.named_parameters() if p.grad is not None}
    for key, value in grads.items():
        file.put(f"{name}/grad/{key}", value)
    moved = {key: leaf.grad for key, leaf in leaves.items() if leaf.grad is not None}
    for key, value in moved.items():
        file.put(f"{name}/inputGrad/{key}", value)

    module.load_state_dict(state)
    module.zero_grad()
    trains = case.curve and any(p.requires_grad for p in module.parameters())
    return {
        "name": name,
        "source": case.source,
        "config": case.config,
        "train": case.train,
        "parameters": sum(p.numel() for p in module.parameters()),
        "state": list(state),
        "inputs": list(inputs),
        "outputs": len(outputs),
        "loss": loss.item(),
        "grads": list(grads),
        "inputGrads": list(moved),
        "adamw": ADAMW,
        "losses": curve_of(case, inputs, targets) if trains else [],
    }


def write(stem, cases):
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), f"two cases have one name: {sorted(names)}"
    file = GoldenFile()
    file.write(stem, {"cases": [record(file, case) for case in cases]})
