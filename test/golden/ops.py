"""Golden cases of the operators: ops.json and ops.safetensors.

A case of the JSON is
  {name, op, inputs, args, outputs, cotangents, grads}
  op          public function, PyTorch's name in camelCase
  inputs      its tensor arguments in order, by their names in the safetensors file; null: not given
  args        its other arguments by name
  cotangents  one an output, null where the output has no gradient
  grads       gradients of sum(output * cotangent), one an input, null where there is none; empty: no gradients
The inputs of `concat` are the list it takes. Optimizers (SGD, Adam, AdamW) take a parameter and one gradient a step,
and put out the parameter after each step.
"""

import math

import torch
import torch.nn.functional as F

from golden_file import GoldenFile

nan, inf = math.nan, math.inf


def randn(*shape):
    return torch.randn(*shape)


def ints(low, high, *shape):
    return torch.randint(low, high, shape)


class Cases:
    def __init__(self):
        self.file = GoldenFile()
        self.cases = []

    def add(self, name, op, compute, inputs, args=None):
        """`compute` takes the inputs, floating ones in f64, and returns a tensor or several."""
        leaves = [
            x.double().requires_grad_() if x is not None and x.is_floating_point() else x for x in inputs
        ]
        outputs = compute(*leaves)
        outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
        differentiable = [y for y in outputs if y.requires_grad]
        cotangents = [torch.randn(y.shape).double() for y in differentiable]
        wanted = [x for x in leaves if x is not None and x.requires_grad]
        found = iter(())
        if differentiable:
            found = iter(torch.autograd.grad(differentiable, wanted, cotangents, allow_unused=True))

        put = lambda what, tensor: None if tensor is None else self.file.put(f"{name}.{what}", tensor)
        remaining = iter(cotangents)
        self.cases.append({
            "name": name,
            "op": op,
            "inputs": [put(f"in{i}", x) for i, x in enumerate(inputs)],
            "args": args or {},
            "outputs": [put(f"out{i}", y) for i, y in enumerate(outputs)],
            "cotangents": [
                put(f"cotangent{i}", next(remaining)) if y.requires_grad else None for i, y in enumerate(outputs)
            ] if differentiable else [],
            "grads": [
                put(f"grad{i}", next(found)) if x is not None and x.requires_grad else None
                for i, x in enumerate(leaves)
            ] if differentiable else [],
        })


