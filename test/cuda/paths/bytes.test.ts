/**
 * Products of bytes on CUDA in both tiles with all that may follow: i32, numbers and bytes as results, in packs and by elements, zero points
 * of every kind, each activation; rows quantized on the way that are longer than a block reads at once, or hold no numbers. Place in the
 * whole: test/quant/int8 has the semantics; here are the kernels' edges, against the CPU. Of one multiprocessor, so that the size
 * alone decides which tile is taken.
 */
import { describe, test, vi } from 'vitest'
import type { LinearActivation, Tensor } from '#lib/index.js'
import { tensor } from '#lib/index.js'
import {
  dynamicQuantizedLinear,
  Int8Weight,
  type IntMatmulOptions,
  intMatmul,
  quantizedLinear,
} from '#lib/quant/index.js'
import { simulated } from '../../helpers/simulator.js'
import { drawn, same } from '../same.js'

vi.hoisted(() => {
  // Before the driver is loaded.
  process.env['SINTER_SIM_MULTIPROCESSORS'] = '1'
})

if (!simulated) console.log('SINTER_CUDA_DRIVER is not the simulator: the tiles of products of bytes are not tested')

/** A block's worth of the small tile (64 x 64) and of the large one (128 x 128); results in packs, then by elements. */
const SIZES = [
  [20, 24],
  [17, 21],
  [72, 76],
  [67, 69],
] as const
/** More steps of 64 bytes than there are stages, the last one not full. */
const K = 330
const BYTES = ['u8', 'i8'] as const

const bytes = (seed: string, shape: readonly number[], dtype: 'u8' | 'i8', at: string) =>
  drawn(seed, shape, 'i32', 'cpu', (r) => r.int(dtype === 'u8' ? 0 : -50, 50))
    .to(dtype)
    .to(at) as Tensor
/**
 * (n, k), with zero points that are few enough bits for every sum to be exact in f32. Scales are powers of two, so that numbers are exact,
 * but for one that is none.
 */
function weight(at: string, n: number, k: number, zeros: boolean): Int8Weight {
  const scales = Float64Array.from({ length: n }, (_, i) => (i === 3 ? Number.NaN : 2 ** ((i % 3) - 12)))
  return Int8Weight.from(
    bytes('w', [n, k], 'i8', at),
    tensor(scales, { dtype: 'f32', device: at }) as Tensor,
    zeros ? drawn('zeros', [n], 'i32', at, (r) => r.int(-20, 20)) : null,
  )
}
const eighths = (at: string, n: number) =>
  drawn('bias', [n], 'i32', at, (r) => r.int(-40, 40))
    .to('f32')
    .mul(0.125) as Tensor

describe.skipIf(!simulated)('products of bytes', () => {
  test.each(BYTES)('%s: i32, with zero points of a row, of all, and none', (dtype) => {
    for (const [m, n] of SIZES)
      for (const options of [
        () => ({}),
        () => ({ aZeroPoint: 7, bZeroPoint: -3 }),
        (at: string) => ({ aZeroPoint: drawn('za', [m], 'i32', at, (r) => r.int(0, 60)) }),
        (at: string) => ({ bZeroPoint: drawn('zb', [n], 'i32', at, (r) => r.int(-60, 60)) }),
      ] as readonly ((at: string) => IntMatmulOptions)[])
        same(`${dtype} ${m} x ${n}`, (at) =>
          intMatmul(bytes('a', [2, m, K], dtype, at), bytes('b', [n, K], 'i8', at).transpose(0, 1), options(at)),
        )
  })

  test.each(BYTES)('%s: numbers exactly, and every activation of them', (dtype) => {
    for (const [m, n] of SIZES)
      for (const [outDtype, activation, zeros] of [
        ['f32', 'none', true],
        ['f32', 'relu', false],
        ['f32', 'gelu', true],
        ['f32', 'geluTanh', true],
        ['f32', 'silu', false],
        ['bf16', 'relu', true],
        ['u8', 'relu', true],
        ['i8', 'none', false],
      ] as readonly [(typeof BYTES)[number] | 'f32' | 'bf16', LinearActivation, boolean][])
        same(
          `${dtype} ${m} x ${n} to ${outDtype}, ${activation}`,
          (at) =>
            quantizedLinear(bytes('x', [m, K], dtype, at), weight(at, n, K, zeros), zeros ? eighths(at, n) : null, {
              scale: 2 ** -3,
              zeroPoint: 5,
              outDtype,
              outScale: 0.25,
              outZeroPoint: 9,
              activation,
            }),
          // The transcendental ones; the others are exact.
          ['none', 'relu'].includes(activation) ? 0 : 4,
        )
  })

  test.each(['f32', 'bf16'] as const)('%s: rows quantized on the way', (dtype) => {
    // What a block of 256 threads reads in one round of four each, and more; rows of bytes are longer than those of numbers.
    for (const k of [5, 1024, 2063]) {
      const ROWS: readonly ((i: number) => number)[] = [
        (i) => Math.sin(i),
        (i) => (i === k - 1 ? Number.NaN : i),
        (i) => (i === 0 ? Number.NEGATIVE_INFINITY : i),
        () => 0,
        (i) => -1 - (i % 7),
        (i) => (i % 5) * 1e-38,
        (i) => 3e38 * (i % 2 ? 1 : -1),
      ]
      const values = Float64Array.from(
        { length: ROWS.length * k },
        (_, i) => ROWS[Math.floor(i / k)]?.(i % k) as number,
      )
      for (const reduceRange of [false, true])
        for (const zeros of [false, true])
          same(
            `${dtype} of ${k}`,
            (at) =>
              dynamicQuantizedLinear(
                tensor(values, { dtype: 'f64', shape: [ROWS.length, k] })
                  .to(dtype)
                  .to(at) as Tensor,
                weight(at, 4, k, zeros),
                eighths(at, 4).to(dtype) as Tensor,
                { reduceRange },
              ),
            2,
          )
    }
  })
})
