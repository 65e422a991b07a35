// Checkpoints that are written while training goes on: of one moment, whole, one at a time, and their errors are the run's.
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ArrayDataset, DataLoader } from '#lib/data/index.js'
import { fill_, manualSeed, mseLoss, noGrad, ones, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { Adam } from '#lib/optim/index.js'
import { CheckpointWriter } from '#lib/train/checkpoint-writer.js'
import { FileWriter } from '#lib/train/file-writer.js'
import {
  type Callback,
  listCheckpoints,
  loadCheckpoint,
  silentProgress,
  Trainer,
  type TrainerOptions,
} from '#lib/train/index.js'

let out: string
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'sinter-async-'))
})
afterEach(async () => {
  await rm(out, { recursive: true })
})

function run(options: Partial<TrainerOptions<{ x: Tensor }>> = {}) {
  manualSeed(1)
  const model = new nn.Linear(16, 16)
  const data = Float32Array.from({ length: 16 * 8 }, (_, i) => Math.sin(i))
  return new Trainer<{ x: Tensor }>({
    model,
    optimizer: new Adam(model.parameters(), { lr: 0.01 }),
    data: new DataLoader(new ArrayDataset({ x: { data, shape: [8, 16] } }), { batchSize: 4 }),
    loss: ({ x }) => mseLoss(model.call(x), x),
    steps: 12,
    checkpointEvery: 1,
    keep: 100,
    out,
    progress: silentProgress,
    ...options,
  })
}

it('hold what those hold that training waits for, and every one is told of, in order', async () => {
  const steps: number[] = []
  const callbacks: Callback[] = [{ onCheckpoint: ({ step }) => void steps.push(step) }]
  await run({ out: join(out, 'waiting'), asyncCheckpoints: false }).fit()
  await run({ out: join(out, 'ahead'), callbacks }).fit()
  expect(steps).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
  const [waiting, ahead] = [await listCheckpoints(join(out, 'waiting')), await listCheckpoints(join(out, 'ahead'))]
  expect(ahead.length).toBe(12)
  for (const [i, folder] of ahead.entries())
    for (const name of await readdir(folder))
      expect(await readFile(join(folder, name))).toEqual(await readFile(join(waiting[i] as string, name)))
})

describe('CheckpointWriter', () => {
  const checkpoint = (weight: Tensor, step = 1) => ({
    step,
    epoch: 0,
    model: new Map([['weight', weight]]),
    optimizer: { state: { 0: { step: 3, exp_avg: weight } }, param_groups: [{ params: [0], lr: 1 }] },
    schedulers: {},
    scalers: {},
    callbacks: {},
    callbackTensors: new Map([['ema/weight', weight]]),
    random: null,
    loader: undefined,
    history: [],
  })
  const retention = { keep: 1, best: undefined }

  it('writes the tensors of the moment it is called in, one checkpoint at a time', async () => {
    const weight = ones([300, 1000])
    const writer = new CheckpointWriter()
    try {
      const written = writer.write(out, checkpoint(weight), retention, true)
      noGrad(() => fill_(weight, 2))
      expect(writer.busy).toBe(true)
      expect(() => writer.write(out, checkpoint(weight, 2), retention, true)).toThrow('one is being written')
      const path = await written
      expect(writer.busy).toBe(false)
      const { model, optimizer, callbackTensors } = await loadCheckpoint(path)
      for (const kept of [model.get('weight'), optimizer.state[0]?.['exp_avg'], callbackTensors.get('ema/weight')]) {
        const values = (await (kept as Tensor).data()) as Float32Array
        expect([values.length, Math.min(...values.slice(0, 9)), values.at(-1)]).toEqual([300_000, 1, 1])
      }
    } finally {
      await writer.close()
    }
  })
})

it('that cannot be written end the run, which then leaves nothing half done', async () => {
  const file = join(out, 'file')
  await writeFile(file, '')
  const lines: string[] = []
  const failing = run({ out: join(file, 'inside'), progress: { ...silentProgress, line: (text) => lines.push(text) } })
  await expect(failing.fit()).rejects.toMatchObject({ code: 'ENOTDIR' })
  const broken = run({
    out: join(out, 'run'),
    callbacks: [
      {
        onStep: ({ step }) => {
          if (step === 5) throw new Error('enough')
        },
      },
    ],
  })
  await expect(broken.fit()).rejects.toThrow('enough')
  const names = await readdir(join(out, 'run'))
  expect(names.filter((name) => !/^step-\d+$/.test(name))).toEqual([])
  expect((await loadCheckpoint(join(out, 'run'))).step).toBeGreaterThanOrEqual(4)
})

describe('FileWriter', () => {
  it('writes and hashes, says what went wrong, and goes on with the next file', async () => {
    const writer = new FileWriter()
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i * i)
    const chunks = [Uint8Array.of(1, 2, 3), new Uint8Array(0), bytes.slice(10, 20), bytes.slice()]
    const whole = Buffer.concat(chunks)
    try {
      const sha256 = await writer.write(
        join(out, 'a'),
        chunks.map((chunk) => async () => chunk),
      )
      expect(await readFile(join(out, 'a'))).toEqual(whole)
      expect(sha256).toBe(createHash('sha256').update(whole).digest('hex'))
      await expect(writer.write(join(out, 'a'), [])).rejects.toMatchObject({
        code: 'SINTER_CHECKPOINT_WRITE',
        message: expect.stringContaining('EEXIST'),
        cause: { code: 'EEXIST' },
      })
      await expect(writer.write(join(out, 'no/b'), [])).rejects.toMatchObject({ cause: { code: 'ENOENT' } })
      await writer.close()
      expect(await writer.write(join(out, 'b'), [])).toBe(createHash('sha256').digest('hex'))
    } finally {
      await writer.close()
    }
  })
})
