#!/usr/bin/env python3
"""Makes test/golden/elementary.safetensors: functions of doubles with more digits than a double has.

    python3 test/golden/elementary.py        (needs mpmath; the result is in the repository)

For each function `f` and each of the intervals below, POINTS arguments from a fixed seed, uniform or uniform in the logarithm:
`f.x` (and `f.z`, the second operand), `f.y` the double nearest to the result, and `f.low` what it leaves.
"""
import json
import random
import struct
from pathlib import Path

import mpmath
from mpmath import mp

mp.prec = 240
POINTS = 48


def uniform(low, high):
    return lambda r: r.uniform(low, high)


def logarithmic(low, high, around=0.0):
    """Magnitudes between powers of two, of both signs, around a point."""
    return lambda r: around + r.choice((-1, 1)) * 2.0 ** r.uniform(low, high)


def positive(low, high):
    return lambda r: 2.0 ** r.uniform(low, high)


def erfinv(y):
    # mpmath's own start fails beside 1.
    if abs(y) < 0.9:
        return mpmath.erfinv(y)
    return mpmath.sign(y) * erfcinv(1 - abs(y))


def erfcinv(c):
    t = mpmath.sqrt(-2 * mpmath.log(c / 2))
    x = (t - (2.30753 + t * 0.27061) / (1 + t * (0.99229 + t * 0.04481))) / mpmath.sqrt(2)
    for _ in range(10):  # Halley
        u = (mpmath.erfc(x) - c) * mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(x * x)
        x += u / (1 - x * u)
    return x


def ndtr(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def ndtri(p):
    half = mpmath.mpf(1) / 2
    return -mpmath.sqrt(2) * erfcinv(2 * p) if p < half else mpmath.sqrt(2) * erfcinv(2 * (1 - p))


UNARY = {
    "exp": (mpmath.exp, uniform(-745, 709.7), uniform(-2, 2), logarithmic(-60, 0)),
    "exp2": (lambda x: mpmath.power(2, x), uniform(-1074, 1023.9), uniform(-2, 2)),
    "expm1": (mpmath.expm1, uniform(-40, 709.7), uniform(-1.5, 1.5), logarithmic(-1000, 0)),
    "log": (mpmath.log, positive(-1073, 1023), uniform(0.6, 1.6), logarithmic(-50, -2, 1)),
    "log2": (lambda x: mpmath.log(x) / mpmath.log(2), positive(-1073, 1023), uniform(0.6, 1.6), logarithmic(-50, -2, 1)),
    "log10": (mpmath.log10, positive(-1073, 1023), uniform(0.6, 1.6), logarithmic(-50, -2, 1)),
    "log1p": (mpmath.log1p, positive(-1073, 1023), uniform(-0.99, 3), logarithmic(-1000, -1)),
    "sin": (mpmath.sin, uniform(-10, 10), logarithmic(-30, 20), logarithmic(20, 1000)),
    "cos": (mpmath.cos, uniform(-10, 10), logarithmic(-30, 20), logarithmic(20, 1000)),
    "tan": (mpmath.tan, uniform(-10, 10), logarithmic(-30, 20), logarithmic(20, 1000)),
    "asin": (mpmath.asin, uniform(-1, 1), logarithmic(-1000, 0)),
    "acos": (mpmath.acos, uniform(-1, 1), lambda r: 1 - 2.0 ** r.uniform(-50, -1)),
    "atan": (mpmath.atan, uniform(-4, 4), logarithmic(-1000, 1000)),
    "sinh": (mpmath.sinh, uniform(-710, 710), uniform(-2, 2), logarithmic(-1000, 0)),
    "cosh": (mpmath.cosh, uniform(-710, 710), uniform(-2, 2)),
    "tanh": (mpmath.tanh, uniform(-20, 20), uniform(-1.5, 1.5), logarithmic(-1000, 0)),
    "asinh": (mpmath.asinh, uniform(-3, 3), logarithmic(-1000, 1000)),
    "acosh": (mpmath.acosh, uniform(1, 4), positive(0, 1000), lambda r: 1 + 2.0 ** r.uniform(-50, -1)),
    "atanh": (mpmath.atanh, uniform(-1, 1), logarithmic(-1000, -1)),
    "erf": (mpmath.erf, uniform(-6, 6), logarithmic(-1000, 0)),
    "erfc": (mpmath.erfc, uniform(-6, 26.5), uniform(-1, 2)),
    "erfcx": (lambda x: mpmath.exp(x * x) * mpmath.erfc(x), uniform(-26, 60), uniform(-1, 2)),
    "ndtr": (ndtr, uniform(-37, 8), uniform(-1, 1)),
    "logNdtr": (lambda x: mpmath.log(ndtr(x)), uniform(-100, 8), uniform(-1, 1)),
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), uniform(-700, 40), uniform(-3, 3)),
    "erfinv": (erfinv, uniform(-1, 1), logarithmic(-1000, -1), lambda r: 1 - 2.0 ** r.uniform(-50, -1)),
    "ndtri": (ndtri, uniform(0, 1), positive(-1000, -1)),
    "lgamma": (lambda x: mpmath.log(abs(mpmath.gamma(x))), uniform(0, 3), uniform(2, 30), positive(-1000, 5), uniform(-5, 0)),
    "digamma": (mpmath.digamma, uniform(2, 30), positive(-1000, -1)),
    "trigamma": (lambda x: mpmath.polygamma(1, x), uniform(0, 30), uniform(-9, 0)),
}
BINARY = {
    "pow": (
        mpmath.power,
        (positive(-10, 10), uniform(-99, 99)),
        (uniform(0.6, 1.6), uniform(-1000, 1000)),
        (logarithmic(-6, 6), lambda r: float(r.randint(-150, 150))),
        (logarithmic(-40, -10, 1), logarithmic(0, 9)),
    ),
    "atan2": (mpmath.atan2, (uniform(-2, 2), uniform(-2, 2)), (logarithmic(-500, 500), logarithmic(-500, 500))),
    "hypot": (mpmath.hypot, (uniform(-2, 2), uniform(-2, 2)), (logarithmic(-1070, -900), logarithmic(-1070, -900))),
}


