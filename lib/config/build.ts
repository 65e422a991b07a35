// From a checked configuration to what a Trainer takes. Place in the whole: the order in which components are built, and what each is
// told of the others; the components themselves are the registry's.
import { device as deviceNamed } from '../engine/device.js'
import type { Module } from '../nn/module.js'
import { freeze, parametersMatching } from '../nn/select.js'
import { add } from '../ops/binary.js'
import { GradScaler } from '../optim/index.js'
import { penalty } from '../regularize/penalty.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Callback } from '../train/callback.js'
import type { OptimizerSetup } from '../train/optimizers.js'
import type { RunSetup } from '../train/run.js'
import './builtin.js'
import { Builder, type BuilderSettings } from './component.js'
import { Data, type PartName } from './data.js'
import { type Evaluated, evaluatePart, figuresOf } from './evaluation.js'
import type { ParamGroups } from './registry.js'
import type { Config } from './schema.js'
import { loadWeights } from './weights.js'

/** Of a quick run: steps, and batches of an evaluation. */
const QUICK = { steps: 2, batches: 2 }

/** A configuration's model with what evaluates it. */
interface Built {
  readonly model: Module
  readonly data: Data
  readonly evaluated: Omit<Evaluated, 'loader'>
}

async function builtModel(builder: Builder, config: Config, { seed, quick }: BuilderSettings): Promise<Built> {
  for (const [i, module] of (config.imports ?? []).entries()) {
    try {
      await import(builder.moduleUrl(module))
    } catch (cause) {
      throw builder.error(['imports', i], `${module} cannot be imported: ${(cause as Error).message}`, { cause })
    }
  }
  const device = await located(builder, ['device'], () => deviceNamed(config.device ?? 'cpu'))
  const model = await builder.build('model', config.model, ['model'], {})
  model.to(device)
  const data = new Data(builder, config.data, seed, device)
  const loss = await builder.build('loss', config.loss, ['loss'], { model })
  const figures = await figuresOf(builder, config.metrics ?? [])
  return { model, data, evaluated: { model, data, loss, figures, ...(quick && { limit: QUICK.batches }) } }
}

/** A run's setup. Everything random has been seeded before. */
export async function builtSetup(config: Config, settings: BuilderSettings): Promise<RunSetup<any>> {
  const builder = new Builder(settings)
  const { model, data, evaluated } = await builtModel(builder, config, settings)
  const { loss } = evaluated
  await located(builder, ['weights'], async () => {
    const { weights } = config
    if (weights === undefined) return
    const { file, ...options } = typeof weights === 'string' ? { file: weights } : weights
    await loadWeights(model, builder.resolve(file), options)
  })
  await located(builder, ['freeze'], () => {
    if (config.freeze !== undefined) freeze(model, config.freeze)
  })
  const loader = await data.training()
  const validation = data.parts.includes('validation') ? await data.evaluated('validation') : undefined
  const optimizer = await builtOptimizer(builder, config, model)
  const { clipNorm, clipValue, epochs, steps, scaler: scaling, ...trainer } = config.trainer
  const scaler = await located(builder, ['trainer', 'scaler'], () => scaling && new GradScaler(scaling))
  const length = settings.quick ? { steps: Math.min(QUICK.steps, steps ?? QUICK.steps) } : { epochs, steps }
  const schedule = await builtSchedule(builder, config, optimizer, await loader.batchCount())
  const callbacks: Callback[] = []
  for (const [i, spec] of (config.callbacks ?? []).entries())
    callbacks.push(await builder.build('callback', spec, ['callbacks', i], { model, optimizer }))
  const { penalty: strengths } = config
  const trained = () => [...model.parameters()].filter((parameter) => parameter.requiresGrad)
  return {
    model,
    data: loader,
    optimizer,
    ...schedule,
    ...defined({ clipNorm, clipValue, scaler, ...length, ...trainer }),
    callbacks,
    loss: (batch: unknown) => {
      const { input, target } = data.fields(batch)
      const value = loss(model.call(input), target, batch, model)
      return strengths === undefined ? value : add(value, penalty(trained(), strengths))
    },
    ...(validation !== undefined && { evaluate: () => evaluatePart({ ...evaluated, loader: validation }) }),
    throughput: { unit: 'samples', of: (batch: unknown) => data.fields(batch).count },
    close: () => data.close(),
  } as RunSetup<any>
}

