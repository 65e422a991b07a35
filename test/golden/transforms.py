#!/usr/bin/env python3
"""Makes test/golden/transforms.json: what torchvision's kernels make of one small batch with boxes, masks and keypoints, with parameters
as given, and the augmentation spaces and policies of its automatic augmentations.

    python3 test/golden/transforms.py        (needs torchvision 0.28; the result is in the repository)

Pixels are (7919 i mod 1009) / 1009 and, of bytes, their 256ths; masks are 5 i mod 7. Bytes are not resized here: torchvision rounds them
after each axis. Boxes and keypoints are padded with 'constant' only.
"""
import json
from pathlib import Path

import torch
import torchvision.transforms.v2.functional as F
from torchvision import tv_tensors
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms._presets import ImageClassification
from torchvision.transforms.v2 import _auto_augment as auto

N, H, W = 2, 7, 8
LINEAR, NEAREST = InterpolationMode.BILINEAR, InterpolationMode.NEAREST
real = (torch.arange(N * 3 * H * W, dtype=torch.float64) * 7919 % 1009 / 1009).reshape(N, 3, H, W)
byte = (real * 256).floor().to(torch.uint8)
masks = (torch.arange(N * H * W) * 5 % 7).reshape(N, H, W).to(torch.uint8)
boxes = torch.tensor([[1.0, 1, 4, 5], [0, 2.5, 8, 4], [6, 5, 7.5, 7]], dtype=torch.float64)
points = torch.tensor([[1.0, 1], [3.5, 3.25], [8, 7], [0, 6]], dtype=torch.float64)
START, END = [[0, 0], [7, 0], [7, 6], [0, 6]], [[1, 1], [6, 0], [7, 5], [0, 6]]
DISPLACEMENT = (((torch.arange(H * W * 2, dtype=torch.float64) * 37) % 101 / 101 - 0.5) * 0.6).reshape(1, H, W, 2)


def on(name, f):
    """f of bytes, of masks, of boxes and of keypoints."""
    size = (H, W)
    kept = tv_tensors.BoundingBoxes(boxes, format="XYXY", canvas_size=size, dtype=torch.float64)
    at = tv_tensors.KeyPoints(points, canvas_size=size, dtype=torch.float64)
    results = {"f64": f(tv_tensors.Image(real)), "masks": f(tv_tensors.Mask(masks))}
    if not name.lower().startswith("resize"):
        results["u8"] = f(tv_tensors.Image(byte))
    if name.startswith("pad"):
        f = PLACES["padConstant"]
    # Its places of boxes and keypoints are rough: whole pixels.
    if name == "elastic":
        return results
    return {**results, "boxes": f(kept), "keypoints": f(at)}


def plain(t):
    return {"shape": list(t.shape), "values": [round(v, 7) for v in t.flatten().tolist()]}


PLACES = {
    "rotate": lambda x: F.rotate(x, 33, LINEAR if isinstance(x, tv_tensors.Image) else NEAREST),
    "affine": lambda x: F.affine(x, 20, [3, -2], 1.3, [10, -7]),
    "affineCenter": lambda x: F.affine(x, -35, [0, 0], 0.7, [0, 0], center=[2, 3], fill=[9] if x.dtype == torch.uint8 else [0.5]),
    "perspective": lambda x: F.perspective(x, START, END),
    "horizontalFlip": F.horizontal_flip,
    "verticalFlip": F.vertical_flip,
    "padConstant": lambda x: F.pad(x, [1, 2, 3, 1], fill=0),
    "padEdge": lambda x: F.pad(x, [1, 2, 3, 1], padding_mode="edge"),
    "padReflect": lambda x: F.pad(x, [1, 2, 3, 1], padding_mode="reflect"),
    "padSymmetric": lambda x: F.pad(x, [1, 2, 3, 1], padding_mode="symmetric"),
    "centerCrop": lambda x: F.center_crop(x, [4, 3]),
    "centerCropPadded": lambda x: F.center_crop(x, [9, 5]),
    "crop": lambda x: F.crop(x, -1, 3, 5, 6),
    "resizedCrop": lambda x: F.resized_crop(x, 1, 2, 5, 4, [4, 7]),
    "elastic": lambda x: F.elastic(x, DISPLACEMENT),
    "resize": lambda x: F.resize(x, [5], max_size=6),
    "resizeLarger": lambda x: F.resize(x, [11, 9]),
}


WHOLE = {
    "fiveCrop": lambda x: torch.stack(v2.FiveCrop((4, 5))(x), 1),
    "tenCrop": lambda x: torch.stack(v2.TenCrop((4, 5))(x), 1),
    "tenCropVertical": lambda x: torch.stack(v2.TenCrop((4, 5), vertical_flip=True)(x), 1),
    "normalize": lambda x: F.normalize(x, [0.4, 0.5, 0.6], [0.2, 0.3, 0.25]),
    "imageClassification": ImageClassification(crop_size=5, resize_size=6),
    "erase": lambda x: F.erase(x, 1, 2, 4, 3, torch.tensor([0.1, 0.2, 0.3], dtype=x.dtype)[:, None, None]),
    "toU8": lambda x: F.to_dtype(x, torch.uint8, scale=True),
}


def tables(kind, bins, name="_AUGMENTATION_SPACE"):
    """Of each operation the magnitudes for images of 20 x 31, as they are given to the kernels, and whether they have a sign."""
    rows = {}
    for op, (magnitudes, signed) in getattr(kind, name).items():
        of = magnitudes(bins, 20, 31)
        rows[op] = [None if of is None else [float(v) for v in of], signed]
    return rows


def policies():
    return {p.value: v2.AutoAugment(p)._policies for p in v2.AutoAugmentPolicy}


# An operation of automatic augmentation, its magnitude.
OPS = [
    ("Identity", 0), ("ShearX", 0.21), ("ShearX", -0.3), ("ShearY", 0.27), ("TranslateX", 3.7), ("TranslateX", -2.2), ("TranslateY", -1.9),
    ("Rotate", 24.0), ("Rotate", -9), ("Brightness", 0.63), ("Brightness", -0.63), ("Color", 0.8), ("Color", -0.45), ("Contrast", 0.9),
    ("Contrast", -0.27), ("Sharpness", 0.63), ("Sharpness", -0.81), ("Posterize", 5), ("Solarize", 0.4), ("AutoContrast", 0), ("Equalize", 0), ("Invert", 0),
]  # fmt: skip


def operations():
    with_kernels = v2.RandAugment()
    apply = lambda op, m: with_kernels._apply_image_or_video_transform(byte, op, float(m), NEAREST, {torch.Tensor: None})
    return [[op, m, plain(apply(op, m))["values"]] for op, m in OPS]


if __name__ == "__main__":
    golden = {
        "places": {name: {kind: plain(y) for kind, y in on(name, f).items()} for name, f in PLACES.items()},
        "spaces": {
            "randAugment": tables(auto.RandAugment, 31),
            "trivialAugmentWide": tables(auto.TrivialAugmentWide, 31),
            "autoAugment": tables(auto.AutoAugment, 10),
            "augMix": tables(auto.AugMix, 10),
        },
        "policies": policies(),
        "images": {name: plain(f(real)) for name, f in WHOLE.items()},
        "operations": operations(),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
