/**
 * One syntax for indexing: integers, slices, masks, index tensors, new axes. Place in the whole: at-plan.ts says what the
 * arguments mean, region.ts reads and writes strided parts, indexing.ts what index tensors pick.
 */
import { noGrad } from '../autograd/mode.js'
import type { DType } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { assign, recordsWrite } from './assign.js'
import { put, read, spreadTo, writeSlices } from './at-picks.js'
import { type Index, type Plan, planOf, type StaticIndex } from './at-plan.js'
import type { Operand } from './binary.js'
import { cast } from './convert.js'
import { arange } from './creation.js'
import { isTensor, method } from './emit.js'
import { indexSelect } from './indexing.js'
import { tidy } from './indices.js'
import { countNow, countSync } from './nonzero.js'
import { replaced, windowOf, write } from './region.js'

export type { Index, SliceIndex, StaticIndex } from './at-plan.js'

const reversed = (x: Tensor, axes: readonly number[]): Tensor =>
  axes.reduce((t, a) => {
    const n = t.shape[a] as number
    return indexSelect(t, a, arange(n - 1, -1, -1, { dtype: 'i64', device: t.device }))
  }, x)

function partOf(op: string, x: Tensor, plan: Plan): Tensor {
  const view = plan.whole && plan.picks.length > 0 ? x : windowOf(op, x, plan.part)
  return reversed(view, plan.flips)
}

function assigned(op: string, x: Tensor, indices: readonly Index[], given: Operand, accumulate: boolean): Tensor {
  const value = isTensor(given) ? cast(given, x.dtype) : given
  return tidy(() => {
    const plan = planOf(op, x, indices)
    if (!isTensor(value) && plan.picks.length === 0 && !accumulate) return replaced(op, x, value, plan.part)
    const changed = put(op, partOf(op, x, plan), plan.picks, value, accumulate)
    return plan.whole && plan.picks.length > 0 ? changed : replaced(op, x, reversed(changed, plan.flips), plan.part)
  })
}

const masksOf = (plan: Plan): Tensor[] => plan.picks.filter((p) => p.mask).map((p) => p.index)

/**
 * Elements by NumPy's and PyTorch's indexing: see `Index` for what an argument may be. Integers, slices, `null` and `'...'` alone
 * give a view. Index tensors broadcast together; their axes become those of the broadcast shape, in place where they are next to
 * each other, else in front. An index in a tensor that is out of range poisons the result.
 *
 * A bool tensor makes the size depend on data: then the result is a promise; `atSync` waits instead.
 */
export function at<D extends DType>(x: Tensor<D>, ...indices: readonly StaticIndex[]): Tensor<D>
export function at<D extends DType>(x: Tensor<D>, ...indices: readonly Index[]): Tensor<D> | Promise<Tensor<D>>
export function at<D extends DType>(x: Tensor<D>, ...indices: readonly Index[]): Tensor<D> | Promise<Tensor<D>> {
  if (indices.some((index) => isTensor(index) && index.dtype === 'bool')) return atMask(x, indices)
  return atSync(x, ...indices)
}

async function atMask<D extends DType>(x: Tensor<D>, indices: readonly Index[]): Promise<Tensor<D>> {
  // The plan says whether the indices fit before anything waits.
  const masks = masksOf(planOf('at', x, indices))
  const counts: number[] = []
  for (const mask of masks) counts.push(await countNow(mask))
  return picked(x, indices, counts)
}

/** `at`, blocking where the size of the result depends on data. */
export function atSync<D extends DType>(x: Tensor<D>, ...indices: readonly Index[]): Tensor<D> {
  return picked(x, indices, null)
}

function picked<D extends DType>(x: Tensor<D>, indices: readonly Index[], counts: readonly number[] | null): Tensor<D> {
  return tidy(() => {
    const plan = planOf('at', x, indices)
    return read('at', partOf('at', x, plan), plan.picks, counts ?? masksOf(plan).map(countSync)) as Tensor<D>
  })
}

/**
 * A copy of x with the elements that `indices` name (as in `at`) replaced by a value, which broadcasts to them and is cast. Of an
 * element that is named twice the last value stays. Nothing waits: a mask with a value for each selected element is
 * checked by the execution.
 */
export function withAt<D extends DType>(x: Tensor<D>, indices: readonly Index[], value: Operand): Tensor<D> {
  return assigned('withAt', x, indices, value, false) as Tensor<D>
}

/**
 * `withAt` in place: x[indices] = value. Returns x. While gradients are recorded the write becomes part of the graph, and is refused
 * for a leaf that requires gradients and for views of one.
 */
export function setAt_<T extends Tensor>(x: T, indices: readonly Index[], given: Operand): T {
  if (recordsWrite(x, isTensor(given) ? given : null))
    return assign('setAt_', x, (t) => assigned('setAt_', t, indices, given, false))
  noGrad(() => {
    const value = isTensor(given) ? cast(given, x.dtype) : given
    tidy(() => {
      const plan = planOf('setAt_', x, indices)
      if (plan.picks.length === 0 && plan.flips.length === 0) {
        write('setAt_', x, isTensor(value) ? spreadTo('setAt_', value, plan.shape) : value, plan.part)
        return x
      }
      const part = partOf('setAt_', x, plan)
      if (plan.whole && x.isContiguous && writeSlices(x, plan.picks, value)) return x
      const changed = put('setAt_', part, plan.picks, value, false)
      write('setAt_', x, reversed(changed, plan.flips), plan.part)
      return x
    })
  })
  return x
}

/**
 * A copy of x with the elements at index tensors replaced by values, or increased by them with `accumulate` (where equal indices
 * add up). A null index is `':'`. Definition: torch.index_put.
 */
export function indexPut<D extends DType>(
  x: Tensor<D>,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  options: { accumulate?: boolean } = {},
): Tensor<D> {
  const given = indices.map((index) => index ?? ':')
  return assigned('indexPut', x, given, values, options.accumulate ?? false) as Tensor<D>
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    at<E extends DType>(this: Tensor<E>, ...indices: readonly StaticIndex[]): Tensor<E>
    at<E extends DType>(this: Tensor<E>, ...indices: readonly Index[]): Tensor<E> | Promise<Tensor<E>>
    atSync<E extends DType>(this: Tensor<E>, ...indices: readonly Index[]): Tensor<E>
    withAt<E extends DType>(this: Tensor<E>, indices: readonly Index[], value: Operand): Tensor<E>
    setAt_(indices: readonly Index[], value: Operand): this
    indexPut<E extends DType>(
      this: Tensor<E>,
      indices: readonly (Tensor | null)[],
      values: Tensor,
      options?: { accumulate?: boolean },
    ): Tensor<E>
  }
}
method('at', function (this: Tensor, ...indices: readonly Index[]) {
  return at(this, ...indices)
})
method('atSync', function (this: Tensor, ...indices: readonly Index[]) {
  return atSync(this, ...indices)
})
method('withAt', function (this: Tensor, indices: readonly Index[], value: Operand) {
  return withAt(this, indices, value)
})
method('setAt_', function (this: Tensor, indices: readonly Index[], value: Operand) {
  return setAt_(this, indices, value)
})
method(
  'indexPut',
  function (this: Tensor, indices: readonly (Tensor | null)[], values: Tensor, options?: { accumulate?: boolean }) {
    return indexPut(this, indices, values, options)
  },
)
