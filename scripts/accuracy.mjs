// Writes docs/accuracy.md: the bounds of the elementary and special functions, and the largest errors that every f32 number gives on
// the instruction sets of this machine. Place in the whole: needs a built checkout; takes some minutes. Tests hold the bounds.
//
//   npm run accuracy

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = new URL('..', import.meta.url)
const target = new URL('docs/accuracy.md', root)

/** Compiles test/accuracy/sweep.cpp as the build compiles trig.cpp for an instruction set. */
function compile(isa, program) {
  const commands = JSON.parse(readFileSync(new URL('build-cmake/release/compile_commands.json', root), 'utf8'))
  const command = commands.find(
    (c) => c.file.endsWith('pointwise/trig.cpp') && c.command.includes(`SINTER_ISA=${isa} `),
  )
  const [compiler, ...flags] = command.command.split(' ').filter((flag) => flag !== '')
  const kept = flags.filter((flag, i) => !['-o', '-c'].includes(flag) && !['-o', '-c'].includes(flags[i - 1]))
  execFileSync(compiler, [...kept, fileURLToPath(new URL('test/accuracy/sweep.cpp', root)), '-o', program])
}

function sweep(program, step, name) {
  const child = spawn(program, [String(step), name], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0 && output !== '') resolve(JSON.parse(output))
      else reject(new Error(`accuracy: the sweep of ${name} ended with status ${code} and no result`))
    })
  })
}

/**
 * The largest error of every elementary function of one operand, over all numbers of f32.
 * @param {string} isa
 * @param {number} step 1: all of them
 * @returns {Promise<Map<string, { error: string, at: string }>>}
 */
export async function measured(isa, step) {
  const { ELEMENTARY } = await import('../test/accuracy/functions.mjs')
  const folder = mkdtempSync(join(tmpdir(), 'sinter-accuracy-'))
  try {
    const program = join(folder, 'sweep')
    compile(isa, program)
    const waiting = ELEMENTARY.filter((f) => !f.operands).map((f) => f.name)
    const found = new Map()
    const worker = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        found.set(name, await sweep(program, step, name))
      }
    }
    await Promise.all(Array.from({ length: availableParallelism() }, worker))
    return found
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const FIRST = '<!-- npm run accuracy writes what follows -->'

/**
 * The bounds in the page's table.
 * @returns {Map<string, { f32: string, f64: string }>}
 */
export function statedIn(text) {
  const rows = [...text.matchAll(/^\| `(\w+)` \| (\S*) \|.*\| (\S*) \|$/gm)]
  return new Map(rows.map(([, name, f32, f64]) => [name, { f32, f64 }]))
}

/** All numbers on the best instruction set; every so manieth vector of them on the others, whose vectors are shorter. */
export function steps({ isa, isaSupported }) {
  const best = { avx512vnni: 'avx512', avx512bf16: 'avx512' }[isa] ?? isa
  const others = isaSupported.filter((name) => ['baseline', 'avx2'].includes(name) && name !== best)
  return new Map([...others.map((name) => [name, 127]), [best, 1]])
}

/** The page's table. */
export function table(functions, columns) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  const rows = functions.map(({ name, f32, f64 }) => {
    const cells = [...columns.values()].map((found) => {
      const row = found.get(name)
      return row ? `${Number(row.error).toFixed(3)} at ${row.at}` : ''
    })
    return line([`\`${name}\``, f32, ...cells, f64 ?? ''])
  })
  const titles = ['function', 'f32', ...[...columns.keys()].map((isa) => `largest found, ${isa}`), 'f64']
  return [line(titles), line(titles.map(() => '---')), ...rows].join('\n')
}

async function main() {
  const { FUNCTIONS } = await import('../test/accuracy/functions.mjs')
  const { engine } = await import(new URL('dist/index.js', root))
  const columns = new Map()
  for (const [isa, step] of steps(engine.info())) {
    columns.set(step === 1 ? isa : `${isa}, one vector in ${step}`, await measured(isa, step))
  }
  const [head] = readFileSync(target, 'utf8').split(FIRST)
  writeFileSync(target, `${head}${FIRST}\n\n${table(FUNCTIONS, columns)}\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
