"""torch.nn's layers that are neither convolutions, activations, recurrent nor attention."""

import torch
from torch import nn

from parity import Case

CASES = [
    Case("linear", nn.Linear(5, 3), {"x": torch.randn(4, 5)}, {"in": 5, "out": 3}),
    Case("layerNorm", nn.LayerNorm((3, 4)), {"x": torch.randn(2, 3, 4)}, {"shape": [3, 4]}),
    Case("batchNorm2d", nn.BatchNorm2d(3), {"x": torch.randn(4, 3, 5, 2)}, {"channels": 3}),
]
