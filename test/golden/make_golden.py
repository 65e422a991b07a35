"""Writes the golden files of this folder: what PyTorch computes for small cases of every operator family and models.

Place in the whole: run by `npm run golden` with any Python that has torch; the files it writes are committed, so that
the tests need no Python. Inputs are f32; PyTorch computes in f64 from them, so that the stored results are correct to
the last place of f32 and do not depend on the machine that made them.
"""

from pathlib import Path

import torch

import architectures
import complex as complex_cases
import models
import ops
import recurrent

HERE = Path(__file__).parent


def main():
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    modules = {
        "ops": ops,
        "complex": complex_cases,
        "models": models,
        "architectures": architectures,
        "recurrent": recurrent,
    }
    for name, module in modules.items():
        torch.manual_seed(20240607)
        module.write(HERE / name)
        size = sum((HERE / f"{name}.{ending}").stat().st_size for ending in ("json", "safetensors"))
        print(f"{name}: {size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
