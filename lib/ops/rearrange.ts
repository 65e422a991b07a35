/** The same elements in other places, or several times: mirrored, rolled, turned, repeated. Copies. */
import { needsGrad, record } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { axesMask, compact, MAX_RANK, normalizeAxis, numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { make, make0, method, NO_ATTRIBUTES, viewOf, writable } from './emit.js'
import { expand, permute, reshape } from './views.js'
import { paste, temporarily } from './window.js'

/**
 * x backwards along the axes of a mask. A view with negative strides: only copies and additions may see it, since kernels are
 * promised strides of at least 0. Not recorded.
 */
export function mirror(name: string, x: Tensor, mask: number): Tensor {
  const { shape, strides } = x
  let offset = 0
  const steps = strides.map((s, i) => {
    if ((mask & (1 << i)) === 0) return s
    offset += ((shape[i] as number) - 1) * s
    return -s
  })
  return viewOf(name, x, shape, compact(shape, steps), numelOf(shape) > 0 ? offset : 0)
}

/** The order of the elements reversed along the given axes (none: a copy). A copy. */
export function flip<D extends DType>(x: Tensor<D>, axes: number | readonly number[]): Tensor<D> {
  return flipped(x, axesMask('flip', axes, x.rank))
}

function flipped<D extends DType>(x: Tensor<D>, mask: number): Tensor<D> {
  const source = mirror('flip', x, mask)
  const y = make('flip', OP.copy, x.dtype, x.shape, source, null, NO_ATTRIBUTES, x.numel * 0.4)
  source.dispose()
  if (needsGrad(x)) record('flip', y, [x], null, (g) => [flipped(g, mask)])
  return y
}

/** Columns in reverse order: axis 1 of at least 2 dimensions. */
export function fliplr<D extends DType>(x: Tensor<D>): Tensor<D> {
  if (x.rank < 2) throw new ShapeError(`fliplr: takes at least 2 dimensions, got ${show(x.shape)}`)
  return flip(x, 1)
}

/** Rows in reverse order: axis 0 of at least 1 dimension. */
export function flipud<D extends DType>(x: Tensor<D>): Tensor<D> {
  if (x.rank < 1) throw new ShapeError(`flipud: takes at least 1 dimension, got ${show(x.shape)}`)
  return flip(x, 0)
}

/**
 * Elements moved on by `shifts` along `axes`, those pushed over the end coming in at the front. Without axes the tensor is
 * rolled as if it were flat. Axes may repeat: their shifts add.
 */
export function roll<D extends DType>(
  x: Tensor<D>,
  shifts: number | readonly number[],
  axes?: number | readonly number[],
): Tensor<D> {
  const by = typeof shifts === 'number' ? [shifts] : shifts
  const along = axes === undefined ? [] : typeof axes === 'number' ? [axes] : axes
  for (const s of by) if (!Number.isInteger(s)) throw new ValueError(`roll: shift ${s} is not an integer`)
  if (along.length === 0) {
    if (by.length !== 1)
      throw new ValueError(`roll: ${by.length} shifts without axes; without axes it takes one shift of the flat tensor`)
    return reshape(rolled(reshape(x, [-1]), by), x.shape)
  }
  if (along.length !== by.length) throw new ValueError(`roll: ${by.length} shifts for ${along.length} axes`)
  const total = x.shape.map(() => 0)
  along.forEach((axis, i) => {
    const a = normalizeAxis('roll', axis, x.rank)
    if (x.rank > 0) total[a] = (total[a] as number) + (by[i] as number)
  })
  return rolled(x, total)
}

/** By one shift an axis: each of the up to 2^axes blocks is one copy. */
function rolled<D extends DType>(x: Tensor<D>, shifts: readonly number[]): Tensor<D> {
  const y = writable(make0(OP.empty, x.device, x.dtype, x.shape, NO_ATTRIBUTES), x)
  if (x.numel > 0) rollInto(y, x, shifts)
  if (needsGrad(x)) {
    const back = shifts.map((s) => -s)
    record('roll', y, [x], null, (g) => [rolled(g, back)])
  }
  return y as Tensor<D>
}

function rollInto(y: Tensor, x: Tensor, shifts: readonly number[]): void {
  temporarily(() => copyBlocks(y, x, shifts, 0))
}

function copyBlocks(y: Tensor, x: Tensor, shifts: readonly number[], from: number): void {
  let a = from
  const remainder = (i: number): number => {
    const n = y.shape[i] as number
    return (((shifts[i] as number) % n) + n) % n
  }
  while (a < shifts.length && remainder(a) === 0) a++
  if (a === shifts.length) {
    paste('roll', y, x)
    return
  }
  const shift = remainder(a)
  const rest = (y.shape[a] as number) - shift
  for (const [to, at, n] of [
    [shift, 0, rest],
    [0, rest, shift],
  ] as const) {
    copyBlocks(y.narrow(a, to, n), x.narrow(a, at, n), shifts, a + 1)
  }
}

/** Turned `times` quarters in the plane of two axes, from the first towards the second. */
export function rot90<D extends DType>(x: Tensor<D>, times = 1, axes: readonly [number, number] = [0, 1]): Tensor<D> {
  if (x.rank < 2) throw new ShapeError(`rot90: takes at least 2 dimensions, got ${show(x.shape)}`)
  if (!Number.isInteger(times)) throw new ValueError(`rot90: ${times} is not a number of quarters`)
  const [a, b] = axes.map((axis) => normalizeAxis('rot90', axis, x.rank)) as [number, number]
  if (a === b) throw new ValueError(`rot90: axis ${axes[0]} is named twice`)
  const quarters = ((times % 4) + 4) % 4
  if (quarters === 0) return x.clone()
  if (quarters === 2) return flip(x, [a, b])
  const order = x.shape.map((_, i) => (i === a ? b : i === b ? a : i))
  return permute(flip(x, quarters === 1 ? b : a), order)
}

/**
 * The whole tensor repeated along each axis: one count an axis, at least as many as there are axes; further counts in front make
 * new axes.
 */
export function repeat<D extends DType>(x: Tensor<D>, counts: readonly number[]): Tensor<D> {
  if (counts.length < x.rank)
    throw new ShapeError(`repeat: ${counts.length} counts for the ${x.rank} dimensions of ${show(x.shape)}`)
  return tiled('repeat', x, counts)
}

/** The whole tensor repeated along each axis; missing counts are 1, missing axes have size 1. */
export function tile<D extends DType>(x: Tensor<D>, counts: readonly number[]): Tensor<D> {
  return tiled('tile', x, [...new Array<number>(Math.max(0, x.rank - counts.length)).fill(1), ...counts])
}

function tiled<D extends DType>(name: string, x: Tensor<D>, counts: readonly number[]): Tensor<D> {
  for (const n of counts)
    if (!Number.isInteger(n) || n < 0) throw new ValueError(`${name}: ${n} is not a number of repetitions`)
  const sizes = [...new Array<number>(counts.length - x.rank).fill(1), ...x.shape]
  // Only axes that really repeat get an axis beside them: the number of axes is bounded.
  const apart: number[] = []
  const wide: number[] = []
  counts.forEach((n, i) => {
    const size = sizes[i] as number
    if (n !== 1 && size !== 1) {
      apart.push(1, size)
      wide.push(n, size)
    } else {
      apart.push(size)
      wide.push(size * n)
    }
  })
  const shape = counts.map((n, i) => n * (sizes[i] as number))
  if (apart.length > MAX_RANK) return oneByOne(x, counts, sizes)
  if (numelOf(shape) === x.numel && counts.every((n) => n === 1)) return reshape(x.clone(), shape)
  return reshape(expand(reshape(x, apart), wide).clone(), shape)
}

/** Where the axes beside the repeated ones would be too many: a copy for each of them. */
function oneByOne<D extends DType>(x: Tensor<D>, counts: readonly number[], sizes: readonly number[]): Tensor<D> {
  const done = sizes.slice()
  return counts.reduce(
    (y, n, i) => {
      if (n === 1) return y
      const [outer, inner] = [numelOf(done.slice(0, i)), numelOf(done.slice(i))]
      done[i] = (done[i] as number) * n
      return reshape(expand(reshape(y, [outer, 1, inner]), [outer, n, inner]).clone(), done.slice())
    },
    reshape(x, sizes),
  )
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    flip<E extends DType>(this: Tensor<E>, axes: number | readonly number[]): Tensor<E>
    fliplr<E extends DType>(this: Tensor<E>): Tensor<E>
    flipud<E extends DType>(this: Tensor<E>): Tensor<E>
    roll<E extends DType>(
      this: Tensor<E>,
      shifts: number | readonly number[],
      axes?: number | readonly number[],
    ): Tensor<E>
    rot90<E extends DType>(this: Tensor<E>, times?: number, axes?: readonly [number, number]): Tensor<E>
    repeat<E extends DType>(this: Tensor<E>, counts: readonly number[]): Tensor<E>
    tile<E extends DType>(this: Tensor<E>, counts: readonly number[]): Tensor<E>
  }
}
method('flip', function (this: Tensor, axes: number | readonly number[]) {
  return flip(this, axes)
})
method('fliplr', function (this: Tensor) {
  return fliplr(this)
})
method('flipud', function (this: Tensor) {
  return flipud(this)
})
method('roll', function (this: Tensor, shifts: number | readonly number[], axes?: number | readonly number[]) {
  return roll(this, shifts, axes)
})
method('rot90', function (this: Tensor, times?: number, axes?: readonly [number, number]) {
  return rot90(this, times, axes)
})
method('repeat', function (this: Tensor, counts: readonly number[]) {
  return repeat(this, counts)
})
method('tile', function (this: Tensor, counts: readonly number[]) {
  return tile(this, counts)
})
