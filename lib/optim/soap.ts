// SOAP. Place in the whole: Adam in the eigenbasis of Shampoo's preconditioners, composed of products of matrices; what is no matrix
// takes AdamW's fused step.
import { noGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { cast } from '../ops/convert.js'
import { lerpEach_ } from '../ops/eachTensor.js'
import { add, add_, copy_, div, flip, linalg, matmul, mul, mul_, sqrt, square, transpose } from '../ops/index.js'
import { adamStep } from '../ops/optimize.js'
import type { Tensor } from '../tensor/tensor.js'
import { type AdamOptions, checkAdam } from './adam.js'
import {
  checkRange,
  type Member,
  Optimizer,
  type ParamGroup,
  type ParamsInput,
  refuseStochastic,
  type StateLike,
} from './optimizer.js'

export interface SOAPOptions extends Omit<AdamOptions, 'amsgrad'> {
  /** Steps from one new basis to the next. */
  preconditionFrequency: number
  /** Sides of a matrix that are longer keep the basis they have, which costs nothing. */
  maxPreconditionerDim: number
}

const LEFT = { gram: 'gram_left', basis: 'basis_left' } as const
const RIGHT = { gram: 'gram_right', basis: 'basis_right' } as const

/**
 * Adam run in the slowly changing eigenbasis of the gradients' second moments (Vyas et al., "SOAP: improving and stabilizing
 * Shampoo using Adam", 2024, algorithms 3 and 4), with Adam's bias correction and decoupled weight decay. The first step only
 * makes the bases (by eigh; later ones by a QR factorization of gram * basis), as in the authors' code. Parameters of more
 * dimensions, such as kernels, are taken as matrices (n, everything else). Matrices in bf16 and f16 keep state in f32 and are
 * rounded once a step.
 */
export class SOAP extends Optimizer<SOAPOptions> {
  constructor(params: ParamsInput<SOAPOptions>, options: Partial<SOAPOptions> = {}) {
    const adam = { lr: 3e-3, betas: [0.95, 0.95], eps: 1e-8, weightDecay: 0.01, maximize: false } as const
    super(params, { ...adam, preconditionFrequency: 10, maxPreconditionerDim: 10_000 }, options)
  }

  protected override check(group: SOAPOptions): void {
    checkAdam('SOAP', group)
    refuseStochastic('SOAP', group)
    checkRange('SOAP', 'preconditionFrequency', group.preconditionFrequency, 1, Number.POSITIVE_INFINITY)
    checkRange('SOAP', 'maxPreconditionerDim', group.maxPreconditionerDim, 0, Number.POSITIVE_INFINITY)
  }

  protected override stateLike(param: Tensor, group: ParamGroup<SOAPOptions>, name: string): StateLike {
    const like = super.stateLike(param, group, name)
    if (!isRotated(param, group)) return like
    const dtype = param.dtype === 'f64' ? 'f64' : 'f32'
    const [n, m] = matrixShape(param)
    if (name === LEFT.gram || name === LEFT.basis) return { shape: [n, n], dtype }
    if (name === RIGHT.gram || name === RIGHT.basis) return { shape: [m, m], dtype }
    return { shape: like.shape, dtype }
  }

  override step(): void {
    for (const group of this.paramGroups) {
      for (const { key: step, members } of this.batchesByStep(group)) {
        const rotated = members.filter(({ owner }) => isRotated(owner, group))
        const plain = members.filter((member) => !rotated.includes(member))
        this.#stepPlain(group, step, plain)
        for (const member of rotated) noGrad(() => scope(() => this.#stepMatrix(group, step, member)))
      }
    }
  }

  #stepPlain(group: ParamGroup<SOAPOptions>, step: number, members: readonly Member[]): void {
    const { lr, betas, eps, weightDecay, maximize } = group
    const groups = members.map(({ owner, state, ...updated }) => {
      const m = (state['exp_avg'] ??= this.fresh(owner, group, 'exp_avg')) as Tensor
      const v = (state['exp_avg_sq'] ??= this.fresh(owner, group, 'exp_avg_sq')) as Tensor
      return { ...updated, m, v }
    })
    adamStep(groups, { lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, step, decoupled: true, maximize })
  }

  #stepMatrix(group: ParamGroup<SOAPOptions>, step: number, { owner, state, param, grad, low }: Member): void {
    const { lr, betas, eps, weightDecay, maximize, preconditionFrequency } = group
    const [beta1, beta2] = betas
    const of = (name: string) => (state[name] ??= this.fresh(owner, group, name)) as Tensor
    const [m, v] = [of('exp_avg'), of('exp_avg_sq')]
    const shape = matrixShape(param)
    const wide = cast(grad, m.dtype).reshape(shape)
    const g: Tensor = maximize ? mul(wide, -1) : wide
    const sides = sidesOf(owner, group)
    if (step === 1) {
      for (const { gram, basis } of sides) {
        updateGram(of(gram), g, gram === LEFT.gram, beta2)
        // Eigenvalues rise; the iteration below puts the largest first.
        copy_(of(basis), flip(linalg.eigh(of(gram)).vectors, 1))
      }
      return
    }
    const left = sides.includes(LEFT) ? of(LEFT.basis) : null
    const right = sides.includes(RIGHT) ? of(RIGHT.basis) : null
    const moments = step - 1
    lerpEach_([m], [g.reshape(param.shape)], 1 - beta1)
    mul_(v, beta2)
    add_(v, square(rotate(g, left, right)).reshape(param.shape), { alpha: 1 - beta2 })
    const root = add(sqrt(div(v, 1 - beta2 ** moments)), eps).reshape(shape)
    const direction = div(div(rotate(m.reshape(shape), left, right), 1 - beta1 ** moments), root)
    const update = rotate(direction, left && transpose(left, 0, 1), right && transpose(right, 0, 1))
    const result = add(mul(cast(param, m.dtype), 1 - lr * weightDecay), mul(update.reshape(param.shape), -lr))
    copy_(param, result)
    if (low) copy_(low, result)
    for (const { gram, basis } of sides) {
      updateGram(of(gram), g, gram === LEFT.gram, beta2)
      if (moments % preconditionFrequency === 0) copy_(of(basis), linalg.qr(matmul(of(gram), of(basis))).q)
    }
  }
}

const matrixShape = (param: Tensor): [number, number] => {
  const n = param.shape[0] as number
  return [n, n === 0 ? 0 : param.numel / n]
}

/** The sides of a parameter, taken as a matrix, that have bases. */
function sidesOf(param: Tensor, { maxPreconditionerDim: most }: SOAPOptions): (typeof LEFT | typeof RIGHT)[] {
  if (param.rank < 2 || param.numel === 0) return []
  const [n, m] = matrixShape(param)
  return [...(n <= most ? [LEFT] : []), ...(m <= most ? [RIGHT] : [])]
}

const isRotated = (param: Tensor, group: SOAPOptions): boolean => sidesOf(param, group).length > 0

/** gram = beta gram + (1 - beta) g g^T, or g^T g. */
function updateGram(gram: Tensor, g: Tensor, isLeft: boolean, beta: number): void {
  const turned = transpose(g, 0, 1)
  mul_(gram, beta)
  add_(gram, isLeft ? matmul(g, turned) : matmul(turned, g), { alpha: 1 - beta })
}

/** left^T x right; null stands for the identity. */
function rotate(x: Tensor, left: Tensor | null, right: Tensor | null): Tensor {
  const y: Tensor = left ? matmul(transpose(left, 0, 1), x) : x
  return right ? matmul(y, right) : y
}
