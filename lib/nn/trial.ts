// A call of a model to look at it. Place in the whole: summary.ts and graph.ts make their arguments here, and leave the model as it was.
import { ValueError } from '../errors.js'
import { zeros } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { defaultGenerator } from '../ops/random.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Module } from './module.js'

/** An argument of a model: a tensor, or the shape (and dtype) of one, which is then made of zeros. */
export type TrialInput = Tensor | Shape | { readonly shape: Shape; readonly dtype?: DType }

/**
 * What a model is called with: one input, or the list of its arguments, in which what is neither tensor nor shape is handed on as it is:
 * options, null. A list of numbers is a shape, but not in a list that has tensors or {shape} in it.
 */
export type TrialInputs = TrialInput | readonly unknown[]

/** @param dtype of shapes without one; default that of the model's floating-point parameters, f32 without any */
export function argumentsOf(who: string, model: Module, inputs: TrialInputs, dtype?: DType): unknown[] {
  const usual = dtype ?? [...model.parameters()].find((p) => isFloating(p.dtype))?.dtype ?? 'f32'
  const makeSpec = (x: unknown): unknown => (isSpec(x) ? zeros(x.shape, { dtype: x.dtype ?? usual }) : x)
  const make = (x: unknown): unknown => (isShape(x) ? zeros(x, { dtype: usual }) : makeSpec(x))
  if (isTensor(inputs) || isShape(inputs) || isSpec(inputs)) return [make(inputs)]
  if (Array.isArray(inputs)) return inputs.map(inputs.some((x) => isTensor(x) || isSpec(x)) ? makeSpec : make)
  throw new ValueError(
    `${who}: inputs are a ${typeof inputs}; expected a tensor, a shape such as [1, 3, 224, 224], {shape, dtype}, or a list of arguments`,
  )
}

const isShape = (x: unknown): x is Shape =>
  Array.isArray(x) && x.length > 0 && x.every((dim) => typeof dim === 'number')

function isSpec(x: unknown): x is { shape: Shape; dtype?: DType } {
  if (typeof x !== 'object' || x === null || isTensor(x) || !('shape' in x)) return false
  return Array.isArray(x.shape) && Object.keys(x).every((key) => key === 'shape' || key === 'dtype')
}

/** Runs `fn` with the model in eval mode; afterwards every module has its mode again, and random numbers go on where they were. */
export function undisturbed<T>(model: Module, fn: () => T): T {
  const modes = [...model.modules()].map((module) => [module, module.training] as const)
  const random = defaultGenerator.state
  model.eval()
  try {
    return fn()
  } finally {
    for (const [module, training] of modes) module.training = training
    defaultGenerator.state = random
  }
}
