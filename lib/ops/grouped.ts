/** Many matrix products in one call: lists of matrices of any sizes, and rows that belong to experts. Place in the whole: see matmul.ts. */
import { type GradRuleMany, needsGrad, record, recordMany, save } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { isFloating } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { makeMany, type ResultSpec } from './emit.js'
import { MADS_PER_NS, TRANSPOSE_A, TRANSPOSE_B } from './matmul.js'

function floating(name: string, t: Tensor): void {
  if (!isFloating(t.dtype)) throw new DTypeError(`${name}: a ${t.dtype} tensor; it takes f32, f64, bf16, f16`)
}

/**
 * as[i] (m_i, k_i) times bs[i] (k_i, n_i), one product each: (m_i, n_i). The sizes may all differ; many small products fill the
 * threads as one large one does. Differentiable in every operand.
 *
 * Throws ValueError for lists of different lengths, ShapeError for what are no matrices or do not fit, DTypeError where not all are of one
 * floating-point dtype.
 */
export function groupedMatmul(as: readonly Tensor[], bs: readonly Tensor[]): Tensor[] {
  if (as.length !== bs.length)
    throw new ValueError(`groupedMatmul: ${as.length} left and ${bs.length} right operands; pairs are multiplied`)
  return as.length === 0 ? [] : products(as, bs, 0)
}

function products(as: readonly Tensor[], bs: readonly Tensor[], flags: number): Tensor[] {
  const operands = [...as, ...bs]
  const { results, work } = plan(as, bs, flags)
  const ys = makeMany('groupedMatmul', OP.groupedMatmul, results, operands, [flags], work / MADS_PER_NS)
  if (operands.some((t) => needsGrad(t))) {
    const rule = gradientRule(
      operands.map((t) => t.requiresGrad),
      flags,
    )
    recordMany(
      'groupedMatmul',
      ys,
      operands,
      operands.map((t) => save(t)),
      rule,
    )
  }
  return ys
}

/** The results' shapes, and the multiply-adds. */
function plan(as: readonly Tensor[], bs: readonly Tensor[], flags: number): { results: ResultSpec[]; work: number } {
  const [ta, tb] = [flags & TRANSPOSE_A ? 1 : 0, flags & TRANSPOSE_B ? 1 : 0]
  const { dtype } = as[0] as Tensor
  let work = 0
  const results = as.map((a, i) => {
    const b = bs[i] as Tensor
    for (const t of [a, b]) {
      floating('groupedMatmul', t)
      if (t.dtype !== dtype)
        throw new DTypeError(`groupedMatmul: operands are ${dtype} and ${t.dtype}; convert with .to()`)
      if (t.rank !== 2) throw new ShapeError(`groupedMatmul: product ${i} has ${show(t.shape)}, not a matrix`)
    }
    const [m, k, k2, n] = [a.shape[ta], a.shape[1 - ta], b.shape[tb], b.shape[1 - tb]] as [
      number,
      number,
      number,
      number,
    ]
    if (k !== k2)
      throw new ShapeError(
        `groupedMatmul: product ${i}: inner dimensions differ: ${show(a.shape)} x ${show(b.shape)}: ${k} and ${k2}`,
      )
    work += m * n * k
    return { dtype, shape: [m, n] }
  })
  return { results, work }
}

/** With A = op(a), B = op(b): dA = g B^T, dB = A^T g, for the products whose result has a gradient. */
function gradientRule(wants: readonly boolean[], flags: number): GradRuleMany {
  const [ta, tb] = [flags & TRANSPOSE_A, flags & TRANSPOSE_B]
  const count = wants.length / 2
  return (gs, saved) => {
    const gradients: (Tensor | null)[] = new Array(2 * count).fill(null)
    const g = (i: number): Tensor => gs[i] as Tensor
    const a = (i: number): Tensor => saved[i] as Tensor
    const b = (i: number): Tensor => saved[count + i] as Tensor
    for (const side of [0, count]) {
      const some = [...gs.keys()].filter((i) => gs[i] && wants[side + i])
      if (some.length === 0) continue
      let found: Tensor[]
      if (side === 0)
        found = ta
          ? products(some.map(b), some.map(g), (tb ? TRANSPOSE_A : 0) | TRANSPOSE_B)
          : products(some.map(g), some.map(b), tb ? 0 : TRANSPOSE_B)
      else
        found = tb
          ? products(some.map(g), some.map(a), TRANSPOSE_A | (ta ? TRANSPOSE_B : 0))
          : products(some.map(a), some.map(g), ta ? 0 : TRANSPOSE_A)
      for (const [j, i] of some.entries()) gradients[side + i] = found[j] as Tensor
    }
    return gradients
  }
}

