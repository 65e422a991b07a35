/** All calls of gemm.test.ts. */
import { describe, it } from 'vitest'
import { FAMILIES, instructionSets, PORTABLE, runsPortable, sweep } from './child.js'

describe.each(instructionSets())('%s', (isa) => {
  it.each(FAMILIES)('%s reads and writes nothing but its operands, results and scratch', (family) =>
    sweep(family, isa, 1),
  )
})

describe.skipIf(!runsPortable).each(PORTABLE)('$isa', ({ isa, families }) => {
  it.each(['matmul', ...families] as const)(
    '%s reads and writes nothing but its operands, results and scratch',
    (family) => sweep(family, isa, 1),
  )
})
