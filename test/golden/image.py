#!/usr/bin/env python3
"""Makes test/golden/image.json: what torchvision computes of one small batch, for every function of lib/image that it has too.

    python3 test/golden/image.py        (needs torchvision 0.28; the result is in the repository)

Pixels are (7919 i mod 1009) / 1009 and, of bytes, their 256ths; floating-point images are computed in f64. Bytes are not resized here:
torchvision rounds them after each axis.
"""
import json
from pathlib import Path

import torch
import torchvision.transforms.v2.functional as F
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2.functional._color import _hsv_to_rgb, _rgb_to_hsv

N, H, W = 2, 7, 8
LINEAR = InterpolationMode.BILINEAR
real = (torch.arange(N * 3 * H * W, dtype=torch.float64) * 7919 % 1009 / 1009).reshape(N, 3, H, W)
byte = (real * 256).floor().to(torch.uint8)
START, END = [[0, 0], [7, 0], [7, 6], [0, 6]], [[1, 1], [6, 0], [7, 5], [0, 6]]


def jitter(x):
    return F.adjust_brightness(F.adjust_contrast(F.adjust_hue(F.adjust_saturation(x, 0.5), -0.1), 1.5), 0.8)


BOTH = {
    "rotate": lambda x: F.rotate(x, 33, LINEAR),
    "rotateNearest": lambda x: F.rotate(x, -77, fill=[0.25, 0.5, 0.75], center=[5, 3]),
    "rotateExpand": lambda x: F.rotate(x, 33, LINEAR, expand=True),
    "rotateQuarter": lambda x: F.rotate(x, 90, expand=True),
    "affine": lambda x: F.affine(x, 20, [3, -2], 1.3, [10, -7], LINEAR),
    "perspective": lambda x: F.perspective(x, START, END),
    "adjustBrightness": lambda x: F.adjust_brightness(x, 1.4),
    "adjustContrast": lambda x: F.adjust_contrast(x, 0.6),
    "adjustSaturation": lambda x: F.adjust_saturation(x, 1.7),
    "adjustHue": lambda x: F.adjust_hue(x, 0.23),
    "recolor": jitter,
    "adjustGamma": lambda x: F.adjust_gamma(x, 0.7, 1.2),
    "posterize": lambda x: F.posterize(x, 3),
    "invert": F.invert,
    "autocontrast": F.autocontrast,
    "equalize": F.equalize,
    "rgbToGrayscale": lambda x: F.rgb_to_grayscale(x, 3),
    "adjustSharpness": lambda x: F.adjust_sharpness(x, 1.8),
    "gaussianBlur": lambda x: F.gaussian_blur(x, [7, 5], [1.3, 1.3]),
}
FLOATS = {
    "solarize": lambda x: F.solarize(x, 0.4),
    "resizedCrop": lambda x: F.resized_crop(x, 3, -2, 5, 8, [4, 7]),
    "rgbToHsv": _rgb_to_hsv,
    "hsvToRgb": _hsv_to_rgb,
}
BYTES = {"solarize": lambda x: F.solarize(x, 100)}


def results(functions, x):
    made = {name: f(x) for name, f in functions.items()}
    return {name: {"shape": list(y.shape), "values": [round(v, 9) for v in y.flatten().tolist()]} for name, y in made.items()}


if __name__ == "__main__":
    golden = {"f64": results({**BOTH, **FLOATS}, real), "u8": results({**BOTH, **BYTES}, byte)}
    Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