/**
 * Rows of a (rows, k) that belong to groups, each times its own matrix of b (groups, k, n): (rows, n). Group i has the rows from
 * ends[i - 1] (0 for the first) up to ends[i]; rows after the last end give zeros. The product of a mixture of experts whose rows are
 * sorted by expert, and of batches of variable length; as torch's grouped_mm with offsets. Differentiable in a and b. With `transposed` b
 * is (groups, n, k), as layers' weights lie.
 *
 * @param ends i32 or i64 (groups): never falling, at most `rows`. Read when the product runs: a value outside is an ExecutionError at the
 *   result.
 * Throws ShapeError and DTypeError for operands that do not fit.
 */
export function expertMatmul(
  a: Tensor,
  b: Tensor,
  ends: Tensor,
  { transposed = false }: { transposed?: boolean } = {},
): Tensor {
  return byExpert(a, b, ends, transposed ? TRANSPOSE_B : 0)
}

function byExpert(a: Tensor, b: Tensor, ends: Tensor, flags: number): Tensor {
  floating('expertMatmul', a)
  if (b.dtype !== a.dtype)
    throw new DTypeError(`expertMatmul: operands are ${a.dtype} and ${b.dtype}; convert with .to()`)
  if (ends.dtype !== 'i32' && ends.dtype !== 'i64')
    throw new DTypeError(`expertMatmul: ends are ${ends.dtype}, not i32 or i64`)
  if (a.rank !== 2 || b.rank !== 3 || ends.rank !== 1)
    throw new ShapeError(
      `expertMatmul: takes (rows, k), (groups, k, n) and ends (groups), got ${show(a.shape)}, ${show(b.shape)} and ${show(ends.shape)}`,
    )
  const [rows, k] = a.shape as [number, number]
  const [groups] = b.shape as [number]
  const [k2, n] = (flags ? [b.shape[2], b.shape[1]] : [b.shape[1], b.shape[2]]) as [number, number]
  if (k !== k2 || ends.shape[0] !== groups)
    throw new ShapeError(
      `expertMatmul: (${rows}, ${k}) x ${groups} of (${k2}, ${n}) with ${ends.shape[0]} ends: inner dimensions and groups must agree`,
    )
  const [y] = makeMany(
    'expertMatmul',
    OP.expertMatmul,
    [{ dtype: a.dtype, shape: [rows, n] }],
    [a, b, ends],
    [flags],
    (rows * k * n) / MADS_PER_NS,
  ) as [Tensor]
  if (needsGrad(a, b)) {
    const [ga, gb] = [a.requiresGrad, b.requiresGrad]
    record('expertMatmul', y, [a, b], [save(a), save(b), save(ends)], (g, [a, b, ends]) => {
      const e = ends as Tensor
      const db = (): Tensor =>
        flags ? expertWeights(g, a as Tensor, e, groups) : expertWeights(a as Tensor, g, e, groups)
      return [ga ? byExpert(g, b as Tensor, e, flags ? 0 : TRANSPOSE_B) : null, gb ? db() : null]
    })
  }
  return y
}

/** Each group's a^T g: a (rows, k), g (rows, n) -> (groups, k, n). */
function expertWeights(a: Tensor, g: Tensor, ends: Tensor, groups: number): Tensor {
  const [rows, k, n] = [a.shape[0], a.shape[1], g.shape[1]] as [number, number, number]
  const [y] = makeMany(
    'expertWeightGrad',
    OP.expertWeightGrad,
    [{ dtype: a.dtype, shape: [groups, k, n] }],
    [a, g, ends],
    [],
    (rows * k * n) / MADS_PER_NS,
  ) as [Tensor]
  if (needsGrad(a, g)) {
    const [ga, gg] = [a.requiresGrad, g.requiresGrad]
    // Linear in a and in g: da = g h^T, dg = a h, each row with its group's h.
    record('expertWeightGrad', y, [a, g], [save(a), save(g), save(ends)], (h, [a, g, ends]) => [
      ga ? byExpert(g as Tensor, h, ends as Tensor, TRANSPOSE_B) : null,
      gg ? byExpert(a as Tensor, h, ends as Tensor, 0) : null,
    ])
  }
  return y
}
