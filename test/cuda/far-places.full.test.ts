/**
 * Kernels' paths for tensors of more than 2^31 elements, on small ones (SINTER_DEBUG=far, cuda/kernels/far_places.h): the files that launch
 * every kernel, once more. Place in the whole: no simulated card has room for such a tensor, and nothing else executes these paths.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { simulated } from '../helpers/simulator.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

test.skipIf(!simulated)('as near ones', { timeout: 1_800_000 }, async () => {
  // A run that names a driver has no project of the simulator's.
  const { SINTER_CUDA_DRIVER: _, SINTER_TEST_FULL: __, VITEST: ___, VITEST_POOL_ID: ____, ...env } = process.env
  const child = spawn(
    process.execPath,
    [
      vitest,
      'run',
      '--project=cuda*',
      'test/cuda/paths',
      'test/ops',
      '--reporter=dot',
      '--outputFile',
      join(tmpdir(), 'sinter-far-places.json'),
    ],
    { cwd: root, env: { ...env, SINTER_DEBUG: 'far', NO_COLOR: '1' } },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(code, output.slice(-4000)).toBe(0)
  // The operator matrix is among them, in whichever project it is.
  expect(Number(/Tests +(\d+) passed/.exec(output)?.[1] ?? 0)).toBeGreaterThan(5000)
})
