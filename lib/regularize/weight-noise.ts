// Training with noise on the weights. Place in the whole: around forward and backward of a step. Graves 2011 (additive); Srivastava and others 2014,
// section 10, for noise that multiplies, which is dropout's Gaussian form.
import { noGrad } from '../autograd/mode.js'
import { known } from '../check.js'
import { outsideScopes, scope } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import { add, mul } from '../ops/binary.js'
import { clone } from '../ops/convert.js'
import { copy_ } from '../ops/inplace.js'
import { type Generator, randn } from '../ops/random.js'
import type { Tensor } from '../tensor/tensor.js'
import { parametersOf, type Regularized, strength } from './parameters.js'

export interface WeightNoiseOptions {
  readonly std: number
  /** 'additive': w + std n; 'multiplicative': w (1 + std n). n: standard normal. Default 'additive'. */
  readonly kind?: 'additive' | 'multiplicative'
  readonly generator?: Generator
}

/**
 * Runs `fn`, forward and backward pass, with noise on the weights, and puts the very weights back, so that an optimizer's step with the gradients
 * found there is on them. Call backward inside: what it saved of the noisy weights is gone afterwards.
 *
 * @throws ValueError for an unknown option, a negative `std`, and where `fn` returns a promise
 */
export function withWeightNoise<T>(of: Regularized, options: WeightNoiseOptions, fn: () => T): T {
  known('withWeightNoise', options, ['std', 'kind', 'generator'])
  const { std, kind = 'additive', generator } = options
  strength('withWeightNoise', 'std', std)
  if (kind !== 'additive' && kind !== 'multiplicative')
    throw new ValueError(`withWeightNoise: kind is ${String(kind)}, expected 'additive' or 'multiplicative'`)
  const params = parametersOf('withWeightNoise', of)
  const kept = outsideScopes(() => noGrad(() => params.map((p) => clone(p.detach()))))
  const put = (values: (p: Tensor, i: number) => Tensor): void =>
    noGrad(() =>
      scope(() => {
        for (const [i, p] of params.entries()) copy_(p, values(p, i))
      }),
    )
  try {
    put((p) => {
      const noise = mul(randn(p.shape, { dtype: p.dtype, device: p.device, ...(generator ? { generator } : {}) }), std)
      return add(p, kind === 'additive' ? noise : mul(p, noise))
    })
    const result = fn()
    if (typeof (result as { then?: unknown } | undefined)?.then === 'function')
      throw new ValueError(
        'withWeightNoise: the function returned a promise; the noise ends with the function, so wrap synchronous parts',
      )
    return result
  } finally {
    put((_, i) => kept[i] as Tensor)
    for (const t of kept) t.dispose()
  }
}
