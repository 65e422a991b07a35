// Indices of training, validation and test samples. Place in the whole: before loaders; `subset` makes datasets of them. Definitions:
// torch.utils.data.random_split, and scikit-learn's KFold, StratifiedKFold and GroupKFold.

import { filled, sequence } from '../filled.js'
import { subset } from './combine/samples.js'
import type { Dataset } from './dataset.js'
import { DataError } from './errors.js'
import { checkOptions, whole } from './options.js'
import { Random, shuffle, streamOf } from './random.js'

export interface SplitOptions {
  /** Default 0. */
  readonly seed?: number
  /** The class of each sample: every part gets its share of each class, to within a sample. */
  readonly stratify?: ArrayLike<number | string | bigint>
}

/**
 * Deals the indices 0 to length - 1 to parts at random, each part in a random order.
 *
 * @param parts fractions that sum to 1, or numbers of samples that sum to `length`
 * @throws DataError DATA_OPTIONS
 */
export function splitIndices(length: number, parts: readonly number[], options: SplitOptions = {}): Uint32Array[] {
  const name = 'randomSplit'
  checkOptions(name, options, ['seed', 'stratify'])
  const { seed = 0, stratify } = options
  whole(name, 'seed', seed, 0)
  if (stratify !== undefined && stratify.length !== length)
    throw new DataError('DATA_OPTIONS', `${name}: stratify has ${stratify.length} classes for ${length} samples`)
  const fractions = fractionsOf(name, length, parts)
  const random = new Random(seed, streamOf('split', 0))
  const order = sequence(length)
  shuffle(order, random)
  const chosen = fractions.map((): number[] => [])
  // What a part is owed of the classes before goes to it first, so that the parts' sizes come out too.
  const owed = fractions.map(() => 0)
  for (const group of groupsOf(order, stratify)) {
    let at = 0
    for (const [part, count] of shares(group.length, fractions, owed).entries()) {
      for (const index of group.slice(at, (at += count))) (chosen[part] as number[]).push(index)
    }
  }
  return chosen.map((part) => {
    const indices = Uint32Array.from(part)
    if (stratify !== undefined) shuffle(indices, random)
    return indices
  })
}

/** The datasets of `splitIndices`. */
export function randomSplit<S>(
  dataset: Dataset<S>,
  parts: readonly number[],
  options: SplitOptions = {},
): Dataset<S>[] {
  return splitIndices(dataset.length, parts, options).map((indices) => subset(dataset, indices))
}

function fractionsOf(name: string, length: number, parts: readonly number[]): number[] {
  const bad = parts.findIndex((part) => !(part >= 0 && part < Number.POSITIVE_INFINITY))
  if (bad >= 0)
    throw new DataError('DATA_OPTIONS', `${name}: part ${bad} is ${parts[bad]}, expected a number of at least 0`)
  const sum = parts.reduce((total, part) => total + part, 0)
  const counts = parts.every(Number.isInteger) && sum === length
  // A sum of decimal fractions is off by roundings.
  if (!counts && Math.abs(sum - 1) > parts.length * Number.EPSILON) {
    const message = `${name}: the parts ${parts.join(', ')} sum to ${sum}`
    throw new DataError('DATA_OPTIONS', `${message}, expected fractions that sum to 1, or ${length} samples in all`)
  }
  return counts ? parts.map((part) => (length === 0 ? 0 : part / length)) : [...parts]
}

/** Whole numbers that sum to `count`, as near as can be to the fractions and to what is owed. */
function shares(count: number, fractions: readonly number[], owed: number[]): number[] {
  const due = fractions.map((fraction, i) => fraction * count + (owed[i] as number))
  // A product such as 0.7 * 10 may come out just below the whole number that is meant.
  const counts = due.map((value) => Math.max(0, Math.floor(value + 1e-9)))
  let left = count - counts.reduce((sum, value) => sum + value, 0)
  const byRest = due.map((_, i) => i).sort((a, b) => restOf(b) - restOf(a))
  function restOf(i: number): number {
    return (due[i] as number) - (counts[i] as number)
  }
  for (const i of byRest) {
    if (left <= 0) break
    counts[i] = (counts[i] as number) + 1
    left--
  }
  // Too much was given where a part was owed less than nothing: it is taken from those that have most too much.
  for (const i of byRest.reverse()) {
    if (left >= 0) break
    const taken = Math.min(counts[i] as number, -left)
    counts[i] = (counts[i] as number) - taken
    left += taken
  }
  for (const i of owed.keys()) owed[i] = restOf(i)
  return counts
}

function groupsOf(order: Uint32Array, stratify: SplitOptions['stratify']): Uint32Array[] {
  if (stratify === undefined) return [order]
  const groups = new Map<unknown, number[]>()
  for (const index of order) {
    const group = groups.get(stratify[index])
    if (group === undefined) groups.set(stratify[index], [index])
    else group.push(index)
  }
  return [...groups.values()].map((group) => Uint32Array.from(group))
}

