"""torch.nn's losses. A case's config is our layer's name and arguments; lists called weight or posWeight become tensors."""

import torch
from torch import nn

from parity import Case


def case(name, module, inputs, layer, options=None, args=(), **more):
    return Case(name, module, inputs, {"layer": layer, "args": [*args, options or {}]}, target=0.0, **more)


def pair(*shape):
    return {"x": torch.randn(shape), "target": torch.randn(shape)}


def classes(c, *shape):
    return torch.randint(0, c, shape)


def signs(*shape):
    return 2.0 * torch.randint(0, 2, shape) - 1


def weight(*values):
    return torch.tensor(values)


def three(name, make, inputs, layer, options=None):
    """With each reduction."""
    return [
        case(f"{name}{reduction.capitalize()}", make(reduction=reduction), inputs, layer, {**(options or {}), "reduction": reduction})
        for reduction in ("mean", "sum", "none")
    ]


def on_log_probabilities(module, inputs):
    x, *others = inputs.values()
    return module(x.log_softmax(1), *others)


def target_fixed(module, inputs):
    *others, target = inputs.values()
    return module(*others, target.detach())


def on_frames(module, inputs):
    x, *others = inputs.values()
    return module(x.log_softmax(-1), *others)


def on_probabilities(module, inputs):
    x, target, *others = inputs.values()
    return module(x.sigmoid(), target, *others)


ELEMENTS = [
    *three("mse", nn.MSELoss, pair(3, 4), "MSELoss"),
    case("l1", nn.L1Loss(), pair(3, 4), "L1Loss"),
    case("smoothL1", nn.SmoothL1Loss(beta=0.7), pair(3, 4), "SmoothL1Loss", {"beta": 0.7}),
    case("huber", nn.HuberLoss(delta=0.8, reduction="sum"), pair(3, 4), "HuberLoss", {"delta": 0.8, "reduction": "sum"}),
    case("bce", nn.BCELoss(), {"x": torch.randn(3, 4), "target": torch.rand(3, 4)}, "BCELoss", call=on_probabilities),
    case(
        "bceWeighted", nn.BCELoss(weight(0.5, 2.0, 1.5, 1.0), reduction="sum"), {"x": torch.randn(3, 4), "target": torch.rand(3, 4)},
        "BCELoss", {"weight": [0.5, 2.0, 1.5, 1.0], "reduction": "sum"}, call=on_probabilities,
    ),
    *three("bceWithLogits", nn.BCEWithLogitsLoss, {"x": torch.randn(3, 4), "target": torch.rand(3, 4)}, "BCEWithLogitsLoss"),
    case(
        "bceWithLogitsWeighted", nn.BCEWithLogitsLoss(weight(0.5, 2.0, 1.5, 1.0), pos_weight=weight(3.0, 0.5, 1.0, 2.0)),
        {"x": torch.randn(3, 4), "target": torch.rand(3, 4)},
        "BCEWithLogitsLoss", {"weight": [0.5, 2.0, 1.5, 1.0], "posWeight": [3.0, 0.5, 1.0, 2.0]},
    ),
    case("klDiv", nn.KLDivLoss(reduction="batchmean"), {"x": torch.randn(3, 4), "target": torch.rand(3, 4)}, "KLDivLoss", {"reduction": "batchmean"}),
    case("klDivOfLogs", nn.KLDivLoss(reduction="sum", log_target=True), pair(3, 4), "KLDivLoss", {"reduction": "sum", "logTarget": True}),
    case("poissonNll", nn.PoissonNLLLoss(), {"x": torch.randn(3, 4), "target": 4 * torch.rand(3, 4)}, "PoissonNLLLoss"),
    case(
        "poissonNllFull", nn.PoissonNLLLoss(log_input=False, full=True, eps=1e-3), {"x": 0.5 + torch.rand(3, 4), "target": 4 * torch.rand(3, 4)},
        "PoissonNLLLoss", {"logInput": False, "full": True, "eps": 1e-3},
    ),
    case(
        "gaussianNll", nn.GaussianNLLLoss(full=True), {**pair(3, 4), "variance": 0.5 + torch.rand(3, 4)}, "GaussianNLLLoss", {"full": True},
    ),
    case("gaussianNllShared", nn.GaussianNLLLoss(reduction="sum"), {**pair(3, 4), "variance": 0.5 + torch.rand(3, 1)}, "GaussianNLLLoss", {"reduction": "sum"}),
    case("softMargin", nn.SoftMarginLoss(), {"x": torch.randn(3, 4), "target": signs(3, 4)}, "SoftMarginLoss", call=target_fixed),
]

