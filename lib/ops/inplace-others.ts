/**
 * In-place forms of operators that are not pointwise, and of activations: named as theirs with `_` behind. Place in the whole: as
 * in inplace-pointwise.ts, each computes the operator's result, which must have the tensor's shape, and writes it over the tensor.
 */
import { leave } from '../autograd/node.js'
import { AutogradError } from '../errors.js'
import type { ComplexNumber, DType } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { celu, hardtanh, type RreluOptions, rrelu, selu, threshold } from './activations.js'
import { indexPut } from './at.js'
import { conj } from './complex.js'
import { fillDiagonal } from './diagonals.js'
import { alphaDropout, type DropoutOptions, dropout, featureAlphaDropout } from './dropout.js'
import { method } from './emit.js'
import { type ScatterReduceOptions, type ScatterReduction, scatter, scatterAdd, scatterReduce } from './gather.js'
import { indexAdd, indexCopy, indexFill, indexReduce, put } from './indexing.js'
import { overwrite } from './inplace-pointwise.js'
import { maskedScatter } from './nonzero.js'
import { addbmm, addmm, addmv, addr, baddbmm, type ScaleOptions } from './products.js'
import { cumprod, cumsum } from './scan.js'
import { maskedFill, tril, triu } from './select.js'
import { elu, leakyRelu } from './unary.js'
import { renorm } from './vector-norm.js'

const OTHERS = {
  maskedFill,
  maskedScatter,
  tril,
  triu,
  fillDiagonal,
  indexAdd,
  indexCopy,
  indexFill,
  indexPut,
  indexReduce,
  put,
  scatter,
  scatterAdd,
  scatterReduce,
  cumsum,
  cumprod,
  renorm,
  addmm,
  addmv,
  addr,
  addbmm,
  baddbmm,
  conj,
  celu,
  elu,
  selu,
  leakyRelu,
  hardtanh,
  threshold,
  rrelu,
  dropout,
  alphaDropout,
  featureAlphaDropout,
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    maskedFill_(mask: Tensor, value: Tensor | number | ComplexNumber): this
    maskedScatter_(mask: Tensor, src: Tensor): this
    tril_(diagonal?: number): this
    triu_(diagonal?: number): this
    fillDiagonal_(value: number, options?: { wrap?: boolean }): this
    indexAdd_(axis: number, indices: Tensor, src: Tensor, options?: { alpha?: number }): this
    indexCopy_(axis: number, indices: Tensor, src: Tensor): this
    indexFill_(axis: number, indices: Tensor, value: Tensor | number): this
    indexPut_(indices: readonly (Tensor | null)[], values: Tensor, options?: { accumulate?: boolean }): this
    indexReduce_(
      axis: number,
      indices: Tensor,
      src: Tensor,
      reduce: Exclude<ScatterReduction, 'sum'>,
      options?: ScatterReduceOptions,
    ): this
    put_(indices: Tensor, src: Tensor, options?: { accumulate?: boolean }): this
    scatter_(axis: number, indices: Tensor, src: Tensor | number): this
    scatterAdd_(axis: number, indices: Tensor, src: Tensor): this
    scatterReduce_(
      axis: number,
      indices: Tensor,
      src: Tensor,
      reduce: ScatterReduction,
      options?: ScatterReduceOptions,
    ): this
    cumsum_(axis: number): this
    cumprod_(axis: number): this
    renorm_(p: number, axis: number, maxNorm: number): this
    addmm_(a: Tensor, b: Tensor, options?: ScaleOptions): this
    addmv_(a: Tensor, x: Tensor, options?: ScaleOptions): this
    addr_(a: Tensor, b: Tensor, options?: ScaleOptions): this
    addbmm_(a: Tensor, b: Tensor, options?: ScaleOptions): this
    baddbmm_(a: Tensor, b: Tensor, options?: ScaleOptions): this
    conj_(): this
    celu_(alpha?: number): this
    elu_(alpha?: number): this
    selu_(): this
    leakyRelu_(slope?: number): this
    hardtanh_(min?: number, max?: number): this
    threshold_(threshold: number, value: number): this
    rrelu_(options?: RreluOptions): this
    dropout_(p?: number, options?: DropoutOptions): this
    alphaDropout_(p?: number, options?: DropoutOptions): this
    featureAlphaDropout_(p?: number, options?: DropoutOptions): this
    /** Takes the tensor out of the graph that made it; it requires no gradient afterwards. Views are refused. */
    detach_(): this
  }
}

for (const [name, f] of Object.entries(OTHERS)) {
  method(`${name}_`, function (this: Tensor, ...args: never[]) {
    return overwrite(`${name}_`, this, args, (x) => (f as (x: Tensor, ...args: never[]) => Tensor)(x, ...args))
  })
}
method('detach_', function (this: Tensor) {
  if (this._base !== 0 && this.requiresGrad)
    throw new AutogradError('detach_: a view that requires gradients; its base would have to follow, so take detach()')
  leave(this)
  return this
})
