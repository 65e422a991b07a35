/**
 * Padding. Place in the whole: a constant border is a window in a filled tensor; the others copy the middle and then, axis by axis,
 * the borders from what is already there, so that every element is written once. Gradients fold the borders back in reverse order.
 */
import { needsGrad, record } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { checkShape, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './convert.js'
import { make0, method, mutate, NO_ATTRIBUTES, writable } from './emit.js'
import { mirror } from './rearrange.js'
import { expand, narrow } from './views.js'
import { intoView, paste, temporarily } from './window.js'

export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular'

export interface PadOptions {
  /** Default 'constant'. */
  mode?: PadMode
  /** What constant padding fills in. Default 0. */
  value?: number
}

interface Side {
  axis: number
  before: number
  after: number
}

/**
 * x with elements added around it: `widths` are (before, after) of the last axis, then of the one before it, and so on; negative
 * widths take elements away. 'constant' fills in `value`; 'reflect' mirrors at the outermost element, without repeating it;
 * 'replicate' repeats the outermost element; 'circular' goes on at the other end. Any number of axes, any dtype.
 *
 * @throws ShapeError when the widths do not fit, ValueError for an unknown mode
 */
export function pad<D extends DType>(x: Tensor<D>, widths: readonly number[], options: PadOptions = {}): Tensor<D> {
  const { mode = 'constant', value = 0 } = options
  if (!['constant', 'reflect', 'replicate', 'circular'].includes(mode))
    throw new ValueError(`pad: mode '${mode}' is not constant, reflect, replicate or circular`)
  if (widths.length % 2 !== 0 || widths.length > 2 * x.rank)
    throw new ShapeError(`pad: ${widths.length} widths for ${show(x.shape)}; it takes a pair for each of the last axes`)
  for (const w of widths) if (!Number.isInteger(w)) throw new ValueError(`pad: width ${w} is not an integer`)
  const sides: Side[] = []
  for (let i = 0; i < widths.length; i += 2) {
    const [before, after] = [widths[i] as number, widths[i + 1] as number]
    if (before !== 0 || after !== 0) sides.push({ axis: x.rank - 1 - i / 2, before, after })
  }
  const shape = padded(x.shape, sides)
  if (shape.some((d) => d < 0))
    throw new ShapeError(`pad: widths (${widths.join(', ')}) leave nothing of ${show(x.shape)}`)
  checkShape('pad', shape)
  if (mode === 'constant') return constant(x, sides, value)
  // PyTorch cuts first and goes round what is left, but mirrors and repeats at the borders that there were.
  const grown = sides.map((s) => ({ ...s, before: Math.max(s.before, 0), after: Math.max(s.after, 0) }))
  const cut = (t: Tensor<D>): Tensor<D> =>
    sides.reduce((y, { axis, before, after }) => {
      const [from, to] = [Math.max(-before, 0), Math.max(-after, 0)]
      return from + to > 0 ? narrow(y, axis, from, (y.shape[axis] as number) - from - to) : y
    }, t)
  if (mode === 'circular') return extended(cut(x), grown, mode) as Tensor<D>
  return cut(extended(x, grown, mode) as Tensor<D>)
}

const padded = (shape: Shape, sides: readonly Side[]): number[] => {
  const out = shape.slice()
  for (const { axis, before, after } of sides) out[axis] = (out[axis] as number) + before + after
  return out
}

/** Without the borders, or, where they are negative, what of the smaller tensor's place there is. */
function middle(t: Tensor, sides: readonly Side[]): Tensor {
  return sides.reduce((y, { axis, before, after }) => {
    const size = y.shape[axis] as number
    const [from, to] = [Math.min(Math.max(before, 0), size), Math.max(after, 0)]
    return from + to > 0 ? narrow(y, axis, from, Math.max(0, size - from - to)) : y
  }, t)
}

function constant<D extends DType>(x: Tensor<D>, sides: readonly Side[], value: number): Tensor<D> {
  const negative = sides.map(({ axis, before, after }) => ({ axis, before: -before, after: -after }))
  return intoView('pad', middle(x, negative), padded(x.shape, sides), (t) => middle(t, sides), value) as Tensor<D>
}

function checkExtension(x: Tensor, sides: readonly Side[], mode: PadMode): void {
  for (const { axis, before, after } of sides) {
    const size = x.shape[axis] as number
    const most = mode === 'reflect' ? size - 1 : mode === 'circular' ? size : size > 0 ? Number.POSITIVE_INFINITY : 0
    if (Math.max(before, after) > most)
      throw new ShapeError(
        `pad: widths ${before} and ${after} of mode ${mode} for dimension ${axis} of ${show(x.shape)}; at most ${Math.max(most, 0)}`,
      )
  }
}

/** x within borders of widths of at least 0. */
function extended(x: Tensor, sides: readonly Side[], mode: PadMode): Tensor {
  checkExtension(x, sides, mode)
  const y = writable(make0(OP.empty, x.device, x.dtype, padded(x.shape, sides), NO_ATTRIBUTES), x)
  if (y.numel > 0) extendInto(y, x, sides, mode)
  if (needsGrad(x)) record('pad', y, [x], null, (g) => [folded(g, sides, mode)])
  return y
}

// The loops over sides are functions of their own: closures of one function share their variables, and the rules' must not keep
// tensors.
function extendInto(y: Tensor, x: Tensor, sides: readonly Side[], mode: PadMode): void {
  temporarily(() => {
    paste('pad', middle(y, sides), x)
    sides.forEach((_, i) => {
      borders(y, sides, i, mode, (border, source) => paste('pad', border, source))
    })
  })
}

function foldInside(sum: Tensor, sides: readonly Side[], mode: PadMode): void {
  temporarily(() => {
    for (let i = sides.length - 1; i >= 0; i--) {
      const { axis } = sides[i] as Side
      borders(sum, sides, i, mode, (border, inner) => {
        // A repeated element collects its whole border.
        const add = mode === 'replicate' ? border.sum(axis, { keepDim: true }) : border
        const target = mode === 'replicate' ? inner.narrow(axis, 0, 1) : inner
        mutate('pad', OP.addInto, [target, add], [sum], [1], border.numel * 0.5)
      })
    }
  })
}

/** The transpose of `extended`. */
function folded(g: Tensor, sides: readonly Side[], mode: PadMode): Tensor {
  const dtype = g.dtype === 'bf16' || g.dtype === 'f16' ? 'f32' : g.dtype
  const source = g.detach()
  const sum = g.dtype === dtype ? source.clone() : cast(source, dtype)
  if (g.numel > 0) foldInside(sum, sides, mode)
  const gx = cast(middle(sum, sides).clone(), g.dtype)
  if (needsGrad(g)) record('pad', gx, [g], null, (gg) => [extended(gg, sides, mode)])
  return gx
}

/**
 * Calls visit(border, the elements inside it that it repeats) for both borders of side i. Sides before it have their borders
 * already, sides behind it are seen without.
 */
function borders(
  y: Tensor,
  sides: readonly Side[],
  i: number,
  mode: PadMode,
  visit: (border: Tensor, inner: Tensor) => void,
): void {
  const { axis, before, after } = sides[i] as Side
  const region = middle(y, sides.slice(i + 1))
  const n = (region.shape[axis] as number) - before - after
  const part = (from: number, length: number): Tensor => narrow(region, axis, from, length)
  const repeated = (from: number, length: number): Tensor => {
    const one = part(from, 1)
    return expand(
      one,
      one.shape.map((d, k) => (k === axis ? length : d)),
    )
  }
  const backwards = (from: number, length: number): Tensor => mirror('pad', part(from, length), 1 << axis)
  const end = before + n
  if (before > 0) {
    const border = part(0, before)
    if (mode === 'reflect') visit(border, backwards(before + 1, before))
    else if (mode === 'replicate') visit(border, repeated(before, before))
    else visit(border, part(end - before, before))
  }
  if (after > 0) {
    const border = part(end, after)
    if (mode === 'reflect') visit(border, backwards(end - 1 - after, after))
    else if (mode === 'replicate') visit(border, repeated(end - 1, after))
    else visit(border, part(before, after))
  }
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    pad<E extends DType>(this: Tensor<E>, widths: readonly number[], options?: PadOptions): Tensor<E>
  }
}
method('pad', function (this: Tensor, widths: readonly number[], options?: PadOptions) {
  return pad(this, widths, options)
})
