/** Norms, attention, similarity: lib/ops/norm.ts, groupNorm.ts, attention.ts, multiHeadAttention.ts, similarity.ts. */
import * as ops from '#lib/index.js'
import { call, type Entry, entry, FLOATS, type Judge, POSITIVE, WIDE } from '../draw.js'
import { type Draw, operand } from '../tensors.js'

type T = ops.Tensor
/** eps is large: rows of equal elements would divide rounding errors by its root. */
const EPS = 0.125
const NORM: Judge = { roundings: 80, power: 2, finite: true }

/** x (n, c, ...) with a weight and a bias a channel. */
const channels = (name: string, f: (x: T, w: T, b: T, r: number) => unknown, judge: Judge = NORM): Entry =>
  entry(
    name,
    (r) => {
      const c = 2 * r.int(1, 5)
      const dtype = r.pick(FLOATS)
      const choice = r.int(0, 4)
      return call(
        [
          operand(r, [r.int(1, 4), c, ...r.ints(r.int(1, 3), 2, 6)], dtype),
          operand(r, [c], dtype),
          operand(r, [c], dtype),
        ],
        (x, w, b) => f(x, w, b, choice),
      )
    },
    judge,
  )

const ATTENTION: Judge = { roundings: 80, power: 2, finite: true }

/** Any of the forms, in any combination. */
const formOf = (r: Draw): ops.VarlenAttentionOptions => ({
  causal: r.pick([false, true, 'upperLeft']),
  window: r.chance(3) ? [r.int(-1, 6), r.int(-1, 6)] : -1,
  softcap: r.chance(3) ? 2 : 0,
  ...(r.chance(3) ? { scale: 0.5 } : {}),
  dropout: r.chance(3) ? r.pick([0.2, 0.5]) : 0,
})

const attention: Entry = entry(
  'scaledDotProductAttention',
  (r) => {
    const [b, hk, t, s, d] = [r.int(1, 3), r.int(1, 3), r.int(1, 12), r.int(1, 12), r.int(1, 20)]
    const h = hk * r.int(1, 3)
    const [dtype, e, masked] = [r.pick(FLOATS), r.chance(4) ? r.int(1, 9) : d, r.chance(2)]
    const [form, seed] = [formOf(r), r.int(0, 1000)]
    return call(
      [
        operand(r, [b, h, t, d], dtype),
        operand(r, [b, hk, s, d], dtype),
        operand(r, [b, hk, s, e], dtype),
        operand(r, masked ? [t, s] : [h], masked && r.chance(2) ? 'bool' : dtype),
      ],
      (q, k, v, extra) =>
        ops.scaledDotProductAttention(q, k, v, {
          ...form,
          enableGqa: true,
          generator: new ops.Generator(seed),
          ...(masked ? { mask: extra as T } : { alibi: extra as T }),
        }),
    )
  },
  ATTENTION,
)

const selfAttention: Entry = entry(
  'selfAttention',
  (r) => {
    const [b, t, h, d] = [r.int(1, 3), r.int(1, 12), r.int(1, 4), r.int(1, 20)]
    const [dtype, form, seed] = [r.pick(FLOATS), formOf(r), r.int(0, 1000)]
    return call([operand(r, [b, t, 3, h, d], dtype)], (qkv) =>
      ops.selfAttention(qkv, { ...form, generator: new ops.Generator(seed) }),
    )
  },
  ATTENTION,
)

const varlen: Entry = entry(
  'varlenAttention',
  (r) => {
    const [hk, d, dtype] = [r.int(1, 2), r.int(1, 9), r.pick(FLOATS)]
    const [h, rows] = [hk * r.int(1, 2), r.int(0, 14)]
    const starts = Array.from({ length: r.int(1, 4) }, () => r.int(0, rows)).sort((x, y) => x - y)
    const [form, seed] = [formOf(r), r.int(0, 1000)]
    return call(
      [operand(r, [rows, h, d], dtype), operand(r, [rows, hk, d], dtype), operand(r, [rows, hk, d], dtype)],
      (q, k, v) => {
        const options = { ...form, generator: new ops.Generator(seed) }
        return ops.varlenAttention(q, k, v, ops.tensor(starts, { dtype: 'i64', device: q.device }), options)
      },
    )
  },
  ATTENTION,
)

const rotary: Entry = entry('rotaryEmbedding, rotaryTable', (r) => {
  const [b, h, t, half] = [r.int(1, 3), r.int(1, 4), r.int(1, 9), r.int(0, 9)]
  const [dtype, offset, interleaved] = [r.pick(FLOATS), r.int(0, 5), r.chance(2)]
  const table = dtype === 'f64' ? 'f64' : 'f32'
  return call([operand(r, [b, h, t, 2 * half + r.int(half === 0 ? 1 : 0, 3)], dtype)], (x) => {
    const [cosines, sines] = ops.rotaryTable(offset + t, 2 * half, { dtype: table, device: x.device })
    return ops.rotaryEmbedding(x, cosines, sines, { offset, interleaved })
  })
})

