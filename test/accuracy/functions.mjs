// The functions whose accuracy docs/accuracy.md states, and the bounds. Place in the whole: the sweep, its tests and
// scripts/accuracy.mjs share the list.
import * as S from '#lib/index.js'

/**
 * @typedef {object} Measured
 * @property {string} name as the golden values and docs/accuracy.md have it
 * @property {(x: any, z?: any) => any} call of one operand or two
 * @property {number} f32 the bound in f32, in units in the last place
 * @property {number} [f64] the bound in f64
 * @property {'odd' | 'even'} [symmetry] one sign of the argument stands for both
 * @property {'pair'} [operands] two: sampled, for all pairs of numbers are too many
 */

/** @type {readonly Measured[]} */
export const ELEMENTARY = [
  { name: 'exp', call: S.exp, f32: 1.1, f64: 1 },
  { name: 'exp2', call: S.exp2, f32: 1.2, f64: 1.2 },
  { name: 'expm1', call: S.expm1, f32: 1.8, f64: 2 },
  { name: 'log', call: S.log, f32: 0.9, f64: 0.9 },
  { name: 'log2', call: S.log2, f32: 1.9, f64: 1.2 },
  { name: 'log10', call: S.log10, f32: 2.1, f64: 1.1 },
  { name: 'log1p', call: S.log1p, f32: 1.6, f64: 0.9 },
  { name: 'sin', call: S.sin, f32: 1.9, f64: 0.9, symmetry: 'odd' },
  { name: 'cos', call: S.cos, f32: 1.9, f64: 0.9, symmetry: 'even' },
  { name: 'tan', call: S.tan, f32: 0.6, f64: 2.2, symmetry: 'odd' },
  { name: 'asin', call: S.asin, f32: 2.1, f64: 1.3, symmetry: 'odd' },
  { name: 'acos', call: S.acos, f32: 1.3, f64: 1.2 },
  { name: 'atan', call: S.atan, f32: 2.2, f64: 1.8, symmetry: 'odd' },
  { name: 'atan2', call: (x, z) => S.atan2(x, z), f32: 3, f64: 2, operands: 'pair' },
  { name: 'sinh', call: S.sinh, f32: 0.6, f64: 1, symmetry: 'odd' },
  { name: 'cosh', call: S.cosh, f32: 0.6, f64: 1, symmetry: 'even' },
  { name: 'tanh', call: S.tanh, f32: 2.6, f64: 1.5, symmetry: 'odd' },
  { name: 'asinh', call: S.asinh, f32: 0.6, f64: 1, symmetry: 'odd' },
  { name: 'acosh', call: S.acosh, f32: 0.6, f64: 1 },
  { name: 'atanh', call: S.atanh, f32: 0.6, f64: 1, symmetry: 'odd' },
  { name: 'sigmoid', call: S.sigmoid, f32: 2.5, f64: 2.2 },
  { name: 'erf', call: S.erf, f32: 2.8, f64: 1.4, symmetry: 'odd' },
  { name: 'erfc', call: S.erfc, f32: 0.6, f64: 5 },
  { name: 'pow', call: (x, z) => S.pow(x, z), f32: 0.6, f64: 1.2, operands: 'pair' },
  { name: 'hypot', call: (x, z) => S.hypot(x, z), f32: 0.6, f64: 1.3, operands: 'pair' },
]

/**
 * f32 is f64's result rounded (but for the Bessel functions), so that a sweep would compare it with itself: samples only.
 * @type {readonly Measured[]}
 */
export const SPECIAL = [
  { name: 'erfcx', call: S.erfcx, f32: 0.51, f64: 6 },
  { name: 'ndtr', call: S.ndtr, f32: 0.51, f64: 6 },
  { name: 'logNdtr', call: S.logNdtr, f32: 0.51, f64: 6 },
  { name: 'erfinv', call: S.erfinv, f32: 0.51, f64: 6 },
  { name: 'ndtri', call: S.ndtri, f32: 0.51, f64: 5 },
  { name: 'lgamma', call: S.lgamma, f32: 0.51, f64: 7 },
  { name: 'digamma', call: S.digamma, f32: 0.51, f64: 24 },
  { name: 'trigamma', call: (x) => S.polygamma(1, x), f32: 0.51, f64: 7 },
  { name: 'i0', call: S.i0, f32: 12 },
  { name: 'i0e', call: S.i0e, f32: 12 },
  { name: 'i1', call: S.i1, f32: 12 },
  { name: 'i1e', call: S.i1e, f32: 12 },
]

export const FUNCTIONS = [...ELEMENTARY, ...SPECIAL]
