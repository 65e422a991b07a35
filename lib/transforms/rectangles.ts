/** Rectangles of pixels, one for each image. Place in the whole: where randomErasing and cutMix change images. */
import type { Box } from '../image/crop.js'
import { ge, lt } from '../ops/binary.js'
import { bitwiseAnd } from '../ops/bitwise.js'
import { arange, tensor } from '../ops/creation.js'
import { reshape } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'

/** Bool (n, 1, h, w) for images (n, c, h, w): whether a pixel lies in its image's rectangle. */
export function insideRectangles(boxes: readonly Box[], like: Tensor): Tensor {
  const [n, , h, w] = like.shape as [number, number, number, number]
  const options = { dtype: 'i32', device: like.device } as const
  // Places along one axis, laid out in `shape`, that lie in each image's part of it: (n, ...).
  const along = (size: number, shape: readonly number[], start: keyof Box, length: keyof Box): Tensor => {
    const places = reshape(arange(size, undefined, 1, options), shape)
    const bound = (of: (box: Box) => number): Tensor =>
      tensor(Int32Array.from(boxes, of), { shape: [n, 1, 1, 1], device: like.device }) as Tensor
    const from = bound((box) => box[start])
    return bitwiseAnd(
      ge(places, from),
      lt(
        places,
        bound((box) => box[start] + box[length]),
      ),
    )
  }
  return bitwiseAnd(along(h, [1, 1, h, 1], 'top', 'height'), along(w, [1, 1, 1, w], 'left', 'width'))
}
