/** Widths of heads, one of each kernel of attention on CUDA. Place in the whole: what the tests of its forms share. */
import type { Float } from '../attentions.js'

export type Widths = readonly [d: number, e: number]
/**
 * Widths of q and of v. Halves: of the tensor cores' kernels of 64, 128 and 256, and beyond them, where they are widened to f32. f32 and
 * f64: of one chunk of columns, and of several. Where they are odd, only some rows are aligned.
 */
export const HALVES: readonly Widths[] = [
  [24, 40],
  [100, 71],
  [135, 199],
  [20, 261],
]
const OTHERS: readonly Widths[] = [
  [23, 41],
  [135, 67],
]
export const widthsOf = (dtype: Float): readonly Widths[] => (dtype === 'bf16' || dtype === 'f16' ? HALVES : OTHERS)
