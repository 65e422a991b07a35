/** Boxes that are too small, or not within their image, dropped. Definition: torchvision.transforms.v2.SanitizeBoundingBoxes. */

import { known } from '../check.js'
import type { TransformContext } from '../data/transform.js'
import { ValueError } from '../errors.js'
import { ge, le, mul, sub } from '../ops/binary.js'
import { bitwiseAnd } from '../ops/bitwise.js'
import { zerosLike } from '../ops/creation.js'
import { where } from '../ops/select.js'
import { reshape, select } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { type ImageBatch, withFields } from './batch.js'
import { checkedFields } from './change.js'

export interface SanitizeOptions {
  /** The least width and height in pixels. Default 1. */
  minSize?: number
  /** The least area in pixels. Default 1. */
  minArea?: number
}

/** The batch with `valid`. */
export type SanitizeTransform = <A extends ImageBatch>(
  batch: A,
  context?: TransformContext,
) => A & { readonly valid: Tensor }

/**
 * Marks boxes (n, m, 4) that are smaller, or reach beyond their image, as not there: `valid` (n, m), of bool, becomes false where it is
 * not already, and is made where it is missing; such boxes become zeros. Boxes keep their places, so that what else belongs to them,
 * as classes (n, m) or masks (n, m, h, w), need not move. To be called after transforms that move boxes.
 */
export function sanitizeBoundingBoxes(options: SanitizeOptions = {}): SanitizeTransform {
  const name = 'sanitizeBoundingBoxes'
  known(name, options, ['minSize', 'minArea'])
  const { minSize = 1, minArea = 1 } = options
  for (const [what, v] of Object.entries({ minSize, minArea }))
    if (!(v >= 0 && Number.isFinite(v)))
      throw new ValueError(`${name}: ${what} is ${v}; it is a number of pixels, at least 0`)
  return <A extends ImageBatch>(batch: A) => {
    const { image, boxes, valid } = checkedFields(name, batch)
    if (boxes === undefined) throw new ValueError(`${name}: takes a batch with the field 'boxes'`)
    const [h, w] = image.shape.slice(2) as [number, number]
    const [x1, y1, x2, y2] = [0, 1, 2, 3].map((i) => select(boxes, 2, i)) as [Tensor, Tensor, Tensor, Tensor]
    const [width, height] = [sub(x2, x1), sub(y2, y1)]
    const kept = [
      ge(width, minSize),
      ge(height, minSize),
      ge(mul(width, height), minArea),
      ge(x1, 0),
      ge(y1, 0),
      le(x2, w),
      le(y2, h),
      ...(valid === undefined ? [] : [valid]),
    ].reduce((a, b) => bitwiseAnd(a, b))
    return withFields(batch, {
      boxes: where(reshape(kept, [...kept.shape, 1]), boxes, zerosLike(boxes)),
      valid: kept,
    }) as A & { readonly valid: Tensor }
  }
}
