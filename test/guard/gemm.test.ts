/**
 * The products of every instruction set at the end of closed pages: sizes around every blocking edge, every dtype and transposition, at
 * operands that are aligned to their elements only. A part of the calls; gemm.full.test.ts makes all of them.
 */
import { describe, it } from 'vitest'
import { FAMILIES, instructionSets, PORTABLE, runsPortable, sweep } from './child.js'

/** One call in so many. None has a factor in common with a size's number of kinds, so that all kinds are met. */
const STEP = {
  matmul: 23,
  skinny: 127,
  batched: 7,
  linear: 5,
  packed: 31,
  grouped: 5,
  deep: 11,
  planned: 5,
  conv: 5,
  int8: 7,
  groups: 23,
  sparse: 23,
}

describe.each(instructionSets())('%s', (isa) => {
  it.each(FAMILIES)('%s reads and writes nothing but its operands, results and scratch', (family) =>
    sweep(family, isa, STEP[family]),
  )
})

describe.skipIf(!runsPortable).each(PORTABLE)('$isa', ({ isa, families }) => {
  it.each(families)('%s reads and writes nothing but its operands, results and scratch', (family) =>
    sweep(family, isa, STEP[family]),
  )
})
