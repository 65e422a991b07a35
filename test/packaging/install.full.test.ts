// A whole installation, as a user types it. Place in the whole: minutes long (the native module is built from nothing), so
// part of `npm run test:full` only.

import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import {
  addPrebuild,
  buildTools,
  checkout,
  packedFiles,
  pathWithOnly,
  run,
  temporaryFolder,
  which,
} from './workplace.js'

const npm = which('npm') as string

// Builds are waited for as long as they take.
vi.setConfig({ testTimeout: 3_600_000 })

/**
 * A home with an empty npm configuration, so that no setting of this machine's helps. Kernels are built for the least instruction set
 * and device alone, as it is the installation that is tested.
 */
function emptyHome(): Record<string, string> {
  const home = temporaryFolder()
  writeFileSync(join(home, '.npmrc'), '')
  const kernels = { SINTER_INSTRUCTION_SETS: 'baseline;neon', SINTER_CUDA_ARCHITECTURES: '80' }
  return { HOME: home, npm_config_update_notifier: 'false', ...kernels }
}

async function tarballOf(folder: string): Promise<string> {
  const target = temporaryFolder()
  const parent = temporaryFolder()
  cpSync(folder, join(parent, 'package'), { recursive: true })
  const path = join(target, 'sinter.tgz')
  const { status, stderr } = await run('tar', ['czf', path, '-C', parent, 'package'], { cwd: parent })
  if (status !== 0) throw new Error(stderr)
  return path
}

const addOne = `const { tensor } = await import('sinter'); console.log(JSON.stringify(tensor([1, 2]).add(1).toArraySync()))`

describe('npm install', () => {
  test('of a tarball with a prebuilt module: no compiler, no scripts', async () => {
    const folder = join(temporaryFolder(), 'package')
    cpSync(await packedFiles(), folder, { recursive: true })
    addPrebuild(folder)
    const consumer = temporaryFolder()
    writeFileSync(join(consumer, 'package.json'), '{ "private": true }')
    const path = pathWithOnly('npm')
    const args = [npm, 'install', '--ignore-scripts', '--no-audit', '--no-fund', await tarballOf(folder)]
    const installed = await run(process.execPath, args, { cwd: consumer, path, env: emptyHome() })
    expect(installed.status, installed.stderr).toBe(0)
    const ran = await run(process.execPath, ['--input-type=module', '-e', addOne], { cwd: consumer, path })
    expect(ran.stdout.trim(), ran.stderr).toBe('[2,3]')
  })

  test('of a tarball without one builds it, with neither Python nor npm settings', async () => {
    const consumer = temporaryFolder()
    writeFileSync(join(consumer, 'package.json'), '{ "private": true }')
    const path = pathWithOnly('npm', ...buildTools)
    const args = [npm, 'install', '--no-audit', '--no-fund', await tarballOf(await packedFiles())]
    const installed = await run(process.execPath, args, { cwd: consumer, path, env: emptyHome() })
    expect(installed.status, installed.stderr).toBe(0)
    expect(existsSync(join(consumer, 'node_modules/sinter/build/Release/sinter.node'))).toBe(true)
    const ran = await run(process.execPath, ['--input-type=module', '-e', addOne], { cwd: consumer, path })
    expect(ran.stdout.trim(), ran.stderr).toBe('[2,3]')
  })

  test('in a checkout builds both halves, and `npm run prebuilds` leaves the build in place', async () => {
    const copy = join(temporaryFolder(), 'checkout')
    mkdirSync(copy)
    const generated = new Set(['.git', 'node_modules', 'build', 'build-cmake', 'dist', 'prebuilds'])
    for (const name of readdirSync(checkout)) {
      if (generated.has(name)) continue
      const filter = (source: string): boolean => basename(source) !== 'generated'
      cpSync(join(checkout, name), join(copy, name), { recursive: true, filter })
    }
    const env = emptyHome()
    const path = pathWithOnly('npm', ...buildTools)
    const installed = await run(process.execPath, [npm, 'install', '--no-audit'], { cwd: copy, path, env })
    expect(installed.status, installed.stderr).toBe(0)
    for (const made of ['build/Release/sinter.node', 'dist/index.js', 'dist/cli/main.js']) {
      expect(existsSync(join(copy, made)), made).toBe(true)
    }
    // prebuildify goes through node-gyp, which needs Python: a release step, not an installation.
    const packed = await run(process.execPath, [npm, 'run', 'prebuilds'], { cwd: copy, env })
    expect(packed.status, packed.stderr).toBe(0)
    const folder = join(copy, 'prebuilds', `${process.platform}-${process.arch}`)
    expect(readdirSync(folder)).toEqual(['sinter.glibc.node'])
    expect(existsSync(join(copy, 'build/Release/sinter.node'))).toBe(true)
  })
})