def pointwise(cases):
    unary = {
        "neg": torch.neg, "abs": torch.abs, "sign": torch.sign, "square": torch.square, "reciprocal": torch.reciprocal,
        "exp": torch.exp, "expm1": torch.expm1, "sin": torch.sin, "cos": torch.cos, "tanh": torch.tanh,
        "sigmoid": torch.sigmoid, "relu": torch.relu, "gelu": F.gelu, "silu": F.silu, "erf": torch.erf,
        "floor": torch.floor, "ceil": torch.ceil, "round": torch.round, "trunc": torch.trunc,
    }
    for op, f in unary.items():
        cases.add(op, op, f, [randn(3, 7) * 2])
    for op, f in {"sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "log": torch.log, "log1p": torch.log1p}.items():
        cases.add(op, op, f, [torch.rand(3, 7) * 3 + 0.05])
    cases.add("gelu.tanh", "gelu", lambda x: F.gelu(x, approximate="tanh"), [randn(3, 7) * 2], {"approximate": "tanh"})
    cases.add("leakyRelu", "leakyRelu", lambda x: F.leaky_relu(x, 0.2), [randn(3, 7)], {"negativeSlope": 0.2})
    cases.add("elu", "elu", lambda x: F.elu(x, 1.3), [randn(3, 7)], {"alpha": 1.3})
    cases.add("softplus", "softplus", lambda x: F.softplus(x, 2, 3), [randn(3, 7) * 2], {"beta": 2, "threshold": 3})
    cases.add("clamp", "clamp", lambda x: x.clamp(-0.5, 0.75), [randn(3, 7)], {"min": -0.5, "max": 0.75})
    cases.add("clamp.min", "clamp", lambda x: x.clamp(min=0.25), [randn(3, 7)], {"min": 0.25})

    # Kinks, signed zeros and non-finite numbers. gelu(inf) is left out: PyTorch's vector and scalar code differ there.
    kinks = torch.tensor([0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -1.5, -2.5, 1.0, -1.0])
    for op in ("abs", "sign", "relu", "silu", "floor", "ceil", "round", "trunc"):
        cases.add(f"{op}.kinks", op, unary[op], [kinks])
    cases.add("clamp.kinks", "clamp", lambda x: x.clamp(-1.0, 1.0), [kinks], {"min": -1, "max": 1})
    cases.add("leakyRelu.kinks", "leakyRelu", lambda x: F.leaky_relu(x, 0.2), [kinks], {"negativeSlope": 0.2})
    cases.add("elu.kinks", "elu", lambda x: F.elu(x, 1.3), [kinks], {"alpha": 1.3})
    special = torch.tensor([nan, inf, -inf, 0.0, -0.0, 1.0])
    for op, f in {**unary, "isnan": torch.isnan, "isfinite": torch.isfinite, "logicalNot": torch.logical_not}.items():
        if op not in ("gelu", "sin", "cos"):
            cases.add(f"{op}.special", op, lambda x, f=f: f(x.detach()), [special])

    binary = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div}
    binary |= {"maximum": torch.maximum, "minimum": torch.minimum, "remainder": torch.remainder}
    for op, f in binary.items():
        cases.add(op, op, f, [randn(3, 4), randn(3, 4) + 3])
        cases.add(f"{op}.broadcast", op, f, [randn(2, 1, 5), randn(3, 1)])
    cases.add("pow", "pow", torch.pow, [torch.rand(3, 4) + 0.1, randn(3, 4)])
    for exponent in (2, 0.5, -1.5):
        cases.add(f"pow.{exponent}", "pow", lambda x, e=exponent: x**e, [torch.rand(3, 4) + 0.1],
                  {"exponent": exponent})
    cases.add("pow.zero", "pow", torch.pow, [torch.tensor([0.0, 0.0, 2.0, -2.0]), torch.tensor([0.0, 2.0, 0.0, 3.0])])
    for op in ("add", "sub", "mul", "div", "remainder"):
        cases.add(f"{op}.scalar", op, lambda x, f=binary[op]: f(x, 1.5), [randn(3, 4)], {"other": 1.5})
    for op in ("maximum", "minimum"):  # equal operands share the gradient
        cases.add(f"{op}.ties", op, binary[op], [torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 3.0, 3.0])])
        cases.add(f"{op}.nan", op, lambda a, b, f=binary[op]: f(a.detach(), b.detach()),
                  [torch.tensor([nan, 1.0, inf]), torch.tensor([1.0, nan, -inf])])
    cases.add("remainder.signs", "remainder", lambda a, b: torch.remainder(a.detach(), b.detach()),
              [torch.tensor([5.0, -5.0, 5.0, -5.0, 6.0, 1.0]), torch.tensor([3.0, 3.0, -3.0, -3.0, -3.0, inf])])
    cases.add("remainder.i64", "remainder", torch.remainder,
              [ints(-9, 9, 8), torch.tensor([3, -3, 2, -2, 5, -5, 7, 1])])
    comparisons = {"eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge}
    comparisons |= {"logicalAnd": torch.logical_and, "logicalOr": torch.logical_or, "logicalXor": torch.logical_xor}
    for op, f in comparisons.items():
        cases.add(op, op, f, [torch.tensor([0.0, 1.0, nan, inf]),
                              torch.tensor([[0.0, 0.0, nan, inf], [1.0, 1.0, 1.0, 1.0]])])
    cases.add("where", "where", torch.where, [randn(3, 1) > 0, randn(3, 4), randn(4)])
    cases.add("maskedFill", "maskedFill", lambda x, mask: x.masked_fill(mask, -inf), [randn(3, 4), randn(3, 1) > 0],
              {"value": -inf})


def reductions(cases):
    x = randn(3, 4, 5)
    for op, f in {"sum": torch.sum, "mean": torch.mean, "amax": torch.amax, "amin": torch.amin,
                  "logsumexp": torch.logsumexp}.items():
        for dims in ([0], [1], [2], [0, 2], [0, 1, 2]):
            cases.add(f"{op}.{''.join(map(str, dims))}", op, lambda x, f=f, d=dims: f(x, d), [x], {"dim": dims})
        cases.add(f"{op}.keepDim", op, lambda x, f=f: f(x, [1], keepdim=True), [x], {"dim": [1], "keepDim": True})
    for correction in (0, 1):
        for dims in ([1], [0, 2]):
            cases.add(f"var.{correction}.{''.join(map(str, dims))}", "var",
                      lambda x, c=correction, d=dims: x.var(d, correction=c), [x],
                      {"dim": dims, "correction": correction})
    cases.add("prod", "prod", lambda x: x.prod(1), [x], {"dim": 1})
    cases.add("prod.zeros", "prod", lambda x: x.prod(1), [torch.tensor([[2.0, 0.0, 3.0], [0.0, 0.0, 4.0]])], {"dim": 1})
    ties = torch.tensor([[1.0, 3.0, 3.0, 2.0], [4.0, 4.0, 4.0, 4.0]])  # amax shares the gradient among equals
    cases.add("amax.ties", "amax", lambda x: x.amax(1), [ties], {"dim": [1]})
    cases.add("amin.ties", "amin", lambda x: x.amin(1), [ties], {"dim": [1]})
    for op in ("argmax", "argmin"):
        for dim in (0, 1, 2):
            cases.add(f"{op}.{dim}", op, lambda x, op=op, d=dim: getattr(x, op)(d), [x], {"dim": dim})
        cases.add(f"{op}.all", op, lambda x, op=op: getattr(x, op)(), [x])
        cases.add(f"{op}.ties", op, lambda x, op=op: getattr(x, op)(1), [ties], {"dim": 1})
        cases.add(f"{op}.nan", op, lambda x, op=op: getattr(x, op)(0), [torch.tensor([1.0, nan, 3.0, nan])], {"dim": 0})
    cases.add("logsumexp.infinite", "logsumexp", lambda x: x.detach().logsumexp([1]),
              [torch.tensor([[inf, 1.0], [-inf, -inf], [-inf, 2.0], [nan, 1.0]])], {"dim": [1]})
    flags = torch.tensor([[True, False], [False, False], [True, True]])
    cases.add("any", "any", lambda x: x.any(1), [flags], {"dim": 1})
    cases.add("all", "all", lambda x: x.all(1), [flags], {"dim": 1})


def products(cases):
    table = (
        ("2d", (3, 4), (4, 5)), ("vector", (3, 4), (4,)), ("dot", (7,), (7,)), ("batched", (2, 3, 4), (2, 4, 5)),
        ("broadcast", (2, 1, 3, 4), (3, 4, 2)), ("long", (2, 67), (67, 3)), ("empty", (2, 0), (0, 3)),
    )
    for name, a, b in table:
        cases.add(f"matmul.{name}", "matmul", torch.matmul, [randn(*a), randn(*b)])
    cases.add("linear", "linear", F.linear, [randn(2, 3, 6), randn(5, 6), randn(5)])
    cases.add("linear.noBias", "linear", F.linear, [randn(3, 6), randn(5, 6), None])


def convolutions(cases):
    # name, x, weight, bias, stride, padding, dilation, groups
    table = (
        ("3x3", (2, 3, 7, 6), (4, 3, 3, 3), True, [1, 1], [1, 1], [1, 1], 1),
        ("1x1", (2, 5, 4, 4), (3, 5, 1, 1), True, [1, 1], [0, 0], [1, 1], 1),
        ("strided", (1, 2, 9, 8), (3, 2, 3, 2), False, [2, 3], [1, 0], [1, 1], 1),
        ("dilated", (1, 2, 9, 9), (2, 2, 3, 3), True, [1, 1], [2, 1], [2, 3], 1),
        ("grouped", (2, 4, 5, 5), (6, 2, 3, 3), True, [1, 1], [1, 1], [1, 1], 2),
        ("depthwise", (1, 4, 6, 6), (4, 1, 3, 3), False, [2, 2], [1, 1], [1, 1], 4),
        ("stem", (1, 3, 12, 12), (4, 3, 7, 7), False, [2, 2], [3, 3], [1, 1], 1),
    )
    for name, x, weight, bias, stride, padding, dilation, groups in table:
        cases.add(f"conv2d.{name}", "conv2d",
                  lambda x, w, b, s=stride, p=padding, d=dilation, g=groups: F.conv2d(x, w, b, s, p, d, g),
                  [randn(*x), randn(*weight) * 0.3, randn(weight[0]) if bias else None],
                  {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups})
    for name, kernel, stride, padding, dilation in (("2x2", [2, 2], [2, 2], [0, 0], [1, 1]),
                                                    ("3x3s2p1", [3, 3], [2, 2], [1, 1], [1, 1]),
                                                    ("overlap", [3, 2], [1, 1], [1, 0], [2, 1])):
        args = {"kernelSize": kernel, "stride": stride, "padding": padding}
        pool = lambda x, k=kernel, s=stride, p=padding, d=dilation: F.max_pool2d(x, k, s, p, d)
        cases.add(f"maxPool2d.{name}", "maxPool2d", pool, [randn(2, 2, 7, 6)], {**args, "dilation": dilation})
        for included in (True, False):
            cases.add(f"avgPool2d.{name}.{'padded' if included else 'inside'}", "avgPool2d",
                      lambda x, k=kernel, s=stride, p=padding, i=included: F.avg_pool2d(
                          x, k, s, p, count_include_pad=i),
                      [randn(2, 2, 7, 6)], {**args, "countIncludePad": included})
    cases.add("maxPool2d.ties", "maxPool2d", lambda x: F.max_pool2d(x, 2, 1), [ints(0, 2, 1, 2, 4, 4).float()],
              {"kernelSize": [2, 2], "stride": [1, 1], "padding": [0, 0], "dilation": [1, 1]})
    for size in ([1, 1], [3, 2], [7, 8]):
        cases.add(f"adaptiveAvgPool2d.{size[0]}x{size[1]}", "adaptiveAvgPool2d",
                  lambda x, s=size: F.adaptive_avg_pool2d(x, s), [randn(2, 2, 5, 7)], {"outputSize": size})


def normalizations(cases):
    x = randn(2, 3, 5) * 3
    for dim in (0, 1, 2):
        cases.add(f"softmax.{dim}", "softmax", lambda x, d=dim: F.softmax(x, d), [x], {"dim": dim})
        cases.add(f"logSoftmax.{dim}", "logSoftmax", lambda x, d=dim: F.log_softmax(x, d), [x], {"dim": dim})
    masked = torch.tensor([[1.0, -inf, 2.0], [-inf, -inf, 0.5], [1000.0, 999.0, -1000.0]])
    cases.add("softmax.masked", "softmax", lambda x: F.softmax(x, 1), [masked], {"dim": 1})
    cases.add("softmax.nothing", "softmax", lambda x: F.softmax(x.detach(), 1), [torch.full((1, 3), -inf)], {"dim": 1})

    for name, shape, affine in (("affine", (5,), True), ("plain", (5,), False), ("two", (3, 5), True)):
        cases.add(f"layerNorm.{name}", "layerNorm", lambda x, w, b, s=shape: F.layer_norm(x, s, w, b, 1e-5),
                  [x, randn(*shape) if affine else None, randn(*shape) if affine else None],
                  {"normalizedShape": list(shape), "eps": 1e-5})

    def batch_norm(x, mean, var, weight, bias, training):
        mean, var = mean.detach().clone(), var.detach().clone()
        y = F.batch_norm(x, mean, var, weight, bias, training, 0.1, 1e-5)
        return y, mean, var

    for shape in ((4, 3), (2, 3, 4, 5)):
        for training in (True, False):
            for affine in (True, False):
                name = f"batchNorm.{len(shape)}d.{'train' if training else 'eval'}{'.affine' if affine else ''}"
                cases.add(name, "batchNorm",
                          lambda x, m, v, w, b, t=training: batch_norm(x, m, v, w, b, t),
                          [randn(*shape) * 2 + 1, randn(3), torch.rand(3) + 0.5, randn(3) if affine else None,
                           randn(3) if affine else None],
                          {"training": training, "momentum": 0.1, "eps": 1e-5})

    def attend(q, k, v, mask=None, causal=False, scale=None):
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal, scale=scale)

    # isCausal with fewer queries than keys is the case of decoding with a cache: the last query sees every key (torch's
    # causal_lower_right; torch's own is_causal aligns the other corner).
    op, shape = "scaledDotProductAttention", (2, 2, 5, 4)
    cases.add("attention", op, attend, [randn(*shape), randn(*shape), randn(*shape)])
    cases.add("attention.causal", op, lambda q, k, v: attend(q, k, v, causal=True),
              [randn(*shape), randn(*shape), randn(*shape)], {"isCausal": True})
    cases.add("attention.cross", op, lambda q, k, v: attend(q, k, v, scale=0.3),
              [randn(1, 2, 3, 4), randn(1, 2, 7, 4), randn(1, 2, 7, 4)], {"scale": 0.3})
    mask = torch.ones(3, 7, dtype=torch.bool).tril(4)
    cases.add("attention.decode", op, lambda q, k, v: attend(q, k, v, mask=mask),
              [randn(1, 2, 3, 4), randn(1, 2, 7, 4), randn(1, 2, 7, 4)], {"isCausal": True, "alignment": "lowerRight"})


