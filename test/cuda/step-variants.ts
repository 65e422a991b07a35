/** Dtypes of parameters with what an optimizer may do about their digits. Place in the whole: what the tests of steps on CUDA share. */
import type { DType } from '#lib/tensor/dtype.js'

export interface Group {
  masterWeights?: boolean
  stochasticRounding?: boolean
}
export const VARIANTS: readonly (readonly [DType, Group])[] = [
  ['f32', {}],
  ['f64', {}],
  ['bf16', {}],
  ['f16', {}],
  ['bf16', { masterWeights: true }],
  ['f16', { masterWeights: true }],
  ['bf16', { stochasticRounding: true }],
  ['f16', { stochasticRounding: true }],
]
/** Moments in 16 bits stay where beta2 is near 1, so it is not. */
export const betas = [0.9, 0.95] as const
