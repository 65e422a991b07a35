/**
 * Einstein summation. Place in the whole: lowered to diagonals, sums, permutations and batched matrix products, so that its
 * gradients are theirs.
 */
import { ShapeError, ValueError } from '../errors.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { mul } from './binary.js'
import { cast } from './convert.js'
import { diagonalOf } from './diagonal.js'
import { matmul } from './matmul.js'
import { sum } from './reduce.js'
import { expand, permute, reshape } from './views.js'

/** A tensor whose axes have names; no name twice. Axes of the ellipsis are named '0', '1', ... from the end. */
interface Term {
  t: Tensor
  labels: string[]
}

const ELLIPSIS = '...'
/** Up to here all orders of contraction are compared. */
const EXHAUSTIVE = 6

/** The labels of one operand's part of the equation; `rank` undefined for the result's. */
function labelsOf(part: string, rank: number | undefined, ellipsis: number): string[] {
  const at = part.indexOf(ELLIPSIS)
  const plain = at < 0 ? part : part.slice(0, at) + part.slice(at + ELLIPSIS.length)
  for (const c of plain)
    if (!/[A-Za-z]/.test(c)) throw new ValueError(`einsum: '${c}' in '${part}' is no label; take letters and '...'`)
  const covered = at < 0 ? 0 : rank === undefined ? ellipsis : rank - plain.length
  if (rank !== undefined && (covered < 0 || (at < 0 && plain.length !== rank)))
    throw new ShapeError(`einsum: '${part}' names ${plain.length} dimensions of a tensor that has ${rank}`)
  const own = Array.from({ length: covered }, (_, i) => String(covered - 1 - i))
  const head = at < 0 ? plain : part.slice(0, at)
  return [...head, ...own, ...plain.slice(head.length)]
}

/** Repeated labels as diagonals. */
function withoutRepeats({ t, labels }: Term): Term {
  for (let i = 0; i < labels.length; i++) {
    const j = labels.indexOf(labels[i] as string, i + 1)
    if (j < 0) continue
    if (t.shape[i] !== t.shape[j])
      throw new ShapeError(`einsum: label ${labels[i]} stands for ${t.shape[i]} and ${t.shape[j]} in ${show(t.shape)}`)
    const label = labels[i] as string
    return withoutRepeats({ t: diagonalOf(t, i, j), labels: [...labels.filter((l) => l !== label), label] })
  }
  return { t, labels }
}

/** Without the axes whose labels are not kept. */
function summed({ t, labels }: Term, keep: (label: string) => boolean): Term {
  const gone = labels.flatMap((l, i) => (keep(l) ? [] : [i]))
  return gone.length === 0 ? { t, labels } : { t: cast(sum(t, gone), t.dtype), labels: labels.filter(keep) }
}

/** Axes in the order of `labels`, which may name more: those become size 1. */
function ordered(term: Term, labels: readonly string[]): Tensor {
  const present = labels.filter((l) => term.labels.includes(l))
  const t = permute(
    term.t,
    present.map((l) => term.labels.indexOf(l)),
  )
  if (present.length === labels.length) return t
  return reshape(
    t,
    labels.map((l) => (term.labels.includes(l) ? (term.t.shape[term.labels.indexOf(l)] as number) : 1)),
  )
}

/** The product of two terms, summed over what only they have and nobody keeps. */
function contract(p: Term, q: Term, keep: (label: string) => boolean): Term {
  const sizeOf = (term: Term, label: string): number => term.t.shape[term.labels.indexOf(label)] as number
  // A label of one of them alone, or with size 1 in one, is summed before.
  const prepared = (own: Term, other: Term): Term =>
    summed(own, (l) => keep(l) || (other.labels.includes(l) && (sizeOf(other, l) !== 1 || sizeOf(own, l) === 1)))
  const [a, b] = [prepared(p, q), prepared(q, p)]
  const shared = a.labels.filter((l) => b.labels.includes(l))
  const batch = shared.filter(keep)
  const inner = shared.filter((l) => !keep(l))
  // Summed away on one side: on the other it has size 1.
  const left = a.labels.filter((l) => !shared.includes(l))
  const right = b.labels.filter((l) => !shared.includes(l))
  const labels = [...batch, ...left, ...right]
  if (inner.length === 0) return { t: mul(ordered(a, labels), ordered(b, labels)), labels }
  const sizes = (term: Term, list: readonly string[]): number[] => list.map((l) => sizeOf(term, l))
  const total = (list: readonly number[]): number => list.reduce((n, d) => n * d, 1)
  const k = total(sizes(a, inner))
  const x = reshape(ordered(a, [...batch, ...left, ...inner]), [...sizes(a, batch), total(sizes(a, left)), k])
  const y = reshape(ordered(b, [...batch, ...inner, ...right]), [...sizes(b, batch), k, total(sizes(b, right))])
  const z = matmul(x, y)
  return { t: reshape(z, [...z.shape.slice(0, -2), ...sizes(a, left), ...sizes(b, right)]), labels }
}

/**
 * The order of contraction as pairs of positions in the shrinking list (the result is appended): the cheapest by
 * multiply-adds for few operands, greedy for many.
 */
