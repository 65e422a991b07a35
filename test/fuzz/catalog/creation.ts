/** Creation and seeded random numbers: lib/ops/creation.ts, sequences.ts, signal.ts, random.ts, distributions.ts, dropout.ts. */
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { ALL, ANY, call, type Entry, entry, FLOATS, type Fn, type Judge, POSITIVE, WIDE } from '../draw.js'
import { type Draw, operand, randomShape } from '../tensors.js'

type Options = { device: string; dtype: DType }
/** A creation on the operand's device: the operand is there for nothing else. */
const made = (
  name: string,
  dtypes: readonly DType[],
  draw: (r: Draw) => (options: any) => unknown,
  judge: Judge = {},
): Entry =>
  entry(
    name,
    (r) => {
      const dtype = r.pick(dtypes)
      const f = draw(r)
      return call([operand(r, [], 'f32')], (x) => f({ device: x.device, dtype } as Options))
    },
    { ...judge, gradient: false },
  )

const window = (name: string, draw: (r: Draw) => readonly unknown[] = () => []): Entry =>
  made(
    name,
    WIDE,
    (r) => {
      const f = (ops as unknown as Record<string, Fn>)[name] as Fn
      const [n, more, symmetric] = [r.int(0, 20), draw(r), r.chance(2)]
      return (o) => f(n, ...more, { ...o, symmetric })
    },
    { roundings: 40 },
  )

/** A random operator: both devices draw from generators of one seed. */
const seeded = (
  name: string,
  dtypes: readonly DType[],
  draw: (r: Draw) => (options: any) => unknown,
  judge: Judge = {},
): Entry =>
  made(
    name,
    dtypes,
    (r) => {
      const [seed, f] = [r.int(0, 2 ** 31), draw(r)]
      return (o) => f({ ...o, generator: new ops.Generator(seed) })
    },
    judge,
  )
/** The same of a tensor. */
const seededBy = (
  name: string,
  draw: (r: Draw, shape: readonly number[]) => (x: ops.Tensor, options: any) => unknown,
  { domain = {}, least = 0 } = {},
): Entry =>
  entry(
    name,
    (r) => {
      const shape = randomShape(r, 4, 200, least)
      const [seed, f] = [r.int(0, 2 ** 31), draw(r, shape)]
      return call([operand(r, shape, r.pick(FLOATS), domain)], (x) => f(x, { generator: new ops.Generator(seed) }))
    },
    { roundings: 24, finite: true },
  )

