"""One golden file: a JSON description beside a safetensors file with the tensors it names.

Place in the whole: shared by ops.py and models.py. The safetensors writer is spelled out here (8 bytes of header
length, a JSON header, the bytes) because making golden data shall need nothing but torch.
"""

import json
import math
import struct
from pathlib import Path

import torch

ELEMENT_TYPES = {
    torch.float32: "F32",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.bool: "BOOL",
}


class GoldenFile:
    def __init__(self):
        self.tensors = {}

    def put(self, name, tensor):
        """Stores a tensor, f64 rounded to f32, and returns its name, which the JSON uses to refer to it."""
        assert name not in self.tensors, name
        tensor = tensor.detach()
        if tensor.dtype == torch.float64:
            tensor = tensor.float()
        self.tensors[name] = tensor.clone(memory_format=torch.contiguous_format)
        return name

    def write(self, stem, description):
        header, chunks, offset = {}, [], 0
        # Wider elements first, so that every tensor is aligned to its own element size.
        for name, tensor in sorted(self.tensors.items(), key=lambda item: -item[1].element_size()):
            data = bytes(tensor.flatten().view(torch.uint8).tolist()) if tensor.numel() else b""
            header[name] = {
                "dtype": ELEMENT_TYPES[tensor.dtype],
                "shape": list(tensor.shape),
                "data_offsets": [offset, offset + len(data)],
            }
            chunks.append(data)
            offset += len(data)
        head = json.dumps(header, separators=(",", ":")).encode()
        head += b" " * (-len(head) % 8)
        Path(f"{stem}.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + b"".join(chunks))
        Path(f"{stem}.json").write_text(one_case_a_line(description))


def plain(value):
    """JSON has no infinities: they become the strings that JavaScript's Number() reads."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def one_case_a_line(description):
    """JSON whose cases are diffable: a line each."""
    lines = []
    for key, value in description.items():
        if key == "cases":
            cases = ",\n".join(json.dumps(plain(case)) for case in value)
            lines.append(f'"cases": [\n{cases}\n]')
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(plain(value))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
