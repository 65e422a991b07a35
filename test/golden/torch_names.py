"""Public functions of torch, torch.Tensor, torch.nn.functional, torch.linalg and torch.fft by name: test/golden/torch-names.json, from
which scripts/operators-doc.mjs makes docs/operators.md. Names only; needs torch."""
import inspect
import json
import pathlib
import warnings

warnings.filterwarnings("ignore")
import torch

SPACES = {
    "torch": torch,
    "torch.Tensor": torch.Tensor,
    "torch.nn.functional": torch.nn.functional,
    "torch.linalg": torch.linalg,
    "torch.fft": torch.fft,
}


def is_function(space, name):
    if name.startswith("_"):
        return False
    value = getattr(space, name)
    if inspect.isclass(value) or inspect.ismodule(value):
        return False
    if space is torch.Tensor:
        return callable(value) or inspect.isgetsetdescriptor(value) or isinstance(value, property)
    if not callable(value):
        return False
    # Re-exports of typing and the like.
    module = getattr(value, "__module__", None) or ""
    return module == "" or module.startswith("torch")


names = {space: sorted(n for n in dir(value) if is_function(value, n)) for space, value in SPACES.items()}
target = pathlib.Path(__file__).parent / "torch-names.json"
target.write_text(json.dumps({"version": torch.__version__.split("+")[0], "names": names}, indent=0) + "\n")
print({k: len(v) for k, v in names.items()})
