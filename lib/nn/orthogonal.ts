// Matrices that stay orthogonal. Lezcano-Casado and Martínez-Rubio 2019, "Cheap Orthogonal Constraints in Neural Networks", and
// Lezcano-Casado 2019, "Trivializations for Gradient-Based Optimization on Manifolds". Place in the whole: a parametrization; names are
// those of torch.nn.utils.parametrizations.orthogonal. Shapes: of matrices (..., N, K), turned where K exceeds N.

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { add, div, mul, sub } from '../ops/binary.js'
import { cast, clone } from '../ops/convert.js'
import { eye, zeros } from '../ops/creation.js'
import { diagonal } from '../ops/diagonals.js'
import { concat } from '../ops/join.js'
import { matrixExp } from '../ops/linalg/functions.js'
import { geqrf, householderProduct } from '../ops/linalg/qr.js'
import { solve } from '../ops/linalg/solve.js'
import { matmul } from '../ops/matmul.js'
import { randn } from '../ops/random.js'
import { amax, sum } from '../ops/reduce.js'
import { tril, where } from '../ops/select.js'
import { abs, square } from '../ops/unary.js'
import { narrow, transpose, unsqueeze } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { Buffer } from './parameter.js'
import { type Parametrization, registerParametrization } from './parametrize.js'

export type OrthogonalMap = 'matrixExp' | 'cayley' | 'householder'

/** 1 or -1 by the sign: zero must not make a column of zeros. */
const signs = (x: Tensor): Tensor => where(x.lt(0), -1, 1).to(x.dtype)

/** bf16 and f16 are computed in f32. */
const wide = (x: Tensor): Tensor => (x.dtype === 'bf16' || x.dtype === 'f16' ? cast(x, 'f32') : x)

const mT = (x: Tensor): Tensor => transpose(x, -2, -1)

/** The diagonals of matrices (..., N, K). */
const diagonals = (x: Tensor): Tensor => diagonal(x, { axes: [-2, -1] })

/** Any matrix to one with orthonormal columns, or rows where these are fewer. */
class Orthogonal extends Module implements Parametrization {
  /** An orthogonal matrix that the map's result is multiplied by, so that training starts anywhere; null: the identity. */
  base: Buffer | null = null
  readonly map: OrthogonalMap
  readonly useTrivialization: boolean

  constructor(map: OrthogonalMap, useTrivialization: boolean) {
    super()
    this.map = map
    this.useTrivialization = useTrivialization
  }

  override forward(...[original]: Tensor[]): Tensor {
    const { dtype } = original as Tensor
    const x = wide(original as Tensor)
    const [n, k] = x.shape.slice(-2) as [number, number]
    const q = this.#mapped(n < k ? mT(x) : x)
    const whole = this.base ? matmul(wide(this.base), q) : q
    return cast(n < k ? mT(whole) : whole, dtype)
  }

  /** Of tall x (..., N, K). */
  #mapped(x: Tensor): Tensor {
    const [n, k] = x.shape.slice(-2) as [number, number]
    if (this.map === 'householder') {
      const a = tril(x, -1)
      const tau = div(2, add(sum(square(a), -2), 1))
      // The diagonal says which columns are turned round; it is not trained.
      return mul(householderProduct(a, tau), unsqueeze(signs(diagonals(x.detach())), -2))
    }
    const lower = tril(x)
    const none = (): Tensor => zeros([...x.shape.slice(0, -1), n - k], { dtype: x.dtype, device: x.device })
    const padded = n === k ? lower : concat([lower, none()], -1)
    const skew = sub(padded, mT(padded))
    const q = this.map === 'matrixExp' ? matrixExp(skew) : cayley(skew)
    return n === k ? q : narrow(q, -1, 0, k)
  }

  rightInverse(weight: Tensor): Tensor | null {
    const { dtype } = weight
    const exact = wide(weight)
    if (!this.useTrivialization) return this.map === 'householder' ? cast(reflectors(exact), dtype) : null
    const [n, k] = weight.shape.slice(-2) as [number, number]
    this.base = new Buffer(cast(completed(n < k ? mT(exact) : exact), dtype))
    // Where every map gives the identity: householder's reflectors are none, and the diagonal undoes their sign.
    const identity = eye(n, k, { dtype: weight.dtype, device: weight.device }) as Tensor
    return add(zeros(weight.shape, { dtype: weight.dtype, device: weight.device }), identity).neg()
  }
}

