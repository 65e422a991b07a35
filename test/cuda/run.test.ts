/** A run from a configuration on a CUDA device: training, its checkpoints, going on, evaluating. Place in the whole: lib/config and lib/train on a device. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evaluateRun, loadRun } from '#lib/config/index.js'
import { loadSafetensors } from '#lib/io/index.js'
import { silentProgress } from '#lib/train/index.js'

const device = process.env['SINTER_OPS_DEVICE'] ?? ''
const CLOUDS = fileURLToPath(new URL('../config/clouds.mjs', import.meta.url))
const CONFIG = `name: clouds
seed: 3
model: { module: ${CLOUDS}, export: Net }
data:
  train: { module: ${CLOUDS}, export: clouds, samples: 64 }
  validation: { split: 0.25 }
  batchSize: 8
loss: CrossEntropyLoss
optim: { name: AdamW, lr: 0.05 }
scheduler: { name: CosineAnnealingLR }
trainer: { epochs: 2, clipNorm: 1, keepBest: { metric: accuracy, mode: max } }
metrics: [Accuracy]
`
const quiet = { progress: silentProgress }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sinter-cuda-run-'))
  await writeFile(join(folder, 'config.yaml'), CONFIG)
})
afterAll(() => rm(folder, { recursive: true }))

/** The weights that a run ends with. */
async function train(out: string, set: string[], resume = false): Promise<number[]> {
  const run = await loadRun(join(folder, 'config.yaml'), { set })
  await run.train({ ...quiet, out: join(folder, out), resume })
  const values: number[] = []
  for (const tensor of (await loadSafetensors(join(folder, out, 'model.safetensors'))).values()) {
    values.push(...((await tensor.data()) as Float32Array))
    tensor.dispose()
  }
  return values
}

describe.skipIf(!device.startsWith('cuda'))('a run on a CUDA device', () => {
  it('ends where the CPU ends, goes on after a checkpoint to the same weights, and is evaluated', async () => {
    const set = [`device=${device}`]
    const [cuda, cpu] = [await train('cuda', set), await train('cpu', [])]
    expect(cuda).toHaveLength(cpu.length)
    for (const [i, weight] of cpu.entries()) expect(Math.abs((cuda[i] as number) - weight)).toBeLessThan(1e-4)
    await train('resumed', [...set, 'trainer.epochs=1', 'scheduler.tMax=12'])
    const resumed = await train('resumed', [...set, 'scheduler.tMax=12'], true)
    expect(resumed).toEqual(cuda)
    const { figures } = await evaluateRun(join(folder, 'cuda'), { data: 'validation' })
    expect(figures['accuracy']).toBeGreaterThan(0.9)
  })

  it('names a device that is not there, and its place in the file', async () => {
    const run = await loadRun(join(folder, 'config.yaml'), { set: ['device=cuda:7'] })
    await expect(run.train({ ...quiet, out: join(folder, 'none') })).rejects.toThrow(
      /device: device 'cuda:7' is not available/,
    )
  })
})
