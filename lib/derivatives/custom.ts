/**
 * Functions with a gradient of their own. Place in the whole: how users put what they computed by hand into the graph; the
 * counterpart of torch.autograd.Function.
 */
import { gradMode, noGrad } from '../autograd/mode.js'
import { type GradRuleMany, recordMany, save } from '../autograd/node.js'
import { AutogradError, ShapeError, ValueError } from '../errors.js'
import { zeros } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import type { DType } from '../tensor/dtype.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** What forward hands to backward. */
export interface FunctionContext<S = unknown> {
  /** Keeps tensors (inputs, results or others) for backward, which finds them in `saved`. At most once. */
  save(...tensors: Tensor[]): void
  /** In backward: what forward saved. */
  readonly saved: readonly Tensor[]
  /** Anything else that backward needs: no tensors, which would live as long as the graph. */
  state: S | undefined
  /** Which arguments want a gradient, by position; other results of backward are ignored. */
  readonly needsGrad: readonly boolean[]
}

export interface FunctionDefinition<A extends readonly unknown[], R extends Tensor | readonly Tensor[], S> {
  /** Shown in messages, graphs and profiles. */
  name: string
  /** The computation; nothing in it is recorded. */
  forward(context: FunctionContext<S>, ...args: A): R
  /**
   * Gradients of the tensors among the arguments, in their order, from those of the results; null or undefined for none. It
   * is recorded where a further derivative is wanted, so written in differentiable operators it can be differentiated again.
   */
  backward(
    context: FunctionContext<S>,
    ...gradients: Tensor[]
  ): Tensor | null | undefined | readonly (Tensor | null | undefined)[]
}

/**
 * Makes a function with a gradient of its own.
 *
 *     const clip = defineFunction({
 *       name: 'straightThrough',
 *       forward: (context, x: Tensor) => x.round(),
 *       backward: (context, g) => g,
 *     })
 *
 * Results that forward gives are detached copies of handles; a result that nothing was computed from gets a gradient of
 * zeros in backward.
 *
 * @throws AutogradError in backward when the number of gradients is not that of the tensor arguments
 */
export function defineFunction<A extends readonly unknown[], R extends Tensor | readonly Tensor[], S = unknown>(
  definition: FunctionDefinition<A, R, S>,
): (...args: A) => R {
  const { name } = definition
  if (typeof definition.forward !== 'function' || typeof definition.backward !== 'function')
    throw new ValueError(`defineFunction: '${name}' needs forward and backward`)
  return (...args) => {
    const inputs = args.filter(isTensor)
    const context = new Context<S>(inputs.map((x) => x.requiresGrad))
    const given = noGrad(() => definition.forward(context, ...args))
    const list: readonly Tensor[] = isTensor(given) ? [given] : given
    // An input that is handed on becomes a result of its own.
    const results = list.map((y) => (inputs.includes(y) || y.requiresGrad ? y.detach() : y))
    if (gradMode.enabled && inputs.some((x) => x.requiresGrad)) recordResults(definition, context, inputs, results)
    context.forget()
    return (isTensor(given) ? results[0] : results) as R
  }
}

class Context<S> implements FunctionContext<S> {
  state: S | undefined
  readonly needsGrad: readonly boolean[]
  saved: readonly Tensor[] = []
  #given: readonly Tensor[] | null = []

  constructor(needsGrad: readonly boolean[]) {
    this.needsGrad = needsGrad
  }

  save(...tensors: Tensor[]): void {
    if (this.#given === null) throw new AutogradError('context.save: belongs into forward')
    if (this.#given.length > 0) throw new AutogradError('context.save: was called before; name all tensors in one call')
    this.#given = tensors
  }

  get given(): readonly Tensor[] {
    return this.#given ?? []
  }

  /** Forward is over: nothing here keeps a handle alive. */
  forget(): void {
    this.#given = null
  }
}

interface Like {
  shape: Shape
  dtype: DType
}
const likeOf = (t: Tensor): Like => ({ shape: t.shape, dtype: t.dtype })
const handleOf = (t: Tensor, results: readonly Tensor[]): Tensor => results.find((y) => y._id === t._id) ?? t

function recordResults<A extends readonly unknown[], R extends Tensor | readonly Tensor[], S>(
  definition: FunctionDefinition<A, R, S>,
  context: Context<S>,
  inputs: readonly Tensor[],
  results: readonly Tensor[],
): void {
  // What is saved of the results belongs to these handles.
  const saved = context.given.map((t) => save(handleOf(t, results)))
  const rule = ruleOf(definition, context, inputs.map(likeOf), results.map(likeOf))
  recordMany(definition.name, results, [...inputs], saved, rule)
}

// A function of its own: a rule must not keep handles alive through variables that closures share.
function ruleOf<A extends readonly unknown[], R extends Tensor | readonly Tensor[], S>(
  definition: FunctionDefinition<A, R, S>,
  context: Context<S>,
  inputs: readonly Like[],
  results: readonly Like[],
): GradRuleMany {
  const { name } = definition
  return (gs, saved) => {
    const { device } = gs.find((g) => g !== null) as Tensor
    const full = gs.map((g, i) => {
      const { shape, dtype } = results[i] as Like
      return g ?? zeros(shape, { dtype, device })
    })
    context.saved = saved
    let given: Tensor | null | undefined | readonly (Tensor | null | undefined)[]
    try {
      given = definition.backward(context, ...full)
    } finally {
      context.saved = []
    }
    const grads = Array.isArray(given) ? (given as readonly (Tensor | null | undefined)[]) : [given as Tensor | null]
    if (grads.length !== inputs.length)
      throw new AutogradError(`${name}: backward gave ${grads.length} gradients for ${inputs.length} tensor arguments`)
    return grads.map((g, i) => {
      if (!g || !context.needsGrad[i]) return null
      const { shape } = inputs[i] as Like
      if (!sameShape(g.shape, shape))
        throw new ShapeError(
          `${name}: backward gave a gradient ${show(g.shape)} for argument ${i}, which is ${show(shape)}`,
        )
      return g
    })
  }
}
