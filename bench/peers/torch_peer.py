#!/usr/bin/env python3
"""PyTorch's side of the bench. Place in the whole: see conversation.py; bench/peers.ts starts it twice, once as installed, once with
glibc's allocator told to keep memory.

A case's name fixes it (shapes are read from the name); what is timed is the same call as on our side: under no_grad where no
gradient is taken, gradients fresh in every call where one is, channels first or last, whichever is faster here.
"""
import math
import re
import warnings

import conversation
from conversation import options, serve, warm

warnings.filterwarnings("ignore")

import torch  # after conversation.py, which sets its environment
import torch.nn as nn
import torch.nn.functional as F

from torch_models import Gpt, ResNet18, bert_encoder, gpt2

torch.set_num_threads(options.threads)
if options.device != "cpu":
    torch.set_default_device(options.device)
    conversation.complete = torch.cuda.synchronize
torch.manual_seed(0)

DTYPES = {"f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16, "f16": torch.float16}
LAYOUTS = {"nchw": torch.contiguous_format, "nhwc": torch.channels_last}
BUILDERS = []


def case(pattern, layouts=False, variants=None):
    """Registers a builder for the names that match; it gets the match (and, with layouts, a memory format, or one of the variants) and
    returns the call."""

    def register(build):
        BUILDERS.append((re.compile(pattern + "$"), build, LAYOUTS if layouts else variants))
        return build

    return register


def shape_of(text):
    return [int(part) for part in text.split("x")]


def without_grad(call):
    def run():
        with torch.no_grad():
            call()

    return run


def with_backward(forward, leaves):
    """Forward, and backward from a fixed output gradient into fresh gradients of the leaves."""
    gradient = torch.randn_like(forward())

    def run():
        for leaf in leaves:
            leaf.grad = None
        forward().backward(gradient)

    return run


@case(r"gemm\.(f32|f64|bf16|f16)\.(?:batched(\d+)\.)?(?:(linear_nt|nt|tn|tt|constB)\.)?(\d+x\d+x\d+)")
def gemm(match):
    dtype, form, (m, n, k) = DTYPES[match[1]], match[3] or "", shape_of(match[4])
    batch = [int(match[2])] if match[2] else []

    def operand(rows, columns, transposed):
        stored = torch.randn(*batch, *((columns, rows) if transposed else (rows, columns))).to(dtype)
        return stored.mT if transposed else stored

    a, b = operand(m, k, form in ("tn", "tt")), operand(k, n, form in ("nt", "linear_nt", "tt"))
    out = torch.empty(*batch, m, n, dtype=dtype)
    product = torch.bmm if batch else torch.mm
    return lambda: product(a, b, out=out)


@case(r"gemm\.int8\.dynlinear8?\.(\d+x\d+x\d+)", variants={name: name for name in ("x86", "fbgemm", "onednn")})
def gemm_dynamic(match, engine):
    m, n, k = shape_of(match[1])
    torch.backends.quantized.engine = engine
    layer = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.Linear(k, n)), {nn.Linear}, dtype=torch.qint8)
    x = torch.randn(m, k)
    return without_grad(lambda: layer(x))


@case(r"gemm\.int8\.int_mm\.(\d+x\d+x\d+)")
def gemm_integers(match):
    m, n, k = shape_of(match[1])
    a, b = (torch.randint(-127, 128, shape, dtype=torch.int8) for shape in ((m, k), (k, n)))
    return lambda: torch._int_mm(a, b)