function pathOf(
  terms: readonly (readonly string[])[],
  result: ReadonlySet<string>,
  size: Map<string, number>,
): [number, number][] {
  const volume = (labels: Iterable<string>): number => {
    let n = 1
    for (const l of labels) n *= size.get(l) as number
    return n
  }
  const remaining = (list: readonly (readonly string[])[], i: number, j: number): { cost: number; kept: string[] } => {
    const union = new Set([...(list[i] as string[]), ...(list[j] as string[])])
    const kept = [...union].filter((l) => result.has(l) || list.some((t, k) => k !== i && k !== j && t.includes(l)))
    return { cost: volume(union), kept }
  }
  const search = (
    list: readonly (readonly string[])[],
    limit: number,
  ): { cost: number; path: [number, number][] } | null => {
    if (list.length === 1) return { cost: 0, path: [] }
    let best: { cost: number; path: [number, number][] } | null = null
    for (let i = 0; i < list.length; i++) {
      for (let j = i + 1; j < list.length; j++) {
        const { cost, kept } = remaining(list, i, j)
        const bound = best?.cost ?? limit
        if (cost >= bound) continue
        const rest = search([...list.filter((_, k) => k !== i && k !== j), kept], bound - cost)
        if (rest !== null && (best === null || cost + rest.cost < best.cost))
          best = { cost: cost + rest.cost, path: [[i, j], ...rest.path] }
      }
    }
    return best
  }
  if (terms.length <= EXHAUSTIVE) return search(terms, Number.POSITIVE_INFINITY)?.path ?? []
  let list = terms.map((t) => [...t])
  const path: [number, number][] = []
  while (list.length > 1) {
    let best = { i: 0, j: 1, gain: Number.POSITIVE_INFINITY, cost: 0, kept: [] as string[] }
    for (let i = 0; i < list.length; i++) {
      for (let j = i + 1; j < list.length; j++) {
        const { cost, kept } = remaining(list, i, j)
        // What memory the step saves decides, then its cost.
        const gain = volume(kept) - volume(list[i] as string[]) - volume(list[j] as string[])
        if (gain < best.gain || (gain === best.gain && cost < best.cost)) best = { i, j, gain, cost, kept }
      }
    }
    const { i, j, kept } = best
    path.push([i, j])
    list = [...list.filter((_, k) => k !== i && k !== j), kept]
  }
  return path
}

/**
 * Sums of products by Einstein's convention: einsum('bij,bjk->bik', a, b). A letter names a dimension; one that is repeated
 * within an operand takes its diagonal, '...' stands for any further dimensions, which broadcast; dimensions that the result
 * does not name are summed. Without '->' the result has the ellipsis and the letters that occur once, in alphabetical order
 * (capitals first). More than two operands are contracted in a cheap order. Definition: torch.einsum.
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  const [inputs, output, more] = equation.replace(/\s/g, '').split('->') as [string, string?, string?]
  const parts = inputs.split(',')
  if (more !== undefined || parts.length !== operands.length || operands.length === 0)
    throw new ValueError(`einsum: '${equation}' describes ${parts.length} operands, got ${operands.length}`)
  const terms = operands.map((t, i) => withoutRepeats({ t, labels: labelsOf(parts[i] as string, t.rank, 0) }))
  const size = new Map<string, number>()
  const counts = new Map<string, number>()
  operands.forEach((t, i) => {
    labelsOf(parts[i] as string, t.rank, 0).forEach((l, k) => {
      const [known, own] = [size.get(l) ?? 1, t.shape[k] as number]
      if (known !== own && known !== 1 && own !== 1)
        throw new ShapeError(`einsum: dimension '${l}' of '${equation}' is ${known} and ${own}`)
      size.set(l, known === 1 ? own : known)
      counts.set(l, (counts.get(l) ?? 0) + 1)
    })
  })
  const covered = [...size.keys()].filter((l) => /\d/.test(l)).sort((a, b) => Number(b) - Number(a))
  const result =
    output === undefined
      ? [
          ...covered,
          ...[...counts]
            .filter(([l, n]) => n === 1 && !/\d/.test(l))
            .map(([l]) => l)
            .sort(),
        ]
      : labelsOf(output, undefined, covered.length)
  for (const l of result)
    if (!size.has(l)) throw new ValueError(`einsum: the result of '${equation}' names '${l}', which no operand has`)
  if (new Set(result).size !== result.length)
    throw new ValueError(`einsum: the result of '${equation}' names a dimension twice`)
  const wanted = new Set(result)
  let list = terms
  for (const [i, j] of pathOf(
    terms.map((t) => t.labels),
    wanted,
    size,
  )) {
    const others = list.filter((_, k) => k !== i && k !== j)
    const needed = (l: string): boolean => wanted.has(l) || others.some((t) => t.labels.includes(l))
    list = [...others, contract(list[i] as Term, list[j] as Term, needed)]
  }
  const last = summed(list[0] as Term, (l) => wanted.has(l))
  const y = ordered(last, result)
  const shape = result.map((l) => size.get(l) as number)
  return y.shape.every((d, i) => d === shape[i]) ? y : expand(y, shape)
}
