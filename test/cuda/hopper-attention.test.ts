/**
 * Attention by the kernels of compute capability 9.0 (wgmma, tensor maps), on a simulated card of that kind. Place in the whole: against the
 * CPU in f64, and against mma.sync's kernels, which take what has a mask; attention.test.ts has everything else of attention.
 */
import { describe, expect, test, vi } from 'vitest'
import type { AttentionOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { simulated } from '../helpers/simulator.js'
import { countsOf, expectFrugal } from './memory-profile.js'

vi.hoisted(() => {
  // Before the driver is loaded.
  process.env['SINTER_SIM_CAPABILITY'] = '9.0'
})

if (!simulated)
  console.log(
    'SINTER_CUDA_DRIVER is not the simulator: attention of compute capability 9.0 is tested only on such a card',
  )

const CARD = { SINTER_SIM_CAPABILITY: '9.0' }
const FULL = process.env['SINTER_TEST_FULL'] === '1'
const ROUNDOFF = { bf16: 2 ** -8, f16: 2 ** -11 } as const
type Half = keyof typeof ROUNDOFF

/** Weights and results are rounded once each. */
function close(what: string, found: Tensor, exact: Tensor, dtype: Half): void {
  expect(found.shape, what).toEqual(exact.shape)
  const [a, b] = [numbers(found), numbers(exact)]
  const most = b.reduce((x, y) => Math.max(x, Math.abs(y)), 0)
  const tolerance = 3 * ROUNDOFF[dtype] * most + 2 ** -18
  let worst = 0
  for (let i = 0; i < a.length; i++)
    if (!(Math.abs((a[i] as number) - (b[i] as number)) <= tolerance) && worst++ < 3)
      expect.soft(a[i], `${what}: element ${i}, tolerance ${tolerance}`).toBe(b[i])
  expect(worst, `${what}: elements that are wrong`).toBe(0)
}

type Size = readonly [b: number, h: number, hk: number, t: number, s: number, d: number, e: number]
/** Operands, as views of (b, rows, h, width) if `rows`. */
function drawn([b, h, hk, t, s, d, e]: Size, dtype: Half, rows = false): Tensor[] {
  const lie = (heads: number, n: number, width: number) =>
    ops
      .rand(rows ? [b, n, heads, width] : [b, heads, n, width])
      .sub(0.5)
      .mul(2)
      .to(dtype)
  return [lie(h, t, d), lie(hk, s, d), lie(hk, s, e)]
}
function check(dtype: Half, size: Size, options: AttentionOptions = {}, rows = false): void {
  ops.scope(() => {
    const all = drawn(size, dtype, rows)
    const run = (place: (x: Tensor) => Tensor) => {
      const [q, k, v] = all.map((x) => (rows ? place(x).permute([0, 2, 1, 3]) : place(x))) as [Tensor, Tensor, Tensor]
      return ops.scaledDotProductAttention(q, k, v, { ...options, enableGqa: true })
    }
    const what = `${dtype} ${size} ${JSON.stringify(options)}`
    close(
      what,
      run((x) => x.to('cuda')),
      run((x) => x.to('f64')),
      dtype,
    )
  })
}

describe.skipIf(!simulated)('attention of compute capability 9.0', () => {
  for (const dtype of ['bf16', 'f16'] as const) {
    test(`${dtype}: ragged sizes, shared heads, widths that are not the kernel's`, () => {
      check(dtype, [1, 2, 2, 131, 300, 64, 64])
      check(dtype, [2, 4, 2, 193, 129, 128, 128], { causal: true })
      check(dtype, [1, 1, 1, 257, 149, 40, 72], { scale: 0.7 })
      check(dtype, [1, 3, 1, 70, 127, 61, 17], { causal: true })
    })
  }
  test('what is not seen', () => {
    // Queries that see nothing give 0; tiles that a warpgroup does not see are left out; keys in the middle.
    check('bf16', [1, 1, 1, 300, 170, 64, 64], { causal: true })
    check('bf16', [1, 1, 1, 150, 340, 64, 64], { causal: true })
    check('bf16', [1, 1, 1, 150, 340, 64, 64], { causal: 'upperLeft' })
    check('f16', [1, 1, 1, 290, 290, 128, 64], { window: [33, 10] })
    check('bf16', [1, 1, 1, 290, 420, 64, 64], { window: 5 })
  })
  test('operands as they lie: heads inside of rows', () => {
    check('bf16', [2, 3, 3, 140, 141, 64, 64], { causal: true }, true)
    check('f16', [2, 2, 1, 140, 141, 128, 128], {}, true)
  })

  test('gradients from its lse', () => {
    ops.scope(() => {
      const all = drawn([1, 2, 2, 150, 141, 64, 64], 'bf16')
      const run = (place: (x: Tensor) => Tensor) => {
        const leaves = all.map((x) => place(x).requiresGrad_()) as [Tensor, Tensor, Tensor]
        ops
          .scaledDotProductAttention(...leaves, { causal: true })
          .sum()
          .backward()
        return leaves.map((x) => x.grad as Tensor)
      }
      const [found, exact] = [run((x) => x.detach().to('cuda')), run((x) => x.detach().to('f64'))]
      for (const [i, x] of found.entries()) close(`gradient ${i}`, x, exact[i] as Tensor, 'bf16')
    })
  })

  test('nearly the same bits as by mma.sync, and the same in every run', () => {
    ops.scope(() => {
      const [q, k, v] = drawn([1, 2, 2, 200, 260, 64, 64], 'bf16').map((x) => x.to('cuda')) as [Tensor, Tensor, Tensor]
      const run = (mask: Tensor | null) => numbers(ops.scaledDotProductAttention(q, k, v, { mask }))
      const found = run(null)
      expect(run(null)).toEqual(found)
      // A mask that hides nothing is another kernel's affair, whose tiles are of other sizes.
      const wanted = run(ops.ones([200, 260], { dtype: 'bool' }).to('cuda'))
      expect(found.filter((x, i) => !(Math.abs(x - (wanted[i] as number)) <= 2 ** -9)).length).toBe(0)
    })
  })

  test('in any order of warps, copies landing early and late, the checker looking on', () => {
    const program = `
      const { rand, scaledDotProductAttention } = await import(process.argv[1])
      const [q, k, v] = [200, 260, 260].map((n) => rand([1, 1, n, 128]).to('bf16'))
      const [found, wanted] = ['cuda', 'cpu'].map((at) =>
        scaledDotProductAttention(...[q, k, v].map((x) => x.to(at)), { causal: true }).to('cpu').to('f32').dataSync())
      if (found.some((y, i) => !(Math.abs(y - wanted[i]) <= 2 ** -6))) throw new Error('results are wrong')
    `
    for (const seed of FULL ? ['1', '2', '3', '4', '5'] : ['1'])
      countsOf(program, { ...CARD, SINTER_SIM_SEED: seed, SINTER_SIM_CHECK: '1' })
  })

  test('which kernels run, how much they multiply, and that they ask for no more of memory than there is to move', () => {
    const kernels = countsOf(
      `
      const { ones, randn, scaledDotProductAttention } = await import(process.argv[1])
      const run = (dtype, t, s, width, options) => {
        const [q, k, v] = [t, s, s].map((n) => randn([1, 1, n, width]).to(dtype).to('cuda'))
        scaledDotProductAttention(q, k, v, options).dataSync()
      }
      run('bf16', 256, 256, 64, {})
      run('bf16', 256, 256, 128, { causal: true })
      run('f16', 128, 192, 64, { causal: true })
      run('bf16', 256, 256, 64, { window: [32, 0] })
      // Of half a block's queries, with a mask, and wider.
      run('bf16', 64, 256, 64, {})
      run('bf16', 128, 128, 64, { mask: ones([128, 128], { dtype: 'bool' }).to('cuda') })
      run('bf16', 128, 128, 136, {})
    `,
      CARD,
    )
    const mma = Object.fromEntries(Object.entries(kernels).map(([name, counts]) => [name, counts.mma]))
    // Of each of 4 warps and each tile: width / 16 for the scores, 8 for the values. Tiles: of each of 4 warpgroups 2; of 2 of them one, of 2 two;
    // of one that leaves the second tile out one, of the other two; and with a window, of which the last one leaves the first tile out, 5.
    expect(mma).toMatchObject({
      attention_hopper_bf16_64: 4 * 12 * (4 * 2 + 5),
      attention_hopper_bf16_128: 4 * 16 * (2 * 1 + 2 * 2),
      attention_hopper_f16_64: 4 * 12 * (1 + 2),
    })
    expect(mma['attention_bf16_64']).toBeGreaterThan(0)
    expect(mma['attention_bf16_256']).toBeGreaterThan(0)
    for (const [name, counts] of Object.entries(kernels)) if (name.includes('hopper')) expectFrugal(name, counts)
  })
})