/** Different blocks for different sequences: new rows are written first, then read with what was there. */
const paged: Entry = entry(
  'pagedWrite, pagedAttention',
  (r) => {
    const [b, hk, size, columns, d, dtype] = [
      r.int(1, 3),
      r.int(1, 3),
      r.int(1, 5),
      r.int(1, 4),
      r.int(1, 20),
      r.pick(FLOATS),
    ]
    const [h, t, e] = [hk * r.int(1, 3), r.int(1, 7), r.chance(4) ? r.int(1, 9) : d]
    const blocks = b * columns + r.int(0, 3)
    const table = Array.from({ length: b * columns }, (_, i) => blocks - 1 - i)
    const lengths = Array.from({ length: b }, () => r.int(0, columns * size + 1))
    const slots = lengths.flatMap((length, n) =>
      Array.from({ length: t }, (_, i) => {
        const at = length - t + i
        return at < 0 ? -1 : (table[n * columns + Math.floor(at / size)] as number) * size + (at % size)
      }),
    )
    const { causal, window, softcap, scale } = formOf(r)
    const options = { causal: causal !== false, ...{ window, softcap, scale } } as ops.PagedAttentionOptions
    return call(
      [
        operand(r, [b, h, t, d], dtype),
        operand(r, [b, hk, t, d], dtype),
        operand(r, [b, hk, t, e], dtype),
        operand(r, r.chance(2) ? [h] : [b, h], dtype),
      ],
      (q, k, v, alibi) =>
        ops.noGrad(() => {
          const { device } = q
          const index = (values: number[], shape: number[]): T =>
            ops.tensor(Int32Array.from(values), { shape, device }) as T
          const pool = (width: number): T => ops.full([blocks, hk, size, width], 0.5, { dtype, device })
          const [keys, values] = [pool(d), pool(e)]
          ops.pagedWrite(keys, values, k, v, index(slots, [b, t]))
          const y = ops.pagedAttention(q, keys, values, index(table, [b, columns]), index(lengths, [b]), {
            ...options,
            alibi,
          })
          return [keys, values, y]
        }),
    )
  },
  { ...ATTENTION, gradient: false },
)

export const layers: readonly Entry[] = [
  entry(
    'layerNorm, rmsNorm',
    (r) => {
      const [rows, n] = [r.int(0, 9), r.int(1, 40)]
      const dtype = r.pick(FLOATS)
      const rms = r.chance(2)
      return call([operand(r, [rows, n], dtype), operand(r, [n], dtype), operand(r, [n], dtype)], (x, w, b) =>
        rms ? ops.rmsNorm(x, [n], w, EPS) : ops.layerNorm(x, [n], w, b, EPS),
      )
    },
    NORM,
  ),
  entry(
    'addLayerNorm, addRmsNorm',
    (r) => {
      const [rows, n] = [r.int(0, 9), r.int(1, 40)]
      const dtype = r.pick(FLOATS)
      const rms = r.chance(2)
      const [x, residual] = [operand(r, [rows, n], dtype), operand(r, [rows, n], dtype)]
      return call([x, residual, operand(r, [n], dtype), operand(r, [n], dtype)], (x, y, w, b) =>
        rms ? ops.addRmsNorm(x, y, [n], w, EPS) : ops.addLayerNorm(x, y, [n], w, b, EPS),
      )
    },
    NORM,
  ),
  channels('groupNorm', (x, w, b, r) => ops.groupNorm(x, r > 1 ? 2 : 1, w, b, EPS)),
  channels('instanceNorm', (x, w, b) => ops.instanceNorm(x, null, null, w, b, { eps: EPS })),
  channels('batchNorm', (x, w, b, r) => ops.batchNorm(x, w, ops.abs(b).add(1), w, b, { training: r > 1, eps: EPS }), {
    ...NORM,
    gradient: false,
  }),
  channels('batchNorm', (x, w, b, r) => {
    const options = { residual: r % 2 ? x : null, activation: r > 1 ? ('relu' as const) : null }
    return ops.batchNorm(x, null, null, w, b, { ...options, training: true, eps: EPS })
  }),
  channels('localResponseNorm', (x, _w, _b, r) => ops.localResponseNorm(x, r + 1, { alpha: 0.5 })),
  attention,
  selfAttention,
  varlen,
  rotary,
  paged,
  entry(
    'multiHeadAttention',
    (r) => {
      const [heads, t, s, n] = [r.int(1, 3), r.int(1, 6), r.int(1, 6), r.int(1, 3)]
      const e = heads * r.int(1, 4)
      const dtype = r.pick(WIDE)
      const options = { heads, addZeroAttn: r.chance(3), averageWeights: r.chance(2), needWeights: r.chance(2) }
      return call(
        [
          ...[t, s, s].map((k) => operand(r, [k, n, e], dtype)),
          operand(r, [3 * e, e], dtype, { low: -0.5, high: 0.5 }),
          operand(r, [3 * e], dtype),
          operand(r, [e, e], dtype),
        ],
        (q, k, v, inProjWeight, inProjBias, outProjWeight) =>
          ops.multiHeadAttention(q, k, v, { ...options, inProjWeight, inProjBias, outProjWeight } as never),
      )
    },
    { roundings: 200, power: 4, finite: true },
  ),
  entry(
    'cosineSimilarity, pairwiseDistance',
    (r) => {
      const shape = [r.int(0, 5), r.int(1, 12)]
      const dtype = r.pick(WIDE)
      const f = r.chance(2)
        ? (a: T, b: T) => ops.cosineSimilarity(a, b, { axis: 1 })
        : (a: T, b: T) => ops.pairwiseDistance(a, b.neg())
      return call([operand(r, shape, dtype, POSITIVE), operand(r, shape, dtype, POSITIVE)], f)
    },
    { roundings: 80, power: 2, finite: true },
  ),
  entry(
    'normalize',
    (r) => {
      const shape = [r.int(0, 5), r.int(1, 12)]
      const options = { p: r.int(1, 4), axis: r.int(-2, 2) }
      return call([operand(r, shape, r.pick(WIDE), POSITIVE)], (x) => ops.normalize(x, options))
    },
    { roundings: 80, power: 2, finite: true },
  ),
]
