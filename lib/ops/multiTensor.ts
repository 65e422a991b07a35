/**
 * Commands over many tensors in groups: what the optimizers' steps (optimize.ts, optimizeByTensor.ts) and the gradients' norm
 * (gradientNorm.ts) share. A step's group is a parameter, its gradient, and the rule's state; native/ops.def has the dtypes.
 */
import { DTypeError, ShapeError } from '../errors.js'
import { isFloating } from '../tensor/dtype.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { mutate } from './emit.js'
import { defaultGenerator } from './random.js'

export type Operands = readonly (Tensor | null | undefined)[]

/** Groups a command may have: more are split over several commands. */
const GROUPS_PER_COMMAND = 256
/** Operands that native code makes contiguous for one command; a group has fewer. */
const STRIDED_PER_COMMAND = 16

/**
 * A count of steps, from 1, of which those that the device left out are taken off there: `skipped` is one f32 (see writesUnless in
 * conditional.ts).
 */
export interface CountedStep {
  readonly attempts: number
  readonly skipped: Tensor
}
export type StepCount = number | CountedStep

/** A command's attributes, one of which may be a count of steps. */
export type StepAttributes = readonly StepCount[]

/** A parameter and its gradient; the rounded copy of a parameter that is kept in f32. */
export interface Updated {
  readonly param: Tensor
  readonly grad: Tensor
  /** Where `param` is f32 and the gradient bf16 or f16: takes the new parameter, rounded to the gradient's dtype. */
  readonly low?: Tensor | null
  /**
   * A parameter in bf16 or f16 is rounded to one of the two numbers beside its new value, the nearer one as much more often, by
   * numbers of the default generator: its mean is the new value. Default false: to the nearest one.
   */
  readonly stochastic?: boolean
}

/** @throws DTypeError, ShapeError unless parameter, gradient and rounded copy go together */
export function checkUpdated(name: string, { param, grad, low }: Updated): void {
  const half = param.dtype === 'f32' && (grad.dtype === 'bf16' || grad.dtype === 'f16')
  if (!isFloating(param.dtype) || (grad.dtype !== param.dtype && !half)) {
    const rule = 'both of one floating-point dtype, or a gradient in bf16 or f16 for a parameter in f32'
    throw new DTypeError(`${name}: a ${param.dtype} parameter with a ${grad.dtype} gradient; it takes ${rule}`)
  }
  if (low && low.dtype !== grad.dtype)
    throw new DTypeError(`${name}: the rounded parameter is ${low.dtype}, not ${grad.dtype} as its gradient`)
  for (const t of [grad, low]) {
    if (t && !sameShape(t.shape, param.shape))
      throw new ShapeError(`${name}: a parameter ${show(param.shape)} with a gradient or state ${show(t.shape)}`)
  }
}

/** @throws DTypeError, ShapeError unless a state has this shape and dtype */
export function checkState(name: string, state: Tensor | null | undefined, dtype: string, shape: Shape): void {
  if (!state) return
  if (state.dtype !== dtype) throw new DTypeError(`${name}: state in ${state.dtype}, expected ${dtype}`)
  if (!sameShape(state.shape, shape))
    throw new ShapeError(`${name}: a state of shape ${show(state.shape)}, expected ${show(shape)}`)
}

/**
 * The commands of a step: groups of operands of which those at `written` are written; `ns`: run time an element. Groups of
 * different dtypes, such as a model's with norms in f32 and the rest in bf16, go into commands of their own. `tail`: further attributes
 * of a command.
 */
