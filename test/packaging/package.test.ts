// What the package holds and declares. Place in the whole: a file missing from `files`, or a download address in the lock
// file, is found only by users otherwise.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkout, installedPackage, packedFiles, runInConsumer } from './workplace.js'

const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))

describe('package', () => {
  test('carries what building and loading need', async () => {
    const folder = await packedFiles()
    for (const path of [
      'dist/index.js',
      'dist/index.d.ts',
      'dist/cli/main.js',
      'lib/index.ts',
      'native/ops.def',
      'native/addon',
      'cuda',
      'cmake',
      'CMakeLists.txt',
      'binding.gyp',
      'scripts/install.mjs',
      'scripts/build-native.mjs',
      'README.md',
      'LICENSE',
    ]) {
      expect(existsSync(join(folder, path)), path).toBe(true)
    }
  })

  test('leaves out what only the checkout needs', async () => {
    const folder = await packedFiles()
    for (const path of [
      'test',
      'bench',
      'native/reference',
      'cuda/sim',
      'dist/examples',
      'dist/lib.tsbuildinfo',
      'tsconfig.json',
    ]) {
      expect(existsSync(join(folder, path)), path).toBe(false)
    }
  })

  test('every export exists, and import and require give the same module', async () => {
    const folder = await installedPackage({ prebuild: true })
    const subpaths = Object.keys(manifest.exports).filter((key) => !key.endsWith('.json'))
    const names = subpaths.map((key) => key.replace('.', 'sinter'))
    const { status, stdout, stderr } = await runInConsumer(
      folder,
      `import { createRequire } from 'node:module'
       const require = createRequire(process.cwd() + '/index.js')
       for (const name of ${JSON.stringify(names)}) {
         const imported = await import(name)
         console.log(name, require(name) === imported && Object.keys(imported).length > 0)
       }`,
    )
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout.trim().split('\n')).toEqual(names.map((name) => `${name} true`))
  })

  test('keeps cmake-js offline and npm away from node-gyp', () => {
    expect(manifest.binary.napi_versions).toEqual([8])
    expect(manifest.scripts.install).toBe('node scripts/install.mjs')
    // npm would run it before every `npm run build`.
    expect(manifest.scripts.prebuild).toBeUndefined()
  })

  test('the lock file names no download address', () => {
    const lock = readFileSync(join(checkout, 'package-lock.json'), 'utf8')
    expect(lock).not.toMatch(/"resolved"/)
    expect(readFileSync(join(checkout, '.npmrc'), 'utf8')).toMatch(/^omit-lockfile-registry-resolved=true$/m)
  })
})
