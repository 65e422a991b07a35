/**
 * Commands of sparse products, and their gradients. Place in the whole: under the public functions; operands are checked there.
 *
 *   y = op(S) D: dD = op(S)^T g, and the values' gradient is g D^T (op(S) = S^T: D g^T) at the pattern's places alone.
 */
import { type GradRule, needsGrad, record, save } from '../autograd/node.js'
import { ordinalOf } from '../engine/device.js'
import { OP } from '../generated/ops.js'
import { cast } from '../ops/convert.js'
import { makeMany } from '../ops/emit.js'
import { sum } from '../ops/reduce.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Packs, withPacked } from './packs.js'
import type { SparsePattern } from './pattern.js'

export interface Form {
  /** The product is with the transpose of what is stored. */
  transposed: boolean
  /** The dense operand and the result are stored (n, depth) and (n, m). */
  columnsFirst: boolean
}

/** Multiply-adds of the pattern's elements that take a nanosecond, for the estimate that a command carries. */
const MADS_PER_NS = 15
/** 2:4 is multiplied by its own kernel up to so many columns. */
const DIRECT_COLUMNS = 4

/** Whether the pattern itself is all that a product needs. CUDA takes it for every matrix, and plans for transposes. */
function isDirect(p: SparsePattern, values: DType, dense: Tensor, n: number, form: Form): boolean {
  if (ordinalOf(dense.device) !== undefined) return !form.transposed
  const { dtype } = dense
  if (form.transposed || !(p.format === '2:4' ? n <= DIRECT_COLUMNS : p.format === 'csr' && n === 1)) return false
  return values === 'i8' || values === dtype || (dtype === 'f32' && (values === 'bf16' || values === 'f16'))
}

/** What a product multiplies, beside the dense operand. Packs of values that nobody trains are kept. */
export interface Factor {
  pattern: SparsePattern
  values: Tensor
  scales: Tensor | null
  packs: Packs | null
}

/** act(op(S) d + bias), d of rank 2; the activation, by its code, only where nothing records. */
export function product(s: Factor, dense: Tensor, form: Form, bias: Tensor | null, activation: number): Tensor {
  const { pattern: p, values, scales, packs } = s
  const { device } = dense
  const m = form.transposed ? p.cols : p.rows
  const n = dense.shape[form.columnsFirst ? 0 : 1] as number
  const { pointers, columns } = p.tensors(device)
  const emit = (plan: Tensor | null, packed: Tensor | null): Tensor =>
    makeMany(
      'sparseMatmul',
      OP.sparseMatmul,
      [{ dtype: dense.dtype, shape: form.columnsFirst ? [n, m] : [m, n] }],
      [values, pointers, columns, scales, dense, bias, plan, packed],
      [p.info.code, p.rows, p.cols, form.transposed ? 1 : 0, form.columnsFirst ? 1 : 0, activation],
      (p.elements * n) / MADS_PER_NS + (p.rows + p.cols) * n,
    )[0] as Tensor
  const trained = needsGrad(values)
  let y: Tensor
  if (isDirect(p, values.dtype, dense, n, form)) y = emit(null, null)
  else {
    const plan = p.plan(device, form.transposed, 'best')
    const [compute, kept] = [dense.dtype === 'f64' ? 'f64' : 'f32', trained ? null : packs] as const
    y = withPacked({ values, scales, plan, transposed: form.transposed, compute }, kept, (packed) =>
      emit(plan.words, packed),
    )
  }
  if (needsGrad(values, dense, bias)) {
    const saved = [save(values), ...(scales ? [save(scales)] : []), ...(trained ? [save(dense)] : [])]
    const wanted = { values: trained, dense: dense.requiresGrad, bias: bias?.requiresGrad ?? false }
    record('sparseMatmul', y, [values, dense, bias], saved, ruleOf(p, trained ? null : packs, form, wanted))
  }
  return y
}

interface Wanted {
  values: boolean
  dense: boolean
  bias: boolean
}

/** Saved are the values, their scales where they have some, and the dense operand where the values' gradient is wanted. */
function ruleOf(pattern: SparsePattern, packs: Packs | null, form: Form, wanted: Wanted): GradRule {
  return (g, saved) => {
    const values = saved[0] as Tensor
    const scales = values.dtype === 'i8' ? (saved[1] as Tensor) : null
    const dense = saved.at(-1) as Tensor
    const back = { ...form, transposed: !form.transposed }
    return [
      wanted.values ? valuesGradient(pattern, values.dtype, dense, g, form) : null,
      wanted.dense ? product({ pattern, values, scales, packs }, g, back, null, 0) : null,
      wanted.bias ? sum(g, form.columnsFirst ? 0 : 1) : null,
    ]
  }
}

function valuesGradient(p: SparsePattern, dtype: DType, dense: Tensor, g: Tensor, form: Form): Tensor {
  const [a, b] = form.transposed ? [dense, g] : [g, dense]
  return cast(sampled(p, a, b, form.columnsFirst), dtype)
}

/** a b^T at the pattern's places, as values: a (rows, n), b (cols, n), or both stored (n, ...). */
function sampled(p: SparsePattern, a: Tensor, b: Tensor, columnsFirst: boolean): Tensor {
  const { device } = a
  const n = a.shape[columnsFirst ? 0 : 1] as number
  const { pointers, columns } = p.tensors(device)
  const plan = ordinalOf(device) === undefined ? p.plan(device, false, 'rows').words : null
  const [y] = makeMany(
    'sparseSampled',
    OP.sparseSampled,
    [{ dtype: a.dtype, shape: p.valuesShape }],
    [pointers, columns, plan, a, b],
    [p.info.code, p.rows, p.cols, columnsFirst ? 1 : 0],
    (p.elements * n) / MADS_PER_NS + (p.rows + p.cols) * n,
  ) as [Tensor]
  if (needsGrad(a, b)) {
    const [ga, gb] = [a.requiresGrad, b.requiresGrad]
    record('sparseSampled', y, [a, b], [save(a), save(b)], (g, [x, z]) => {
      const factor = { pattern: p, values: g, scales: null, packs: null }
      return [
        ga ? product(factor, z as Tensor, { transposed: false, columnsFirst }, null, 0) : null,
        gb ? product(factor, x as Tensor, { transposed: true, columnsFirst }, null, 0) : null,
      ]
    })
  }
  return y
}
