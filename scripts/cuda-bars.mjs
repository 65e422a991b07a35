// The static bars of CUDA kernels: what the compiler says of every kernel, on every architecture, against cuda/kernels/manifest.json.
// Place in the whole: `npm run cuda:bars`, a step of CI; reads what the build left (PTX, and ptxas's word for each cubin), so it takes
// no time of its own. Needs nvcc, as the kernels do; says so and passes where a build has none.
//
// The manifest is a list; the first entry of an image whose `kernels` matches a kernel (`*` stands for anything) is that kernel's:
//
//   { "image": "gemm", "kernels": ["gemm_bf16_*"], "threads": 256, "registers": 128, "shared": 0, "dynamicShared": 98304,
//     "occupancy": 0.25, "architectures": [90], "ratios": { "mma.sync / ldmatrix": 2.5 }, "vectors": true, "copies": 16 }
//
//   threads        of a block: the kernel's launch bound
//   registers      a thread, at most, on every architecture
//   shared         bytes of static shared memory at most; dynamicShared: what launches may ask for (0)
//   occupancy      resident warps over those that a multiprocessor can hold, at least, on every architecture
//   architectures  those that it holds for, if not all (a tile too large for the small ones has another kernel there)
//   ratios         instructions of the PTX whose names begin so, counted against one another, at least
//   vectors        global memory is read or written in 16 bytes somewhere
//   copies         every cp.async is of so many bytes
//
// Spills and local memory fail the build itself (cmake/SinterCuda.cmake). No kernel adds floating-point numbers atomically: results are
// the same bits in every run.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * What a multiprocessor has: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability". Registers are given out to
 * warps in units of 256, shared memory to blocks in units of 128 bytes, of which each takes 1 KiB more for the system.
 */
const LIMITS = {
  80: { warps: 64, blocks: 32, shared: 167936, sharedPerBlock: 166912 },
  86: { warps: 48, blocks: 16, shared: 102400, sharedPerBlock: 101376 },
  89: { warps: 48, blocks: 24, shared: 102400, sharedPerBlock: 101376 },
  90: { warps: 64, blocks: 32, shared: 233472, sharedPerBlock: 232448 },
  100: { warps: 64, blocks: 32, shared: 233472, sharedPerBlock: 232448 },
  120: { warps: 48, blocks: 24, shared: 102400, sharedPerBlock: 101376 },
}
const REGISTERS = 65536

const roundUp = (n, unit) => Math.ceil(n / unit) * unit

/** Resident warps over the most there can be. */
export function occupancy(architecture, { threads, registers, shared }) {
  const limit = LIMITS[architecture]
  const warps = Math.ceil(threads / 32)
  // Registers belong to the four parts of a multiprocessor, each of which holds whole warps.
  const warpsByRegisters = 4 * Math.floor(REGISTERS / 4 / roundUp(registers * 32, 256))
  const blocks = Math.min(
    limit.blocks,
    Math.floor(limit.warps / warps),
    Math.floor(warpsByRegisters / warps),
    Math.floor(limit.shared / roundUp(shared + 1024, 128)),
  )
  return (blocks * warps) / limit.warps
}

