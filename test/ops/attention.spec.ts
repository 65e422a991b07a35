/** Attention: lib/ops/attention.ts. */

import type { AttentionOptions, MultiHeadAttentionOptions, Tensor, VarlenAttentionOptions } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec, type Sample } from '../opspec/spec.js'

/**
 * Where bf16 is multiplied by pairs the weights are rounded to it, and to both kinds of halves for CUDA's tensor cores: what `call`
 * gives for the values' magnitudes.
 */
export const weightsRounded = <A>(call: OpSpec<A>['call']) => ({
  dtypes: ['bf16'] as const,
  onCuda: ['bf16', 'f16'] as const,
  magnitude: ([q, k, v, ...rest]: readonly Tensor[], args: A): Tensor =>
    call([q as Tensor, k as Tensor, ops.abs(v as Tensor), ...rest], args, 'reference') as Tensor,
})

/** b, h, t queries, s keys, d */
type Size = readonly [number, number, number, number, number]
const SIZES: readonly Size[] = [
  [1, 1, 1, 1, 1],
  [1, 2, 5, 5, 4],
  [2, 2, 7, 7, 8],
  [1, 1, 3, 7, 4],
  [1, 2, 1, 33, 16],
  [1, 1, 7, 3, 5],
  [2, 1, 17, 17, 33],
  [0, 2, 3, 3, 4],
]

const inputs = (s: Sampler, [b, h, t, n, d]: Size): Sample['inputs'] => [
  s.values([b, h, t, d]),
  s.values([b, h, n, d]),
  s.values([b, h, n, d]),
]

const callAttention: OpSpec<AttentionOptions>['call'] = ([q, k, v], options) =>
  ops.scaledDotProductAttention(q as Tensor, k as Tensor, v as Tensor, options)

const attention: OpSpec<AttentionOptions> = {
  name: 'scaledDotProductAttention',
  ops: ['attention', 'attentionBackward'],
  dtypes: FLOATS,
  *samples(s) {
    for (const size of SIZES)
      for (const args of [{}, { causal: true }, { causal: 'upperLeft', scale: 0.3 }] as const)
        yield { inputs: inputs(s, size), args }
    yield { inputs: inputs(s, [1, 1, 64, 130, 16]), args: { causal: true } }
    yield { inputs: inputs(s, [1, 1, 70, 130, 16]), args: { causal: 'upperLeft' } }
    // Batches of any rank, broadcast.
    yield { inputs: [s.values([3, 4]), s.values([2, 3, 5, 4]), s.values([3, 5, 4])], args: {} }
    yield { inputs: inputs(s, [2, 3, 129, 129, 32]), args: { causal: true }, large: true }
    yield { inputs: inputs(s, [2, 3, 70, 200, 64]), args: {}, large: true }
  },
  call: callAttention,
  accuracy: {
    roundings: 10,
    serial: true,
    terms: ([q, k]) => (q?.shape.at(-1) as number) + (k?.shape.at(-2) as number),
    magnitude: 'norm',
    narrowed: weightsRounded(callAttention),
  },
  gradient: { roundings: 40 },
  errors: {
    shapes: {
      call: (device) => {
        const [q, k] = [ops.zeros([1, 2, 3, 4], { device }), ops.zeros([1, 2, 3, 5], { device })]
        return ops.scaledDotProductAttention(q, k, k)
      },
      code: 'SINTER_SHAPE',
      message:
        'scaledDotProductAttention: takes q (..., t, d), k (..., s, d) and v (..., s, e), got (1, 2, 3, 4), (1, 2, 3, 5), (1, 2, 3, 5)',
    },
    dtypes: {
      call: (device) => {
        const [q, k] = [ops.zeros([1, 2, 3, 4], { device }), ops.zeros([1, 2, 3, 4], { device, dtype: 'f64' })]
        return ops.scaledDotProductAttention(q, k, k)
      },
      code: 'SINTER_DTYPE',
      message: 'scaledDotProductAttention: dtypes differ: f32 and f64; convert one with .to()',
    },
  },
}

interface FormArgs extends AttentionOptions {
  /** The operands are views of (b, t, h, d), as a layer makes them. */
  rows?: boolean
  /** Which operands follow v. */
  extra?: 'mask' | 'alibi'
  seed?: number
}

const callForms: OpSpec<FormArgs>['call'] = ([q, k, v, extra], { rows, extra: kind, seed, ...options }) => {
  const layout = (x: Tensor): Tensor => (rows ? x.permute([0, 2, 1, 3]) : x)
  return ops.scaledDotProductAttention(layout(q as Tensor), layout(k as Tensor), layout(v as Tensor), {
    ...options,
    ...(kind === 'mask' ? { mask: extra as Tensor } : {}),
    // In the composed form, whose slopes have gradients, too.
    ...(kind === 'alibi' ? { alibi: extra as Tensor } : {}),
    ...(seed === undefined ? {} : { generator: new ops.Generator(seed) }),
  })
}

