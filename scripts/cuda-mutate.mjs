// `npm run cuda:mutate -- --family gemm [--count N] [--seed S]`: do the tests of a family of CUDA kernels notice a mistake in it?
// Place in the whole: makes one edit at a time in a copy of the family's .cu and .cuh files, compiles the one file to PTX, and runs the
// family's tests with that PTX in place of what the test module embeds (SINTER_CUDA_IMAGES, test/cuda/runtime/replaced_image.h), so
// nothing is linked. Says of each mutant whether it was killed (a test failed), survived, or is no mutant: it does not compile, gives
// the same code, or can change no result, for a reason that cuda-mutate.equivalent.json states. Fails where fewer than the bar of the
// others were killed. Needs nvcc.
//
//   --count    mutants to judge (40); those that are none do not count
//   --seed     which (1); kinds of edits take turns, places are drawn
//   --only     a regular expression over `file:line kind`, to look again at some
//   --list     says what would be tried, and tries nothing
//
// Every edit is judged twice, until a test fails: with all that is asynchronous as late as waits allow, and with the checker of races
// and bounds on (SINTER_SIM_CHECK), as `npm run test:full` has it. Edits of synchronization take the checker first.

import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { vitest } from './vitest.mjs'

const BAR = 0.9
const TEST_LIMIT_MS = 900_000
/** Warp instructions in which a block must end: a mutant that loops is found out soon (cuda/sim/README.md). */
const BUDGET = '30000000'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const built = join(root, 'build-cmake/release/cuda')

/** The tests that a mutant of the family must get past, quick ones first: the run ends with the first failure. */
const FAMILIES = {
  gemm: [
    'test/cuda/gemm-tiles.test.ts',
    'test/cuda/paths/division-of-work.test.ts',
    'test/cuda/hopper.test.ts',
    'test/cuda/paths/gemm.test.ts',
    'test/cuda/gemm.test.ts',
    'test/cuda/paths/bytes.test.ts',
    'test/ops/quant.test.ts',
    'test/ops/matmul.test.ts',
    'test/ops/grouped.test.ts',
    'test/ops/linear.test.ts',
  ],
  softmax: ['test/cuda/softmax.test.ts', 'test/ops/softmax.test.ts'],
  optim: [
    'test/cuda/paths/division-of-work.test.ts',
    'test/cuda/optim.test.ts',
    'test/ops/eachTensor.test.ts',
    'test/cuda/late.test.ts',
    'test/cuda/paths/optim.full.test.ts',
    'test/ops/adamFamily.test.ts',
    'test/ops/gradientNorm.test.ts',
    'test/ops/optimize.test.ts',
  ],
  attention: [
    'test/cuda/hopper-attention.test.ts',
    'test/cuda/attention.test.ts',
    'test/cuda/paths/hopper-attention.test.ts',
    'test/cuda/paths/attention.full.test.ts',
    'test/cuda/paths/attention-packed.full.test.ts',
    'test/ops/attention.test.ts',
  ],
  conv: [
    'test/cuda/paths/conv.test.ts',
    'test/cuda/paths/conv-sums.test.ts',
    'test/cuda/conv.test.ts',
    'test/ops/conv.test.ts',
  ],
  linalg: ['test/cuda/linalg.test.ts', 'test/cuda/paths/linalg.test.ts', 'test/ops/linalg.test.ts'],
  scan: ['test/cuda/scan.test.ts', 'test/cuda/paths/scan.test.ts', 'test/ops/scan.test.ts'],
  sort: [
    'test/cuda/sort.test.ts',
    'test/cuda/search.test.ts',
    'test/cuda/paths/sort.test.ts',
    'test/ops/sort.test.ts',
    'test/ops/search.test.ts',
  ],
  distance: ['test/cuda/distance.test.ts', 'test/ops/distance.test.ts'],
  reduce: ['test/cuda/paths/reduce.test.ts', 'test/ops/reduce.test.ts'],
  norm: [
    'test/cuda/paths/norm.test.ts',
    'test/cuda/channel-norm.test.ts',
    'test/ops/norm.test.ts',
    'test/ops/addNorm.test.ts',
    'test/ops/groupNorm.test.ts',
  ],
  loss: ['test/cuda/paths/loss.test.ts', 'test/cuda/ctc.test.ts', 'test/ops/crossEntropy.test.ts'],
  embed: ['test/cuda/paths/embed.test.ts', 'test/ops/embeddingBag.test.ts', 'test/ops/rotary.test.ts'],
  pool: ['test/cuda/paths/pool.test.ts', 'test/ops/pooling.test.ts', 'test/ops/pool-adaptive.test.ts'],
  index: [
    'test/cuda/paths/indices.test.ts',
    'test/cuda/paths/mask.test.ts',
    'test/ops/indexing.test.ts',
    'test/ops/scatter.test.ts',
  ],
  recurrent: ['test/cuda/recurrent.test.ts', 'test/cuda/paths/division-of-work.test.ts', 'test/ops/recurrent.test.ts'],
}

