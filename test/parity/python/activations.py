"""torch.nn's activations and softmaxes. Inputs reach beyond every bound and threshold."""

import torch
from torch import nn

from parity import Case


def case(name, module, config=None, scale=3.0, shape=(4, 6), train=True):
    return Case(name, module, {"x": scale * torch.randn(shape)}, config, train=train)


CASES = [
    case("relu", nn.ReLU()),
    case("relu6", nn.ReLU6(), scale=6.0),
    case("leakyRelu", nn.LeakyReLU(0.2), {"slope": 0.2}),
    case("prelu", nn.PReLU()),
    case("preluOfChannels", nn.PReLU(3), {"channels": 3}, shape=(2, 3, 2, 2)),
    # Its slopes are drawn while it trains.
    case("rrelu", nn.RReLU(0.1, 0.4), {"lower": 0.1, "upper": 0.4}, train=False),
    case("elu", nn.ELU(0.7), {"alpha": 0.7}),
    case("selu", nn.SELU()),
    case("celu", nn.CELU(1.3), {"alpha": 1.3}),
    case("gelu", nn.GELU()),
    case("geluTanh", nn.GELU(approximate="tanh"), {"approximate": "tanh"}),
    case("glu", nn.GLU(), {"axis": -1}),
    case("gluOfChannels", nn.GLU(1), {"axis": 1}, shape=(2, 4, 3)),
    case("silu", nn.SiLU()),
    case("mish", nn.Mish()),
    case("hardtanh", nn.Hardtanh(-1.5, 2.5), {"min": -1.5, "max": 2.5}),
    case("hardsigmoid", nn.Hardsigmoid()),
    case("hardswish", nn.Hardswish()),
    case("hardshrink", nn.Hardshrink(0.8), {"lambda": 0.8}),
    case("softshrink", nn.Softshrink(0.8), {"lambda": 0.8}),
    case("tanhshrink", nn.Tanhshrink()),
    case("softplus", nn.Softplus(2.0, 5.0), {"beta": 2.0, "threshold": 5.0}),
    case("softsign", nn.Softsign()),
    case("tanh", nn.Tanh()),
    case("sigmoid", nn.Sigmoid()),
    case("logSigmoid", nn.LogSigmoid()),
    case("threshold", nn.Threshold(0.5, -2.0), {"threshold": 0.5, "value": -2.0}),
    case("softmax", nn.Softmax(1), {"axis": 1}, shape=(2, 3, 4)),
    case("softmax2d", nn.Softmax2d(), shape=(2, 3, 2, 2)),
    case("softmin", nn.Softmin(-1), {"axis": -1}),
    case("logSoftmax", nn.LogSoftmax(-1), {"axis": -1}),
]
