/**
 * Functions made of pointwise operators, run as one. Place in the whole: what users call; trace.ts makes programs of their functions,
 * and native code runs those in one pass over memory.
 */

import { grad } from '../autograd/grad.js'
import { enableGrad, gradMode } from '../autograd/mode.js'
import { recordMany, save } from '../autograd/node.js'
import { DTypeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { isTensor, makeMany, sameDevice } from '../ops/emit.js'
import { sumTo } from '../ops/reduce.js'
import { expand } from '../ops/views.js'
import { isComplex, isFloating } from '../tensor/dtype.js'
import { broadcastShapes, numelOf, type Shape, sameShape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { MAX_VALUES } from './program.js'
import { TRACING } from './recorder.js'
import { type Body, type Trace, trace } from './trace.js'

/** Programs that a function keeps: one for each combination of dtypes and shape. */
const MOST_TRACES = 64

const hasGradient = (t: Tensor): boolean => isFloating(t.dtype) || isComplex(t.dtype)

/** A body with its traces and its gradients, which are chains too. */
class Chain {
  readonly #body: Body
  readonly #traces = new Map<string, Trace>()
  readonly #gradients = new Map<string, Chain>()

  constructor(body: Body) {
    this.#body = body
  }

  /** Its results, recorded where a gradient is wanted; whether the function gave an array. */
  run(operands: readonly Tensor[]): { results: (Tensor | null)[]; many: boolean } {
    const [first] = operands as [Tensor]
    for (const t of operands) sameDevice('fuse', first, t)
    const shape = operands.reduce<Shape>((s, t) => broadcastShapes('fuse', s, t.shape), [])
    const t = this.#traced(operands, shape)
    const computed = t.program.dtypes.length === 0 ? [] : launch(t, operands, shape)
    const results = t.results.map((r) => {
      if (r === null) return null
      return 'result' in r ? (computed[r.result] as Tensor) : handedOn(operands[r.operand] as Tensor, shape)
    })
    if (gradMode.enabled && operands.some((x) => x.requiresGrad)) this.#record(operands, computed, t)
    return { results, many: t.many }
  }

  #traced(operands: readonly Tensor[], shape: Shape): Trace {
    const key = `${operands.map((t) => t.dtype)} ${shape}`
    let found = this.#traces.get(key)
    if (found === undefined) {
      found = trace(
        this.#body,
        operands.map((t) => t.dtype),
        shape,
      )
      const [oldest] = this.#traces.keys()
      if (oldest !== undefined && this.#traces.size >= MOST_TRACES) this.#traces.delete(oldest)
    } else this.#traces.delete(key)
    this.#traces.set(key, found)
    return found
  }

  #record(operands: readonly Tensor[], computed: readonly Tensor[], t: Trace): void {
    if (!computed.some(hasGradient)) return
    const wanted = operands.map((x) => x.requiresGrad)
    const shapes = operands.map((x) => x.shape)
    // The function's first result that each of the program's is.
    const places = computed.map((_, i) => t.results.findIndex((r) => r !== null && 'result' in r && r.result === i))
    const saved = operands.map(save)
    recordMany('fuse', computed, [...operands], saved, (gs, saved) => {
      const given = gs.flatMap((g, i) => (g === null ? [] : [places[i] as number]))
      const { results } = this.#gradient(wanted, given).run([...saved, ...gs.filter((g) => g !== null)])
      let next = 0
      return wanted.map((yes, i) => {
        const g = yes ? (results[next++] as Tensor | null) : null
        return g && sumTo(g, shapes[i] as Shape)
      })
    })
  }

  /** The chain of the gradients of the wanted operands, from the operands and the gradients of the results `given`. */
  #gradient(wanted: readonly boolean[], given: readonly number[]): Chain {
    const key = `${wanted} ${given}`
    let found = this.#gradients.get(key)
    if (found === undefined) {
      found = new Chain(gradientOf(this.#body, wanted, given))
      this.#gradients.set(key, found)
    }
    return found
  }
}

/**
 * The function that gives the gradients of another one by its own rules. Where gradients are recorded around it, as in the trace of its
 * own gradient, its pass is recorded too.
 */
function gradientOf(body: Body, wanted: readonly boolean[], given: readonly number[]): Body {
  return (...all) => {
    const count = wanted.length
    const createGraph = gradMode.enabled && all.some((t) => t.requiresGrad)
    const leaves = all
      .slice(0, count)
      .map((x, i) => (wanted[i] && !x.requiresGrad ? (x.detach().requiresGrad_() as Tensor) : x))
    const ys = enableGrad(() => body(...leaves))
    const list = Array.isArray(ys) ? (ys as readonly (Tensor | null)[]) : [ys as Tensor]
    // Results that no operand reaches, such as a number's, have no gradient to hand on.
    const roots = given.flatMap((place, k) => {
      const y = list[place]
      return y?.requiresGrad ? [{ y, g: all[count + k] as Tensor }] : []
    })
    const inputs = leaves.filter((_, i) => wanted[i])
    if (roots.length === 0) return inputs.map(() => null)
    return grad(
      roots.map((r) => r.y),
      inputs,
      { gradOutputs: roots.map((r) => r.g), createGraph, allowUnused: true },
    )
  }
}

function launch(t: Trace, operands: readonly Tensor[], shape: Shape): Tensor[] {
  const { program } = t
  const specs = program.dtypes.map((dtype) => ({ dtype, shape }))
  const read = program.operands.map((i) => operands[i] as Tensor)
  return makeMany('fuse', OP.pointwiseChain, specs, read, program.attributes, t.ns * numelOf(shape) * 0.5)
}

const handedOn = (x: Tensor, shape: Shape): Tensor => (sameShape(x.shape, shape) ? x : expand(x, shape))

/**
 * Makes one operator of a function of pointwise operators: arithmetic, comparisons, `where`, casts, and all elementary, activation
 * and special functions.
 *
 *     const swish = fuse((x: Tensor, b: Tensor) => x.add(b).sigmoid().mul(x))
 *     const y = swish(x, b)
 *
 * The function is traced: called once for each combination of dtypes and shape, on operands that have the shape to which all broadcast
 * and no values. What it computed is then run in one pass over memory, without the tensors between: each operand is read once, each
 * result written once. Every step computes and rounds as the operator alone does, so results are the same. On CUDA it becomes one
 * kernel, compiled when it is first used.
 *
 * Gradients of any order are those of the function's operators; the backward pass is fused too, and computes again what it needs of the
 * forward pass, of which only the operands are kept. Autocast does not reach inside; a cast does.
 *
 * @returns a function of tensors (not of numbers) that gives what `fn` gives: a tensor, or an array of tensors
 * @throws ValueError in a call when `fn` is not pointwise, reads values, or uses tensors that are none of its operands
 */
export function fuse<A extends readonly Tensor[], R extends Tensor | readonly Tensor[]>(
  fn: (...operands: A) => R,
): (...operands: A) => R {
  if (typeof fn !== 'function') throw new ValueError('fuse: takes a function of tensors')
  const body = fn as unknown as Body
  const chain = new Chain(body)
  return (...operands) => {
    if (operands.length === 0) throw new ValueError('fuse: the function needs an operand')
    if (operands.length > MAX_VALUES / 2)
      throw new ValueError(`fuse: ${operands.length} operands; at most ${MAX_VALUES / 2} are possible`)
    for (const t of operands)
      if (!isTensor(t))
        throw new DTypeError(
          `fuse: takes tensors, got ${t === null ? 'null' : typeof t}; write numbers inside the function`,
        )
    // Inside a function that is traced itself, its steps become that one's.
    if (operands.some((t) => t.device === TRACING)) return fn(...operands)
    const { results, many } = chain.run(operands)
    return (many ? results : results[0]) as R
  }
}
