/** Rules of operators that need no thought but for where the batch dimensions go. Place in the whole: most of rules.ts. */
import { reshape } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Batch, Call, Operand, Rule } from './batch.js'

const fullAll = (c: Call, b: Batch): Operand[] => c.operands.map((t) => t && b.full(t))

/** Elements for elements, with broadcasting: the batch dimensions stand before those of the result. */
export const pointwise: Rule = (c, b) => {
  const rank = c.results[0]?.shape.length ?? 0
  return b.emit(
    c,
    c.operands.map((t) => t && b.full(t, rank)),
  )
}

/** For operators that look at the last dimensions only and take any number of others. */
export const leading: Rule = (c, b) => b.emit(c, fullAll(c, b))

/** For operators along the axis that attribute `at` names. One number has no axis to move. */
export const alongAxis =
  (at = 0): Rule =>
  (c, b) => {
    if (c.operands.some((t) => t?.rank === 0)) return null
    return b.emit(c, fullAll(c, b), shifted(c.attributes, at, b.k))
  }

/** The attributes with that of an axis counted behind the batch dimensions. */
export const shifted = (attributes: readonly number[], at: number, k: number): number[] =>
  attributes.map((a, i) => (i === at ? a + k : a))

/** For operators that treat the entries of the first dimension alike: the batch becomes part of it. */
export const intoRows: Rule = (c, b) =>
  b.emitRows(
    c,
    c.operands.map((t) => t && b.rows(t)),
  )

/** As `intoRows`, with operands from number `from` on that all samples share; null where the samples differ in them. */
export const intoRowsBut =
  (from: number): Rule =>
  (c, b) => {
    if (c.operands.some((t, i) => i >= from && b.has(t))) return null
    return b.emitRows(
      c,
      c.operands.map((t, i) => (t && i < from ? b.rows(t) : t)),
    )
  }

/** Reductions: attribute 0 is the bit mask of the axes. */
export const reduction: Rule = (c, b) => {
  const x = c.operands[0] as Tensor
  const [mask, ...more] = c.attributes as [number, ...number[]]
  // One number: a dimension of its own is reduced, as what a kernel does without any is to copy.
  if (x.rank === 0) return b.emit(c, [reshape(b.full(x), [...b.sizes, 1])], [2 ** b.k, ...more])
  return b.emit(c, [b.full(x)], [mask * 2 ** b.k, ...more])
}

/** Places of extremes: along one axis, or in all elements in order, which then become one axis. */
export const argExtreme: Rule = (c, b) => {
  const x = c.operands[0] as Tensor
  const all = c.attributes[0] === 2 ** x.rank - 1
  if (!all || x.rank === 1) return reduction(c, b)
  return b.emit(c, [reshape(b.full(x), [...b.sizes, x.numel])], [2 ** b.k])
}
