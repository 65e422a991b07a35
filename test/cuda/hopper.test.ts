/**
 * Products by the kernels of compute capability 9.0 (wgmma, tensor maps), on a simulated card of that kind: every layout, tile, epilogue and
 * batch, several tiles a block, ragged sizes, k in parts. Place in the whole: against the CPU in f64, and against mma.sync, which takes the
 * same operands where their rows do not begin at multiples of 16 bytes. Of two multiprocessors, so that small products fill it.
 */
import { describe, expect, test, vi } from 'vitest'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { simulated } from '../helpers/simulator.js'
import { countsOf, expectFrugal } from './memory-profile.js'
import { check, close, differences, gap, LAYOUTS, lies, whole } from './products.js'

vi.hoisted(() => {
  // Before the driver is loaded.
  process.env['SINTER_SIM_CAPABILITY'] = '9.0'
  process.env['SINTER_SIM_MULTIPROCESSORS'] = '2'
})

if (!simulated)
  console.log(
    'SINTER_CUDA_DRIVER is not the simulator: products of compute capability 9.0 are tested only on such a card',
  )

const FULL = process.env['SINTER_TEST_FULL'] === '1'
const HALVES = ['bf16', 'f16'] as const
const CARD = { SINTER_SIM_CAPABILITY: '9.0' }
const AFTER = [
  {},
  { bias: true, added: true, activation: 'gelu', scale: -0.5, dropout: 0.3 },
  { bias: true, activation: 'silu' },
  { scale: 0.75 },
] as const
/** Four tiles of 128 x 256, none of them full, and two; three of 128 x 128. Results go out in packs, or by elements. */
const SIZES = [
  [232, 488, 136],
  [201, 473, 67],
  [136, 248, 320],
  [377, 117, 264],
] as const

