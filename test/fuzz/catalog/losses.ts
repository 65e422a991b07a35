/** Losses: lib/ops/loss.ts, marginLoss.ts, crossEntropy.ts, ctc.ts. */
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { call, type Entry, entry, FLOATS, type Judge, partner, WIDE } from '../draw.js'
import { type Both, type Domain, type Draw, given, indices, operand, randomShape } from '../tensors.js'

type T = ops.Tensor
const LOSS: Judge = { roundings: 60, power: 2, finite: true }
const INSIDE: Domain = { low: 0.125, high: 0.875 }
const reductionOf = (r: Draw): { reduction: ops.Reduction } => ({ reduction: r.pick(['none', 'mean', 'sum'] as const) })

/** Losses of tensors of one shape, each in its domain. */
const pair = (
  name: string,
  domains: readonly (Domain | undefined)[],
  draw: (r: Draw) => (...x: T[]) => T,
  judge: Judge = LOSS,
): Entry =>
  entry(
    name,
    (r) => {
      const shape = randomShape(r, 3, 200)
      const dtype = r.pick(FLOATS)
      const f = draw(r)
      return call(
        domains.map((d, i) => operand(r, i > 0 && r.chance(100) ? partner(r, shape) : shape, dtype, d)),
        f,
      )
    },
    judge,
  )

/** 1 and -1. */
const signs = (r: Draw, shape: readonly number[], dtype: DType): Both =>
  given(
    r
      .ints(
        shape.reduce((a, b) => a * b, 1),
        0,
        2,
      )
      .map((k) => 2 * k - 1),
    shape,
    dtype,
  )

/** Rows (n, d) and a sign a row. */
const signed = (name: string, operands: number, f: (list: T[], options: object) => T): Entry =>
  entry(
    name,
    (r) => {
      const shape = [r.int(1, 6), r.int(1, 9)]
      const dtype = r.pick(WIDE)
      const options = { ...reductionOf(r), margin: r.pick([0, 0.25, 0.5]) }
      const rows = r.ints(operands, 0, 1).map(() => operand(r, shape, dtype))
      return call([...rows, signs(r, name.startsWith('cosine') ? shape.slice(0, 1) : shape, dtype)], (...list) =>
        f(list, options),
      )
    },
    LOSS,
  )

/** Scores (n, c, ...) and classes (n, ...). */
const classes = (
  name: string,
  f: (x: T, target: T, weight: T, options: any) => T,
  { ranks = 3, spoilt = true } = {},
): Entry =>
  entry(
    name,
    (r) => {
      const [n, c] = [r.int(1, 6), r.int(1, 9)]
      const rest = r.ints(r.int(0, ranks), 1, 4)
      const dtype = r.pick(FLOATS)
      const options = {
        ...reductionOf(r),
        labelSmoothing: r.chance(3) ? 0.25 : 0,
        ...(r.chance(3) ? { ignoreIndex: r.int(0, c) } : {}),
      }
      const reach = c + (spoilt && r.chance(40) ? 2 : 0)
      return call(
        [operand(r, [n, c, ...rest], dtype), indices(r, [n, ...rest], reach), operand(r, [c], dtype, INSIDE)],
        (x, t, w) => f(x, t, w, options),
      )
    },
    LOSS,
  )

