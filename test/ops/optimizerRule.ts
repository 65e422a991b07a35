/** What the specs of the optimizers' steps share: groups of operands, and the spec of a rule whose state is like its parameter. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Domain, Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec, type Sample } from '../opspec/spec.js'

/** Groups of several parameters, among them empty ones and odd lengths. */
export const SETS: readonly (readonly Shape[])[] = [
  [[1]],
  [[7], [8], [9]],
  [[3, 5], [0], [33], [65], [2, 3, 4]],
  [[1009]],
]
export const LARGE: readonly Shape[] = [[150_011], [17]]
export const SQUARES: Domain = { low: 0.1, high: 4 }

export const written = (input: Input): Input => ({ ...input, mutated: true })
export const present = (list: readonly (Tensor | null)[]): Tensor[] => list.filter((t) => t !== null)

/** What a rule keeps for a parameter: the domain of each state's values, null for one that its options do without. */
type States = readonly (Domain | null)[]

/** Operands p, g and state, group after group. */
const inputsOf = (s: Sampler, shapes: readonly Shape[], states: States): (Input | null)[] =>
  shapes.flatMap((shape) => [
    written(s.values(shape)),
    s.values(shape),
    ...states.map((domain) => (domain === null ? null : written(s.values(shape, domain)))),
  ])

/** The operands cut into groups. */
export function groupsOf(inputs: readonly (Tensor | null)[], states: number): (Tensor | null)[][] {
  const groups: (Tensor | null)[][] = []
  for (let i = 0; i < inputs.length; i += states + 2) groups.push(inputs.slice(i, i + states + 2))
  return groups
}

interface Rule<P> {
  name: string
  op: OpSpec['ops'][number]
  variants: readonly { p: P; states: States }[]
  step: (groups: readonly (Tensor | null)[][], p: P) => void
  roundings: number
  terms?: OpSpec['accuracy']['terms']
  /** The step is made of the moments as they are stored. */
  composed?: boolean
}

const NUDGE = 2 ** -20

/**
 * What each result is made of: itself, and for every kind of operand (the k-th of each group) by how much it changes when these do, relative to
 * the change. A parameter may be a small difference of large terms, so its own size says little; one probe with random signs may miss some.
 */
function bySensitivity(
  inputs: readonly (Tensor | null)[],
  size: number,
  run: (operands: readonly (Tensor | null)[]) => readonly Tensor[],
): Tensor[] {
  const copies = (kind: number): (Tensor | null)[] =>
    inputs.map((x, i) => x && (i % size === kind ? ops.mul(x, 1 + NUDGE) : x.clone()))
  const plain = run(copies(-1))
  let total = plain.map((y) => ops.abs(y))
  // What is in between goes at once: of hundreds of tensors it would be more than guarded memory has room for.
  for (let kind = 0; kind < size; kind++)
    total = ops.scope(() => {
      const changes = run(copies(kind)).map((y, k) => ops.abs(ops.sub(y, plain[k] as Tensor)).div(NUDGE))
      return total.map((sum, k) => ops.add(sum, changes[k] as Tensor))
    })
  return total
}

export type Args<P> = { p: P; states: number }

/** The spec of a rule whose state has the parameter's shape and dtype. */
export function ruleSpec<P>({
  name,
  op,
  variants,
  step,
  roundings,
  terms,
  composed = false,
}: Rule<P>): OpSpec<Args<P>> {
  return {
    name,
    ops: [op],
    dtypes: FLOATS,
    *samples(s): Iterable<Sample<Args<P>>> {
      for (const { p, states } of variants)
        for (const shapes of SETS) yield { inputs: inputsOf(s, shapes, states), args: { p, states: states.length } }
      const { p, states } = variants[0] as { p: P; states: States }
      // More groups than one command takes.
      const many = Array.from({ length: 300 }, (_, i) => [1 + (i % 3)])
      yield { inputs: inputsOf(s, many, states), args: { p, states: states.length } }
      yield { inputs: inputsOf(s, LARGE, states), args: { p, states: states.length }, large: true }
    },
    call: (inputs, { p, states }) => {
      const groups = groupsOf(inputs, states)
      step(groups, p)
      return groups.flatMap(([param, , ...state]) => present([param as Tensor, ...state]))
    },
    accuracy: {
      roundings,
      composed,
      magnitude: (inputs, { p, states }) => {
        const run = (operands: readonly (Tensor | null)[]): Tensor[] => {
          const groups = groupsOf(operands, states)
          step(groups, p)
          return groups.flatMap(([param, , ...state]) => present([param as Tensor, ...state]))
        }
        return bySensitivity(inputs, states + 2, run)
      },
      ...(terms ? { terms } : {}),
    },
    gradient: null,
  }
}

export const updated = (group: (Tensor | null)[]) => ({ param: group[0] as Tensor, grad: group[1] as Tensor })
export const SIGNED: Domain = {}

/** Of sums over a tensor. */
export const longest: OpSpec['accuracy']['terms'] = (inputs) => Math.max(1, ...inputs.map((x) => x?.values.length ?? 0))
