/**
 * Derivatives of functions. Place in the whole: compositions of `grad` for optimisation, physics and analysis; definitions
 * follow torch.autograd.functional.
 *
 * A function takes tensors and gives one or several; its arguments are treated as independent variables, whatever graph they
 * came from. Results are detached, and what was made on the way is freed, unless `createGraph` is set.
 */
import { type GradOptions, grad } from '../autograd/grad.js'
import { enableGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { AutogradError, ShapeError, ValueError } from '../errors.js'
import { cast } from '../ops/convert.js'
import { eye, zerosLike } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { reshape } from '../ops/views.js'
import { isComplex, isFloating } from '../tensor/dtype.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { vmap } from './vmap.js'

export type TensorFunction = (...inputs: Tensor[]) => Tensor
export type TensorsFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[]

export interface DerivativeOptions {
  /** Record the computation, so that the result can be differentiated again. Default: false. */
  createGraph?: boolean
}

type Inputs = Tensor | readonly Tensor[]
const many = (x: Inputs): readonly Tensor[] => (isTensor(x) ? [x] : x)

/** Runs `body` with recording on; without createGraph as a scope whose results are detached. */
function derive<T extends Tensor | readonly Tensor[] | object>(createGraph: boolean, body: () => T): T {
  return createGraph ? enableGrad(body) : scope(() => enableGrad(body))
}

/** The inputs as variables: leaves, or with `createGraph` results that still lead to where they came from. */
function variables(what: string, inputs: readonly Tensor[], createGraph: boolean): Tensor[] {
  return inputs.map((x, i) => {
    if (!isTensor(x)) throw new ValueError(`${what}: input ${i} is no tensor`)
    if (!isFloating(x.dtype) && !isComplex(x.dtype)) {
      throw new AutogradError(
        `${what}: input ${i} is a ${x.dtype} tensor, which has no derivative; convert it with .to()`,
      )
    }
    return createGraph && x.requiresGrad ? reshape(x, x.shape) : (x.detach().requiresGrad_() as Tensor)
  })
}

function checkVectors(what: string, like: readonly Tensor[], v: readonly Tensor[]): void {
  if (v.length !== like.length) throw new ValueError(`${what}: ${v.length} vectors for ${like.length} tensors`)
  v.forEach((t, i) => {
    const shape = (like[i] as Tensor).shape
    if (!sameShape(t.shape, shape))
      throw new ShapeError(`${what}: vector ${i} is ${show(t.shape)}, the tensor it belongs to ${show(shape)}`)
  })
}

/** `grad` with zeros for what is not reached, also where no output depends on anything. */
function gradOrZeros(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  weights: readonly Tensor[],
  options: GradOptions,
): Tensor[] {
  const at = outputs.flatMap((y, i) => (y.requiresGrad ? [i] : []))
  if (at.length === 0) return inputs.map((x) => zerosLike(x))
  const grads = grad(
    at.map((i) => outputs[i] as Tensor),
    inputs,
    { ...options, gradOutputs: at.map((i) => weights[i] as Tensor), allowUnused: true },
  )
  return grads.map((g, i) => g ?? zerosLike(inputs[i] as Tensor))
}

const finish = (t: Tensor, createGraph: boolean): Tensor => (createGraph ? t : t.detach())

/** Results of a function, and what was computed of its derivatives. */
export interface Products {
  outputs: Tensor[]
  products: Tensor[]
}

const productsOf = (ys: readonly Tensor[], products: readonly Tensor[], createGraph: boolean): Products => ({
  outputs: ys.map((y) => finish(y, createGraph)),
  products: products.map((p) => finish(p, createGraph)),
})

/**
 * Vector-Jacobian product: the function's result and, for vectors `v` of the results' shapes, v^T J for each input.
 *
 * @returns the function's results, and a product for each input
 */
export function vjp(fn: TensorsFunction, inputs: Inputs, v: Inputs, options: DerivativeOptions = {}): Products {
  const createGraph = options.createGraph ?? false
  return derive(createGraph, () => {
    const xs = variables('vjp', many(inputs), createGraph)
    const ys = many(fn(...xs))
    checkVectors('vjp', ys, many(v))
    const products = gradOrZeros(ys, xs, many(v), { createGraph })
    return productsOf(ys, products, createGraph)
  })
}

/**
 * Jacobian-vector product: for vectors `v` of the inputs' shapes, J v for each result. By differentiating the vector-Jacobian
 * product, which is linear in its vector, by that vector: so it needs no forward-mode formulas, and every operator that is
 * twice differentiable has it.
 */
export function jvp(fn: TensorsFunction, inputs: Inputs, v: Inputs, options: DerivativeOptions = {}): Products {
  const createGraph = options.createGraph ?? false
  return derive(createGraph, () => {
    const xs = variables('jvp', many(inputs), createGraph)
    checkVectors('jvp', xs, many(v))
    const ys = many(fn(...xs))
    const u = ys.map((y) => zerosLike(y).requiresGrad_() as Tensor)
    const pulled = gradOrZeros(ys, xs, u, { createGraph: true })
    const products = gradOrZeros(pulled, u, many(v), { createGraph })
    return productsOf(ys, products, createGraph)
  })
}

/**
 * Jacobian of a function with one result by one input: shape (...result, ...input). One backward pass for all elements of the
 * result, a part of them at a time where they are many (vmap).
 */
export function jacobian(fn: TensorFunction, input: Tensor, options?: DerivativeOptions): Tensor
/** Jacobians by several inputs, one each. */
export function jacobian(fn: TensorFunction, inputs: readonly Tensor[], options?: DerivativeOptions): Tensor[]
export function jacobian(fn: TensorFunction, inputs: Inputs, options: DerivativeOptions = {}): Tensor | Tensor[] {
  const createGraph = options.createGraph ?? false
  const all = derive(createGraph, () => {
    const xs = variables('jacobian', many(inputs), createGraph)
    const y = fn(...xs)
    if (!isTensor(y)) throw new ValueError('jacobian: the function must give one tensor; use vjp for several')
    return rows(y, xs, createGraph).map((j) => finish(j, createGraph))
  })
  return isTensor(inputs) ? (all[0] as Tensor) : all
}

/** Elements of gradients that one pass may bring: bounds the memory of `rows`. */
const AT_ONCE = 1 << 22

/** The derivatives of every element of y, stacked: one backward pass for a batch of them. */
function rows(y: Tensor, xs: readonly Tensor[], createGraph: boolean): Tensor[] {
  const n = y.numel
  const each = Math.max(n, ...xs.map((x) => x.numel))
  const basis = cast(eye(n, n, { device: y.device }), y.dtype)
  const rowOf = (v: Tensor): Tensor[] => gradOrZeros([y], xs, [reshape(v, y.shape)], { createGraph, retainGraph: true })
  const all = vmap(rowOf, { chunkSize: Math.max(1, Math.floor(AT_ONCE / each)) })(basis)
  return xs.map((x, k) => reshape(all[k] as Tensor, [...y.shape, ...x.shape]))
}

/** Hessian of a scalar function by one input: shape (...input, ...input). */
export function hessian(fn: TensorFunction, input: Tensor, options?: DerivativeOptions): Tensor
/** Hessians by several inputs: h[i][j] is the derivative by inputs i and j. */
export function hessian(fn: TensorFunction, inputs: readonly Tensor[], options?: DerivativeOptions): Tensor[][]
export function hessian(fn: TensorFunction, inputs: Inputs, options: DerivativeOptions = {}): Tensor | Tensor[][] {
  const createGraph = options.createGraph ?? false
  const all = derive(createGraph, () => {
    const xs = variables('hessian', many(inputs), createGraph)
    const first = gradOrZeros([scalar('hessian', fn(...xs))], xs, [], { createGraph: true })
    return first.map((g) => rows(g, xs, createGraph).map((h) => finish(h, createGraph)))
  })
  return isTensor(inputs) ? ((all[0] as Tensor[])[0] as Tensor) : all
}

/** Hessian-vector product of a scalar function: H v for each input, without forming H. */
export function hvp(
  fn: TensorFunction,
  inputs: Inputs,
  v: Inputs,
  options: DerivativeOptions = {},
): { output: Tensor; products: Tensor[] } {
  const createGraph = options.createGraph ?? false
  return derive(createGraph, () => {
    const xs = variables('hvp', many(inputs), createGraph)
    checkVectors('hvp', xs, many(v))
    const y = scalar('hvp', fn(...xs))
    const first = gradOrZeros([y], xs, [], { createGraph: true })
    // H is symmetric: the vector-Jacobian product of the gradient is H v.
    const products = gradOrZeros(first, xs, many(v), { createGraph })
    return { output: finish(y, createGraph), products: products.map((p) => finish(p, createGraph)) }
  })
}

function scalar(what: string, y: Tensor): Tensor {
  if (!isTensor(y) || y.numel !== 1)
    throw new ShapeError(`${what}: the function must give one number${isTensor(y) ? `, not ${show(y.shape)}` : ''}`)
  return y
}
