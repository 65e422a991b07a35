/** Operators with indices: lib/ops/gather.ts, indexing.ts, at.ts, nonzero.ts, embedding.ts. */
import * as ops from '#lib/index.js'
import { ALL, call, type Entry, entry, FLOATS, type Judge, NUMBERS, shaped } from '../draw.js'
import { type Both, type Draw, filledShape, indices, operand, randomShape } from '../tensors.js'

const INDEXED = ['f32', 'f64', 'i32', 'i64', 'bf16', 'f16'] as const
const REDUCE = ['sum', 'prod', 'mean', 'amax', 'amin'] as const
type Run = (x: ops.Tensor, axis: number, i: ops.Tensor, src: ops.Tensor) => ops.Tensor

/** A size that is now and then too large: an index out of range is found by the execution. */
const reach = (r: Draw, n: number): number => n + (r.chance(30) ? 3 : 0)

/** Indices of x's rank, with a source of their shape: the scatters. */
const scattering = (name: string, draw: (r: Draw) => Run, dtypes: typeof ALL, judge: Judge = {}): Entry =>
  entry(
    name,
    (r) => {
      const shape = filledShape(r, 3, 150)
      const axis = r.int(-shape.length, shape.length)
      const place = (axis + shape.length) % shape.length
      const at = shape.map((d, i) => (i === place ? r.int(0, 6) : r.int(0, d + 1)))
      const dtype = r.pick(dtypes)
      const f = draw(r)
      return call(
        [operand(r, shape, dtype), indices(r, at, reach(r, shape[place] as number)), operand(r, at, dtype)],
        (x, i, s) => f(x, axis, i, s),
      )
    },
    judge,
  )

/** A list of indices along one axis, with a source of as many rows. */
const rows = (name: string, draw: (r: Draw) => Run, dtypes: typeof ALL, judge: Judge = {}): Entry =>
  entry(
    name,
    (r) => {
      const shape = filledShape(r, 3, 150)
      const axis = r.int(-shape.length, shape.length)
      const n = r.int(0, 6)
      const at = shape.slice()
      at[(axis + shape.length) % shape.length] = n
      const dtype = r.pick(dtypes)
      const f = draw(r)
      return call(
        [
          operand(r, shape, dtype),
          indices(r, [n], reach(r, shape.at(axis) as number), 0, r.pick(['i64', 'i32'])),
          operand(r, at, dtype),
        ],
        (x, i, s) => f(x, axis, i, s),
      )
    },
    judge,
  )

/** Indices of `at`: constants, and places for index tensors, which are operands. */
function placesOf(
  r: Draw,
  shape: readonly number[],
): { tensors: Both[]; build: (t: readonly ops.Tensor[]) => ops.Index[] } {
  const tensors: Both[] = []
  const common = r.ints(r.int(0, 3), 1, 4)
  const make = shape.slice(0, r.int(0, shape.length + 1)).map((n): ((t: readonly ops.Tensor[]) => ops.Index) => {
    const k = tensors.length
    const kind = r.int(0, 7)
    if (kind === 0) return () => null
    if (kind === 1) {
      const at = r.int(-n, n)
      return () => at
    }
    if (kind === 2) {
      const index = { start: r.int(-n, n), end: r.int(0, n + 2), step: r.int(1, 3) }
      return () => index
    }
    if (kind === 3) return () => ':'
    if (kind === 4) {
      const list = r.ints(common.at(-1) ?? 1, 0, n)
      return () => list
    }
    tensors.push(kind === 5 ? operand(r, [n], 'bool') : indices(r, common, reach(r, n), -n))
    return (t) => t[k] as ops.Tensor
  })
  if (r.chance(5)) make.push(() => '...')
  return { tensors, build: (t) => make.map((f) => f(t)) }
}

const at = (
  name: string,
  f: (x: ops.Tensor, places: ops.Index[], value: ops.Tensor) => ops.Tensor,
  judge: Judge = {},
): Entry =>
  entry(
    name,
    (r) => {
      const shape = filledShape(r, 4, 150)
      const dtype = r.pick(ALL)
      const { tensors, build } = placesOf(r, shape)
      return call([operand(r, shape, dtype), operand(r, [], dtype), ...tensors], (x, value, ...t) =>
        f(x, build(t), value),
      )
    },
    judge,
  )