def indexing(cases):
    cases.add("embedding", "embedding", lambda i, w: F.embedding(i, w), [ints(0, 7, 2, 5), randn(7, 3)])
    padded = torch.tensor([[2, 0, 2], [1, 2, 6]])
    cases.add("embedding.padding", "embedding", lambda i, w: F.embedding(i, w, padding_idx=2), [padded, randn(7, 3)],
              {"paddingIdx": 2})
    x = randn(3, 4, 5)
    for dim in (0, 1, 2):
        index = ints(0, x.shape[dim], 2, 3, 4)
        cases.add(f"gather.{dim}", "gather", lambda x, i, d=dim: x.gather(d, i), [x, index], {"dim": dim})
        cases.add(f"scatterAdd.{dim}", "scatterAdd", lambda x, i, s, d=dim: x.scatter_add(d, i, s),
                  [x, index, randn(2, 3, 4)], {"dim": dim})
        rows = ints(0, x.shape[dim], 6)
        shape = [6 if d == dim else n for d, n in enumerate(x.shape)]
        cases.add(f"indexSelect.{dim}", "indexSelect", lambda x, i, d=dim: x.index_select(d, i), [x, rows],
                  {"dim": dim})
        cases.add(f"indexAdd.{dim}", "indexAdd", lambda x, i, s, d=dim: x.index_add(d, i, s), [x, rows, randn(*shape)],
                  {"dim": dim})
    cases.add("concat", "concat", lambda *xs: torch.cat(xs, 1), [randn(2, 3, 4), randn(2, 1, 4), randn(2, 0, 4)],
              {"dim": 1})
    for diagonal in (-1, 0, 2):
        cases.add(f"tril.{diagonal}", "tril", lambda x, d=diagonal: x.tril(d), [randn(2, 4, 5)], {"diagonal": diagonal})
        cases.add(f"triu.{diagonal}", "triu", lambda x, d=diagonal: x.triu(d), [randn(2, 4, 5)], {"diagonal": diagonal})


