// Brings build/Release/sinter.node (and with --test build/test/sinter.node) up to date: the one way from a script to
// CMake. Place in the whole: called by scripts/install.mjs, scripts/build.mjs and binding.gyp; developers' variants
// (debug, asan, tsan, coverage) use CMakePresets.json directly. Calls cmake-js, which finds the Node-API headers in
// its own dependencies: no download, no Python, no node-gyp.
//
//   node scripts/build-native.mjs [--test]
//
// Exit status: 0 up to date, 1 the build failed, 3 a tool is missing (one sentence on standard error says which).

import { spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tree = join(root, 'build-cmake', 'release')
const lock = join(root, 'build-cmake', 'release.lock')

const TOOL_MISSING = 3
const OLDEST_CMAKE = [3, 22]
const LOCK_RENEWAL_MS = 5000

const onPath = (name) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder || '.', name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/** What a build needs and this machine lacks, in words; empty when a build can be tried. */
export function missingTools() {
  const missing = []
  if (!process.env.CXX && !onPath('g++') && !onPath('clang++')) missing.push('a C++20 compiler (g++ or clang++)')
  if (!onPath('cmake')) missing.push('CMake')
  else {
    const found = /version (\d+)\.(\d+)/.exec(spawnSync('cmake', ['--version'], { encoding: 'utf8' }).stdout ?? '')
    const [major, minor] = found ? [Number(found[1]), Number(found[2])] : [0, 0]
    if (major < OLDEST_CMAKE[0] || (major === OLDEST_CMAKE[0] && minor < OLDEST_CMAKE[1])) {
      missing.push(`CMake ${OLDEST_CMAKE.join('.')} or later (found ${major}.${minor})`)
    }
  }
  if (!onPath('ninja') && !onPath('make')) missing.push('make or ninja')
  return missing
}

/** The sentence that a person reads where the native part cannot be built. */
export function missingSentence(missing, next) {
  return (
    `sinter: the native part was not built because ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing; ` +
    `install ${missing.length > 1 ? 'them' : 'it'} (Debian and Ubuntu: apt-get install g++ cmake make) and run \`${next}\`.`
  )
}

// Two npm commands in one checkout must not run CMake in one tree at once. The holder writes its process id and renews the
// file's time, so that a lock left behind by a killed build is recognised, also where its id lives on in another process.
async function withLock(body) {
  mkdirSync(dirname(lock), { recursive: true })
  for (let told = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!isHeld()) rmSync(lock, { force: true })
    else {
      if (!told) console.error('sinter: another build is running here; waiting for it')
      told = true
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  const renewal = setInterval(() => utimesSync(lock, new Date(), new Date()), LOCK_RENEWAL_MS)
  try {
    return await body()
  } finally {
    clearInterval(renewal)
    rmSync(lock, { force: true })
  }
}

function isHeld() {
  try {
    if (Date.now() - statSync(lock).mtimeMs > 6 * LOCK_RENEWAL_MS) return false
    const holder = Number(readFileSync(lock, 'utf8'))
    if (holder) process.kill(holder, 0) // throws when there is no such process
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

// CMake refuses a tree that was configured for another folder, as after copying a checkout.
function dropForeignTree() {
  const cache = join(tree, 'CMakeCache.txt')
  if (!existsSync(cache)) return
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1]
  if (home !== root.replace(/\/$/, '')) rmSync(tree, { recursive: true, force: true })
}

/** Builds; resolves to the exit status. What the compiler says is shown when it fails, with `progress` always. */
export async function buildNative({ test = false, progress = false } = {}) {
  const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js')
  const args = [cmakeJs, 'build', '--directory', root, '--out', tree, '--config', 'Release']
  args.push('--target', test ? 'sinter_test' : 'sinter', '--log-level', 'error')
  args.push(`--CDSINTER_NODE=${process.execPath}`) // packs kernels
  if (process.env.CXX) args.push('--cxx', process.env.CXX, '--cc', process.env.CC ?? 'cc')

  const env = { ...process.env }
  // node-gyp runs this under make: its job server is not meant for CMake's own make.
  for (const name of ['MAKEFLAGS', 'MFLAGS', 'MAKELEVEL']) delete env[name]
  // make uses one core unless told; ninja uses all by itself.
  env.CMAKE_BUILD_PARALLEL_LEVEL ??= String(availableParallelism())

  return withLock(async () => {
    dropForeignTree()
    const output = progress ? 'inherit' : 'pipe'
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', output, output] })
    const chunks = []
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))
    const patience = setTimeout(() => console.error('sinter: building the native module'), 3000)
    const status = await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => resolve(code ?? 1))
    })
    clearTimeout(patience)
    if (status !== 0) process.stderr.write(Buffer.concat(chunks))
    return status === 0 ? 0 : 1
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = missingTools()
  if (missing.length > 0) {
    console.error(missingSentence(missing, 'node scripts/build-native.mjs'))
    process.exitCode = TOOL_MISSING
  } else {
    process.exitCode = await buildNative({ test: process.argv.includes('--test'), progress: true })
  }
}
