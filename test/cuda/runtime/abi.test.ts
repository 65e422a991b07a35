/** The driver API as cuda/runtime declares it, against the toolkit's header. Place in the whole: abi_test.cpp has the comparisons. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const homes = [process.env['CUDA_HOME'], process.env['CUDA_PATH'], '/usr/local/cuda'].filter(
  (home) => home !== undefined,
)
const include = homes.map((home) => join(home, 'include')).find((folder) => existsSync(join(folder, 'cuda.h')))
if (include === undefined) console.log('no cuda.h here: the table of driver functions is not compared')

test.skipIf(include === undefined)('the table of driver functions is what cuda.h declares', () => {
  const compile = () =>
    execFileSync(
      process.env['CXX'] ?? 'c++',
      ['-std=c++20', '-fsyntax-only', '-Inative', '-I.', `-I${include}`, 'test/cuda/runtime/abi_test.cpp'],
      { cwd: root, encoding: 'utf8', stdio: 'pipe' },
    )
  expect(compile).not.toThrow()
})