def losses(cases):
    for reduction in ("none", "mean", "sum"):
        for weighted in (False, True):
            for smoothing in (0.0, 0.1):
                name = f"crossEntropy.{reduction}{'.weighted' if weighted else ''}{'.smooth' if smoothing else ''}"
                cases.add(name, "crossEntropy",
                          lambda x, t, w, r=reduction, s=smoothing: F.cross_entropy(
                              x, t, w if w is None else w.detach(), ignore_index=-100, reduction=r, label_smoothing=s),
                          [randn(5, 6) * 2, torch.tensor([1, 5, -100, 0, 3]), torch.rand(6) if weighted else None],
                          {"reduction": reduction, "ignoreIndex": -100, "labelSmoothing": smoothing})
        cases.add(f"mseLoss.{reduction}", "mseLoss", lambda x, y, r=reduction: F.mse_loss(x, y, reduction=r),
                  [randn(3, 4), randn(3, 4)], {"reduction": reduction})
    cases.add("crossEntropy.ignored", "crossEntropy",
              lambda x, t, w: F.cross_entropy(x.detach(), t, ignore_index=2),
              [randn(2, 3), torch.tensor([2, 2]), None],
              {"reduction": "mean", "ignoreIndex": 2, "labelSmoothing": 0.0})


def optimizers(cases):
    def trajectory(make):
        def run(parameter, *gradients):
            p = parameter.detach().clone().requires_grad_()
            optimizer, steps = make([p]), []
            for gradient in gradients:
                p.grad = gradient.detach().clone()
                optimizer.step()
                steps.append(p.detach().clone())
            return steps

        return run

    def add(name, cls, arguments):
        # weight_decay -> weightDecay
        camel = {k.split("_")[0] + "".join(w.title() for w in k.split("_")[1:]): v for k, v in arguments.items()}
        cases.add(name, cls.__name__, trajectory(lambda ps: cls(ps, **arguments)), [randn(3, 4) for _ in range(5)],
                  camel)

    add("sgd", torch.optim.SGD, {"lr": 0.1})
    add("sgd.decay", torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.05, "maximize": True})
    add("sgd.momentum", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05})
    add("sgd.dampening", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3})
    add("sgd.nesterov", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05, "nesterov": True})
    add("adam", torch.optim.Adam, {"lr": 0.1, "betas": [0.8, 0.95], "eps": 1e-6, "weight_decay": 0.05})
    add("adamw", torch.optim.AdamW, {"lr": 0.1, "betas": [0.8, 0.95], "eps": 1e-6, "weight_decay": 0.05})