/** Kinds of edits: what is looked for in a line, and what is put in its place. null: the match is left out. */
const KINDS = [
  ['sign', / [+-]=? /g, (it) => (it.includes('+') ? it.replace('+', '-') : it.replace('-', '+'))],
  ['comparison', / (?:<=|>=|<|>) /g, (it) => ({ ' < ': ' <= ', ' <= ': ' < ', ' > ': ' >= ', ' >= ': ' > ' })[it]],
  ['equality', / [!=]= /g, (it) => (it === ' == ' ? ' != ' : ' == ')],
  ['constant', /(?<![\w.'"])\d+(?![\w.'"])/g, (it) => String(Number(it) + 1)],
  ['logic', / (?:&&|\|\|) /g, (it) => (it === ' && ' ? ' || ' : ' && ')],
  [
    'minimum',
    /(?<![A-Za-z])f?(?:min|max)(?=f?\()/g,
    (it) => (it.includes('min') ? it.replace('min', 'max') : it.replace('max', 'min')),
  ],
  ['division', / [/%] /g, (it) => (it === ' / ' ? ' % ' : ' / ')],
  [
    'synchronization',
    /(?<=^\s*)(?:__syncthreads|__syncwarp|\w*(?:wait|commit|barrier)\w*(?:<[^>]*>)?)\([^;]*\);/g,
    () => ';',
  ],
  ['guard', /(?<=\bif (?:constexpr )?)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g, () => '(true)'],
  [
    'variable',
    /\b(?:row|column|rows|columns|i|j|m|n|lane|warp|blockIdx\.x|blockIdx\.y)\b/g,
    (it) =>
      ({
        row: 'column',
        column: 'row',
        rows: 'columns',
        columns: 'rows',
        i: 'j',
        j: 'i',
        m: 'n',
        n: 'm',
        lane: 'warp',
        warp: 'lane',
        'blockIdx.x': 'blockIdx.y',
        'blockIdx.y': 'blockIdx.x',
      })[it],
  ],
]

/** All edits of a line of source: { kind, text } with the line as it would be. Comments, strings and directives are left alone. */
export function editsOf(line) {
  const code = line.replace(/\/\/.*$/, '')
  if (/^\s*(?:#|\*|static_assert|template|using|extern|asm)/.test(code) || code.includes('"')) return []
  const edits = []
  for (const [kind, pattern, replace] of KINDS)
    for (const match of code.matchAll(pattern)) {
      const to = replace(match[0])
      const text = line.slice(0, match.index) + to + line.slice(match.index + match[0].length)
      if (text !== line) edits.push({ kind, from: match[0].trim(), to: to.trim(), was: line, text })
    }
  return edits
}

/**
 * The lines of source that PTX has code of: { path: Set of lines }, of files under [folder]. By the end of their paths, as a compiler
 * cache may have made the PTX in another checkout.
 */
export function linesOf(ptx, folder) {
  const names = new Map([...ptx.matchAll(/^\s*\.file\s+(\d+)\s+"([^"]*)"/gm)].map((it) => [it[1], it[2]]))
  const lines = {}
  for (const [, file, line] of ptx.matchAll(/^\s*\.loc\s+(\d+)\s+(\d+)/gm)) {
    const path = names.get(file) ?? ''
    const at = path.indexOf(`/${folder}/`)
    if (at >= 0) (lines[path.slice(at + 1)] ??= new Set()).add(Number(line))
  }
  return lines
}

/** PTX without what says where it is from: equal texts are the same code. */
export const codeOf = (ptx) =>
  ptx
    .replace(/^\s*\.section[\s\S]*/m, '')
    .split('\n')
    .filter((line) => line.trim() && !/^\s*(?:\/\/|\.loc|\.file|\.version)/.test(line))
    .join('\n')

/** Numbers in [0, 1) from a seed (mulberry32). */
function random(seed) {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Edits with kinds taking turns, each kind's in a drawn order. */
export function drawn(edits, seed) {
  const next = random(seed)
  const kinds = new Map()
  for (const it of edits) kinds.set(it.kind, [...(kinds.get(it.kind) ?? []), it])
  for (const list of kinds.values())
    for (let i = list.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1))
      ;[list[i], list[j]] = [list[j], list[i]]
    }
  const order = []
  for (let turn = 0; order.length < edits.length; turn++)
    for (const list of kinds.values()) if (turn < list.length) order.push(list[turn])
  return order
}

/** Ends with its exit status, and what it wrote; killed with its children when it takes too long. */
function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, detached: true })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), TEST_LIMIT_MS)
    child.on('error', (error) => resolve({ status: 127, output: String(error) }))
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status: status ?? 1, output })
    })
  })
}

