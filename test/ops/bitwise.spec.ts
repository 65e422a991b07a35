/** Bits and divisors of integers: lib/ops/bitwise.ts. */
import * as ops from '#lib/index.js'
import { type BinaryCase, binarySpecs, unarySpec } from '../opspec/pointwise.js'
import { INTEGERS, type OpSpec } from '../opspec/spec.js'

const LOGICAL = [...INTEGERS, 'bool'] as const
const integer = (f: BinaryCase['f'], dtypes = INTEGERS): BinaryCase => ({
  f,
  dtypes,
  result: 'same',
  gradient: null,
  scalars: [3],
})
export const specs: readonly OpSpec[] = [
  ...binarySpecs({
    bitwiseAnd: { ...integer(ops.bitwiseAnd, LOGICAL), large: true },
    bitwiseOr: integer(ops.bitwiseOr, LOGICAL),
    bitwiseXor: integer(ops.bitwiseXor, LOGICAL),
    bitwiseLeftShift: integer(ops.bitwiseLeftShift),
    bitwiseRightShift: integer(ops.bitwiseRightShift),
    gcd: integer(ops.gcd),
    lcm: { ...integer(ops.lcm), specials: false },
  }),
  unarySpec('bitwiseNot', {
    f: ops.bitwiseNot,
    ops: ['bitwiseNot', 'logicalNot'],
    dtypes: LOGICAL,
    result: 'same',
    gradient: null,
  }),
]
