/** The same call on the CPU and on CUDA. Place in the whole: what test/cuda's comparisons of operators share. */
import { expect } from 'vitest'
import { engine, scope, type Tensor, tensor } from '#lib/index.js'
import { type DType, isIntegral } from '#lib/tensor/dtype.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

export const device = engine.info().devices.find((d) => d.startsWith('cuda'))
if (device === undefined) console.log('no CUDA device here, real or simulated: its kernels are not compared')

const EPS: Partial<Record<DType, number>> = { f32: 2 ** -23, f64: 2 ** -52, bf16: 2 ** -7, f16: 2 ** -10 }

/** A tensor of numbers that are drawn one by one, always the same for a seed. */
export function drawn(
  seed: string,
  shape: readonly number[],
  dtype: DType,
  at: string,
  draw: (r: Random) => number,
): Tensor {
  const n = shape.reduce((a, b) => a * b, 1)
  const all = new Random(seed).array(n, draw)
  return (tensor(isIntegral(dtype) ? [...all].map(Math.round) : all, { dtype: 'f64', shape }) as Tensor)
    .to(dtype)
    .to(at)
}

/** f on both devices: the same shapes, dtypes and elements, these but for some roundings of results of size 1 or more. */
export function same(what: string, f: (at: string) => Tensor | readonly Tensor[], roundings = 0): void {
  scope(() => {
    const [cpu, cuda] = ['cpu', device as string].map((at) => [f(at)].flat() as Tensor[]) as [Tensor[], Tensor[]]
    expect(cuda.map(({ shape, dtype }) => ({ what, shape, dtype }))).toEqual(
      cpu.map(({ shape, dtype }) => ({ what, shape, dtype })),
    )
    cpu.forEach((expected, k) => {
      const [a, b] = [numbers(cuda[k] as Tensor), numbers(expected)]
      const unit = roundings * (EPS[expected.dtype] ?? 0)
      for (let i = 0; i < b.length; i++) {
        const [x, y] = [a[i] as number, b[i] as number]
        if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue
        if (!(Math.abs(x - y) <= unit * Math.max(1, Math.abs(y))))
          expect.fail(`${what}: result ${k}, element ${i} is ${x}, expected ${y}; it may be ${unit} off`)
      }
    })
  })
}
