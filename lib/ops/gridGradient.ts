/**
 * The gradients of grid sampling composed of differentiable operators. Place in the whole: for backward passes that are
 * recorded; the kernel gridSampleBackward computes the same.
 */
import { noGrad } from '../autograd/mode.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, ge, le, lt, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { zeros } from './creation.js'
import { gather, scatterAdd } from './gather.js'
import { concat } from './join.js'
import { sum } from './reduce.js'
import { where } from './select.js'
import { abs, clamp, floor, round } from './unary.js'
import { expand, reshape, select, unsqueeze } from './views.js'

const [NEAREST, BICUBIC] = [1, 2]
const [ZEROS, REFLECTION] = [0, 2]

interface Rule {
  mode: number
  padding: number
  align: boolean
}

/** One of the elements that a position mixes, along one axis; all are (n, positions). */
interface Tap {
  /** f32 or f64 index, not yet known to lie inside. */
  at: Tensor
  weight: Tensor | null
  /** The weight's derivative by the coordinate. */
  slope: Tensor | null
}

/** A position in elements moved inside as slope * x + offset: piecewise constant, so not recorded. */
function moved(x: Tensor, size: number, { padding, align }: Rule): { slope: Tensor; value: Tensor } {
  return noGrad(() => {
    let slope: Tensor = add(mul(x, 0), 1)
    let value = x
    if (padding === REFLECTION) {
      const [low, span] = align ? [0, size - 1] : [-0.5, size]
      if (span === 0) return { slope: mul(x, 0), value: mul(x, 0) }
      const from = sub(x, low)
      const far = abs(from)
      const flips = floor(div(far, span))
      const rest = sub(far, mul(flips, span))
      const odd = sub(flips, mul(floor(div(flips, 2)), 2)).ne(0)
      value = add(where(odd, sub(span, rest), rest), low)
      slope = where(lt(from, 0).logicalXor(odd), -1, slope)
    }
    const outside = le(value, 0).logicalOr(ge(value, size - 1))
    return { slope: slope.maskedFill(outside, 0), value: clamp(value, 0, size - 1) }
  })
}

function tapsOf(coordinate: Tensor, size: number, rule: Rule): Tap[] {
  const scale = (rule.align ? size - 1 : size) / 2
  let x = add(mul(coordinate, scale), rule.align ? scale : scale - 0.5)
  let pace: Tensor | number = scale
  if (rule.mode !== BICUBIC && rule.padding !== ZEROS) {
    const { slope, value } = moved(x, size, rule)
    const line = mul(x, slope)
    x = add(
      line,
      noGrad(() => sub(value, line)),
    )
    pace = mul(slope, scale)
  }
  if (rule.mode === NEAREST) return [{ at: noGrad(() => round(x)), weight: null, slope: null }]
  const below = noGrad(() => floor(x))
  const t = sub(x, below)
  if (rule.mode !== BICUBIC) {
    const one = add(
      mul(
        noGrad(() => mul(t, 0)),
        0,
      ),
      pace,
    )
    return [
      { at: below, weight: sub(1, t), slope: mul(one, -1) },
      { at: noGrad(() => add(below, 1)), weight: t, slope: one },
    ]
  }
  const a = -0.75
  return [-1, 0, 1, 2].map((k) => {
    const near = k === 0 || k === 1
    // The tap's distance, and its derivative by t.
    const d = k < 1 ? sub(t, k) : sub(k, t)
    const sign = k < 1 ? 1 : -1
    const square = mul(d, d)
    const weight = near
      ? add(mul(square, sub(mul(d, a + 2), a + 3)), 1)
      : mul(sub(mul(d, add(mul(d, sub(d, 5)), 8)), 4), a)
    const slope = near ? mul(d, sub(mul(d, 3 * (a + 2)), 2 * (a + 3))) : mul(add(mul(d, sub(mul(d, 3), 10)), 8), a)
    const at = noGrad(() => {
      const place = add(below, k)
      return rule.padding === ZEROS ? place : moved(place, size, rule).value
    })
    return { at, weight, slope: mul(slope, sign * scale) }
  })
}

const product = (factors: readonly (Tensor | null)[]): Tensor | null =>
  factors.reduce((a, b) => (a === null ? b : b === null ? a : mul(a, b)), null)

/** g (n, c, od, oh, ow), x (n, c, d, h, w), grid (n, od, oh, ow, k) -> gx, ggrid. */
export function sampledGradients(
  g: Tensor,
  x: Tensor,
  grid: Tensor,
  attributes: readonly number[],
): [Tensor, Tensor | null] {
  const rule: Rule = { mode: attributes[0] as number, padding: attributes[1] as number, align: attributes[2] === 1 }
  const [n, c, ...spatial] = x.shape as [number, number, ...number[]]
  const sizes = spatial.reverse()
  const axes = grid.shape.at(-1) as number
  const positions = grid.shape.slice(1, -1).reduce((k, d) => k * d, 1)
  const places = reshape(grid, [n, positions, axes])
  const taps = Array.from({ length: axes }, (_, a) => tapsOf(select(places, 2, a), sizes[a] as number, rule))
  const image = reshape(x, [n, c, sizes.reduce((k, d) => k * d, 1)])
  const cotangent = reshape(g, [n, c, positions])
  let gx: Tensor = zeros(image.shape, { dtype: x.dtype, device: x.device })
  const slopes: (Tensor | null)[] = Array.from({ length: axes }, () => null)
  const combinations = taps.reduce<Tap[][]>((list, axis) => list.flatMap((l) => axis.map((tap) => [...l, tap])), [[]])
  for (const combination of combinations) {
    const { index, inside } = noGrad(() => indexOf(combination, sizes))
    const at = expand(unsqueeze(index, 1), [n, c, positions])
    const weight = product([inside, ...combination.map((tap) => tap.weight)]) as Tensor
    gx = scatterAdd(gx, 2, at, mul(cotangent, unsqueeze(weight, 1)))
    if (rule.mode === NEAREST) continue
    const pull = sum(mul(cotangent, gather(image, 2, at)), 1)
    for (let a = 0; a < axes; a++) {
      const slope = product([inside, ...combination.map((tap, b) => (a === b ? tap.slope : tap.weight))])
      const term = mul(pull, slope as Tensor)
      slopes[a] = slopes[a] ? add(slopes[a] as Tensor, term) : term
    }
  }
  const columns = slopes.map((s) => s && unsqueeze(s, 2)).filter((s) => s !== null)
  return [
    reshape(gx, x.shape),
    columns.length > 0
      ? reshape(concat(columns, 2), grid.shape)
      : zeros(grid.shape, { dtype: x.dtype, device: x.device }),
  ]
}

/** Element of a plane that a tap of each axis together name, and 1 where all lie inside, else 0. */
function indexOf(taps: readonly Tap[], sizes: readonly number[]): { index: Tensor; inside: Tensor } {
  let index: Tensor | null = null
  let inside: Tensor | null = null
  for (let a = taps.length - 1; a >= 0; a--) {
    const { at } = taps[a] as Tap
    const size = sizes[a] as number
    const fits = ge(at, 0).logicalAnd(lt(at, size))
    const own = cast(clamp(at, 0, size - 1), 'i64')
    index = index === null ? own : add(mul(index, size), own)
    inside = inside === null ? fits : inside.logicalAnd(fits)
  }
  return { index: index as Tensor, inside: cast(inside as Tensor, (taps[0] as Tap).at.dtype) }
}
