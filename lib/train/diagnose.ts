// Finds where a number that is not finite came from. Place in the whole: called once, when a guard is about to end a run: it runs the bad
// step again, from the same weights and random numbers, and looks at everything on the way.
import { detectAnomaly } from '../autograd/anomaly.js'
import { backward } from '../autograd/backward.js'
import { noGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { AnomalyError } from '../errors.js'
import type { Module } from '../nn/module.js'
import { defaultGenerator, type GeneratorState } from '../ops/random.js'
import { all } from '../ops/reduce.js'
import { isfinite } from '../ops/unary.js'
import { isComplex, isFloating } from '../tensor/dtype.js'
import { Tensor } from '../tensor/tensor.js'
import { measure } from './measure.js'
import type { StepContext, TrainerOptions } from './options.js'

/** A batch to run again, and the state of the random generator that it began with. */
export interface Replay<B> {
  readonly batch: B
  readonly random: GeneratorState
}

/** Something that was looked at: in the order of `found`, the first that is not finite is the culprit. */
interface Look {
  readonly what: string
  readonly finite: Promise<boolean>
}

/**
 * Runs batches again and says in words what is not finite first: a weight, the batch, a module's output, the loss or a gradient. Leaves
 * gradients behind, and running statistics that have seen the batches again.
 */
export async function diagnose<B>(
  options: TrainerOptions<B>,
  replays: readonly Replay<B>[],
  context: Omit<StepContext, 'update'>,
): Promise<string> {
  const { model } = options
  const weights = await first([...model.namedParameters()].flatMap(([name, t]) => look(`the parameter ${name}`, t)))
  if (weights !== undefined) return `${weights} was not finite before the step`
  const { state } = defaultGenerator
  try {
    for (const replay of replays) {
      const found = await replayed(options, replay, context)
      if (found !== undefined) return found
    }
  } finally {
    defaultGenerator.state = state
  }
  return 'everything is finite when the step is run again'
}

async function replayed<B>(
  options: TrainerOptions<B>,
  { batch, random }: Replay<B>,
  context: Omit<StepContext, 'update'>,
): Promise<string | undefined> {
  const { model } = options
  const given = await first(lookInto('the batch', batch))
  if (given !== undefined) return `${given} is not finite`
  const looks: Look[] = []
  const run = (update: StepContext['update']) => {
    defaultGenerator.state = random
    clearGradients(model)
    scope(() => void measure(options, batch, { ...context, update }))
  }
  const handles = [...model.namedModules()].map(([name, module]) =>
    module.registerForwardHook((_, __, result) => {
      const where = name === '' ? 'the model' : name
      looks.push(...lookInto(`${where} (${module.constructor.name})`, result))
    }),
  )
  try {
    run((loss) => {
      looks.push(...look('', loss))
      backward(loss)
    })
  } finally {
    for (const handle of handles) handle.remove()
  }
  const output = await first(looks)
  if (output === '') return 'every module’s output is finite, the loss is not: the loss function made it'
  if (output !== undefined) return `the first module with an output that is not finite is ${output}`
  // Backward goes from the last parameter to the first.
  const gradients = [...model.namedParameters()].reverse()
  const gradient = await first(gradients.flatMap(([name, { grad }]) => (grad === null ? [] : look(name, grad))))
  if (gradient === undefined) return undefined
  const where = `the forward pass is finite; the first parameter whose gradient is not is ${gradient}`
  try {
    detectAnomaly(() => run((loss) => backward(loss)))
  } catch (error) {
    if (error instanceof AnomalyError) return `${where} (${error.message})`
    throw error
  }
  return where
}

function clearGradients(model: Module): void {
  for (const parameter of model.parameters()) {
    parameter.grad?.dispose()
    parameter.grad = null
  }
}

/** A look at a tensor, begun now. */
function look(what: string, t: Tensor): Look[] {
  if (!isFloating(t.dtype) && !isComplex(t.dtype)) return []
  const flag = noGrad(() => scope(() => all(isfinite(t.detach()))))
  const finite = flag.item().then((value) => Number(value) === 1)
  finite.catch(() => {})
  flag.dispose()
  return [{ what, finite }]
}

/** Looks at every tensor of a value. */
function lookInto(what: string, value: unknown): Look[] {
  if (value instanceof Tensor) return look(what, value)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => lookInto(`${what}, its ${key}`, item))
}

/** The first that is not finite. */
async function first(looks: readonly Look[]): Promise<string | undefined> {
  for (const { what, finite } of looks) if (!(await finite)) return what
  return undefined
}