/** Masks, windows, ALiBi, soft cap, dropout, values of another width, shared heads, other layouts, in every combination that matters. */
const forms: OpSpec<FormArgs> = {
  name: 'scaledDotProductAttention (forms)',
  ops: ['attention', 'attentionBackward', 'attentionFactors'],
  dtypes: FLOATS,
  *samples(s) {
    const qkv = (e: number): Input[] => [s.values([2, 3, 4]), s.values([2, 5, 4]), s.values([2, 5, e])]
    yield { inputs: qkv(3), args: {} }
    yield { inputs: qkv(3), args: { causal: 'upperLeft' } }
    const sight = s.mask([3, 5])
    sight.values.fill(0, 0, 5)
    sight.values[7] = 1
    yield { inputs: [...qkv(4), sight], args: { scale: 0.7, extra: 'mask' } }
    yield { inputs: [...qkv(4), s.values([2, 1, 5])], args: { extra: 'mask' } }
    yield { inputs: [...qkv(4), s.values([3, 5])], args: { extra: 'mask', causal: true, window: 2 } }
    const shared = [s.values([1, 4, 2, 3]), s.values([1, 2, 3, 3]), s.values([1, 2, 3, 3])]
    yield { inputs: shared, args: { enableGqa: true, causal: 'lowerRight' } }
    yield {
      inputs: [s.values([6, 5, 3]), s.values([2, 7, 3]), s.values([2, 7, 4])],
      args: { enableGqa: true, softcap: 1.5 },
    }
    yield {
      inputs: [s.values([1, 6, 1, 5]), s.values([1, 1, 40, 5]), s.values([1, 1, 40, 3])],
      args: { enableGqa: true },
    }
    // Decoding: groups of queries in one and in several turns, keys around fours and chunks, widths around vectors and lines.
    for (const [group, keys, d, e] of [
      [1, 7, 33, 20],
      [2, 261, 16, 9],
      [7, 5, 20, 70],
      [13, 300, 130, 48],
    ] as const)
      yield {
        inputs: [s.values([2 * group, 1, d]), s.values([2, keys, d]), s.values([2, keys, e])],
        args: { enableGqa: true },
        large: true,
      }
    yield { inputs: qkv(2), args: { dropout: 1 } }
    // Where the mask has a gradient the factors of dropout come from an operator of their own.
    yield { inputs: [...qkv(4), s.values([3, 5])], args: { extra: 'mask', dropout: 0.2, seed: 2 } }
    // Where nothing is to be differentiated the fused kernel takes masks and slopes.
    const still = (x: Input): Input => ({ ...x, constant: true })
    const four = (b: number, h: number, t: number, n: number, d: number, e = d): Input[] => [
      s.values([b, h, t, d]),
      s.values([b, h, n, d]),
      s.values([b, h, n, e]),
    ]
    yield { inputs: four(2, 2, 5, 9, 4, 7), args: { dropout: 0.4, seed: 5 } }
    yield { inputs: four(1, 2, 9, 9, 4), args: { dropout: 0.3, seed: 1, causal: true, softcap: 2, window: [3, 0] } }
    yield { inputs: four(1, 3, 6, 9, 4), args: { window: [1, 2] } }
    yield { inputs: four(1, 2, 3, 20, 5), args: { window: 4, causal: 'upperLeft' } }
    // Keys and queries that meet in a part of a block only: products begin and end where sight does.
    yield { inputs: four(1, 2, 7, 128, 5), args: { window: [0, 0], causal: 'upperLeft' } }
    yield { inputs: four(1, 1, 100, 140, 4), args: { window: [9, 2] } }
    yield { inputs: [...four(1, 2, 3, 20, 5), s.values([2])], args: { extra: 'alibi', softcap: 3 } }
    yield {
      inputs: [...four(1, 2, 3, 20, 5), still(s.values([2]))],
      args: { extra: 'alibi', softcap: 3, causal: true },
    }
    yield { inputs: [...four(2, 2, 9, 20, 5), still(s.values([9, 20]))], args: { extra: 'mask', window: 6 } }
    yield { inputs: [...four(2, 2, 9, 20, 5), still(s.values([2, 1, 1, 20]))], args: { extra: 'mask' } }
    yield { inputs: [...four(2, 2, 9, 20, 5), still(s.values([2, 1, 9, 1]))], args: { extra: 'mask' } }
    yield { inputs: [...four(2, 3, 8, 6, 4), still(s.values([2, 3]))], args: { extra: 'alibi', causal: true } }
    const byRows = [s.values([2, 7, 3, 4]), s.values([2, 9, 3, 4]), s.values([2, 9, 3, 5])]
    yield { inputs: byRows, args: { rows: true, causal: true } }
    yield {
      inputs: [...byRows, still(s.values([2, 3, 7, 9]))],
      args: { rows: true, extra: 'mask', dropout: 0.2, seed: 9 },
    }
    const wide = [s.values([2, 70, 4, 33]), s.values([2, 150, 2, 33]), s.values([2, 150, 2, 40])]
    const full = { rows: true, enableGqa: true, dropout: 0.1, seed: 3, window: [40, 10], softcap: 4 } as const
    yield { inputs: [...wide, s.mask([70, 150])], args: { ...full, extra: 'mask' }, large: true }
    yield { inputs: [...wide, still(s.values([2, 4, 70, 150]))], args: { ...full, extra: 'mask' }, large: true }
    yield { inputs: [...wide, still(s.values([4]))], args: { ...full, extra: 'alibi' }, large: true }
    yield { inputs: four(1, 1, 65, 300, 16), args: { window: [17, 5] }, large: true }
  },
  call: callForms,
  accuracy: {
    roundings: 20,
    serial: true,
    terms: ([q, k]) => (q?.shape.at(-1) as number) + Math.max(...(k as Input).shape),
    magnitude: 'norm',
    narrowed: weightsRounded(callForms),
  },
  gradient: { roundings: 60 },
  errors: {
    mask: {
      call: (device) => {
        const q = ops.zeros([2, 3, 4], { device })
        return ops.scaledDotProductAttention(q, q, q, { mask: ops.zeros([5, 3], { device, dtype: 'bool' }) })
      },
      code: 'SINTER_SHAPE',
      message: 'scaledDotProductAttention: shapes (2, 3, 3) and (5, 3) do not broadcast: 3 and 5 at dimension -2',
    },
    'mask dtype': {
      call: (device) => {
        const q = ops.zeros([2, 3, 4], { device })
        return ops.scaledDotProductAttention(q, q, q, { mask: ops.zeros([3, 3], { device, dtype: 'i64' }) })
      },
      code: 'SINTER_DTYPE',
      message: 'scaledDotProductAttention: the mask is i64, not bool or f32',
    },
    heads: {
      call: (device) => {
        const [q, k] = [ops.zeros([3, 2, 4], { device }), ops.zeros([2, 2, 4], { device })]
        return ops.scaledDotProductAttention(q, k, k, { enableGqa: true })
      },
      code: 'SINTER_SHAPE',
      message:
        'scaledDotProductAttention: 3 heads of queries for 2 of keys and 2 of values, expected as many values as keys and a multiple of them',
    },
    window: {
      call: (device) => {
        const q = ops.zeros([3, 4], { device })
        return ops.scaledDotProductAttention(q, q, q, { window: [1, 0.5] })
      },
      code: 'SINTER_VALUE',
      message: 'scaledDotProductAttention: a window of [1, 0.5], expected one or two integers of at least -1',
    },
    slopes: {
      call: (device) => {
        const q = ops.zeros([2, 3, 4, 4], { device })
        return ops.scaledDotProductAttention(q, q, q, { alibi: ops.zeros([2], { device }) })
      },
      code: 'SINTER_SHAPE',
      message: 'scaledDotProductAttention: shapes (2, 3) and (2) do not broadcast: 3 and 2 at dimension -1',
    },
  },
}

