/**
 * Automatic augmentation: a few random operations for each image, without or with a learnt policy. Definitions: torchvision's RandAugment,
 * TrivialAugmentWide and AutoAugment, but that boxes, masks and keypoints may be there and move along. Images of bytes, or from 0 to 1,
 * of 1 or 3 channels.
 */

import { known } from '../check.js'
import type { Random } from '../data/random.js'
import { ValueError } from '../errors.js'
import { checkChannels } from '../image/images.js'
import { type Operation, type OperationName, operated } from './autoOperations.js'
import { type AutoAugmentPolicy, POLICIES } from './autoPolicies.js'
import { type Entry, type Space, type SpaceName, spaceOf } from './autoSpaces.js'
import { checkContext, eachRow, fieldsOf, type ImageTransform } from './batch.js'
import type { Size } from './change.js'
import { WARP, type WarpOptions } from './geometry.js'
import { interpolationOf, oneOf, whole } from './options.js'

export interface RandAugmentOptions extends WarpOptions {
  /** Operations in turn. Default 2. */
  numOps?: number
  /** The number of the magnitude of all operations, below numMagnitudeBins. Default 9. */
  magnitude?: number
  /** Default 31. */
  numMagnitudeBins?: number
}

/** numOps random operations for each image, all of one magnitude (Cubuk et al., "RandAugment", 2020). */
export function randAugment(options: RandAugmentOptions = {}): ImageTransform {
  const name = 'randAugment'
  known(name, options, ['numOps', 'magnitude', 'numMagnitudeBins', ...WARP])
  const count = whole(name, 'numOps', options.numOps ?? 2, 0)
  const bins = whole(name, 'numMagnitudeBins', options.numMagnitudeBins ?? 31, 2)
  const magnitude = whole(name, 'magnitude', options.magnitude ?? 9, 0)
  if (magnitude >= bins)
    throw new ValueError(`${name}: magnitude ${magnitude} of ${bins} (numMagnitudeBins); they count from 0`)
  return augmented(name, options, name, bins, (random, space) =>
    Array.from({ length: count }, () => drawn(random, anyOf(space, random), magnitude)),
  )
}

export interface TrivialAugmentOptions extends WarpOptions {
  /** Default 31. */
  numMagnitudeBins?: number
}

/** One random operation of random magnitude for each image (Mueller and Hutter, "TrivialAugment", 2021; the wide space). */
export function trivialAugmentWide(options: TrivialAugmentOptions = {}): ImageTransform {
  const name = 'trivialAugmentWide'
  known(name, options, ['numMagnitudeBins', ...WARP])
  const bins = whole(name, 'numMagnitudeBins', options.numMagnitudeBins ?? 31, 2)
  return augmented(name, options, name, bins, (random, space) => {
    const entry = anyOf(space, random)
    return [drawn(random, entry, random.int(bins))]
  })
}

export interface AutoAugmentOptions extends WarpOptions {
  /** The data set that it was found for: 'imagenet' (default), 'cifar10' or 'svhn'. */
  policy?: AutoAugmentPolicy
}

/** One of a policy's pairs of operations for each image, each operation with its probability. */
export function autoAugment(options: AutoAugmentOptions = {}): ImageTransform {
  const name = 'autoAugment'
  known(name, options, ['policy', ...WARP])
  const names = Object.keys(POLICIES) as AutoAugmentPolicy[]
  const pairs = policyOf(oneOf(name, 'policy', options.policy ?? 'imagenet', names))
  return augmented(name, options, name, 10, (random, space) => {
    const pair = pairs[random.int(pairs.length)] as (typeof pairs)[number]
    return pair.map(({ name, p, magnitude }) => {
      const entry = space.find((e) => e.name === name) as Entry
      return random.uniform() < p ? drawn(random, entry, magnitude) : IDENTITY
    })
  })
}

export interface PolicyStep {
  name: OperationName
  p: number
  magnitude: number
}

/** The pairs of a policy. */
export function policyOf(policy: AutoAugmentPolicy): PolicyStep[][] {
  return POLICIES[policy].map((pair) =>
    pair.split(', ').map((step) => {
      const [name, p, magnitude] = step.split(' ')
      return { name: name as OperationName, p: Number(p), magnitude: Number(magnitude ?? 0) }
    }),
  )
}

export const IDENTITY: Operation = { name: 'Identity', magnitude: 0 }

export const anyOf = (space: Space, random: Random): Entry => space[random.int(space.length)] as Entry

/** An operation with the magnitude of a number, and a random sign where it has one. */
export function drawn(random: Random, { name, magnitudes, signed }: Entry, number: number): Operation {
  const size = magnitudes === null ? 0 : (magnitudes[number] as number)
  return { name, magnitude: signed && random.uniform() < 0.5 ? -size : size }
}

/** Lists of operations for each image, all of one length, applied in turn. */
function augmented(
  name: string,
  { interpolation = 'nearest', fill, maskFill }: WarpOptions,
  space: SpaceName,
  bins: number,
  draw: (random: Random, space: Space) => Operation[],
): ImageTransform {
  const how = { interpolation: interpolationOf(name, interpolation), fill, maskFill }
  return (batch, context) => {
    const { image } = fieldsOf(name, batch)
    // Some operations take no others: refused whatever is drawn.
    checkChannels(name, image)
    const [n, , h, w] = image.shape as [number, number, number, number]
    checkContext(name, context, n)
    const table = spaceOf(space, bins, [h, w] as Size)
    const lists = eachRow(context, (random) => draw(random, table))
    const count = lists[0]?.length ?? 0
    let result = batch
    for (let k = 0; k < count; k++)
      result = operated(
        name,
        result,
        lists.map((list) => list[k] as Operation),
        how,
      )
    return result
  }
}
