/**
 * The steps of recolor.ts composed of differentiable operators, of images (n, c, h, w) of floating-point numbers. Place in the whole: for
 * where gradients are recorded; the kernel recolor computes the same.
 */
import { add, div, eq, maximum, minimum, mul, sub } from '../ops/binary.js'
import { concat } from '../ops/join.js'
import { mean } from '../ops/reduce.js'
import { where } from '../ops/select.js'
import { clamp, floor } from '../ops/unary.js'
import { narrow } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { overPixels, type Parameter } from './images.js'
import type { Adjustment } from './recolor.js'

const channel = (x: Tensor, i: number): Tensor => narrow(x, 1, i, 1)

/** (n, 3, h, w) -> (n, 1, h, w). */
export function grayOf(x: Tensor): Tensor {
  return add(add(mul(channel(x, 0), 0.2989), mul(channel(x, 1), 0.587)), mul(channel(x, 2), 0.114))
}

/** factor x + (1 - factor) other. */
const blend = (x: Tensor, other: Tensor, factor: Parameter): Tensor =>
  clamp(add(mul(x, factor), mul(other, typeof factor === 'number' ? 1 - factor : sub(1, factor))), 0, 1)

export function composedStep(x: Tensor, what: Adjustment, by: Parameter): Tensor {
  const factor = overPixels(by, x)
  const gray = (): Tensor => (x.shape[1] === 3 ? grayOf(x) : x)
  switch (what) {
    case 'brightness':
      return clamp(mul(x, factor), 0, 1)
    case 'contrast':
      return blend(x, mean(gray(), [1, 2, 3], { keepDim: true }) as Tensor, factor)
    case 'saturation':
      return blend(x, gray(), factor)
    case 'hue': {
      const hsv = toHsv(x)
      const h = add(channel(hsv, 0), factor)
      return fromHsv(concat([sub(h, floor(h)), narrow(hsv, 1, 1, 2)], 1))
    }
  }
}

/** Colours (n, 3, h, w) from 0 to 1 -> hue, saturation, value. */
export function toHsv(x: Tensor): Tensor {
  const [r, g, b] = [0, 1, 2].map((i) => channel(x, i)) as [Tensor, Tensor, Tensor]
  const most = maximum(maximum(r, g), b)
  const range = sub(most, minimum(minimum(r, g), b))
  const even = eq(range, 0)
  const by = where(even, 1, range)
  const [rc, gc, bc] = [r, g, b].map((v) => div(sub(most, v), by)) as [Tensor, Tensor, Tensor]
  const hue = where(eq(most, r), sub(bc, gc), where(eq(most, g), add(sub(rc, bc), 2), add(sub(gc, rc), 4)))
  const turns = add(div(hue, 6), 1)
  return concat([sub(turns, floor(turns)), div(range, where(even, 1, most)), most], 1)
}

/** And back. */
export function fromHsv(x: Tensor): Tensor {
  const [h, s, v] = [0, 1, 2].map((i) => channel(x, i)) as [Tensor, Tensor, Tensor]
  const six = mul(h, 6)
  const whole = floor(six)
  const f = sub(six, whole)
  const sector = sub(whole, mul(floor(div(add(whole, 0.1), 6)), 6))
  const share = (y: Tensor): Tensor => clamp(mul(y, v), 0, 1)
  const rest = sub(1, s)
  const [p, q, t] = [share(rest), share(sub(1, mul(s, f))), share(add(mul(s, f), rest))]
  const is = [0, 1, 2, 3, 4].map((k) => eq(sector, k))
  // Of the six sectors in turn.
  const pick = (all: readonly Tensor[]): Tensor =>
    is.reduceRight((rest, here, k) => where(here, all[k] as Tensor, rest), all[5] as Tensor)
  return concat([pick([v, q, p, p, t, v]), pick([t, v, v, q, p, p]), pick([p, p, t, v, v, q])], 1)
}
