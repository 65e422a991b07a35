/** In-place forms of what is not pointwise, and seeded operators that take tensors: lib/ops/inplace-others.ts, distributions.ts, gumbel.ts. */
import * as ops from '#lib/index.js'
import { call, type Entry, entry, FLOATS, type Fn, type Judge, NUMBERS, WIDE } from '../draw.js'
import { type Draw, filledShape, indices, operand, randomShape } from '../tensors.js'

const inPlace: Judge = { gradient: false, roundings: 24, power: 3 }
const write = (x: ops.Tensor, name: string, ...args: readonly unknown[]): ops.Tensor =>
  (x as unknown as Record<string, Fn>)[name]?.(...args)

/** One of several forms, drawn with its arguments; shapes of at least two dimensions. */
const forms = (names: string, draw: (r: Draw) => readonly [string, ...unknown[]], dtypes = FLOATS): Entry =>
  entry(
    names,
    (r) => {
      const [name, ...args] = draw(r)
      return call([operand(r, filledShape(r, 4, 200, 2), r.pick(dtypes))], (x) => write(x, name, ...args))
    },
    inPlace,
  )

/** Along the first axis: rows at an index list, with as many rows of a source. */
const rows = (names: string, draw: (r: Draw) => (x: ops.Tensor, i: ops.Tensor, s: ops.Tensor) => unknown): Entry =>
  entry(
    names,
    (r) => {
      const shape = filledShape(r, 3, 100)
      const [n, dtype] = [r.int(0, 6), r.pick(WIDE)]
      const inputs = [
        operand(r, shape, dtype),
        indices(r, [n], shape[0] as number),
        operand(r, [n, ...shape.slice(1)], dtype),
      ]
      const f = draw(r)
      return call(inputs, (x, i, s) => {
        f(x as ops.Tensor, i as ops.Tensor, s as ops.Tensor)
        return x as ops.Tensor
      })
    },
    { ...inPlace, power: 6 },
  )

/** Sizes of (b, m, k) by (b, k, n) products that are added to. */
const PRODUCTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  addmm_: [
    ['m', 'n'],
    ['m', 'k'],
    ['k', 'n'],
  ],
  addmv_: [['m'], ['m', 'k'], ['k']],
  addr_: [['m', 'n'], ['m'], ['n']],
  addbmm_: [
    ['m', 'n'],
    ['b', 'm', 'k'],
    ['b', 'k', 'n'],
  ],
  baddbmm_: [
    ['b', 'm', 'n'],
    ['b', 'm', 'k'],
    ['b', 'k', 'n'],
  ],
}

