"""Matrix instructions: mma.sync, mma.sp, ldmatrix and its kin, wgmma.

The layouts written here only make the inputs meaningful (integers that are exact, rows that probe the adder); what is
recorded is registers in, registers out, whatever the layout is."""

import numpy as np

from framework import E4M3, E5M2, Family, identifier, to_bf16, to_f16, to_fp8, to_tf32

WIDTH = {'f16': 16, 'bf16': 16, 'tf32': 32, 'e4m3': 8, 'e5m2': 8, 's8': 8, 'u8': 8, 's4': 4, 'u4': 4, 'f64': 64}
ENCODE = {'f16': to_f16, 'bf16': to_bf16, 'tf32': to_tf32, 'e4m3': lambda x: to_fp8(x, E4M3), 'e5m2': lambda x: to_fp8(x, E5M2)}


def encode(x, kind):
    if kind in ENCODE:
        return ENCODE[kind](x).astype(np.uint32)
    return np.asarray(x).astype(np.int64).astype(np.uint32) & np.uint32((1 << WIDTH[kind]) - 1)


def pack(codes, width):
    """Consecutive elements (the last axis) to words, the first in the low bits."""
    e = 32 // width
    codes = codes.reshape(*codes.shape[:-1], codes.shape[-1] // e, e).astype(np.uint64)
    return sum(codes[..., j] << np.uint64(width * j) for j in range(e)).astype(np.uint32)


LANE = np.arange(32)
G, T = LANE >> 2, LANE & 3


def fragment_a(words):
    """16 rows of words (16, K words) to registers [r][lane]."""
    half = words.shape[1] // 4
    return np.stack([words[G + 8 * (r & 1), T + 4 * (r >> 1)] for r in range(2 * half)])


def fragment_b(words):
    """Words along k of each column (8 columns, K words)."""
    return np.stack([words[G, T + 4 * r] for r in range(words.shape[1] // 4)])


def fragment_c(c, kind):
    """(16, 8) sums: f32 and s32 as bits, f16 packed in pairs."""
    if kind == 'f16':
        words = pack(to_f16(c), 16)
        return np.stack([words[G + 8 * r, T] for r in range(2)])
    bits = c.astype(np.float32).view(np.uint32) if kind == 'f32' else c.astype(np.int64).astype(np.uint32)
    return np.stack([bits[G + 8 * (r >> 1), 2 * T + (r & 1)] for r in range(4)])


# Exponents that products of the type can have without leaving it, for the rows that probe the adder.
REACH = {'f16': 14, 'bf16': 40, 'tf32': 40, 'e4m3': 6, 'e5m2': 14}


def real_cases(rng, m, n, k, kind, acc, which):
    """(A, B, C) as reals, a case of each kind named."""
    reach = REACH[kind]
    few_bits = lambda *shape: rng.choice([1, -1], shape) * rng.integers(8, 16, shape) / 8.0
    ones = lambda *shape: rng.choice([1.0, -1.0], shape)
    for name in which:
        if name == 'integers':
            yield rng.integers(-4, 5, (m, k)), rng.integers(-4, 5, (k, n)), rng.integers(-64, 65, (m, n))
        elif name == 'normal':
            yield rng.standard_normal((m, k)), rng.standard_normal((k, n)), rng.standard_normal((m, n))
        elif name == 'wide':
            e = reach // 2
            yield (
                few_bits(m, k) * 2.0 ** rng.integers(-e, e + 1, (m, k)),
                few_bits(k, n) * 2.0 ** rng.integers(-e, e + 1, (k, n)),
                few_bits(m, n) * 2.0 ** rng.integers(-e, e + 1, (m, n)),
            )
        elif name == 'big sum':  # the accumulator is far above every product
            low = -min(reach, 12)
            a = (
                few_bits(m, k)
                * 2.0 ** rng.integers(low - 2 if kind != 'e4m3' else low, low + 3, (m, k))
                * (rng.random((m, k)) < rng.random((m, 1)))
            )
            yield (
                a,
                ones(k, n) * 2.0 ** rng.integers(low, low + 2, (1, n)),
                rng.choice([-1, 1], (m, n))
                * rng.uniform(1, 2, (m, n))
                * (2.0 ** rng.integers(-4, 2, (m, n)) if kind != 'e4m3' else 2.0 ** rng.integers(6, 13, (m, n))),
            )
        elif name == 'big product':  # one product is far above the rest and the accumulator
            high = min(reach, 12)
            a = few_bits(m, k) * 2.0 ** rng.integers(-high, -high + 5, (m, k))
            a[np.arange(m), rng.integers(0, k, m)] = few_bits(m) * 2.0**high
            yield a, ones(k, n), few_bits(m, n) * 2.0 ** rng.integers(-high - 4, -high + 3, (m, n))
        elif name == 'cancel':  # two large products cancel; what is left shows what alignment cut off
            high = min(reach, 12)
            a = few_bits(m, k) * 2.0 ** rng.integers(-high, -high + 5, (m, k))
            for row in range(m):
                i, j = rng.choice(k, 2, replace=False)
                a[row, i] = few_bits(1)[0] * 2.0**high
                a[row, j] = -a[row, i]
            yield a, np.repeat(ones(1, n), k, 0), few_bits(m, n) * 2.0 ** rng.integers(-high - 4, -high + 3, (m, n))
        elif name == 'tiny':  # denormal operands, products and sums
            if kind in ('bf16', 'tf32'):
                yield (
                    few_bits(m, k) * 2.0 ** rng.integers(-133, -60, (m, k)),
                    few_bits(k, n) * 2.0 ** rng.integers(-72, 1, (k, n)),
                    few_bits(m, n) * 2.0 ** rng.integers(-149, -125, (m, n)),
                )
            else:
                e = {'f16': 24, 'e4m3': 9, 'e5m2': 16}[kind]
                yield (
                    few_bits(m, k) * 2.0 ** rng.integers(-e, -e + 10, (m, k)),
                    few_bits(k, n) * 2.0 ** rng.integers(-e, -e + 10, (k, n)),
                    few_bits(m, n) * 2.0 ** rng.integers(-149, -125, (m, n)),
                )
        elif name == 'special':  # rows and columns with infinities, NaN, overflow
            top = {'f16': 65504.0, 'bf16': 3e38, 'tf32': 3e38, 'e4m3': 448.0, 'e5m2': 57344.0}[kind]
            a, b, c = rng.standard_normal((m, k)), rng.standard_normal((k, n)), rng.standard_normal((m, n))
            special = [np.inf, -np.inf, np.nan, top, -top, 0.0, -0.0] if kind != 'e4m3' else [np.nan, top, -top, 0.0, -0.0]
            for row in range(0, m, 2):
                a[row, rng.integers(0, k)] = special[(row // 2) % len(special)]
            b[rng.integers(0, k), 1], b[rng.integers(0, k), 2], b[rng.integers(0, k), 3] = special[0], special[2 % len(special)], top
            c[1, :], c[3, :4], c[5, :4], c[7, :] = np.inf, np.nan, -np.inf, 3.4e38
            a[9 % m], b[:, 5] = 0.0, np.copysign(0.0, -np.arange(k) % 2 - 0.5)
            c[9 % m] = -0.0
            yield a, b, c
        else:
            raise ValueError(name)


def special_codes(x, kind):
    codes = encode(np.nan_to_num(x, nan=0.0) if kind in ('e4m3', 'e5m2') else x, kind)
    if kind == 'e4m3':
        codes = np.where(np.isnan(x), 0x7F, codes)
    if kind == 'e5m2':
        codes = np.where(np.isnan(x), 0x7E, np.where(np.isinf(x), np.where(x > 0, 0x7C, 0xFC), codes))
    if kind == 'tf32':
        codes = np.where(np.isfinite(x), codes, np.asarray(x, dtype=np.float32).view(np.uint32))
    if kind == 'bf16':
        codes = np.where(np.isfinite(x), codes, np.where(np.isnan(x), 0x7FC0, np.where(x > 0, 0x7F80, 0xFF80)))
    return codes.astype(np.uint32)


REAL = ('integers', 'normal', 'wide', 'big sum', 'big product', 'cancel', 'tiny', 'special')


def mma_kernel(f, instructions, na, nb, nc, words, cases, *, meta=False, name=None, more=None):
    """One warp a case; several instructions of the same shape may share inputs. In: [case][register][lane], registers
    a, b, c (then the metadata word); out: [case][instruction][register][lane]."""
    total = na + nb + nc + meta
    body = [f'  const uint32_t* p = in + blockIdx.x * {total * 32} + threadIdx.x;']
    for letter, count, start in (('a', na, 0), ('b', nb, na), ('c', nc, na + nb)):
        body.append(f'  const uint32_t {letter}[{count}] = {{{", ".join(f"p[{32 * (start + j)}]" for j in range(count))}}};')
    if meta:
        body.append(f'  const uint32_t e = p[{32 * (total - 1)}];')
    body.append(f'  uint32_t* q = out + blockIdx.x * {32 * nc * len(instructions)} + threadIdx.x;')
    for index, instruction in enumerate(instructions):
        text, selector = instruction if isinstance(instruction, tuple) else (instruction, None)
        fn = 'op_' + identifier(text) + (f'_{selector}' if meta else '')
        regs = lambda start, count: '{' + ', '.join(f'%{start + j}' for j in range(count)) + '}'
        operands = [regs(0, nc), regs(nc, na), regs(nc + na, nb), regs(nc + na + nb, nc)]
        if meta:
            operands += [f'%{nc + na + nb + nc}', f'{selector:#x}']
        outs = ', '.join(f'"=r"(d[{j}])' for j in range(nc))
        ins = ', '.join(
            [f'"r"(a[{j}])' for j in range(na)]
            + [f'"r"(b[{j}])' for j in range(nb)]
            + [f'"r"(c[{j}])' for j in range(nc)]
            + (['"r"(e)'] if meta else [])
        )
        f.function(
            f'DEVICE void {fn}(uint32_t (&d)[{nc}], const uint32_t (&a)[{na}], const uint32_t (&b)[{nb}], const uint32_t (&c)[{nc}]{", uint32_t e" if meta else ""}) {{\n'
            f'  asm volatile("{text} {", ".join(operands)};" : {outs} : {ins});\n}}'
        )
        body.append(f'  uint32_t d{index}[{nc}];\n  {fn}(d{index}, a, b, c{", e" if meta else ""});')
        body.append('  ' + ' '.join(f'q[{32 * (index * nc + j)}] = d{index}[{j}];' for j in range(nc)))
    n = len(words)
    labels = [f'{i[0]} selector {i[1]}' if isinstance(i, tuple) else i for i in instructions]
    first = instructions[0][0] if isinstance(instructions[0], tuple) else instructions[0]
    f.kernel(
        name or identifier(first.replace('.sync.aligned', '')),
        '\n'.join(body),
        np.concatenate([w.reshape(-1) for w in words]),
        n * 32 * nc * len(instructions),
        n=n,
        grid=[n, 1, 1],
        block=[32, 1, 1],
        columns=labels,
        registers={'a': na, 'b': nb, 'c': nc},
        cases=cases,
        **(more or {}),
    )


def dense_words(a, b, c, ka, kb, acc):
    return np.concatenate(
        [
            fragment_a(pack(special_codes(a, ka) if ka in ENCODE else encode(a, ka), WIDTH[ka])),
            fragment_b(pack((special_codes(b, kb) if kb in ENCODE else encode(b, kb)).T, WIDTH[kb])),
            fragment_c(c, acc),
        ]
    )


def mma():
    f = Family('mma', 'mma.sync: dense products of 16 x K by K x 8.')
    for kind, ks in (('f16', (8, 16)), ('bf16', (8, 16)), ('tf32', (4, 8))):
        for k in ks:
            for acc in ('f32', 'f16') if kind == 'f16' else ('f32',):
                which = REAL if k == max(ks) else ('integers', 'big product', 'cancel', 'big sum')
                words, names = [], []
                for name, (a, b, c) in zip(which, real_cases(f.rng, 16, 8, k, kind, acc, which)):
                    words.append(dense_words(a, b, c, kind, kind, acc))
                    names.append(name)
                if kind == 'tf32' and k == 8:  # operands with all 24 bits of significand: what becomes of the low 13?
                    a, b = (f.rng.standard_normal(s).astype(np.float32).view(np.uint32) for s in ((16, k), (k, 8)))
                    words.append(np.concatenate([fragment_a(a), fragment_b(b.T), fragment_c(f.rng.standard_normal((16, 8)), 'f32')]))
                    names.append('full f32 operands')
                if kind in ('f16', 'bf16') and k == 16:  # any bits, NaN and infinities now and then
                    words.append(
                        np.concatenate(
                            [f.rng.integers(0, 2**32, (6, 32), dtype=np.uint32), fragment_c(f.rng.standard_normal((16, 8)), acc)]
                        )
                    )
                    names.append('any bits')
                na = 16 * k * WIDTH[kind] // 1024
                mma_kernel(
                    f,
                    [f'mma.sync.aligned.m16n8k{k}.row.col.{acc}.{kind}.{kind}.{acc}'],
                    na,
                    na // 2,
                    4 if acc == 'f32' else 2,
                    words,
                    names,
                )
    for k in (16, 32):
        words, names = [], []
        for name in ('small', 'any', 'near overflow'):
            a, b = f.rng.integers(0, 256, (16, k)), f.rng.integers(0, 256, (k, 8))
            c = f.rng.integers(-1000, 1000, (16, 8))
            if name == 'small':
                a, b = a % 8, b % 8
            if name == 'near overflow':
                c = f.rng.choice([2**31 - 1, 2**31 - 5000, -(2**31), -(2**31) + 5000], (16, 8))
            words.append(dense_words(a, b, c, 's8', 's8', 's32'))
            names.append(name)
        na = 16 * k * 8 // 1024
        mma_kernel(
            f,
            [
                f'mma.sync.aligned.m16n8k{k}.row.col{z}.s32.{x}.{y}.s32'
                for z in ('', '.satfinite')
                for x in ('s8', 'u8')
                for y in ('s8', 'u8')
            ],
            na,
            na // 2,
            4,
            words,
            names,
            name=f'mma_m16n8k{k}_int8',
        )
    for k in (32, 64):
        words = [
            dense_words(f.rng.integers(0, 16, (16, k)), f.rng.integers(0, 16, (k, 8)), f.rng.integers(-99, 99, (16, 8)), 's4', 's4', 's32')
        ]
        na = 16 * k * 4 // 1024
        mma_kernel(
            f,
            [f'mma.sync.aligned.m16n8k{k}.row.col.s32.{x}.{y}.s32' for x in ('s4', 'u4') for y in ('s4', 'u4')],
            na,
            na // 2,
            4,
            words,
            ['any'],
            name=f'mma_m16n8k{k}_int4',
        )
    words = [np.concatenate([f.rng.integers(0, 2**32, (6, 32), dtype=np.uint32), f.rng.integers(0, 100, (4, 32), dtype=np.uint32)])]
    mma_kernel(
        f,
        [f'mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.{op}.popc' for op in ('and', 'xor')],
        4,
        2,
        4,
        words,
        ['any'],
        name='mma_m16n8k256_b1',
    )
    for m, k in ((8, 4), (16, 4), (16, 8), (16, 16)):  # f64
        na, nb, nc = m * k // 32, k * 8 // 32, m * 8 // 32
        total = na + nb + nc
        words = np.concatenate(
            [
                f.rng.integers(-9, 10, total * 32).astype(np.float64),
                f.rng.standard_normal(total * 32) * 2.0 ** f.rng.integers(-20, 20, total * 32),
            ]
        )
        regs = lambda start, count: '{' + ', '.join(f'%{start + j}' for j in range(count)) + '}'
        text = f'mma.sync.aligned.m{m}n8k{k}.row.col.f64.f64.f64.f64'
        fn = 'op_' + identifier(text)
        ins = ', '.join(f'"d"(x[{j}])' for j in range(total))
        f.function(
            f'DEVICE void {fn}(double (&d)[{nc}], const double (&x)[{total}]) {{\n  asm volatile("{text} {regs(0, nc)}, {regs(nc, na)}, {regs(nc + na, nb)}, {regs(nc + na + nb, nc)};" : '
            + ', '.join(f'"=d"(d[{j}])' for j in range(nc))
            + f' : {ins});\n}}'
        )
        body = (
            f'  const double* p = reinterpret_cast<const double*>(in) + blockIdx.x * {total * 32} + threadIdx.x;\n  const double x[{total}] = {{{", ".join(f"p[{32 * j}]" for j in range(total))}}};\n'
            f'  double d[{nc}];\n  {fn}(d, x);\n  double* q = reinterpret_cast<double*>(out) + blockIdx.x * {32 * nc} + threadIdx.x;\n  '
            + ' '.join(f'q[{32 * j}] = d[{j}];' for j in range(nc))
        )
        f.kernel(
            identifier(text.replace('.sync.aligned', '')),
            body,
            words.view(np.uint32),
            2 * 2 * 32 * nc,
            n=2,
            grid=[2, 1, 1],
            block=[32, 1, 1],
            columns=[text],
            registers={'a': na, 'b': nb, 'c': nc},
            cases=['integers', 'reals'],
        )


def mma_fp8():
    f = Family('mma_fp8', 'mma.sync of 8-bit floats: .m16n8k16 and f16 sums need PTX 8.7.')
    for x, y in (('e4m3', 'e4m3'), ('e5m2', 'e5m2'), ('e4m3', 'e5m2')):
        for k in (16, 32):
            for acc in ('f32', 'f16'):
                if (k == 16 or acc == 'f16') and x != y:
                    continue
                which = REAL if k == 32 and x == y else ('integers', 'big product', 'cancel')
                words = [
                    dense_words(a, b, c, x, y, acc)
                    for a, b, c in real_cases(f.rng, 16, 8, k, 'e4m3' if x == 'e4m3' else 'e5m2', acc, which)
                ]
                na = 16 * k * 8 // 1024
                mma_kernel(
                    f,
                    [f'mma.sync.aligned.m16n8k{k}.row.col.{acc}.{x}.{y}.{acc}'],
                    na,
                    na // 2,
                    4 if acc == 'f32' else 2,
                    words,
                    list(which),
                )


def sparse():
    f = Family('mma_sp', 'mma.sp::ordered_metadata: sparse products, every selector.')
    pairs4 = np.array([0x4, 0x8, 0xC, 0x9, 0xD, 0xE], dtype=np.uint32)  # two ordered indices of four
    single = np.array([0x4, 0xE], dtype=np.uint32)  # one of two, for 32-bit types

    def metadata(nibbles):
        return sum(f.rng.choice(nibbles, 32).astype(np.uint64) << np.uint64(4 * j) for j in range(8)).astype(np.uint32)

    shapes = (
        ('f16', 16, 4, pairs4),
        ('f16', 32, 2, pairs4),
        ('bf16', 16, 4, pairs4),
        ('bf16', 32, 2, pairs4),
        ('tf32', 8, 4, single),
        ('tf32', 16, 2, single),
        ('s8', 32, 2, pairs4),
        ('s8', 64, 1, pairs4),
        ('u8', 32, 2, pairs4),
        ('e4m3', 64, 1, pairs4),
        ('e5m2', 64, 1, pairs4),
        ('s4', 64, 2, None),
        ('s4', 128, 1, None),
    )
    pairs_s4 = pairs4
    for kind, k, selectors, nibbles in shapes:
        integer = kind in ('s8', 'u8', 's4')
        for acc in ('s32',) if integer else ('f32', 'f16') if kind == 'f16' else ('f32',):
            words, names = [], []
            which = ('integers', 'integers', 'integers') if integer else ('integers', 'integers', 'normal', 'big product')
            for name in which:
                if integer:
                    low = 0 if kind == 'u8' else -8
                    a, b, c = f.rng.integers(low, 8, (16, k // 2)), f.rng.integers(low, 8, (k, 8)), f.rng.integers(-64, 65, (16, 8))
                    if kind == 's8':
                        b = f.rng.integers(-128, 128, (k, 8))
                else:
                    a, _, c = next(real_cases(f.rng, 16, 8, k // 2, kind, acc, (name,)))
                    _, b, _ = next(real_cases(f.rng, 16, 8, k, kind, acc, (name,)))
                w = dense_words(a, b, c, kind, kind, acc)
                words.append(np.concatenate([w, metadata(pairs_s4 if nibbles is None else nibbles)[None]]))
                names.append(name)
            na = 16 * k * WIDTH[kind] // 2048
            sat = [''] if not integer else ['', '.satfinite']
            mma_kernel(
                f,
                [
                    (f'mma.sp::ordered_metadata.sync.aligned.m16n8k{k}.row.col{z}.{acc}.{kind}.{kind}.{acc}', s)
                    for z in sat
                    for s in range(selectors)
                ],
                na,
                na,
                2 if acc == 'f16' else 4,
                words,
                names,
                meta=True,
            )


def move():
    f = Family('ldmatrix', 'ldmatrix, stmatrix, movmatrix.')
    n = 6
    image = f.rng.integers(0, 2**32, 512, dtype=np.uint32)
    image[:] = np.arange(1024, dtype=np.uint16).view(np.uint32) | np.uint32(0x40008000)  # 16-bit elements that say where they are
    rows = np.stack([f.rng.permutation(128)[:32] * 16 for _ in range(n)]).astype(np.uint32)
    body = [
        '  __shared__ __align__(128) uint32_t tile[512];',
        '  for (uint32_t i = threadIdx.x; i < 512; i += 32) tile[i] = in[i];',
        '  __syncwarp();',
        '  const uint32_t row = shared(tile) + in[512 + blockIdx.x * 32 + threadIdx.x];',
        '  uint32_t d[4], *q = out + blockIdx.x * 448 + threadIdx.x;',
    ]
    labels, at = [], 0
    for count in (1, 2, 4):
        for trans in ('', '.trans'):
            text = f'ldmatrix.sync.aligned.m8n8.x{count}{trans}.shared.b16'
            regs = ', '.join(f'%{j}' for j in range(count))
            outs = ', '.join(f'"=r"(d[{j}])' for j in range(count))
            f.function(
                f'DEVICE void op_{identifier(text)}(uint32_t (&d)[4], uint32_t row) {{\n  asm volatile("{text} {{{regs}}}, [%{count}];" : {outs} : "r"(row) : "memory");\n}}'
            )
            body.append(f'  op_{identifier(text)}(d, row);\n  ' + ' '.join(f'q[{32 * (at + j)}] = d[{j}];' for j in range(count)))
            labels.append(text)
            at += count
    f.kernel(
        'ldmatrix',
        '\n'.join(body),
        np.concatenate([image, rows.reshape(-1)]),
        n * 448,
        n=n,
        grid=[n, 1, 1],
        block=[32, 1, 1],
        columns=labels,
        layout='in: 512 words of shared memory, then byte offsets [case][lane]; out: [case][register of each instruction in turn][lane]',
    )
    for count in (1, 2, 4):
        for trans in ('', '.trans'):
            text = f'stmatrix.sync.aligned.m8n8.x{count}{trans}.shared.b16'
            regs = ', '.join(f'%{1 + j}' for j in range(count))
            ins = ', '.join(f'"r"(d[{j}])' for j in range(count))
            f.function(
                f'DEVICE void op_{identifier(text)}(uint32_t row, const uint32_t (&d)[4]) {{\n  asm volatile("{text} [%0], {{{regs}}};" :: "r"(row), {ins} : "memory");\n}}'
            )
            body = [
                '  __shared__ __align__(128) uint32_t tile[512];',
                '  for (uint32_t i = threadIdx.x; i < 512; i += 32) tile[i] = 0xEEEEEEEE;',
                '  __syncwarp();',
                '  const uint32_t* p = in + blockIdx.x * 160 + threadIdx.x;',
                '  const uint32_t d[4] = {p[32], p[64], p[96], p[128]};',
                f'  op_{identifier(text)}(shared(tile) + p[0], d);',
                '  __syncwarp();',
                '  for (uint32_t i = threadIdx.x; i < 512; i += 32) out[blockIdx.x * 512 + i] = tile[i];',
            ]
            regs_in = (np.arange(256, dtype=np.uint16).view(np.uint32) | np.uint32(0x40008000)).reshape(4, 32)
            words = np.concatenate([np.concatenate([rows[c][None], regs_in]).reshape(-1) for c in range(2)])
            f.kernel(
                identifier(text.replace('.sync.aligned', '')),
                '\n'.join(body),
                words,
                2 * 512,
                n=2,
                grid=[2, 1, 1],
                block=[32, 1, 1],
                columns=[text],
                layout='in: [case](byte offset, then 4 registers)[lane]; out: [case] 512 words of shared memory, 0xEEEEEEEE where nothing was stored',
            )
    f.function(
        'DEVICE uint32_t op_movmatrix(uint32_t a) {\n  uint32_t d;\n  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(d) : "r"(a));\n  return d;\n}'
    )
    f.kernel(
        'movmatrix',
        '  out[threadIdx.x] = op_movmatrix(in[threadIdx.x]);',
        np.arange(64, dtype=np.uint16).view(np.uint32),
        32,
        n=1,
        grid=[1, 1, 1],
        block=[32, 1, 1],
        columns=['movmatrix.sync.aligned.m8n8.trans.b16'],
    )


# --- wgmma ----------------------------------------------------------------------------------------------------------------

FENCE = '''DEVICE void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
DEVICE void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
DEVICE void wgmma_wait() { asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory"); }
DEVICE void fence_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }'''


def descriptor(lead, stride, swizzle, base_offset=0):
    """The words of a shared-memory descriptor but for its start address, which the kernel adds. swizzle: 0 none, 1 128, 2 64, 3 32 bytes."""
    value = (lead >> 4) << 16 | (stride >> 4) << 32 | base_offset << 49 | swizzle << 62
    return [value & 0xFFFFFFFF, value >> 32]


def wgmma_kernel(f, name, text, tail, nacc, images, cases, acc_words, *, a_words=None, sp=False, more=None):
    """One warpgroup a case. In: images (shared memory as it is to be, equal sizes), then for each case 16 header words
    (descriptor a, descriptor b, byte offset of a, of b, image, scale-d, metadata seed unused), then registers a [4][128]
    where a comes from registers, metadata [128] where sparse, accumulators [nacc][128]; out: [case][nacc][128]."""
    image_words = len(images[0])
    from_registers = a_words is not None
    per_case = 16 + (512 if from_registers else 0) + (128 if sp else 0) + nacc * 128
    n = len(cases)
    acc = ', '.join(f'%{j}' for j in range(nacc))
    k = nacc
    if from_registers:
        a_text, ins = f'{{%{k}, %{k + 1}, %{k + 2}, %{k + 3}}}', [f'"r"(a[{j}])' for j in range(4)]
        k += 4
    else:
        a_text, ins = f'%{k}', ['"l"(desc_a)']
        k += 1
    b_text = f'%{k}'
    ins.append('"l"(desc_b)')
    k += 1
    sp_text = ''
    if sp:
        sp_text = f', %{k}, 0'
        ins.append('"r"(e)')
        k += 1
    ins.append('"r"(scale_d)')
    fn = 'op_' + identifier(text + ('_rs' if from_registers else '') + tail.replace('-', 'm'))
    asm = f'{{ .reg .pred p; setp.ne.b32 p, %{k}, 0; {text} {{{acc}}}, {a_text}, {b_text}{sp_text}, p{tail}; }}'
    a_arg = 'const uint32_t (&a)[4]' if from_registers else 'uint64_t desc_a'
    f.function(FENCE)
    f.function(
        f'DEVICE void {fn}(uint32_t (&d)[{nacc}], {a_arg}, uint64_t desc_b{", uint32_t e" if sp else ""}, uint32_t scale_d) {{\n  asm volatile("{asm}" : '
        + ', '.join(f'"+r"(d[{j}])' for j in range(nacc))
        + f' : {", ".join(ins)} : "memory");\n}}'
    )
    body = [
        '  extern __shared__ uint8_t raw[];',
        '  const uint32_t base = (shared(raw) + 1023) & ~1023u;',
        f'  const uint32_t* h = in + {image_words * len(images)} + blockIdx.x * {per_case};',
        '  uint32_t* tile = reinterpret_cast<uint32_t*>(raw + (base - shared(raw)));',
        f'  for (uint32_t i = threadIdx.x; i < {image_words}; i += 128) tile[i] = in[h[6] * {image_words} + i];',
        '  fence_async();',
        '  __syncthreads();',
        '  const uint64_t desc_b = (h[2] | static_cast<uint64_t>(h[3]) << 32) + ((base + h[5]) >> 4);',
        '  const uint32_t* p = h + 16 + threadIdx.x;',
        f'  uint32_t d[{nacc}];',
    ]
    at = 0
    if from_registers:
        body.append('  const uint32_t a[4] = {p[0], p[128], p[256], p[384]};')
        at += 512
    else:
        body.append('  const uint64_t desc_a = (h[0] | static_cast<uint64_t>(h[1]) << 32) + ((base + h[4]) >> 4);')
    if sp:
        body.append(f'  const uint32_t e = p[{at}];')
        at += 128
    body.append('#pragma unroll')
    body.append(f'  for (int j = 0; j < {nacc}; ++j) d[j] = p[{at} + 128 * j];')
    body.append(
        f'  wgmma_fence();\n  {fn}(d, {"a" if from_registers else "desc_a"}, desc_b{", e" if sp else ""}, h[7]);\n  wgmma_commit();\n  wgmma_wait();'
    )
    body.append('#pragma unroll')
    body.append(f'  for (int j = 0; j < {nacc}; ++j) out[(blockIdx.x * {nacc} + j) * 128 + threadIdx.x] = d[j];')
    words = [np.concatenate(images)]
    for index, case in enumerate(cases):
        header = np.zeros(16, dtype=np.uint32)
        header[0:2], header[2:4] = case.get('a', [0, 0]), case['b']
        header[4], header[5], header[6], header[7] = case.get('at_a', 0), case['at_b'], case.get('image', 0), case.get('scale_d', 1)
        words.append(header)
        if from_registers:
            words.append(a_words[index].reshape(-1))
        if sp:
            words.append(case['meta'])
        words.append(acc_words[index].reshape(-1))
    f.kernel(
        name,
        '\n'.join(body),
        np.concatenate(words).astype(np.uint32),
        n * nacc * 128,
        n=n,
        grid=[n, 1, 1],
        block=[128, 1, 1],
        shared=image_words * 4 + 1024,
        columns=[text + tail + (' (a from registers)' if from_registers else '')],
        imageWords=int(image_words),
        images=len(images),
        registers=nacc,
        cases=[c['name'] for c in cases],
        fromRegisters=from_registers,
        sparse=sp,
        **(more or {}),
    )


def accumulators(c, kind):
    """(64, N) sums to registers [r][thread of 128]."""
    thread = np.arange(128)
    rows, t = 16 * (thread >> 5) + ((thread & 31) >> 2), thread & 3
    n = c.shape[1]
    if kind == 'f16':
        words = pack(to_f16(c), 16)
        return np.stack([words[rows + 8 * (r & 1), 4 * (r >> 1) + t] for r in range(n // 4)])
    bits = c.astype(np.float32).view(np.uint32) if kind == 'f32' else c.astype(np.int64).astype(np.uint32)
    return np.stack([bits[rows + 8 * ((r >> 1) & 1), 8 * (r >> 2) + 2 * t + (r & 1)] for r in range(n // 2)])


def plain_image(rows_words, lead, stride):
    """Rows of words along k (rows, words) without swizzle, k-major: 8 rows of 16 bytes are a core matrix."""
    rows, count = rows_words.shape
    size = (rows // 8 - 1) * stride + (count // 4 - 1) * lead + 128
    image = np.zeros(size // 4, dtype=np.uint32)
    for r in range(rows):
        for u in range(count // 4):
            at = ((r % 8) * 16 + (r // 8) * stride + u * lead) // 4
            image[at : at + 4] = rows_words[r, 4 * u : 4 * u + 4]
    return image


def wgmma():
    f = Family('wgmma', 'wgmma.mma_async of one warpgroup.')
    # Layouts: one image of small integers, read through every kind of descriptor. f16 and bf16 may be k-major or m/n-major.
    n, size = 64, 16384
    values = f.rng.integers(-3, 4, size // 2)
    zeros64 = np.zeros((64, n))
    for kind in ('f16', 'bf16'):
        image = pack(encode(values, kind), 16)
        for ta in (0, 1):
            for tb in (0, 1):
                if kind == 'bf16' and not (ta and tb):
                    continue
                cases = []
                for swizzle, label in ((0, 'none'), (3, '32'), (2, '64'), (1, '128')):

                    def layout(transposed, which):
                        if swizzle == 0:
                            return (1024, 128) if not transposed else (128, 1024) if which else (1024, 128)
                        row = {3: 32, 2: 64, 1: 128}[swizzle]
                        if not transposed:
                            return (16, 8 * row)
                        return (2048, 8 * row)

                    la, lb = layout(ta, 0), layout(tb, 1)
                    cases.append(
                        {
                            'name': f'swizzle {label}',
                            'a': descriptor(*la, swizzle),
                            'b': descriptor(*lb, swizzle),
                            'at_a': 0,
                            'at_b': 8192,
                            'scale_d': 0,
                        }
                    )
                if not ta and not tb:
                    for step in (32, 64, 96):
                        cases.append(
                            {
                                'name': f'swizzle 128, start {step} bytes into the row',
                                'a': descriptor(16, 1024, 1),
                                'b': descriptor(16, 1024, 1),
                                'at_a': step,
                                'at_b': 8192 + step,
                                'scale_d': 0,
                            }
                        )
                    cases.append(
                        {
                            'name': 'swizzle 64, start 32 bytes into the row',
                            'a': descriptor(16, 512, 2),
                            'b': descriptor(16, 512, 2),
                            'at_a': 32,
                            'at_b': 8192 + 32,
                            'scale_d': 0,
                        }
                    )
                    for base_offset in (0, 1, 4):
                        cases.append(
                            {
                                'name': f'swizzle 128, start 512 bytes off, base offset {base_offset}',
                                'a': descriptor(16, 1024, 1, base_offset),
                                'b': descriptor(16, 1024, 1),
                                'at_a': 512,
                                'at_b': 8192,
                                'scale_d': 0,
                            }
                        )
                wgmma_kernel(
                    f,
                    f'layout_{kind}_{"mk"[1 - ta]}{"nk"[1 - tb]}',
                    f'wgmma.mma_async.sync.aligned.m64n{n}k16.f32.{kind}.{kind}',
                    f', 1, 1, {ta}, {tb}',
                    n // 2,
                    [image],
                    cases,
                    [accumulators(zeros64, 'f32')] * len(cases),
                    more={'transposed': [ta, tb]},
                )
    # Every width of the other types, k-major, 128-byte swizzle.
    for kind, acc, n in (
        ('f16', 'f32', 8),
        ('f16', 'f32', 24),
        ('f16', 'f32', 256),
        ('bf16', 'f32', 128),
        ('f16', 'f16', 64),
        ('tf32', 'f32', 32),
        ('s8', 's32', 32),
        ('u8', 's32', 16),
        ('e4m3', 'f32', 32),
        ('e5m2', 'f16', 32),
    ):
        k = 256 // WIDTH[kind]
        rows = 64 + n
        small = f.rng.integers(0 if kind == 'u8' else -3, 4, (rows * 128 * 8) // WIDTH[kind])
        image = pack(encode(small, kind), WIDTH[kind])
        tail = '' if acc == 's32' else ', 1, 1, 0, 0' if kind in ('f16', 'bf16') else ', 1, 1'
        cases = [{'name': 'integers, swizzle 128', 'a': descriptor(16, 1024, 1), 'b': descriptor(16, 1024, 1), 'at_b': 8192}]
        nacc = n // 4 if acc == 'f16' else n // 2
        wgmma_kernel(
            f,
            f'shape_{kind}_{acc}_n{n}',
            f'wgmma.mma_async.sync.aligned.m64n{n}k{k}.{acc}.{kind}.{kind}',
            tail,
            nacc,
            [image],
            cases,
            [accumulators(f.rng.integers(-9, 10, (64, n)), acc)],
        )
    # Numerics: dense rows as for mma, k-major without swizzle.
    n = 8
    for kind, acc in (('f16', 'f32'), ('f16', 'f16'), ('bf16', 'f32'), ('tf32', 'f32'), ('e4m3', 'f32'), ('e5m2', 'f32'), ('e4m3', 'f16')):
        k = 256 // WIDTH[kind]
        which = ('normal', 'big sum', 'big product', 'cancel', 'special', 'tiny') if acc == 'f32' else ('normal', 'cancel')
        images, accs, registers, cases = [], [], [], []
        for name, (a, b, c) in zip(which, real_cases(f.rng, 64, n, k, kind, acc, which)):
            aw, bw = pack(special_codes(a, kind), WIDTH[kind]), pack(special_codes(b, kind).T, WIDTH[kind])
            image = np.zeros(2304 // 4, dtype=np.uint32)
            image[:512] = plain_image(aw, 1024, 128)
            image[512:576] = plain_image(bw, 128, 256)
            cases.append({'name': name, 'a': descriptor(1024, 128, 0), 'b': descriptor(128, 256, 0), 'at_b': 2048, 'image': len(images)})
            images.append(image)
            accs.append(accumulators(c, acc))
            registers.append(np.concatenate([fragment_a(aw[16 * w : 16 * w + 16]) for w in range(4)], axis=1))
        nacc = n // 4 if acc == 'f16' else n // 2
        tail = ', 1, 1, 0, 0' if kind in ('f16', 'bf16') else ', 1, 1'
        text = f'wgmma.mma_async.sync.aligned.m64n{n}k{k}.{acc}.{kind}.{kind}'
        wgmma_kernel(f, f'real_{kind}_{acc}', text, tail, nacc, images, cases, accs)
        if acc == 'f32':
            wgmma_kernel(
                f,
                f'real_{kind}_{acc}_a_from_registers',
                text,
                ', 1, 1, 0' if kind in ('f16', 'bf16') else ', 1, 1',
                nacc,
                images[:2],
                cases[:2],
                accs[:2],
                a_words=registers[:2],
            )
        if kind in ('f16', 'e4m3') and acc == 'f32':
            for na, nb in ((-1, 1), (1, -1), (-1, -1)):
                wgmma_kernel(
                    f,
                    f'negated_{kind}_{"n" if na < 0 else "p"}{"n" if nb < 0 else "p"}',
                    text,
                    f', {na}, {nb}' + (', 0, 0' if kind == 'f16' else ''),
                    nacc,
                    images[:1],
                    cases[:1],
                    accs[:1],
                )
    for x, y, sat in (('s8', 's8', ''), ('s8', 'u8', ''), ('u8', 's8', ''), ('s8', 's8', '.satfinite')):
        a, b = f.rng.integers(-128, 128, (64, 32)), f.rng.integers(-128, 128, (32, n))
        image = np.zeros(2304 // 4, dtype=np.uint32)
        aw, bw = pack(encode(a, 's8'), 8), pack(encode(b, 's8').T, 8)
        image[:512], image[512:576] = plain_image(aw, 1024, 128), plain_image(bw, 128, 256)
        c = f.rng.choice([2**31 - 1, 2**31 - 5000, -(2**31), -(2**31) + 5000, 0, 77], (64, n))
        case = {'name': 'any, some near overflow', 'a': descriptor(1024, 128, 0), 'b': descriptor(128, 256, 0), 'at_b': 2048}
        text = f'wgmma.mma_async.sync.aligned.m64n{n}k32{sat}.s32.{x}.{y}'.replace(f'{sat}.s32.{x}.{y}', f'.s32.{x}.{y}{sat}')
        wgmma_kernel(f, f'int8_{x}_{y}{sat.replace(".", "_")}', text, '', n // 2, [image], [case], [accumulators(c, 's32')])
        if x == y and not sat:
            wgmma_kernel(
                f,
                f'int8_{x}_{y}_a_from_registers',
                text,
                '',
                n // 2,
                [image],
                [case],
                [accumulators(c, 's32')],
                a_words=[np.concatenate([fragment_a(aw[16 * w : 16 * w + 16]) for w in range(4)], axis=1)],
            )
    # 2:4 sparse: a holds half of k.
    pairs4 = np.array([0x4, 0x8, 0xC, 0x9, 0xD, 0xE], dtype=np.uint64)
    for kind, acc, nibbles in (('f16', 'f32', pairs4), ('s8', 's32', pairs4), ('tf32', 'f32', np.array([0x4, 0xE], dtype=np.uint64))):
        k = 512 // WIDTH[kind]
        aw = pack(encode(f.rng.integers(-3, 4, (64, k // 2)), kind), WIDTH[kind])
        bw = pack(encode(f.rng.integers(-9, 10, (k, n)), kind).T, WIDTH[kind])
        image = np.zeros(2560 // 4, dtype=np.uint32)
        image[:512], image[512:640] = plain_image(aw, 1024, 128), plain_image(bw, 128, 512)
        cases = [
            {
                'name': 'integers',
                'a': descriptor(1024, 128, 0),
                'b': descriptor(128, 512, 0),
                'at_b': 2048,
                'meta': sum(f.rng.choice(nibbles, 128) << np.uint64(4 * j) for j in range(8)).astype(np.uint32),
            }
            for _ in range(2)
        ]
        tail = '' if acc == 's32' else ', 1, 1, 0, 0' if kind == 'f16' else ', 1, 1'
        wgmma_kernel(
            f,
            f'sparse_{kind}',
            f'wgmma.mma_async.sp.sync.aligned.m64n{n}k{k}.{acc}.{kind}.{kind}',
            tail,
            n // 2,
            [image],
            cases,
            [accumulators(f.rng.integers(-9, 10, (64, n)), acc)] * 2,
            sp=True,
        )


mma(), mma_fp8(), sparse(), move(), wgmma()
