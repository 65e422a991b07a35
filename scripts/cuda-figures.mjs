// `npm run cuda:figures`: what representative launches of CUDA kernels cost, counted by the stand-in driver, into
// cuda/kernels/figures.json. Place in the whole: test/cuda/figures.test.ts holds the kernels to these figures, so that a change which makes
// one slower shows where no card is; who makes one faster, or slower for a reason, runs this and commits the file.
//
// Figures of a kernel: warp instructions executed; sectors of global memory, and passes over the banks of shared memory (wavefronts),
// each over the fewest possible for what its requests asked for. They depend on the code and on nothing else, but the code on nvcc: they
// are of one release of it.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = join(root, 'build-cmake/release/cuda')
export const FILE = join(root, 'cuda/kernels/figures.json')

/** Programs of test/cuda/launches: the card that they run on, and which of the kernels that they launch are meant. */
const RUNS = [
  { program: 'general', names: () => true, settings: { SINTER_SIM_CAPABILITY: '8.0' } },
  { program: 'families', names: () => true, settings: { SINTER_SIM_CAPABILITY: '8.0' } },
  {
    program: 'hopper',
    names: (name) => name.includes('_hopper_'),
    settings: { SINTER_SIM_CAPABILITY: '9.0', SINTER_SIM_MULTIPROCESSORS: '2' },
  },
]

/** The release of nvcc that made the kernels of the build, as it says in their PTX; undefined without kernels. */
export function nvccRelease() {
  const name = existsSync(built) ? readdirSync(built).find((it) => it.endsWith('.ptx')) : undefined
  return name && /release [\d.]+, (V[\d.]+)/.exec(readFileSync(join(built, name), 'utf8'))?.[1]
}

const ratio = (above, below) => (below === 0 ? null : Number((above / below).toFixed(4)))

function figuresOf({ program, names, settings }) {
  const folder = mkdtempSync(join(tmpdir(), 'sinter-figures-'))
  try {
    const profile = join(folder, 'profile.json')
    const { status, stderr } = spawnSync(process.execPath, [join(root, `test/cuda/launches/${program}.mjs`)], {
      encoding: 'utf8',
      env: {
        ...process.env,
        SINTER_BUILD: 'test',
        SINTER_CUDA_DRIVER: join(root, 'build/cuda/libcudasim.so'),
        SINTER_SIM_SEED: '0',
        SINTER_SIM_PROFILE: profile,
        ...settings,
      },
    })
    if (status !== 0) throw new Error(`the launches failed: ${stderr}`)
    const { kernels } = JSON.parse(readFileSync(profile, 'utf8'))
    return Object.entries(kernels)
      .filter(([name]) => names(name))
      .map(([name, it]) => [
        name,
        {
          launches: it.launches,
          warpInstructions: it.warpInstructions,
          sectors: ratio(it.sectors, it.idealSectors),
          wavefronts: ratio(it.wavefronts, it.idealWavefronts),
        },
      ])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The figures of this build's kernels, of the first program that launches them. */
export function measure() {
  const found = Object.fromEntries(RUNS.flatMap(figuresOf).reverse())
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await build({ test: true })
  if (process.exitCode === 0) {
    const nvcc = nvccRelease()
    if (nvcc === undefined) throw new Error('this build has no CUDA kernels, as there is no nvcc')
    writeFileSync(FILE, `${JSON.stringify({ nvcc, kernels: measure() }, null, 2)}\n`)
  }
}
