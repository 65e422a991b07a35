/**
 * Operators from outside. Place in the whole: users name a shape rule, a kernel (from a shared object, or composed of other
 * operators) and a gradient; the result is called like any operator of Sinter's, and nothing in the engine changes.
 */
import { defineFunction, type FunctionContext } from '../derivatives/custom.js'
import { AutogradError, DTypeError, ShapeError, ValueError } from '../errors.js'
import { loadNative } from '../native/load.js'
import { isTensor, makeMany } from '../ops/emit.js'
import { checkDType, type DType } from '../tensor/dtype.js'
import { checkShape, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** What a shape rule sees of a tensor, and says of a result. */
export interface TensorSpec {
  shape: Shape
  dtype: DType
}

/** A kernel of a loaded library. What it reports as an error is an ExecutionError SINTER_KERNEL. */
export interface NativeKernel {
  readonly name: string
  readonly opcode: number
}

/**
 * Opens a shared object made against native/include/sinter_operator.h and gives its kernels by name. The library stays loaded;
 * opening it again, from any thread, gives the same kernels. It runs in this process with all its rights: load what you trust.
 *
 * @throws SinterError SINTER_UNSUPPORTED when it cannot be opened, has no operators, or was made for another interface version
 */
export function loadOperators(path: string): ReadonlyMap<string, NativeKernel> {
  if (typeof path !== 'string' || path === '') throw new ValueError('loadOperators: takes the path of a shared object')
  const pairs = loadNative().loadOperators(path)
  const kernels = new Map<string, NativeKernel>()
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] as string
    kernels.set(name, { name, opcode: pairs[i + 1] as number })
  }
  return kernels
}

export interface GradientContext<A> {
  readonly inputs: readonly Tensor[]
  readonly results: readonly Tensor[]
  readonly args: A
  /** Which inputs want a gradient. */
  readonly needsGrad: readonly boolean[]
}

export interface OperatorDefinition<A> {
  name: string
  /** Shapes and dtypes of the results; throws a ShapeError, DTypeError or ValueError for inputs that do not fit. */
  shape(inputs: readonly TensorSpec[], args: A): TensorSpec | readonly TensorSpec[]
  /** The computation: a kernel from loadOperators, or a function composed of operators. */
  compute: NativeKernel | ((inputs: readonly Tensor[], args: A) => Tensor | readonly Tensor[])
  /** What a native kernel gets of the arguments. */
  attributes?(args: A): readonly number[]
  /**
   * Gradients of the inputs, null for none, from those of the results; written in differentiable operators it can be
   * differentiated again. Without it a composed operator has the gradient of what it is composed of, and a native one none:
   * asking for it throws.
   */
  gradient?(context: GradientContext<A>, ...gradients: Tensor[]): readonly (Tensor | null)[]
  /** Estimated nanoseconds an element of the results, by which the engine decides where to run it. Default 1. */
  cost?: number
}

/** Inputs first, then the arguments; operators with one result give it, others an array. */
export type CustomOperator<A> = (inputs: readonly Tensor[], args: A) => readonly Tensor[]

/**
 * Makes an operator: `op([x, y], args)` gives its results.
 *
 * @throws ShapeError, DTypeError in a call when a composed computation gives something else than its shape rule says
 */
export function defineOperator<A = undefined>(definition: OperatorDefinition<A>): CustomOperator<A> {
  const { name, compute } = definition
  if (typeof name !== 'string' || name === '') throw new ValueError('defineOperator: needs a name')
  if (typeof definition.shape !== 'function') throw new ValueError(`defineOperator: '${name}' needs a shape rule`)
  if (typeof compute !== 'function' && typeof compute?.opcode !== 'number')
    throw new ValueError(`defineOperator: '${name}' computes by a function or by a kernel of loadOperators`)
  const forward = (inputs: readonly Tensor[], args: A): readonly Tensor[] => {
    const specs = resultsOf(definition, inputs, args)
    return typeof compute === 'function'
      ? composed(name, specs, compute(inputs, args))
      : native(definition, compute, specs, inputs, args)
  }
  const { gradient } = definition
  if (!gradient && typeof compute === 'function') return checked(name, forward)
  const differentiable = defineFunction({
    name,
    forward(context: FunctionContext<{ args: A; inputs: number }>, args: A, ...inputs: Tensor[]): readonly Tensor[] {
      const results = forward(inputs, args)
      context.state = { args, inputs: inputs.length }
      context.save(...inputs, ...results)
      return results
    },
    backward(context, ...gradients) {
      if (!gradient)
        throw new AutogradError(`${name}: has no gradient; give defineOperator one, or call it inside noGrad`)
      const { args, inputs } = context.state as { args: A; inputs: number }
      const { saved, needsGrad } = context
      return gradient({ inputs: saved.slice(0, inputs), results: saved.slice(inputs), args, needsGrad }, ...gradients)
    },
  })
  return checked(name, (inputs, args) => differentiable(args, ...inputs))
}

const checked =
  <A>(name: string, run: CustomOperator<A>): CustomOperator<A> =>
  (inputs, args) => {
    if (!Array.isArray(inputs) || !inputs.every(isTensor) || inputs.length === 0)
      throw new ValueError(`${name}: takes an array of tensors and its arguments`)
    return run(inputs, args)
  }

const list = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? (x as readonly T[]) : [x as T])

function resultsOf<A>(definition: OperatorDefinition<A>, inputs: readonly Tensor[], args: A): readonly TensorSpec[] {
  const seen = inputs.map(({ shape, dtype }) => ({ shape, dtype }))
  const specs = list(definition.shape(seen, args))
  for (const spec of specs) {
    checkShape(definition.name, spec.shape)
    checkDType(spec.dtype)
  }
  return specs
}

function composed(name: string, specs: readonly TensorSpec[], given: Tensor | readonly Tensor[]): readonly Tensor[] {
  const results = list(given)
  if (results.length !== specs.length)
    throw new ValueError(`${name}: computed ${results.length} results, its shape rule has ${specs.length}`)
  specs.forEach(({ shape, dtype }, i) => {
    const y = results[i] as Tensor
    if (!sameShape(y.shape, shape))
      throw new ShapeError(`${name}: result ${i} is ${show(y.shape)}, by its shape rule ${show(shape)}`)
    if (y.dtype !== dtype) throw new DTypeError(`${name}: result ${i} is ${y.dtype}, by its shape rule ${dtype}`)
  })
  return results
}

function native<A>(
  definition: OperatorDefinition<A>,
  kernel: NativeKernel,
  specs: readonly TensorSpec[],
  inputs: readonly Tensor[],
  args: A,
): readonly Tensor[] {
  const elements = specs.reduce((n, { shape }) => n + shape.reduce((k, d) => k * d, 1), 0)
  const ns = elements * (definition.cost ?? 1)
  return makeMany(definition.name, kernel.opcode, specs, inputs, definition.attributes?.(args) ?? [], ns)
}
