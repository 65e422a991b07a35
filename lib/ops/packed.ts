/** Right operands packed once for many products. Place in the whole: inference; layers in eval mode keep one. See linear.ts. */
import { needsGrad } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { contiguous } from './convert.js'
import { make, makeMany } from './emit.js'
import { checkBias, type EpilogueOptions, epilogueAttributes, readEpilogue } from './linear.js'
import { MADS_PER_NS, TRANSPOSE_B } from './matmul.js'
import { reshape } from './views.js'

const PACKED = 4

/** A right operand in the form that products like best, made once for many of them; see packMatrix. */
export class PackedMatrix {
  /** Rows and columns of the matrix. */
  readonly k: number
  readonly n: number
  readonly dtype: DType
  /** @internal */
  readonly _panels: Tensor

  /** @internal */
  constructor(panels: Tensor, dtype: DType, k: number, n: number) {
    this._panels = panels
    this.dtype = dtype
    this.k = k
    this.n = n
  }

  get device(): string {
    return this._panels.device
  }

  /** Frees the memory. */
  dispose(): void {
    this._panels.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

/**
 * Packs b (k, n), or with `transposed` a matrix stored (n, k) as a Linear layer's weight is. The packed form is a copy: later writes to b
 * do not show in it. It takes the memory of b in f32 (f64 for f64) and belongs to this process.
 */
export function packMatrix(b: Tensor, { transposed = false }: { transposed?: boolean } = {}): PackedMatrix {
  if (b.rank !== 2) throw new ShapeError(`packMatrix: takes a matrix, got ${show(b.shape)}`)
  if (!isFloating(b.dtype))
    throw new DTypeError(`packMatrix: a ${b.dtype} matrix; f32, f64, bf16 and f16 have a packed form`)
  const [rows, columns] = b.shape as [number, number]
  const [k, n] = transposed ? [columns, rows] : [rows, columns]
  const dtype = b.dtype === 'f64' ? 'f64' : 'f32'
  // Room for any backend's layout: panels of up to 64 columns, slices of k no shorter than 128 filled up to 8.
  const elements = (k + 8 * Math.ceil(k / 128) + 8) * Math.ceil(n / 64) * 64
  const attributes = [transposed ? TRANSPOSE_B : 0, k, n]
  return new PackedMatrix(
    make('packMatrix', OP.packMatrix, dtype, [elements], b, null, attributes, elements),
    b.dtype,
    k,
    n,
  )
}

/**
 * a (..., k) times a packed matrix: (..., n), then `activation(scale * sum + bias) + residual`. For inference: it has no
 * gradient, and throws where one would be recorded.
 */
export function matmulPacked(
  a: Tensor,
  b: PackedMatrix,
  bias?: Tensor | null,
  options?: Omit<EpilogueOptions, 'dropout' | 'generator'>,
): Tensor {
  const k = a.shape[a.rank - 1]
  if (a.rank === 0 || k !== b.k)
    throw new ShapeError(`matmulPacked: inner dimensions differ: ${show(a.shape)} x packed (${b.k}, ${b.n})`)
  checkBias('matmulPacked', bias, b.n)
  for (const [name, t] of [
    ['left operand', a],
    ['bias', bias],
  ] as const)
    if (t && t.dtype !== b.dtype)
      throw new DTypeError(`matmulPacked: the ${name} is ${t.dtype}, the packed matrix ${b.dtype}`)
  const shape = [...a.shape.slice(0, -1), b.n]
  const then = options && readEpilogue('matmulPacked', a.dtype, shape, options)
  if (needsGrad(a, bias, then?.residual))
    throw new ValueError(
      'matmulPacked: a packed matrix has no gradient; call it under noGrad(), or matmul() with the matrix itself',
    )
  const m = numelOf(a.shape.slice(0, -1))
  const rows = a.rank === 2 ? a : reshape(a, [m, b.k])
  const residual = then?.residual ? reshape(contiguous(then.residual), [m, b.n]) : null
  const [y] = makeMany(
    'matmulPacked',
    OP.matmul,
    [{ dtype: a.dtype, shape: [m, b.n] }],
    [rows, b._panels, bias, residual],
    epilogueAttributes(PACKED, then, m * b.n),
    (m * b.n * b.k) / MADS_PER_NS,
  ) as [Tensor]
  return a.rank === 2 ? y : reshape(y, shape)
}