/** One of the turns of a cross-validation: the indices to train with, and those to test with, both ascending. */
export interface Fold {
  readonly train: Uint32Array
  readonly test: Uint32Array
}

export interface FoldOptions {
  /** At least 2. Default 5. */
  readonly folds?: number
  /** Deal samples to folds at random, by `seed`. Default false: as they stand. */
  readonly shuffle?: boolean
  /** Default 0. */
  readonly seed?: number
}

/** Folds of `length` samples, of sizes that differ by one at most. Each sample is tested with once. @throws DataError DATA_OPTIONS */
export function kFold(length: number, options: FoldOptions = {}): Fold[] {
  const { folds, random } = checkFolds('kFold', length, 'samples', options)
  const order = sequence(length)
  if (random !== undefined) shuffle(order, random)
  const foldOf = new Uint32Array(length)
  for (const [i, index] of order.entries()) {
    // The first folds have one more: fold f begins at f * floor(n / k) + min(f, n mod k).
    const small = Math.floor(length / folds)
    const larger = length % folds
    const within = i < larger * (small + 1)
    foldOf[index] = within ? Math.floor(i / (small + 1)) : Math.floor((i - larger) / small)
  }
  return foldsOf(foldOf, folds)
}

/** Folds with the same share of each class. @throws DataError DATA_OPTIONS also where no class has as many samples as there are folds */
export function stratifiedKFold(classes: ArrayLike<number | string | bigint>, options: FoldOptions = {}): Fold[] {
  const { folds, random } = checkFolds('stratifiedKFold', classes.length, 'samples', options)
  const numbers = new Map<unknown, number>()
  const of = filled(new Uint32Array(classes.length), (i) => {
    const label = classes[i]
    const number = numbers.get(label) ?? numbers.size
    numbers.set(label, number)
    return number
  })
  const sorted = of.slice().sort()
  // As scikit-learn: each fold takes every k-th of the classes in order, which says how many of a class it gets.
  const allocation = Array.from({ length: folds }, () => new Uint32Array(numbers.size))
  for (const [i, label] of sorted.entries()) (allocation[i % folds] as Uint32Array)[label]!++
  const most = Array.from({ length: numbers.size }, (_, label) => allocation.reduce((sum, row) => sum + row[label]!, 0))
  if (Math.max(...most) < folds) {
    const message = `stratifiedKFold: ${folds} folds, but the largest class has ${Math.max(...most)} samples`
    throw new DataError('DATA_OPTIONS', `${message}: take fewer folds`)
  }
  const queues = Array.from({ length: numbers.size }, (_, label) => {
    const queue = Uint32Array.from(allocation.flatMap((row, fold) => new Array<number>(row[label]!).fill(fold)))
    if (random !== undefined) shuffle(queue, random)
    return queue.values()
  })
  return foldsOf(
    of.map((label) => queues[label]?.next().value as number),
    folds,
  )
}

/**
 * Folds of whole groups (a patient's images, a speaker's sentences): no group is both trained and tested with. The largest group goes to
 * the smallest fold, and so on; `shuffle` draws which of equally large groups is first. @throws DataError DATA_OPTIONS
 */
export function groupKFold(groups: ArrayLike<number | string | bigint>, options: FoldOptions = {}): Fold[] {
  const members = new Map<unknown, number[]>()
  for (let i = 0; i < groups.length; i++) {
    const group = members.get(groups[i])
    if (group === undefined) members.set(groups[i], [i])
    else group.push(i)
  }
  const { folds, random } = checkFolds('groupKFold', members.size, 'groups', options)
  const order = sequence(members.size)
  if (random !== undefined) shuffle(order, random)
  const all = [...members.values()]
  const largestFirst = Array.from(order, (i) => all[i] as number[]).sort((a, b) => b.length - a.length)
  const sizes = new Uint32Array(folds)
  const foldOf = new Uint32Array(groups.length)
  for (const group of largestFirst) {
    const fold = sizes.indexOf(Math.min(...sizes))
    sizes[fold] = (sizes[fold] as number) + group.length
    for (const index of group) foldOf[index] = fold
  }
  return foldsOf(foldOf, folds)
}

function checkFolds(
  where: string,
  count: number,
  what: string,
  options: FoldOptions,
): { folds: number; random: Random | undefined } {
  checkOptions(where, options, ['folds', 'shuffle', 'seed'])
  const { folds = 5, shuffle = false, seed = 0 } = options
  whole(where, 'folds', folds, 2)
  whole(where, 'seed', seed, 0)
  if (folds > count) throw new DataError('DATA_OPTIONS', `${where}: ${folds} folds of ${count} ${what}: take fewer`)
  return { folds, random: shuffle ? new Random(seed, streamOf('split', 0)) : undefined }
}

function foldsOf(foldOf: Uint32Array, folds: number): Fold[] {
  const all = sequence(foldOf.length)
  return Array.from({ length: folds }, (_, fold) => ({
    train: all.filter((i) => foldOf[i] !== fold),
    test: all.filter((i) => foldOf[i] === fold),
  }))
}
