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

/** Sizes are whole tiles, and large enough that ends do not count; a kernel's figures are those of all its launches. */
const PROGRAM = `
  const s = await import(process.argv[1])
  const { AdamW } = await import(process.argv[2])
  s.manualSeed(1)
  const random = (shape, dtype = 'f32') => s.randn(shape).to(dtype).to('cuda')
  const done = (...tensors) => { for (const it of tensors) it.dataSync() }
  const [f32, bf16] = [random([256, 1024]), random([256, 1024], 'bf16')]
  done(f32.add(f32), f32.gelu(), bf16.mul(bf16), f32.to('bf16'), f32.transpose(0, 1).contiguous())
  done(f32.sum(1), f32.sum(0), f32.argmax(1))
  done(s.softmax(f32, 1), s.softmax(bf16, 1), s.logSoftmax(f32, 1))
  done(s.layerNorm(f32, [1024]), s.rmsNorm(bf16, [1024]))
  const classes = s.tensor(Array.from({ length: 256 }, (_, i) => (i * 37) % 1024), { dtype: 'i64' }).to('cuda')
  done(s.crossEntropy(f32, classes), s.indexSelect(f32, 0, classes.remainder(256)))
  for (const dtype of ['bf16', 'f32']) done(s.matmul(random([256, 256], dtype), random([256, 256], dtype)))
  const weight = random([256, 1024])
  weight.requiresGrad = true
  const optimizer = new AdamW([weight])
  weight.mul(2).sum().backward()
  optimizer.step()
  done(weight.detach())
  // Convolutions, attention, a recurrent layer, batch norm and a running sum: forward, and backward where that has kernels of its own.
  const leaf = (shape, dtype) => random(shape, dtype).requiresGrad_()
  for (const dtype of ['f32', 'bf16']) {
    const [x, w, q, k, v] = [leaf([2, 32, 16, 16], dtype), leaf([64, 32, 3, 3], dtype), ...[0, 1, 2].map(() => leaf([1, 2, 128, 64], dtype))]
    s.conv2d(x, w, null, { padding: 1 }).sum().backward()
    s.scaledDotProductAttention(q, k, v, { causal: true }).sum().backward()
    done(x.grad, w.grad, q.grad, k.grad, v.grad)
  }
  const image = leaf([4, 16, 16, 16])
  s.batchNorm(image, null, null, null, null, { training: true }).sum().backward()
  const { SparseMatrix, sparseLinear, sparseMatmul } = await import(process.argv[3])
  const pruned = SparseMatrix.fromSync(random([256, 256], 'bf16'), { format: '2:4' })
  done(sparseLinear(random([256, 256], 'bf16'), pruned), sparseMatmul(pruned, random([256, 256], 'bf16')))
  const blocks = SparseMatrix.fromSync(random([256, 256], 'bf16'), { format: 'bsr16x1', density: 0.2 })
  done(sparseMatmul(blocks, random([256, 256], 'bf16'), { kernel: 'sparse' }))
  done(image.grad, s.cumsum(f32, 1), s.sort(f32, 1)[0], s.linalg.solveTriangular(random([64, 64]), random([64, 64]), { upper: true }))
`

/** What is for one compute capability alone, on such a card; of two multiprocessors, so that small products fill it. */
const PROGRAM_90 = `
  const s = await import(process.argv[1])
  for (const rows of [512, 128]) {
    const [x, w] = [[256, 256], [rows, 256]].map((shape) => s.randn(shape).to('bf16').to('cuda'))
    s.linear(x, w).dataSync()
    s.matmul(x, w.transpose(0, 1).contiguous()).dataSync()
  }
  for (const width of [64, 128]) {
    const [q, k, v] = [0, 1, 2].map(() => s.randn([1, 1, 256, width]).to('bf16').to('cuda'))
    s.scaledDotProductAttention(q, k, v, { causal: true }).dataSync()
  }
`
const RUNS = [
  { program: PROGRAM, names: () => true, settings: { SINTER_SIM_CAPABILITY: '8.0' } },
  {
    program: PROGRAM_90,
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
    const modules = ['index', 'optim/index', 'sparse/index'].map((it) => join(root, `dist/${it}.js`))
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, ...modules], {
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

/** The figures of this build's kernels. */
export function measure() {
  return Object.fromEntries(RUNS.flatMap(figuresOf))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await build({ test: true })
  if (process.exitCode === 0) {
    const nvcc = nvccRelease()
    if (nvcc === undefined) throw new Error('this build has no CUDA kernels, as there is no nvcc')
    writeFileSync(FILE, `${JSON.stringify({ nvcc, kernels: measure() }, null, 2)}\n`)
  }
}
