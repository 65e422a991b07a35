// Parts of a dataset: what is trained on and what is held out. Place in the whole: `data.validation` of a configuration as a share or a
// fold of `data.train`; a module of its own so that loader workers build their part themselves, from the module of the whole.
import { subset } from '../data/combine/samples.js'
import { sampleContext } from '../data/context.js'
import {
  type AnyDataset,
  buildDataset,
  type Dataset,
  type DatasetModule,
  isDatasetModule,
  isIterable,
} from '../data/dataset.js'
import { DataError } from '../data/errors.js'
import { ImageDataset } from '../data/readers/index.js'
import { groupKFold, kFold, splitIndices, stratifiedKFold } from '../data/splits.js'
import { Slice } from '../slice.js'
import { didYouMean } from '../suggest.js'

/** A share of the samples, drawn by the seed; with `stratify`, the same of each value of that field. */
export interface Holdout {
  readonly split: number
  readonly seed?: number
  readonly stratify?: string
}

/** One of several folds; with `groups`, whole groups of one value of that field. */
export interface FoldPart {
  readonly fold: number
  readonly folds: number
  readonly seed?: number
  /** Default true. */
  readonly shuffle?: boolean
  readonly stratify?: string
  readonly groups?: string
}

export type Part = Holdout | FoldPart

/** The dataset on this thread. */
export async function builtOf(dataset: AnyDataset | DatasetModule): Promise<AnyDataset> {
  const isThere = 'get' in dataset || 'iterate' in dataset
  return isThere || !isDatasetModule(dataset) ? (dataset as AnyDataset) : await buildDataset(dataset)
}

/**
 * What is trained with (`heldOut` false) or held out of `dataset`; of a DatasetModule, what workers can build.
 * @throws DataError for an iterable dataset, a field that samples do not have, and parts without samples
 */
export async function partOf(
  dataset: AnyDataset | DatasetModule,
  part: Part,
  heldOut: boolean,
): Promise<AnyDataset | DatasetModule> {
  const whole = await builtOf(dataset)
  if (isIterable(whole))
    throw new DataError(
      'DATA_OPTIONS',
      'an iterable dataset cannot be split: give data.validation a dataset of its own',
    )
  const { train, test } = await indicesOf(whole, part)
  const indices = heldOut ? test : train
  if (indices.length === 0)
    throw new DataError(
      'DATA_OPTIONS',
      `${whole.length} samples leave none ${heldOut ? 'to hold out' : 'to train with'}`,
    )
  if (!isDatasetModule(dataset)) return subset(whole, indices)
  const { module, export: exported, args } = dataset
  // Structured cloning takes neither a URL nor a class.
  const from = { module: String(module), ...(exported && { export: exported }), ...(args && { args }) }
  return { module: import.meta.url, export: 'modulePart', args: [from, indices] }
}

/** The samples `indices` of a dataset's module, on the thread that needs them. */
export async function modulePart(from: DatasetModule, indices: Uint32Array): Promise<Dataset> {
  return subset((await buildDataset(from)) as Dataset, indices)
}

async function indicesOf(dataset: Dataset, part: Part): Promise<{ train: Uint32Array; test: Uint32Array }> {
  const { seed = 0 } = part
  const stratify = part.stratify === undefined ? undefined : await valuesOf(dataset, part.stratify)
  if ('split' in part) {
    const { split } = part
    const options = { seed, ...(stratify !== undefined && { stratify }) }
    const [train, test] = splitIndices(dataset.length, [1 - split, split], options) as [Uint32Array, Uint32Array]
    return { train: train.sort(), test: test.sort() }
  }
  const { fold, folds, groups, shuffle = true } = part
  const options = { folds, shuffle, seed }
  const all =
    groups !== undefined
      ? groupKFold(await valuesOf(dataset, groups), options)
      : stratify !== undefined
        ? stratifiedKFold(stratify, options)
        : kFold(dataset.length, options)
  return all[fold] as { train: Uint32Array; test: Uint32Array }
}

/** A field of every sample, which are read once for it. */
async function valuesOf(dataset: Dataset, field: string): Promise<(number | string | bigint)[]> {
  // Images need not be decoded for their classes.
  if (dataset instanceof ImageDataset && field === 'label') return [...dataset.labels]
  const values: (number | string | bigint)[] = []
  const slice = new Slice()
  for (let i = 0; i < dataset.length; i++) {
    const sample = (await dataset.get(i, sampleContext(0, 0, i))) as Readonly<Record<string, unknown>>
    values.push(scalarOf(sample, field, i))
    await slice.rest()
  }
  return values
}

function scalarOf(sample: Readonly<Record<string, unknown>>, field: string, i: number): number | string | bigint {
  const names = Object.keys(sample)
  if (!names.includes(field))
    throw new DataError(
      'DATA_OPTIONS',
      `samples have no field '${field}'${didYouMean(field, names)} (${names.join(', ')})`,
    )
  const value = sample[field] as { data?: ArrayLike<number | bigint> } | number | string | bigint
  if (typeof value !== 'object') return value
  const data = ArrayBuffer.isView(value) ? (value as unknown as ArrayLike<number>) : value.data
  if (data?.length === 1) return data[0] as number | bigint
  throw new DataError('DATA_OPTIONS', `field '${field}' of sample ${i} is no single value`)
}
