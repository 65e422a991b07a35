// Layer normalisation of images' channels. Place in the whole: ConvNeXt and what follows it; names and defaults are PyTorch's LayerNorm.
import { ShapeError } from '../errors.js'
import { permute } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { LayerNorm, type LayerNormOptions } from './norm.js'

/**
 * Normalises the channels of each position: (N, C, H, W) to the same shape, a view of memory that lies channels-last, which convolutions
 * of one group read as it is. Definition: torchvision's LayerNorm2d.
 */
export class LayerNorm2d extends LayerNorm {
  constructor(channels: number, options: LayerNormOptions = {}) {
    super(channels, options)
  }

  override forward(x: Tensor): Tensor {
    if (x.rank !== 4 || x.shape[1] !== this.shape[0])
      throw new ShapeError(`LayerNorm2d: takes (n, ${this.shape[0]}, h, w), found ${show(x.shape)}`)
    return permute(super.forward(permute(x, [0, 2, 3, 1])), [0, 3, 1, 2])
  }
}
