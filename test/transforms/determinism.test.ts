/** What a transform makes of a sample: a function of the seed, the epoch and the sample, whatever batch it is in. */
import { expect, test } from 'vitest'
import { DataLoader, disposeBatch, type TransformContext, transformContext } from '#lib/data/index.js'
import { type Tensor, tensor } from '#lib/index.js'
import * as T from '#lib/transforms/index.js'
import { numbers } from '../helpers/compare.js'
// @ts-expect-error: of JavaScript, as workers load it
import { picture } from './pictures.mjs'

// Enough pixels for equalizing to change them.
const [H, W] = [17, 19]
const imagesOf = (indices: readonly number[]): Tensor =>
  tensor(Uint8Array.from(indices.flatMap((i) => [...picture(i, [3, H, W])])), {
    shape: [indices.length, 3, H, W],
  }) as Tensor

const RANDOM: Readonly<Record<string, T.ImageTransform>> = {
  randomRotation: T.randomRotation(40),
  randomAffine: T.randomAffine({ degrees: 20, translate: [0.2, 0.1], scale: [0.8, 1.2], shear: 10 }),
  randomPerspective: T.randomPerspective(),
  randomHorizontalFlip: T.randomHorizontalFlip(),
  randomVerticalFlip: T.randomVerticalFlip(),
  randomCrop: T.randomCrop([7, 8], { padding: 2, paddingMode: 'reflect' }),
  randomResizedCrop: T.randomResizedCrop(6, { scale: [0.3, 1] }),
  randomApply: T.randomApply([T.randomHorizontalFlip(), T.randomRotation(10)]),
  randomChoice: T.randomChoice([T.randomHorizontalFlip(), T.randomRotation(10), T.randomPerspective()], {
    p: [1, 2, 0],
  }),
  colorJitter: T.colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.2 }),
  randomGrayscale: T.randomGrayscale({ p: 0.5 }),
  randomInvert: T.randomInvert(),
  randomPosterize: T.randomPosterize(3),
  randomSolarize: T.randomSolarize(0.5),
  randomAdjustSharpness: T.randomAdjustSharpness(2),
  randomAutocontrast: T.randomAutocontrast(),
  randomEqualize: T.randomEqualize(),
  gaussianBlur: T.gaussianBlur(3),
  gaussianNoise: T.gaussianNoise(),
  elasticTransform: T.elasticTransform({ sigma: 2 }),
  randomErasing: T.randomErasing({ scale: [0.1, 0.4] }),
  randAugment: T.randAugment(),
  trivialAugmentWide: T.trivialAugmentWide(),
  autoAugment: T.autoAugment({ policy: 'cifar10' }),
  augMix: T.augMix(),
  compose: T.compose([T.randomHorizontalFlip(), T.randomApply([T.randomVerticalFlip()]), T.randomRotation(30)]),
}

const made = (transform: T.ImageTransform, x: Tensor, context: TransformContext): number[][] => {
  const y = transform(x, context)
  return Array.from({ length: context.size }, (_, row) => [...numbers(y.select(0, row) as Tensor)])
}

test.each(Object.keys(RANDOM))('%s: a sample is the same in every batch', (name) => {
  const transform = RANDOM[name] as T.ImageTransform
  const all = Array.from({ length: 12 }, (_, i) => i)
  for (const dtype of ['u8', 'f32'] as const) {
    const of = (indices: readonly number[], seed = 5, epoch = 1): number[][] => {
      const x = imagesOf(indices)
      const images = dtype === 'u8' ? x : (x.to('f32').div(255) as Tensor)
      return made(transform, images, transformContext({ indices, seed, epoch }))
    }
    const whole = of(all)
    expect(new Set(whole.map(String)).size, 'images differ').toBeGreaterThan(6)
    for (const part of [[7], [3, 11, 0], [5, 5]]) expect(of(part)).toEqual(part.map((i) => whole[i]))
    expect(of(all, 6)).not.toEqual(whole)
    expect(of(all, 5, 2)).not.toEqual(whole)
  }
})

test.each(Object.keys(RANDOM))('%s: an empty batch', (name) => {
  const transform = RANDOM[name] as T.ImageTransform
  const [, ...shape] = transform(imagesOf([1]), transformContext({ indices: [1] })).shape
  expect(transform(imagesOf([]), transformContext({ indices: [] })).shape).toEqual([0, ...shape])
})

test('transforms in turn draw different numbers, and so does a transform twice', () => {
  const indices = Array.from({ length: 64 }, (_, i) => i)
  const context = transformContext({ indices })
  const x = tensor(
    Float32Array.from({ length: 64 * 4 }, (_, i) => i % 4),
    { shape: [64, 1, 2, 2] },
  ) as Tensor
  const twice = made(T.compose([T.randomHorizontalFlip(), T.randomVerticalFlip()]), x, context)
  expect(new Set(twice.map(String)).size).toBe(4)
  // With the same numbers for both, two flips would always cancel.
  const flips = made(T.compose([T.randomHorizontalFlip(), T.randomHorizontalFlip()]), x, context)
  expect(new Set(flips.map(String)).size).toBe(2)
})

test('the loader hands over the same images for any batch size and number of workers, epoch after epoch', async () => {
  const module = new URL('./pictures.mjs', import.meta.url)
  const transform = RANDOM['compose'] as T.ImageTransform
  const epochs = async (batchSize: number, workers: number): Promise<string[]> => {
    const options = { batchSize, workers, shuffle: true, seed: 3, transform }
    await using loader = new DataLoader({ module, args: [10, H, W] }, options)
    const images: string[] = []
    for (let epoch = 0; epoch < 2; epoch++)
      for await (const batch of loader) {
        const y = batch.image as Tensor
        for (let row = 0; row < (y.shape[0] as number); row++) images.push(String(numbers(y.select(0, row) as Tensor)))
        disposeBatch(batch)
      }
    return images
  }
  const expected = await epochs(10, 0)
  expect(new Set(expected).size).toBe(20)
  for (const [batchSize, workers] of [
    [1, 0],
    [4, 0],
    [3, 2],
  ] as const)
    expect(await epochs(batchSize, workers)).toEqual(expected)
})