def sequences(cases):
    # Gradients are those of the logits: PyTorch's by the log-probabilities holds behind a log softmax only.
    def ctc(name, x, targets, frames, lengths, reduction="mean", blank=0, zero_infinity=False):
        cases.add(name, "ctcLoss",
                  lambda x, t: F.ctc_loss(x.log_softmax(-1), t, frames, lengths, blank, reduction, zero_infinity),
                  [x, targets],
                  {"frames": frames, "lengths": lengths, "reduction": reduction, "blank": blank,
                   "zeroInfinity": zero_infinity})

    padded = torch.tensor([[1, 2, 2, 4], [3, 1, 0, 0], [4, 4, 4, 4]])
    for reduction in ("none", "mean", "sum"):
        ctc(f"ctcLoss.{reduction}", randn(9, 3, 5), padded, [9, 6, 8], [4, 2, 3], reduction)
    ctc("ctcLoss.concatenated", randn(7, 3, 4), torch.tensor([1, 2, 3, 3, 1]), [7, 5, 4], [2, 0, 3])
    ctc("ctcLoss.blank", randn(6, 2, 4), torch.tensor([[0, 1, 2], [2, 2, 0]]), [6, 5], [3, 2], "sum", 3)
    ctc("ctcLoss.zeroInfinity", randn(4, 2, 3), torch.tensor([[1, 1, 2], [2, 1, 2]]), [3, 4], [3, 3], "none", 0, True)
    ctc("ctcLoss.long", randn(50, 2, 6), ints(1, 6, 2, 12), [50, 45], [12, 9])


def write(stem):
    cases = Cases()
    for family in (pointwise, reductions, products, convolutions, normalizations, indexing, losses, optimizers,
                   sequences):
        family(cases)
    cases.file.write(stem, {"cases": cases.cases})
