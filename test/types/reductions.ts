/**
 * Shapes of reductions at type level. Place in the whole: checked by `npm run check` (tsc), never run; a line marked as an error
 * that is none fails there.
 */
import {
  type Axes,
  amax,
  argmax,
  countNonzero,
  kthvalue,
  logsumexp,
  masked,
  max,
  mean,
  median,
  norm,
  quantile,
  sum,
  type Tensor,
  varMean,
  zeros,
} from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Reduced, ShapeMismatch } from '#lib/tensor/shape-types.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_: Same<A, B>): void {}

export function reductions(axis: number, axes: Axes, keepDim: boolean): void {
  const x = zeros([2, 3, 4])
  const some: Tensor = x

  // ---- one axis, several, all; kept or not; from the end
  const rows = x.sum(0)
  same<typeof rows, Tensor<'f32', [3, 4]>>(true)
  same<(typeof last)['shape'], [2, 3]>(true)
  const last = x.mean(-1)
  const kept = x.amax(1, { keepDim: true })
  same<(typeof kept)['shape'], [2, 1, 4]>(true)
  const dropped = x.amin(1, { keepDim: false })
  same<(typeof dropped)['shape'], [2, 4]>(true)
  const pair = x.prod([0, -1])
  same<(typeof pair)['shape'], [3]>(true)
  const none = x.sum([])
  same<(typeof none)['shape'], [2, 3, 4]>(true)
  const total = x.logsumexp()
  same<(typeof total)['shape'], []>(true)
  const ones = x.std(undefined, { keepDim: true, correction: 0 })
  ones.shape satisfies readonly [1, 1, 1]

  // ---- dtypes
  const wide = x.sum(0, { dtype: 'f64', keepDim: true })
  same<typeof wide, Tensor<'f64', [1, 3, 4]>>(true)
  const truth = x.any([0, 1])
  same<typeof truth, Tensor<'bool', [4]>>(true)
  const places = x.argmax(2)
  same<typeof places, Tensor<'i64', [2, 3]>>(true)
  const counts = x.countNonzero(0)
  same<typeof counts, Tensor<'i64', [3, 4]>>(true)

  // ---- values with places, and pairs
  const [largest, where] = x.max(1)
  same<typeof largest, Tensor<'f32', [2, 4]>>(true)
  same<typeof where, Tensor<'i64', [2, 4]>>(true)
  const [middle] = x.median(-1, { keepDim: true })
  same<(typeof middle)['shape'], [2, 3, 1]>(true)
  const [third] = x.kthvalue(3)
  same<(typeof third)['shape'], [2, 3]>(true)
  const [variance, average] = x.varMean([1, 2])
  same<(typeof variance)['shape'], [2]>(true)
  same<(typeof average)['shape'], [2]>(true)
  const least = x.min()
  same<(typeof least)['shape'], readonly []>(true)
  const half = x.quantile(0.5, 0)
  same<(typeof half)['shape'], [3, 4]>(true)
  const quartiles = x.quantile([0.25, 0.75], 0)
  same<(typeof quartiles)['shape'], Shape>(true)
  const lengths = x.norm(2, 2)
  same<(typeof lengths)['shape'], [2, 3]>(true)

  // ---- the functions as the methods
  same<ReturnType<typeof sumOfColumns>, Tensor<'f32', [2, 4]>>(true)
  const sumOfColumns = () => sum(x, 1)
  mean(x, [0, 1], { keepDim: true }).shape satisfies readonly [1, 1, 4]
  amax(x, -3).shape satisfies readonly [3, 4]
  argmax(x, 0).shape satisfies readonly [3, 4]
  countNonzero(x, 0).shape satisfies readonly [3, 4]
  logsumexp(x, 2).shape satisfies readonly [2, 3]
  max(x, 0)[0].shape satisfies readonly [3, 4]
  median(x, 0)[1].shape satisfies readonly [3, 4]
  kthvalue(x, 1, 0)[0].shape satisfies readonly [3, 4]
  norm(x, 1, [1, 2]).shape satisfies readonly [2]
  quantile(x, 0.1, 1).shape satisfies readonly [2, 4]
  varMean(x, 0)[1].shape satisfies readonly [3, 4]

  // ---- the masked forms
  const mask = zeros([2, 3, 4], { dtype: 'bool' })
  masked.sum(x, 1, { mask }).shape satisfies readonly [2, 4]
  masked.mean(x, [0, 2], { mask, keepDim: true }).shape satisfies readonly [1, 3, 1]
  masked.variance(x, -1, { correction: 0 }).shape satisfies readonly [2, 3]
  masked.norm(x, 1, 0, { mask }).shape satisfies readonly [3, 4]
  same<ReturnType<typeof sumOfSome>['shape'], Shape>(true)
  const sumOfSome = () => masked.sum(some, 0)
  // @ts-expect-error axis 3 is out of range for (2, 3, 4)
  masked.amax(x, 3)

  // ---- literal shapes go on from there
  x.sub(x.mean(-1, { keepDim: true })).shape satisfies readonly [2, 3, 4]
  // @ts-expect-error shapes (2, 3, 4) and (2, 3) do not broadcast
  x.sub(x.mean(-1))

  // ---- what is not known stays open
  same<(typeof open)['shape'], Shape>(true)
  const open = some.sum(0)
  const byVariable = x.sum(axis)
  same<(typeof byVariable)['shape'], Shape>(true)
  const maybeKept = x.sum(0, { keepDim })
  same<(typeof maybeKept)['shape'], Shape>(true)
  x.amax(axes) satisfies Tensor<'f32'>
  // A number counts as a vector of one element.
  zeros([]).sum(-1).shape satisfies readonly []

  // ---- misfits
  same<Reduced<[2, 3], [0, 2]>, ShapeMismatch<'axis 2 is out of range for (2, 3)'>>(true)
  same<Reduced<[], 1>, ShapeMismatch<'axis 1 is out of range for ()'>>(true)
  // @ts-expect-error axis 3 is out of range for (2, 3, 4)
  x.sum(3)
  // @ts-expect-error axis -4 is out of range for (2, 3, 4)
  x.amax(-4)
  // @ts-expect-error axis 5 is out of range for (2, 3, 4)
  x.mean([0, 5])
  // @ts-expect-error axis 3 is out of range for (2, 3, 4)
  x.argmax(3)
  // @ts-expect-error axis 3 is out of range for (2, 3, 4)
  x.variance(3)
  // @ts-expect-error axis 3 is out of range for (2, 3, 4)
  x.norm(2, 3)
  // @ts-expect-error axis 3 is out of range for (2, 3, 4)
  logsumexp(x, 3)
  // @ts-expect-error axis 3 is out of range for (2, 3, 4)
  x.quantile(0.5, 3)
  // @ts-expect-error no overload takes axis 3
  x.max(3)
  // @ts-expect-error no overload takes axis 3
  median(x, 3)
  // @ts-expect-error the result has shape (3, 4)
  x.sum(0).shape satisfies readonly [2, 4]
}
