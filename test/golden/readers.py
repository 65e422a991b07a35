#!/usr/bin/env python3
"""Makes test/golden/readers.json: files as NumPy and SciPy write them, in base64, and the numbers in them.

    python3 test/golden/readers.py        (needs numpy and scipy; the result is in the repository)
"""
import base64
import io
import json
import wave
from pathlib import Path

import numpy as np
from scipy.io import wavfile


def file(write):
    buffer = io.BytesIO()
    write(buffer)
    return base64.b64encode(buffer.getvalue()).decode()


def numbers(array):
    return [str(v) for v in array.flatten().tolist()]


def arrays():
    base = np.arange(24).reshape(2, 3, 4)
    yield "f4", base.astype("<f4") / 7
    yield "f8", base.astype("<f8") / 7
    yield "f8 big", base.astype(">f8") / 7
    yield "f2", np.array([0, -0.5, 65504, 6e-8, np.inf, -np.inf, np.nan, 1 / 3], dtype="<f2")
    yield "i1", base.astype("i1") - 12
    yield "u1", base.astype("u1") * 10
    yield "i2 big", (base * 1000 - 12000).astype(">i2")
    yield "u2", (base * 2800).astype("<u2")
    yield "i4 fortran", np.asfortranarray(base.astype("<i4") * 1000003)
    yield "u4", (base * 178000000).astype("<u4")
    yield "i8", base.astype("<i8") * -(10**17)
    yield "b1", base % 3 == 0
    yield "scalar", np.array(2.5)
    yield "none", np.zeros((0, 3), dtype="<f4")
    yield "refused: complex", np.zeros(2, dtype="c8")
    yield "refused: text", np.array(["a", "bc"])
    yield "refused: fields", np.zeros(2, dtype=[("a", "f4")])


def npy(name, array):
    data = file(lambda f: np.save(f, array))
    if name.startswith("refused"):
        return {"name": name, "file": data}
    values = array.astype("i4") if array.dtype == bool else array
    return {"name": name, "file": data, "shape": list(array.shape), "values": numbers(values)}


def wav24(f, samples):
    with wave.open(f, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(3)
        out.setframerate(8000)
        out.writeframes(b"".join(int(v).to_bytes(3, "little", signed=True) for v in samples.flatten()))


def wavs():
    unit = np.sin(np.arange(22).reshape(11, 2))
    for name, dtype, scale, middle in [("u8", "u1", 127, 128), ("s16", "i2", 2**15 - 1, 0), ("s32", "i4", 2**31 - 1, 0)]:
        samples = np.round(unit * scale + middle).astype(dtype)
        expected = (samples.astype("f8") - middle) / (scale + 1)
        yield {"name": name, "file": file(lambda f: wavfile.write(f, 8000, samples)), "values": numbers(expected.T)}
    samples = np.round(unit * (2**23 - 1)).astype("i4")
    yield {"name": "s24", "file": file(lambda f: wav24(f, samples)), "values": numbers(samples.T / 2**23)}
    for name in ["f4", "f8"]:
        samples = unit.astype(name)
        yield {"name": name, "file": file(lambda f: wavfile.write(f, 8000, samples)), "values": numbers(samples.T)}


a, b = np.arange(6, dtype="<f4").reshape(2, 3), np.arange(2, dtype="<i8")
golden = {
    "npy": [npy(name, array) for name, array in arrays()],
    "npz": {"stored": file(lambda f: np.savez(f, a=a, b=b)), "deflated": file(lambda f: np.savez_compressed(f, a=a, b=b))},
    "wav": list(wavs()),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
