"""torch.nn's layers that are neither convolutions, poolings, activations, recurrent nor attention. A case's config is our layer's name and
arguments."""

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from parity import Case


def case(name, module, inputs, layer, *args, **more):
    if not isinstance(inputs, dict):
        inputs = {"x": torch.randn(inputs)}
    return Case(name, module, inputs, {"layer": layer, "args": list(args)}, **more)


def with_statistics(module, inputs):
    """The running statistics after the call are results too."""
    y = module(*inputs.values())
    return y, module.running_mean.clone(), module.running_var.clone()


LINEAR = [
    case("linear", nn.Linear(5, 3), (4, 5), "Linear", 5, 3),
    case("linearWithoutBias", nn.Linear(5, 3, bias=False), (5,), "Linear", 5, 3, {"bias": False}),
    case("linearInOut", Conv1D(3, 5), (2, 2, 5), "LinearInOut", 5, 3),
    case("bilinear", nn.Bilinear(3, 4, 2), {"a": torch.randn(2, 3, 3), "b": torch.randn(2, 3, 4)}, "Bilinear", 3, 4, 2),
    case("bilinearWithoutBias", nn.Bilinear(2, 2, 3, bias=False), {"a": torch.randn(4, 2), "b": torch.randn(4, 2)}, "Bilinear", 2, 2, 3, {"bias": False}),
]

NORMS = [
    case("layerNorm", nn.LayerNorm((3, 4)), (2, 3, 4), "LayerNorm", [3, 4]),
    case("layerNormWithoutBias", nn.LayerNorm(4, eps=1e-2, bias=False), (2, 3, 4), "LayerNorm", 4, {"eps": 1e-2, "bias": False}),
    case("layerNormPlain", nn.LayerNorm(4, elementwise_affine=False), (3, 4), "LayerNorm", 4, {"affine": False}),
    case("rmsNorm", nn.RMSNorm(6, eps=1e-5), (3, 6), "RMSNorm", 6, {"eps": 1e-5}),
    case("rmsNormPlain", nn.RMSNorm((2, 3), eps=1e-6, elementwise_affine=False), (2, 2, 3), "RMSNorm", [2, 3], {"eps": 1e-6, "affine": False}),
    case("groupNorm", nn.GroupNorm(2, 6), (2, 6, 3), "GroupNorm", 2, 6),
    case("groupNormWithoutBias", nn.GroupNorm(3, 3, bias=False), (2, 3, 2, 2), "GroupNorm", 3, 3, {"bias": False}),
    case("groupNormPlain", nn.GroupNorm(1, 4, eps=1e-3, affine=False), (2, 4, 3), "GroupNorm", 1, 4, {"eps": 1e-3, "affine": False}),
    case("batchNorm1d", nn.BatchNorm1d(3), (5, 3), "BatchNorm1d", 3, call=with_statistics),
    case("batchNorm1dOfSequences", nn.BatchNorm1d(3, momentum=0.3, bias=False), (2, 3, 4), "BatchNorm1d", 3, {"momentum": 0.3, "bias": False}, call=with_statistics),
    case("batchNorm1dAveraged", nn.BatchNorm1d(3, momentum=None), (5, 3), "BatchNorm1d", 3, {"momentum": None}, call=with_statistics),
    case("batchNorm2d", nn.BatchNorm2d(3), (4, 3, 5, 2), "BatchNorm2d", 3, call=with_statistics),
    case("batchNorm2dFrozen", nn.BatchNorm2d(3), (2, 3, 3, 2), "BatchNorm2d", 3, train=False),
    case("batchNorm2dPlain", nn.BatchNorm2d(3, affine=False, track_running_stats=False), (2, 3, 3, 2), "BatchNorm2d", 3, {"affine": False, "trackRunningStats": False}),
    case("batchNorm3d", nn.BatchNorm3d(2, eps=1e-3), (2, 2, 2, 3, 2), "BatchNorm3d", 2, {"eps": 1e-3}, call=with_statistics),
    case("instanceNorm1d", nn.InstanceNorm1d(3), (2, 3, 5), "InstanceNorm1d", 3),
    case("instanceNorm1dUnbatched", nn.InstanceNorm1d(3, affine=True), (3, 5), "InstanceNorm1d", 3, {"affine": True}),
    case(
        "instanceNorm2d", nn.InstanceNorm2d(3, affine=True, track_running_stats=True), (2, 3, 4, 2),
        "InstanceNorm2d", 3, {"affine": True, "trackRunningStats": True}, call=with_statistics,
    ),
    case("instanceNorm3d", nn.InstanceNorm3d(2, affine=True, bias=False), (2, 2, 2, 3, 2), "InstanceNorm3d", 2, {"affine": True, "bias": False}),
    case("localResponseNorm", nn.LocalResponseNorm(3, alpha=0.5, beta=0.6, k=2.0), (2, 5, 3), "LocalResponseNorm", 3, {"alpha": 0.5, "beta": 0.6, "k": 2.0}),
    case("localResponseNormEven", nn.LocalResponseNorm(4), (2, 5, 2, 2), "LocalResponseNorm", 4),
]

