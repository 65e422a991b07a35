"""torch.nn.utils.parametrizations. A case's config is the layer and its arguments, the parametrization and its options. Householder's maps
are missing: the harness moves every parameter, and PyTorch rounds their signs towards 0."""

import torch
from torch import nn
from torch.nn.utils import parametrizations

from parity import Case


def case(name, kind, layer, args, shape, options=None, field="weight", call=None, **torch_options):
    module = getattr(nn, layer)(*args)
    getattr(parametrizations, kind)(module, field, **torch_options)
    ours = {"layer": layer, "args": list(args), "kind": kind, "options": options or {}, "field": field}
    return Case(name, module, {"x": torch.randn(shape)}, ours, call=call, source=f"torch.nn.utils.parametrizations.{kind}")


CASES = [
    case("weightNorm", "weight_norm", "Linear", (5, 3), (4, 5)),
    case("weightNormOfConvolution", "weight_norm", "Conv2d", (2, 3, 2), (2, 2, 3, 4)),
    case("weightNormAxis", "weight_norm", "Conv1d", (2, 3, 2), (2, 2, 4), {"axis": 1}, dim=1),
    case("weightNormOfAll", "weight_norm", "Linear", (4, 3), (3, 4), {"axis": None}, dim=None),
    case(
        "weightNormOfRecurrence", "weight_norm", "LSTM", (3, 2), (3, 2, 3), field="weight_hh_l0",
        call=lambda module, inputs: module(inputs["x"])[0],
    ),
    case("spectralNorm", "spectral_norm", "Linear", (5, 3), (4, 5)),
    case("spectralNormOfConvolution", "spectral_norm", "Conv2d", (2, 3, 2), (2, 2, 3, 4), {"iterations": 3, "eps": 1e-6}, n_power_iterations=3, eps=1e-6),
    case("spectralNormOfTransposed", "spectral_norm", "ConvTranspose1d", (2, 3, 2), (2, 2, 4)),
    case("spectralNormOfVector", "spectral_norm", "Linear", (5, 3), (4, 5), field="bias"),
    case("orthogonalMatrixExp", "orthogonal", "Linear", (4, 4), (3, 4)),
    case("orthogonalCayley", "orthogonal", "Linear", (3, 5), (2, 3), {"map": "cayley"}, orthogonal_map="cayley"),
    case(
        "orthogonalPlain", "orthogonal", "Linear", (5, 3), (2, 5), {"map": "matrixExp", "useTrivialization": False},
        orthogonal_map="matrix_exp", use_trivialization=False,
    ),
]
