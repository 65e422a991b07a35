"""torch.nn's convolutions, poolings, paddings, folds, shuffles and upsamplings. A case's config is our layer's name and arguments."""

import torch
from torch import nn

from parity import Case


def case(name, module, shape, layer, *args, scale=1.0, call=None, **inputs):
    return Case(name, module, {"x": scale * torch.randn(shape), **inputs}, {"layer": layer, "args": list(args)}, call=call)


CONVOLUTIONS = [
    case("conv1d", nn.Conv1d(2, 3, 3), (2, 2, 7), "Conv1d", 2, 3, 3),
    case("conv1dUnbatched", nn.Conv1d(2, 3, 3, padding=1), (2, 5), "Conv1d", 2, 3, 3, {"padding": 1}),
    case("conv1dWithoutBias", nn.Conv1d(2, 3, 2, bias=False), (1, 2, 5), "Conv1d", 2, 3, 2, {"bias": False}),
    case("conv1dSame", nn.Conv1d(2, 2, 4, padding="same", dilation=2), (2, 2, 9), "Conv1d", 2, 2, 4, {"padding": "same", "dilation": 2}),
    case("conv1dReflect", nn.Conv1d(2, 2, 3, padding=2, padding_mode="reflect"), (2, 2, 5), "Conv1d", 2, 2, 3, {"padding": 2, "paddingMode": "reflect"}),
    case("conv2d", nn.Conv2d(3, 4, 3), (2, 3, 5, 6), "Conv2d", 3, 4, 3),
    case("conv2dUnbatched", nn.Conv2d(3, 2, 3), (3, 5, 4), "Conv2d", 3, 2, 3),
    case(
        "conv2dStrided", nn.Conv2d(2, 3, (3, 2), stride=(2, 3), padding=(1, 0), dilation=(1, 2)), (1, 2, 7, 9),
        "Conv2d", 2, 3, [3, 2], {"stride": [2, 3], "padding": [1, 0], "dilation": [1, 2]},
    ),
    case("conv2dGrouped", nn.Conv2d(4, 6, 3, groups=2, padding=1), (2, 4, 4, 3), "Conv2d", 4, 6, 3, {"groups": 2, "padding": 1}),
    case("conv2dDepthwise", nn.Conv2d(3, 6, 3, groups=3, padding=1), (2, 3, 4, 4), "Conv2d", 3, 6, 3, {"groups": 3, "padding": 1}),
    case("conv2dPointwise", nn.Conv2d(4, 5, 1), (2, 4, 3, 3), "Conv2d", 4, 5, 1),
    case("conv2dSame", nn.Conv2d(2, 3, (2, 4), padding="same"), (2, 2, 4, 5), "Conv2d", 2, 3, [2, 4], {"padding": "same"}),
    case("conv2dValid", nn.Conv2d(2, 3, 2, padding="valid"), (2, 2, 4, 3), "Conv2d", 2, 3, 2, {"padding": "valid"}),
    case(
        "conv2dReflect", nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode="reflect"), (2, 2, 4, 5),
        "Conv2d", 2, 3, 3, {"padding": [1, 2], "paddingMode": "reflect"},
    ),
    case(
        "conv2dReplicate", nn.Conv2d(2, 3, 3, padding=2, stride=2, padding_mode="replicate"), (2, 2, 4, 5),
        "Conv2d", 2, 3, 3, {"padding": 2, "stride": 2, "paddingMode": "replicate"},
    ),
    case(
        "conv2dCircularSame", nn.Conv2d(2, 3, (2, 3), padding="same", padding_mode="circular"), (2, 2, 4, 5),
        "Conv2d", 2, 3, [2, 3], {"padding": "same", "paddingMode": "circular"},
    ),
    case("conv3d", nn.Conv3d(2, 3, 2), (1, 2, 3, 4, 3), "Conv3d", 2, 3, 2),
    case(
        "conv3dGrouped", nn.Conv3d(2, 4, (1, 3, 2), stride=(2, 1, 1), padding=(0, 1, 1), groups=2), (2, 2, 3, 3, 4),
        "Conv3d", 2, 4, [1, 3, 2], {"stride": [2, 1, 1], "padding": [0, 1, 1], "groups": 2},
    ),
    case(
        "conv3dCircular", nn.Conv3d(1, 2, 3, padding=1, padding_mode="circular"), (1, 1, 3, 2, 3),
        "Conv3d", 1, 2, 3, {"padding": 1, "paddingMode": "circular"},
    ),
    case("convTranspose1d", nn.ConvTranspose1d(2, 3, 3), (2, 2, 4), "ConvTranspose1d", 2, 3, 3),
    case(
        "convTranspose1dStrided", nn.ConvTranspose1d(2, 4, 3, stride=2, padding=1, output_padding=1, groups=2), (2, 2, 4),
        "ConvTranspose1d", 2, 4, 3, {"stride": 2, "padding": 1, "outputPadding": 1, "groups": 2},
    ),
    case("convTranspose2d", nn.ConvTranspose2d(3, 2, 2), (2, 3, 3, 4), "ConvTranspose2d", 3, 2, 2),
    case("convTranspose2dUnbatched", nn.ConvTranspose2d(3, 2, 3, padding=1), (3, 3, 4), "ConvTranspose2d", 3, 2, 3, {"padding": 1}),
    case(
        "convTranspose2dStrided",
        nn.ConvTranspose2d(2, 4, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2), dilation=(2, 1), groups=2, bias=False),
        (1, 2, 3, 4),
        "ConvTranspose2d", 2, 4, [3, 2],
        {"stride": [2, 3], "padding": [1, 0], "outputPadding": [1, 2], "dilation": [2, 1], "groups": 2, "bias": False},
    ),
    case(
        "convTranspose2dOfSize", nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1), (1, 2, 3, 4),
        "ConvTranspose2d", 2, 2, 3, {"stride": 2, "padding": 1}, call=lambda m, i: m(i["x"], output_size=(6, 7)),
    ),
    case("convTranspose3d", nn.ConvTranspose3d(2, 2, 2, stride=(1, 2, 1)), (1, 2, 2, 3, 2), "ConvTranspose3d", 2, 2, 2, {"stride": [1, 2, 1]}),
]