/** A copy of the device code in which edits are made, and what compiles them. */
class Workshop {
  constructor(family) {
    this.folder = mkdtempSync(join(tmpdir(), 'sinter-mutate-'))
    this.source = join(this.folder, 'source')
    this.family = join('cuda/kernels', family)
    this.originals = new Map()
    cpSync(join(root, 'cuda/kernels'), join(this.source, 'cuda/kernels'), { recursive: true })
  }

  /** Where PTX of [name] is compiled to. */
  output(name) {
    const folder = join(this.folder, name)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  async compile(image, name) {
    const version = /^\.version .*/m.exec(readFileSync(join(built, `${image}.ptx`), 'utf8'))[0]
    const target = /^\.target sm_(\w+)/m.exec(readFileSync(join(built, `${image}.ptx`), 'utf8'))[1]
    const path = join(this.output(name), `${image}.ptx`)
    const include = [this.source, root, join(root, 'native')].map((it) => `-I${it}`)
    const file = join(this.source, this.family, `${image.replace(/_sm(\d+a)$/, '.sm$1')}.cu`)
    const flags = ['-std=c++17', '-O3', '-lineinfo', `-arch=compute_${target}`, '-ptx', ...include]
    const { status, output } = await run('nvcc', [...flags, file, '-o', path])
    if (status !== 0) return { error: output }
    const ptx = readFileSync(path, 'utf8').replace(/^\.version .*/m, version)
    writeFileSync(path, ptx)
    return { ptx, path }
  }

  /** What the image is without an edit. */
  async original(image) {
    if (!this.originals.has(image)) this.originals.set(image, await this.compile(image, 'original'))
    return this.originals.get(image)
  }

  async mutant(edit, name) {
    const original = await this.original(edit.image)
    const path = join(this.source, edit.path)
    const text = readFileSync(path, 'utf8')
    const lines = text.split('\n')
    lines[edit.line - 1] = edit.text
    writeFileSync(path, lines.join('\n'))
    const made = await this.compile(edit.image, name)
    writeFileSync(path, text)
    if (made.error) return { verdict: 'does not compile' }
    if (codeOf(made.ptx) === codeOf(original.ptx)) return { verdict: 'the same code' }
    return made
  }

  /** Whether ptxas makes the same of both. */
  async equivalent(edit, name) {
    const cubins = []
    for (const folder of ['original', name]) {
      const ptx = join(this.output(folder), `${edit.image}.ptx`)
      const short = join(this.output(folder), 'short.ptx')
      writeFileSync(short, readFileSync(ptx, 'utf8').replace(/^\s*\.loc .*$/gm, ''))
      const target = /^\.target sm_(\w+)/m.exec(readFileSync(ptx, 'utf8'))[1]
      const { status } = await run('ptxas', [
        '-O3',
        `-arch=sm_${target}`,
        short,
        '-o',
        join(this.output(folder), 'cubin'),
      ])
      if (status !== 0) return false
      cubins.push(readFileSync(join(this.output(folder), 'cubin')))
    }
    return cubins[0].equals(cubins[1])
  }
}

/** Every edit of the family, each in one image that has code of the line. */
function editsOfFamily(family) {
  const folder = join('cuda/kernels', family)
  const found = new Map()
  const images = readdirSync(join(root, folder)).filter((name) => name.endsWith('.cu'))
  for (const name of images) {
    const image = basename(name, '.cu').replaceAll('.', '_')
    const lines = linesOf(readFileSync(join(built, `${image}.ptx`), 'utf8'), folder)
    for (const [path, numbers] of Object.entries(lines)) {
      const text = readFileSync(join(root, path), 'utf8').split('\n')
      for (const line of numbers)
        for (const edit of editsOf(text[line - 1] ?? '')) {
          const key = `${path}:${line}:${edit.text}`
          const images = found.get(key)?.images ?? []
          found.set(key, { ...edit, path, line, images: [...images, image] })
        }
    }
  }
  // A header's edits are made in its images by turns.
  return [...found.values()].map((edit, i) => ({ ...edit, image: edit.images[i % edit.images.length] }))
}

/** Edits that can change no result: the lines as they are and as they would be, and why. */
const equivalents = JSON.parse(
  readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'cuda-mutate.equivalent.json'), 'utf8'),
)
const isEquivalent = (edit) =>
  equivalents.some((it) => it.path === edit.path && it.from === edit.was.trim() && it.to === edit.text.trim())

