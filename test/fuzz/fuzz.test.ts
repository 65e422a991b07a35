/**
 * A minute of random calls in CI, some seconds elsewhere. The seed is printed, SINTER_FUZZ_SEED repeats it; in CI it is the
 * commit's, so that a run is new with every commit and a red one is red again.
 */
import { execFileSync } from 'node:child_process'
import { writeSync } from 'node:fs'
import { assert, expect, test } from 'vitest'
import { fuzz } from './run.js'

const seconds = Number(process.env['SINTER_FUZZ_SECONDS'] ?? (process.env['CI'] ? 60 : 10))
const seed = Number(process.env['SINTER_FUZZ_SEED'] ?? (process.env['CI'] ? seedOfCommit() : randomSeed()))

function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 31)
}

/** The first 31 bits of the commit's hash; random outside a repository. */
function seedOfCommit(): number {
  try {
    const hash = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return Number.parseInt(hash.slice(0, 8), 16) >>> 1
  } catch {
    return randomSeed()
  }
}

test(
  `random calls against the reference backend, seed ${seed}`,
  () => {
    // At once: what the console holds is lost if a call crashes.
    writeSync(1, `fuzz: SINTER_FUZZ_SEED=${seed}, ${seconds} s\n`)
    const report = fuzz({ seed, ms: seconds * 1000 })
    console.log(`fuzz: ${report.calls} calls of ${report.byOperator.size} operators, ${report.refused} refused by both`)
    if (report.failures.length > 0) assert.fail(report.failures.join('\n'))
    expect(report.calls).toBeGreaterThan(100)
  },
  (seconds + 120) * 1000,
)
