// Loaders from a configuration. Place in the whole: between `data` of the configuration and lib/data; made for training, for
// validation and for `sinter eval`.
import { type AnyDataset, type DatasetModule, isDatasetModule, isIterable } from '../data/dataset.js'
import { DataLoader } from '../data/loader.js'
import type { BatchTransform } from '../data/transform.js'
import { SinterError } from '../errors.js'
import { didYouMean } from '../suggest.js'
import { compose } from '../transforms/index.js'
import type { Builder } from './component.js'
import { builtOf, type Part, partOf } from './parts.js'
import type { Component, DataConfig } from './schema.js'
import type { Path } from './source.js'

/** The parts that can be evaluated. */
export const PARTS = ['train', 'validation', 'test'] as const
export type PartName = (typeof PARTS)[number]

const BATCH_SIZE = 32

export class Data {
  readonly #builder: Builder
  readonly #config: DataConfig
  readonly #seed: number
  readonly #device: string
  readonly #loaders: DataLoader[] = []

  constructor(builder: Builder, config: DataConfig, seed: number, device: string) {
    this.#builder = builder
    this.#config = config
    this.#seed = seed
    this.#device = device
  }

  /** Which of the parts there are. */
  get parts(): PartName[] {
    return PARTS.filter((part) => this.#config[part] !== undefined)
  }

  async training(): Promise<DataLoader> {
    const { batchSize = BATCH_SIZE, dropLast = false, transforms } = this.#config
    const dataset = await this.#dataset('train')
    const shuffle = this.#config.shuffle ?? !(!isDatasetModule(dataset) && isIterable(dataset))
    const transform = await this.#transform(transforms, ['data', 'transforms'])
    return this.#loader(dataset, { batchSize, dropLast, shuffle, ...transform })
  }

  /** A part in its own order, with the evaluation's transforms. */
  async evaluated(part: PartName): Promise<DataLoader> {
    const { batchSize = BATCH_SIZE, evaluation = {} } = this.#config
    const transform = await this.#transform(evaluation.transforms, ['data', 'evaluation', 'transforms'])
    return this.#loader(await this.#dataset(part), { batchSize: evaluation.batchSize ?? batchSize, ...transform })
  }

  /** What goes into the model, and what the loss takes. */
  fields(batch: unknown): { input: any; target: any; count: number } {
    const values = (typeof batch === 'object' && batch !== null ? batch : {}) as Readonly<Record<string, unknown>>
    const names = Object.keys(values)
    const [first, second] = names.length === 2 ? names : []
    const find = (what: 'input' | 'target', otherwise: string | undefined): unknown => {
      const name = this.#config[what] ?? otherwise
      const has = names.length === 0 ? 'is no object' : `has ${names.join(', ')}`
      if (name === undefined)
        throw this.#builder.error(['data', what], `a batch ${has}: say which field is the ${what}`)
      if (!(name in values))
        throw this.#builder.error(['data', what], `a batch has no '${name}'${didYouMean(name, names)} (it ${has})`)
      return values[name]
    }
    const [input, target] = [find('input', first), find('target', second)]
    const shape = (target as { shape?: readonly number[] }).shape ?? (input as { shape?: readonly number[] }).shape
    return { input, target, count: shape?.[0] ?? 1 }
  }

  async close(): Promise<void> {
    await Promise.all(this.#loaders.map((loader) => loader.close()))
  }

  async #dataset(part: PartName): Promise<AnyDataset | DatasetModule> {
    const { train, validation } = this.#config
    const held = isPart(validation) ? validation : undefined
    if (held === undefined || part === 'test')
      return await this.#build(this.#config[part] as Component<'dataset'>, ['data', part])
    const whole = await this.#build(train, ['data', 'train'])
    try {
      return await partOf(whole, held, part === 'validation')
    } catch (cause) {
      if (!(cause instanceof SinterError)) throw cause
      throw this.#builder.error(['data', 'validation'], cause.message, { cause })
    }
  }

  /** A module's dataset is left to the workers where there are some. */
  async #build(spec: Component<'dataset'>, path: Path): Promise<AnyDataset | DatasetModule> {
    const { workers = 0 } = this.#config
    if (workers > 0 && typeof spec === 'object' && 'module' in spec) {
      const { module, export: exported, ...options } = spec
      const from = { module: this.#builder.moduleUrl(String(module)), args: [options] }
      return exported === undefined ? from : { ...from, export: String(exported) }
    }
    const built = await this.#builder.build('dataset', spec, path, {})
    return workers === 0 ? await builtOf(built) : built
  }

  async #transform(
    specs: readonly Component<'transform'>[] | undefined,
    path: Path,
  ): Promise<{ transform?: BatchTransform }> {
    if (specs === undefined || specs.length === 0) return {}
    const transforms: BatchTransform[] = []
    for (const [i, spec] of specs.entries())
      transforms.push(await this.#builder.build('transform', spec, [...path, i], {}))
    const [only] = transforms
    return { transform: transforms.length === 1 ? (only as BatchTransform) : compose(transforms) }
  }

  #loader(
    dataset: AnyDataset | DatasetModule,
    options: { batchSize: number; dropLast?: boolean; shuffle?: boolean; transform?: BatchTransform },
  ): DataLoader {
    const { workers = 0, prefetch = 2, onError, maxErrors } = this.#config
    const errors = { ...(onError !== undefined && { onError }), ...(maxErrors !== undefined && { maxErrors }) }
    const loader = new DataLoader(dataset, {
      ...options,
      ...errors,
      workers,
      prefetch,
      seed: this.#seed,
      device: this.#device,
    })
    this.#loaders.push(loader)
    return loader
  }
}

const isPart = (validation: DataConfig['validation']): validation is Part =>
  typeof validation === 'object' && ('split' in validation || 'fold' in validation)
