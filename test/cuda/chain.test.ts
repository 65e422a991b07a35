/** Fused functions as kernels: which launches there are, every step that has a function, packs and their ends, what is unloaded. */
import { describe, expect, it } from 'vitest'
import * as ops from '#lib/index.js'
import { type DType, fuse, scope, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'
import { simulated } from '../helpers/simulator.js'
import { countsOf, expectFrugal } from './memory-profile.js'
import { device } from './same.js'

const full = process.env['SINTER_TEST_FULL'] === '1'

function drawn(r: Random, shape: readonly number[], dtype: DType): Tensor {
  const n = shape.reduce((a, b) => a * b, 1)
  const special = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, 200, -3e9]
  const all = r.array(n, () => (r.int(0, 6) === 0 ? r.pick(special) : r.uniform(-4, 4)))
  return (tensor(all, { dtype: 'f64', shape: [...shape] }) as Tensor).to(dtype).to(device as string)
}

/**
 * The same numbers: NaN of halves have other bits where a step only moves them. A card's compiler may round a product and a sum of one
 * operator together, and not those of another kernel.
 */
function agree(what: string, a: Tensor, b: Tensor): void {
  expect([what, a.dtype, a.shape]).toEqual([what, b.dtype, b.shape])
  const [x, y] = [numbers(a), numbers(b)]
  const eps = simulated ? 0 : (EPS[a.dtype] ?? 2 ** -21)
  y.forEach((v, i) => {
    if (Object.is(v, x[i])) return
    if (!(eps > 0 && Math.abs((x[i] as number) - v) <= eps * Math.max(1, Math.abs(v))))
      expect.fail(`${what}: element ${i} is ${x[i]}, expected ${v}`)
  })
}
const EPS: Partial<Record<DType, number>> = { bf16: 2 ** -7, f16: 2 ** -10, f64: 2 ** -50 }

type F = (x: Tensor, y: Tensor) => Tensor
const UNARY: readonly string[] = (
  'neg abs sign square sqrt rsqrt reciprocal frac floor ceil round trunc isnan isfinite logicalNot signbit isinf exp expm1 log log1p exp2 ' +
  'log2 log10 tanh sigmoid erf sinh cosh atan asin acos relu gelu silu softsign leakyRelu elu softplus hardswish hardsigmoid tanhshrink mish ' +
  'logSigmoid selu celu hardshrink softshrink relu6 sin cos tan sinc asinh acosh atanh erfc erfinv ndtri ndtr logNdtr erfcx entr logit ' +
  'isposinf isneginf nanToNum'
).split(' ')
const FUNCTIONS = ops as unknown as Record<string, (...args: unknown[]) => Tensor>
const unary = (names: readonly string[]): F[] => names.map((name) => (x) => (FUNCTIONS[name] as any)(x) as Tensor)
const BINARY: readonly string[] = (
  'fmod remainder add sub mul div pow maximum minimum fmax fmin heaviside copysign logaddexp xlogy eq ne lt le gt ge logicalAnd logicalOr ' +
  'logicalXor isclose floorDivide atan2 hypot nextafter logaddexp2 xlog1py'
).split(' ')
const binary = (names: readonly string[]): F[] =>
  names.flatMap((name): F[] => {
    const f = FUNCTIONS[name] as any
    return [
      (x, y) => f(x, y),
      (x) => f(x, 1.75),
      ...(['add', 'sub', 'div', 'pow'].includes(name) ? [(x: Tensor) => f(2, x)] : []),
    ]
  })