/** A model of a configuration, and a function for its figures on a part of the data. */
export interface BuiltEvaluation {
  readonly model: Module
  readonly parts: readonly PartName[]
  readonly evaluate: (part: PartName) => Promise<Record<string, number>>
  readonly close: () => Promise<void>
}

export async function builtEvaluation(config: Config, settings: BuilderSettings): Promise<BuiltEvaluation> {
  const { model, data, evaluated } = await builtModel(new Builder(settings), config, settings)
  return {
    model,
    parts: data.parts,
    evaluate: async (part) => await evaluatePart({ ...evaluated, loader: await data.evaluated(part) }),
    close: () => data.close(),
  }
}

/** Groups by patterns over names: a parameter belongs to the first that names it, all others to one without options of its own. */
async function builtOptimizer(builder: Builder, config: Config, model: Module): Promise<OptimizerSetup['optimizer']> {
  const spec = config.optim
  const { groups, ...rest } = typeof spec === 'object' ? (spec as Record<string, unknown>) : {}
  const free = new Set<Tensor>([...model.parameters()].filter((parameter) => parameter.requiresGrad))
  if (free.size === 0) throw builder.error(['freeze'], 'every parameter is frozen: there is nothing to train')
  const params: ParamGroups = []
  if (groups !== undefined && !Array.isArray(groups))
    throw builder.error(['optim', 'groups'], 'expected a list of {params: pattern, ...options}')
  for (const [i, group] of ((groups ?? []) as unknown[]).entries()) {
    const path = ['optim', 'groups', i]
    const { params: pattern, ...options } = (typeof group === 'object' ? group : null) ?? ({} as any)
    if (typeof pattern !== 'string' && !(Array.isArray(pattern) && pattern.every((one) => typeof one === 'string')))
      throw builder.error(
        [...path, 'params'],
        "expected a pattern over the parameters' names, such as '**.bias', or a list",
      )
    const members = await located(builder, [...path, 'params'], () => parametersMatching(model, pattern))
    const own = members.map(([, parameter]) => parameter).filter((parameter) => free.delete(parameter))
    if (own.length > 0) params.push({ ...options, params: own })
  }
  if (free.size > 0) params.push({ params: [...free] })
  return await builder.build('optimizer', typeof spec === 'object' ? rest : spec, ['optim'], { model, params })
}

async function builtSchedule(
  builder: Builder,
  config: Config,
  optimizer: OptimizerSetup['optimizer'],
  batches: number | undefined,
): Promise<Partial<OptimizerSetup>> {
  const spec = config.scheduler
  if (spec === undefined) return {}
  const { every = 'step', monitor, ...rest } = typeof spec === 'object' ? (spec as Record<string, unknown>) : {}
  if (every !== 'step' && every !== 'epoch')
    throw builder.error(['scheduler', 'every'], `found ${String(every)}, expected 'step' or 'epoch'`)
  if (monitor !== undefined && typeof monitor !== 'string')
    throw builder.error(['scheduler', 'monitor'], `found ${String(monitor)}, expected the name of a figure`)
  const { steps, epochs, accumulate = 1 } = config.trainer
  const totalSteps = (): number => {
    const perEpoch = batches === undefined ? undefined : Math.ceil(batches / accumulate)
    const total =
      every === 'epoch'
        ? (epochs ?? (perEpoch && Math.ceil((steps as number) / perEpoch)))
        : (steps ?? (perEpoch && (epochs as number) * perEpoch))
    if (total) return total
    throw builder.error(
      ['scheduler'],
      'the data do not tell how many batches an epoch has: give the total, or trainer.steps',
    )
  }
  const scheduler = await builder.build('scheduler', typeof spec === 'object' ? rest : spec, ['scheduler'], {
    optimizer,
    totalSteps,
  })
  return defined({ scheduler, scheduleEvery: every, monitor })
}

/** Adds the place in the configuration to an error. */
async function located<T>(builder: Builder, path: readonly (string | number)[], run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw builder.error(path, (cause as Error).message, { cause })
  }
}

/** Without what is undefined. */
function defined<T extends object>(values: T): any {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
