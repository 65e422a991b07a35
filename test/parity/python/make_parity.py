"""Writes test/parity/golden: `python make_parity.py [family...]`, each a module beside this file with a list CASES (all without arguments).

Needs torch; the families of whole models need transformers and torchvision too. The files are committed: the tests need no Python.
"""

import importlib
import sys
from pathlib import Path

import torch

import parity

HERE = Path(__file__).parent
TOOLS = ("exact", "parity", "make_parity", "vision")


def main(families):
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    for family in families:
        # A family's numbers depend on nothing but its own file.
        torch.manual_seed(20261128)
        stem = HERE.parent / "golden" / family
        parity.write(stem, importlib.import_module(family.replace("-", "_")).CASES)
        size = sum(Path(f"{stem}.{ending}").stat().st_size for ending in ("json", "safetensors"))
        print(f"{family}: {size / 1024:.0f} KB")


if __name__ == "__main__":
    main(sys.argv[1:] or sorted(p.stem.replace("_", "-") for p in HERE.glob("*.py") if p.stem not in TOOLS))