export const creation: readonly Entry[] = [
  made('zeros, ones', ANY, (r) => {
    const [f, shape] = [r.pick([ops.zeros, ops.ones]), randomShape(r)]
    return (o) => f(shape, o)
  }),
  made('full', ALL, (r) => {
    const [shape, value] = [randomShape(r), r.int(0, 9)]
    return (o) => ops.full(shape, value, o)
  }),
  made('scalarTensor', ALL, (r) => {
    const value = r.int(0, 9)
    return (o) => ops.scalarTensor(value, o)
  }),
  made('tensor', ANY, (r) => {
    const list = r.ints(6, 0, 9)
    return (o) => ops.tensor([list.slice(0, 3), list.slice(3)], o)
  }),
  entry('zerosLike, onesLike, fullLike', (r) => {
    const f = r.pick([ops.zerosLike, ops.onesLike, (x: ops.Tensor) => ops.fullLike(x, 2)])
    return call([operand(r, randomShape(r), r.pick(ALL))], (x) => f(x))
  }),
  made('arange', ['f32', 'f64', 'i32', 'i64'], (r) => {
    const [start, end, step] = [r.int(-9, 9), r.int(-9, 20), r.pick([1, 2, 3, -1])]
    return (o) => ops.arange(start, end, step, o)
  }),
  made('eye', ALL, (r) => {
    const [n, m] = r.ints(2, 0, 9) as [number, number]
    return (o) => ops.eye(n, m, o)
  }),
  made(
    'linspace',
    WIDE,
    (r) => {
      const [a, b, n] = [r.int(-9, 9), r.int(-9, 9), r.int(0, 30)]
      return (o) => ops.linspace(a, b, n, o)
    },
    { roundings: 40 },
  ),
  made(
    'logspace',
    WIDE,
    (r) => {
      const [a, b, n] = [r.int(-2, 3), r.int(-2, 3), r.int(0, 30)]
      return (o) => ops.logspace(a, b, n, 10, o)
    },
    { roundings: 60 },
  ),
  made('trilIndices, triuIndices', ['i64', 'i32'], (r) => {
    const [f, n, m, k] = [r.pick([ops.trilIndices, ops.triuIndices]), r.int(0, 7), r.int(0, 7), r.int(-3, 4)]
    return (o) => f(n, m, k, o)
  }),
  made('fft.fftfreq, fft.rfftfreq', WIDE, (r) => {
    const [f, n] = [r.pick([ops.fft.fftfreq, ops.fft.rfftfreq]), r.int(1, 20)]
    return (o) => f(n, 0.5, o)
  }),
  ...[
    'hannWindow',
    'hammingWindow',
    'blackmanWindow',
    'nuttallWindow',
    'bartlettWindow',
    'cosineWindow',
    'exponentialWindow',
    'gaussianWindow',
    'kaiserWindow',
  ].map((name) => window(name)),
  window('generalHammingWindow', () => [0.6]),
  window('generalCosineWindow', () => [[0.5, 0.25, 0.25]]),
  seeded(
    'rand, randn',
    FLOATS,
    (r) => {
      const [f, shape] = [r.pick([ops.rand, ops.randn]), randomShape(r)]
      return (o) => f(shape, o)
    },
    { roundings: 24 },
  ),
  seeded(
    'uniform, normal',
    FLOATS,
    (r) => {
      const [f, shape] = [r.pick<Fn>([ops.uniform, ops.normal]), randomShape(r)]
      return (o) => f(shape, -1, 2, o)
    },
    { roundings: 24, power: 3 },
  ),
  seeded('randint', ['i64', 'i32', 'f32'], (r) => {
    const [low, shape] = [r.int(-5, 5), randomShape(r)]
    return (o) => ops.randint(low, low + 9, shape, o)
  }),
  seeded('randperm', ['i64', 'i32'], (r) => {
    const n = r.int(0, 40)
    return (o) => ops.randperm(n, o)
  }),
  seeded('bernoulli', ALL, (r) => {
    const shape = randomShape(r)
    return (o) => ops.bernoulli(shape, 0.25, o)
  }),
  seeded(
    'exponential, logNormal',
    WIDE,
    (r) => {
      const [f, shape] = [
        r.pick([
          (s: number[], o: any) => ops.exponential(s, 2, o),
          (s: number[], o: any) => ops.logNormal(s, 0, 0.5, o),
        ]),
        randomShape(r),
      ]
      return (o) => f(shape, o)
    },
    { roundings: 40 },
  ),
  seededBy('randLike, randnLike, randintLike', (r) => {
    const f = r.pick([ops.randLike, ops.randnLike, (x: ops.Tensor, o: object) => ops.randintLike(x, 0, 9, o)])
    return (x, o) => f(x, o)
  }),
  seededBy('bernoulli', () => (x, o) => ops.bernoulli(x.detach(), o), { domain: { low: 0.125, high: 0.875 } }),
  seededBy('dropout, alphaDropout', (r) => {
    const f = r.pick([ops.dropout, ops.alphaDropout])
    return (x, o) => f(x, 0.25, o)
  }),
  seededBy(
    'dropout1d, dropout2d, dropout3d, featureAlphaDropout',
    (r) => {
      const f = r.pick([ops.dropout1d, ops.dropout2d, ops.dropout3d, ops.featureAlphaDropout])
      return (x, o) => f(x, 0.5, o)
    },
    { least: 2 },
  ),
  seededBy(
    'multinomial',
    (r, shape) => {
      const n = r.int(1, 6)
      const replacement = n > (shape.at(-1) ?? 0) || r.chance(2)
      return (x, o) => ops.multinomial(x.detach(), n, { ...o, replacement })
    },
    { domain: POSITIVE, least: 1 },
  ),
]
