"""Convolutional networks: torchvision's, tiny, and what torchvision does not have by its paper. Stages that halve the image are few, as a
norm's statistics of few numbers show rounding."""

import torch
from torch import nn
from torch.nn import functional as F

from parity import Case
from vision import torchvision  # noqa: F401
from torchvision.models import ConvNeXt, EfficientNet, MobileNetV2, MobileNetV3, ResNet, VGG
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import FusedMBConvConfig, MBConvConfig
from torchvision.models.mobilenetv3 import InvertedResidualConfig
from torchvision.models.resnet import BasicBlock, Bottleneck
from torchvision.models.vgg import make_layers
from torchvision.ops import Conv2dNormActivation


class LeNet(nn.Module):
    """LeCun et al. 1998 in today's form: whole connections, plain average pooling, tanh, a linear output layer."""

    def __init__(self, c1, c3, c5, f6, classes):
        super().__init__()
        self.c1, self.c3, self.c5 = nn.Conv2d(1, c1, 5, padding=2), nn.Conv2d(c1, c3, 5), nn.Conv2d(c3, c5, 5)
        self.f6, self.output = nn.Linear(c5, f6), nn.Linear(f6, classes)

    def forward(self, x):
        x = F.avg_pool2d(torch.tanh(self.c1(x)), 2)
        x = F.avg_pool2d(torch.tanh(self.c3(x)), 2)
        x = torch.tanh(self.c5(x)).flatten(1)
        return self.output(torch.tanh(self.f6(x)))


