/**
 * Indexing, poolings, random numbers and optimizers on CUDA in sizes that take several blocks, tiles or tables, against the CPU. Place
 * in the whole: the operator matrix (test/ops) holds every operator in small sizes; what many blocks have to agree on is held here.
 * Sizes are odd or prime, so that no tile is full.
 */
import { describe, expect, test } from 'vitest'
import { OP } from '#lib/generated/ops.js'
import * as ops from '#lib/index.js'
import { engine, Generator, scope, type Tensor, tensor } from '#lib/index.js'
import { make } from '#lib/ops/emit.js'
import * as optim from '#lib/optim/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

const device = engine.info().devices.find((d) => d.startsWith('cuda'))
if (device === undefined) console.log('no CUDA device here, real or simulated: its kernels are not compared')

const EPS: Partial<Record<DType, number>> = { f32: 2 ** -23, f64: 2 ** -52, bf16: 2 ** -7, f16: 2 ** -10 }

/** A tensor of normal-looking numbers on a device. */
function values(seed: string, shape: readonly number[], dtype: DType, at: string): Tensor {
  const n = shape.reduce((a, b) => a * b, 1)
  return (
    tensor(
      new Random(seed).array(n, (r) => r.uniform(-2, 2)),
      { dtype: 'f64', shape },
    ) as Tensor
  )
    .to(dtype)
    .to(at)
}
function indices(seed: string, n: number, below: number, at: string, dtype: 'i64' | 'i32' = 'i64'): Tensor {
  return (tensor([...new Random(seed).array(n, (r) => r.int(0, below))], { dtype }) as Tensor).to(at)
}

/** f on both devices: equal within a few roundings of the terms' sum. */
function same(what: string, f: (at: string) => Tensor | readonly Tensor[], roundings = 0): void {
  scope(() => {
    const [cpu, cuda] = ['cpu', device as string].map((at) => [f(at)].flat() as Tensor[]) as [Tensor[], Tensor[]]
    expect(cuda.length).toBe(cpu.length)
    cpu.forEach((expected, k) => {
      const actual = cuda[k] as Tensor
      expect({ what, shape: actual.shape, dtype: actual.dtype }).toEqual({
        what,
        shape: expected.shape,
        dtype: expected.dtype,
      })
      const [a, b] = [numbers(actual), numbers(expected)]
      const unit = roundings * (EPS[expected.dtype] ?? 0)
      for (let i = 0; i < b.length; i++) {
        const [x, y] = [a[i] as number, b[i] as number]
        const error = Object.is(x, y) || (Number.isNaN(x) && Number.isNaN(y)) ? 0 : Math.abs(x - y)
        if (!(error <= unit * Math.max(1, Math.abs(y))))
          expect.fail(
            `${what}: result ${k}, element ${i} is ${x}, expected ${y}; tolerance ${unit * Math.max(1, Math.abs(y))}`,
          )
      }
    })
  })
}