@case(r"gemm\.w([48])(g32)?\.(\d+x\d+x\d+)")
def gemm_groups(match):
    """The weight-only products; that of 8 bits has one scale a row. In bf16, which torch has kernels for."""
    size, (m, n, k) = 32 if match[2] else 128, shape_of(match[3])
    x = torch.randn(m, k, dtype=torch.bfloat16)
    if match[1] == "8":
        w, scales = torch.randint(-128, 128, (n, k), dtype=torch.int8), torch.rand(n, dtype=torch.bfloat16)
        return without_grad(lambda: torch.ops.aten._weight_int8pack_mm(x, w, scales))
    w = torch.ops.aten._convert_weight_to_int4pack_for_cpu(torch.randint(0, 16, (n, k), dtype=torch.int32), 1)
    scales = torch.rand(k // size, n, 2, dtype=torch.bfloat16)
    return without_grad(lambda: torch.ops.aten._weight_int4pack_mm_for_cpu(x, w, size, scales))
@case(r"sparse\.csr(\d+)\.(\d+)x(\d+)x(\d+)")
def sparse_csr(match):
    rows, cols, columns = (int(match[i]) for i in (2, 3, 4))
    w = torch.randn(rows, cols)
    w[torch.rand(rows, cols) < int(match[1]) / 100] = 0
    s, b = w.to_sparse_csr(), torch.randn(cols, columns)
    return without_grad(lambda: s @ b)


# Our blocks against its product of as many single elements.
@case(r"sparse\.bsr\d+x\d+\.(\d+)\.(\d+)x(\d+)x(\d+)")
def sparse_blocks(match):
    return sparse_csr(match)


@case(r"sparse\.dense_reference\.(\d+)x(\d+)x(\d+)")
def sparse_dense(match):
    a, b = torch.randn(int(match[1]), int(match[2])), torch.randn(int(match[2]), int(match[3]))
    return without_grad(lambda: a @ b)


# PyTorch has 2:4 on CUDA alone: its dense layer.
@case(r"sparse\.2:4\.(?:f32|bf16|i8)\.(\d+)x(\d+)x1")
def sparse_pairs(match):
    x, w = torch.randn(1, int(match[2])), torch.randn(int(match[1]), int(match[2]))
    return without_grad(lambda: F.linear(x, w))


@case(r"conv\.(f32|bf16)\.(fwd|fwdbwd)\.n(\d+)\.nchw\.(dw)?(\d+)x\d+(?:s(\d+))?(?:g(\d+))?(?:d(\d+))?_(\d+)(?:_(\d+))?_(\d+)", layouts=True)
def conv(match, layout):
    dtype, kernel, stride = DTYPES[match[1]], int(match[5]), int(match[6] or 1)
    groups, dilation, c_in, side = int(match[7] or 1), int(match[8] or 1), int(match[9]), int(match[11])
    c_out, groups = (c_in, c_in) if match[4] else (int(match[10]), groups)
    x = torch.randn(int(match[3]), c_in, side, side).contiguous(memory_format=layout).to(dtype)
    padding = dilation * (kernel // 2)
    layer = nn.Conv2d(c_in, c_out, kernel, stride, padding, dilation, groups).to(dtype).to(memory_format=layout)
    if match[2] == "fwd":
        return without_grad(lambda: layer(x))
    return with_backward(lambda: layer(x), [x.requires_grad_(), layer.weight, layer.bias])


@case(r"attention\.(f32|bf16)\.(fwd|fwdbwd)\.(\d+x\d+x\d+x\d+)\.(causal|full)")
def attention(match):
    q, k, v = (torch.randn(shape_of(match[3])).to(DTYPES[match[1]]) for _ in range(3))
    causal = match[4] == "causal"

    def forward():
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)

    if match[2] == "fwd":
        return without_grad(forward)
    return with_backward(forward, [t.requires_grad_() for t in (q, k, v)])


@case(r"attention\.(f32|bf16)\.decode\.(\d+)x(\d+)x1q(\d+)k\.(\d+)")
def attention_decode(match):
    batch, heads, keys, width = (int(match[i]) for i in range(2, 6))
    q, k, v = (torch.randn(batch, heads, rows, width).to(DTYPES[match[1]]) for rows in (1, keys, keys))
    return without_grad(lambda: F.scaled_dot_product_attention(q, k, v))


@case(r"attention\.(f32|bf16)\.gqa\.(\d+)x(\d+)of(\d+)x1q(\d+)k\.(\d+)")
def attention_gqa(match):
    batch, heads, shared, keys, width = (int(match[i]) for i in range(2, 7))
    q = torch.randn(batch, heads, 1, width).to(DTYPES[match[1]])
    k, v = (torch.randn(batch, shared, keys, width).to(DTYPES[match[1]]) for _ in range(2))
    return without_grad(lambda: F.scaled_dot_product_attention(q, k, v, enable_gqa=True))


@case(r"layer_norm\.(fwd|fwdbwd)\.(\d+)x(\d+)")
def layer_norm(match):
    rows, width = int(match[2]), int(match[3])
    x = torch.randn(rows, width)
    layer = nn.LayerNorm(width)
    if match[1] == "fwd":
        return without_grad(lambda: layer(x))
    return with_backward(lambda: layer(x), [x.requires_grad_(), layer.weight, layer.bias])


@case(r"rms_norm\.(fwd|fwdbwd)\.(\d+)x(\d+)")
def rms_norm(match):
    rows, width = int(match[2]), int(match[3])
    x = torch.randn(rows, width)
    layer = nn.RMSNorm(width)
    if match[1] == "fwd":
        return without_grad(lambda: layer(x))
    return with_backward(lambda: layer(x), [x.requires_grad_(), layer.weight])


@case(r"add_(layer|rms)_norm\.fwdbwd\.(\d+)x(\d+)")
def add_norm(match):
    rows, width = int(match[2]), int(match[3])
    x, residual = (torch.randn(rows, width, requires_grad=True) for _ in range(2))
    layer = nn.LayerNorm(width) if match[1] == "layer" else nn.RMSNorm(width)
    leaves, gradients = [x, residual, *layer.parameters()], [torch.randn(rows, width) for _ in range(2)]

    def run():
        total = x + residual
        torch.autograd.grad([total, layer(total)], leaves, gradients)

    return run


@case(r"(group|instance)_norm\.fwdbwd\.(\d+x\d+x\d+x\d+)", layouts=True)
def group_norm(match, layout):
    x = torch.randn(shape_of(match[2])).contiguous(memory_format=layout).requires_grad_()
    channels = x.shape[1]
    layer = nn.GroupNorm(16, channels) if match[1] == "group" else nn.InstanceNorm2d(channels, affine=True)
    return with_backward(lambda: layer(x), [x, layer.weight, layer.bias])


@case(r"batch_norm(?:_channels_last)?\.fwdbwd\.(\d+x\d+x\d+x\d+)", layouts=True)
def batch_norm(match, layout):
    x = torch.randn(shape_of(match[1])).contiguous(memory_format=layout).requires_grad_()
    layer = nn.BatchNorm2d(x.shape[1])
    return with_backward(lambda: layer(x), [x, layer.weight, layer.bias])


@case(r"max_pool2d\.(?:(fwdbwd)\.)?(\d+x\d+x\d+x\d+)", layouts=True)
def max_pool2d(match, layout):
    x = torch.randn(shape_of(match[2])).contiguous(memory_format=layout)
    if not match[1]:
        return without_grad(lambda: F.max_pool2d(x, 3, 2, 1))
    return with_backward(lambda: F.max_pool2d(x, 3, 2, 1), [x.requires_grad_()])


@case(r"(softmax|log_softmax)\.(\d+x\d+)")
def softmax(match):
    x, function = torch.randn(shape_of(match[2])), getattr(torch, match[1])
    return without_grad(lambda: function(x, -1))


@case(r"cross_entropy\.fwdbwd\.(\d+)x(\d+)")
def cross_entropy(match):
    rows, classes = int(match[1]), int(match[2])
    logits, target = torch.randn(rows, classes, requires_grad=True), torch.randint(0, classes, (rows,))
    return with_backward(lambda: F.cross_entropy(logits, target), [logits])


@case(r"linear_cross_entropy\.fwdbwd\.(\d+)x(\d+)x(\d+)(\.bf16)?")
def linear_cross_entropy(match):
    rows, width, classes = (int(match[i]) for i in range(1, 4))
    dtype = torch.bfloat16 if match[4] else torch.float32
    x = torch.randn(rows, width).to(dtype).requires_grad_()
    weight = (torch.randn(classes, width) * 0.02).to(dtype).requires_grad_()
    target = torch.randint(0, classes, (rows,))
    return with_backward(lambda: F.cross_entropy(F.linear(x, weight), target), [x, weight])


@case(r"embedding\.(fwd|fwdbwd)\.(\d+)of(\d+)x(\d+)")
def embedding(match):
    count, rows, width = (int(match[i]) for i in range(2, 5))
    weight, index = torch.randn(rows, width), torch.randint(0, rows, (count,))
    if match[1] == "fwd":
        return without_grad(lambda: F.embedding(index, weight))
    return with_backward(lambda: F.embedding(index, weight.requires_grad_()), [weight])


@case(r"pointwise\.(\w+)\.(\d+)m")
def pointwise(match):
    x, y, out = (torch.randn(int(match[2]) << 20) for _ in range(3))
    return without_grad({
        "add": lambda: torch.add(x, y),
        "add_inplace": lambda: x.add_(y),
        "add_out": lambda: torch.add(x, y, out=out),
        "mul_out": lambda: torch.mul(x, y, out=out),
        "exp": lambda: torch.exp(x),
        "exp_out": lambda: torch.exp(x, out=out),
        "gelu": lambda: F.gelu(x),
        "gelu_tanh": lambda: F.gelu(x, approximate="tanh"),
        "chain": lambda: F.relu(torch.sigmoid(x * y + x) * x - y),
        "chain_fused": lambda: F.relu(torch.sigmoid(x * y + x) * x - y),
    }[match[1]])


# Functions by the bounds of their uniform arguments, as in bench/cases/elementary.ts.
ELEMENTARY = {
    (-5, 5): {
        "abs": torch.abs, "neg": torch.neg, "sign": torch.sign, "square": torch.square, "reciprocal": torch.reciprocal,
        "floor": torch.floor, "ceil": torch.ceil, "round": torch.round, "trunc": torch.trunc, "frac": torch.frac,
        "relu": torch.relu, "exp": torch.exp, "exp2": torch.exp2, "expm1": torch.expm1, "sin": torch.sin, "cos": torch.cos,
        "tan": torch.tan, "atan": torch.atan, "sinh": torch.sinh, "cosh": torch.cosh, "tanh": torch.tanh,
        "asinh": torch.asinh, "sinc": torch.sinc, "erf": torch.erf, "erfc": torch.erfc, "erfcx": torch.special.erfcx,
        "ndtr": torch.special.ndtr, "logNdtr": torch.special.log_ndtr, "sigmoid": torch.sigmoid, "gelu": F.gelu,
        "geluTanh": lambda x: F.gelu(x, approximate="tanh"), "silu": F.silu, "mish": F.mish, "softplus": F.softplus,
        "logSigmoid": F.logsigmoid, "elu": F.elu, "selu": F.selu, "softsign": F.softsign, "leakyRelu": F.leaky_relu,
        "hardswish": F.hardswish, "hardsigmoid": F.hardsigmoid, "tanhshrink": F.tanhshrink, "softshrink": F.softshrink,
        "nanToNum": torch.nan_to_num, "i0": torch.i0, "i0e": torch.special.i0e, "i1": torch.special.i1,
        "i1e": torch.special.i1e, "airyAi": torch.special.airy_ai,
        "sphericalBesselJ0": torch.special.spherical_bessel_j0,
    },
    (0.1, 20): {
        "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "log": torch.log, "log1p": torch.log1p, "log2": torch.log2,
        "log10": torch.log10, "entr": torch.special.entr, "lgamma": torch.lgamma, "digamma": torch.digamma,
        "trigamma": lambda x: torch.polygamma(1, x), "besselJ0": torch.special.bessel_j0,
        "besselJ1": torch.special.bessel_j1, "besselY0": torch.special.bessel_y0, "besselY1": torch.special.bessel_y1,
        "modifiedBesselK0": torch.special.modified_bessel_k0, "modifiedBesselK1": torch.special.modified_bessel_k1,
    },
    (1.1, 10): {"acosh": torch.acosh},
    (-0.95, 0.95): {"asin": torch.asin, "acos": torch.acos, "atanh": torch.atanh, "erfinv": torch.erfinv},
    (0.05, 0.95): {"ndtri": torch.special.ndtri, "logit": torch.logit},
}
ELEMENTARY_PAIRS = {
    (-5, 5): {
        "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "maximum": torch.maximum,
        "fmax": torch.fmax, "remainder": torch.remainder, "fmod": torch.fmod, "floorDivide": torch.floor_divide,
        "copysign": torch.copysign, "nextafter": torch.nextafter, "heaviside": torch.heaviside, "hypot": torch.hypot,
        "atan2": torch.atan2, "logaddexp": torch.logaddexp, "logaddexp2": torch.logaddexp2,
    },
    (0.1, 20): {
        "pow": torch.pow, "xlogy": torch.xlogy, "xlog1py": torch.special.xlog1py, "igamma": torch.special.gammainc,
        "igammac": torch.special.gammaincc,
    },
    (1.1, 10): {"zeta": torch.special.zeta},
}


@case(r"elementary\.(\w+)\.(f32|f64)\.1m")
def elementary(match):
    for arity, groups in ((1, ELEMENTARY), (2, ELEMENTARY_PAIRS)):
        for (low, high), functions in groups.items():
            if match[1] in functions:
                operands = [torch.rand(1 << 20, dtype=DTYPES[match[2]]) * (high - low) + low for _ in range(arity)]
                return without_grad(lambda: functions[match[1]](*operands))
    raise LookupError(f"torch has no {match[1]}")


@case(r"reduce\.(sum|mean|max)\.(\d+)m")
def reduce(match):
    x, function = torch.randn(int(match[2]) << 20), getattr(torch, match[1])
    return without_grad(lambda: function(x))


@case(r"reduce\.sum_dim(\d)\.(\d+x\d+)")
def reduce_dim(match):
    x, dim = torch.randn(shape_of(match[2])), int(match[1])
    return without_grad(lambda: x.sum(dim))


@case(r"transpose_contig\.(\d+x\d+)")
def transpose_contig(match):
    x = torch.randn(shape_of(match[1]))
    return without_grad(lambda: x.t().contiguous())


@case(r"layout\.(\w+)\.(\d+(?:x\d+)+)")
def layout(match):
    x = torch.randn(shape_of(match[2]))
    order = {"batched": (0, 2, 1), "heads": (0, 2, 1, 3), "to_channels_last": (0, 2, 3, 1), "to_channels_first": (0, 3, 1, 2)}
    return without_grad(lambda: x.permute(order[match[1]]).contiguous())


@case(r"random\.(normal_|uniform_)\.(\d+)m")
def random_in_place(match):
    x = torch.empty(int(match[2]) << 20)
    return without_grad(getattr(x, match[1]))


@case(r"dropout\.(fwd|fwdbwd)\.(\d+)m")
def dropout(match):
    x = torch.randn(int(match[2]) << 20)
    if match[1] == "fwd":
        return without_grad(lambda: F.dropout(x, 0.1))
    return with_backward(lambda: F.dropout(x.requires_grad_(), 0.1), [x])


def definite(n):
    a = torch.randn(n, n, dtype=torch.float64)
    return a @ a.t() + n * torch.eye(n, dtype=torch.float64)


def operand(count, build):
    """Operands first, then the call: `build` gets tensors of the shape in the name."""
    return lambda shape: build(*(torch.randn(shape) for _ in range(count)))


def square(function):
    return lambda shape: (lambda a: lambda: function(a))(torch.randn(shape[0], shape[0], dtype=torch.float64))


def indexed(build):
    """x, indices below its last extent, values."""
    return lambda shape: build(torch.randn(shape), torch.randint(0, shape[-1], shape), torch.randn(shape))


def rows(build):
    return lambda shape: build(torch.randn(shape), torch.randint(0, shape[0], shape[:1]), torch.randn(shape))


def bucketize(shape):
    x, edges = torch.randn(shape), torch.randn(1000).sort().values
    return lambda: torch.bucketize(x, edges)


def solve_batch(shape):
    a, b = (torch.randn(shape[0], shape[1], k, dtype=torch.float64) for k in (shape[1], 4))
    return lambda: torch.linalg.solve(a, b)


def distances(p):
    def build(shape):
        a, b = torch.randn(shape[0], shape[2]), torch.randn(shape[1], shape[2])
        return lambda: torch.cdist(a, b, p=p)

    return build


def bags(shape):
    w, i = torch.randn(100_000, 64), torch.randint(0, 100_000, shape)
    return lambda: F.embedding_bag(i, w, mode="sum")


FORWARD = {
    "argmax": operand(1, lambda x: lambda: x.argmax(1)),
    "var": operand(1, lambda x: lambda: x.var(1)),
    "prod": operand(1, lambda x: lambda: x.prod(1)),
    "prod_dim0": operand(1, lambda x: lambda: x.prod(0)),
    "logsumexp": operand(1, lambda x: lambda: x.logsumexp(1)),
    "norm": operand(1, lambda x: lambda: torch.linalg.vector_norm(x)),
    "cumsum": operand(1, lambda x: lambda: x.cumsum(1)),
    "cumsum_dim0": operand(1, lambda x: lambda: x.cumsum(0)),
    "cummax": operand(1, lambda x: lambda: x.cummax(1)),
    "logcumsumexp": operand(1, lambda x: lambda: x.logcumsumexp(1)),
    "sort": operand(1, lambda x: lambda: x.sort()),
    "topk": operand(1, lambda x: lambda: x.topk(50)),
    "kthvalue": operand(1, lambda x: lambda: x.kthvalue(8000)),
    "median": operand(1, lambda x: lambda: x.median()),
    "unique": lambda shape: (lambda x: lambda: x.unique())(torch.randint(0, 10_000, shape)),
    "bucketize": bucketize,
    "histc": operand(1, lambda x: lambda: x.histc(100, -3, 3)),
    "bincount": lambda shape: (lambda x: lambda: x.bincount())(torch.randint(0, 1000, shape)),
    "gather": indexed(lambda x, i, s: lambda: x.gather(1, i)),
    "scatter_add": indexed(lambda x, i, s: lambda: x.scatter_add(1, i, s)),
    "index_select": rows(lambda x, i, s: lambda: x.index_select(0, i)),
    "index_add": rows(lambda x, i, s: lambda: x.index_add(0, i, s)),
    "where": operand(2, lambda x, y: (lambda c: lambda: torch.where(c, x, y))(x > y)),
    "nonzero": operand(1, lambda x: lambda: (x > 0).nonzero()),
    "cat": lambda shape: (lambda parts: lambda: torch.cat(parts, 1))([torch.randn(1024, 1024) for _ in range(8)]),
    "roll": operand(1, lambda x: lambda: x.roll((1, 1), (0, 1))),
    "pad_reflect": operand(1, lambda x: lambda: F.pad(x, (1, 1, 1, 1), mode="reflect")),
    "randn": lambda shape: lambda: torch.randn(shape),
    "rand": lambda shape: lambda: torch.rand(shape),
    "unfold": operand(1, lambda x: lambda: F.unfold(x, 3, padding=1)),
    "fold": operand(1, lambda x: lambda: F.fold(x, 56, 3, padding=1)),
    **{"cdist" + suffix: distances(p) for suffix, p in {"": 2, "_p1": 1, "_p3": 3}.items()},
    "embedding_bag": bags,
    "fft": operand(1, lambda x: lambda: torch.fft.rfft(x)),
    "fft2": operand(1, lambda x: lambda: torch.fft.rfft2(x)),
    "fft_prime": operand(1, lambda x: lambda: torch.fft.rfft(x)),
    "stft": operand(1, lambda x: lambda: torch.stft(x, 400, hop_length=160, return_complex=True)),
    "cholesky": lambda shape: (lambda a: lambda: torch.linalg.cholesky(a))(definite(shape[0])),
    "inv": square(torch.linalg.inv),
    "det": square(torch.linalg.det),
    "qr": square(torch.linalg.qr),
    "svd": square(lambda a: torch.linalg.svd(a, full_matrices=False)),
    "eigh": lambda shape: (lambda a: lambda: torch.linalg.eigh(a))(definite(shape[0])),
    "solve_batch": solve_batch,
}


@case(r"op\.(\w+)\.([\dxm]+)")
def operator(match):
    text = match[2]
    if text.endswith("m"):
        shape = [int(part[:-1]) << 20 if part.endswith("m") else int(part) for part in text.split("x")]
    else:
        shape = shape_of(text)
    return without_grad(FORWARD[match[1]](shape))


# Images as torchvision.transforms.v2.functional 0.28 computes them, of torch's operators alone.
def rotated(x):
    """A rotation by 15 degrees: a grid for the batch, and bytes by way of f32."""
    n, _, h, w = x.shape
    a, b = math.cos(math.radians(15)), math.sin(math.radians(15))
    theta = torch.tensor([[[a, -b, 0.0], [b, a, 0.0]]])
    rescaled = theta.transpose(1, 2) / torch.tensor([0.5 * w, 0.5 * h])
    base = torch.empty(1, h, w, 3)
    base[..., 0].copy_(torch.linspace((1 - w) / 2, (w - 1) / 2, w))
    base[..., 1].copy_(torch.linspace((1 - h) / 2, (h - 1) / 2, h).unsqueeze(-1))
    base[..., 2].fill_(1)
    grid = base.view(1, h * w, 3).bmm(rescaled).view(1, h, w, 2).expand(n, -1, -1, -1)
    real = x if x.is_floating_point() else x.float()
    y = F.grid_sample(real, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return y if x.is_floating_point() else y.round_().to(torch.uint8)


def gray(x):
    r, g, b = x.unbind(-3)
    y = r.mul(0.2989).add_(g, alpha=0.587).add_(b, alpha=0.114).unsqueeze(-3)
    return y if x.is_floating_point() else y.floor_()


def blend(x, other, ratio):
    y = x.mul(ratio).add_(other, alpha=1 - ratio).clamp_(0, 1 if x.is_floating_point() else 255)
    return y if x.is_floating_point() else y.to(torch.uint8)


def hue(x, factor):
    real = x if x.is_floating_point() else x.float().mul_(1 / 255)
    r, g, _ = real.unbind(-3)
    least, most = torch.aminmax(real, dim=-3)
    even, ones = most == least, torch.ones_like(most)
    span = most - least
    s = span / torch.where(even, ones, most)
    rc, gc, bc = ((most.unsqueeze(-3) - real) / torch.where(even, ones, span).unsqueeze_(-3)).unbind(-3)
    not_r, is_g = most != r, most == g
    hg = rc.add(2.0).sub_(bc).mul_(is_g & not_r)
    hr = bc.sub_(gc).mul_(~not_r)
    hb = gc.add_(4.0).sub_(rc).mul_(not_r.logical_and_(is_g.logical_not_()))
    h = hr.add_(hg).add_(hb).mul_(1 / 6).add_(1.0).fmod_(1.0).add_(factor).remainder_(1.0)
    h6 = h.mul(6)
    i = torch.floor(h6)
    f = h6.sub_(i)
    i = i.to(torch.int32)
    sxf, rest = s * f, 1.0 - s
    q = (1.0 - sxf).mul_(most).clamp_(0.0, 1.0)
    t = sxf.add_(rest).mul_(most).clamp_(0.0, 1.0)
    p = rest.mul_(most).clamp_(0.0, 1.0)
    i.remainder_(6)
    select = torch.tensor([[0, 2, 1, 1, 3, 0], [3, 0, 0, 2, 1, 1], [1, 1, 3, 0, 0, 2]])[:, i].moveaxis(0, -3)
    y = torch.stack((most, p, q, t), -3).gather(-3, select)
    return y if x.is_floating_point() else y.mul(255.999).to(torch.uint8)


def jittered(x):
    top = 1 if x.is_floating_point() else 255
    y = x.mul(0.8).clamp_(0, top).to(x.dtype)
    y = blend(y, gray(y).mean((-3, -2, -1), keepdim=True), 1.3)
    return hue(blend(y, gray(y), 0.6), 0.1)


def blurred(x):
    at = torch.linspace(-2 / math.sqrt(2), 2 / math.sqrt(2), 5)
    line = torch.softmax(at.div(1.5).pow(2).neg(), 0)
    kernel = (line.unsqueeze(-1) * line).expand(3, 1, 5, 5)
    return F.conv2d(F.pad(x, (2, 2, 2, 2), mode="reflect"), kernel, groups=3)


def equalized(x):
    flat = x.flatten(-2).long()
    counts = flat.new_zeros(*x.shape[:2], 256, dtype=torch.int32)
    counts.scatter_add_(-1, flat, counts.new_ones(1).expand_as(flat))
    below = counts.cumsum(-1)
    brightest = counts.gather(-1, below.argmax(-1).unsqueeze_(-1))
    step = (flat.shape[-1] - brightest).div_(255, rounding_mode="floor")
    valid = step.ne(0).unsqueeze_(-1)
    below = below[..., :-1].add_(step // 2).div_(step.clamp_(min=1), rounding_mode="floor").clamp_(0, 255)
    table = torch.cat([below.new_zeros(1).expand(*x.shape[:2], 1).to(torch.uint8), below.to(torch.uint8)], -1)
    return torch.where(valid, table.gather(-1, flat).view_as(x), x)


IMAGES = {
    "rotate": rotated,
    "jitter": jittered,
    "hue": lambda x: hue(x, 0.1),
    "blur": blurred,
    "equalize": equalized,
}


@case(r"image\.(\w+)\.(f32|u8|fwdbwd)\.(\d+x\d+x\d+x\d+)")
def image(match):
    shape, function = shape_of(match[3]), IMAGES[match[1]]
    x = torch.randint(0, 256, shape, dtype=torch.uint8) if match[2] == "u8" else torch.rand(shape)
    if match[2] == "fwdbwd":
        return with_backward(lambda: function(x), [x.requires_grad_()])
    return without_grad(lambda: function(x))


def mel_filters():
    """80 filters of HTK's scale for 201 frequencies up to 8 kHz."""
    corners = 700 * (10 ** (torch.linspace(0, 2595 * math.log10(1 + 8000 / 700), 82) / 2595) - 1)
    slopes = corners.unsqueeze(0) - torch.linspace(0, 8000, 201).unsqueeze(1)
    widths = corners.diff()
    return torch.minimum(-slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]).clamp(min=0)


# torchaudio's transforms, of torch's operators alone; filters and windows are made once, as there.
@case(r"signal\.(stft|spectrogram|mel_spectrogram|mfcc|mel_scale)\.(?:(fwdbwd)\.)?([\dx]+)")
def signal(match):
    x, window, bank = torch.randn(shape_of(match[3])), torch.hann_window(400), mel_filters()
    n, k = torch.arange(80).unsqueeze(1) + 0.5, torch.arange(40)
    cosines = torch.cos(math.pi / 80 * n * k) * torch.where(k == 0, math.sqrt(1 / 80), math.sqrt(2 / 80))

    def spectra():
        return torch.stft(x, 400, 160, window=window, return_complex=True)

    def filtered(y):
        return torch.matmul(y.transpose(-1, -2), bank).transpose(-1, -2)

    def cepstra():
        mel = 10 * torch.log10(filtered(spectra().abs().pow(2)).clamp(min=1e-10))
        mel = torch.max(mel, mel.amax((-3, -2, -1)) - 80)
        return torch.matmul(mel.transpose(-1, -2), cosines).transpose(-1, -2)

    if match[2]:
        return with_backward(lambda: torch.view_as_real(spectra()), [x.requires_grad_()])
    calls = {
        "stft": spectra,
        "spectrogram": lambda: spectra().abs().pow(2.0),
        "mel_scale": lambda: filtered(x),
        "mel_spectrogram": lambda: filtered(spectra().abs().pow(2.0)),
        "mfcc": cepstra,
    }
    return without_grad(calls[match[1]])


def convolution(function, weight, **options):
    def build(shape):
        w = torch.randn(weight)
        return lambda x: function(x, w, **options), [w]

    return build


def group_norm(shape):
    w, b = torch.randn(shape[1]), torch.randn(shape[1])
    return lambda x: F.group_norm(x, 32, w, b), [w, b]


def rms_norm(shape):
    w = torch.randn(shape[-1])
    return lambda x: F.rms_norm(x, [shape[-1]], w), [w]


def grid_sample(shape):
    grid = torch.rand(shape[0], *shape[2:], 2) * 2 - 1
    return lambda x: F.grid_sample(x, grid, align_corners=False), [grid]


def plain(function):
    return lambda shape: (function, [])


# The call on x, and what else wants gradients.
BOTH = {
    "conv1d": convolution(F.conv1d, (64, 64, 3), padding=1),
    "conv3d": convolution(F.conv3d, (32, 32, 3, 3, 3), padding=1),
    "conv_transpose2d": convolution(F.conv_transpose2d, (128, 64, 4, 4), stride=2, padding=1),
    "avg_pool2d": plain(lambda x: F.avg_pool2d(x, 3, 2, 1)),
    "adaptive_avg_pool2d": plain(lambda x: F.adaptive_avg_pool2d(x, 7)),
    "bilinear": plain(lambda x: F.interpolate(x, scale_factor=2, mode="bilinear")),
    "bicubic": plain(lambda x: F.interpolate(x, scale_factor=2, mode="bicubic")),
    "grid_sample": grid_sample,
    "group_norm": group_norm,
    "rms_norm": rms_norm,
}


@case(r"op\.(embedding_bag)\.(\d+)x(\d+)\.fwdbwd")
def embedding_bag(match):
    w, i = torch.randn(100_000, 64), torch.randint(0, 100_000, (int(match[2]), int(match[3])))
    return with_backward(lambda: F.embedding_bag(i, w.requires_grad_(), mode="sum"), [w])


@case(r"op\.(ctc_loss)\.(\d+)x(\d+)x(\d+)\.fwdbwd")
def ctc_loss(match):
    time_steps, batch, classes = (int(match[i]) for i in range(2, 5))
    x = torch.randn(time_steps, batch, classes).log_softmax(-1).detach().requires_grad_()
    targets = torch.randint(1, classes, (batch, 30))
    inputs, lengths = torch.full((batch,), time_steps), torch.full((batch,), 30)
    return with_backward(lambda: F.ctc_loss(x, targets, inputs, lengths), [x])


@case(r"rnn\.(lstm|gru)\.(fwd|fwdbwd)\.t(\d+)b(\d+)i(\d+)h(\d+)")
def rnn(match):
    steps, batch, inputs, hidden = (int(size) for size in match.groups()[2:])
    net = {"lstm": nn.LSTM, "gru": nn.GRU}[match[1]](inputs, hidden)
    x = torch.randn(steps, batch, inputs)
    if match[2] == "fwd":
        return without_grad(lambda: net(x))
    return with_backward(lambda: net(x)[0], [x.requires_grad_(), *net.parameters()])


@case(r"op\.(\w+)\.([\dx]+)\.fwdbwd")
def operator_with_backward(match):
    shape = shape_of(match[2])
    x = torch.randn(shape, requires_grad=True)
    call, leaves = BOTH[match[1]](shape)
    for leaf in leaves:
        leaf.requires_grad_()
    return with_backward(lambda: call(x), [x, *leaves])


@case(r"adamw\.(fused|foreach_off)\.(\d+)m")
def adamw(match):
    parameters = [torch.randn(int(match[2]) * 100_000, requires_grad=True) for _ in range(10)]
    for p in parameters:
        p.grad = torch.randn_like(p)
    fused = match[1] == "fused"
    optimizer = torch.optim.AdamW(parameters, fused=True) if fused else torch.optim.AdamW(parameters, fused=False, foreach=False)
    return optimizer.step


OPTIMIZERS = {
    "sgd_momentum": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9, fused=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, fused=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p),
    "rmsprop_centered": lambda p: torch.optim.RMSprop(p, momentum=0.9, centered=True),
    "adafactor": lambda p: torch.optim.Adafactor(p),
}


def parameters_with_gradients(count):
    parameters = [torch.randn(5000, count // 5000, requires_grad=True) for _ in range(10)]
    for p in parameters:
        p.grad = torch.randn_like(p)
    return parameters


@case(r"optim\.(" + "|".join(OPTIMIZERS) + r")\.(\d+)m")
def optimizer_step(match):
    return OPTIMIZERS[match[1]](parameters_with_gradients(int(match[2]) * 100_000)).step


@case(r"optim\.clip_grad_norm\.(\d+)m")
def clip_grad_norm(match):
    parameters = parameters_with_gradients(int(match[1]) * 100_000)
    return lambda: torch.nn.utils.clip_grad_norm_(parameters, 1)


@case(r"overhead\.add16")
def overhead_add(match):
    a, b = torch.randn(16), torch.randn(16)

    def run():
        for _ in range(1000):
            torch.add(a, b)

    return run


@case(r"overhead\.chain100\.fwdbwd")
def overhead_chain(match):
    a, b = torch.randn(16, requires_grad=True), torch.randn(16)

    def run():
        y = a
        for _ in range(50):
            y = y * b
            y = y + b
        y.sum().backward()
        a.grad = None

    return run


@case(r"overhead\.linear_mlp\.b1_64_64_64\.train")
def overhead_mlp(match):
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64))
    x, optimizer = torch.randn(1, 64), torch.optim.AdamW(model.parameters(), fused=True)

    def run():
        optimizer.zero_grad()
        model(x).sum().backward()
        optimizer.step()

    return run


def training_step(model, x, target, bf16=False):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

    def run():
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            logits = model(x)
            loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]).float(), target.reshape(-1))
        loss.backward()
        optimizer.step()

    return run


