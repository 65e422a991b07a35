// Muon, as torch.optim.Muon. Place in the whole: momentum in one fused command a group and step, then a few products of matrices a
// parameter.
import { noGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import { cast } from '../ops/convert.js'
import { lerpEach_ } from '../ops/eachTensor.js'
import { add_, addmm, clamp, copy_, div, lerp, matmul, mul_, norm, transpose } from '../ops/index.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  checkRange,
  type GroupOptions,
  type Member,
  Optimizer,
  type ParamGroup,
  type ParamsInput,
  refuseStochastic,
} from './optimizer.js'

export interface MuonOptions extends GroupOptions {
  /** Decoupled: p *= 1 - lr * weightDecay. */
  weightDecay: number
  momentum: number
  /** Orthogonalize the gradient mixed with the new momentum, not the momentum itself. */
  nesterov: boolean
  /** a, b and c of the Newton-Schulz polynomial a x + b x^3 + c x^5. */
  nsCoefficients: readonly [number, number, number]
  /** The least norm to divide by. */
  eps: number
  /** Newton-Schulz iterations, less than 100. */
  nsSteps: number
  /**
   * How lr depends on a parameter's shape (n, m): 'original' lr * sqrt(max(1, n / m)); 'match_rms_adamw' lr * 0.2 * sqrt(max(n, m)),
   * for rates that were found for AdamW. null: 'original'.
   */
  adjustLrFn: 'original' | 'match_rms_adamw' | null
}

/**
 * Momentum whose matrix is brought near the nearest orthogonal one by Newton-Schulz iterations in bf16, as in PyTorch (Jordan et
 * al., "Muon: an optimizer for hidden layers in neural networks", 2024; Liu et al., "Muon is scalable for LLM training", 2025):
 * b = momentum * b + (1 - momentum) * grad;  p -= lr' * orthogonal(b, or grad + momentum * (b - grad) with nesterov).
 *
 * For matrices of hidden layers; give embeddings, heads, biases and gains to AdamW.
 */
export class Muon extends Optimizer<MuonOptions> {
  protected override readonly skipsOnDevice = true

  constructor(params: ParamsInput<MuonOptions>, options: Partial<MuonOptions> = {}) {
    const ns = { nsCoefficients: [3.4445, -4.775, 2.0315], eps: 1e-7, nsSteps: 5, adjustLrFn: null } as const
    super(params, { lr: 1e-3, weightDecay: 0.1, momentum: 0.95, nesterov: true, ...ns }, options)
  }

  protected override check(group: ParamGroup<MuonOptions>): void {
    refuseStochastic('Muon', group)
    const { lr, weightDecay, momentum, eps, nsCoefficients, nsSteps, adjustLrFn, params } = group
    for (const [name, value] of Object.entries({ lr, weightDecay, momentum, eps }))
      checkRange('Muon', name, value, 0, Number.POSITIVE_INFINITY)
    checkRange('Muon', 'nsSteps', nsSteps, 0, 100)
    if (nsCoefficients.length !== 3)
      throw new ValueError(`Muon: nsCoefficients has ${nsCoefficients.length} numbers, expected 3`)
    if (adjustLrFn !== null && adjustLrFn !== 'original' && adjustLrFn !== 'match_rms_adamw')
      throw new ValueError(`Muon: adjustLrFn is '${adjustLrFn as string}', expected 'original' or 'match_rms_adamw'`)
    const other = params.find((param) => param.rank !== 2)
    if (other)
      throw new ValueError(
        `Muon: a parameter ${show(other.shape)}; it takes matrices: give the others to another optimizer`,
      )
  }

  override step(): void {
    for (const group of this.paramGroups)
      for (const { members } of this.batches(group, () => 0)) noGrad(() => this.#stepBatch(group, members))
  }

  #stepBatch(group: ParamGroup<MuonOptions>, members: readonly Member[]): void {
    const { lr, weightDecay, momentum, nesterov } = group
    const buffers = members.map(
      ({ owner, state }) => (state['momentum_buffer'] ??= this.fresh(owner, group, 'momentum_buffer')) as Tensor,
    )
    const grads = members.map(({ grad }) => grad)
    lerpEach_(buffers, grads, 1 - momentum)
    for (const [i, { param, grad, low }] of members.entries()) {
      scope(() => {
        const buffer = buffers[i] as Tensor
        const direction = nesterov ? lerp(cast(grad, buffer.dtype), buffer, momentum) : buffer
        const update = orthogonal(direction, group)
        const [n, m] = param.shape as [number, number]
        if (weightDecay !== 0) mul_(param, 1 - lr * weightDecay)
        add_(param, update, { alpha: -lr * scaleOf(group, n, m) })
        if (low) copy_(low, param)
      })
    }
  }
}

function scaleOf({ adjustLrFn }: MuonOptions, n: number, m: number): number {
  return adjustLrFn === 'match_rms_adamw' ? 0.2 * Math.sqrt(Math.max(n, m)) : Math.sqrt(Math.max(1, n / m))
}

/**
 * The matrix (n, m) with its singular values brought near 1, in bf16: the products are of the smaller of both sizes. Every sum of
 * products is rounded to bf16 once, with its scaled summand, as PyTorch's addmm does: rounding the product first would be half a
 * step's noise more.
 */
function orthogonal(matrix: Tensor, { nsCoefficients: [a, b, c], nsSteps, eps }: MuonOptions): Tensor {
  const [n, m] = matrix.shape as [number, number]
  const half: Tensor = cast(matrix, 'bf16')
  let x: Tensor = n > m ? transpose(half, 0, 1) : half
  // The Frobenius norm bounds the largest singular value.
  x = div(x, clamp(norm(x), eps))
  for (let i = 0; i < nsSteps; i++) {
    const gram = cast(matmul(x, transpose(x, 0, 1)), 'f32')
    const polynomial = rounded(addmm(gram, gram, gram, { beta: b, alpha: c }))
    const wide = cast(x, 'f32')
    x = cast(addmm(wide, polynomial, wide, { beta: a }), 'bf16')
  }
  return n > m ? transpose(x, 0, 1) : x
}

/** To what bf16 holds, in f32. */
const rounded = (x: Tensor): Tensor => cast(cast(x, 'bf16'), 'f32')