export const indexing: readonly Entry[] = [
  scattering('gather', () => (x, axis, i) => ops.gather(x, axis, i), ALL),
  scattering('takeAlongDim', () => (x, axis, i) => ops.takeAlongDim(x, i, axis), ALL),
  scattering('scatter', () => (x, axis, i, s) => ops.scatter(x, axis, i, s), ALL),
  scattering(
    'scatter',
    (r) => {
      const value = r.int(0, 3)
      return (x, axis, i) => ops.scatter(x, axis, i, value)
    },
    ALL,
  ),
  scattering('scatterAdd', () => ops.scatterAdd, INDEXED),
  scattering(
    'scatterReduce',
    (r) => {
      const [reduce, includeSelf] = [r.pick(REDUCE), r.chance(2)]
      return (x, axis, i, s) => ops.scatterReduce(x, axis, i, s, reduce, { includeSelf })
    },
    INDEXED,
    { roundings: 16, power: 6, gradient: false },
  ),
  rows('indexSelect', () => (x, axis, i) => ops.indexSelect(x, axis, i), ALL),
  rows('indexAdd', () => (x, axis, i, s) => ops.indexAdd(x, axis, i, s, { alpha: 2 }), INDEXED),
  rows('indexCopy', () => ops.indexCopy, ALL),
  rows('indexFill', () => (x, axis, i) => ops.indexFill(x, axis, i, 1), ALL),
  rows(
    'indexReduce',
    (r) => {
      const [reduce, includeSelf] = [r.pick(['prod', 'mean', 'amax', 'amin'] as const), r.chance(2)]
      return (x, axis, i, s) => ops.indexReduce(x, axis, i, s, reduce, { includeSelf })
    },
    INDEXED,
    { roundings: 16, power: 6, gradient: false },
  ),
  entry(
    'take, put',
    (r) => {
      const shape = filledShape(r, 4, 100)
      const n = shape.reduce((a, b) => a * b, 1)
      const [dtype, where, accumulate] = [r.pick(INDEXED), randomShape(r, 2, 20), r.chance(2)]
      const f = r.chance(2)
        ? (x: ops.Tensor, i: ops.Tensor) => ops.take(x, i)
        : (x: ops.Tensor, i: ops.Tensor, s: ops.Tensor) => ops.put(x, i, s, { accumulate })
      return call([operand(r, shape, dtype), indices(r, where, reach(r, n), -n), operand(r, where, dtype)], f)
    },
    { roundings: 16 },
  ),
  at('atSync', (x, places) => ops.atSync(x, ...places)),
  at('withAt', (x, places, value) => ops.withAt(x, places, value)),
  at('setAt_', (x, places, value) => ops.setAt_(x, places, value), { gradient: false }),
  entry(
    'indexPut',
    (r) => {
      const shape = filledShape(r, 3, 100)
      const [n, dtype, accumulate] = [r.int(0, 6), r.pick(INDEXED), r.chance(2)]
      return call(
        [
          operand(r, shape, dtype),
          indices(r, [n], reach(r, shape[0] as number)),
          operand(r, [n, ...shape.slice(1)], dtype),
        ],
        (x, i, s) => ops.indexPut(x, [i], s, { accumulate }),
      )
    },
    { roundings: 16 },
  ),
  shaped('nonzeroSync, argwhereSync', ALL, (r) => {
    const f = r.pick([ops.nonzeroSync, ops.argwhereSync, (x: ops.Tensor) => ops.nonzeroSync(x, { asTuple: true })])
    return (x) => f(x)
  }),
  shaped('nonzeroStatic', ALL, (r) => {
    const [size, fill] = [r.int(0, 20), r.int(-2, 2)]
    return (x) => ops.nonzeroStatic(x, size, { fill })
  }),
  entry('maskedSelectSync, maskedScatter', (r) => {
    const shape = randomShape(r, 4, 200)
    const dtype = r.pick(ALL)
    const f = r.chance(2)
      ? (x: ops.Tensor, m: ops.Tensor) => ops.maskedSelectSync(x, m)
      : (x: ops.Tensor, m: ops.Tensor, s: ops.Tensor) => ops.maskedScatter(x, m, s)
    return call([operand(r, shape, dtype), operand(r, shape, 'bool'), operand(r, shape, dtype)], f)
  }),
  entry('unravelIndex', (r) => {
    const shape = filledShape(r, 4, 200)
    const n = shape.reduce((a, b) => a * b, 1)
    return call([indices(r, randomShape(r, 2, 30), reach(r, n))], (i) => ops.unravelIndex(i, shape))
  }),
  entry('oneHot', (r) => {
    const n = r.int(1, 9)
    return call([indices(r, randomShape(r, 3, 40), reach(r, n))], (i) => ops.oneHot(i, n))
  }),
  entry(
    'embedding',
    (r) => {
      const n = r.int(1, 9)
      const options = r.chance(2) ? {} : { paddingIndex: r.int(0, n), scaleGradByFreq: r.chance(2) }
      return call(
        [operand(r, [n, r.int(0, 20)], r.pick(FLOATS)), indices(r, randomShape(r, 3, 40), reach(r, n))],
        (w, i) => ops.embedding(w, i, options),
      )
    },
    { roundings: 16 },
  ),
  entry(
    'embeddingBag',
    (r) => {
      const [n, bags, size] = [r.int(1, 9), r.int(0, 5), r.int(1, 6)]
      const options = {
        mode: r.pick(['sum', 'mean', 'max'] as const),
        ...(r.chance(3) ? { paddingIndex: r.int(0, n) } : {}),
      }
      return call([operand(r, [n, r.int(1, 12)], r.pick(FLOATS)), indices(r, [bags, size], reach(r, n))], (w, i) =>
        ops.embeddingBag(w, i, options),
      )
    },
    { roundings: 24 },
  ),
  entry(
    'embeddingBag',
    (r) => {
      const [n, k] = [r.int(1, 9), r.int(1, 12)]
      const dtype = r.pick(FLOATS)
      const offsets = [0, ...r.ints(r.int(0, 4), 0, k).sort((a, b) => a - b)]
      return call(
        [operand(r, [n, r.int(1, 12)], dtype), indices(r, [k], reach(r, n)), operand(r, [k], dtype)],
        (w, i, perSampleWeights) =>
          ops.embeddingBag(w, i, {
            mode: 'sum',
            perSampleWeights,
            offsets: ops.tensor(offsets, { dtype: 'i64', device: w.device }) as ops.Tensor,
          }),
      )
    },
    { roundings: 24, power: 2 },
  ),
  shaped('isin', NUMBERS, (r) => {
    const invert = r.chance(2)
    return (x) => ops.isin(x, x.flatten().slice(0, 0, 3), { invert })
  }),
]
