/** Activation functions beyond unary.ts (torch.nn.functional). Subgradients at kinks are PyTorch's. */
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, floatOf, promoteScalar } from '../tensor/dtype.js'
import { normalizeAxis, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, ge, gt, le, minimum, mul, sub } from './binary.js'
import { make, method, numeric } from './emit.js'
import { define, float, fused, pairwise, type Unary, unary } from './pointwise.js'
import { type Generator, uniform } from './random.js'
import { where } from './select.js'
import { softmax } from './softmax.js'
import { exp, leakyRelu, neg, sigmoid, softplus, square, tanh } from './unary.js'
import { narrow, reshape } from './views.js'

/** factor g where low < x < high (inside), or where x < low or x > high: the gradient of piecewise linear functions. */
function gate(g: Tensor, x: Tensor, low: number, high: number, factor: number, inside: boolean): Tensor {
  const attributes = [low, high, factor, inside ? 1 : 0]
  const y = make('gate', OP.gate, g.dtype, g.shape, g, x, attributes, g.numel * 0.4)
  if (needsGrad(g)) record('gate', y, [g], [save(x)], (gg, [x]) => [gate(gg, x as Tensor, low, high, factor, inside)])
  return y
}

/** x bounded to [min, max]; unlike clamp it passes no gradient at the bounds. */
export function hardtanh<D extends DType, S extends Shape>(x: Tensor<D, S>, min = -1, max = 1): Tensor<D, S> {
  const dtype = [min, max].reduce(promoteScalar, numeric('hardtanh', x.dtype))
  return unary('hardtanh', OP.clamp, x, dtype, 'x', (g, x) => gate(g, x, min, max, 1, true), [min, max]) as Tensor<D, S>
}
/** x bounded to [0, 6]. */
export const relu6: Unary = define((x) => hardtanh(x, 0, 6))
/** x / 6 + 1/2, bounded to [0, 1]. */
export const hardsigmoid: Unary = define((x) =>
  unary('hardsigmoid', OP.hardsigmoid, x, float(x), 'x', (g, x) => gate(g, x, -3, 3, 1 / 6, true)),
)
/** x hardsigmoid(x) (Howard et al. 2019). */
export const hardswish: Unary = define((x) =>
  unary('hardswish', OP.hardswish, x, float(x), 'x', (g, x) =>
    fused(OP.hardswishBackward, 'hardswishBackward', g, x, [], () =>
      mul(g, where(le(x, -3), 0, where(ge(x, 3), 1, add(mul(x, 1 / 3), 0.5)))),
    ),
  ),
)

function shrink(name: string, x: Tensor, lambda: number, step: number): Tensor {
  return unary(name, OP.shrink, x, float(x), 'x', (g, x) => gate(g, x, -lambda, lambda, 1, false), [lambda, step])
}
/** 0 in [-lambda, lambda], x outside. */
export function hardshrink<D extends DType, S extends Shape>(x: Tensor<D, S>, lambda = 0.5): Tensor<D, S> {
  return shrink('hardshrink', x, lambda, 0) as Tensor<D, S>
}
/** 0 in [-lambda, lambda], outside x moved towards 0 by lambda. */
export function softshrink<D extends DType, S extends Shape>(x: Tensor<D, S>, lambda = 0.5): Tensor<D, S> {
  if (!(lambda >= 0)) throw new ValueError(`softshrink: lambda ${lambda} is negative`)
  return shrink('softshrink', x, lambda, lambda) as Tensor<D, S>
}
/** x - tanh(x). */
export const tanhshrink: Unary = define((x) =>
  unary('tanhshrink', OP.tanhshrink, x, float(x), 'x', (g, x) => mul(g, square(tanh(x)))),
)
/** x tanh(softplus(x)) (Misra 2019). */
export const mish: Unary = define((x) =>
  unary('mish', OP.mish, x, float(x), 'x', (g, x) =>
    fused(OP.mishBackward, 'mishBackward', g, x, [], () => {
      const t = tanh(softplus(x))
      return mul(g, add(t, mul(mul(x, sigmoid(x)), sub(1, square(t)))))
    }),
  ),
)
/** ln(sigmoid(x)). */
export const logSigmoid: Unary = define((x) =>
  unary('logSigmoid', OP.logSigmoid, x, float(x), 'x', (g, x) =>
    fused(OP.logSigmoidBackward, 'logSigmoidBackward', g, x, [], () => mul(g, sigmoid(neg(x)))),
  ),
)
/** x where it exceeds the threshold, else `value`. */
export function threshold<D extends DType, S extends Shape>(
  x: Tensor<D, S>,
  threshold: number,
  value: number,
): Tensor<D, S> {
  const dtype = promoteScalar(numeric('threshold', x.dtype), value)
  const rule = (g: Tensor, x: Tensor): Tensor => gate(g, x, threshold, Number.POSITIVE_INFINITY, 1, true)
  return unary('threshold', OP.threshold, x, dtype, 'x', rule, [threshold, value]) as Tensor<D, S>
}