@case(r"train\.mnist_cnn\.b(\d+)", layouts=True)
def train_mnist_cnn(match, layout):
    batch = int(match[1])
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Linear(128, 10),
    ).to(memory_format=layout)
    x = torch.randn(batch, 1, 28, 28).contiguous(memory_format=layout)
    return training_step(model, x, torch.randint(0, 10, (batch,)))


@case(r"train\.resnet18\.b(\d+)\.(cifar)?(\d+)", layouts=True)
def train_resnet18(match, layout):
    batch, cifar, side = int(match[1]), match[2] is not None, int(match[3])
    classes = 10 if cifar else 1000
    x = torch.randn(batch, 3, side, side).contiguous(memory_format=layout)
    model = ResNet18(classes, cifar).to(memory_format=layout)
    return training_step(model, x, torch.randint(0, classes, (batch,)))


@case(r"train\.nanogpt_char\.b(\d+)\.(f32|bf16amp)")
def train_nanogpt(match):
    vocabulary, block, batch = 65, 256, int(match[1])
    tokens, target = (torch.randint(0, vocabulary, (batch, block)) for _ in range(2))
    return training_step(Gpt(vocabulary, 6, 6, 384, block), tokens, target, match[2] == "bf16amp")


class CharLstm(nn.Module):
    def __init__(self, vocabulary, width):
        super().__init__()
        self.token, self.head = nn.Embedding(vocabulary, width), nn.Linear(width, vocabulary)
        self.layers = nn.LSTM(width, width, 2, batch_first=True)

    def forward(self, tokens):
        return self.head(self.layers(self.token(tokens))[0])


