/** A minute of random calls in CI, some seconds elsewhere; the seed is printed, SINTER_FUZZ_SEED repeats it. */
import { writeSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fuzz } from './run.js'

const seconds = Number(process.env['SINTER_FUZZ_SECONDS'] ?? (process.env['CI'] ? 60 : 10))
const seed = Number(process.env['SINTER_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

test(
  `random calls against the reference backend, seed ${seed}`,
  () => {
    // At once: what the console holds is lost if a call crashes.
    writeSync(1, `fuzz: SINTER_FUZZ_SEED=${seed}, ${seconds} s\n`)
    const report = fuzz({ seed, ms: seconds * 1000 })
    console.log(`fuzz: ${report.calls} calls of ${report.byOperator.size} operators, ${report.refused} refused by both`)
    expect(report.failures).toEqual([])
    expect(report.calls).toBeGreaterThan(100)
  },
  (seconds + 120) * 1000,
)
