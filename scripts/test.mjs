// `npm test` and `npm run test:full`: builds both native modules and dist, then runs vitest. Place in the whole: the
// arguments after `--` go to vitest (`npm test -- softmax`); --full adds the files named *.full.test.ts and draws the seed of
// random numbers, which is otherwise the same in every run (test/setup.ts).

import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { vitest } from './vitest.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const full = process.argv.includes('--full')
const rest = process.argv.slice(2).filter((argument) => argument !== '--full')

const status = await build({ test: true })
if (status !== 0) process.exit(status)

const environment = { ...process.env }
if (full) {
  environment.SINTER_TEST_FULL = '1'
  environment.SINTER_TEST_SEED ??= String(Math.floor(Math.random() * 2 ** 31))
  console.log(`random numbers: SINTER_TEST_SEED=${environment.SINTER_TEST_SEED}`)
}

const child = spawn(process.execPath, [vitest, 'run', ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: environment,
})
child.on('close', (code) => {
  process.exitCode = code ?? 1
})
