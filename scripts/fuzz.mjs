// `npm run fuzz -- --calls 1000000 --seed 7 --only matmul`: the fuzzer of test/fuzz for as long as one likes. `--from 1234 --calls 1`
// repeats call 1234 of a seed, `--trace` names each call before it runs, to find one that crashes. Place in the whole: a vitest run
// of test/fuzz/long.full.test.ts with its settings in the environment, as tests are TypeScript.

import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { vitest } from './vitest.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    from: { type: 'string' },
    only: { type: 'string' },
    trace: { type: 'boolean' },
  },
})
const status = await build({ test: true })
if (status !== 0) process.exit(status)
const child = spawn(process.execPath, [vitest, 'run', 'test/fuzz/long.full.test.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    SINTER_TEST_FULL: '1',
    SINTER_FUZZ_CALLS: values.calls,
    ...(values.seed ? { SINTER_FUZZ_SEED: values.seed } : {}),
    ...(values.from ? { SINTER_FUZZ_FROM: values.from } : {}),
    ...(values.trace ? { SINTER_FUZZ_TRACE: '1' } : {}),
    ...(values.only ? { SINTER_FUZZ_ONLY: values.only } : {}),
  },
})
child.on('close', (code) => {
  process.exitCode = code ?? 1
})