export const inplaceOthers: readonly Entry[] = [
  forms('tril_, triu_', (r) => [r.pick(['tril_', 'triu_']), r.int(-3, 4)], NUMBERS),
  forms('cumsum_, cumprod_', (r) => [r.pick(['cumsum_', 'cumprod_']), r.int(-2, 2)]),
  forms('renorm_', (r) => ['renorm_', r.int(1, 4), r.int(-2, 2), 1]),
  forms('conj_', () => ['conj_'], NUMBERS),
  forms('celu_, elu_, selu_, leakyRelu_, hardtanh_, threshold_', (r) =>
    r.pick([
      ['celu_', 0.5],
      ['elu_', 0.5],
      ['selu_'],
      ['leakyRelu_', 0.25],
      ['hardtanh_', -1, 0.5],
      ['threshold_', 0.5, 2],
    ] as const),
  ),
  entry(
    'rrelu_, dropout_, alphaDropout_, featureAlphaDropout_',
    (r) => {
      const [seed, name] = [r.int(0, 2 ** 31), r.pick(['rrelu_', 'dropout_', 'alphaDropout_', 'featureAlphaDropout_'])]
      return call([operand(r, filledShape(r, 4, 200, 2), r.pick(WIDE))], (x) => {
        const generator = new ops.Generator(seed)
        return name === 'rrelu_'
          ? write(x as ops.Tensor, name, { generator })
          : write(x as ops.Tensor, name, 0.5, { generator })
      })
    },
    inPlace,
  ),
  entry(
    'fillDiagonal, fillDiagonal_',
    (r) => {
      const [inside, wrap] = [r.chance(2), r.chance(2)]
      return call([operand(r, r.ints(2, 1, 9), r.pick(NUMBERS))], (x) =>
        inside ? write(x as ops.Tensor, 'fillDiagonal_', 3, { wrap }) : ops.fillDiagonal(x as ops.Tensor, 3, { wrap }),
      )
    },
    { gradient: false },
  ),
  entry(
    'maskedFill_, maskedScatter_',
    (r) => {
      const [shape, dtype, fill] = [randomShape(r), r.pick(FLOATS), r.chance(2)]
      return call([operand(r, shape, dtype), operand(r, shape, 'bool'), operand(r, shape, dtype)], (x, m, s) =>
        write(x as ops.Tensor, fill ? 'maskedFill_' : 'maskedScatter_', m, fill ? 2 : s),
      )
    },
    inPlace,
  ),
  rows('indexAdd_, indexCopy_, indexFill_', (r) => {
    const name = r.pick(['indexAdd_', 'indexCopy_', 'indexFill_'])
    return (x, i, s) => write(x, name, 0, i, name === 'indexFill_' ? 1 : s)
  }),
  rows('indexReduce_, indexPut_', (r) => {
    const [reduce, accumulate, put] = [r.pick(['prod', 'mean', 'amax', 'amin']), r.chance(2), r.chance(2)]
    return (x, i, s) =>
      put ? write(x, 'indexPut_', [i], s, { accumulate }) : write(x, 'indexReduce_', 0, i, s, reduce)
  }),
  rows('put_', (r) => {
    const accumulate = r.chance(2)
    return (x, i, s) => write(x, 'put_', i, ops.reshape(s, [-1]).slice(0, 0, i.numel), { accumulate })
  }),
  entry(
    'scatter_, scatterAdd_, scatterReduce_',
    (r) => {
      const shape = filledShape(r, 3, 100)
      const at = shape.map((d, i) => (i === 0 ? r.int(0, 6) : r.int(0, d + 1)))
      const dtype = r.pick(WIDE)
      const name = r.pick(['scatter_', 'scatterAdd_', 'scatterReduce_'])
      const more = name === 'scatterReduce_' ? [r.pick(['sum', 'prod', 'mean', 'amax', 'amin'])] : []
      return call([operand(r, shape, dtype), indices(r, at, shape[0] as number), operand(r, at, dtype)], (x, i, s) =>
        write(x as ops.Tensor, name, 0, i, s, ...more),
      )
    },
    { ...inPlace, power: 6 },
  ),
  ...Object.entries(PRODUCTS).map(([name, shapes]) =>
    entry(
      name,
      (r) => {
        const sizes: Record<string, number> = { b: r.int(1, 4), m: r.int(1, 7), n: r.int(1, 7), k: r.int(0, 7) }
        const dtype = r.pick(WIDE)
        return call(
          shapes.map((s) =>
            operand(
              r,
              s.map((letter) => sizes[letter] as number),
              dtype,
            ),
          ),
          (x, a, b) => write(x as ops.Tensor, name, a, b, { beta: 0.5, alpha: 2 }),
        )
      },
      inPlace,
    ),
  ),
  entry(
    'detach_',
    (r) =>
      call([operand(r, randomShape(r), r.pick(NUMBERS))], (x) => {
        const y = ops.clone(x as ops.Tensor)
        return write(y, 'detach_')
      }),
    { gradient: false },
  ),
  entry(
    'truncatedNormal',
    (r) => {
      const [seed, shape] = [r.int(0, 2 ** 31), randomShape(r)]
      return call([operand(r, [], 'f64')], (x) =>
        ops.truncatedNormal(shape, 0, 1, -1, 2, {
          dtype: 'f64',
          device: (x as ops.Tensor).device,
          generator: new ops.Generator(seed),
        }),
      )
    },
    { gradient: false, roundings: 40 },
  ),
]