const INTEGERS: F[] = [
  ...unary(['neg', 'abs', 'sign', 'square', 'logicalNot', 'bitwiseNot', 'relu', 'isnan', 'signbit']),
  ...'add sub mul maximum minimum remainder floorDivide gcd lcm eq lt logicalXor bitwiseAnd bitwiseOr bitwiseXor bitwiseLeftShift bitwiseRightShift'
    .split(' ')
    .flatMap((name): F[] => [(x, y) => (FUNCTIONS[name] as any)(x, y), (x) => (FUNCTIONS[name] as any)(x, 3)]),
  (x) => x.clamp(-2, 3),
  (x, y) => ops.where(x.gt(y), x, 5),
]
const OTHERS: F[] = [
  (x) => x.gelu({ approximate: 'tanh' }),
  (x) => x.clamp(-1, 0.5),
  (x) => x.pow(2),
  (x) => x.pow(-1),
  (x) => x.pow(3),
  (x) => x.round({ decimals: 1 }),
  (x, y) => ops.lerp(x, y, 0.3),
  (x, y) => ops.lerp(x, y, y),
  (x, y) => ops.addcmul(x, y, y, { value: 0.7 }),
  (x, y) => ops.addcdiv(x, y, x, { value: -0.7 }),
  (x, y) => x.maskedFill(y.lt(0), 1.1),
  (x, y) => ops.where(x.lt(y), y, x),
  ...(['f32', 'f64', 'bf16', 'f16', 'i32', 'i64', 'u8', 'i8', 'bool'] as const).flatMap((to): F[] => [
    (x) => x.cast(to),
    (x) => x.cast(to).cast('f32').mul(2),
    (x) => x.cast('i64').cast(to),
    (x) => x.cast('i32').cast(to),
  ]),
]

