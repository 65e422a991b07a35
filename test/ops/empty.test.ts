/** Reductions of nothing give what PyTorch gives: the identity, NaN, or a refusal where there is neither. */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, ShapeError, type Tensor, ValueError, zeros } from '#lib/index.js'
import { orSkip } from '../opspec/plan.js'

const REFUSED = Symbol('refused')
type Expected = number | typeof REFUSED
const value = (r: unknown): Tensor => {
  if (Array.isArray(r)) return r[0] as Tensor
  return r instanceof ops.Tensor ? r : ((r as { values?: Tensor }).values ?? (r as { min: Tensor }).min)
}
type Reduction = (x: Tensor, axis?: number) => unknown

/** Of all elements, and along an axis without any. */
const TABLE: Readonly<Record<string, readonly [Reduction, Expected, Expected]>> = {
  sum: [ops.sum, 0, 0],
  prod: [ops.prod, 1, 1],
  mean: [ops.mean, Number.NaN, Number.NaN],
  variance: [ops.variance, Number.NaN, Number.NaN],
  std: [ops.std, Number.NaN, Number.NaN],
  nansum: [ops.nansum, 0, 0],
  nanmean: [ops.nanmean, Number.NaN, Number.NaN],
  logsumexp: [ops.logsumexp, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  any: [ops.any, 0, 0],
  all: [ops.all, 1, 1],
  countNonzero: [ops.countNonzero, 0, 0],
  median: [ops.median as Reduction, Number.NaN, REFUSED],
  nanmedian: [ops.nanmedian as Reduction, Number.NaN, REFUSED],
  amax: [ops.amax, REFUSED, REFUSED],
  amin: [ops.amin, REFUSED, REFUSED],
  argmax: [ops.argmax, REFUSED, REFUSED],
  argmin: [ops.argmin, REFUSED, REFUSED],
  max: [ops.max as Reduction, REFUSED, REFUSED],
  min: [ops.min as Reduction, REFUSED, REFUSED],
  aminmax: [ops.aminmax as Reduction, REFUSED, REFUSED],
  quantile: [(x, axis) => ops.quantile(x, 0.5, axis as number), REFUSED, REFUSED],
  nanquantile: [(x, axis) => ops.nanquantile(x, 0.5, axis as number), REFUSED, REFUSED],
}

for (const device of engine.info().devices) {
  describe(device, () => {
    for (const [name, [f, whole, along]] of Object.entries(TABLE)) {
      test(name, ({ skip }) =>
        orSkip(device, skip, () => {
          const check = (shape: readonly number[], axis: number | undefined, expected: Expected): void => {
            const call = (): unknown[] => {
              const y = value(axis === undefined ? f(zeros(shape, { device })) : f(zeros(shape, { device }), axis))
              return [y.shape, ...Array.from(y.dataSync() as ArrayLike<number | bigint>, Number)]
            }
            if (expected === REFUSED) {
              expect(call).toThrow(ShapeError)
              return
            }
            const kept = axis === undefined ? [] : shape.filter((_, i) => i !== axis)
            const n = kept.reduce((a, b) => a * b, 1)
            expect(call()).toEqual([kept, ...new Array<number>(n).fill(expected)])
          }
          for (const shape of [[0], [2, 0], [0, 2]]) check(shape, undefined, whole)
          for (const shape of [[0], [0, 2], [0, 1, 3]]) check(shape, 0, along)
          // Beside an empty axis there is nothing to reduce, but for quantiles, which want elements.
          if (!name.endsWith('quantile')) check([2, 0], 0, 0)
        }),
      )
    }

    test('k-th values and most frequent ones', () => {
      for (const call of [
        () => ops.kthvalue(zeros([0, 2], { device }), 1, 0),
        () => ops.topk(zeros([0], { device }), 1),
        () => ops.mode(zeros([2, 0], { device }), 1),
      ])
        expect(call).toThrow(/no elements to choose from|has 0 elements/)
      expect(ops.topk(zeros([2, 0], { device }), 1, 0)[0].shape).toEqual([1, 0])
    })

    test('the median of nothing has a gradient of nothing; integers have no NaN', () => {
      const x = zeros([0, 3], { device }).requiresGrad_() as Tensor
      ops.median(x).backward()
      expect(x.grad?.shape).toEqual([0, 3])
      expect(() => ops.median(zeros([0], { device, dtype: 'i32' }))).toThrow(ShapeError)
      expect(() => ops.quantile(zeros([0], { device }), 2)).toThrow(ValueError)
    })
  })
}
