"""What the kernel lists share: a family is one .cu file, one .ptx file and one data file. Place in the whole: imported by
scalar.py, matrix.py and memory.py, which say what is recorded; make_kernels.py writes the files; record.py runs them.

Every kernel is (const uint32_t* in, uint32_t* out, uint32_t n[, tensor map]). Inputs and outputs are 32-bit words."""

import hashlib
import re

import numpy as np

FAMILIES = {}

C_TYPE = {'r': 'uint32_t', 'l': 'uint64_t', 'f': 'float', 'd': 'double', 'h': 'uint16_t'}
WORDS = {'r': 1, 'l': 2, 'f': 1, 'd': 2, 'h': 1}


class Family:
    def __init__(self, name, title):
        self.name, self.title = name, title
        self.functions, self.bodies, self.kernels = {}, [], []
        self.inputs, self.pool = bytearray(), {}
        self.rng = np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], 'little'))
        FAMILIES[name] = self

    def put(self, words):
        """Input words, stored once however many kernels read them; returns [offset, count] in words."""
        data = np.ascontiguousarray(words, dtype=np.uint32).tobytes()
        key = hashlib.sha256(data).digest()
        if key not in self.pool:
            self.inputs += bytes(-len(self.inputs) % 128)  # every kernel finds its operands 128-byte aligned
            self.pool[key] = [len(self.inputs) // 4, len(data) // 4]
            self.inputs += data
        return self.pool[key]

    def function(self, text):
        """A device function wrapping one instruction; the same text is written once."""
        self.functions.setdefault(text, None)

    def kernel(self, name, body, words, out_words, *, n, grid, block, params='', **more):
        self.bodies.append(
            f'extern "C" __global__ void {name}(const uint32_t* in, uint32_t* out, uint32_t n{params}) {{\n{body.rstrip()}\n}}\n'
        )
        entry = {
            'name': name,
            **({'iota': len(words)} if more.get('hashed') else {'in': self.put(words)}),
            'outWords': int(out_words),
            'n': int(n),
            'grid': grid,
            'block': block,
        }
        entry.update(more)
        self.kernels.append(entry)

    def source(self):
        head = f'// {self.title} Written by make_kernels.py; README.md says what is recorded.\n#include "common.cuh"\n\n'
        return head + '\n'.join(self.functions) + '\n\n' + '\n'.join(self.bodies)


def identifier(text):
    return re.sub(r'[^A-Za-z0-9]+', '_', text).strip('_')


def scalars(family, name, signature, ops, columns, *, hashed=False):
    """One kernel that applies every op to the same operands, a thread an element. `signature` such as 'ff>f' has a letter of
    asm constraint an operand (before >) and a result (after). An op is an instruction, or (label, asm text with %0 ...).
    `columns`: one array an operand. In: operand after operand, n elements each; out: op after op, result after result."""
    operands, results = signature.split('>')
    n = max(len(columns[0]), 1)
    body = ['  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;', '  if (i >= n) return;']
    words, offset = [], 0
    for j, (kind, column) in enumerate(zip(operands, columns)):
        body.append(f'  const {C_TYPE[kind]} x{j} = load_{kind}(in, {offset}, n, i);')
        offset += WORDS[kind]
        words.append(as_words(column, kind))
    out, labels = 0, []
    for op in ops:
        label, text = op if isinstance(op, tuple) else (op, None)
        if text is None:
            text = f'{label} ' + ', '.join(f'%{k}' for k in range(len(results) + len(operands))) + ';'
        function = 'op_' + identifier(label)
        args = ', '.join(f'{C_TYPE[k]} x{j}' for j, k in enumerate(operands))
        outs = ''.join(f', {C_TYPE[k]}& y{j}' for j, k in enumerate(results))
        bind_out = ', '.join(f'"={k}"(y{j})' for j, k in enumerate(results))
        bind_in = ', '.join(f'"{k}"(x{j})' for j, k in enumerate(operands))
        family.function(f'DEVICE void {function}({(args + outs).lstrip(", ")}) {{ asm("{text}" : {bind_out} : {bind_in}); }}')
        names = [f'x{j}' for j in range(len(operands))] + [f'y{len(labels)}_{j}' for j in range(len(results))]
        declare = ' '.join(f'{C_TYPE[k]} y{len(labels)}_{j};' for j, k in enumerate(results))
        body.append(f'  {declare} {function}({", ".join(names)});')
        for j, kind in enumerate(results):
            body.append(f'  store_{kind}(out, {out}, n, i, y{len(labels)}_{j});')
            out += WORDS[kind]
        labels.append(label)
    block = 128
    family.kernel(
        name,
        '\n'.join(body),
        np.concatenate(words),
        out * n,
        n=n,
        grid=[-(-n // block), 1, 1],
        block=[block, 1, 1],
        signature=signature,
        columns=labels,
        **({'hashed': True} if hashed else {}),
    )


def as_words(column, kind):
    column = np.asarray(column)
    if kind == 'f':
        return column.astype(np.float32).view(np.uint32) if column.dtype.kind == 'f' else column.astype(np.uint32)
    if kind == 'd':
        return np.ascontiguousarray(column if column.dtype.kind == 'u' else column.astype(np.float64)).view(np.uint32)
    if kind == 'l':
        return np.ascontiguousarray(column.astype(np.uint64)).view(np.uint32)
    return (column.astype(np.int64) & (0xFFFF if kind == 'h' else 0xFFFFFFFF)).astype(np.uint32)


# --- input values ---------------------------------------------------------------------------------------------------------


def bits(*values):
    return np.array(values, dtype=np.uint32)


def f32_edges():
    powers = np.array(
        [
            2.0**k
            for k in (
                -149,
                -148,
                -140,
                -127,
                -126,
                -125,
                -100,
                -64,
                -33,
                -25,
                -24,
                -23,
                -17,
                -16,
                -15,
                -14,
                -13,
                -12,
                -10,
                -9,
                -8,
                -7,
                -6,
                -5,
                -3,
                -2,
                -1,
                0,
                1,
                2,
                3,
                4,
                7,
                8,
                9,
                10,
                11,
                15,
                16,
                17,
                23,
                24,
                25,
                30,
                31,
                32,
                33,
                62,
                63,
                64,
                65,
                100,
                126,
                127,
            )
        ],
        dtype=np.float32,
    )
    more = np.array(
        [
            0.5,
            1.5,
            2.5,
            3.5,
            0.25,
            0.75,
            126.5,
            127.5,
            128.5,
            254.5,
            255.5,
            256.5,
            32766.5,
            32767.5,
            65534.5,
            65535.5,
            65503,
            65504,
            65519,
            65519.996,
            65520,
            65536,
            448,
            464,
            464.1,
            463.9,
            480,
            57344,
            61439,
            61440,
            61441,
            8388607.5,
            8388608.5,
            16777217,
            2147483520,
            4294967040,
            3.1415927,
            1.5707964,
            6.2831855,
            0.7853982,
            100.5,
            1e4,
            1e5,
            88.7,
            89,
            104,
            10,
            20,
            9.01,
            1 / 3,
            0.1,
            0.9,
            1.1,
            1.0009765625,
            1.00048828125,
            1.0004883,
            1.0039062,
            1.00390625,
            1.001953125,
            1.0078125,
            1.01171875,
            3.4028e38,
        ],
        dtype=np.float32,
    )
    positive = np.concatenate([powers, more]).view(np.uint32)
    near = np.concatenate([positive, powers.view(np.uint32) + 1, powers.view(np.uint32) - 1])
    special = bits(
        0,
        0x7F800000,
        0x7FC00000,
        0x7FFFFFFF,
        0x7F800001,
        0x7FA12345,
        0x7F7FFFFF,
        0x00000001,
        0x007FFFFF,
        0x00800000,
        0x33000001,
        0x32FFFFFF,
    )
    positive = np.concatenate([special, near])
    return np.unique(np.concatenate([positive, positive | np.uint32(0x80000000)]))


def f32_some(rng, n):
    """Half of the rest any bits, a quarter of moderate size, a quarter between -1 and 1."""
    edges = f32_edges()
    if n <= len(edges):
        return rng.choice(edges, n, replace=False)
    rest = n - len(edges)
    anything = rng.integers(0, 2**32, rest // 2, dtype=np.uint32)
    moderate = (rng.standard_normal(rest // 4) * 50).astype(np.float32).view(np.uint32)
    unit = rng.uniform(-1, 1, rest - rest // 2 - rest // 4).astype(np.float32).view(np.uint32)
    return np.concatenate([edges, anything, moderate, unit])


CORE32 = [
    0,
    0x80000000,
    1,
    0x80000001,
    0x007FFFFF,
    0x00800000,
    0x3F800000,
    0xBF800000,
    0x7F7FFFFF,
    0x7F800000,
    0xFF800000,
    0x7FC00000,
    0x7F800001,
    0xFFC12345,
]


def core_tuple(rng, core, k):
    """Every pair of the core values (or as many random tuples of more)."""
    core = np.array(core, dtype=np.uint32)
    first, second = np.repeat(core, len(core)), np.tile(core, len(core))
    return [first, second] + [rng.choice(core, len(core) ** 2) for _ in range(k - 2)]


def f32_tuple(rng, n, k):
    """k operands: the core values against each other, edges against edges, then values close enough to round and cancel."""
    edges, head = f32_edges(), core_tuple(rng, CORE32, k)
    if n <= len(head[0]):
        pick = rng.choice(len(head[0]), n // 3, replace=False)
        head = [h[pick] for h in head]
    some = (n - len(head[0])) // 2
    rest = n - len(head[0]) - some
    out = []
    base = rng.standard_normal(rest) * 2.0 ** rng.integers(-8, 8, rest)
    for j in range(k):
        other = (base * (1 + rng.standard_normal(rest) * 2.0 ** rng.integers(-24, 2, rest)) * rng.choice([-1, 1], rest)).astype(np.float32)
        out.append(np.concatenate([head[j], rng.choice(edges, some), other.view(np.uint32)]))
    return out


F16_EDGES = [
    0,
    1,
    2,
    0x3FF,
    0x400,
    0x401,
    0x3C00,
    0x3C01,
    0x3BFF,
    0x3800,
    0x3E00,
    0x4000,
    0x4100,
    0x4248,
    0x5800,
    0x5BFF,
    0x6400,
    0x6401,
    0x7800,
    0x7BFE,
    0x7BFF,
    0x7C00,
    0x7C01,
    0x7D00,
    0x7E00,
    0x7FFF,
    0x1400,
    0x0C00,
]
BF16_EDGES = [
    0,
    1,
    2,
    0x7F,
    0x80,
    0x81,
    0x3F80,
    0x3F81,
    0x3F7F,
    0x3F00,
    0x3FC0,
    0x4000,
    0x4020,
    0x4049,
    0x4300,
    0x437F,
    0x4F00,
    0x5F00,
    0x7F00,
    0x7F7F,
    0x7F80,
    0x7F81,
    0x7FA0,
    0x7FC0,
    0x7FFF,
    0x2000,
    0x0100,
    0x3A80,
]


def half_tuple(rng, n, k, edges):
    """k operands of 16-bit floats: core values against each other, edges against edges, close values, any bits."""
    f16 = 0x3C00 in edges
    core = (
        [0, 0x8000, 1, 0x8001, 0x3C00, 0xBC00, 0x7BFF, 0x7C00, 0xFC00, 0x7E00, 0x7C01]
        if f16
        else [0, 0x8000, 1, 0x8001, 0x3F80, 0xBF80, 0x7F7F, 0x7F80, 0xFF80, 0x7FC0, 0x7F81]
    )
    head = core_tuple(rng, core, k)
    if n <= 2 * len(head[0]):
        pick = rng.choice(len(head[0]), n // 3, replace=False)
        head = [h[pick] for h in head]
    edges = np.array(edges + [e | 0x8000 for e in edges], dtype=np.uint32)
    left = n - len(head[0])
    a = b = left // 3
    out = []
    base = rng.standard_normal(b) * 2.0 ** rng.integers(-4, 4, b)
    for j in range(k):
        close = base * (1 + rng.standard_normal(b) * 2.0 ** rng.integers(-11, 2, b)) * rng.choice([-1, 1], b)
        out.append(
            np.concatenate(
                [
                    head[j],
                    rng.choice(edges, a),
                    to_f16(close) if f16 else to_bf16(close),
                    rng.integers(0, 65536, left - a - b, dtype=np.uint32),
                ]
            )
        )
    return out


def pairs_of(halves):
    """16-bit values as packed pairs: value i low, value i+1 (cyclic, another stride) high."""
    return [h | (np.roll(h, 7 + 3 * j) << np.uint32(16)) for j, h in enumerate(halves)]


def u32_some(rng, n):
    edges = np.array(
        sorted(
            {
                0,
                1,
                2,
                3,
                4,
                5,
                7,
                8,
                15,
                16,
                17,
                31,
                32,
                33,
                63,
                64,
                100,
                127,
                128,
                255,
                256,
                0x7FFF,
                0x8000,
                0xFFFF,
                0x10000,
                0x7FFFFF,
                0x800000,
                0xFFFFFF,
                0x1000000,
                0x1000001,
                0x3FFFFFFF,
                0x7FFFFFFF,
                0x80000000,
                0x80000001,
                0xFFFFFF80,
                0xFFFFFF7F,
                0xFFFF8000,
                0xFFFF7FFF,
                0xFFFFFFFE,
                0xFFFFFFFF,
                0xAAAAAAAA,
                0x55555555,
                0x01020304,
                0x80818283,
                0x7F80FF01,
            }
        ),
        dtype=np.uint32,
    )
    a = n // 2
    small = rng.integers(-40, 40, (n - a) // 2).astype(np.int64).astype(np.uint32)
    return np.concatenate([rng.choice(edges, a), small, rng.integers(0, 2**32, n - a - len(small), dtype=np.uint32)])


def u64_some(rng, n):
    edges = np.array(
        [
            0,
            1,
            2,
            3,
            10,
            127,
            255,
            0x7FFFFFFF,
            0x80000000,
            0xFFFFFFFF,
            0x100000000,
            0x1FFFFFFFFFFFFF,
            0x20000000000001,
            0x3FFFFFFFFFFFFFFF,
            0x7FFFFFFFFFFFFFFF,
            0x7FFFFFFFFFFFFE00,
            0x8000000000000000,
            0x8000000000000001,
            0xFFFFFFFFFFFFFFFE,
            0xFFFFFFFFFFFFFFFF,
            0xFFFFFFFF00000000,
        ],
        dtype=np.uint64,
    )
    a = n // 2
    rest = rng.integers(0, 2**64, n - a, dtype=np.uint64) >> rng.integers(0, 64, n - a).astype(np.uint64)
    return np.concatenate([rng.choice(edges, a), rest])


def f64_some(rng, n):
    edges = [
        0.0,
        1.0,
        1.5,
        2.5,
        0.5,
        1 / 3,
        1e300,
        1e-300,
        5e-324,
        2.2250738585072014e-308,
        1.7976931348623157e308,
        np.inf,
        np.nan,
        2.0**53,
        2.0**53 + 2,
        2.0**63,
        2.0**64,
        2.0**31,
        2.0**32,
        2147483647.5,
        3.4028235677973366e38,
        3.4028234663852886e38,
        1.1754943508222875e-38,
        1.401298464324817e-45,
        7.006492321624085e-46,
        65504.0,
        65520.0,
        1 + 2.0**-24,
        1 + 2.0**-23,
        1 + 2.0**-24 + 2.0**-52,
        255.5,
        32767.5,
    ]
    edges = np.array(edges + [-e for e in edges])
    a = n // 2
    rest = rng.standard_normal(n - a) * 2.0 ** rng.integers(-60, 60, n - a)
    return np.concatenate([rng.choice(edges, a), rest])


# --- narrow floats --------------------------------------------------------------------------------------------------------


def to_f16(x):
    with np.errstate(all='ignore'):
        return np.asarray(x, dtype=np.float64).astype(np.float16).view(np.uint16).astype(np.uint32)


def to_bf16(x):
    with np.errstate(all='ignore'):
        b = np.asarray(x, dtype=np.float32).view(np.uint32)
    return ((b + np.uint32(0x7FFF) + ((b >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)) & np.uint32(0xFFFF)


def to_tf32(x):
    b = np.asarray(x, dtype=np.float32).view(np.uint32)
    return (b + np.uint32(0x1000)) & np.uint32(0xFFFFE000)


def fp8_table(exponent_bits):
    """All 256 values of e4m3 (exponent_bits 4: no infinities, NaN at 0x7f) or e5m2 (5: as IEEE)."""
    mantissa_bits = 7 - exponent_bits
    bias = 2 ** (exponent_bits - 1) - 1
    values = np.zeros(256)
    for code in range(256):
        e, m = (code >> mantissa_bits) & (2**exponent_bits - 1), code & (2**mantissa_bits - 1)
        value = (m * 2.0 ** (1 - bias - mantissa_bits)) if e == 0 else (1 + m / 2**mantissa_bits) * 2.0 ** (e - bias)
        if exponent_bits == 4 and code & 0x7F == 0x7F:
            value = np.nan
        if exponent_bits == 5 and e == 31:
            value = np.inf if m == 0 else np.nan
        values[code] = -value if code & 0x80 else value
    return values


E4M3, E5M2 = fp8_table(4), fp8_table(5)


def to_fp8(x, table):
    """The nearest finite value (ties to the lower code are good enough for making inputs)."""
    x = np.asarray(x, dtype=np.float64)
    finite = np.where(np.isfinite(table[:128]))[0]
    code = finite[np.abs(np.abs(x)[..., None] - table[finite]).argmin(-1)].astype(np.uint32)
    return code | (np.signbit(x).astype(np.uint32) << np.uint32(7))
