"""Golden recurrent networks: LSTM, GRU and RNN layers in all their forms. A case of recurrent.json is
  {name, module, args, lengths, enforceSorted, parameters, inputs, state, gradOutputs, outputs, grads}
  module, args   torch.nn's class and its keyword arguments
  lengths        null, or the lengths by which the input is packed first
  state          h0, and c0 of an LSTM; empty: none is given
  outputs        y (padded where it was packed), hn, and cn of an LSTM; gradOutputs: what their gradients are
  grads          parameter name, "input", "h0" or "c0" -> tensor name
Weights and inputs are f32; the arithmetic is f64.
"""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from golden_file import GoldenFile

STEPS, BATCH, INPUTS, HIDDEN = 5, 3, 4, 6

CASES = [
    ("lstm", "LSTM", {}, None, True, True),
    ("lstmStacked", "LSTM", {"num_layers": 2, "bidirectional": True}, None, True, True),
    ("lstmProjected", "LSTM", {"num_layers": 2, "proj_size": 3, "bidirectional": True}, None, True, True),
    ("lstmBatchFirst", "LSTM", {"batch_first": True, "bias": False}, None, True, False),
    ("lstmPacked", "LSTM", {"num_layers": 2, "bidirectional": True}, [5, 3, 1], True, True),
    ("lstmUnsorted", "LSTM", {"bidirectional": True, "batch_first": True, "proj_size": 5}, [2, 5, 4], False, True),
    ("gru", "GRU", {}, None, True, False),
    ("gruStacked", "GRU", {"num_layers": 2, "bidirectional": True}, None, True, True),
    ("gruPacked", "GRU", {"bidirectional": True, "batch_first": True}, [1, 5, 5], False, True),
    ("gruNoBias", "GRU", {"bias": False}, None, True, True),
    ("rnnTanh", "RNN", {"num_layers": 2}, None, True, True),
    ("rnnRelu", "RNN", {"nonlinearity": "relu", "bidirectional": True, "batch_first": True}, None, True, True),
    ("rnnPacked", "RNN", {"bidirectional": True}, [4, 4, 2], True, False),
]


def describe(file, name, module, args, lengths, enforce_sorted, with_state):
    net = getattr(nn, module)(INPUTS, HIDDEN, **args)
    parameters = {key: file.put(f"{name}.{key}", p) for key, p in net.named_parameters()}
    batch_first = args.get("batch_first", False)
    x = torch.randn(*((BATCH, STEPS) if batch_first else (STEPS, BATCH)), INPUTS)
    sides = args.get("num_layers", 1) * (2 if args.get("bidirectional") else 1)
    sizes = [args.get("proj_size") or HIDDEN] + ([HIDDEN] if module == "LSTM" else [])
    state = [torch.randn(sides, BATCH, size) for size in sizes] if with_state else []
    net.double()
    leaves = [t.double().requires_grad_() for t in [x, *state]]
    given = leaves[0] if lengths is None else pack_padded_sequence(leaves[0], lengths, batch_first, enforce_sorted)
    h = None if not state else tuple(leaves[1:]) if module == "LSTM" else leaves[1]
    y, h = net(given, h)
    if lengths is not None:
        y = pad_packed_sequence(y, batch_first)[0]
    outputs = [y, *(h if module == "LSTM" else [h])]
    weights = [torch.randn(t.shape) for t in outputs]
    torch.autograd.backward(outputs, [w.double() for w in weights])
    names = ["input", "h0", "c0"]
    grads = {key: file.put(f"{name}.{key}.grad", p.grad) for key, p in net.named_parameters()}
    grads |= {key: file.put(f"{name}.{key}.grad", t.grad) for key, t in zip(names, leaves)}
    return {
        "name": name,
        "module": module,
        "args": args,
        "lengths": lengths,
        "enforceSorted": enforce_sorted,
        "parameters": parameters,
        "inputs": [file.put(f"{name}.input", x)],
        "state": [file.put(f"{name}.{key}", t) for key, t in zip(names[1:], state)],
        "gradOutputs": [file.put(f"{name}.weight{i}", w) for i, w in enumerate(weights)],
        "outputs": [file.put(f"{name}.output{i}", t) for i, t in enumerate(outputs)],
        "grads": grads,
    }


def write(stem):
    file = GoldenFile()
    file.write(stem, {"cases": [describe(file, *case) for case in CASES]})
