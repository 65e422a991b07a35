/**
 * What attention's kernels ask of memory, counted by the simulator on whole tiles: as few sectors of global memory and as few cycles of
 * shared memory as there can be, and fragments used as often as registers allow. Place in the whole: beside gemm-profile.test.ts.
 */
import { expect, test } from 'vitest'
import { simulated } from '../helpers/simulator.js'
import { countsOf, expectFrugal } from './memory-profile.js'

const PROGRAM = `
  const { randn, scaledDotProductAttention } = await import(process.argv[1])
  for (const [dtype, d] of [['bf16', 64], ['bf16', 128], ['bf16', 256], ['f32', 64]]) {
    const [q, k, v] = [0, 1, 2].map(() => randn([1, 1, 128, d]).to(dtype).to('cuda').requiresGrad_())
    scaledDotProductAttention(q, k, v).sum().backward()
    for (const x of [q, k, v]) x.grad.dataSync()
    const general = scaledDotProductAttention(q, k, v, { softcap: 30, dropout: 0.1 })
    if (d === 64) general.sum().backward()
    general.dataSync()
  }
`

/**
 * mma for each ldmatrix.x4: more where a warp has 32 own rows, fewer where registers leave room for 16; more too where fragments of own
 * rows stay in registers, which four tiles have in common here.
 */
const REUSE: Record<string, number> = {
  attention_bf16_64: 3.5,
  attention_bf16_128: 2.6,
  attention_bf16_128_general: 2.6,
  attention_bf16_256: 1.6,
  attention_queries_bf16_64: 2.8,
  attention_queries_bf16_64_general: 2.55,
  attention_queries_bf16_128: 2.3,
  attention_queries_bf16_256: 1.2,
  attention_keys_bf16_64: 2.6,
  attention_keys_bf16_64_general: 2.6,
  attention_keys_bf16_128: 1.6,
  attention_keys_bf16_256: 1.2,
}

test.skipIf(!simulated)(
  'no conflicts, whole sectors, fragments used as often as is meant',
  () => {
    const kernels = countsOf(PROGRAM)
    const own = Object.entries(kernels).filter(([name]) => name.startsWith('attention_'))
    const names = own.map(([name]) => name)
    const scalar = ['attention_f32', 'attention_queries_f32', 'attention_keys_f32']
    const deltas = ['attention_delta_bf16', 'attention_delta_f32']
    expect(names.sort()).toEqual([...Object.keys(REUSE), ...scalar, ...deltas].sort())
    for (const [name, counts] of own) {
      expectFrugal(name, counts)
      const reuse = REUSE[name]
      if (reuse) expect(counts.mma / counts.ldmatrix, `${name}: mma for each ldmatrix`).toBeGreaterThanOrEqual(reuse)
    }
  },
  120_000,
)
