/** Batches of small images augmented, each image with parameters of its own: what a loader's transform does. */
import { randint, type Tensor } from 'sinter'
import { transformContext } from 'sinter/data'
import {
  colorJitter,
  compose,
  type ImageTransform,
  normalize,
  randAugment,
  randomCrop,
  randomHorizontalFlip,
  randomResizedCrop,
} from 'sinter/transforms'
import { type Case, forwardOnly, product } from '../case.js'

const SHAPE = [256, 3, 32, 32] as const

const on = (name: string, transform: ImageTransform): Case => ({
  name: `augment.${name}.${SHAPE.join('x')}`,
  dtype: 'u8',
  bytes: 2 * product(SHAPE),
  prepare() {
    const x = randint(0, 256, SHAPE, { dtype: 'u8' }) as Tensor
    const indices = Array.from({ length: SHAPE[0] }, (_, i) => i)
    let epoch = 0
    return forwardOnly(() => transform(x, transformContext({ indices, epoch: epoch++ })))
  },
})

export const augment: readonly Case[] = [
  on('randAugment', randAugment()),
  on('jitter', colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 })),
  on('randomResizedCrop', randomResizedCrop(32)),
  on(
    'training',
    compose([
      randomCrop(32, { padding: 4 }),
      randomHorizontalFlip(),
      randAugment(),
      normalize({ mean: [0.491, 0.482, 0.447], std: [0.247, 0.243, 0.262] }),
    ]),
  ),
]
