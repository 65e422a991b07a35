#!/usr/bin/env python3
"""OpenBLAS's side of the bench, through ctypes. Place in the whole: see conversation.py.

The library is the one that numpy brings along, or the system's. Calls have their arguments converted beforehand, so that the boundary
costs what any foreign call costs. Products of f32 and f64 only: what OpenBLAS has for bf16 returns f32. With one row or one column
it is asked for gemv, which is what its users call then; a batch is a loop, as the library has no batched product everywhere.
"""
import ctypes
import ctypes.util
import functools
import glob
import os
import re

from conversation import options, serve

import numpy

ROW_MAJOR, PLAIN, TRANSPOSED = 101, 111, 112
TYPES = {"f32": ("s", numpy.float32, ctypes.c_float), "f64": ("d", numpy.float64, ctypes.c_double)}


def find_library():
    """The library, the affixes of its names, and its integer type (numpy's build has 64-bit integers and says so in each name)."""
    bundled = glob.glob(os.path.join(os.path.dirname(numpy.__file__), "..", "numpy.libs", "libscipy_openblas64_*.so*"))
    if bundled:
        return ctypes.CDLL(bundled[0]), "scipy_%s64_", ctypes.c_int64
    system = ctypes.util.find_library("openblas")
    if system:
        return ctypes.CDLL(system), "%s", ctypes.c_int
    raise LookupError("neither numpy nor the system brings OpenBLAS")


library, affixes, Integer = find_library()


def function(name, result=None):
    found = getattr(library, affixes % name)
    found.restype = result
    return found


function("openblas_set_num_threads")(ctypes.c_int(options.threads))
version = re.search(rb"OpenBLAS (\S+)", function("openblas_get_config", ctypes.c_char_p)())[1].decode()


def product(dtype, a, b, out, transposed_a, transposed_b):
    """out = a b with a stored as (m, k), or as (k, m) if transposed; b likewise."""
    prefix, _, Real = TYPES[dtype]
    m, n = out.shape
    k = a.shape[0] if transposed_a else a.shape[1]
    at = lambda array: ctypes.c_void_p(array.ctypes.data)
    one, zero = Real(1), Real(0)
    if m == 1 or n == 1:
        # y = M x: M is b, read the other way round, for one row; a for one column.
        matrix, vector = (b, a) if m == 1 else (a, b)
        flip = TRANSPOSED if (not transposed_b if m == 1 else transposed_a) else PLAIN
        rows, columns = (Integer(extent) for extent in matrix.shape)
        call, arguments = function(f"cblas_{prefix}gemv"), (
            ROW_MAJOR, flip, rows, columns, one, at(matrix), columns, at(vector), Integer(1), zero, at(out), Integer(1),
        )
    else:
        call, arguments = function(f"cblas_{prefix}gemm"), (
            ROW_MAJOR, TRANSPOSED if transposed_a else PLAIN, TRANSPOSED if transposed_b else PLAIN,
            Integer(m), Integer(n), Integer(k), one, at(a), Integer(a.shape[1]), at(b), Integer(b.shape[1]), zero,
            at(out), Integer(n),
        )
    run = functools.partial(call, *arguments)
    run.operands = a, b, out  # the arguments are bare addresses
    return run


def load(name):
    match = re.fullmatch(r"gemm\.(f32|f64)\.(?:batched(\d+)\.)?(?:(linear_nt|nt|tn|tt|constB)\.)?(\d+)x(\d+)x(\d+)", name)
    if not match:
        raise LookupError(f"no OpenBLAS case is called {name}")
    dtype, form, (m, n, k) = match[1], match[3] or "", (int(match[i]) for i in (4, 5, 6))
    transposed_a, transposed_b = form in ("tn", "tt"), form in ("nt", "linear_nt", "tt")
    random, real = numpy.random.default_rng(0), TYPES[dtype][1]
    calls = []
    for _ in range(int(match[2] or 1)):
        a = random.standard_normal((k, m) if transposed_a else (m, k), dtype=real)
        b = random.standard_normal((n, k) if transposed_b else (k, n), dtype=real)
        calls.append(product(dtype, a, b, numpy.empty((m, n), dtype=real), transposed_a, transposed_b))
    if len(calls) == 1:
        return calls[0], ""

    def batch():
        for call in calls:
            call()

    return batch, ""


serve("openblas-" + version, load)
