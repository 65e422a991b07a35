// `npm run cuda:coverage`: how much of each CUDA kernel the tests execute. Place in the whole: runs all tests of the projects `cuda*` (vitest)
// on the stand-in driver, each process of which appends what it reaches to a folder (SINTER_SIM_COVERAGE, cuda/sim/coverage.h), and
// merges. Fails where a kernel of the build was never launched, or less than the bar of its PTX instructions executed; says which
// source lines those were that no test reached.
//
//   node scripts/cuda-coverage.mjs [--family NAME] [--report | --keep] [arguments of vitest]
//
//   --family   only kernels of cuda/kernels/NAME are judged (the tests are all run, unless vitest's arguments say less)
//   --report   judges what is in the folder, and runs nothing
//   --keep     adds to what is in the folder: a run of a few test files after one of all

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { parsePtx } from './cuda-bars.mjs'
import { vitest } from './vitest.mjs'

const BAR = 0.95

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = join(root, 'coverage', 'cuda')

/**
 * The lines of many processes' files, merged: [{ kernel, files, at: [file, line, ...], reached: whether, by instruction }]. Kernels of one
 * name, of different images, are told apart by their number of instructions.
 */
export function merge(texts) {
  const hasLines = (at) => at.some((line, i) => i % 2 === 1 && line > 0)
  const kernels = new Map()
  for (const text of texts) {
    for (const line of text.split('\n')) {
      // The last line of a process that was killed while it wrote.
      if (!line.endsWith('}')) continue
      const { kernel, files, at, instructions = at.length / 2, reached = [] } = JSON.parse(line)
      const key = `${kernel} ${instructions}`
      if (!kernels.has(key)) kernels.set(key, { kernel, files, at, reached: new Array(instructions).fill(false) })
      const known = kernels.get(key)
      // The module that users get has its PTX without lines, and tests of that load it.
      if (at && !hasLines(known.at) && hasLines(at)) Object.assign(known, { files, at })
      for (const i of reached) known.reached[i] = true
    }
  }
  return [...kernels.values()]
}

/**
 * What of a merged kernel was executed, and the source lines with an instruction that was not: { executed, instructions,
 * missed: { file: [lines] } }. Instructions of no line are the simulator's own: the return behind the end of each function.
 */
export function judge({ files, at, reached }) {
  const missed = {}
  let executed = 0
  let instructions = 0
  for (const [i, done] of reached.entries()) {
    if (at[2 * i + 1] === 0) continue
    instructions++
    executed += done
    if (done) continue
    const lines = (missed[files[at[2 * i]]] ??= new Set())
    lines.add(at[2 * i + 1])
  }
  return {
    executed,
    instructions,
    missed: Object.fromEntries(Object.entries(missed).map(([file, lines]) => [file, [...lines].sort((a, b) => a - b)])),
  }
}

/** [3, 4, 5, 9] as "3-5 9". */
export function ranges(lines) {
  const parts = []
  for (const line of lines) {
    const last = parts.at(-1)
    if (last && last[1] === line - 1) last[1] = line
    else parts.push([line, line])
  }
  return parts.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(' ')
}

/** { image: [family, family/X.cu] }. */
function families() {
  const kernels = join(root, 'cuda/kernels')
  const found = {}
  for (const family of readdirSync(kernels, { withFileTypes: true }).filter((it) => it.isDirectory()))
    for (const name of readdirSync(join(kernels, family.name)).filter((it) => it.endsWith('.cu')))
      found[basename(name, '.cu').replaceAll('.', '_')] = [family.name, `${family.name}/${name}`]
  return found
}

function report(only) {
  const ptx = join(root, 'build-cmake/release/cuda')
  const files = existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')) : []
  const merged = merge(files)
  const familyOf = families()
  const sums = {}
  let faults = 0
  for (const file of readdirSync(ptx).filter((name) => name.endsWith('.ptx'))) {
    const image = basename(file, '.ptx')
    const [family, source] = familyOf[image] ?? []
    // Left by a file that is no longer there.
    if (family === undefined || (only && family !== only)) continue
    const sum = (sums[family] ??= { kernels: 0, below: 0, instructions: 0, executed: 0 })
    // Kernels of an image that miss the same lines are told of together.
    const told = new Map()
    for (const kernel of Object.keys(parsePtx(readFileSync(join(ptx, file), 'utf8')))) {
      sum.kernels++
      const it = merged.find((m) => m.kernel === kernel && m.files.some((path) => path.endsWith(`/${source}`)))
      const { executed, instructions, missed } = it ? judge(it) : { executed: 0, instructions: 1, missed: {} }
      sum.instructions += instructions
      sum.executed += executed
      const share = executed / instructions
      if (share >= BAR) continue
      sum.below++
      const where = it
        ? Object.entries(missed).map(
            ([name, lines]) => `${name.replace(/^.*\/(?:cuda\/kernels|include)\//, '')}:${ranges(lines)}`,
          )
        : ['never launched']
      const key = where.join('; ')
      told.set(key, [...(told.get(key) ?? []), it ? `${kernel} ${(100 * share).toFixed(1)} %` : kernel])
    }
    faults += [...told.values()].flat().length
    for (const [where, names] of told) console.log(`${image}: ${names.join(', ')}: ${where}`)
  }
  console.log('\nfamily            kernels  below the bar  instructions executed')
  for (const [family, it] of Object.entries(sums).sort())
    console.log(
      `${family.padEnd(16)} ${String(it.kernels).padStart(8)} ${String(it.below).padStart(14)} ${`${((100 * it.executed) / it.instructions).toFixed(1)} %`.padStart(22)}`,
    )
  console.log(`cuda:coverage: ${faults} kernels of which less than ${100 * BAR} % was executed`)
  return faults
}

/** The arguments less `--name`, and whether or with what it was there. */
function take(args, name, valued = false) {
  const i = args.indexOf(name)
  return i < 0 ? undefined : valued ? args.splice(i, 2)[1] : args.splice(i, 1)[0]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2)
  const only = take(args, '--family', true)
  if (!take(args, '--report')) {
    if (!take(args, '--keep')) rmSync(folder, { recursive: true, force: true })
    process.exitCode = await build({ test: true })
    if (process.exitCode === 0 && existsSync(join(root, 'build/cuda/libcudasim.so'))) {
      const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'cuda*', ...args], {
        cwd: root,
        stdio: 'inherit',
        // All of them, and not slowed by the checker, which sees the same instructions.
        env: { ...process.env, SINTER_SIM_COVERAGE: folder, SINTER_TEST_FULL: '1', SINTER_SIM_CHECK: '0' },
      })
      process.exitCode = status ?? 1
    }
  }
  if (!existsSync(join(root, 'build-cmake/release/cuda'))) {
    console.log('cuda:coverage: this build has no CUDA kernels, as there is no nvcc')
  } else if (report(only) > 0) process.exitCode = 1
}
