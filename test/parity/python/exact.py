"""Hugging Face's models compute norms, softmax and rotary angles in f32 whatever their own dtype, and so would be no better a reference
than what is tested. Inside `exact()` its f32 is f64, and angles are made anew."""

from contextlib import contextmanager

import torch
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS


@contextmanager
def exact(module=None):
    names = {"float": torch.float, "float32": torch.float32}
    cast = torch.Tensor.float
    try:
        torch.float = torch.float32 = torch.float64
        torch.Tensor.float = torch.Tensor.double
        torch.set_default_dtype(torch.float64)
        for part in module.modules() if module is not None else ():
            if hasattr(part, "inv_freq"):
                turn_anew(part)
        yield
    finally:
        for name, dtype in names.items():
            setattr(torch, name, dtype)
        torch.Tensor.float = cast
        torch.set_default_dtype(torch.float32)


def turn_anew(rotary):
    """What the module made of its config in f32, in f64."""
    default = rotary.rope_type == "default"
    init = rotary.compute_default_rope_parameters if default else ROPE_INIT_FUNCTIONS[rotary.rope_type]
    rotary.inv_freq, rotary.attention_scaling = init(rotary.config)
    rotary.original_inv_freq = rotary.inv_freq.clone()
    rotary.max_seq_len_cached = rotary.original_max_seq_len  # forgets the longest sequence so far


def exactly(call):
    """A case's `call`, computed so."""

    def run(module, inputs):
        with exact(module):
            return call(module, inputs)

    return run
