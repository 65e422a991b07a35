/** The rules by which a row of the benchmark is judged. */
import { describe, expect, it } from 'vitest'
import type { PeerFigures } from '../../bench/report.js'
import { boundOf, type Judged, missedBar, summary } from '../../bench/verdict.js'

const peer = (figures: Partial<PeerFigures>): PeerFigures => ({
  key: 'torch',
  name: 'torch-2',
  ms: 1,
  q1: 1,
  q3: 1,
  layout: null,
  share_of_bound: 0.5,
  ratio: 1,
  ratio_q3: 1,
  tuned_ms: null,
  ratio_tuned: null,
  tuned_q3: null,
  error: null,
  ...figures,
})

const row = (name: string, figures: Partial<PeerFigures>, missed: number | null = null): Judged => {
  const best = peer(figures)
  return { case: name, family: 'gemm.f32', peers: [best], best: best.key, ratio: best.ratio, missed_bar: missed }
}

describe('the bound', () => {
  const shape = { name: 'x', dtype: 'f32', prepare: () => () => {} } as const

  it('is the longer of arithmetic and memory', () => {
    expect(boundOf({ ...shape, flops: 2e9, bytes: 1e6 }, 100, 10)).toEqual({ ms: 20, by: 'arithmetic' })
    expect(boundOf({ ...shape, flops: 2e9, bytes: 1e9 }, 100, 10)).toEqual({ ms: 100, by: 'memory' })
    expect(boundOf({ ...shape, bytes: 1e9 }, 100, 10)).toEqual({ ms: 100, by: 'memory' })
    expect(boundOf(shape, 100, 10)).toBeNull()
  })
})

describe('a bar', () => {
  it('is missed when even the upper quartile is under it', () => {
    expect(missedBar([peer({ ratio: 0.9, ratio_q3: 1.01 })], 1)).toBeNull()
    expect(missedBar([peer({ ratio: 0.9, ratio_q3: 0.99 })], 1)).toBe(1)
    expect(missedBar([peer({ ratio_q3: 2.9 })], 3)).toBe(3)
  })

  it('above 1 holds against torch only', () => {
    expect(missedBar([peer({ key: 'openblas', ratio_q3: 1.1 })], 3)).toBeNull()
    expect(missedBar([peer({ ratio_q3: 4 }), peer({ key: 'openblas', ratio_q3: 0.99 })], 3)).toBe(1)
    expect(missedBar([peer({ key: 'openblas', ratio_q3: 0.98 })], 0.97)).toBeNull()
  })

  it('is 0.95 where the peer is near the bound, and against its tuned process', () => {
    expect(missedBar([peer({ share_of_bound: 0.9, ratio_q3: 0.95 })], 1)).toBeNull()
    expect(missedBar([peer({ share_of_bound: 0.9, ratio_q3: 0.94 })], 1)).toBe(0.95)
    expect(missedBar([peer({ ratio_q3: 1.2, tuned_q3: 0.94 })], 1)).toBe(0.95)
  })

  it('asks nothing of peers that have no such case', () => {
    expect(missedBar([peer({ ms: null, ratio: null, ratio_q3: null, error: 'no such case' })], 1)).toBeNull()
  })
})

describe('a summary', () => {
  it('leaves rows at the bound out of the mean and names what missed its bar', () => {
    const rows = [
      row('a', { ratio: 2 }),
      row('b', { ratio: 0.5 }, 1),
      row('c', { ratio: 8 }),
      row('d', { ratio: 0.96, share_of_bound: 0.95 }),
      { ...row('e', {}), ratio: null },
    ]
    expect(summary(rows)).toEqual([
      'gemm.f32: geometric mean 2.000 of 3 rows; 1 with a peer at the bound; lowest 0.50 (b); 2 under 1.0; UNDER THEIR BAR: b',
    ])
    expect(summary([])).toEqual([])
  })
})
