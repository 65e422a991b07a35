/**
 * Attention and its gradients by the kernels of compute capability 9.0 (wgmma, tensor maps), on a simulated card of that kind. Place in the
 * whole: against the CPU in f64, and against mma.sync's kernels, which take what has a mask; attention.test.ts has everything else of
 * attention.
 */
import { describe, expect, test, vi } from 'vitest'
import * as ops from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { simulated } from '../helpers/simulator.js'
import { check, run } from './attentions.js'
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
    check('bf16', [2, 3, 3, 140, 141, 64, 64], { causal: true, rows: true })
    check('f16', [2, 2, 1, 140, 141, 128, 128], { rows: true })
  })

  test('nearly the same bits as by mma.sync, and the same in every run', () => {
    ops.scope(() => {
      const shapes = [200, 260, 260, 200].map((rows) => [1, 2, rows, 64])
      const operands = shapes.map((shape) => ops.rand(shape).sub(0.5).mul(2).to('bf16'))
      const mask = ops.ones([200, 260], { dtype: 'bool' })
      const bits = (masked: boolean) =>
        run([...operands, mask], masked ? { mask: 'bool' } : {}, 'bf16', 'cuda').map((x) => numbers(x))
      const found = bits(false)
      expect(bits(false)).toEqual(found)
      // A mask that hides nothing is other kernels' affair, whose tiles are of other sizes.
      for (const [i, wanted] of bits(true).entries()) {
        const most = wanted.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
        const off = (found[i] as typeof wanted).filter(
          (x, j) => !(Math.abs(x - (wanted[j] as number)) <= 2 ** -7 * most),
        )
        expect(off.length, ['y', 'gq', 'gk', 'gv'][i]).toBe(0)
      }
    })
  })

  test('in any order of warps, copies landing early and late, the checker looking on', () => {
    const program = `
      const { rand, scaledDotProductAttention } = await import(process.argv[1])
      const operands = [200, 260, 260, 200].map((n) => rand([1, 1, n, 128]).mul(2).sub(1).to('bf16'))
      const [found, wanted] = [['cuda', 'bf16'], ['cpu', 'f64']].map(([at, dtype]) => {
        const [q, k, v, g] = operands.map((x) => x.to(at).to(dtype))
        const leaves = [q, k, v].map((x) => x.requiresGrad_())
        const y = scaledDotProductAttention(...leaves, { causal: true })
        y.backward({ gradient: g })
        return [y, ...leaves.map((x) => x.grad)].map((x) => x.to('cpu').to('f32').dataSync())
      })
      for (const [i, x] of found.entries()) {
        const most = wanted[i].reduce((a, b) => Math.max(a, Math.abs(b)), 0)
        if (x.some((y, j) => !(Math.abs(y - wanted[i][j]) <= 2 ** -6 * most))) throw new Error('results are wrong')
      }
    `
    for (const seed of FULL ? ['1', '2', '3', '4', '5'] : ['1'])
      countsOf(program, { ...CARD, SINTER_SIM_SEED: seed, SINTER_SIM_CHECK: '1' })
  })

  test('which kernels run, how much they multiply, and that they ask for no more of memory than there is to move', () => {
    const kernels = countsOf(
      `
      const { ones, randn, scaledDotProductAttention } = await import(process.argv[1])
      const run = (dtype, t, s, width, options) => {
        const leaves = [t, s, s].map((n) => randn([1, 1, n, width]).to(dtype).to('cuda').requiresGrad_())
        scaledDotProductAttention(...leaves, options).sum().backward()
        leaves[0].grad.dataSync()
      }
      run('bf16', 256, 256, 64, {})
      run('bf16', 256, 256, 128, { causal: true })
      run('f16', 128, 192, 64, { causal: true })
      run('bf16', 256, 256, 64, { window: [32, 0] })
      // Of half a block's queries, which only its keys' gradients are for; with a mask, and wider.
      run('bf16', 64, 256, 64, {})
      run('bf16', 128, 128, 64, { mask: ones([128, 128], { dtype: 'bool' }).to('cuda') })
      run('bf16', 128, 128, 136, {})
    `,
      CARD,
    )
    const mma = Object.fromEntries(Object.entries(kernels).map(([name, counts]) => [name, counts.mma]))
    // Of each of 4 warps and each tile: width / 16 for the scores, 8 for the values. Tiles: of each of 4 warpgroups 2; of 2 of them one, of 2 two;
    // of one that leaves the second tile out one, of the other two; and with a window, of which the last one leaves the first tile out, 5.
    // Gradients: twice width / 16, and for each result 8, or 4 where tiles are of 64 rows: then of warpgroup i the first i + 1, or all but
    // the first i. Of 192 keys the last warpgroup has none.
    expect(mma).toMatchObject({
      attention_hopper_bf16_64: 4 * 12 * (4 * 2 + 5),
      attention_hopper_bf16_128: 4 * 16 * (2 * 1 + 2 * 2),
      attention_hopper_f16_64: 4 * 12 * (1 + 2),
      attention_hopper_queries_bf16_64: 4 * 16 * (4 * 2 + 5),
      attention_hopper_queries_bf16_128: 4 * 20 * (1 + 2 + 3 + 4),
      attention_hopper_queries_f16_64: 4 * 16 * (1 + 2),
      attention_hopper_keys_bf16_64: 4 * 24 * (4 * 2 + 5 + 4),
      attention_hopper_keys_bf16_128: 4 * 24 * (4 + 3 + 2 + 1),
      attention_hopper_keys_f16_64: 4 * 24 * 3,
    })
    expect(mma['attention_bf16_64']).toBeGreaterThan(0)
    expect(mma['attention_bf16_256']).toBeGreaterThan(0)
    for (const [name, counts] of Object.entries(kernels)) if (name.includes('hopper')) expectFrugal(name, counts)
  })
})
