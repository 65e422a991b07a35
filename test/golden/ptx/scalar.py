"""The instructions that a lane does alone: integer, float, half, conversion, comparison, approximation."""

import numpy as np

from framework import (
    BF16_EDGES,
    F16_EDGES,
    Family,
    core_tuple,
    f32_some,
    f32_tuple,
    f64_some,
    half_tuple,
    pairs_of,
    scalars,
    u32_some,
    u64_some,
)

ROUNDINGS = ('rn', 'rz', 'rm', 'rp')


def integer():
    f = Family('integer', 'Integer instructions: arithmetic, carry chains, bits, permutes, dot products.')
    n = 384
    a, b, c, d = (f.rng.permutation(u32_some(f.rng, n)) for _ in range(4))
    core = core_tuple(f.rng, [0, 1, 2, 7, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFF9], 2)
    a[: len(core[0])], b[: len(core[0])] = core
    small = f.rng.choice([*range(0, 40), 63, 64, 255, 256, 0xFFFFFFFF, 0x80000001], n).astype(np.uint32)
    small2 = f.rng.choice([*range(0, 40), 63, 64, 255, 256, 0xFFFFFFFF], n).astype(np.uint32)
    scalars(
        f,
        'unary_b32',
        'r>r',
        [
            'abs.s32',
            'neg.s32',
            'not.b32',
            'cnot.b32',
            'popc.b32',
            'clz.b32',
            'brev.b32',
            'bfind.u32',
            'bfind.s32',
            'bfind.shiftamt.u32',
            'bfind.shiftamt.s32',
        ],
        [a],
    )
    x = u64_some(f.rng, 256)
    y = f.rng.permutation(x)
    x[:4], y[:4] = [2**63, 2**63, 5, 2**64 - 5], [2**64 - 1, 0, 0, 3]
    scalars(f, 'unary_b64', 'l>r', ['popc.b64', 'clz.b64', 'bfind.u64', 'bfind.s64', 'bfind.shiftamt.u64'], [x])
    scalars(f, 'unary_b64_wide', 'l>l', ['brev.b64', 'abs.s64', 'neg.s64', 'not.b64', 'cnot.b64'], [x])
    scalars(
        f,
        'binary_b32',
        'rr>r',
        [
            'add.s32',
            'add.sat.s32',
            'sub.s32',
            'sub.sat.s32',
            'mul.lo.s32',
            'mul.hi.s32',
            'mul.hi.u32',
            'mul24.lo.s32',
            'mul24.hi.s32',
            'mul24.lo.u32',
            'mul24.hi.u32',
            'div.s32',
            'div.u32',
            'rem.s32',
            'rem.u32',
            'min.s32',
            'max.s32',
            'min.u32',
            'max.u32',
            'min.relu.s32',
            'max.relu.s32',
            'and.b32',
            'or.b32',
            'xor.b32',
            'min.s16x2',
            'max.s16x2',
            'min.u16x2',
            'max.u16x2',
            'min.relu.s16x2',
            'max.relu.s16x2',
            'add.s16x2',
            'add.u16x2',
        ],
        [a, b],
    )
    scalars(f, 'wide', 'rr>l', ['mul.wide.s32', 'mul.wide.u32'], [a, b])
    scalars(
        f,
        'binary_b16',
        'hh>h',
        ['add.s16', 'sub.s16', 'mul.lo.s16', 'mul.hi.s16', 'mul.hi.u16', 'min.s16', 'max.u16', 'div.s16', 'div.u16', 'rem.s16', 'rem.u16'],
        [a, b],
    )
    scalars(f, 'wide_b16', 'hh>r', ['mul.wide.s16', 'mul.wide.u16'], [a, b])
    scalars(
        f,
        'binary_b64',
        'll>l',
        [
            'add.s64',
            'sub.s64',
            'mul.lo.s64',
            'mul.hi.s64',
            'mul.hi.u64',
            'div.s64',
            'div.u64',
            'rem.s64',
            'rem.u64',
            'min.s64',
            'max.s64',
            'min.u64',
            'max.u64',
            'xor.b64',
        ],
        [x, y],
    )
    scalars(
        f,
        'ternary_b32',
        'rrr>r',
        [
            'mad.lo.s32',
            'mad.hi.s32',
            'mad.hi.u32',
            'mad.hi.sat.s32',
            'mad24.lo.s32',
            'mad24.hi.s32',
            'mad24.lo.u32',
            'mad24.hi.u32',
            'mad24.hi.sat.s32',
            'sad.s32',
            'sad.u32',
            'slct.s32.s32',
            'slct.u32.s32',
            'dp4a.s32.s32',
            'dp4a.u32.u32',
            'dp4a.s32.u32',
            'dp4a.u32.s32',
            'dp2a.lo.s32.s32',
            'dp2a.hi.s32.s32',
            'dp2a.lo.u32.u32',
            'dp2a.hi.u32.u32',
            'dp2a.lo.s32.u32',
            'dp2a.lo.u32.s32',
        ],
        [a, b, c],
    )
    scalars(f, 'wide_mad', 'rrl>l', ['mad.wide.s32', 'mad.wide.u32'], [a[:256], b[:256], x])
    scalars(
        f,
        'lop3',
        'rrr>r',
        [
            (f'lop3.b32 {k:#04x}', f'lop3.b32 %0, %1, %2, %3, {k};')
            for k in (0x00, 0x01, 0x1B, 0x3C, 0x6A, 0x80, 0x96, 0xAA, 0xCA, 0xCC, 0xE8, 0xF0, 0xF8, 0xFE, 0xFF)
        ],
        [a, b, c],
    )
    scalars(
        f,
        'shifts',
        'rr>r',
        [
            'shl.b32',
            'shr.u32',
            'shr.s32',
            'bmsk.clamp.b32',
            'bmsk.wrap.b32',
            'szext.clamp.s32',
            'szext.wrap.s32',
            'szext.clamp.u32',
            'szext.wrap.u32',
        ],
        [a, small],
    )
    scalars(f, 'bmsk_small', 'rr>r', ['bmsk.clamp.b32', 'bmsk.wrap.b32'], [small2, small])
    scalars(f, 'shifts_b64', 'lr>l', ['shl.b64', 'shr.u64', 'shr.s64'], [x, small[:256]])
    scalars(f, 'shifts_b16', 'hr>h', ['shl.b16', 'shr.u16', 'shr.s16'], [a, small])
    scalars(f, 'funnel', 'rrr>r', ['shf.l.wrap.b32', 'shf.l.clamp.b32', 'shf.r.wrap.b32', 'shf.r.clamp.b32'], [a, b, small])
    scalars(f, 'extract', 'rrr>r', ['bfe.u32', 'bfe.s32'], [a, small, small2])
    scalars(f, 'extract_b64', 'lrr>l', ['bfe.u64', 'bfe.s64'], [x, small[:256], small2[:256]])
    scalars(f, 'insert', 'rrrr>r', ['bfi.b32'], [a, b, small, small2])
    scalars(f, 'insert_b64', 'llrr>l', ['bfi.b64'], [x, y, small[:256], small2[:256]])
    nth = f.rng.integers(-34, 35, n).astype(np.int64)
    scalars(f, 'fns', 'rrr>r', ['fns.b32'], [a, f.rng.integers(0, 32, n), nth])
    mode = np.where(f.rng.integers(0, 2, n) == 0, f.rng.integers(0, 65536, n, dtype=np.uint32), d)
    scalars(f, 'prmt', 'rrr>r', ['prmt.b32'] + [f'prmt.b32.{m}' for m in ('f4e', 'b4e', 'rc8', 'ecl', 'ecr', 'rc16')], [a, b, mode])
    chain = (
        '{ add.cc.u32 %0, %3, %5; addc.cc.u32 %1, %4, %6; addc.u32 %2, 0, 0; }',
        '{ sub.cc.u32 %0, %3, %5; subc.cc.u32 %1, %4, %6; subc.u32 %2, 0, 0; }',
        '{ mad.lo.cc.u32 %0, %3, %5, %4; madc.hi.cc.u32 %1, %3, %5, %6; addc.u32 %2, 0, 0; }',
        '{ mad.hi.cc.u32 %0, %3, %5, %4; madc.lo.cc.u32 %1, %3, %5, %6; addc.u32 %2, 7, 0; }',
        '{ add.cc.s32 %0, %3, %5; subc.cc.s32 %1, %4, %6; addc.s32 %2, 0, 0; }',
    )
    scalars(f, 'carry', 'rrrr>rrr', [(f'carry {k}: {t}', t) for k, t in enumerate(chain)], [a, b, c, d])
    scalars(f, 'pack', 'rr>r', ['cvt.pack.sat.u16.s32', 'cvt.pack.sat.s16.s32'], [a, b])
    scalars(f, 'pack8', 'rrr>r', ['cvt.pack.sat.u8.s32.b32', 'cvt.pack.sat.s8.s32.b32'], [a, b, c])