/** From ptxas -v: { kernel: { registers, shared, stack, spills } } */
export function parseLog(text) {
  const kernels = {}
  let current
  for (const line of text.split('\n')) {
    const entry = /Compiling entry function '(\S+)'/.exec(line)
    if (entry) kernels[entry[1]] = current = { registers: 0, shared: 0, stack: 0, spills: 0 }
    if (!current) continue
    const frame = /(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads/.exec(line)
    if (frame) {
      current.stack = Number(frame[1])
      current.spills = Number(frame[2]) + Number(frame[3])
    }
    const used = /Used (\d+) registers/.exec(line)
    if (used) {
      current.registers = Number(used[1])
      current.shared = Number(/(\d+) bytes smem/.exec(line)?.[1] ?? 0)
    }
  }
  return kernels
}

/** The kernels of PTX text: { name: { threads, instructions: Map of full name to count, copies: bytes of each cp.async } } */
export function parsePtx(text) {
  const kernels = {}
  let current
  for (const line of text.split('\n')) {
    const entry = /^\.visible \.entry (\w+)\(/.exec(line)
    if (entry) kernels[entry[1]] = current = { threads: 0, instructions: new Map(), copies: [] }
    if (line.startsWith('}')) current = undefined
    if (!current) continue
    const bound = /^\.maxntid (\d+), (\d+), (\d+)/.exec(line)
    if (bound) current.threads = Number(bound[1]) * Number(bound[2]) * Number(bound[3])
    const instruction = /^\s*(?:\{\s*)?(?:@!?%p\d+\s+)?([a-z]\w*(?:[.:]+\w+)*)[\s;]/.exec(line)?.[1]
    if (!instruction) continue
    current.instructions.set(instruction, (current.instructions.get(instruction) ?? 0) + 1)
    const copy = /cp\.async\.(?:ca|cg)\.\S+\s+\[[^\]]+\],\s*\[[^\]]+\],\s*(\d+)/.exec(line)
    if (copy) current.copies.push(Number(copy[1]))
  }
  return kernels
}

const matches = (pattern, name) =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(name)

const counted = (kernel, prefix) =>
  [...kernel.instructions].reduce((sum, [name, n]) => (name.startsWith(prefix) ? sum + n : sum), 0)

/** Whether 16 bytes of global memory are one access: .v4 of 32 bits or .v2 of 64. */
const isVector = (name) => /^(?:ld|st)\.global\S*\.(?:v4\.[bfsu]32|v2\.[bfsu]64)$/.test(name)

/** Sums whose bits depend on which block comes first. */
const isUnordered = (name) => /^(?:atom|red)\.\S*\.b?f(?:16|16x2|32|64)$/.test(name)

/** What is wrong with a kernel's PTX, in words. */
export function ptxFaults(kernel, bars) {
  const faults = []
  if (kernel.threads !== bars.threads)
    faults.push(`is bound to ${kernel.threads} threads, the manifest says ${bars.threads}`)
  for (const [ratio, least] of Object.entries(bars.ratios ?? {})) {
    const [above, below] = ratio.split('/').map((part) => counted(kernel, part.trim()))
    if (!(above >= least * below && above > 0))
      faults.push(`${ratio} is ${above} / ${below}, at least ${least} is wanted`)
  }
  if (bars.vectors && ![...kernel.instructions.keys()].some(isVector)) faults.push('moves nothing in 16 bytes')
  const narrow = kernel.copies.find((bytes) => bars.copies !== undefined && bytes !== bars.copies)
  if (narrow !== undefined) faults.push(`has a cp.async of ${narrow} bytes, not ${bars.copies}`)
  const unordered = [...kernel.instructions.keys()].find(isUnordered)
  if (unordered) faults.push(`adds in an order that is another in every run (${unordered})`)
  return faults
}

/** What is wrong with a kernel on an architecture, in words. */
export function cubinFaults(architecture, used, bars) {
  const faults = []
  const shared = used.shared + (bars.dynamicShared ?? 0)
  if (used.spills > 0) faults.push(`spills ${used.spills} bytes`)
  if (used.stack > 0) faults.push(`has ${used.stack} bytes of local memory`)
  if (!(used.registers <= bars.registers))
    faults.push(`takes ${used.registers} registers, the manifest says ${bars.registers}`)
  if (!(used.shared <= (bars.shared ?? 0)))
    faults.push(`takes ${used.shared} bytes of shared memory, the manifest says ${bars.shared ?? 0}`)
  if (!(shared <= LIMITS[architecture].sharedPerBlock))
    faults.push(`takes ${shared} bytes of shared memory, a block has ${LIMITS[architecture].sharedPerBlock}`)
  const share = occupancy(architecture, { threads: bars.threads, registers: used.registers, shared })
  if (!(share >= bars.occupancy))
    faults.push(`has an occupancy of ${share.toFixed(3)}, the manifest says ${bars.occupancy}`)
  return faults
}

/** ptxas's word for an architecture: its own cubin's, or that of the older one of the same generation that runs there. */
function logFor(folder, stem, architecture) {
  const built = readdirSync(folder).flatMap((name) => {
    const match = name.startsWith(`${stem}.sm_`) && /^\.sm_(\d+)a?\.cubin\.log$/.exec(name.slice(stem.length))
    return match ? [{ name, architecture: Number(match[1]) }] : []
  })
  const fitting = built.filter(
    (b) => b.architecture <= architecture && Math.floor(b.architecture / 10) === Math.floor(architecture / 10),
  )
  const best = fitting.sort((a, b) => b.architecture - a.architecture)[0]
  return best && readFileSync(join(folder, best.name), 'utf8')
}

/** All faults of all kernels in the build's folder, and how many kernels there are. */
export function check(folder, manifest) {
  const faults = []
  const unused = new Set(manifest)
  let kernels = 0
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ptx'))) {
    const stem = basename(file, '.ptx')
    const own = /_sm(\d+)a$/.exec(stem)
    const architectures = own ? [Number(own[1])] : Object.keys(LIMITS).map(Number)
    const logs = new Map(architectures.map((a) => [a, parseLog(logFor(folder, stem, a) ?? '')]))
    for (const [name, kernel] of Object.entries(parsePtx(readFileSync(join(folder, file), 'utf8')))) {
      kernels++
      const bars = manifest.find((entry) => entry.image === stem && entry.kernels.some((p) => matches(p, name)))
      if (!bars) {
        faults.push(`${stem}: ${name} is not in the manifest`)
        continue
      }
      unused.delete(bars)
      for (const fault of ptxFaults(kernel, bars)) faults.push(`${stem}: ${name} ${fault}`)
      for (const [architecture, log] of logs) {
        if (bars.architectures && !bars.architectures.includes(architecture)) continue
        // Not built for: compiled from the PTX when it is loaded.
        if (log[name] === undefined) continue
        for (const fault of cubinFaults(architecture, log[name], bars))
          faults.push(`${stem}: ${name} on sm_${architecture} ${fault}`)
      }
    }
  }
  for (const entry of unused) faults.push(`${entry.image}: no kernel is named ${entry.kernels.join(' or ')}`)
  return { kernels, faults }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { buildNative } = await import('./build-native.mjs')
  process.exitCode = await buildNative()
  const folder = join(root, 'build-cmake/release/cuda')
  if (process.exitCode !== 0 || !existsSync(folder)) {
    if (process.exitCode === 0) console.log('cuda:bars: this build has no CUDA kernels, as there is no nvcc')
  } else {
    const manifest = JSON.parse(readFileSync(join(root, 'cuda/kernels/manifest.json'), 'utf8'))
    const { kernels, faults } = check(folder, manifest)
    for (const fault of faults) console.error(fault)
    console.log(`cuda:bars: ${kernels} kernels, ${faults.length} faults`)
    if (faults.length > 0) process.exitCode = 1
  }
}