function scaledElu(name: string, x: Tensor, attributes: readonly [number, number, number]): Tensor {
  const [alpha, scale, factor] = attributes
  return unary(
    name,
    OP.scaledElu,
    x,
    float(x),
    'x',
    (g, x) =>
      fused(OP.scaledEluBackward, 'scaledEluBackward', g, x, attributes, () => {
        const left = mul(exp(mul(minimum(x, 0), factor)), alpha * scale * factor)
        return mul(g, where(gt(x, 0), scale, left))
      }),
    attributes,
  )
}
/** x where positive, else alpha (e^(x / alpha) - 1) (Barron 2017). */
export function celu<D extends DType, S extends Shape>(x: Tensor<D, S>, alpha = 1): Tensor<D, S> {
  if (alpha === 0) throw new ValueError('celu: alpha is 0')
  return scaledElu('celu', x, [alpha, 1, 1 / alpha]) as Tensor<D, S>
}
/** elu with the constants that keep mean 0 and variance 1 (Klambauer et al. 2017). */
export const selu: Unary = define((x) => scaledElu('selu', x, [1.6732632423543772, 1.0507009873554805, 1]))

/**
 * x where positive, else weight x. weight: one value, or one a channel (dimension 1 of x).
 *
 * @throws ShapeError when the weight has another number of values
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const channels = x.rank > 1 ? (x.shape[1] as number) : 1
  if (weight.numel !== 1 && (weight.rank !== 1 || weight.numel !== channels))
    throw new ShapeError(`prelu: weight ${show(weight.shape)} for ${channels} channels of ${show(x.shape)}`)
  const w = weight.numel === 1 ? reshape(weight, []) : reshape(weight, [channels, ...x.shape.slice(2).map(() => 1)])
  return sloped('prelu', x, w)
}
function sloped(name: string, x: Tensor, w: Tensor): Tensor {
  return pairwise(name, OP.prelu, x, w, floatOf, [
    (g, x, w) => where(gt(x, 0), g, mul(g, w)),
    (g, x) => where(gt(x, 0), 0, mul(g, x)),
  ])
}

export interface RreluOptions {
  /** Default 1/8. */
  lower?: number
  /** Default 1/3. */
  upper?: number
  /** Default false: the mean slope. */
  training?: boolean
  generator?: Generator
}

/** x where positive, else x times a slope drawn from [lower, upper) for each element (Xu et al. 2015). */
export function rrelu<D extends DType, S extends Shape>(x: Tensor<D, S>, options: RreluOptions = {}): Tensor<D, S> {
  const { lower = 1 / 8, upper = 1 / 3, training = false, generator } = options
  if (!(lower <= upper)) throw new ValueError(`rrelu: lower ${lower} exceeds upper ${upper}`)
  if (!training) return leakyRelu(x, (lower + upper) / 2)
  const dtype = floatOf(x.dtype) as 'f32'
  const slopes = uniform(x.shape, lower, upper, { dtype, device: x.device, ...(generator ? { generator } : {}) })
  return sloped('rrelu', x, slopes) as Tensor<D, S>
}

/** The first half of an axis times the sigmoid of the second (Dauphin et al. 2017). @throws ShapeError when its size is odd */
export function glu(x: Tensor, axis = -1): Tensor {
  const a = normalizeAxis('glu', axis, x.rank)
  const n = x.shape[a] as number
  if (n % 2 !== 0) throw new ShapeError(`glu: axis ${axis} of ${show(x.shape)} has an odd size`)
  return mul(narrow(x, a, 0, n / 2), sigmoid(narrow(x, a, n / 2, n / 2)))
}

/** softmax(-x) along an axis. */
export function softmin<D extends DType, S extends Shape>(x: Tensor<D, S>, axis = -1): Tensor<D, S> {
  return softmax(neg(x), axis)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    prelu(weight: Tensor): Tensor
    hardshrink<E extends DType, A extends Shape>(this: Tensor<E, A>, lambda?: number): Tensor<E, A>
  }
}
method('prelu', function (this: Tensor, weight: Tensor) {
  return prelu(this, weight)
})
method('hardshrink', function (this: Tensor, lambda?: number) {
  return hardshrink(this, lambda)
})