/** (I - A / 2)^-1 (I + A / 2) of skew-symmetric A. */
function cayley(a: Tensor): Tensor {
  const one = eye(a.shape.at(-1) as number, undefined, { dtype: a.dtype, device: a.device }) as Tensor
  const half = mul(a, 0.5)
  return solve(sub(one, half), add(one, half))
}

/** Householder's originals of matrices whose columns are, or are made, orthonormal: reflectors below the diagonal, signs on it. */
function reflectors(weight: Tensor): Tensor {
  const [n, k] = weight.shape.slice(-2) as [number, number]
  const { a, tau } = geqrf(n < k ? mT(weight) : weight)
  const [rows, columns] = a.shape.slice(-2) as [number, number]
  // A factor of 0 is no reflection, where forward, whose factors follow from the reflectors, has one that turns the column round.
  const turned = mul(signs(diagonals(a)), where(tau.eq(0), -1, 1).to(a.dtype))
  const identity = eye(rows, columns, { dtype: a.dtype, device: a.device }) as Tensor
  const packed = where(identity.ne(0), mul(identity, unsqueeze(turned, -2)), a)
  return n < k ? mT(packed) : packed
}

/** A square orthogonal matrix that begins with the columns of x (..., N, K), made orthonormal where they are not. */
function completed(x: Tensor): Tensor {
  const [n, k] = x.shape.slice(-2) as [number, number]
  if (n === k) return isOrthogonal(x) ? clone(x) : orthonormal(x)
  const others = randn([...x.shape.slice(0, -1), n - k], { dtype: 'f32', device: x.device }).to(x.dtype)
  return orthonormal(concat([x, others], -1))
}

function orthonormal(x: Tensor): Tensor {
  const { a, tau } = geqrf(x)
  return mul(householderProduct(a, tau), unsqueeze(signs(diagonals(a)), -2))
}

/** To ten times the rounding of N terms. */
function isOrthogonal(x: Tensor): boolean {
  const n = x.shape.at(-1) as number
  const gram = sub(matmul(mT(x), x), eye(n, undefined, { dtype: x.dtype, device: x.device }) as Tensor)
  return x.numel === 0 || amax(abs(gram)).itemSync() <= 10 * n * (x.dtype === 'f64' ? 2 ** -52 : 2 ** -23)
}

export interface OrthogonalOptions {
  /** Default 'matrixExp' for square matrices, else 'householder'. */
  map?: OrthogonalMap
  /**
   * Multiplies by an orthogonal matrix `base`, so that training starts from the weight made orthogonal, and values can be assigned.
   * Default true.
   */
  useTrivialization?: boolean
}

const MAPS: readonly OrthogonalMap[] = ['matrixExp', 'cayley', 'householder']

/**
 * Parametrizes a weight (..., N, K), each matrix of the last two dimensions, so that its columns, or where they are fewer its rows, are
 * orthonormal. PyTorch's 'householder' rounds the diagonal's signs towards 0, so that weight decay makes columns vanish; here
 * the signs alone count.
 *
 * @returns the module
 * @throws ValueError for an unknown map or field, ShapeError for a vector
 */
export function orthogonal<M extends Module>(module: M, field = 'weight', options: OrthogonalOptions = {}): M {
  known('orthogonal', options, ['map', 'useTrivialization'])
  const weight = (module as unknown as Record<string, unknown>)[field]
  if (!(weight instanceof Tensor))
    throw new ValueError(`orthogonal: ${module.constructor.name} has no parameter '${field}'`)
  if (weight.rank < 2) throw new ShapeError(`orthogonal: takes matrices (..., n, k), found ${show(weight.shape)}`)
  const [n, k] = weight.shape.slice(-2) as [number, number]
  const { map = n === k ? 'matrixExp' : 'householder', useTrivialization = true } = options
  if (!MAPS.includes(map)) throw new ValueError(`orthogonal: map is ${String(map)}, expected one of ${MAPS.join(', ')}`)
  return registerParametrization(module, field, new Orthogonal(map, useTrivialization))
}