export function emitGroups(
  name: string,
  op: number,
  groups: readonly Operands[],
  written: readonly number[],
  attributes: StepAttributes,
  ns: number,
  tail?: (part: readonly Operands[]) => readonly number[],
): void {
  const counted = attributes.findIndex((x) => typeof x !== 'number')
  const step = attributes[counted] as CountedStep | undefined
  const less = step && { index: counted, by: step.skipped }
  const numbers = attributes.map((x) => (typeof x === 'number' ? x : x.attempts))
  for (const alike of byDTypes(groups)) {
    for (let from = 0; from < alike.length; ) {
      const part = alike.slice(from, endOfCommand(alike, from))
      from += part.length
      // Plain loops: a training loop passes here with hundreds of tensors a step, beside threads that compute.
      const operands: (Tensor | null | undefined)[] = []
      const touched: Tensor[] = []
      let n = 0
      for (const group of part) {
        n += (group[0] as Tensor).numel
        for (const t of group) operands.push(t)
        for (const k of written) if (group[k]) touched.push(group[k])
      }
      const all = tail ? [...numbers, ...tail(part)] : numbers
      mutate(name, op, operands, touched, all, n * ns, less)
    }
  }
}

/** The groups by their parameters' and gradients' dtypes, which a command has one of. */
function byDTypes(groups: readonly Operands[]): Iterable<readonly Operands[]> {
  const [first] = groups
  if (groups.every((g) => g[0]?.dtype === first?.[0]?.dtype && g[1]?.dtype === first?.[1]?.dtype)) return [groups]
  const alike = new Map<string, Operands[]>()
  for (const group of groups) {
    const key = `${group[0]?.dtype} ${group[1]?.dtype}`
    const list = alike.get(key)
    if (list) list.push(group)
    else alike.set(key, [group])
  }
  return alike.values()
}

/** How far the groups of one command reach. */
function endOfCommand(groups: readonly Operands[], from: number): number {
  let strided = 0
  let to = from
  for (; to < groups.length && to < from + GROUPS_PER_COMMAND; to++) {
    for (const t of groups[to] as Operands) if (t && !t.isContiguous) strided++
    if (strided > STRIDED_PER_COMMAND) break
  }
  return to
}

/** Elements of the pieces that native code cuts tensors into, each with random numbers of its own (native/cpu/optim/pieces.h). */
const PIECE = 32768

/** What ends the attributes of a step: how its parameters are rounded. */
function roundingOf(stochastic: boolean, part: readonly Operands[]): readonly number[] {
  const dtype = part[0]?.[0]?.dtype
  if (!stochastic || (dtype !== 'bf16' && dtype !== 'f16')) return [0, 0, -1]
  const pieces = part.reduce((n, g) => n + Math.ceil((g[0] as Tensor).numel / PIECE), 0)
  return defaultGenerator.take((pieces * PIECE) / 4)
}

/** The commands of a step; `operands` are the groups' (parameter, gradient, rounded copy, state). */
export function emitUpdates(
  name: string,
  op: number,
  groups: readonly Updated[],
  operands: readonly Operands[],
  attributes: StepAttributes,
  ns: number,
): void {
  const written = operands[0]?.map((_, k) => k).filter((k) => k !== 1) ?? []
  const mixed = groups.some((group) => group.stochastic)
  for (const stochastic of mixed ? [false, true] : [false]) {
    const part = mixed ? operands.filter((_, i) => (groups[i]?.stochastic ?? false) === stochastic) : operands
    emitGroups(name, op, part, written, attributes, ns, (command) => roundingOf(stochastic, command))
  }
}

/** A parameter of one step, and the rule's state of it. */
export interface Stepped extends Updated {
  readonly state: Operands
}

/** A step whose state has the parameter's dtype and shape: operands parameter, gradient, rounded copy, state. */
export function emitStep(
  name: string,
  op: number,
  groups: readonly Stepped[],
  attributes: StepAttributes,
  ns = 0.5,
): void {
  for (const group of groups) {
    checkUpdated(name, group)
    for (const t of group.state) checkState(name, t, group.param.dtype, group.param.shape)
  }
  const operands = groups.map(({ param, grad, low, state }) => [param, grad, low ?? null, ...state])
  emitUpdates(name, op, groups, operands, attributes, ns)
}