@case(r"train\.lstm_char\.2x(\d+)\.b(\d+)x(\d+)")
def train_lstm(match):
    vocabulary, (width, batch, steps) = 65, (int(size) for size in match.groups())
    tokens, target = (torch.randint(0, vocabulary, (batch, steps)) for _ in range(2))
    return training_step(CharLstm(vocabulary, width), tokens, target)


@case(r"train\.gpt2_124m\.b(\d+)x(\d+)\.(f32|bf16amp)")
def train_gpt2(match):
    tokens, target = (torch.randint(0, 50257, (int(match[1]), int(match[2]))) for _ in range(2))
    return training_step(gpt2(), tokens, target, match[3] == "bf16amp")


def inference(model, *inputs):
    model.eval()

    def run():
        with torch.inference_mode():
            model(*inputs)

    return run


def with_bytes(model):
    """Linear layers with weights of bytes, activations quantized on the way; the x86 engine is what torch installs."""
    torch.backends.quantized.engine = "x86"
    return torch.ao.quantization.quantize_dynamic(model.eval(), {nn.Linear}, dtype=torch.qint8)


@case(r"infer\.resnet18\.b1\.224", layouts=True)
def infer_resnet18(match, layout):
    return inference(ResNet18().to(memory_format=layout), torch.randn(1, 3, 224, 224).contiguous(memory_format=layout))


