/** Elements repeated one after the other. The size of the result may depend on data. */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { normalizeAxis, numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { isTensor, make, method } from './emit.js'
import { indexSelect } from './indexing.js'
import { expand, reshape } from './views.js'

export interface RepeatOptions {
  /** Default: of the flattened tensor. */
  axis?: number
}

interface Sized extends RepeatOptions {
  /** The sum of the repeats. */
  outputSize: number
}

/** Operand and axis: without an axis the tensor is flat. */
function along<D extends DType>(x: Tensor<D>, options: RepeatOptions | undefined): [Tensor<D>, number] {
  const axis = options?.axis
  if (axis === undefined) return [reshape(x, [x.numel]), 0]
  return [x.rank === 0 ? reshape(x, [1]) : x, normalizeAxis('repeatInterleave', axis, x.rank)]
}

function checkRepeats(x: Tensor, a: number, repeats: Tensor): void {
  if (repeats.dtype !== 'i64' && repeats.dtype !== 'i32')
    throw new DTypeError(`repeatInterleave: repeats are ${repeats.dtype}, not i64 or i32`)
  if (repeats.rank > 1 || (repeats.numel !== 1 && repeats.numel !== x.shape[a]))
    throw new ShapeError(
      `repeatInterleave: repeats ${show(repeats.shape)} for dimension ${a} of ${show(x.shape)}; one, or one an element`,
    )
}

function uniform<D extends DType>(x: Tensor<D>, a: number, n: number): Tensor<D> {
  if (!Number.isInteger(n) || n < 0) throw new ValueError(`repeatInterleave: ${n} is not a number of repetitions`)
  const { shape } = x
  const [outer, inner] = [numelOf(shape.slice(0, a + 1)), numelOf(shape.slice(a + 1))]
  const result = shape.map((d, i) => (i === a ? d * n : d))
  return reshape(expand(reshape(x, [outer, 1, inner]), [outer, n, inner]).clone(), result)
}

function ofSize<D extends DType>(x: Tensor<D>, a: number, repeats: Tensor, size: number): Tensor<D> {
  if (!Number.isInteger(size) || size < 0) throw new ValueError(`repeatInterleave: outputSize ${size} is not a size`)
  const counts = expand(reshape(repeats, [repeats.numel]), [x.shape[a] as number])
  const indices = make('repeatInterleave', OP.repeatInterleave, 'i64', [size], counts, null, [], size * 0.5)
  return indexSelect(x, a, indices) as Tensor<D>
}

/** The sum of what was read, once for each element when there is one count. */
function total(x: Tensor, a: number, repeats: Tensor, counts: ArrayLike<number | bigint>): number {
  let sum = 0
  for (let i = 0; i < counts.length; i++) {
    const n = Number(counts[i])
    if (n < 0) throw new ValueError(`repeatInterleave: repeats[${i}] is ${n}, below 0`)
    sum += n
  }
  return repeats.numel === 1 ? sum * (x.shape[a] as number) : sum
}

/**
 * Each element along an axis repeated in place: a number of times, or each its own number. How often a tensor says so is known
 * only after reading it, so the result is a promise, unless `outputSize` gives the sum (execution checks it).
 */
export function repeatInterleave<D extends DType>(x: Tensor<D>, repeats: number, options?: RepeatOptions): Tensor<D>
export function repeatInterleave<D extends DType>(x: Tensor<D>, repeats: Tensor, options: Sized): Tensor<D>
export function repeatInterleave<D extends DType>(
  x: Tensor<D>,
  repeats: Tensor,
  options?: RepeatOptions,
): Promise<Tensor<D>>
export function repeatInterleave<D extends DType>(
  x: Tensor<D>,
  repeats: number | Tensor,
  options?: RepeatOptions & { outputSize?: number },
): Tensor<D> | Promise<Tensor<D>> {
  const [source, a] = along(x, options)
  if (!isTensor(repeats)) return uniform(source, a, repeats)
  checkRepeats(source, a, repeats)
  if (options?.outputSize !== undefined) return ofSize(source, a, repeats, options.outputSize)
  return repeats
    .data()
    .then((counts) => ofSize(source, a, repeats, total(source, a, repeats, counts as ArrayLike<number | bigint>)))
}

/** `repeatInterleave` that waits for the numbers of repetitions. */
export function repeatInterleaveSync<D extends DType>(
  x: Tensor<D>,
  repeats: number | Tensor,
  options?: RepeatOptions,
): Tensor<D> {
  const [source, a] = along(x, options)
  if (!isTensor(repeats)) return uniform(source, a, repeats)
  checkRepeats(source, a, repeats)
  return ofSize(source, a, repeats, total(source, a, repeats, repeats.dataSync() as ArrayLike<number | bigint>))
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    repeatInterleave<E extends DType>(this: Tensor<E>, repeats: number, options?: RepeatOptions): Tensor<E>
    repeatInterleave<E extends DType>(this: Tensor<E>, repeats: Tensor, options: Sized): Tensor<E>
    repeatInterleave<E extends DType>(this: Tensor<E>, repeats: Tensor, options?: RepeatOptions): Promise<Tensor<E>>
    repeatInterleaveSync<E extends DType>(this: Tensor<E>, repeats: number | Tensor, options?: RepeatOptions): Tensor<E>
  }
}
method('repeatInterleave', function (this: Tensor, repeats: never, options?: never) {
  return repeatInterleave(this, repeats, options)
})
method('repeatInterleaveSync', function (this: Tensor, repeats: number | Tensor, options?: RepeatOptions) {
  return repeatInterleaveSync(this, repeats, options)
})