export const losses: readonly Entry[] = [
  pair('mseLoss, l1Loss', [{}, {}], (r) => {
    const [f, options] = [r.pick([ops.mseLoss, ops.l1Loss]), reductionOf(r)]
    return (a, b) => f(a as T, b as T, options)
  }),
  pair('smoothL1Loss, huberLoss', [{}, {}], (r) => {
    const options = { ...reductionOf(r), beta: 0.5, delta: 0.5 }
    const f = r.pick([ops.smoothL1Loss, ops.huberLoss])
    return (a, b) => f(a as T, b as T, options)
  }),
  pair('binaryCrossEntropy', [INSIDE, INSIDE, INSIDE], (r) => {
    const options = reductionOf(r)
    return (p, t, weight) => ops.binaryCrossEntropy(p as T, t as T, { ...options, weight: weight as T })
  }),
  pair('binaryCrossEntropyWithLogits', [{}, INSIDE, INSIDE], (r) => {
    const options = reductionOf(r)
    return (x, t, weight) => ops.binaryCrossEntropyWithLogits(x as T, t as T, { ...options, weight: weight as T })
  }),
  pair('klDiv', [{}, INSIDE], (r) => {
    const options = { ...reductionOf(r), logTarget: r.chance(2) }
    return (x, t) => ops.klDiv(x as T, t as T, options)
  }),
  pair('poissonNllLoss', [INSIDE, { low: 1, high: 4 }], (r) => {
    const options = { ...reductionOf(r), logInput: r.chance(2), full: r.chance(2) }
    return (x, t) => ops.poissonNllLoss(x as T, t as T, options)
  }),
  pair('gaussianNllLoss', [{}, {}, { low: 0.5, high: 2 }], (r) => {
    const options = { ...reductionOf(r), full: r.chance(2) }
    return (x, t, v) => ops.gaussianNllLoss(x as T, t as T, v as T, options)
  }),
  signed('softMarginLoss', 1, ([x, t], o) => ops.softMarginLoss(x as T, t as T, o)),
  signed('hingeEmbeddingLoss', 1, ([x, t], o) => ops.hingeEmbeddingLoss(x as T, t as T, o)),
  signed('marginRankingLoss', 2, ([a, b, t], o) => ops.marginRankingLoss(a as T, b as T, t as T, o)),
  signed('cosineEmbeddingLoss', 2, ([a, b, t], o) => ops.cosineEmbeddingLoss(a as T, b as T, t as T, o)),
  signed('tripletMarginLoss', 3, ([a, b, c], o) => ops.tripletMarginLoss(a as T, b as T, c as T, o)),
  signed('tripletMarginWithDistanceLoss', 3, ([a, b, c], o) =>
    ops.tripletMarginWithDistanceLoss(a as T, b as T, c as T, o),
  ),
  entry(
    'multilabelSoftMarginLoss',
    (r) => {
      const shape = [r.int(1, 6), r.int(1, 9)]
      const [dtype, options] = [r.pick(WIDE), reductionOf(r)]
      return call([operand(r, shape, dtype), operand(r, shape, dtype, { low: 0, high: 1 })], (x, t) =>
        ops.multilabelSoftMarginLoss(x, t, options),
      )
    },
    LOSS,
  ),
  entry(
    'multilabelMarginLoss',
    (r) => {
      const shape = [r.int(1, 6), r.int(1, 9)]
      const [dtype, options] = [r.pick(WIDE), reductionOf(r)]
      return call(
        [operand(r, shape, dtype), indices(r, shape, (shape[1] as number) + (r.chance(30) ? 2 : 0), -1)],
        (x, t) => ops.multilabelMarginLoss(x, t, options),
      )
    },
    LOSS,
  ),
  classes('crossEntropy', (x, t, weight, o) => ops.crossEntropy(x, t, { ...o, weight })),
  classes('crossEntropy', (x, t, _w, o) => ops.crossEntropy(x, t, o)),
  classes('nllLoss', (x, t, weight, { reduction, ignoreIndex }) =>
    ops.nllLoss(x, t, { reduction, ...(ignoreIndex === undefined ? {} : { ignoreIndex }), weight }),
  ),
  classes(
    'multiMarginLoss',
    (x, t, weight, { reduction }) => ops.multiMarginLoss(x, t, { reduction, margin: 0.5, weight }),
    { ranks: 1 },
  ),
  entry(
    'linearCrossEntropy',
    (r) => {
      const [n, d, c] = [r.int(1, 8), r.int(1, 9), r.int(1, 9)]
      const [dtype, options] = [r.pick(WIDE), { ...reductionOf(r), chunk: r.int(1, 6) }]
      return call(
        [operand(r, [n, d], dtype), operand(r, [c, d], dtype), indices(r, [n], c + (r.chance(30) ? 2 : 0))],
        (x, w, t) => ops.linearCrossEntropy(x, w, t, options),
      )
    },
    { roundings: 80, power: 3, finite: true },
  ),
  entry(
    'ctcLoss',
    (r) => {
      const [t, n, c, s] = [r.int(4, 9), r.int(1, 4), r.int(2, 6), r.int(1, 4)]
      const options = { ...reductionOf(r), blank: 0, zeroInfinity: r.chance(2) }
      const [frames, sizes] = [r.ints(n, 2, t + 1), r.ints(n, 0, s + 1)]
      return call([operand(r, [t, n, c], r.pick(WIDE)), indices(r, [n, s], c, 1)], (x, targets) =>
        ops.ctcLoss(ops.logSoftmax(x, -1), targets, frames, sizes, options),
      )
    },
    { roundings: 200, power: 3, finite: true },
  ),
]