describe.skipIf(device === undefined)('many blocks on cuda', () => {
  test('embedding and its gradient: frequent rows, rows without a position', () => {
    for (const [rows, n, count] of [
      [37, 3, 5003],
      [5, 8, 2311],
      [4099, 4, 3001],
    ] as const)
      for (const dtype of ['f32', 'bf16', 'f64'] as const)
        same(
          `embedding ${dtype} (${rows}, ${n}), ${count}`,
          (at) => {
            const weight = values('w', [rows, n], dtype, at).requiresGrad_()
            const y = ops.embedding(weight, indices('i', count, rows, at, rows === 5 ? 'i32' : 'i64'))
            y.backward({ gradient: values('g', [count, n], dtype, at) })
            return [y, weight.grad as Tensor]
          },
          // Sums of 5003 terms in parts of 64.
          64,
        )
  })

  test('scatters and index reductions: runs longer than a block', () => {
    for (const reduce of ['sum', 'prod', 'mean', 'amax', 'amin'] as const)
      for (const dtype of ['f32', 'i32'] as const)
        same(
          `scatterReduce ${reduce} ${dtype}`,
          (at) => {
            const x = values('x', [13, 7], dtype, at)
            const src = values('s', [1201, 7], reduce === 'prod' ? 'f32' : dtype, at)
            const small = reduce === 'prod' ? (src.mul(0.001).add(1) as Tensor).to(dtype) : src
            return ops.scatterReduce(x, 0, indices('i', 1201 * 7, 13, at).reshape([1201, 7]) as Tensor, small, reduce)
          },
          256,
        )
    same(
      'scatterAdd along the last axis',
      (at) =>
        ops.scatterAdd(
          values('x', [3, 101], 'f32', at),
          1,
          indices('i', 3 * 4001, 101, at).reshape([3, 4001]) as Tensor,
          values('s', [3, 4001], 'f32', at),
        ),
      64,
    )
    same(
      'indexAdd in the middle',
      (at) =>
        ops.indexAdd(
          values('x', [3, 5, 6], 'f32', at),
          1,
          indices('i', 997, 5, at),
          values('s', [3, 997, 6], 'f32', at),
          {
            alpha: 0.5,
          },
        ),
      64,
    )
    same('the last of equal indices stays', (at) =>
      ops.scatter(
        values('x', [11, 4], 'f32', at),
        0,
        indices('i', 5003 * 4, 11, at).reshape([5003, 4]) as Tensor,
        values('s', [5003, 4], 'f32', at),
      ),
    )
  })

  test('gather, selections and masks over several tiles', () => {
    same('gather', (at) =>
      ops.gather(values('x', [41, 131], 'f32', at), 1, indices('i', 41 * 257, 131, at).reshape([41, 257]) as Tensor),
    )
    same('indexSelect', (at) => ops.indexSelect(values('x', [3, 17, 129], 'bf16', at), 1, indices('i', 501, 17, at)))
    for (const n of [4096, 9001, 12289])
      same(`masks of ${n}`, (at) => {
        const x = values('x', [n], 'f32', at)
        const mask = ops.gt(x, 0.3) as Tensor
        const room = (n / 2) | 0 // more than are chosen: what is left over is filled
        // The command itself: the function counts first, which is another operator.
        const chosen = make('maskedSelect', OP.maskedSelect, 'f32', [room], x, mask, [], n)
        return [chosen, ops.nonzeroStatic(mask, room, { fill: -1 }), ops.maskedScatter(x, mask, chosen)]
      })
    same('isin', (at) => ops.isin(indices('x', 6007, 9000, at), indices('t', 5003, 9000, at)))
    same('isin of floats', (at) =>
      ops.isin(
        values('x', [3001], 'f32', at).mul(8).round() as Tensor,
        values('t', [2999], 'f32', at).mul(4).round() as Tensor,
      ),
    )
  })

  test('random numbers are the same bits', () => {
    const n = 10_007
    for (const dtype of ['f32', 'bf16'] as const)
      same(`rand, randn, dropout ${dtype}`, (at) => {
        const generator = new Generator(7)
        return [
          ops.rand([n], { dtype, device: at, generator }),
          ops.randn([n], { dtype, device: at, generator }),
          ops.dropout(values('x', [n], dtype, at), 0.3, { generator }),
        ]
      })
    same('randint, randperm, bernoulli', (at) => {
      const generator = new Generator(9)
      return [
        ops.randint(-5, 1000, [n], { device: at, generator }),
        ops.randperm(n, { device: at, generator }),
        ops.bernoulli([n], 0.2, { device: at, generator }),
      ] as Tensor[]
    })
    for (const [rows, categories, k] of [
      [3, 71, 40],
      [2, 5003, 300],
      [2, 301, 100],
    ] as const)
      for (const replacement of [true, false])
        same(`multinomial ${rows} ${categories} ${k} ${replacement}`, (at) =>
          ops.multinomial(values('w', [rows, categories], 'f64', at).abs() as Tensor, k, {
            replacement,
            generator: new Generator(3),
          }),
        )
  })

  test('poolings and grids whose gradients meet', () => {
    same(
      'maxPool2d',
      (at) => {
        const x = values('x', [3, 5, 29, 31], 'f32', at).requiresGrad_()
        const y = ops.maxPool2d(x, 3, { stride: 2, padding: 1 })
        y.backward({ gradient: values('g', y.shape, 'f32', at) })
        return [y, x.grad as Tensor]
      },
      8,
    )
    same(
      'gridSample',
      (at) => {
        const x = values('x', [2, 3, 5, 4], 'f32', at).requiresGrad_()
        const grid = values('grid', [2, 37, 41, 2], 'f32', at).mul(0.6) as Tensor
        const y = ops.gridSample(x, grid)
        y.backward({ gradient: values('g', y.shape, 'f32', at) })
        return [y, x.grad as Tensor]
      },
      512,
    )
  })

  test('optimizers over more tensors than a table holds, of sizes around a piece', () => {
    const sizes = [1, 3, 4096, 4097, 8191, 20_011, ...Array.from({ length: 110 }, (_, i) => (i * 37) % 101)]
    const makers: Record<string, (p: Tensor[]) => { step(): void }> = {
      AdamW: (p) => new optim.AdamW(p, { lr: 0.01 }),
      SGD: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
      Lamb: (p) => new optim.Lamb(p, { lr: 0.01 }),
      Adafactor: (p) => new optim.Adafactor(p, { lr: 0.01 }),
    }
    for (const [name, make] of Object.entries(makers))
      same(
        name,
        (at) => {
          const params = sizes.map((n, k) =>
            values(`p${k}`, n % 2 === 0 && n > 2 ? [2, n / 2] : [n], 'f32', at).requiresGrad_(),
          )
          params.forEach((p, k) => {
            p.grad = values(`g${k}`, p.shape, 'f32', at)
          })
          const optimizer = make(params)
          optimizer.step()
          optimizer.step()
          return params.map((p) => p.detach())
        },
        32,
      )
  })
})