POOLS = [
    case("maxPool1d", nn.MaxPool1d(3, 2, 1), (2, 2, 7), "MaxPool1d", 3, {"stride": 2, "padding": 1}),
    case("maxPool2d", nn.MaxPool2d(2), (2, 2, 5, 6), "MaxPool2d", 2),
    case(
        "maxPool2dCeiling", nn.MaxPool2d((3, 2), (2, 1), (1, 0), (1, 2), ceil_mode=True), (2, 4, 6),
        "MaxPool2d", [3, 2], {"stride": [2, 1], "padding": [1, 0], "dilation": [1, 2], "ceilMode": True},
    ),
    case("maxPool3d", nn.MaxPool3d(2, 1), (1, 2, 3, 3, 4), "MaxPool3d", 2, {"stride": 1}),
    case("avgPool1d", nn.AvgPool1d(3, 2, 1), (2, 2, 7), "AvgPool1d", 3, {"stride": 2, "padding": 1}),
    case(
        "avgPool2d", nn.AvgPool2d((3, 2), 2, (1, 1), ceil_mode=True, count_include_pad=False), (2, 2, 6, 5),
        "AvgPool2d", [3, 2], {"stride": 2, "padding": [1, 1], "ceilMode": True, "countIncludePad": False},
    ),
    case("avgPool3d", nn.AvgPool3d(2, 1, divisor_override=3), (1, 2, 3, 3, 2), "AvgPool3d", 2, {"stride": 1, "divisorOverride": 3}),
    case("lpPool1d", nn.LPPool1d(2, 3, 2), (2, 2, 7), "LPPool1d", 2, 3, {"stride": 2}),
    case("lpPool2d", nn.LPPool2d(4, (2, 3), 1, ceil_mode=True), (2, 2, 4, 5), "LPPool2d", 4, [2, 3], {"stride": 1, "ceilMode": True}),
    case("lpPool3d", nn.LPPool3d(2, 2), (1, 2, 4, 2, 3), "LPPool3d", 2, 2),
    case("adaptiveAvgPool1d", nn.AdaptiveAvgPool1d(3), (2, 2, 7), "AdaptiveAvgPool1d", 3),
    case("adaptiveAvgPool2d", nn.AdaptiveAvgPool2d((2, None)), (2, 2, 5, 3), "AdaptiveAvgPool2d", [2, None]),
    case("adaptiveAvgPool3d", nn.AdaptiveAvgPool3d(2), (1, 2, 3, 4, 5), "AdaptiveAvgPool3d", 2),
    case("adaptiveMaxPool1d", nn.AdaptiveMaxPool1d(3), (2, 2, 7), "AdaptiveMaxPool1d", 3),
    case("adaptiveMaxPool2d", nn.AdaptiveMaxPool2d((None, 2)), (2, 2, 3, 5), "AdaptiveMaxPool2d", [None, 2]),
    case("adaptiveMaxPool3d", nn.AdaptiveMaxPool3d((1, 2, 3)), (1, 2, 3, 4, 5), "AdaptiveMaxPool3d", [1, 2, 3]),
]


class Places(nn.Module):
    """A pooling by windows whose places an input gives, of which torch.nn makes an argument of the constructor."""

    def __init__(self, layer, *args, **kwargs):
        super().__init__()
        self.make = lambda samples: layer(*args, **kwargs, _random_samples=samples)

    def forward(self, x, samples):
        return self.make(samples.detach())(x)


class ThereAndBack(nn.Module):
    def __init__(self, pool, unpool):
        super().__init__()
        self.pool, self.unpool = pool, unpool

    def forward(self, x, output_size=None):
        # No two windows share an element, so that the order in which they are written is nothing to worry about.
        torch.use_deterministic_algorithms(False)
        y = self.unpool(*self.pool(x), output_size=output_size)
        torch.use_deterministic_algorithms(True)
        return y


