// Names that configurations may use. Place in the whole: builtin.ts registers the library's, users add theirs with `register`; one
// table a process.
import type { AnyDataset, DatasetModule } from '../data/dataset.js'
import type { BatchTransform } from '../data/transform.js'
import { ValueError } from '../errors.js'
import type { Metric } from '../metrics/metric.js'
import type { Module } from '../nn/module.js'
import type { ReduceLROnPlateau } from '../optim/schedulers/plateau.js'
import type { Scheduler } from '../optim/schedulers/scheduler.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Callback } from '../train/callback.js'
import type { OptimizerSetup } from '../train/optimizers.js'

/** What a component was given beside its name. */
export type Options = Readonly<Record<string, unknown>>

/** The loss of a batch, one number: what the model made of the input, and the target; besides, the whole batch and the model. */
export type LossFunction = (output: any, target: any, batch: any, model: Module) => Tensor

/** Parameters as optimizers take them. */
export type ParamGroups = { readonly params: readonly Tensor[]; readonly [option: string]: unknown }[]

/** What a metric of a configuration can do: `Metric` of sinter/metrics whose `update` takes targets and outputs. */
export type ConfigMetric = Pick<Metric<any>, 'compute' | 'reset'> & { update(targets: any, outputs: any): void }

/** Each kind of component: what it is, and what its factory is told. */
export interface Kinds {
  model: { value: Module; context: object }
  dataset: { value: AnyDataset<any> | DatasetModule; context: object }
  transform: { value: BatchTransform; context: object }
  loss: { value: LossFunction; context: { readonly model: Module } }
  optimizer: { value: OptimizerSetup['optimizer']; context: { readonly model: Module; readonly params: ParamGroups } }
  scheduler: {
    value: Scheduler | ReduceLROnPlateau
    context: {
      readonly optimizer: OptimizerSetup['optimizer']
      /** How often it moves on in the run. @throws ConfigError where the data do not tell their length */
      readonly totalSteps: () => number
    }
  }
  metric: { value: ConfigMetric; context: object }
  callback: { value: Callback; context: { readonly model: Module; readonly optimizer: OptimizerSetup['optimizer'] } }
}

export type Kind = keyof Kinds

/** What every factory is told. */
export type Context<K extends Kind> = Kinds[K]['context'] & {
  readonly seed: number
  /** A short run was asked for. */
  readonly quick: boolean
  /** The path of a file that an option names, relative to the configuration's folder. */
  readonly resolve: (path: string) => string
  /** Builds a component that stands in this one's options under `field`, such as a transform's own transforms. */
  readonly build: <C extends Kind>(
    kind: C,
    spec: unknown,
    field: string | readonly (string | number)[],
    context?: Kinds[C]['context'],
  ) => Promise<Kinds[C]['value']>
}

/** Makes a component from its options, and checks them. */
export type Factory<K extends Kind> = (
  options: Options,
  context: Context<K>,
) => Kinds[K]['value'] | Promise<Kinds[K]['value']>

const KINDS = ['model', 'dataset', 'transform', 'loss', 'optimizer', 'scheduler', 'metric', 'callback'] as const
const tables = Object.fromEntries(KINDS.map((kind) => [kind, new Map()])) as {
  [K in Kind]: Map<string, Factory<K>>
}

/**
 * Adds a name: `register('model', 'TwoTowers', (options) => new TwoTowers(options))`.
 * @throws ValueError for another kind, and for a name that is taken by another factory
 */
export function register<K extends Kind>(kind: K, name: string, factory: Factory<K>): void {
  const table = tables[kind] as Map<string, Factory<K>> | undefined
  if (table === undefined)
    throw new ValueError(`register: there is no kind '${String(kind)}'; there are ${KINDS.join(', ')}`)
  if (name === '') throw new ValueError(`register: a ${kind} without a name`)
  if (typeof factory !== 'function') throw new ValueError(`register: the factory of ${kind} '${name}' is no function`)
  const old = table.get(name)
  if (old !== undefined && old !== factory)
    throw new ValueError(`register: there is a ${kind} '${name}' already: choose another name`)
  table.set(name, factory)
}

/** The names of a kind, sorted. */
export function registered(kind: Kind): string[] {
  return [...tables[kind].keys()].sort()
}

export function factoryOf<K extends Kind>(kind: K, name: string): Factory<K> | undefined {
  return tables[kind].get(name)
}