describe.skipIf(device === undefined)('fused functions on CUDA', () => {
  it.skipIf(!simulated)('are one launch, of no more bytes than operands and results have', () => {
    const counts = countsOf(`
      const { fuse, ones } = await import(process.argv[1])
      const device = 'cuda:0'
      const f = fuse((x, y) => x.mul(y).add(x).sigmoid().mul(x).sub(y).relu())
      for (const dtype of ['f32', 'bf16'])
        for (const [a, b] of [[[4096], [4096]], [[64, 64], [64]], [[64, 64], [64, 1]]])
          f(ones(a, { device, dtype }), ones(b, { device, dtype })).dataSync()
    `)
    const names = Object.keys(counts)
    expect(names.filter((name) => /^(add|sub|mul|sigmoid|relu)_/.test(name))).toEqual([])
    expect(names).toContain('pointwise_chain')
    expectFrugal('pointwise_chain', counts['pointwise_chain'] as NonNullable<(typeof counts)[string]>)
  })

  it.skipIf(!simulated)('have every function in f32 and f64, and the plain ones in other types', () => {
    const names = Object.keys(
      countsOf(`
      const sinter = await import(process.argv[1])
      const of = (dtype) => [sinter.tensor([1, 2, 3]).to(dtype).to('cuda:0'), sinter.tensor([2, 1, 3]).to(dtype).to('cuda:0')]
      const run = (dtype, f) => sinter.fuse(f)(...of(dtype)).dataSync()
      for (const dtype of ['f32', 'f64']) {
        for (const name of ${JSON.stringify(UNARY)}) run(dtype, (x, y) => sinter[name](x.sub(y)).mul(2))
        for (const name of ${JSON.stringify(BINARY)}) run(dtype, (x, y) => sinter[name](x.sub(y), y).mul(2))
      }
      for (const dtype of ['f16', 'i32', 'i64', 'u8', 'i8'])
        run(dtype, (x, y) => sinter.where(x.gt(y), x.mul(y), sinter.maximum(x, 1)).sub(y).abs().cast('f32'))
    `),
    )
    expect(names.filter((name) => name !== 'pointwise_chain' && !name.startsWith('cast_'))).toEqual([])
  })

  const groups: [string, DType, readonly F[]][] = [
    ['functions', 'f32', unary(UNARY)],
    ['pairs', 'f32', binary(BINARY)],
    ['others', 'f32', OTHERS],
    ['halves', 'bf16', [...unary(UNARY.slice(0, full ? 99 : 8)), ...OTHERS.slice(0, 11)]],
    ['doubles', 'f64', [...unary(UNARY.slice(0, full ? 99 : 17)), ...binary(BINARY.slice(0, full ? 99 : 9))]],
    ['whole numbers', 'i32', INTEGERS],
    ['bytes', 'u8', INTEGERS],
    ['long ones', 'i64', INTEGERS],
  ]
  for (const [what, dtype, functions] of groups)
    it(`${what} of ${dtype} as steps are the operators`, () => {
      scope(() => {
        const r = new Random(`${what} ${dtype}`)
        const [x, y] = [drawn(r, [67], dtype), drawn(r, [67], dtype)]
        for (let i = 0; i < functions.length; i += 12) {
          const some = functions.slice(i, i + 12)
          const all = fuse((x: Tensor, y: Tensor) => some.map((f) => f(x, y)))(x, y)
          some.forEach((f, k) => {
            agree(`${what} ${i + k}: ${f}`, all[k] as Tensor, f(x, y))
          })
        }
      })
    })

  it('packs, their ends, and what begins between them', () => {
    scope(() => {
      const f = (x: Tensor, y: Tensor, z: Tensor): Tensor[] => [x.mul(y).add(z), x.gt(0), z.cast('f16').sub(x)]
      const g = fuse(f)
      const r = new Random('packs')
      for (const n of [1, 2, 7, 8, 9, 31, 257, 1021])
        for (const [begin, step] of [
          [0, 1],
          [1, 1],
          [2, 2],
        ] as const) {
          const x = drawn(r, [begin + n * step], 'bf16').slice(0, begin, begin + n * step, step)
          const operands = [x, drawn(r, [n], 'bf16'), drawn(r, [1], 'f32')] as const
          const all = g(...operands)
          for (const [k, y] of f(...operands).entries())
            agree(`${n} from ${begin} by ${step}, ${k}`, all[k] as Tensor, y)
        }
      const x = drawn(r, [3, 4, 5, 8], 'f32')
      for (const p of [
        [0, 1, 2, 3],
        [3, 1, 0, 2],
        [1, 0, 2, 3],
        [2, 3, 0, 1],
      ]) {
        const v = x.permute(p)
        const row = drawn(r, [v.shape[3] as number], 'f32')
        for (const [k, y] of f(v, row, row).entries()) agree(`${p}, ${k}`, g(v, row, row)[k] as Tensor, y)
      }
    })
  })

  it('more operands, dimensions or steps than a kernel takes run step by step', () => {
    scope(() => {
      const r = new Random('many')
      const operands = Array.from({ length: 18 }, () => drawn(r, [9], 'f32'))
      const sum = (...all: Tensor[]): Tensor => all.reduce((a, b) => a.add(b))
      agree('operands', fuse(sum)(...operands), sum(...operands))
      const deep = (x: Tensor, y: Tensor): Tensor => x.mul(y).lgamma()
      agree(
        'no function',
        fuse(deep)(operands[0] as Tensor, operands[1] as Tensor),
        deep(operands[0] as Tensor, operands[1] as Tensor),
      )
      const x = drawn(r, [2, 3, 2, 3, 2, 3, 2], 'f32').permute([6, 1, 4, 3, 2, 5, 0])
      const y = drawn(r, [2, 1, 2, 1, 2, 1, 2], 'f32')
      const f = (x: Tensor, y: Tensor): Tensor => x.mul(y).tanh()
      agree('dimensions', fuse(f)(x, y), f(x, y))
    })
  })

  it.skipIf(!full)(
    'the longest unused kernels are unloaded, and made again',
    () => {
      scope(() => {
        const x = drawn(new Random('evicted'), [5], 'f32')
        const of = (k: number): F => fuse((x: Tensor) => x.mul(k).add(k)) as F
        for (let round = 0; round < 2; round++)
          for (let k = 0; k < 300; k++) agree(`${k}`, of(k)(x, x), x.mul(k).add(k))
      })
    },
    300_000,
  )
})