CLASSES = [
    *three("crossEntropy", nn.CrossEntropyLoss, {"x": torch.randn(4, 5), "target": classes(5, 4)}, "CrossEntropyLoss"),
    case(
        "crossEntropyWeighted", nn.CrossEntropyLoss(weight(0.5, 2.0, 1.0), label_smoothing=0.2, ignore_index=1), {"x": torch.randn(4, 3), "target": torch.tensor([2, 1, 0, 2])},
        "CrossEntropyLoss", {"weight": [0.5, 2.0, 1.0], "labelSmoothing": 0.2, "ignoreIndex": 1},
    ),
    case("crossEntropyOfImages", nn.CrossEntropyLoss(), {"x": torch.randn(2, 3, 2, 2), "target": classes(3, 2, 2, 2)}, "CrossEntropyLoss"),
    case("crossEntropyUnbatched", nn.CrossEntropyLoss(), {"x": torch.randn(4), "target": classes(4)}, "CrossEntropyLoss"),
    case(
        "crossEntropyOfProbabilities", nn.CrossEntropyLoss(weight(0.5, 2.0, 1.0), label_smoothing=0.1), {"x": torch.randn(4, 3), "target": torch.rand(4, 3)},
        "CrossEntropyLoss", {"weight": [0.5, 2.0, 1.0], "labelSmoothing": 0.1},
    ),
    *[
        case(f"nll{reduction.capitalize()}", nn.NLLLoss(weight(0.5, 2.0, 1.0), ignore_index=0, reduction=reduction), {"x": torch.randn(4, 3), "target": torch.tensor([2, 1, 0, 2])},
             "NLLLoss", {"weight": [0.5, 2.0, 1.0], "ignoreIndex": 0, "reduction": reduction}, call=on_log_probabilities)
        for reduction in ("mean", "sum", "none")
    ],
    case("nllOfImages", nn.NLLLoss(), {"x": torch.randn(2, 3, 2, 2), "target": classes(3, 2, 2, 2)}, "NLLLoss", call=on_log_probabilities),
    case("multiLabelMargin", nn.MultiLabelMarginLoss(), {"x": torch.randn(2, 4), "target": torch.tensor([[3, 0, -1, 1], [1, -1, 2, 0]])}, "MultiLabelMarginLoss"),
    case("multiLabelSoftMargin", nn.MultiLabelSoftMarginLoss(weight(0.5, 2.0, 1.5, 1.0)), {"x": torch.randn(3, 4), "target": torch.rand(3, 4).round()}, "MultiLabelSoftMarginLoss", {"weight": [0.5, 2.0, 1.5, 1.0]}),
    case("multiMargin", nn.MultiMarginLoss(), {"x": torch.randn(3, 4), "target": classes(4, 3)}, "MultiMarginLoss"),
    case(
        "multiMarginSquared", nn.MultiMarginLoss(2, 0.7, weight(0.5, 2.0, 1.0), reduction="none"), {"x": torch.randn(4, 3), "target": classes(3, 4)},
        "MultiMarginLoss", {"p": 2, "margin": 0.7, "weight": [0.5, 2.0, 1.0], "reduction": "none"},
    ),
    case(
        "linearCrossEntropy", nn.LinearCrossEntropyLoss(4, 5, bias=True, label_smoothing=0.1), {"x": torch.randn(3, 4), "target": classes(5, 3)},
        "LinearCrossEntropyLoss", {"bias": True, "labelSmoothing": 0.1}, args=(4, 5),
    ),
    case(
        "linearCrossEntropyOfPlaces", nn.LinearCrossEntropyLoss(4, 3, out_features=(2,), reduction="sum"), {"x": torch.randn(3, 4), "target": classes(3, 3, 2)},
        "LinearCrossEntropyLoss", {"outFeatures": [2], "reduction": "sum"}, args=(4, 3),
    ),
    case(
        "adaptiveLogSoftmax", nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6], div_value=2.0, head_bias=True), {"x": torch.randn(6, 8), "target": torch.tensor([0, 5, 9, 2, 4, 3])},
        "AdaptiveLogSoftmaxWithLoss", {"divValue": 2.0, "headBias": True}, args=(8, 10, [3, 6]),
    ),
    case(
        "adaptiveLogSoftmaxUnbatched", nn.AdaptiveLogSoftmaxWithLoss(8, 10, [4]), {"x": torch.randn(8), "target": torch.tensor(7)},
        "AdaptiveLogSoftmaxWithLoss", {}, args=(8, 10, [4]),
    ),
]

