/** A million random calls: `npm run fuzz`; in the full test run a hundred thousand. */
import { expect, test } from 'vitest'
import { fuzz } from './run.js'

const calls = Number(process.env['SINTER_FUZZ_CALLS'] ?? 100_000)
const seed = Number(process.env['SINTER_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const only = process.env['SINTER_FUZZ_ONLY']

test(
  `${calls} random calls, seed ${seed}`,
  () => {
    const report = fuzz({ seed, calls, ...(only ? { only: new RegExp(only) } : {}) })
    console.log(
      `fuzz: seed ${seed}, ${report.calls} calls of ${report.byOperator.size} operators, ${report.refused} refused by both`,
    )
    expect(report.failures).toEqual([])
  },
  24 * 3_600_000,
)
