"""torchvision for the families beside it.

Beside a build of torch that it was not made for, torchvision's operators have to be declared first: a module `torchvision_cpu` does
that where PYTHONPATH has one. In f64 PyTorch multiplies the gradient of hardsigmoid by f32's 1/6 (2.13: 0.16666667163), so it is
spelled out here.
"""

import torch

try:
    import torchvision_cpu  # noqa: F401
except ImportError:
    pass
import torchvision  # noqa: E402,F401

torch.nn.Hardsigmoid.forward = lambda self, x: (x / 6 + 0.5).clamp(0, 1)
