/** Elements that are only moved, whatever they are. Place in the whole: what the tests of cuda/kernels/index share. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { drawn } from '../same.js'

/** A dtype for each size of elements that are only moved. */
export const MOVED = ['u8', 'bf16', 'f32', 'i64', 'c128'] as const

/** Of an element of 1, 2, 4 or 8 bytes, or a pair of f64. */
export function moved(seed: string, shape: readonly number[], dtype: (typeof MOVED)[number], at: string): Tensor {
  if (dtype !== 'c128') return drawn(seed, shape, dtype, at, (r) => r.int(0, 200))
  return ops.viewAsComplex(drawn(seed, [...shape, 2], 'f64', at, (r) => r.uniform(-9, 9)))
}

/** What can be compared: both parts of complex numbers. */
export const parts = (t: Tensor): Tensor => (t.dtype === 'c128' ? ops.viewAsReal(t) : t)
