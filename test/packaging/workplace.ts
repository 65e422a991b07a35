// Temporary folders, a PATH with chosen tools only, and the package as a user receives it. Place in the whole: shared by
// the packaging tests, which install and load `sinter` outside the checkout.

import { spawn } from 'node:child_process'
import { accessSync, constants, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

export const checkout = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}, 600_000) // whole installations, of tens of thousands of files

/** A folder that is removed after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sinter-packaging-'))
  folders.push(folder)
  return folder
}

export interface Outcome {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs a command to its end with none of this test run's npm and SINTER_ settings. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; path?: string | undefined; env?: Record<string, string> },
): Promise<Outcome> {
  const env: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(npm_|SINTER_|NODE_OPTIONS$|NODE_PATH$|VITEST|CXX|CC$)/i.test(name)) env[name] = value
  }
  Object.assign(env, options.env)
  if (options.path !== undefined) env.PATH = options.path
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const outcome: Outcome = { status: null, stdout: '', stderr: '' }
    child.stdout.on('data', (chunk) => {
      outcome.stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      outcome.stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (status) => resolve({ ...outcome, status }))
  })
}

/** Where a program is, as the shell would find it. */
export function which(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return undefined
}

/** A PATH on which only the named programs (those of them that this machine has), node and a shell are found. */
export function pathWithOnly(...names: string[]): string {
  const folder = temporaryFolder()
  symlinkSync(process.execPath, join(folder, 'node'))
  for (const name of ['sh', ...names]) {
    const target = which(name)
    if (target !== undefined) symlinkSync(target, join(folder, name))
  }
  return folder
}

/** What a build needs, and nothing else: no Python, no node-gyp. */
export const buildTools: readonly string[] = [
  'g++',
  'gcc',
  'cc',
  'c++',
  'as',
  'ld',
  'ar',
  'ranlib',
  'cmake',
  'make',
  'sed',
]

let packed: Promise<string> | undefined

async function pack(): Promise<string> {
  const folder = temporaryFolder()
  const args = ['pack', '--ignore-scripts', '--pack-destination', folder]
  const outcome = await run('npm', args, { cwd: checkout })
  if (outcome.status !== 0) throw new Error(`npm pack failed: ${outcome.stderr}`)
  const tarball = outcome.stdout.trim().split('\n').at(-1) as string
  const extracted = await run('tar', ['xzf', join(folder, tarball), '-C', folder], { cwd: folder })
  if (extracted.status !== 0) throw new Error(`tar failed: ${extracted.stderr}`)
  // Each test says for itself which native modules the package carries.
  rmSync(join(folder, 'package/prebuilds'), { recursive: true, force: true })
  return join(folder, 'package')
}

/** The packed package's files, without prebuilt modules: a folder to copy from. */
export function packedFiles(): Promise<string> {
  packed ??= pack()
  return packed
}

/**
 * A consumer's folder with the package in node_modules/sinter and its dependencies beside it (links into the checkout's, so
 * that no registry is asked). Returns the package's folder.
 */
export async function installedPackage(options: { prebuild?: boolean } = {}): Promise<string> {
  const consumer = temporaryFolder()
  const target = join(consumer, 'node_modules/sinter')
  cpSync(await packedFiles(), target, { recursive: true })
  if (options.prebuild) addPrebuild(target)
  const { dependencies } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    const link = join(consumer, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(checkout, 'node_modules', name), link)
  }
  return target
}

/** Puts the checkout's release build where `npm run prebuilds` would put it. */
export function addPrebuild(packageFolder: string): void {
  const folder = join(packageFolder, 'prebuilds', `${process.platform}-${process.arch}`)
  mkdirSync(folder, { recursive: true })
  cpSync(join(checkout, 'build/Release/sinter.node'), join(folder, 'sinter.glibc.node'))
}

/** Runs an ES module's text in the consumer's folder of an installed package, with no tool on PATH. */
export function runInConsumer(packageFolder: string, text: string, env: Record<string, string> = {}): Promise<Outcome> {
  const consumer = dirname(dirname(packageFolder))
  return run(process.execPath, ['--input-type=module', '--eval', text], { cwd: consumer, path: pathWithOnly(), env })
}