INDICES = torch.tensor([[1, 4, 1], [0, 2, 4]])
FLAT = torch.tensor([3, 0, 0, 2, 5, 1, 3])
OFFSETS = torch.tensor([0, 3, 3, 5])
TABLES = [
    case("embedding", nn.Embedding(6, 4), {"indices": INDICES}, "Embedding", 6, 4),
    case("embeddingPadded", nn.Embedding(6, 4, padding_idx=-2), {"indices": INDICES}, "Embedding", 6, 4, {"paddingIndex": -2}),
    case("embeddingByFrequency", nn.Embedding(6, 4, scale_grad_by_freq=True), {"indices": INDICES}, "Embedding", 6, 4, {"scaleGradByFreq": True}),
    case("embeddingShortened", nn.Embedding(6, 4, max_norm=1.0, norm_type=3.0), {"indices": INDICES}, "Embedding", 6, 4, {"maxNorm": 1.0, "normType": 3.0}),
    case("embeddingBag", nn.EmbeddingBag(6, 4), {"indices": INDICES}, "EmbeddingBag", 6, 4),
    case("embeddingBagSum", nn.EmbeddingBag(6, 4, mode="sum", padding_idx=1), {"indices": FLAT, "offsets": OFFSETS}, "EmbeddingBag", 6, 4, {"mode": "sum", "paddingIndex": 1}),
    case("embeddingBagMax", nn.EmbeddingBag(6, 4, mode="max"), {"indices": FLAT, "offsets": OFFSETS}, "EmbeddingBag", 6, 4, {"mode": "max"}),
    case(
        "embeddingBagWeighted", nn.EmbeddingBag(6, 4, mode="sum", include_last_offset=True),
        {"indices": FLAT, "offsets": torch.tensor([0, 3, 3, 5, 7]), "weights": torch.randn(7)},
        "EmbeddingBag", 6, 4, {"mode": "sum", "includeLastOffset": True},
    ),
]

# Layers whose training draws at random are compared where they do not.
DROPOUTS = [
    case("dropout", nn.Dropout(0.3), (3, 4), "Dropout", 0.3, train=False),
    case("dropout1d", nn.Dropout1d(), (2, 3, 2), "Dropout1d", train=False),
    case("dropout2d", nn.Dropout2d(), (2, 3, 2, 2), "Dropout2d", train=False),
    case("dropout3d", nn.Dropout3d(), (2, 3, 2, 1, 2), "Dropout3d", train=False),
    case("alphaDropout", nn.AlphaDropout(), (3, 4), "AlphaDropout", train=False),
    case("featureAlphaDropout", nn.FeatureAlphaDropout(), (2, 3, 2), "FeatureAlphaDropout", train=False),
]

OTHERS = [
    case("identity", nn.Identity(), (3, 2), "Identity"),
    case("flatten", nn.Flatten(), (2, 3, 2, 2), "Flatten"),
    case("flattenMiddle", nn.Flatten(1, 2), (2, 3, 2, 2), "Flatten", 1, 2),
    case("unflatten", nn.Unflatten(1, (2, -1)), (2, 6, 3), "Unflatten", 1, [2, -1]),
    case("cosineSimilarity", nn.CosineSimilarity(dim=2), {"a": torch.randn(2, 1, 4), "b": torch.randn(2, 3, 4)}, "CosineSimilarity", {"axis": 2}),
    case("pairwiseDistance", nn.PairwiseDistance(), {"a": torch.randn(3, 4), "b": torch.randn(3, 4)}, "PairwiseDistance"),
    case("pairwiseDistanceP", nn.PairwiseDistance(3.0, keepdim=True), {"a": torch.randn(3, 4), "b": torch.randn(3, 4)}, "PairwiseDistance", {"p": 3.0, "keepDim": True}),
]

CASES = LINEAR + NORMS + TABLES + DROPOUTS + OTHERS