type VarlenArgs = VarlenAttentionOptions & { seed?: number }

const callVarlen: OpSpec<VarlenArgs>['call'] = ([q, k, v, starts, keyStarts], { seed, ...options }) =>
  ops.varlenAttention(q as Tensor, k as Tensor, v as Tensor, starts as Tensor, {
    ...options,
    keyStarts: keyStarts as Tensor,
    ...(seed === undefined ? {} : { generator: new ops.Generator(seed) }),
  })

/** Starts of the sequences, of queries and of keys. */
const varlen: OpSpec<VarlenArgs> = {
  name: 'varlenAttention',
  ops: ['attention', 'attentionBackward'],
  dtypes: FLOATS,
  *samples(s) {
    const qkv = (t: number, n: number, h: number, hk: number, d: number, e = d): Input[] => [
      s.values([t, h, d]),
      s.values([n, hk, d]),
      s.values([n, hk, e]),
    ]
    const starts = (...of: number[]): Input => ({ ...s.given(of, [of.length]), dtype: 'i64', ordered: true })
    yield { inputs: [...qkv(9, 9, 2, 2, 4), starts(0, 3, 3, 9), starts(0, 3, 3, 9)], args: { causal: true } }
    // Rows before, behind and between sequences belong to none.
    yield { inputs: [...qkv(12, 14, 4, 2, 5, 3), starts(1, 4, 10), starts(2, 9, 13)], args: { dropout: 0.3, seed: 4 } }
    yield { inputs: [...qkv(5, 7, 1, 1, 3), starts(0, 5), starts(0, 7)], args: { window: 1, softcap: 2 } }
    yield { inputs: [...qkv(4, 4, 1, 1, 3), starts(0), starts(0)], args: {} }
    const many = [starts(0, 5, 75, 76, 140), starts(0, 9, 150, 200, 330)]
    yield { inputs: [...qkv(140, 330, 4, 2, 24), ...many], args: { causal: true }, large: true }
  },
  call: callVarlen,
  accuracy: {
    roundings: 20,
    serial: true,
    terms: ([q, k]) => (q?.shape.at(-1) as number) + Math.max(...(k as Input).shape),
    magnitude: 'norm',
    narrowed: weightsRounded(callVarlen),
  },
  gradient: { roundings: 60, once: true },
  errors: {
    shapes: {
      call: (device) => {
        const q = ops.zeros([3, 4], { device })
        return ops.varlenAttention(q, q, q, ops.zeros([2], { device, dtype: 'i64' }))
      },
      code: 'SINTER_SHAPE',
      message: 'varlenAttention: takes q (rows, h, d), k (rows, hk, d) and v (rows, hk, e), got (3, 4), (3, 4), (3, 4)',
    },
    starts: {
      call: (device) => {
        const q = ops.zeros([3, 1, 4], { device })
        return ops.varlenAttention(q, q, q, ops.zeros([2], { device }))
      },
      code: 'SINTER_DTYPE',
      message: 'varlenAttention: starts are f32, not i32 or i64',
    },
  },
}