VECTORS = [
    case("hingeEmbedding", nn.HingeEmbeddingLoss(0.6), {"x": torch.randn(3, 4), "target": signs(3, 4)}, "HingeEmbeddingLoss", {"margin": 0.6}, call=target_fixed),
    case("marginRanking", nn.MarginRankingLoss(0.3), {"a": torch.randn(5), "b": torch.randn(5), "target": signs(5)}, "MarginRankingLoss", {"margin": 0.3}, call=target_fixed),
    case("cosineEmbedding", nn.CosineEmbeddingLoss(0.1), {"a": torch.randn(4, 3), "b": torch.randn(4, 3), "target": torch.tensor([1, -1, -1, 1])}, "CosineEmbeddingLoss", {"margin": 0.1}),
    case(
        "tripletMargin", nn.TripletMarginLoss(1.5, p=3.0, swap=True), {"anchor": torch.randn(4, 3), "positive": torch.randn(4, 3), "negative": torch.randn(4, 3)},
        "TripletMarginLoss", {"margin": 1.5, "p": 3.0, "swap": True},
    ),
    case(
        "tripletMarginWithDistance", nn.TripletMarginWithDistanceLoss(margin=2.0, reduction="none"),
        {"anchor": torch.randn(4, 3), "positive": torch.randn(4, 3), "negative": torch.randn(4, 3)},
        "TripletMarginWithDistanceLoss", {"margin": 2.0, "reduction": "none"},
    ),
]

FRAMES = torch.tensor([6, 5, 6])
SIZES = torch.tensor([2, 3, 1])
SEQUENCES = [
    *[
        case(
            f"ctc{reduction.capitalize()}", nn.CTCLoss(blank=1, reduction=reduction),
            {"x": torch.randn(6, 3, 4), "targets": torch.tensor([[2, 3, 0], [0, 2, 2], [3, 3, 3]]), "frames": FRAMES, "sizes": SIZES},
            "CTCLoss", {"blank": 1, "reduction": reduction}, call=on_frames,
        )
        for reduction in ("mean", "sum", "none")
    ],
    case(
        "ctcConcatenated", nn.CTCLoss(zero_infinity=True), {"x": torch.randn(6, 3, 4), "targets": torch.tensor([2, 3, 1, 2, 2, 3]), "frames": FRAMES, "sizes": SIZES},
        "CTCLoss", {"zeroInfinity": True}, call=on_frames,
    ),
]

CASES = ELEMENTS + CLASSES + VECTORS + SEQUENCES