def compare():
    f = Family('compare', 'Comparisons and selections.')
    n = 320
    a, b = f32_tuple(f.rng, n, 2)
    ops = ('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'equ', 'neu', 'ltu', 'leu', 'gtu', 'geu', 'num', 'nan')
    setp = lambda op, t: (f'setp.{op}.{t}', f'{{ .reg .pred p; setp.{op}.{t} p, %1, %2; selp.u32 %0, 1, 0, p; }}')
    scalars(f, 'setp_f32', 'ff>r', [setp(op, 'f32') for op in ops] + [setp(op + '.ftz', 'f32') for op in ('eq', 'lt', 'gtu')], [a, b])
    scalars(
        f,
        'set_u32_f32',
        'ff>r',
        [f'set.{op}.u32.f32' for op in ('eq', 'lt', 'geu', 'num', 'nan')] + ['set.lt.ftz.u32.f32', 'set.neu.s32.f32'],
        [a, b],
    )
    scalars(f, 'set_f32_f32', 'ff>f', [f'set.{op}.f32.f32' for op in ('eq', 'lt', 'geu')], [a, b])
    both = '{ .reg .pred p, q, c; setp.ne.u32 c, %4, 0; setp.OP.f32 p|q, %2, %3, c; selp.u32 %0, 1, 0, p; selp.u32 %1, 1, 0, q; }'
    negated = '{ .reg .pred p, q, c; setp.ne.u32 c, %4, 0; setp.lt.and.f32 p|q, %2, %3, !c; selp.u32 %0, 1, 0, p; selp.u32 %1, 1, 0, q; }'
    scalars(
        f,
        'setp_two',
        'ffr>rr',
        [(f'setp.{op}.f32 p|q', both.replace('OP', op)) for op in ('lt.and', 'lt.or', 'lt.xor', 'geu.and', 'nan.xor')]
        + [('setp.lt.and.f32 p|q, !c', negated)],
        [a, b, f.rng.integers(0, 2, n)],
    )
    x, y = f.rng.permutation(u32_some(f.rng, n)), f.rng.permutation(u32_some(f.rng, n))
    y[:40] = x[:40]
    scalars(
        f,
        'setp_b32',
        'rr>r',
        [setp(op, 's32') for op in ('eq', 'ne', 'lt', 'le', 'gt', 'ge')]
        + [setp(op, 'u32') for op in ('lt', 'le', 'gt', 'ge', 'lo', 'ls', 'hi', 'hs')],
        [x, y],
    )
    scalars(f, 'setp_b16', 'hh>r', [setp('lt', 's16'), setp('lt', 'u16'), setp('eq', 'b16')], [x, y])
    u, v = u64_some(f.rng, n), f.rng.permutation(u64_some(f.rng, n))
    v[:40] = u[:40]
    scalars(f, 'setp_b64', 'll>r', [setp('lt', 's64'), setp('lt', 'u64'), setp('eq', 'b64')], [u, v])
    d, e = f64_some(f.rng, n), f.rng.permutation(f64_some(f.rng, n))
    scalars(f, 'setp_f64', 'dd>r', [setp(op, 'f64') for op in ('lt', 'geu', 'neu', 'nan')], [d, e])
    scalars(f, 'slct_f32', 'fff>f', ['slct.f32.f32', 'slct.ftz.f32.f32'], [a, b, f.rng.permutation(a)])
    scalars(f, 'slct_s32', 'ffr>f', ['slct.f32.s32'], [a, b, x])
    scalars(
        f,
        'testp',
        'f>r',
        [
            (f'testp.{k}.f32', f'{{ .reg .pred p; testp.{k}.f32 p, %1; selp.u32 %0, 1, 0, p; }}')
            for k in ('finite', 'infinite', 'number', 'notanumber', 'normal', 'subnormal')
        ],
        [f32_some(f.rng, 400)],
    )
    for t, edges in (('f16', F16_EDGES), ('bf16', BF16_EDGES)):
        h, k = half_tuple(f.rng, n, 2, edges)
        scalars(f, f'setp_{t}', 'hh>r', [setp(op, t) for op in ops], [h, k])
        p, q = pairs_of([h, k])
        two = lambda op: (
            f'setp.{op}.{t}x2 p|q',
            f'{{ .reg .pred p, q; setp.{op}.{t}x2 p|q, %1, %2; selp.u32 %0, 1, 0, p; @q or.b32 %0, %0, 2; }}',
        )
        scalars(
            f,
            f'set_{t}x2',
            'rr>r',
            [two(op) for op in ('lt', 'geu', 'neu', 'num')] + [f'set.{op}.{t}x2.{t}x2' for op in ('lt', 'geu', 'nan')],
            [p, q],
        )
        scalars(f, f'set_{t}', 'hh>r', [f'set.{op}.u32.{t}' for op in ('lt', 'neu')], [h, k])
        scalars(f, f'set_{t}_{t}', 'hh>h', [f'set.{op}.{t}.{t}' for op in ('lt', 'neu')], [h, k])


def float32():
    f = Family('float', 'f32 and f64 arithmetic.')
    n = 512
    a, b, c = f32_tuple(f.rng, n, 3)
    forms = [r + z for r in ROUNDINGS for z in ('', '.ftz')]
    for op in ('add', 'sub', 'mul'):
        scalars(f, f'{op}_f32', 'ff>f', [f'{op}.{r}.f32' for r in forms] + [f'{op}.rn.sat.f32', f'{op}.rn.ftz.sat.f32'], [a, b])
    scalars(f, 'fma_f32', 'fff>f', [f'fma.{r}.f32' for r in forms] + ['fma.rn.sat.f32', 'fma.rn.ftz.sat.f32', 'mad.rn.f32'], [a, b, c])
    scalars(
        f,
        'div_f32',
        'ff>f',
        [f'div.{r}.f32' for r in ROUNDINGS]
        + ['div.rn.ftz.f32', 'div.full.f32', 'div.full.ftz.f32', 'div.approx.f32', 'div.approx.ftz.f32'],
        [a, b],
    )
    minmax = [f'{op}{z}{nan}{x}.f32' for op in ('min', 'max') for z in ('', '.ftz') for nan in ('', '.NaN') for x in ('', '.xorsign.abs')]
    scalars(f, 'minmax_f32', 'ff>f', minmax + ['copysign.f32'], [a, b])
    u = f32_some(f.rng, 1024)
    scalars(
        f,
        'unary_f32',
        'f>f',
        ['abs.f32', 'abs.ftz.f32', 'neg.f32', 'neg.ftz.f32']
        + [f'{op}.{r}.f32' for op in ('rcp', 'sqrt') for r in ROUNDINGS]
        + ['rcp.rn.ftz.f32', 'sqrt.rn.ftz.f32'],
        [u],
    )
    d, e, g = f64_some(f.rng, 256), f.rng.permutation(f64_some(f.rng, 256)), f.rng.permutation(f64_some(f.rng, 256))
    scalars(
        f,
        'binary_f64',
        'dd>d',
        [f'{op}.{r}.f64' for op in ('add', 'mul', 'div') for r in ROUNDINGS] + ['min.f64', 'max.f64', 'sub.rn.f64', 'copysign.f64'],
        [d, e],
    )
    scalars(f, 'fma_f64', 'ddd>d', [f'fma.{r}.f64' for r in ROUNDINGS], [d, e, g])
    scalars(
        f,
        'unary_f64',
        'd>d',
        ['sqrt.rn.f64', 'rcp.rn.f64', 'abs.f64', 'neg.f64', 'rcp.approx.ftz.f64', 'rsqrt.approx.f64', 'rsqrt.approx.ftz.f64'],
        [d],
    )


def approximate():
    f = Family('approximate', 'Approximations of the special-function unit, bit for bit.')
    u = f32_some(f.rng, 3072)
    scalars(f, 'log_exp_f32', 'f>f', ['ex2.approx.f32', 'ex2.approx.ftz.f32', 'lg2.approx.f32', 'lg2.approx.ftz.f32'], [u])
    scalars(
        f,
        'reciprocal_f32',
        'f>f',
        ['rcp.approx.f32', 'rcp.approx.ftz.f32', 'rsqrt.approx.f32', 'rsqrt.approx.ftz.f32', 'sqrt.approx.f32', 'sqrt.approx.ftz.f32'],
        [u],
    )
    scalars(
        f,
        'trigonometric_f32',
        'f>f',
        ['sin.approx.f32', 'sin.approx.ftz.f32', 'cos.approx.f32', 'cos.approx.ftz.f32', 'tanh.approx.f32'],
        [u],
    )
    every = np.arange(0, 65536, dtype=np.uint32)
    h = every[::37]
    scalars(f, 'f16', 'h>h', ['ex2.approx.f16', 'tanh.approx.f16'], [h])
    scalars(f, 'bf16', 'h>h', ['ex2.approx.ftz.bf16', 'tanh.approx.bf16'], [h])
    packed = h | (np.roll(h, 5) << np.uint32(16))
    scalars(f, 'packed', 'r>r', ['ex2.approx.f16x2', 'ex2.approx.ftz.bf16x2', 'tanh.approx.f16x2', 'tanh.approx.bf16x2'], [packed[::4]])
    # One period of the significand, evenly spaced: what a table-driven model is fitted to.
    steps = (np.arange(0, 2048, dtype=np.uint32) << np.uint32(12)) | np.uint32(0x3F800000)
    steps = np.concatenate([steps, steps[::2] + np.uint32(0x00800000)])
    scalars(
        f,
        'period_f32',
        'f>f',
        ['ex2.approx.ftz.f32', 'lg2.approx.ftz.f32', 'rcp.approx.ftz.f32', 'rsqrt.approx.ftz.f32', 'sqrt.approx.ftz.f32'],
        [steps],
    )
    for name, kind, ops in (
        ('f16', 'h', ['ex2.approx.f16', 'tanh.approx.f16']),
        ('bf16', 'h', ['ex2.approx.ftz.bf16', 'tanh.approx.bf16']),
    ):
        for op in ops:
            scalars(f, f'every_{op.replace(".", "_")}', 'h>h', [op], [every], hashed=True)


def half():
    f = Family('half', 'f16 and bf16 arithmetic, scalar and packed.')
    n = 448
    for t, edges in (('f16', F16_EDGES), ('bf16', BF16_EDGES)):
        a, b, c = half_tuple(f.rng, n, 3, edges)
        p, q, r = pairs_of([a, b, c])
        z = ('', '.ftz') if t == 'f16' else ('',)
        s = ('', '.sat') if t == 'f16' else ('',)
        scalars(f, f'binary_{t}', 'hh>h', [f'{op}.rn{y}{x}.{t}' for op in ('add', 'sub', 'mul') for y in z for x in s], [a, b])
        scalars(f, f'binary_{t}x2', 'rr>r', [f'{op}.rn{y}{x}.{t}x2' for op in ('add', 'sub', 'mul') for y in z for x in s], [p, q])
        fma = [f'fma.rn{y}{x}' for y in z for x in ('', '.relu') + s[1:]] + ['fma.rn.oob', 'fma.rn.oob.relu']
        scalars(f, f'fma_{t}', 'hhh>h', [f'{op}.{t}' for op in fma], [a, b, c])
        scalars(f, f'fma_{t}x2', 'rrr>r', [f'{op}.{t}x2' for op in fma], [p, q, r])
        minmax = [f'{op}{y}{nan}{x}' for op in ('min', 'max') for y in z for nan in ('', '.NaN') for x in ('', '.xorsign.abs')]
        scalars(f, f'minmax_{t}', 'hh>h', [f'{op}.{t}' for op in minmax], [a, b])
        scalars(f, f'minmax_{t}x2', 'rr>r', [f'{op}.{t}x2' for op in minmax], [p, q])
        scalars(f, f'unary_{t}', 'h>h', [f'abs.{t}', f'neg.{t}'] + (['abs.ftz.f16', 'neg.ftz.f16'] if t == 'f16' else []), [a])
        scalars(f, f'unary_{t}x2', 'r>r', [f'abs.{t}x2', f'neg.{t}x2'], [p])


def convert():
    f = Family('convert', 'Conversions.')
    n = 512
    u = f32_some(f.rng, n)
    v = f.rng.permutation(u)
    scalars(
        f,
        'f32_to_half',
        'f>h',
        [f'cvt.{r}{z}.{t}.f32' for t in ('f16', 'bf16') for r in ('rn', 'rz') for z in ('', '.relu', '.satfinite', '.relu.satfinite')]
        + ['cvt.rm.f16.f32', 'cvt.rp.f16.f32', 'cvt.rn.ftz.f16.f32', 'cvt.rn.sat.f16.f32'],
        [u],
    )
    scalars(
        f,
        'f32_to_half2',
        'ff>r',
        [f'cvt.{r}{z}.{t}.f32' for t in ('f16x2', 'bf16x2') for r in ('rn', 'rz') for z in ('', '.relu', '.satfinite')],
        [u, v],
    )
    scalars(
        f,
        'f32_to_tf32',
        'f>r',
        [
            'cvt.rna.tf32.f32',
            'cvt.rna.satfinite.tf32.f32',
            'cvt.rn.tf32.f32',
            'cvt.rz.tf32.f32',
            'cvt.rn.relu.tf32.f32',
            'cvt.rz.relu.tf32.f32',
        ],
        [u],
    )
    scalars(f, 'f32_to_fp8', 'ff>h', [f'cvt.rn.satfinite{z}.{t}x2.f32' for t in ('e4m3', 'e5m2') for z in ('', '.relu')], [u, v])
    around = (f.rng.choice([-1, 1], 512) * 2.0 ** f.rng.uniform(-18, 17, 512)).astype(np.float32)
    scalars(
        f,
        'f32_to_fp8_near',
        'ff>h',
        [f'cvt.rn.satfinite{z}.{t}x2.f32' for t in ('e4m3', 'e5m2') for z in ('', '.relu')],
        [around, f.rng.permutation(around)],
    )
    h = np.arange(0, 65536, 97, dtype=np.uint32)
    packed = h | (np.roll(h, 5) << np.uint32(16))
    scalars(f, 'f16_to_fp8', 'r>h', [f'cvt.rn.satfinite{z}.{t}x2.f16x2' for t in ('e4m3', 'e5m2') for z in ('', '.relu')], [packed])
    codes = np.arange(256, dtype=np.uint32)
    scalars(
        f,
        'fp8_to_f16',
        'h>r',
        [f'cvt.rn{z}.f16x2.{t}x2' for t in ('e4m3', 'e5m2') for z in ('', '.relu')],
        [codes | (codes[::-1] << np.uint32(8))],
    )
    every = np.arange(0, 65536, dtype=np.uint32)
    scalars(f, 'half_to_f32', 'h>f', ['cvt.f32.f16', 'cvt.ftz.f32.f16', 'cvt.sat.f32.f16', 'cvt.f32.bf16'], [h])
    scalars(f, 'every_f16_to_f32', 'h>f', ['cvt.f32.f16'], [every], hashed=True)
    scalars(f, 'every_bf16_to_f32', 'h>f', ['cvt.f32.bf16'], [every], hashed=True)
    scalars(f, 'every_f16_to_e4m3', 'r>h', ['cvt.rn.satfinite.e4m3x2.f16x2'], [every], hashed=True)
    scalars(f, 'every_f16_to_e5m2', 'r>h', ['cvt.rn.satfinite.e5m2x2.f16x2'], [every], hashed=True)
    to_int = lambda source: [f'cvt.{r}i{{}}.{{}}.{source}' for r in ROUNDINGS]
    for t in ('s32', 'u32'):
        scalars(f, f'f32_to_{t}', 'f>r', [x.format(z, t) for x in to_int('f32') for z in ('', '.ftz')] + [f'cvt.rni.sat.{t}.f32'], [u])
        scalars(f, f'f16_to_{t}', 'h>r', [x.format('', t) for x in to_int('f16')], [h])
        scalars(f, f'f64_to_{t}', 'd>r', [x.format('', t) for x in to_int('f64')], [f64_some(f.rng, 256)])
        scalars(f, f'bf16_to_{t}', 'h>r', [x.format('', t) for x in to_int('bf16')], [h])
    for t in ('s16', 'u16'):
        scalars(f, f'f32_to_{t}', 'f>h', [x.format('', t) for x in to_int('f32')], [u])
        scalars(f, f'f16_to_{t}', 'h>h', [x.format('', t) for x in to_int('f16')], [h])
    for t in ('s8', 'u8'):
        scalars(f, f'f32_to_{t}', 'f>r', [x.format('', t) for x in to_int('f32')], [u])
        scalars(f, f'f16_to_{t}', 'h>r', [x.format('', t) for x in to_int('f16')], [h])
    for t in ('s64', 'u64'):
        scalars(f, f'f32_to_{t}', 'f>l', [x.format('', t) for x in to_int('f32')], [u])
        scalars(f, f'f64_to_{t}', 'd>l', [x.format('', t) for x in to_int('f64')], [f64_some(f.rng, 256)])
    i, j = u32_some(f.rng, n), u64_some(f.rng, 256)
    scalars(f, 'int_to_f32', 'r>f', [f'cvt.{r}.f32.{t}' for t in ('s32', 'u32') for r in ROUNDINGS] + ['cvt.rn.sat.f32.s32'], [i])
    scalars(
        f,
        'int_to_half',
        'r>h',
        [f'cvt.{r}.f16.{t}' for t in ('s32', 'u32') for r in ROUNDINGS] + [f'cvt.{r}.bf16.{t}' for t in ('s32', 'u32') for r in ROUNDINGS],
        [i],
    )
    scalars(f, 'int16_to_half', 'h>h', [f'cvt.rn.f16.{t}' for t in ('s16', 'u16')] + [f'cvt.rn.bf16.{t}' for t in ('s16', 'u16')], [i])
    scalars(f, 'int64_to_f32', 'l>f', [f'cvt.{r}.f32.{t}' for t in ('s64', 'u64') for r in ROUNDINGS], [j])
    scalars(f, 'int64_to_f64', 'l>d', [f'cvt.{r}.f64.{t}' for t in ('s64', 'u64') for r in ROUNDINGS], [j])
    scalars(f, 'int_to_f64', 'r>d', ['cvt.rn.f64.s32', 'cvt.rn.f64.u32'], [i])
    d = f64_some(f.rng, 384)
    scalars(f, 'f64_to_f32', 'd>f', [f'cvt.{r}{z}.f32.f64' for r in ROUNDINGS for z in ('', '.ftz')] + ['cvt.rn.sat.f32.f64'], [d])
    scalars(f, 'f64_to_half', 'd>h', [f'cvt.{r}.f16.f64' for r in ROUNDINGS] + ['cvt.rn.bf16.f64'], [d])
    scalars(f, 'f32_to_f64', 'f>d', ['cvt.f64.f32', 'cvt.ftz.f64.f32', 'cvt.sat.f64.f32'], [u])
    scalars(
        f,
        'round_f32',
        'f>f',
        [f'cvt.{r}i{z}.f32.f32' for r in ROUNDINGS for z in ('', '.ftz', '.sat')]
        + ['cvt.ftz.f32.f32', 'cvt.sat.f32.f32', 'cvt.ftz.sat.f32.f32'],
        [u],
    )
    scalars(f, 'round_f16', 'h>h', [f'cvt.{r}i.f16.f16' for r in ROUNDINGS] + ['cvt.sat.f16.f16'], [h])
    scalars(
        f,
        'round_bf16',
        'h>h',
        [f'cvt.{r}i.bf16.bf16' for r in ROUNDINGS] + ['cvt.rn.bf16.f16', 'cvt.rz.bf16.f16', 'cvt.rn.f16.bf16', 'cvt.rz.f16.bf16'],
        [h],
    )
    scalars(f, 'round_f64', 'd>d', [f'cvt.{r}i.f64.f64' for r in ROUNDINGS], [d])
    scalars(
        f,
        'int_to_int',
        'r>r',
        [
            'cvt.sat.s8.s32',
            'cvt.sat.u8.s32',
            'cvt.sat.u8.u32',
            'cvt.sat.s8.u32',
            'cvt.sat.u32.s32',
            'cvt.sat.s32.u32',
            'cvt.s32.s8',
            'cvt.u32.u8',
            'cvt.s32.u8',
            'cvt.u32.s8',
        ],
        [i],
    )
    scalars(
        f,
        'int_to_int16',
        'r>h',
        ['cvt.sat.s16.s32', 'cvt.sat.u16.s32', 'cvt.sat.u16.u32', 'cvt.s16.s8', 'cvt.u16.u8', 'cvt.u16.u32', 'cvt.s16.s32'],
        [i],
    )
    scalars(f, 'int_widen', 'r>l', ['cvt.s64.s32', 'cvt.u64.u32', 'cvt.s64.u32', 'cvt.u64.s32', 'cvt.sat.u64.s32'], [i])
    scalars(f, 'int_narrow', 'l>r', ['cvt.u32.u64', 'cvt.sat.s32.s64', 'cvt.sat.u32.s64', 'cvt.sat.u32.u64', 'cvt.sat.s8.s64'], [j])
    scalars(f, 'int16_widen', 'h>r', ['cvt.s32.s16', 'cvt.u32.u16', 'cvt.u32.s16', 'cvt.s32.u16'], [i])
    byte = lambda t: (f'cvt.rn.f32.{t} of the low byte', f'{{ .reg .b8 b; cvt.u8.u32 b, %1; cvt.rn.f32.{t} %0, b; }}')
    scalars(f, 'byte_to_f32', 'r>f', [byte('u8'), byte('s8')], [i])


integer(), compare(), float32(), approximate(), half(), convert()
