// Sliding windows as layers. Place in the whole: operators of lib/ops as modules. Shapes: N samples, C channels, H and W height and
// width, kh and kw the window's; a sample may come without N.

import { known } from '../check.js'
import { type FoldOptions, fold, unfold } from '../ops/fold.js'
import type { Pair } from '../ops/spatial.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'

const OPTIONS = ['stride', 'padding', 'dilation'] as const

/** Every window of (N, C, H, W) as a column: (N, C kh kw, windows). */
export class Unfold extends Module {
  readonly size: Pair
  readonly options: FoldOptions

  constructor(size: Pair, options: FoldOptions = {}) {
    super()
    known('Unfold', options, OPTIONS)
    this.size = size
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return unfold(x, this.size, this.options)
  }
}

/** Images (N, C, H, W) of `outputSize` from columns (N, C kh kw, windows); what windows share is added. */
export class Fold extends Module {
  readonly outputSize: Pair
  readonly size: Pair
  readonly options: FoldOptions

  constructor(outputSize: Pair, size: Pair, options: FoldOptions = {}) {
    super()
    known('Fold', options, OPTIONS)
    this.outputSize = outputSize
    this.size = size
    this.options = options
  }

  override forward(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.size, this.options)
  }
}
