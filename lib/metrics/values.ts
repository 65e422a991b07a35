// What metrics take: tensors, or numbers in ordinary memory. Place in the whole: under all of lib/metrics.
import { ShapeError, ValueError } from '../errors.js'
import { filled, sequence } from '../filled.js'
import { numelOf, type Shape, show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'

/** Numbers in a row: an array, a typed array, or a tensor of any shape. */
export type Values = Tensor | ArrayLike<number> | BigInt64Array

/** Numbers in memory, and the shape that they have. */
export interface Numbers {
  readonly data: ArrayLike<number>
  readonly shape: Shape
}

const plain = (data: ArrayLike<number> | BigInt64Array): ArrayLike<number> =>
  data instanceof BigInt64Array ? filled(new Float64Array(data.length), (i) => Number(data[i])) : data

/** The numbers now; a tensor is waited for by `read` instead. */
export function numbersOf(values: ArrayLike<number> | BigInt64Array, shape?: Shape): Numbers {
  const data = plain(values)
  return { data, shape: shape ?? [data.length] }
}

/** The numbers; a tensor's are those that it holds when this is called. */
export async function read(values: Values): Promise<Numbers> {
  if (!(values instanceof Tensor)) return numbersOf(values)
  const { shape } = values
  return { data: plain((await values.data()) as ArrayLike<number> | BigInt64Array), shape }
}

/** @throws ShapeError unless both have one length that is not 0 */
export function sameLength(
  metric: string,
  what: readonly [string, string],
  a: ArrayLike<unknown>,
  b: ArrayLike<unknown>,
): void {
  if (a.length !== b.length)
    throw new ShapeError(`${metric}: ${a.length} ${what[0]} for ${b.length} ${what[1]}; it takes as many of both`)
  if (a.length === 0) throw new ValueError(`${metric}: no ${what[0]}: there is nothing to average`)
}

/** @throws ValueError where a value is NaN or infinite */
export function finite(metric: string, what: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new ValueError(`${metric}: ${what} ${i} is ${values[i]}, expected a finite number`)
}

/** @throws ValueError unless every value is a whole number from 0 to classes - 1 */
export function labels(
  metric: string,
  what: string,
  values: ArrayLike<number>,
  classes: number = Number.POSITIVE_INFINITY,
): void {
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number
    if (!(Number.isInteger(v) && v >= 0 && v < classes)) {
      const range = classes === Number.POSITIVE_INFINITY ? 'at least 0' : `from 0 to ${classes - 1}`
      throw new ValueError(`${metric}: ${what} ${i} is ${v}, expected a whole number ${range}`)
    }
  }
}

/** @throws ValueError unless every value is 0 or 1 */
export const binary = (metric: string, what: string, values: ArrayLike<number>): void => labels(metric, what, values, 2)

/** Rows and columns of a table of scores. @throws ShapeError unless the numbers make one, of `rows` rows */
export function table(metric: string, what: string, { data, shape }: Numbers, rows: number, columns?: number): number {
  const width = columns ?? (shape.length >= 2 ? numelOf(shape.slice(1)) : data.length / rows)
  if (!Number.isInteger(width) || width < 1 || rows * width !== data.length)
    throw new ShapeError(`${metric}: ${what} ${show(shape)} are no ${rows} rows of ${columns ?? 'scores'}`)
  return width
}

/** The index of the largest of `count` values from `start` on; the first of equal ones. */
export function largestOf(values: ArrayLike<number>, start: number, count: number): number {
  let best = 0
  for (let i = 1; i < count; i++) if ((values[start + i] as number) > (values[start + best] as number)) best = i
  return best
}

/** Indices in falling order of the values; equal ones stay in their order. */
export function descending(values: ArrayLike<number>): Uint32Array {
  const order = sequence(values.length)
  return order.sort((a, b) => (values[b] as number) - (values[a] as number) || a - b)
}
