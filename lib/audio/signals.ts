/**
 * What the functions on signals share: their checks, rows of any leading dimensions, parameters that are one for all or one for each row,
 * and how much of a row is signal. Place in the whole: under the public functions of lib/audio.
 */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { lt } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { arange, tensor } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { reshape } from '../ops/views.js'
import { isComplex, isFloating } from '../tensor/dtype.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** One number for all rows, or one for each of n: an array, or a tensor (n). */
export type PerRow = number | readonly number[] | Tensor

/** @throws DTypeError for what is no floating-point tensor, ShapeError for lower ranks than that of `layout` */
export function checkSignals(name: string, x: Tensor, least = 1, layout = '(..., time)'): void {
  if (!isTensor(x)) throw new ValueError(`${name}: takes a tensor of signals ${layout}, got ${typeof x}`)
  if (!isFloating(x.dtype))
    throw new DTypeError(
      `${name}: takes signals of floating-point numbers, got ${x.dtype}; scale integers to -1 to 1 with .to('f32').div(2 ** 15)`,
    )
  if (x.rank < least) throw new ShapeError(`${name}: takes signals ${layout}, got ${show(x.shape)}`)
}

/** @throws DTypeError unless x is complex, ShapeError unless it is (..., frequencies, frames) */
export function checkSpectra(name: string, x: Tensor): void {
  if (!isComplex(x.dtype))
    throw new DTypeError(`${name}: takes complex spectra (spectrogram with power null), got ${x.dtype}`)
  if (x.rank < 2) throw new ShapeError(`${name}: takes spectra (..., frequencies, frames), got ${show(x.shape)}`)
}

/** The dtype that a signal is computed in. */
export const exactOf = (x: Tensor): 'f32' | 'f64' => (x.dtype === 'f64' ? 'f64' : 'f32')

/** f of the signal as rows (b, ...last axes) in f32 or f64; its result with the leading dimensions and the dtype that x had. */
export function onRowsOf(x: Tensor, axes: number, f: (rows: Tensor) => Tensor): Tensor {
  const lead = x.shape.slice(0, x.rank - axes)
  const rows = reshape(cast(x, exactOf(x)), [numelOf(lead), ...x.shape.slice(x.rank - axes)])
  const y = f(rows)
  return cast(reshape(y, [...lead, ...y.shape.slice(1)]), x.dtype)
}

/**
 * A parameter as a number, or as a tensor (n, 1, ...) of f64 that broadcasts over x (n, ...). Tensors are not read, so their numbers are
 * not checked.
 *
 * @throws ValueError for numbers that are not finite, ShapeError unless there is one for each row
 */
export function overRows(name: string, what: string, value: PerRow, x: Tensor): number | Tensor {
  const finite = (v: number): void => {
    if (!Number.isFinite(v)) throw new ValueError(`${name}: ${what} is ${v}; it is a finite number`)
  }
  if (typeof value === 'number') {
    finite(value)
    return value
  }
  if (!isTensor(value)) value.forEach(finite)
  const shape = isTensor(value) ? value.shape : [value.length]
  if (shape.length !== 1 || x.rank < 2 || shape[0] !== x.shape[0])
    throw new ShapeError(
      `${name}: ${what} is ${show(shape)} for signals ${show(x.shape)}; it is a number, or one for each row of a batch`,
    )
  const each = isTensor(value)
    ? cast(value, 'f64')
    : (tensor(Float64Array.from(value), { dtype: 'f64', device: x.device }) as Tensor)
  return reshape(each, [shape[0] as number, ...x.shape.slice(1).map(() => 1)])
}

/** @throws ShapeError, DTypeError unless lengths are whole numbers (n) for x (n, ...) */
export function checkLengths(name: string, lengths: Tensor, x: Tensor): void {
  if (!isTensor(lengths) || (lengths.dtype !== 'i64' && lengths.dtype !== 'i32'))
    throw new DTypeError(`${name}: lengths are ${isTensor(lengths) ? lengths.dtype : typeof lengths}, not i64 or i32`)
  if (lengths.rank !== 1 || x.rank < 2 || lengths.shape[0] !== x.shape[0])
    throw new ShapeError(
      `${name}: lengths ${show(lengths.shape)} for signals ${show(x.shape)}; there is one for each row`,
    )
}

/** Where x (n, ..., time) is signal: bool (n, 1, ..., time). */
export function withinLengths(name: string, lengths: Tensor, x: Tensor): Tensor {
  checkLengths(name, lengths, x)
  const ends = reshape(cast(lengths, 'i64'), [x.shape[0] as number, ...x.shape.slice(1).map(() => 1)])
  return lt(arange(0, x.shape.at(-1) as number, 1, { dtype: 'i64', device: x.device }) as Tensor, ends)
}
