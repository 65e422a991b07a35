// Spectral normalisation. Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks". Place in the whole: a
// parametrization; names are those of torch.nn.utils.parametrizations.spectral_norm. Shapes: the weight as a matrix, R rows, C columns.
import { noGrad } from '../autograd/mode.js'
import { known, positive } from '../check.js'
import { isRecomputing } from '../derivatives/checkpoint.js'
import { scope } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import { div } from '../ops/binary.js'
import { clone } from '../ops/convert.js'
import { copy_ } from '../ops/inplace.js'
import { dot, mv } from '../ops/products.js'
import { randn } from '../ops/random.js'
import { normalize } from '../ops/similarity.js'
import { permute, reshape, transpose } from '../ops/views.js'
import { normalizeAxis } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from './conv.js'
import { Module } from './module.js'
import { Buffer } from './parameter.js'
import { type Parametrization, registerParametrization } from './parametrize.js'

/** Steps of the power method before the first use. */
const FIRST_ITERATIONS = 15

/** A weight to itself over its largest singular value, which the power method follows while the weight is trained. */
class SpectralNorm extends Module implements Parametrization {
  static override readonly stateNames = { u: '_u', v: '_v' }
  /** The first left singular vector (R), nearly; null for vectors, whose norm is exact. */
  u: Buffer | null = null
  /** The first right singular vector (C), nearly. */
  v: Buffer | null = null
  readonly #iterations: number
  readonly #axis: number
  readonly #eps: number

  constructor(weight: Tensor, iterations: number, axis: number, eps: number) {
    super()
    this.#iterations = iterations
    this.#axis = normalizeAxis('spectralNorm', axis, weight.rank)
    this.#eps = eps
    if (weight.rank < 2) return
    noGrad(() => {
      const matrix = this.#matrix(weight.detach())
      const [rows, columns] = matrix.shape as [number, number]
      const random = (n: number): Buffer => {
        const x = randn([n], { dtype: 'f32', device: weight.device }).to(weight.dtype)
        return new Buffer(normalize(x, { axis: 0, eps }))
      }
      this.u = random(rows)
      this.v = random(columns)
      this.#iterate(matrix, FIRST_ITERATIONS)
    })
  }

  override forward(...[weight]: Tensor[]): Tensor {
    const w = weight as Tensor
    if (this.u === null || this.v === null) return normalize(w, { axis: 0, eps: this.#eps })
    const matrix = this.#matrix(w)
    // In a checkpoint's second run the vectors are those of the first.
    if (this.training && !isRecomputing()) noGrad(() => this.#iterate(matrix.detach(), this.#iterations))
    // Copies, which backward keeps: the next call changes the buffers.
    const [u, v] = [clone(this.u.detach()), clone(this.v.detach())]
    return div(w, dot(u, mv(matrix, v)))
  }

  rightInverse(weight: Tensor): Tensor {
    return weight
  }

  #matrix(weight: Tensor): Tensor {
    const order = weight.shape.map((_, i) => i)
    order.unshift(...order.splice(this.#axis, 1))
    const turned = this.#axis === 0 ? weight : permute(weight, order)
    return reshape(turned, [turned.shape[0] as number, -1])
  }

  #iterate(matrix: Tensor, times: number): void {
    const [u, v] = [this.u as Buffer, this.v as Buffer]
    const unit = { axis: 0, eps: this.#eps }
    scope(() => {
      const turned = transpose(matrix, 0, 1)
      for (let i = 0; i < times; i++) {
        copy_(u, normalize(mv(matrix, v), unit))
        copy_(v, normalize(mv(turned, u), unit))
      }
    })
  }
}

export interface SpectralNormOptions {
  /** Steps of the power method at each use while training. Default 1. */
  iterations?: number
  /** The axis that makes the matrix's rows, all others its columns. Default: that of the outputs, 1 in transposed convolutions, else 0. */
  axis?: number
  /** Least length by which a vector is divided. Default 1e-12. */
  eps?: number
}

/**
 * Parametrizes a weight so that its largest singular value is 1, nearly. `parametrizations.weight.0._u` and `._v` are the power method's
 * vectors; in evaluation they stay as they are.
 *
 * @returns the module
 */
export function spectralNorm<M extends Module>(module: M, field = 'weight', options: SpectralNormOptions = {}): M {
  known('spectralNorm', options, ['iterations', 'axis', 'eps'])
  const transposed = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((Layer) => module instanceof Layer)
  const { iterations = 1, axis = transposed ? 1 : 0, eps = 1e-12 } = options
  positive('spectralNorm', { iterations })
  const weight = (module as unknown as Record<string, unknown>)[field]
  if (!(weight instanceof Tensor))
    throw new ValueError(`spectralNorm: ${module.constructor.name} has no parameter '${field}'`)
  return registerParametrization(module, field, new SpectralNorm(weight, iterations, axis, eps))
}
