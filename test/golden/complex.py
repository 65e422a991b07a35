"""Golden cases of complex numbers and Fourier transforms: complex.json and complex.safetensors.

The cases are those of ops.py. Tensors whose names end in `.c` are complex: stored as real and imaginary parts in a last
dimension of 2. Gradients of complex operands follow PyTorch's convention, dL/dRe + i dL/dIm, with L the sum of the real
parts of conj(cotangent) * output.
"""

import torch

from golden_file import GoldenFile


def randn(*shape):
    return torch.randn(*shape)


def crandn(*shape):
    return torch.randn(*shape, dtype=torch.complex64)


def wide(x):
    return x.to(torch.complex128 if x.is_complex() else torch.float64) if x.is_floating_point() or x.is_complex() else x


class Cases:
    def __init__(self):
        self.file = GoldenFile()
        self.cases = []

    def put(self, name, tensor):
        if tensor is None:
            return None
        tensor = tensor.detach().resolve_conj()
        if tensor.is_complex():
            return self.file.put(name + ".c", torch.view_as_real(tensor))
        return self.file.put(name, tensor)

    def add(self, name, op, compute, inputs, args=None):
        """`compute` takes the inputs, in double precision."""
        leaves = [wide(x).requires_grad_() if x.is_floating_point() or x.is_complex() else x for x in inputs]
        output = compute(*leaves)
        cotangent, grads = None, []
        if output.requires_grad:
            cotangent = wide(crandn(output.shape) if output.is_complex() else torch.randn(output.shape))
            wanted = [x for x in leaves if x.requires_grad]
            found = iter(torch.autograd.grad(output, wanted, cotangent, allow_unused=True))
            grads = [self.put(f"{name}.grad{i}", next(found)) if x.requires_grad else None for i, x in enumerate(leaves)]
        self.cases.append({
            "name": name,
            "op": op,
            "inputs": [self.put(f"{name}.in{i}", x) for i, x in enumerate(inputs)],
            "args": args or {},
            "output": self.put(f"{name}.out", output),
            "cotangent": self.put(f"{name}.cotangent", cotangent),
            "grads": grads,
        })


def arithmetic(cases):
    for op in ("add", "sub", "mul", "div"):
        f = getattr(torch, op)
        cases.add(op, op, f, [crandn(3, 5), crandn(3, 5)])
        cases.add(f"{op}.broadcast", op, f, [crandn(4, 1, 3), crandn(2, 1)])
        cases.add(f"{op}.real", op, f, [crandn(3, 4), randn(4)])
        cases.add(f"{op}.real.left", op, f, [randn(3, 4), crandn(4)])
    one = crandn(1, 4).expand(3, 4).contiguous()
    cases.add("eq", "eq", torch.eq, [one, crandn(3, 4)])
    cases.add("ne", "ne", torch.ne, [one, one.clone()])
    unary = {
        "neg": torch.neg, "square": torch.square, "reciprocal": torch.reciprocal, "exp": torch.exp, "log": torch.log,
        "abs": torch.abs, "angle": torch.angle, "conj": lambda z: z.conj().resolve_conj(), "sgn": torch.sgn,
        "real": torch.real, "imag": torch.imag, "sum": torch.sum, "mean": torch.mean,
    }
    for op, f in unary.items():
        cases.add(op, op, f, [crandn(3, 7)])
    zeros = torch.tensor([0, 1, -1, 1j, -1j], dtype=torch.complex64)
    for op in ("abs", "angle", "sgn"):
        cases.add(f"{op}.zero", op, unary[op], [zeros])
    cases.add("angle.real", "angle", torch.angle, [randn(7)])
    cases.add("isReal", "isReal", torch.isreal, [zeros])
    cases.add("complex", "complex", torch.complex, [randn(3, 4), randn(3, 4)])
    cases.add("polar", "polar", torch.polar, [randn(3, 4).abs(), randn(3, 4)])
    cases.add("where", "where", torch.where, [torch.rand(3, 4) > 0.5, crandn(3, 4), crandn(4)])
    for name, dim in (("sum.dim", 0), ("mean.dim", -1)):
        f = getattr(torch, name[:-4])
        cases.add(name, name[:-4], lambda z, f=f, dim=dim: f(z, dim), [crandn(3, 4)], {"dim": dim})
    for name, a, b in (
        ("matmul", (3, 4), (4, 5)), ("matmul.batch", (2, 3, 4), (4, 2)), ("matmul.batches", (2, 1, 3, 4), (3, 4, 2)),
        ("matmul.vector", (3, 4), (4,)), ("matmul.large", (9, 33), (33, 17)),
    ):
        cases.add(name, "matmul", torch.matmul, [crandn(*a), crandn(*b)])
    cases.add("matmul.real", "matmul", lambda a, b: a.to(b.dtype) @ b, [randn(3, 4), crandn(4, 2)])


KINDS = {
    "fft": "complex", "ifft": "complex", "rfft": "real", "irfft": "complex", "hfft": "complex", "ihfft": "real",
}


