/** Complex numbers: lib/ops/complex.ts, and what else takes them. */
import * as ops from '#lib/index.js'
import { binary, byAxis, COMPLEX, call, type Entry, entry, partner, reductions, shaped, unary } from '../draw.js'
import { type Domain, operand, randomShape } from '../tensors.js'

const MIXED = [...COMPLEX, 'f32', 'f64', 'i32'] as const
/** Away from zero, where angles and logarithms are steep. */
const AWAY: Domain = { low: 0.25, high: 2 }

const parts = (name: string, f: (a: ops.Tensor, b: ops.Tensor) => ops.Tensor): Entry =>
  entry(
    name,
    (r) => {
      const shape = randomShape(r, 4, 200)
      const dtype = r.pick(['f32', 'f64'] as const)
      return call([operand(r, shape, dtype), operand(r, shape, dtype)], f)
    },
    { roundings: 12 },
  )

export const complex: readonly Entry[] = [
  ...unary('conj real imag neg viewAsReal clone contiguous isReal', COMPLEX),
  ...unary('abs angle log exp', COMPLEX, { domain: AWAY, roundings: 16, power: 4 }),
  ...unary('sgn', COMPLEX, { domain: AWAY, roundings: 16, finite: true }),
  ...unary('sqrt rsqrt square reciprocal exp2 expm1 log2 log10 log1p', COMPLEX, {
    domain: AWAY,
    roundings: 24,
    power: 4,
    finite: true,
  }),
  ...unary('sin cos tan sinh cosh tanh sigmoid', COMPLEX, {
    domain: { low: -1, high: 1 },
    roundings: 24,
    power: 4,
    finite: true,
  }),
  ...unary('isnan isinf isfinite', COMPLEX),
  ...binary('pow', COMPLEX, { domains: [AWAY, { low: -1, high: 1 }], roundings: 60, power: 4, finite: true }),
  ...binary('add sub', MIXED),
  ...binary('mul', MIXED, { power: 2, finite: true }),
  ...binary('div', MIXED, { domains: [undefined, AWAY], roundings: 24, power: 2, finite: true }),
  ...binary('eq ne', MIXED),
  ...reductions('sum mean', COMPLEX, { roundings: 24 }),
  ...reductions('prod', COMPLEX, { domain: { low: 0.5, high: 0.75 }, roundings: 60, finite: true }),
  ...byAxis('cumsum', COMPLEX, { roundings: 24 }),
  ...byAxis('cumprod', COMPLEX, { domain: { low: 0.5, high: 0.75 }, roundings: 60, finite: true }),
  parts('complex', ops.complex),
  parts('polar', ops.polar),
  shaped('viewAsComplex', ['f32', 'f64'], () => (x) => ops.viewAsComplex(ops.stack([x, x], -1))),
  entry('cast', (r) => {
    const [from, to] = r.pick([
      ['c64', 'c128'] as const,
      ['f32', 'c64'] as const,
      ['c128', 'c64'] as const,
      ['i32', 'c128'] as const,
    ])
    return call([operand(r, randomShape(r), from)], (x) => ops.cast(x, to))
  }),
  entry(
    'matmul',
    (r) => {
      const [m, k, n] = [r.int(0, 9), r.int(0, 12), r.int(0, 9)]
      const batch = r.ints(r.int(0, 2), 1, 3)
      const dtype = r.pick(COMPLEX)
      return call([operand(r, [...batch, m, k], dtype), operand(r, [...partner(r, batch), k, n], dtype)], ops.matmul)
    },
    { roundings: 40, power: 2, finite: true },
  ),
]
