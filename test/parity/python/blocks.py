"""Blocks of convolutional networks: torchvision.ops, and the blocks of its models that lib/nn has."""

import torch
from torch import nn

from parity import Case
from vision import torchvision  # noqa: F401
from torchvision.models.convnext import LayerNorm2d
from torchvision.models.efficientnet import MBConv, MBConvConfig
from torchvision.models.mobilenetv3 import InvertedResidual, InvertedResidualConfig
from torchvision.ops import Conv2dNormActivation, Conv3dNormActivation, SqueezeExcitation


class Residual(nn.Module):
    """He et al. 2015, with any branch."""

    def __init__(self, branch, shortcut=None):
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, x):
        return torch.relu(self.branch(x) + (x if self.shortcut is None else self.shortcut(x)))


def mobilenet_v3(inputs, kernel, hidden, outputs, squeeze, activation, stride):
    config = InvertedResidualConfig(inputs, kernel, hidden, outputs, squeeze, activation, stride, 1, 1)
    return InvertedResidual(config, nn.BatchNorm2d)


def image(*shape):
    return {"x": torch.randn(shape)}


CASES = [
    Case("convNormRelu", Conv2dNormActivation(3, 4), image(3, 3, 5, 6)),
    Case("convNormHardswishStrided", Conv2dNormActivation(4, 6, 5, 2, groups=2, activation_layer=nn.Hardswish), image(3, 4, 7, 5)),
    Case("convNormDilatedAlone", Conv2dNormActivation(2, 3, (3, 5), dilation=(2, 1), activation_layer=None), image(2, 2, 6, 6)),
    Case("convSilu", Conv2dNormActivation(2, 3, norm_layer=None, activation_layer=nn.SiLU), image(1, 2, 4, 4)),
    Case("convNormRelu3d", Conv3dNormActivation(2, 3), image(2, 2, 3, 4, 5)),
    Case("squeezeExcitation", SqueezeExcitation(6, 2), image(2, 6, 4, 3)),
    Case(
        "squeezeExcitationSilu",
        SqueezeExcitation(5, 3, activation=nn.SiLU, scale_activation=nn.Hardsigmoid),
        image(1, 5, 3, 3),
    ),
    Case("invertedResidual", mobilenet_v3(8, 3, 16, 8, False, "RE", 1), image(2, 8, 6, 5)),
    Case("invertedResidualSqueezed", mobilenet_v3(8, 5, 16, 16, True, "HS", 2), image(2, 8, 7, 7)),
    Case("invertedResidualAsWide", mobilenet_v3(8, 3, 8, 8, True, "RE", 1), image(2, 8, 4, 4)),
    Case("mbConv", MBConv(MBConvConfig(2, 3, 1, 8, 8, 1), 0.0, nn.BatchNorm2d), image(2, 8, 5, 5)),
    Case("layerNorm2d", LayerNorm2d(5, eps=1e-6), image(2, 5, 3, 4)),
    Case("residual", Residual(nn.Conv2d(3, 3, 3, padding=1)), image(2, 3, 4, 5), source="He et al. 2015"),
    Case(
        "residualWithShortcut",
        Residual(nn.Conv2d(3, 4, 3, 2, 1), nn.Conv2d(3, 4, 1, 2)),
        image(2, 3, 5, 5),
        source="He et al. 2015",
    ),
]