@case(r"infer\.bert_enc\.t(\d+)\.(f32|bf16|dynint8)")
def infer_bert(match):
    model, x = bert_encoder(), torch.randn(1, int(match[1]), 768)
    if match[2] == "bf16":
        return inference(model.to(torch.bfloat16), x.to(torch.bfloat16))
    return inference(with_bytes(model) if match[2] == "dynint8" else model, x)


@case(r"infer\.gpt2_decode\.(f32|bf16|dynint8)")
def infer_gpt2_decode(match):
    model, dtype, prompt, count = gpt2().eval(), torch.float32, 64, 32
    if match[1] == "bf16":
        dtype = torch.bfloat16
        model = model.to(dtype)
    if match[1] == "dynint8":
        model.head.weight = nn.Parameter(model.head.weight.detach().clone())
        model = with_bytes(model)
    caches = [tuple(torch.zeros(1, 12, 1024, 64, dtype=dtype) for _ in range(2)) for _ in range(12)]
    with torch.inference_mode():
        first = model(torch.randint(0, 50257, (1, prompt)), caches)[:, -1:].argmax(-1)

    def run():
        with torch.inference_mode():
            token = first
            for i in range(count):
                token = model(token, caches, prompt + i)[:, -1:].argmax(-1)

    return run


def build(name, choice=""):
    """The call, and the variants that the case has beside the chosen one (the first without a choice)."""
    for pattern, make, choices in BUILDERS:
        match = pattern.match(name)
        if not match:
            continue
        if not choices:
            return make(match), []
        return make(match, choices[choice or next(iter(choices))]), list(choices)
    raise LookupError(f"no torch case is called {name}")


def load(name):
    call, variants = build(name)
    if not variants:
        return call, ""
    calls = {variants[0]: call, **{key: build(name, key)[0] for key in variants[1:]}}
    estimates = {key: warm(call) for key, call in calls.items()}
    best = min(estimates, key=estimates.get)
    return calls[best], best


serve("torch-" + torch.__version__, load, build)
