// A layer's weight in packed form, kept while nobody writes to it. Place in the whole: layers whose product has a constant right
// operand in eval mode.
import { autocasting } from '../autograd/mode.js'
import { needsGrad } from '../autograd/node.js'
import { type PackedMatrix, packMatrix } from '../ops/packed.js'
import { Batched } from '../tensor/batched.js'
import type { Tensor } from '../tensor/tensor.js'

/** A product with one row reads the weight once either way, and a small one gains nothing. */
const FEWEST_ROWS = 2
const SMALLEST = 1 << 14

export class PackedWeight {
  /** Whether weights lie (out, in). */
  readonly #transposed: boolean
  #matrix: PackedMatrix | null = null
  /** The weight's storage and the writes to it when it was last seen. */
  #id = 0
  #version = -1

  /** For weights (out, in), or with `transposed` false (in, out). */
  constructor({ transposed = true }: { transposed?: boolean } = {}) {
    this.#transposed = transposed
  }

  /** What a module's walk over its tensors must find. */
  get panels(): Tensor | null {
    return this.#matrix?._panels ?? null
  }

  /**
   * The packed form of `weight` for a product with x (..., in), or null where the product should read the weight itself: while
   * gradients are recorded, in an autocast, for few rows, and at the first call after a write, since a weight that changes at every call is not worth
   * packing.
   */
  of(weight: Tensor, x: Tensor, bias: Tensor | null, residual: Tensor | null = null): PackedMatrix | null {
    if (weight.numel < SMALLEST || x.numel < FEWEST_ROWS * (x.shape[x.rank - 1] as number)) return null
    if (needsGrad(weight, x, bias) || (residual && needsGrad(residual))) return null
    if ([x, weight, residual].some((t) => t instanceof Batched)) return null
    if (autocasting.frame || x.dtype !== weight.dtype || x.device !== weight.device) return null
    const version = weight._stream.version(weight._id)
    if (weight._id !== this.#id || version !== this.#version) {
      this.drop()
      this.#id = weight._id
      this.#version = version
      return null
    }
    this.#matrix ??= packMatrix(weight, { transposed: this.#transposed })
    return this.#matrix
  }

  drop(): void {
    this.#matrix?.dispose()
    this.#matrix = null
    this.#version = -1
  }
}
