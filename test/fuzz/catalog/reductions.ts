/** Reductions, scans, orders, statistics: lib/ops/reduce.ts, scan.ts, sort.ts, statistics.ts, quantile.ts, unique.ts, histogram.ts. */
import * as ops from '#lib/index.js'
import {
  ALL,
  along,
  axesOf,
  byAxis,
  call,
  type Entry,
  entry,
  FLOATS,
  NUMBERS,
  reductions as over,
  POSITIVE,
  partner,
  shaped,
  WIDE,
} from '../draw.js'
import { filledShape, operand, randomShape } from '../tensors.js'

const keep = (r: { chance(n: number): boolean }): { keepDim: boolean } => ({ keepDim: r.chance(2) })
const p = [0, 1, 2, 3, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5]

export const reductions: readonly Entry[] = [
  ...over('sum any all countNonzero amax amin nansum aminmax', ALL, { roundings: 8 }),
  ...over('sum', NUMBERS, { options: (r) => ({ dtype: r.pick(['f32', 'f64', 'i64']) }), gradient: false }),
  ...over('mean logsumexp nanmean', FLOATS, { roundings: 40 }),
  ...over('variance std varMean stdMean', FLOATS, {
    roundings: 40,
    power: 2,
    options: (r) => (r.chance(2) ? {} : { correction: r.int(0, 3) }),
    finite: true,
  }),
  ...over('prod', FLOATS, { domain: { low: 0.75, high: 1.25 }, roundings: 60 }),
  ...over('prod', ['i64', 'i32'], { domain: { low: 0, high: 0.25 } }),
  shaped(
    'vectorNorm, norm',
    FLOATS,
    (r, shape) => {
      const [f, order, axes, options] = [r.pick([ops.vectorNorm, ops.norm]), r.pick(p), axesOf(r, shape), keep(r)]
      return (x) => f(x, order, axes, options)
    },
    { domain: POSITIVE, roundings: 80, power: 2 },
  ),
  shaped('sumToSize', NUMBERS, (r, shape) => {
    const to = partner(r, shape)
    return (x) => ops.sumToSize(x, to)
  }),
  ...byAxis('argmax argmin median nanmedian mode max min unbind', NUMBERS),
  ...byAxis('cummax cummin', ALL),
  ...byAxis('cumsum', NUMBERS, { roundings: 24 }),
  ...byAxis('cumprod', FLOATS, { domain: { low: 0.75, high: 1.25 }, roundings: 60 }),
  ...byAxis('logcumsumexp', FLOATS, { roundings: 40, finite: true }),
  ...byAxis('softmax logSoftmax softmin', FLOATS, { roundings: 40 }),
  along('sort, argsort', ALL, (r) => {
    const [options, order] = [{ descending: r.chance(2), stable: true }, r.chance(3)]
    return (x, axis) => (order ? ops.argsort(x, axis, options) : ops.sort(x, axis, options))
  }),
  shaped('msort', NUMBERS, () => ops.msort, { rank: [1, 4] }),
  along('topk', NUMBERS, (r, n) => {
    const [k, largest] = [r.int(0, n + 1) + (r.chance(30) ? 2 : 0), r.chance(2)]
    return (x, axis) => ops.topk(x, k, axis, { largest, sorted: true })
  }),
  along('kthvalue', NUMBERS, (r, n) => {
    const [k, options] = [r.int(1, n + 1) + (r.chance(30) ? 2 : 0), keep(r)]
    return (x, axis) => ops.kthvalue(x, k, axis, options)
  }),
  shaped('max, min', NUMBERS, (r) => (r.chance(2) ? (x) => ops.max(x) : (x) => ops.min(x))),
  shaped('median, nanmedian', FLOATS, (r) => (r.chance(2) ? (x) => ops.median(x) : (x) => ops.nanmedian(x))),
  entry('max, min', (r) => {
    const shape = randomShape(r, 4, 200)
    const [f, dtype] = [r.pick([ops.max, ops.min]), r.pick(NUMBERS)]
    return call([operand(r, shape, dtype), operand(r, partner(r, shape), dtype)], (x, y) => f(x, y))
  }),
  along(
    'quantile, nanquantile',
    WIDE,
    (r) => {
      const f = r.pick([ops.quantile, ops.nanquantile])
      const q = r.chance(2) ? r.int(0, 9) / 8 : [0.25, r.int(0, 9) / 8, 1]
      const interpolation = r.pick(['linear', 'lower', 'higher', 'midpoint', 'nearest'] as const)
      const keepDim = r.chance(2)
      return (x, axis) => f(x, q, axis, { interpolation, keepDim })
    },
    { roundings: 12 },
  ),
  shaped(
    'uniqueSync, uniqueConsecutiveSync',
    ALL,
    (r, shape) => {
      const f = r.pick([ops.uniqueSync, ops.uniqueConsecutiveSync])
      const options = shape.length > 0 && r.chance(2) ? { axis: r.int(-shape.length, shape.length) } : {}
      return (x) => f(x, options)
    },
    { finite: true },
  ),
  shaped(
    'histc',
    WIDE,
    (r) => {
      const [bins, edge] = [r.int(1, 9), r.int(0, 3)]
      return (x) => ops.histc(x, bins, -edge, edge)
    },
    { finite: true },
  ),
  entry(
    'histogram',
    (r) => {
      const dtype = r.pick(WIDE)
      const shape = randomShape(r, 3, 100)
      const options = { range: [-2, 2], density: r.chance(2) }
      const bins = r.int(1, 9)
      return call([operand(r, shape, dtype), operand(r, shape, dtype, POSITIVE)], (x, weight) =>
        ops.histogram(x, bins, { ...options, weight }),
      )
    },
    { finite: true, roundings: 40, power: 2 },
  ),
  entry(
    'histogramdd',
    (r) => {
      const d = r.int(1, 4)
      const bins = r.ints(d, 1, 4)
      const range = bins.flatMap(() => [-2, 2])
      return call([operand(r, [r.int(0, 30), d], r.pick(WIDE))], (x) => ops.histogramdd(x, bins, { range }))
    },
    { finite: true, roundings: 24 },
  ),
  entry(
    'bincountSync',
    (r) => {
      const n = r.int(0, 40)
      const dtype = r.pick(['i64', 'i32', 'u8'] as const)
      const [minLength, weighted] = [r.int(0, 9), r.chance(2)]
      return call([operand(r, [n], dtype, { low: 0, high: 1 }), operand(r, [n], r.pick(WIDE))], (x, weights) =>
        ops.bincountSync(x, weighted ? { minLength, weights } : { minLength }),
      )
    },
    { roundings: 24 },
  ),
  entry('searchSorted, bucketize', (r) => {
    const dtype = r.pick(NUMBERS)
    const [right, outInt32, bucket] = [r.chance(2), r.chance(2), r.chance(2)]
    return call([operand(r, [r.int(0, 20)], dtype), operand(r, randomShape(r), dtype)], (edges, x) => {
      const sorted = ops.msort(edges)
      return bucket ? ops.bucketize(x, sorted, { right, outInt32 }) : ops.searchSorted(sorted, x, { right, outInt32 })
    })
  }),
  entry('searchSorted', (r) => {
    const lead = filledShape(r, 2, 12)
    const dtype = r.pick(NUMBERS)
    const side = r.pick(['left', 'right'] as const)
    return call([operand(r, [...lead, r.int(0, 9)], dtype), operand(r, [...lead, r.int(0, 9)], dtype)], (edges, x) =>
      ops.searchSorted(edges.clone(), x, { side, sorter: ops.argsort(edges, -1, { stable: true }) }),
    )
  }),
  along('diff', NUMBERS, (r) => {
    const n = r.int(0, 3)
    return (x, axis) => ops.diff(x, n, axis)
  }),
  along(
    'trapezoid, trapz, cumulativeTrapezoid',
    FLOATS,
    (r) => {
      const [f, h] = [r.pick([ops.trapezoid, ops.trapz, ops.cumulativeTrapezoid]), r.int(1, 4) / 4]
      return (x, axis) => f(x, h, axis)
    },
    { roundings: 24 },
  ),
  along(
    'gradient',
    WIDE,
    (r) => {
      const [spacing, edgeOrder] = [r.int(1, 4) / 4, r.pick([1, 2] as const)]
      return (x, axis) => ops.gradient(x, { spacing, axes: axis, edgeOrder })
    },
    { roundings: 24 },
  ),
  shaped(
    'cov',
    WIDE,
    (r) => {
      const correction = r.int(0, 2)
      return (x) => ops.cov(x, { correction })
    },
    { rank: [0, 2], roundings: 60, power: 2, finite: true },
  ),
  along(
    'renorm',
    WIDE,
    (r) => {
      const maxNorm = r.int(1, 4) / 2
      return (x, axis) => ops.renorm(x, 2, axis, maxNorm)
    },
    { roundings: 60, power: 2, finite: true },
  ),
  // Of random rows: a row without variance would divide by rounding errors.
  entry(
    'corrcoef',
    (r) => {
      const [rows, n] = [r.int(1, 5), r.int(12, 20)]
      return call([operand(r, [rows, n], r.pick(WIDE)), operand(r, [n], 'f64')], (x) =>
        ops.corrcoef(x.add(ops.arange(0, n, 1, { device: x.device, dtype: x.dtype }).mul(0.5))),
      )
    },
    { roundings: 200, power: 3, finite: true },
  ),
]
