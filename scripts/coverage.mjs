// `npm run coverage`: how much of native/ and lib/ the tests execute. Place in the whole: builds the coverage preset (gcov), runs the
// tests on it with V8's coverage on, and prints a line a folder; fails below the bars. Arguments go to vitest. SINTER_ISA is not set,
// so of the kernels, which are compiled once an instruction set, a line counts when any of them ran it.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { vitest } from './vitest.mjs'

const NATIVE_BAR = 90
const LIB_BAR = 92

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const tree = join(root, 'build-cmake', 'coverage')
const dumps = join(root, 'coverage', 'v8')
const require = createRequire(import.meta.url)

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  return status ?? 1
}

function gcdaFiles(folder = tree) {
  return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.gcda'))
}

/** Lines of native/ by file: line -> executed. */
function nativeLines() {
  const files = new Map()
  for (const name of gcdaFiles()) {
    const { stdout } = spawnSync('gcov', ['--json-format', '--stdout', join(tree, name)], {
      cwd: tree,
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    })
    for (const text of stdout.split('\n').filter((line) => line.startsWith('{'))) {
      for (const file of JSON.parse(text).files) {
        const path = relative(root, resolve(tree, file.file))
        if (!path.startsWith(`native${sep}`)) continue
        const lines = files.get(path) ?? new Map()
        files.set(path, lines)
        for (const { line_number, count } of file.lines) lines.set(line_number, lines.get(line_number) || count > 0)
      }
    }
  }
  return files
}

/** Prints the share of each folder; returns the total in per cent. */
function report(title, files) {
  const folders = new Map()
  const all = [0, 0]
  for (const [path, lines] of files) {
    const folder = dirname(path)
    const sum = folders.get(folder) ?? [0, 0]
    for (const executed of lines.values()) {
      for (const s of [sum, all]) {
        s[0]++
        if (executed) s[1]++
      }
    }
    folders.set(folder, sum)
  }
  const percent = ([lines, executed]) => (100 * executed) / Math.max(1, lines)
  for (const [folder, sum] of [...folders].sort()) console.log(`${percent(sum).toFixed(1).padStart(6)} %  ${folder}`)
  console.log(`${percent(all).toFixed(1).padStart(6)} %  ${title}: ${all[1]} of ${all[0]} lines`)
  return percent(all)
}

rmSync(join(root, 'coverage'), { recursive: true, force: true })
mkdirSync(dumps, { recursive: true })
if ((await build({ test: true })) !== 0) process.exit(1)
const configured = existsSync(join(tree, 'CMakeCache.txt')) || run('cmake', ['--preset', 'coverage']) === 0
if (!configured || run('cmake', ['--build', '--preset', 'coverage', '-j', String(availableParallelism())]) !== 0)
  process.exit(1)
for (const name of gcdaFiles()) rmSync(join(tree, name))

const tests = run(process.execPath, [vitest, 'run', '--testTimeout', '600000', ...process.argv.slice(2)], {
  SINTER_BUILD: 'coverage',
  NODE_V8_COVERAGE: dumps,
})

const native = report('native', nativeLines())
const c8 = join(dirname(require.resolve('c8/package.json')), 'bin', 'c8.js')
const summary = ['report', '--temp-directory', dumps, '--reports-dir', join(root, 'coverage'), '--src', 'lib', '--all']
const lib = run(process.execPath, [
  c8,
  ...summary,
  '--include',
  'lib/**',
  '--exclude',
  'lib/generated/**',
  '--reporter',
  'text-summary',
  '--reporter',
  'json-summary',
  '--exclude-after-remap',
])
const { total } =
  lib === 0
    ? JSON.parse(readFileSync(join(root, 'coverage', 'coverage-summary.json'), 'utf8'))
    : { total: { lines: { pct: 0 } } }
console.log(`native ${native.toFixed(1)} % (bar ${NATIVE_BAR}), lib ${total.lines.pct} % (bar ${LIB_BAR})`)
process.exitCode = tests !== 0 || native < NATIVE_BAR || total.lines.pct < LIB_BAR ? 1 : 0