class SmallResNet(ResNet):
    """torchvision's, with another first number of channels."""

    def __init__(self, block, channels, images, classes, groups=1, width=64):
        nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation = nn.BatchNorm2d, channels, 1
        self.groups, self.base_width = groups, width
        self.conv1 = nn.Conv2d(images, channels, 7, 2, 3, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(channels), nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        for i in range(4):
            setattr(self, f"layer{i + 1}", self._make_layer(block, channels << i, 1, stride=2 if i else 1))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear((channels << 3) * block.expansion, classes)


def vgg(batch_norm):
    """torchvision's, with a small classifier."""
    model = VGG(make_layers([4, "M", 4, 6, "M"], batch_norm), dropout=0)
    model.avgpool = nn.AdaptiveAvgPool2d(2)
    model.classifier = nn.Sequential(
        nn.Linear(6 * 4, 8), nn.ReLU(), nn.Dropout(0), nn.Linear(8, 8), nn.ReLU(), nn.Dropout(0), nn.Linear(8, 5)
    )
    return model


def mobilenet_v2():
    """torchvision's, with a small last layer."""
    model = MobileNetV2(5, 0.25, [[1, 16, 1, 1], [2, 32, 2, 2]], 4, dropout=0)
    model.features[-1] = Conv2dNormActivation(8, 12, 1, activation_layer=nn.ReLU6)
    model.classifier[1] = nn.Linear(12, 5)
    return model


def mobilenet_v3():
    blocks = [
        InvertedResidualConfig(8, 3, 8, 8, True, "RE", 1, 1, 1),
        InvertedResidualConfig(8, 5, 16, 16, False, "HS", 2, 1, 1),
        InvertedResidualConfig(16, 3, 24, 16, True, "HS", 1, 1, 1),
    ]
    return MobileNetV3(blocks, 16, 5, dropout=0)


def efficientnet():
    stages = [MBConvConfig(1, 3, 1, 8, 8, 1), MBConvConfig(2, 5, 2, 8, 16, 2)]
    return EfficientNet(stages, 0, 0, 5, last_channel=16)


def efficientnet_v2():
    stages = [FusedMBConvConfig(1, 3, 1, 8, 8, 1), FusedMBConvConfig(2, 3, 2, 8, 8, 2), MBConvConfig(2, 3, 1, 8, 8, 1)]
    return EfficientNet(stages, 0, 0, 5, last_channel=16)


def convnext():
    return ConvNeXt([CNBlockConfig(6, 8, 1), CNBlockConfig(8, None, 2)], 0.0, 0.5, 5)


class Double(nn.Module):
    def __init__(self, inputs, between, outputs, same, norm):
        super().__init__()
        layers = []
        for a, b in ((inputs, between), (between, outputs)):
            layers.append(nn.Conv2d(a, b, 3, padding=1 if same else 0, bias=not norm))
            layers += [nn.BatchNorm2d(b), nn.ReLU()] if norm else [nn.ReLU()]
        self.double_conv = nn.Sequential(*layers)

    def forward(self, x):
        return self.double_conv(x)


def named(**modules):
    """A module that holds others by name."""
    node = nn.Module()
    for name, module in modules.items():
        node.add_module(name, module)
    return node


class UNet(nn.Module):
    """Ronneberger et al. 2015, whose convolutions are valid; or with zeros around images, norms, bilinear upsampling."""

    def __init__(self, c, inputs, classes, same, norm, bilinear):
        super().__init__()
        self.same, self.bilinear, share = same, bilinear, 2 if bilinear else 1
        self.inc = Double(inputs, c, c, same, norm)
        for i in range(1, 5):
            outputs = c * 2**i // (share if i == 4 else 1)
            pooled = nn.Sequential(nn.MaxPool2d(2), Double(c * 2 ** (i - 1), outputs, outputs, same, norm))
            setattr(self, f"down{i}", named(maxpool_conv=pooled))
        for i in range(1, 5):
            width = c * 2 ** (5 - i)
            outputs = width // 2 // (share if i < 4 else 1)
            parts = {"conv": Double(width, width // 2 if bilinear else outputs, outputs, same, norm)}
            if not bilinear:
                parts = {"up": nn.ConvTranspose2d(width, width // 2, 2, 2), **parts}
            setattr(self, f"up{i}", named(**parts))
        self.outc = named(conv=nn.Conv2d(c, classes, 1))

    def join(self, kept, x):
        dy, dx = (kept.shape[d] - x.shape[d] for d in (2, 3))
        if self.same:
            x = F.pad(x, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
        else:
            kept = kept[:, :, dy // 2 : dy // 2 + x.shape[2], dx // 2 : dx // 2 + x.shape[3]]
        return torch.cat([kept, x], 1)

    def forward(self, x):
        kept = [self.inc(x)]
        for i in range(1, 5):
            kept.append(getattr(self, f"down{i}").maxpool_conv(kept[-1]))
        x = kept[4]
        for i in range(1, 5):
            level = getattr(self, f"up{i}")
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True) if self.bilinear else level.up(x)
            x = level.conv(self.join(kept[4 - i], x))
        return self.outc.conv(x)


def alive(model):
    """Biases that leave something after every relu: where few channels die, norms enlarge what is left, or nothing is."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.add_(0.5)
    return model


def image(*shape):
    return {"x": torch.randn(shape)}


def enlarged(factor):
    """A call with large images, of which small ones are stored."""
    return lambda module, inputs: module(F.interpolate(inputs["x"], scale_factor=factor, mode="bilinear"))


CASES = [
    Case("leNet", LeNet(2, 3, 4, 5, 10), image(2, 1, 28, 28), source="LeCun et al. 1998"),
    Case("vgg", vgg(False), image(2, 3, 16, 20), source="torchvision.models.VGG"),
    Case("vggBatchNorm", vgg(True), image(3, 3, 16, 16), source="torchvision.models.VGG"),
    Case("resnetBasic", alive(SmallResNet(BasicBlock, 2, 1, 5)), image(6, 1, 24, 24), call=enlarged(2), source="torchvision.models.ResNet"),
    Case("resnext", alive(SmallResNet(Bottleneck, 2, 1, 5, 2, 32)), image(8, 1, 24, 24), call=enlarged(2), source="torchvision.models.ResNet"),
    Case("mobilenetV2", mobilenet_v2(), image(4, 3, 16, 16), source="torchvision.models.MobileNetV2"),
    Case("mobilenetV3", mobilenet_v3(), image(4, 3, 16, 16), source="torchvision.models.MobileNetV3"),
    Case("efficientnet", efficientnet(), image(4, 3, 15, 17), source="torchvision.models.EfficientNet"),
    Case("efficientnetV2", efficientnet_v2(), image(4, 3, 16, 16), source="torchvision.models.EfficientNet"),
    Case("convnext", convnext(), image(2, 3, 19, 16), source="torchvision.models.ConvNeXt"),
    Case("unet", alive(UNet(1, 1, 2, False, False, False)), image(1, 1, 47, 48), call=enlarged(4), source="Ronneberger et al. 2015"),
    Case("unetSame", UNet(1, 1, 2, True, True, False), image(3, 1, 37, 40), source="Ronneberger et al. 2015"),
    Case("unetBilinear", alive(UNet(2, 3, 1, True, False, True)), image(1, 3, 19, 32), source="Ronneberger et al. 2015"),
]
