/**
 * Parts of images erased by chance. Definition: torchvision.transforms.v2.RandomErasing (Zhong et al., "Random Erasing Data Augmentation",
 * 2020). Boxes, masks and keypoints stay as they are: what is hidden is still there.
 */

import { known } from '../check.js'
import type { Random } from '../data/random.js'
import { ShapeError, ValueError } from '../errors.js'
import type { Box } from '../image/crop.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { where } from '../ops/select.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkContext, eachRow, fieldsOf, type ImageTransform, onRows, withFields } from './batch.js'
import { normalRows, seedOf } from './noise.js'
import { chance, positiveRange, rangeOf, roundEven } from './options.js'
import { insideRectangles } from './rectangles.js'

export interface ErasingOptions {
  /** Default 0.5. */
  p?: number
  /** The least and the largest share of the image's area. Default [0.02, 0.33]. */
  scale?: readonly [number, number]
  /** The least and the largest height over width. Default [0.3, 3.3]. */
  ratio?: readonly [number, number]
  /** The colour, in the images' units: a number or one for each channel; 'random': standard normal noise, for images after `normalize`. Default 0. */
  value?: number | readonly number[] | 'random'
}

/**
 * With chance p, a rectangle of each image of random area, proportion and place erased. An image for which ten rectangles do not fit
 * stays as it is.
 */
export function randomErasing(options: ErasingOptions = {}): ImageTransform {
  const name = 'randomErasing'
  known(name, options, ['p', 'scale', 'ratio', 'value'])
  const p = chance(name, options.p ?? 0.5)
  const scale = rangeOf(name, 'scale', options.scale ?? [0.02, 0.33], 0, 1)
  const ratio = positiveRange(name, 'ratio', options.ratio ?? [0.3, 3.3])
  const { value = 0 } = options
  const colour: readonly number[] | null = value === 'random' ? null : typeof value === 'number' ? [value] : value
  if (colour !== null && !(Array.isArray(colour) && colour.length > 0 && colour.every(Number.isFinite)))
    throw new ValueError(`${name}: value is ${String(value)}; it is a number, one for each channel, or 'random'`)
  return (batch, context) => {
    const { image } = fieldsOf(name, batch)
    const [n, c, h, w] = image.shape as [number, number, number, number]
    checkContext(name, context, n)
    if (colour !== null && colour.length !== 1 && colour.length !== c)
      throw new ShapeError(`${name}: a value of ${colour.length} numbers for images of ${c} channels`)
    if (image.dtype === 'u8' && colour?.some((v) => !Number.isInteger(v) || v < 0 || v > 255))
      throw new ValueError(
        `${name}: value is [${colour.join(', ')}]; for images of bytes it is whole numbers from 0 to 255`,
      )
    if (colour === null && image.dtype === 'u8')
      throw new ValueError(
        `${name}: value 'random' is standard normal noise, for images after normalize; these are bytes`,
      )
    const drawn = eachRow(context, (random) => {
      const box = random.uniform() < p ? rectangleOf(random, h, w, scale, ratio) : null
      return box === null ? null : { box, seed: seedOf(random) }
    })
    const erased = (x: Tensor, rows: readonly number[]): Tensor => {
      const mine = rows.map((row) => drawn[row] as { box: Box; seed: number })
      const inside = insideRectangles(
        mine.map(({ box }) => box),
        x,
      )
      const fill =
        colour === null
          ? cast(
              normalRows(
                mine.map(({ seed }) => seed),
                x,
              ),
              x.dtype,
            )
          : (tensor([...colour], { shape: [1, colour.length, 1, 1], dtype: x.dtype, device: x.device }) as Tensor)
      return where(inside, fill, x)
    }
    const which = drawn.map((d) => d !== null)
    return withFields(batch, { image: which.includes(true) ? onRows(name, image, which, erased) : image })
  }
}

function rectangleOf(
  random: Random,
  h: number,
  w: number,
  scale: readonly [number, number],
  ratio: readonly [number, number],
): Box | null {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = h * w * random.between(...scale)
    const aspect = Math.exp(random.between(Math.log(ratio[0]), Math.log(ratio[1])))
    const [height, width] = [roundEven(Math.sqrt(area * aspect)), roundEven(Math.sqrt(area / aspect))]
    if (height < h && width < w)
      return { top: random.int(h - height + 1), left: random.int(w - width + 1), height, width }
  }
  return null
}
