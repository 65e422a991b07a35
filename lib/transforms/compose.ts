/** Transforms one after the other, by chance, or one of several. Definitions: torchvision.transforms.v2. */

import { known } from '../check.js'
import type { BatchTransform, TransformContext } from '../data/transform.js'
import { scope } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import {
  checkContext,
  contextOf,
  continuing,
  eachRow,
  fieldsOf,
  grouped,
  type ImageBatch,
  type ImageTransform,
  mergeRows,
  takeRows,
} from './batch.js'
import { chance } from './options.js'

/**
 * The transforms in turn, of batches of any kind. Each sample's random numbers go on from one to the next, so that none draws what another
 * drew. Temporary tensors are freed; the batch that was given is not.
 */
export function compose(transforms: readonly BatchTransform[]): <A>(batch: A, context: TransformContext) => A {
  functions('compose', transforms)
  return (batch, context) =>
    scope(() => {
      const on = context && continuing(context)
      return transforms.reduce((b, transform) => transform(b, on), batch)
    })
}

/** With chance p (default 0.5) for each image, all of the transforms in turn, which must keep shape and dtype. */
export function randomApply(
  transforms: readonly BatchTransform[],
  { p = 0.5, ...rest }: { p?: number } = {},
): ImageTransform {
  const name = 'randomApply'
  known(name, rest, ['p'])
  functions(name, transforms)
  chance(name, p)
  return forSome(
    name,
    transforms.length,
    (random) => (random.uniform() < p ? 'all' : 'none'),
    (choice, batch, context) =>
      choice === 'all' ? transforms.reduce((b, transform) => transform(b, context), batch) : batch,
  )
}

export interface ChoiceOptions {
  /** Weights of the transforms, above or equal 0. Default: all alike. */
  p?: readonly number[]
  /** One choice for the whole batch, as mixUp or cutMix need; the batch's first image makes it. Default false: each image its own. */
  perBatch?: boolean
}

/** For each image one of the transforms, which must keep shape and dtype; unless for the whole batch. */
export function randomChoice(transforms: readonly BatchTransform[], options: ChoiceOptions = {}): ImageTransform {
  const name = 'randomChoice'
  known(name, options, ['p', 'perBatch'])
  functions(name, transforms)
  const { p = transforms.map(() => 1), perBatch = false } = options
  const total = p.reduce((sum, v) => sum + v, 0)
  if (p.length !== transforms.length || !p.every((v) => v >= 0) || !(total > 0 && Number.isFinite(total)))
    throw new ValueError(
      `${name}: p is [${p.join(', ')}] for ${transforms.length} transforms; it is a weight for each, not all 0`,
    )
  const choose = (random: { uniform(): number }): number => {
    let left = random.uniform() * total
    for (const [i, weight] of p.entries()) {
      if (left < weight) return i
      left -= weight
    }
    return p.findLastIndex((weight) => weight > 0)
  }
  if (!perBatch)
    return forSome(name, transforms.length, choose, (i, batch, context) =>
      (transforms[i] as BatchTransform)(batch, context),
    )
  return (batch, context) =>
    scope(() => {
      const n = rowsOf(name, batch)
      checkContext(name, context, n)
      if (n === 0) return batch
      const on = continuing(context)
      return (transforms[choose(on.random(0))] as BatchTransform)(batch, on)
    })
}

/** Groups of images by what was drawn for each, every group as a batch of its own. */
function forSome<K>(
  name: string,
  count: number,
  draw: (random: { uniform(): number }) => K,
  apply: <A extends ImageBatch>(key: K, batch: A, context: ReturnType<typeof continuing>) => A,
): ImageTransform {
  return (batch, context) =>
    scope(() => {
      const n = rowsOf(name, batch)
      checkContext(name, context, n)
      if (n === 0 || count === 0) return batch
      const on = continuing(context)
      const groups = [...grouped(eachRow(on, draw))]
      if (groups.length === 1) return apply((groups[0] as [K, number[]])[0], batch, on)
      const parts = groups.map(([key, rows]) => ({
        rows,
        batch: apply(key, takeRows(batch, rows, n), contextOf(on, rows)),
      }))
      return mergeRows(name, parts)
    })
}

const rowsOf = (name: string, batch: ImageBatch): number => fieldsOf(name, batch).image.shape[0] as number

function functions(name: string, transforms: readonly BatchTransform[]): void {
  if (!Array.isArray(transforms)) throw new ValueError(`${name}: takes a list of transforms, got ${typeof transforms}`)
  const odd = transforms.findIndex((t) => typeof t !== 'function')
  if (odd >= 0)
    throw new ValueError(
      `${name}: transform ${odd} is ${typeof transforms[odd]}; transforms are functions of (batch, context)`,
    )
}
