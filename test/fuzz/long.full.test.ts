/** A million random calls: `npm run fuzz`; in the full test run a hundred thousand. */
import { assert, expect, test } from 'vitest'
import { fuzz } from './run.js'

const env = process.env
const calls = Number(env['SINTER_FUZZ_CALLS'] ?? 100_000)
const seed = Number(env['SINTER_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const from = Number(env['SINTER_FUZZ_FROM'] ?? 0)
const only = env['SINTER_FUZZ_ONLY']

test(
  `${calls} random calls, seed ${seed}`,
  () => {
    console.log(`fuzz: SINTER_FUZZ_SEED=${seed}`)
    const start = performance.now()
    const report = fuzz({
      seed,
      calls,
      from,
      trace: env['SINTER_FUZZ_TRACE'] !== undefined,
      ...(only ? { only: new RegExp(only) } : {}),
    })
    const seconds = (performance.now() - start) / 1000
    console.log(
      `fuzz: ${report.calls} calls of ${report.byOperator.size} entries in ${seconds.toFixed(0)} s, ${report.gradients} with gradients, ${report.refused} refused by both`,
    )
    // An entry that is nearly always refused tests little.
    const idle = [...report.byOperator].filter(([, [n, refused]]) => n >= 20 && refused > n / 2)
    if (idle.length > 0)
      console.log(`fuzz: mostly refused: ${idle.map(([name, [n, k]]) => `${name} ${k} of ${n}`).join('; ')}`)
    if (report.failures.length > 0) assert.fail(report.failures.join('\n'))
    expect(report.calls).toBe(calls)
  },
  24 * 3_600_000,
)
