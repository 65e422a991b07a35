// Parts of a dataset: what is trained on and what is held out. Place in the whole: a module of its own so that loader workers build
// their part themselves, from the module of the whole.
import {
  type AnyDataset,
  buildDataset,
  type Dataset,
  type DatasetModule,
  isDatasetModule,
  isIterable,
} from '../data/dataset.js'
import { DataError } from '../data/errors.js'
import { Random, shuffle } from '../data/random.js'

/** Which samples: the share `split`, drawn by `seed`, is held out. */
export interface Part {
  readonly split: number
  readonly seed: number
  readonly heldOut: boolean
}

/** A part of `dataset`; of a DatasetModule, one that workers can build. */
export function partOf(dataset: AnyDataset | DatasetModule, part: Part): AnyDataset | DatasetModule {
  if (isDatasetModule(dataset)) return { module: import.meta.url, export: 'modulePart', args: [plain(dataset), part] }
  return chosen(dataset, part)
}

/** The same of a dataset's module, on the thread that needs it. */
export async function modulePart(dataset: DatasetModule, part: Part): Promise<AnyDataset> {
  return chosen(await buildDataset(dataset), part)
}

/** Structured cloning takes no URL. */
const plain = (from: DatasetModule): DatasetModule => ({ ...from, module: String(from.module) })

function chosen(dataset: AnyDataset, { split, seed, heldOut }: Part): Dataset {
  if (isIterable(dataset))
    throw new DataError('DATA_OPTIONS', 'split: an iterable dataset cannot be split: give data.validation a dataset')
  const order = Uint32Array.from({ length: dataset.length }, (_, i) => i)
  shuffle(order, new Random(seed))
  const count = Math.round(dataset.length * split)
  const indices = (heldOut ? order.subarray(0, count) : order.subarray(count)).slice().sort()
  if (indices.length === 0) {
    const what = heldOut ? 'nothing for validation' : 'nothing to train on'
    throw new DataError('DATA_OPTIONS', `split: ${split} of ${dataset.length} samples leaves ${what}`)
  }
  const { getBatch, collate } = dataset
  return {
    length: indices.length,
    get: (index, context) => dataset.get(indices[index] as number, context),
    ...(getBatch && {
      getBatch: (some, context) =>
        getBatch.call(
          dataset,
          some.map((index) => indices[index] as number),
          context,
        ),
    }),
    ...(collate && { collate: collate.bind(dataset) }),
  }
}