def transforms(cases):
    for op, kind in KINDS.items():
        make = randn if kind == "real" else crandn
        f = getattr(torch.fft, op)
        for n in (2, 5, 6, 8, 17, 30):
            cases.add(f"{op}.{n}", op, f, [make(2, n)])
        for norm in ("backward", "ortho", "forward"):
            args = {"n": 6, "dim": 0, "norm": norm}
            cases.add(f"{op}.{norm}", op, lambda x, f=f, args=args: f(x, **args), [make(4, 3)], args)
        cases.add(f"{op}.trim", op, lambda x, f=f: f(x, n=5), [make(2, 9)], {"n": 5})
        for suffix, shapes in (
            ("2", (((2, 4, 5), {}), ((3, 6), {"s": [5, 8], "norm": "ortho"}))),
            ("n", (((3, 4), {}), ((2, 3, 4), {"s": [4, 5]}), ((3, 2, 5), {"dim": [2, 0], "norm": "forward"}))),
        ):
            g = getattr(torch.fft, op + suffix)
            for i, (shape, args) in enumerate(shapes):
                cases.add(f"{op}{suffix}.{i}", op + suffix, lambda x, g=g, args=args: g(x, **args), [make(*shape)], args)
    cases.add("fft.of.real", "fft", torch.fft.fft, [randn(2, 7)])
    cases.add("irfft.of.real", "irfft", torch.fft.irfft, [randn(2, 4)])
    for op in ("fftshift", "ifftshift"):
        f = getattr(torch.fft, op)
        cases.add(op, op, f, [crandn(3, 4)])
        cases.add(f"{op}.dim", op, lambda x, f=f: f(x, dim=1), [crandn(2, 5)], {"dim": 1})


def short_time(cases):
    for name, n_fft, shape, window, args in (
        ("plain", 8, (20,), None, {}),
        ("window", 8, (2, 21), 6, {"hopLength": 3, "winLength": 6, "padMode": "constant"}),
        ("normalized", 7, (19,), 7, {"normalized": True, "onesided": False}),
        ("uncentred", 6, (2, 20), 6, {"hopLength": 4, "center": False}),
    ):
        keys = {"hopLength": "hop_length", "winLength": "win_length", "padMode": "pad_mode"}
        kwargs = {keys.get(key, key): value for key, value in args.items()}
        inputs = [randn(*shape)] + ([torch.rand(window) + 0.5] if window else [])

        def forward(x, w=None, n_fft=n_fft, kwargs=kwargs):
            return torch.stft(x, n_fft, window=w, return_complex=True, **kwargs)

        cases.add(f"stft.{name}", "stft", forward, inputs, {"nFft": n_fft, **args})
        spectra = torch.stft(
            inputs[0], n_fft, window=inputs[1] if window else None, return_complex=True, **kwargs
        ).detach()
        kwargs = {key: value for key, value in kwargs.items() if key != "pad_mode"}
        more = {key: value for key, value in args.items() if key != "padMode"}
        if name == "window":
            kwargs["length"] = more["length"] = 19

        def backward(x, w=None, n_fft=n_fft, kwargs=kwargs):
            return torch.istft(x, n_fft, window=w, **kwargs)

        cases.add(f"istft.{name}", "istft", backward, [spectra] + inputs[1:], {"nFft": n_fft, **more})


def functions(cases):
    names = (
        "sqrt rsqrt exp2 expm1 log1p log2 log10 sigmoid sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh "
        "isnan isfinite isinf prod"
    )
    for name in names.split():
        f = getattr(torch, name)
        # PyTorch's rule of acosh takes the wrong root left of the imaginary axis.
        z = torch.complex(randn(3, 4).abs(), randn(3, 4)) if name == "acosh" else crandn(3, 4)
        cases.add(name, name, f, [z])
    for name in ("cumsum", "cumprod"):
        f = getattr(torch, name)
        cases.add(name, name, lambda z, f=f: f(z, 1), [crandn(3, 5)], {"dim": 1})
    cases.add("prod.dim", "prod", lambda z: torch.prod(z, 0), [crandn(3, 4)], {"dim": 0})
    cases.add("pow", "pow", torch.pow, [crandn(3, 4), crandn(4)])
    cases.add("pow.real", "pow", torch.pow, [crandn(3, 4), randn(4)])
    cases.add("pow.base", "pow", torch.pow, [randn(3, 4).abs(), crandn(4)])
    for name in ("lerp", "addcmul", "addcdiv"):
        cases.add(name, name, getattr(torch, name), [crandn(3, 4), crandn(4), crandn(3, 1)])
    cases.add("vdot", "vdot", torch.vdot, [crandn(5), crandn(5)])
    cases.add("vecdot", "vecdot", torch.linalg.vecdot, [crandn(3, 5), crandn(5)])


def projectors(x):
    """The sum of eigenvalues times projectors: of any order and phases."""
    w, v = torch.linalg.eig(x)
    return (v * w.unsqueeze(-2)) @ v.mH


def powers(x):
    """Sums of the eigenvalues' first powers."""
    w = torch.linalg.eigvals(x)
    return torch.stack([w.sum(-1), (w * w).sum(-1), (w * w * w).sum(-1)], -1)


def linear_algebra(cases):
    for name, make in (("", crandn), (".real", randn)):
        for shape in ((1, 1), (4, 4), (2, 3, 3), (9, 9)):
            cases.add(f"eigvals{name}.{len(shape)}.{shape[-1]}", "powers", powers, [make(*shape)])
            cases.add(f"eig{name}.{len(shape)}.{shape[-1]}", "projectors", projectors, [make(*shape)])
        cases.add(f"eigvals{name}.empty", "powers", powers, [make(2, 0, 0)])
    for name in ("solve", "inv", "det"):
        f = getattr(torch.linalg, name)
        for shape in ((3, 3), (2, 4, 4)):
            operands = [crandn(*shape)] + ([crandn(shape[-1], 2)] if name == "solve" else [])
            cases.add(f"{name}.{len(shape)}", name, f, operands)
    for i in (0, 1):
        cases.add(f"slogdet.{i}", f"slogdet.{i}", lambda x, i=i: torch.linalg.slogdet(x)[i], [crandn(3, 3)])


def write(stem):
    cases = Cases()
    for family in (arithmetic, transforms, short_time, functions, linear_algebra):
        family(cases)
    cases.file.write(stem, {"cases": cases.cases})
