/** The layer's product x W^T, with what follows it in the same pass. Place in the whole: layers and models call it; see matmul.ts. */
import { autocasting } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { batching } from '../tensor/batched.js'
import { type DType, isComplex, isFloating } from '../tensor/dtype.js'
import { numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { activationGradient } from './activationGradients.js'
import { atHalf } from './autocast.js'
import { add, mul } from './binary.js'
import { contiguous } from './convert.js'
import { dropout, masked } from './dropout.js'
import { makeMany } from './emit.js'
import { activate, activationCode, type LinearActivation } from './fusedActivation.js'
import { MADS_PER_NS, matmul, product, TRANSPOSE_A, TRANSPOSE_B } from './matmul.js'
import { defaultGenerator, type Generator } from './random.js'
import { sum } from './reduce.js'
import { reshape, squeeze, transpose, unsqueeze } from './views.js'

/** What is done to each element of a product before it is stored: `dropout(activation(scale * sum + bias)) + residual`. */
export interface EpilogueOptions {
  /** Default 'none'. */
  activation?: LinearActivation | null
  /** Of the product, before the bias. Default 1. */
  scale?: number
  /** Of the result's shape and dtype, added last. */
  residual?: Tensor | null
  /** Probability with which an element is dropped, the others divided by 1 - it. Default 0. */
  dropout?: number
  /** Of the dropped places. */
  generator?: Generator
}

/** How a weight lies: (out, in) or (in, out). */
type Stored = typeof TRANSPOSE_B | 0

/** One output, without an axis of its own. */
function rowLinear(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  options: EpilogueOptions | undefined,
): Tensor {
  if (bias && bias.numel !== 1) throw new ShapeError(`linear: bias ${show(bias.shape)} for one output`)
  const residual = options?.residual
  const y = linear(x, unsqueeze(weight, 0), bias && reshape(bias, [1]), {
    ...options,
    residual: residual ? unsqueeze(residual, -1) : null,
  })
  return squeeze(y, -1)
}

/**
 * x W^T + bias, the layer's product: x (..., in), weight (out, in), bias (out) -> (..., out). A weight (in) with a scalar bias
 * gives (...). `options` name what follows: y = dropout(activation(scale * x W^T + bias)) + residual, computed while the product is
 * in cache (in f32 for bf16 and f16, rounded once). While gradients are recorded the same pass keeps the derivatives of gelu and silu;
 * on CUDA these, and an activation under a residual, are operators of their own then.
 *
 * Throws ShapeError where the shapes do not fit, DTypeError where dtypes differ or an epilogue meets integers or complex numbers,
 * ValueError for an unknown activation or a probability outside of [0, 1).
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null, options?: EpilogueOptions): Tensor {
  if (weight.rank === 1) return rowLinear(x, weight, bias, options)
  return layer('linear', x, weight, bias, options, TRANSPOSE_B)
}

/**
 * `linear` with a weight (in, out), as GPT-2's checkpoints, Keras and Flax have it: x W + b, x (..., in), bias (out) -> (..., out).
 * Options and errors are linear's.
 */
export function linearInOut(x: Tensor, weight: Tensor, bias?: Tensor | null, options?: EpilogueOptions): Tensor {
  return layer('linearInOut', x, weight, bias, options, 0)
}

function layer(
  name: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  options: EpilogueOptions | undefined,
  stored: Stored,
): Tensor {
  if (autocasting.frame) {
    const { residual = null, ...rest } = options ?? {}
    const y = atHalf('linear', [x, weight, bias], (x, w, b) => layer(name, x as Tensor, w as Tensor, b, rest, stored))
    // In the wider dtype of both: a residual stream stays in f32.
    return residual ? add(y, residual) : y
  }
  if (weight.rank !== 2)
    throw new ShapeError(`${name}: the weight is ${show(weight.shape)}, not ${stored ? '(out, in)' : '(in, out)'}`)
  const [out, inner] = sizesOf(weight, stored)
  if (x.rank === 0 || x.shape[x.rank - 1] !== inner) {
    throw new ShapeError(
      `${name}: input ${show(x.shape)} does not end in the weight's ${inner}: weight ${show(weight.shape)}`,
    )
  }
  checkBias(name, bias, out)
  for (const t of bias ? [weight, bias] : [weight]) {
    if (t.dtype !== x.dtype)
      throw new DTypeError(`${name}: input is ${x.dtype}, weight or bias ${t.dtype}; convert one with .to()`)
  }
  const shape = [...x.shape.slice(0, -1), out]
  const then = options && readEpilogue(name, x.dtype, shape, options)
  if (isComplex(x.dtype)) {
    const product = matmul(x, stored ? transpose(weight) : weight)
    return bias ? add(product, bias) : product
  }
  const recorded = needsGrad(x, weight, bias) || (!!then?.residual && needsGrad(then.residual))
  const sloped = recorded && !!then && !traceable(then)
  const mapped = batching.frames.length > 0
  // CUDA's kernels know one result, and a vmap one of matmul's.
  if (then && ((mapped && then.dropout > 0) || (sloped && (mapped || x.device !== 'cpu'))))
    return composed(x, weight, bias, then, stored)
  // The kernel takes batches of rows that follow one another for one product.
  if (x.rank === 2 || (x.rank > 2 && x.isContiguous && !mapped)) return fused(x, weight, bias, then, stored, sloped)
  const residual = then?.residual ? asRows(then.residual) : null
  return reshape(fused(asRows(x), weight, bias, then && { ...then, residual }, stored, sloped), shape)
}

/** (..., n) as (rows, n). */
const asRows = (x: Tensor): Tensor =>
  x.rank === 2 ? x : reshape(x, [numelOf(x.shape.slice(0, -1)), x.shape[x.rank - 1] as number])

const sizesOf = (weight: Tensor, stored: Stored): readonly [out: number, inner: number] => {
  const [rows, columns] = weight.shape as [number, number]
  return stored ? [rows, columns] : [columns, rows]
}

export function checkBias(name: string, bias: Tensor | null | undefined, out: number): void {
  if (bias && (bias.rank !== 1 || bias.shape[0] !== out))
    throw new ShapeError(`${name}: bias ${show(bias.shape)} for ${out} outputs`)
}

/** Options that were checked. */
export interface Epilogue {
  activation: number
  scale: number
  residual: Tensor | null
  dropout: number
  generator: Generator
}

/** null: nothing is asked for. */
export function readEpilogue(name: string, dtype: DType, shape: Shape, options: EpilogueOptions): Epilogue | null {
  const { activation, scale = 1, residual = null, dropout = 0, generator = defaultGenerator } = options
  const code = activationCode(name, activation)
  if (!(dropout >= 0 && dropout < 1)) throw new ValueError(`${name}: dropout ${dropout} is not a probability below 1`)
  if (code === 0 && scale === 1 && residual === null && dropout === 0) return null
  if (!isFloating(dtype))
    throw new DTypeError(`${name}: ${dtype} has no activation, scale, residual or dropout; apply them to its result`)
  if (residual && (show(residual.shape) !== show(shape) || residual.dtype !== dtype)) {
    throw new ShapeError(
      `${name}: the residual is ${show(residual.shape)} ${residual.dtype}, the result ${show(shape)} ${dtype}`,
    )
  }
  return { activation: code, scale, residual, dropout, generator }
}

/** Whether the activation's derivative can be told from the result. */
const traceable = (e: Epilogue): boolean => e.activation === 0 || (e.activation === 1 && e.residual === null)

/** The kernel's attributes. Draws the dropped places. */
export function epilogueAttributes(flags: number, e: Epilogue | null | undefined, elements: number): readonly number[] {
  if (!e) return [flags]
  const drawn = e.dropout > 0 ? e.generator.take(Math.ceil(elements / 4)) : [0, 0, 0]
  return [flags, e.scale, e.activation, e.dropout, ...drawn]
}

/** The operators one after the other. */
function composed(x: Tensor, weight: Tensor, bias: Tensor | null | undefined, e: Epilogue, stored: Stored): Tensor {
  const z = preActivation(x, weight, bias, e.scale, stored)
  const y = dropout(activate(z, e.activation), e.dropout, { generator: e.generator })
  return e.residual ? add(y, e.residual) : y
}

/** What an activation is applied to: scale x W + bias. */
function preActivation(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  scale: number,
  stored: Stored,
): Tensor {
  if (scale === 1) return layer('linear', x, weight, bias, undefined, stored)
  const y = mul(layer('linear', x, weight, null, undefined, stored), scale)
  return bias ? add(y, bias) : y
}

/** x has two dimensions or lies row by row. */
function fused(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null | undefined,
  e: Epilogue | null | undefined,
  stored: Stored,
  /** The activation's derivatives are kept for the gradient. */
  sloped = false,
): Tensor {
  const [out, inner] = sizesOf(weight, stored)
  const like = { dtype: x.dtype, shape: [...x.shape.slice(0, -1), out] }
  const elements = numelOf(like.shape)
  const residual = e?.residual ? contiguous(e.residual) : null
  const attributes = epilogueAttributes(stored, e, elements)
  const operands = residual ? [x, weight, bias, residual] : bias ? [x, weight, bias] : [x, weight]
  const results = sloped ? [like, like] : [like]
  const made = makeMany('linear', OP.matmul, results, operands, attributes, (elements * inner) / MADS_PER_NS)
  const [y, slope] = made as [Tensor, Tensor | undefined]
  if (!needsGrad(x, weight, bias) && !(residual && needsGrad(residual))) return y
  const [gx, gw, gb, gr] = [x, weight, bias, residual].map((t) => t?.requiresGrad ?? false)
  // The rule may not hold on to the residual, which `e` does.
  const { activation = 0, scale = 1, dropout: p = 0 } = e ?? {}
  const drawn = [...attributes.slice(4), p]
  const saved = [save(x), save(weight)]
  if (activation) saved.push(save(slope ?? y))
  if (slope && bias) saved.push(save(bias))
  record('linear', y, [x, weight, bias, residual], saved, (g, [x, w, of, bias]) => {
    let dz = p > 0 ? masked(g, drawn) : g
    if (sloped && !needsGrad(g, x, w) && !needsGrad(bias ?? g)) dz = mul(dz, of as Tensor)
    else if (sloped)
      dz = activationGradient(activation, dz, preActivation(x as Tensor, w as Tensor, bias, scale, stored))
    else if (activation) dz = activationGradient(activation, dz, of as Tensor)
    const ds = scale === 1 ? dz : mul(dz, scale)
    const dx = gx ? rowsTimes(ds, w as Tensor, stored ? 0 : TRANSPOSE_B) : null
    if (!gw && !gb) return [dx, null, null, gr ? g : null]
    const rows = asRows(ds)
    const sums = ds === dz ? rows : asRows(dz)
    const [dw, db] = stored
      ? weightGradients(rows, sums, asRows(x as Tensor), gw as boolean, gb as boolean)
      : [gw ? product(asRows(x as Tensor), rows, TRANSPOSE_A) : null, gb ? sum(sums, 0) : null]
    return [dx, dw, db, gr ? g : null]
  })
  return y
}

/** g (..., m, k) times a matrix, which a rule that is recorded takes as one product. */
function rowsTimes(g: Tensor, matrix: Tensor, flags: number): Tensor {
  if (g.rank === 2 || (g.isContiguous && !needsGrad(g, matrix))) return product(g, matrix, flags)
  const y = product(asRows(g), matrix, flags)
  return reshape(y, [...g.shape.slice(0, -1), y.shape[1] as number])
}

/** g^T x and the sums of `sums`' columns, in one pass where both are wanted of one tensor and nothing records it. */
function weightGradients(
  g: Tensor,
  sums: Tensor,
  x: Tensor,
  wantsWeight: boolean,
  wantsBias: boolean,
): readonly [Tensor | null, Tensor | null] {
  if (wantsWeight && wantsBias && g === sums && !needsGrad(g, x)) {
    const [m, n, k] = [g.shape[0] as number, g.shape[1] as number, x.shape[1] as number]
    const results = [
      { dtype: g.dtype, shape: [n, k] },
      { dtype: g.dtype, shape: [n] },
    ]
    return makeMany('linearBackward', OP.linearBackward, results, [g, x], [], (m * n * k) / MADS_PER_NS) as [
      Tensor,
      Tensor,
    ]
  }
  return [wantsWeight ? product(g, x, TRANSPOSE_A) : null, wantsBias ? sum(sums, 0) : null]
}
