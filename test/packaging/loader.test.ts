// Which native module is opened, and what is said when none can be. Place in the whole: lib/native/load.ts, driven from
// outside through the packed package.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { addPrebuild, checkout, installedPackage, runInConsumer } from './workplace.js'

const tuple = `${process.platform}-${process.arch}`

/** The outcome of the first native call in an installed package: 'ok', or the error's code and message. */
async function firstNativeCall(folder: string, env: Record<string, string> = {}): Promise<string> {
  const { status, stdout, stderr } = await runInConsumer(
    folder,
    `const { tensor, SinterError } = await import('sinter')
     try {
       tensor([1, 2]).add(1).toArraySync()
       console.log('ok')
     } catch (error) {
       console.log(error instanceof SinterError, error.code, error.message)
     }`,
    env,
  )
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout.trim()
}

/** The package as a checkout: sources and modules may differ in age. */
async function asCheckout(options: { prebuild?: boolean } = {}): Promise<string> {
  const folder = await installedPackage(options)
  cpSync(join(checkout, 'tsconfig.json'), join(folder, 'tsconfig.json'))
  return folder
}

function addBuild(folder: string): void {
  mkdirSync(join(folder, 'build/Release'), { recursive: true })
  cpSync(join(checkout, 'build/Release/sinter.node'), join(folder, 'build/Release/sinter.node'))
}

describe('without a native module', () => {
  test('the first native call names the paths tried and what to do', async () => {
    const folder = await installedPackage()
    const message = await firstNativeCall(folder)
    expect(message).toMatch(/^true SINTER_NO_NATIVE /)
    expect(message).toContain(`${folder}/build/Release/sinter.node: not there`)
    expect(message).toContain(`${folder}/prebuilds/${tuple}/*.node: not there`)
    expect(message).toMatch(/npm rebuild sinter/)
  })

  test('a module that the system cannot open is named with the reason', async () => {
    const folder = await installedPackage({ prebuild: true })
    const path = join(folder, 'prebuilds', tuple, 'sinter.glibc.node')
    writeFileSync(path, 'not a module')
    const message = await firstNativeCall(folder)
    expect(message).toMatch(/^true SINTER_NO_NATIVE /)
    expect(message).toContain(`${path}: `)
  })

  test('a variant that was not built is named', async () => {
    const folder = await installedPackage({ prebuild: true })
    const message = await firstNativeCall(folder, { SINTER_BUILD: 'asan' })
    expect(message).toMatch(/^true SINTER_NO_NATIVE /)
    expect(message).toContain(`${folder}/build/asan/sinter.node: not there`)
    expect(message).toMatch(/cmake --preset asan/)
  })
})

describe('choice', () => {
  test('SINTER_BUILD opens build/<variant>', async () => {
    const folder = await installedPackage()
    mkdirSync(join(folder, 'build/mine'), { recursive: true })
    cpSync(join(checkout, 'build/Release/sinter.node'), join(folder, 'build/mine/sinter.node'))
    expect(await firstNativeCall(folder, { SINTER_BUILD: 'mine' })).toBe('ok')
  })

  test('a build wins over a prebuilt module', async () => {
    const folder = await asCheckout({ prebuild: true })
    writeFileSync(join(folder, 'prebuilds', tuple, 'sinter.glibc.node'), 'an old module')
    addBuild(folder)
    expect(await firstNativeCall(folder)).toBe('ok')
  })

  test('a checkout refuses a prebuilt module of other sources', async () => {
    const folder = await asCheckout()
    addPrebuild(folder)
    const { digestPath, sourcesDigest } = await import(pathToFileURL(join(folder, 'dist/native/stale.js')).href)
    writeFileSync(digestPath(folder), sourcesDigest(folder))
    expect(await firstNativeCall(folder)).toBe('ok')
    const changed = join(folder, 'native/engine/call.h')
    writeFileSync(changed, `${readFileSync(changed, 'utf8')}\n`)
    expect(await firstNativeCall(folder)).toMatch(/^true SINTER_STALE_PREBUILD .*npm run build/)
  })

  test('a module of another operator table is refused', async () => {
    const folder = await installedPackage({ prebuild: true })
    const path = join(folder, 'dist/generated/ops.js')
    writeFileSync(path, readFileSync(path, 'utf8').replace(/OPS_HASH = '\w+'/, "OPS_HASH = '00000000'"))
    expect(await firstNativeCall(folder)).toMatch(/^true SINTER_OPS_MISMATCH .*00000000.*npm rebuild sinter/)
  })
})