interface MultiHeadArgs extends Omit<MultiHeadAttentionOptions, 'outProjWeight'> {
  separate?: boolean
}

const multiHead: OpSpec<MultiHeadArgs> = {
  name: 'multiHeadAttention',
  ops: ['matmul', 'softmax', 'attention'],
  dtypes: FLOATS,
  *samples(s) {
    const weights = (k: number, separate = false): (Input | null)[] => [
      separate ? null : s.values([12, 4], { low: -1, high: 1 }),
      s.values([12]),
      s.values([4, 4], { low: -1, high: 1 }),
      s.values([4]),
      ...(separate ? [s.values([4, 4]), s.values([4, k]), s.values([4, k])] : [null, null, null]),
    ]
    const x = (...shape: number[]): Input => s.values(shape, { low: -1, high: 1 })
    const none = [null, null, null, null]
    yield { inputs: [x(3, 2, 4), x(5, 2, 4), x(5, 2, 4), ...weights(4), ...none], args: { heads: 2 } }
    yield { inputs: [x(3, 4), x(5, 4), x(5, 4), ...weights(4), ...none], args: { heads: 2, needWeights: false } }
    const sight = { ...s.given([0, 1, 0, 0, 0, 1, 0, 0, 0, 1], [2, 5]), dtype: 'bool' as const }
    const extra = [s.values([4]), s.values([4]), s.values([3, 5]), sight]
    const args = { heads: 2, addZeroAttn: true, averageWeights: false }
    yield { inputs: [x(3, 2, 4), x(5, 2, 6), x(5, 2, 6), ...weights(6, true), ...extra], args }
  },
  call: ([q, k, v, w, b, ow, ob, wq, wk, wv, biasK, biasV, mask, keyPaddingMask], options) => {
    const separate = wq ? ([wq, wk, wv] as [Tensor, Tensor, Tensor]) : null
    const [y, weights] = ops.multiHeadAttention(q as Tensor, k as Tensor, v as Tensor, {
      ...options,
      inProjWeight: w ?? null,
      projWeights: separate,
      inProjBias: b ?? null,
      outProjWeight: ow as Tensor,
      outProjBias: ob ?? null,
      biasK: biasK ?? null,
      biasV: biasV ?? null,
      mask: mask ?? null,
      keyPaddingMask: keyPaddingMask ?? null,
    })
    return weights ? [y, weights] : [y]
  },
  accuracy: { roundings: 40, composed: true, serial: true, terms: () => 30, magnitude: 'norm' },
  gradient: { roundings: 100 },
  errors: {
    heads: {
      call: (device) => {
        const x = ops.zeros([2, 1, 3], { device })
        return ops.multiHeadAttention(x, x, x, { heads: 2, outProjWeight: ops.zeros([3, 3], { device }) })
      },
      code: 'SINTER_SHAPE',
      message:
        'multiHeadAttention: takes query (t, n, e), key and value (s, n, ...) with e a multiple of 2 heads, got (2, 1, 3), (2, 1, 3), (2, 1, 3)',
    },
  },
}

export const specs: readonly OpSpec[] = [attention, forms, varlen, multiHead]
