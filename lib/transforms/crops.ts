/** Several crops of each image, whose predictions are averaged. Definitions: torchvision.transforms.v2.FiveCrop and TenCrop. */

import { known } from '../check.js'
import { ShapeError } from '../errors.js'
import { horizontalFlip, verticalFlip } from '../image/crop.js'
import { concat, stack } from '../ops/join.js'
import { narrow } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { type FixedTransform, fieldsOf, type ImageBatch, refusePlaces, withFields } from './batch.js'
import type { Size } from './change.js'
import { roundEven, sizeOf } from './options.js'
import { middleStart } from './windows.js'

/**
 * Images (n, 5, c, ...size): the corners (upper left, upper right, lower left, lower right) and the middle. To be the last transform, as
 * others take (n, c, h, w): `flatten(0, 1)` gives a model its batch.
 *
 * @throws ShapeError, when called, for images that are smaller; ValueError with boxes, masks or keypoints
 */
export function fiveCrop(size: number | Size): FixedTransform {
  const to = sizeOf('fiveCrop', size)
  return (batch) => cropped('fiveCrop', batch, (x) => five('fiveCrop', x, to))
}

/** As fiveCrop, then the same of the images mirrored: (n, 10, c, ...size). `verticalFlip`: upside down instead. */
export function tenCrop(size: number | Size, options: { verticalFlip?: boolean } = {}): FixedTransform {
  known('tenCrop', options, ['verticalFlip'])
  const to = sizeOf('tenCrop', size)
  const mirrored = options.verticalFlip === true ? verticalFlip : horizontalFlip
  return (batch) =>
    cropped('tenCrop', batch, (x) => concat([five('tenCrop', x, to), five('tenCrop', mirrored(x), to)], 1))
}

function cropped<A extends ImageBatch>(name: string, batch: A, f: (x: Tensor) => Tensor): A {
  const fields = fieldsOf(name, batch)
  refusePlaces(name, fields)
  return withFields(batch, { image: f(fields.image) })
}

function five(name: string, x: Tensor, [oh, ow]: Size): Tensor {
  const [h, w] = x.shape.slice(2) as [number, number]
  if (oh > h || ow > w) throw new ShapeError(`${name}: crops of ${oh} x ${ow} from images of ${h} x ${w}`)
  const starts = [
    [0, 0],
    [0, w - ow],
    [h - oh, 0],
    [h - oh, w - ow],
    [middleStart(h, oh, roundEven), middleStart(w, ow, roundEven)],
  ] as const
  return stack(
    starts.map(([top, left]) => narrow(narrow(x, 2, top, oh), 3, left, ow)),
    1,
  )
}