describe.skipIf(!simulated)('products of compute capability 9.0', () => {
  for (const dtype of HALVES)
    for (const [ta, tb] of LAYOUTS)
      test(`${dtype}, ${lies(ta, tb)}`, () => {
        for (const [i, [m, n, k]] of SIZES.entries()) {
          if (dtype === 'f16' && i % 2 === 0 && !FULL) continue
          const [a, b] = [
            { transposed: ta, gap: gap(ta ? m : k) },
            { transposed: tb, gap: gap(tb ? n : k) },
          ]
          check(dtype, { m, n, k, a, b, after: AFTER[(i + Number(ta)) % AFTER.length] ?? {} })
        }
      })

  test('k in parts, and all epilogues after them', () => {
    for (const after of AFTER) check('bf16', { m: 104, n: 120, k: 4104, after })
    check('f16', { m: 104, n: 120, k: 4104 })
  })

  test('more rows of tiles than a band has, in several columns', () => {
    for (const dtype of HALVES) check(dtype, { m: 1160, n: 520, k: 72 })
  })

  test('the same as by mma.sync', () => {
    ops.scope(() => {
      for (const dtype of FULL ? HALVES : (['bf16'] as const))
        for (const [ta, tb] of LAYOUTS) {
          const [m, n, k] = [232, 488, 136]
          const [a, b] = [ops.randn([m, k]).to(dtype), ops.randn([k, n]).to(dtype)]
          // The same numbers, but one element from row to row too many.
          const product = (more: number) => {
            const at = (x: Tensor, wide: boolean) => {
              const room = ops.pad(wide ? x.transpose(0, 1) : x, [0, more]).to('cuda')
              const part = ops.slice(room, 1, 0, x.shape[wide ? 0 : 1] as number)
              return wide ? part.transpose(0, 1) : part
            }
            return ops.matmul(at(a, ta), at(b, tb))
          }
          const [found, wanted] = [product(0), product(1)]
          const size = ops.matmul(ops.abs(a.to('f64')), ops.abs(b.to('f64')))
          close(`${dtype}, ${lies(ta, tb)}`, found, wanted.to('cpu').to('f64'), size, k)
        }
    })
  })

  test('batches: of one dimension or two, in which an operand may be missing', () => {
    ops.scope(() => {
      for (const [ta, tb] of LAYOUTS)
        for (const [sa, sb, turned] of [
          [[3, 136], [3], false],
          [[3, 264], [1], false],
          [[1, 200], [3], false],
          // Two heads of three rows each, the heads inside: no single step leads from item to item.
          [[3, 2, 136], [3, 2], true],
          [[3, 2, 136], [1, 2], true],
          [[1, 2, 136], [3, 2], false],
          [[3, 1, 120], [1, 2], false],
        ] as const) {
          const make = (at: string) => {
            const [m, n, k] = [sa.at(-1) as number, 120, 200]
            const turn = (x: Tensor) => (turned ? x.transpose(0, 1) : x)
            const a = whole(at, 'bf16', [...sa.slice(0, -1), m, k], 3, ta)
            const b = whole(at, 'bf16', [...sb, k, n], 7, tb)
            return ops.matmul(turn(a), turn(b))
          }
          expect(differences(make('cuda'), make('cpu')), `${lies(ta, tb)}, ${sa} by ${sb}`).toBe(0)
        }
    })
  })

  test('the same bits in every run', () => {
    ops.scope(() => {
      const [x, w] = [ops.randn([232, 320]).to('bf16').to('cuda'), ops.randn([488, 320]).to('bf16').to('cuda')]
      const first = ops.linear(x, w)
      expect(differences(ops.linear(x, w), first)).toBe(0)
    })
  })

  test('in any order of warps, copies landing early and late, the checker looking on', () => {
    const program = `
      const { arange, linear } = await import(process.argv[1])
      const whole = (rows, by) => arange(0, rows * 328, 1, { dtype: 'i32' }).mul(by).remainder(5).sub(2).to('bf16').reshape([rows, 328])
      const [x, w] = [whole(264, 3), whole(488, 7)]
      const [found, wanted] = ['cuda', 'cpu'].map((at) => linear(x.to(at), w.to(at)).to('cpu').to('f32').dataSync())
      if (found.some((y, i) => y !== wanted[i])) throw new Error('results are wrong')
    `
    for (const seed of FULL ? ['1', '2', '3', '4', '5'] : ['1'])
      countsOf(program, { ...CARD, SINTER_SIM_SEED: seed, SINTER_SIM_CHECK: '1' })
  })

  test('which kernels run, and that they ask for no more of memory than there is to move', () => {
    const kernels = countsOf(
      `
      const { linear, matmul, randn } = await import(process.argv[1])
      for (const [m, n, k] of [[256, 512, 128], [128, 256, 320]]) {
        const [x, w, b] = [[m, k], [n, k], [k, n]].map((shape) => randn(shape).to('bf16').to('cuda'))
        const turned = randn([k, m]).to('bf16').to('cuda').transpose(0, 1)
        for (const a of [x, turned]) linear(a, w).dataSync(), matmul(a, b).dataSync()
      }
      // Neither rows of 2 bytes too many, nor rows that repeat, are read through tensor maps.
      const odd = randn([256, 129]).to('bf16').to('cuda')
      matmul(odd.slice(1, 0, 128), randn([128, 512]).to('bf16').to('cuda')).dataSync()
      matmul(randn([1, 128]).to('bf16').to('cuda').expand([256, 128]), randn([128, 512]).to('bf16').to('cuda')).dataSync()
    `,
      CARD,
    )
    const names = (prefix: string) =>
      Object.keys(kernels)
        .filter((name) => name.startsWith(prefix))
        .sort()
    expect(names('gemm_hopper_')).toEqual(
      ['dd', 'dw', 'wd', 'ww'].flatMap((layout) =>
        ['large', 'medium'].map((tile) => `gemm_hopper_bf16_${layout}_${tile}`),
      ),
    )
    expect(names('gemm_bf16_')).toHaveLength(2)
    for (const name of names('gemm_hopper_')) {
      const counts = kernels[name]!
      expectFrugal(name, counts)
      // Each of 8 warps: 4 a stage, stages of 64 of k.
      const [columns, k] = name.endsWith('large') ? [256, 128] : [128, 320]
      expect(counts.mma, name).toBe(((256 * 512) / (128 * columns)) * 8 * (k / 16) * (columns === 256 ? 1 : 0.25))
    }
  })

  test('no other compute capability is given them', () => {
    const program = `
      const { linear, randn } = await import(process.argv[1])
      linear(...[[256, 128], [512, 128]].map((shape) => randn(shape).to('bf16').to('cuda'))).dataSync()
    `
    for (const capability of FULL ? ['8.9', '10.0', '12.0'] : ['10.0'])
      expect(
        Object.keys(countsOf(program, { SINTER_SIM_CAPABILITY: capability })).filter((name) => name.includes('hopper')),
      ).toEqual([])
  })
})
