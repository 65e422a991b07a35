/** All calls of gemm.test.ts. */
import { describe, it } from 'vitest'
import { FAMILIES, instructionSets, PAIRS, sweep } from './child.js'

describe.each(instructionSets())('%s', (isa) => {
  it.each(FAMILIES)('%s reads and writes nothing but its operands, results and scratch', (family) =>
    sweep(family, isa, 1),
  )
})

describe.skipIf(!PAIRS.runs)(PAIRS.isa, () => {
  it.each(['matmul', ...PAIRS.families] as const)(
    '%s reads and writes nothing but its operands, results and scratch',
    (family) => sweep(family, PAIRS.isa, 1),
  )
})