def nearest(value):
    """The double nearest to value (mpmath rounds to 53 bits, and subnormal results have fewer), and what it leaves."""
    exponent = max(int(mpmath.floor(mpmath.log(abs(value), 2))), -1022) if value else -1022
    unit = mpmath.ldexp(1, exponent - 52)
    high = mpmath.nint(value / unit) * unit
    return float(high), float(value - high)


def main():
    columns = {}
    for table in (UNARY, BINARY):
        for name, (function, *strata) in table.items():
            random_numbers = random.Random(name)
            rows = []
            for stratum in strata:
                draws = stratum if isinstance(stratum, tuple) else (stratum,)
                for _ in range(POINTS):
                    operands = [draw(random_numbers) for draw in draws]
                    rows.append([*operands, *nearest(function(*(mpmath.mpf(v) for v in operands)))])
            for label, column in zip(("x", "z") if table is BINARY else ("x",), zip(*rows)):
                columns[f"{name}.{label}"] = column
            columns[f"{name}.y"], columns[f"{name}.low"] = zip(*(row[-2:] for row in rows))
    header, chunks, offset = {}, [], 0
    for name, column in columns.items():
        header[name] = {"dtype": "F64", "shape": [len(column)], "data_offsets": [offset, offset + 8 * len(column)]}
        chunks.append(struct.pack(f"<{len(column)}d", *column))
        offset += 8 * len(column)
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    Path(__file__).with_suffix(".safetensors").write_bytes(struct.pack("<Q", len(head)) + head + b"".join(chunks))


main()