const shown = (edit) => `${edit.path}:${edit.line} ${edit.kind} ${edit.from} -> ${edit.to || 'nothing'} (${edit.image})`

async function main() {
  const args = process.argv.slice(2)
  const value = (name, otherwise) => (args.includes(name) ? args[args.indexOf(name) + 1] : otherwise)
  const family = value('--family')
  const count = Number(value('--count', '40'))
  const only = new RegExp(value('--only', ''))
  const tests = FAMILIES[family]?.filter((path) => existsSync(join(root, path)))
  if (!tests) throw new Error(`--family must be one of ${Object.keys(FAMILIES).join(', ')}`)
  if ((await build({ test: true })) !== 0) return 1
  if (!existsSync(built)) {
    console.log('cuda:mutate: this build has no CUDA kernels, as there is no nvcc')
    return 0
  }
  const edits = drawn(editsOfFamily(family), Number(value('--seed', '1'))).filter((it) => only.test(shown(it)))
  if (args.includes('--list')) {
    for (const edit of edits) console.log(shown(edit))
    return 0
  }

  const workshop = new Workshop(family)
  const judge = (images, checked) =>
    run(process.execPath, [vitest, 'run', '--project', 'cuda*', '--bail', '1', ...tests], {
      SINTER_CUDA_IMAGES: images,
      SINTER_SIM_BUDGET: BUDGET,
      SINTER_TEST_FULL: '1',
      ...(checked ? { SINTER_SIM_CHECK: '1', SINTER_SIM_SEED: '1' } : { SINTER_SIM_CHECK: '0' }),
    })
  const tally = {}
  const survivors = []
  try {
    const sound = await judge(workshop.output('none'), false)
    if (sound.status !== 0) throw new Error(`the tests fail without any edit:\n${sound.output}`)
    let judged = 0
    for (const [i, edit] of edits.entries()) {
      if (judged >= count) break
      const name = `mutant${i}`
      let { verdict } = await workshop.mutant(edit, name)
      verdict ??= isEquivalent(edit) ? 'equivalent' : undefined
      if (!verdict) {
        const images = workshop.output(name)
        const fails = async (checked) => (await judge(images, checked)).status !== 0
        const checkedFirst = edit.kind === 'synchronization'
        if (await fails(checkedFirst)) verdict = 'killed'
        else if (await workshop.equivalent(edit, name)) verdict = 'the same code'
        else verdict = (await fails(!checkedFirst)) ? 'killed' : 'survived'
      }
      judged += verdict === 'killed' || verdict === 'survived'
      if (verdict === 'survived') survivors.push(edit)
      const row = (tally[edit.kind] ??= {
        killed: 0,
        survived: 0,
        equivalent: 0,
        'the same code': 0,
        'does not compile': 0,
      })
      row[verdict]++
      console.log(`${verdict}: ${shown(edit)}`)
      rmSync(workshop.output(name), { recursive: true })
    }
  } finally {
    rmSync(workshop.folder, { recursive: true, force: true })
  }

  console.table(tally)
  for (const edit of survivors) console.log(`survived: ${shown(edit)}\n    ${edit.text.trim()}`)
  const killed = Object.values(tally).reduce((sum, row) => sum + row.killed, 0)
  const share = killed / (killed + survivors.length)
  console.log(
    `cuda:mutate: ${family}: ${killed} of ${killed + survivors.length} mutants killed (${(100 * share).toFixed(0)} %)`,
  )
  return share >= BAR ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main()
