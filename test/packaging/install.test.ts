// The install script in each situation that a user's machine can be in. Place in the whole: scripts/install.mjs; the slow
// ones, a whole build and a real `npm install`, are in install.full.test.ts.

import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  buildTools,
  checkout,
  installedPackage,
  pathWithOnly,
  run,
  runInConsumer,
  temporaryFolder,
  which,
} from './workplace.js'

const install = (packageFolder: string, path: string) =>
  run(process.execPath, ['scripts/install.mjs'], { cwd: packageFolder, path })

describe('scripts/install.mjs', () => {
  test('no tools and no prebuilt module: one sentence, status 0', async () => {
    const folder = await installedPackage()
    const { status, stdout, stderr } = await install(folder, pathWithOnly())
    expect(status).toBe(0)
    expect(stdout).toBe('')
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(
      /a C\+\+20 compiler \(g\+\+ or clang\+\+\) and CMake and make or ninja are missing; install them/,
    )
  })

  test('only the compiler is missing: the sentence names it alone', async () => {
    const folder = await installedPackage()
    const { status, stderr } = await install(folder, pathWithOnly('cmake', 'make'))
    expect(status).toBe(0)
    expect(stderr).toMatch(/because a C\+\+20 compiler \(g\+\+ or clang\+\+\) is missing; install it/)
  })

  test('a CMake that is too old counts as missing', async () => {
    const folder = await installedPackage()
    const path = pathWithOnly('g++', 'make')
    writeFileSync(join(path, 'cmake'), '#!/bin/sh\necho cmake version 3.18.4\n')
    chmodSync(join(path, 'cmake'), 0o755)
    const { status, stderr } = await install(folder, path)
    expect(status).toBe(0)
    expect(stderr).toMatch(/CMake 3\.22 or later \(found 3\.18\)/)
  })

  test('a prebuilt module that loads is enough: nothing is said, nothing is built', async () => {
    const folder = await installedPackage({ prebuild: true })
    const { status, stdout, stderr } = await install(folder, pathWithOnly(...buildTools))
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(existsSync(join(folder, 'build-cmake'))).toBe(false)
  })

  test('a compile error is shown and ends with status 1', async () => {
    const folder = await installedPackage()
    const path = pathWithOnly(...buildTools)
    // The real compiler for CMake's own checks, a failing one for Sinter's sources. On this process's path, as the real one may be
    // ccache, which looks for the next there.
    for (const name of ['g++', 'c++']) {
      rmSync(join(path, name), { force: true })
      writeFileSync(
        join(path, name),
        `#!/bin/sh\ncase "$*" in */native/*.cpp*) echo "x.cpp:1:1: error: planted" >&2; exit 1;; esac\nPATH='${process.env['PATH']}' exec ${which('g++')} "$@"\n`,
      )
      chmodSync(join(path, name), 0o755)
    }
    const { status, stderr } = await install(folder, path)
    expect(stderr).toMatch(/error: planted/)
    expect(status).toBe(1)
  })

  test('two builds at once wait for each other', async () => {
    const build = () => run(process.execPath, ['scripts/build-native.mjs', '--test'], { cwd: checkout })
    const outcomes = await Promise.all([build(), build()])
    expect(outcomes.map((outcome) => outcome.status)).toEqual([0, 0])
    expect(existsSync(join(checkout, 'build-cmake/release.lock'))).toBe(false)
  })
})

describe('the installed package', () => {
  test('runs from a prebuilt module with no tool and no install script', async () => {
    const folder = await installedPackage({ prebuild: true })
    const { stdout, stderr } = await runInConsumer(
      folder,
      `import { createRequire } from 'node:module'
       const required = createRequire(process.cwd() + '/index.js')('sinter')
       const imported = await import('sinter')
       console.log(JSON.stringify(required.tensor([1, 2, 3]).add(imported.tensor([1, 1, 1])).toArraySync()))`,
    )
    expect(stderr).toBe('')
    expect(stdout.trim()).toBe('[2,3,4]')
  })

  test('its command line runs', async () => {
    const folder = await installedPackage({ prebuild: true })
    const outcome = await run(process.execPath, [join(folder, 'dist/cli/main.js'), '--help'], {
      cwd: temporaryFolder(),
      path: pathWithOnly(),
    })
    expect(outcome.status).toBe(0)
    expect(outcome.stdout).toMatch(/sinter/)
  })
})
