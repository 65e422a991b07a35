/** Softmax and log-softmax. */
import { autocasting } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { OP } from '../generated/ops.js'
import { type DType, floatOf } from '../tensor/dtype.js'
import { normalizeAxis, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atFull } from './autocast.js'
import { mul, sub } from './binary.js'
import { cast } from './convert.js'
import { make, method, refuseComplex } from './emit.js'
import { sum } from './reduce.js'
import { exp, neg } from './unary.js'

function along(name: string, x: Tensor, axis: number): [Tensor, number] {
  refuseComplex(name, x)
  return [cast(x, floatOf(x.dtype)), normalizeAxis(name, axis, x.rank)]
}

/** exp(x) / sum(exp(x)) along an axis, computed without overflow. */
export function softmax<D extends DType, S extends Shape>(x: Tensor<D, S>, axis = -1): Tensor<D, S> {
  if (autocasting.frame) return atFull('softmax', [x], (x) => softmax(x, axis)) as unknown as Tensor<D, S>
  const [f, a] = along('softmax', x, axis)
  const y = make('softmax', OP.softmax, f.dtype, f.shape, f, null, [a], f.numel)
  if (needsGrad(f)) {
    record('softmax', y, [f], [save(y)], (g, [ys]) => {
      const y = ys as Tensor
      if (needsGrad(g, y)) return [mul(y, sub(g, sum(mul(g, y), a, { keepDim: true })))]
      return [make('softmaxBackward', OP.softmaxBackward, g.dtype, g.shape, g, y, [a], g.numel * 0.6)]
    })
  }
  return y as Tensor<D, S>
}

/** log(softmax(x)) along an axis. */
export function logSoftmax<D extends DType, S extends Shape>(x: Tensor<D, S>, axis = -1): Tensor<D, S> {
  if (autocasting.frame) return atFull('logSoftmax', [x], (x) => logSoftmax(x, axis)) as unknown as Tensor<D, S>
  const [f, a] = along('logSoftmax', x, axis)
  const y = make('logSoftmax', OP.logSoftmax, f.dtype, f.shape, f, null, [a], f.numel)
  if (needsGrad(f)) {
    record('logSoftmax', y, [f], [save(y)], (g, [ys]) => {
      const y = ys as Tensor
      if (needsGrad(g, y)) return [sub(g, mul(exp(y), sum(g, a, { keepDim: true })))]
      return [make('logSoftmaxBackward', OP.logSoftmaxBackward, g.dtype, g.shape, g, y, [a], g.numel * 0.6)]
    })
  }
  return y as Tensor<D, S>
}

/** exp(-x) / sum(exp(-x)) along an axis (torch.nn.functional.softmin). */
export function softmin<D extends DType, S extends Shape>(x: Tensor<D, S>, axis = -1): Tensor<D, S> {
  return softmax(neg(cast(x, floatOf(x.dtype))), axis) as unknown as Tensor<D, S>
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    softmax<E extends DType, A extends Shape>(this: Tensor<E, A>, axis?: number): Tensor<E, A>
    logSoftmax<E extends DType, A extends Shape>(this: Tensor<E, A>, axis?: number): Tensor<E, A>
  }
}
method('softmax', function (this: Tensor, axis?: number) {
  return softmax(this, axis)
})
method('logSoftmax', function (this: Tensor, axis?: number) {
  return logSoftmax(this, axis)
})
