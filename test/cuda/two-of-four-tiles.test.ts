/**
 * 2:4 products in the large tiles, which fill a device: here one of a single multiprocessor, so that small products take them. Place in the
 * whole: two-of-four.test.ts has small tiles and the semantics.
 */
import { describe, expect, test, vi } from 'vitest'
import { Random } from '../helpers/random.js'
import { simulated } from '../helpers/simulator.js'
import { countsOf, expectFrugal } from './memory-profile.js'
import { expectExact, HALVES } from './two-of-four.js'

vi.hoisted(() => {
  // Before the driver is loaded.
  process.env['SINTER_SIM_MULTIPROCESSORS'] = '1'
})

/** Both ways in which the dense operand lies; sizes that large and small tiles divide. */
const PROGRAM = `
  const { randn } = await import(process.argv[1])
  const { SparseMatrix, sparseLinear, sparseMatmul } = await import(process.argv[1].replace(/index.js$/, 'sparse/index.js'))
  for (const [rows, n] of [[256, 256], [64, 64]]) {
    const s = SparseMatrix.fromSync(randn([rows, 128]).to('bf16').to('cuda'), { format: '2:4' })
    const [deep, wide] = [[n, 128], [128, n]].map((shape) => randn(shape).to('bf16').to('cuda'))
    sparseLinear(deep, s).dataSync()
    sparseMatmul(s, wide).dataSync()
  }
`

if (!simulated) console.log('SINTER_CUDA_DRIVER is not the simulator: large tiles of 2:4 products are not tested')

describe.skipIf(!simulated)('large tiles of 2:4 products', () => {
  for (const dtype of HALVES)
    test(`${dtype}: whole numbers exactly, two by two tiles that are not full`, () => {
      expectExact(new Random(dtype), dtype, 251, 193, 233, 'cuda:0')
    })

  test('no conflicts, whole sectors, fragments used as often as a warp tile can', () => {
    const kernels = countsOf(PROGRAM)
    const wanted = { bf16_d_large: 8 / 3, bf16_w_large: 8 / 3, bf16_d_small: 2, bf16_w_small: 2 }
    expect(Object.keys(kernels).filter((name) => name.startsWith('two_of_four_bf16')).length).toBe(4)
    for (const [name, uses] of Object.entries(wanted)) {
      const counts = kernels[`two_of_four_${name}`] as (typeof kernels)[string]
      expectFrugal(name, counts)
      expect(counts.mma / counts.ldmatrix, `${name}: mma.sp for each ldmatrix`).toBeCloseTo(uses, 5)
    }
  })

  test('a driver that does not know the instruction is not asked for it: auto is then the dense product', () => {
    vi.stubEnv('SINTER_SIM_DRIVER_VERSION', '12.4')
    const sparse = (names: readonly string[]): string[] => names.filter((name) => /^(two_of_four|sparse_)/.test(name))
    try {
      const names = Object.keys(countsOf(PROGRAM))
      expect(sparse(names)).toEqual([])
      expect(names.some((name) => name.startsWith('gemm_bf16'))).toBe(true)
      const asked = PROGRAM.replace('(deep, s)', "(deep, s, null, { kernel: 'sparse' })").replace(
        '(s, wide)',
        "(s, wide, { kernel: 'sparse' })",
      )
      expect(sparse(Object.keys(countsOf(asked)))).toEqual(['sparse_many_1_bf16'])
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
