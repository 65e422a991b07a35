"""Public names of torch.nn, its initialisers and its parametrizations: test/golden/torch-nn-names.json, from which scripts/layers-doc.mjs
makes docs/layers.md."""

import inspect
import json
import pathlib

import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

# Aliases of what is listed, and placeholders of lazy modules' insides.
LEFT_OUT = {"UninitializedBuffer", "UninitializedParameter", "LinearCrossEntropyOptions"}

names = {
    "torch.nn": [n for n in dir(nn) if inspect.isclass(getattr(nn, n)) and n not in LEFT_OUT],
    "torch.nn.init": [n for n in dir(nn.init) if n.endswith("_") and not n.startswith("_")] + ["calculate_gain"],
    "torch.nn.utils.parametrizations": list(parametrizations.__all__),
    "torch.nn.utils.parametrize": [
        n for n in dir(parametrize) if not n.startswith("_") and getattr(getattr(parametrize, n), "__module__", "") == parametrize.__name__
    ],
}

target = pathlib.Path(__file__).parent / "torch-nn-names.json"
target.write_text(json.dumps({"version": torch.__version__.split("+")[0], "names": names}, indent=1) + "\n")