def there_and_back(name, r, shape, options, **torch_options):
    pool = getattr(nn, f"MaxPool{r}d")(2, return_indices=True, **torch_options)
    module = ThereAndBack(pool, getattr(nn, f"MaxUnpool{r}d")(2, **torch_options))
    call = lambda module, inputs: module(inputs["x"], inputs["x"].shape)
    return Case(name, module, {"x": torch.randn(shape)}, {"r": r, "options": options}, call=call, source=f"torch.nn.MaxUnpool{r}d")


SAMPLED = [
    Case(
        "fractionalMaxPool2d", Places(nn.FractionalMaxPool2d, 2, output_size=(3, 2)), {"x": torch.randn(1, 2, 6, 5), "samples": torch.rand(1, 2, 2)},
        {"size": 2, "outputSize": [3, 2]}, source="torch.nn.FractionalMaxPool2d",
    ),
    Case(
        "fractionalMaxPool3d", Places(nn.FractionalMaxPool3d, 2, output_ratio=0.5), {"x": torch.randn(1, 2, 4, 6, 5), "samples": torch.rand(1, 2, 3)},
        {"size": 2, "outputRatio": 0.5}, source="torch.nn.FractionalMaxPool3d",
    ),
    there_and_back("maxUnpool1d", 1, (2, 2, 7), {}),
    there_and_back("maxUnpool2d", 2, (2, 2, 5, 6), {}),
    there_and_back("maxUnpool3d", 3, (1, 2, 4, 2, 3), {"stride": 2}, stride=2),
]

SHAPES = {1: (2, 2, 5), 2: (2, 2, 4, 5), 3: (1, 2, 4, 3, 5)}
WIDTHS = {1: [2, 1], 2: [1, 2, 0, 3], 3: [1, 2, 0, 2, 2, 1]}
PADDINGS = [
    case(f"{kind.lower()}Pad{r}d", getattr(nn, f"{kind}Pad{r}d")(tuple(WIDTHS[r]), *more), SHAPES[r], f"{kind}Pad{r}d", WIDTHS[r], *more)
    for kind, *more in (("Constant", 1.5), ("Zero",), ("Reflection",), ("Replication",), ("Circular",))
    for r in (1, 2, 3)
] + [
    case("reflectionPadUnbatched", nn.ReflectionPad2d(1), (2, 3, 4), "ReflectionPad2d", 1),
    case("zeroPadNegative", nn.ZeroPad2d((-1, 1, 2, -1)), (1, 2, 4, 5), "ZeroPad2d", [-1, 1, 2, -1]),
]

OTHERS = [
    case("unfold", nn.Unfold((2, 3), dilation=(2, 1), padding=(1, 0), stride=2), (2, 2, 5, 6), "Unfold", [2, 3], {"dilation": [2, 1], "padding": [1, 0], "stride": 2}),
    case("fold", nn.Fold((4, 5), 2, stride=(2, 1)), (2, 8, 8), "Fold", [4, 5], 2, {"stride": [2, 1]}),
    case("pixelShuffle", nn.PixelShuffle(2), (2, 8, 2, 3), "PixelShuffle", 2),
    case("pixelUnshuffle", nn.PixelUnshuffle(2), (3, 4, 6), "PixelUnshuffle", 2),
    case("channelShuffle", nn.ChannelShuffle(2), (2, 6, 2, 2), "ChannelShuffle", 2),
    case("upsampleNearest1d", nn.Upsample(8), (2, 2, 5), "Upsample", {"size": 8}),
    case("upsampleNearestExact", nn.Upsample(scale_factor=1.5, mode="nearest-exact"), (1, 2, 3, 5), "Upsample", {"scaleFactor": 1.5, "mode": "nearest-exact"}),
    case("upsampleLinear", nn.Upsample(scale_factor=2, mode="linear"), (2, 2, 4), "Upsample", {"scaleFactor": 2, "mode": "linear"}),
    case("upsampleBilinear", nn.Upsample((5, 7), mode="bilinear"), (2, 2, 3, 4), "Upsample", {"size": [5, 7], "mode": "bilinear"}),
    case(
        "upsampleBicubic", nn.Upsample(scale_factor=(1.7, 2.4), mode="bicubic", align_corners=True), (1, 2, 4, 3),
        "Upsample", {"scaleFactor": [1.7, 2.4], "mode": "bicubic", "alignCorners": True},
    ),
    case(
        "upsampleTrilinear", nn.Upsample(scale_factor=1.6, mode="trilinear", recompute_scale_factor=True), (1, 1, 3, 4, 3),
        "Upsample", {"scaleFactor": 1.6, "mode": "trilinear", "recomputeScaleFactor": True},
    ),
    case("upsampleArea", nn.Upsample((3, 2), mode="area"), (1, 2, 5, 4), "Upsample", {"size": [3, 2], "mode": "area"}),
    case("upsamplingNearest2d", nn.UpsamplingNearest2d(scale_factor=2), (1, 2, 3, 4), "UpsamplingNearest2d", {"scaleFactor": 2}),
    case("upsamplingBilinear2d", nn.UpsamplingBilinear2d((5, 6)), (1, 2, 3, 4), "UpsamplingBilinear2d", {"size": [5, 6]}),
]

CASES = CONVOLUTIONS + POOLS + SAMPLED + PADDINGS + OTHERS
