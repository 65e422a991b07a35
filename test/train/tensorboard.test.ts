// TensorBoard's files: read back by a reader of their own, checksums against published vectors, what a resumed run says.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ArrayDataset, DataLoader } from '#lib/data/index.js'
import { manualSeed, mseLoss, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { SGD } from '#lib/optim/index.js'
import {
  type Callback,
  Statistics,
  silentProgress,
  TensorBoard,
  Trainer,
  type TrainerOptions,
} from '#lib/train/index.js'
import { crc32c } from '#lib/train/tensorboard/crc32c.js'
import { summaryEvent } from '#lib/train/tensorboard/events.js'
import { framed } from '#lib/train/tensorboard/records.js'
import { eventFiles, eventsOf, type ReadEvent } from './event-file.js'

let out: string
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'sinter-tensorboard-'))
})
afterEach(async () => {
  await rm(out, { recursive: true })
})

function run(callbacks: readonly Callback[], options: Partial<TrainerOptions<{ x: Tensor }>> = {}) {
  manualSeed(1)
  const model = new nn.Linear(1, 1)
  const losses: number[] = []
  const trainer = new Trainer<{ x: Tensor }>({
    model,
    optimizer: new SGD(model.parameters(), { lr: 0.125 }),
    data: new DataLoader(new ArrayDataset({ x: { data: Float32Array.of(1, 2, 3, 4), shape: [4, 1] } }), {
      batchSize: 2,
    }),
    loss: ({ x }) => mseLoss(model.call(x), x),
    evaluate: async ({ step }) => ({ accuracy: step / 8 }),
    steps: 4,
    out,
    callbacks,
    onStep: ({ loss }) => losses.push(loss),
    progress: silentProgress,
    ...options,
  })
  return { trainer, losses }
}

const scalars = (events: readonly ReadEvent[]) =>
  events.flatMap(({ step, summary }) =>
    (summary?.value ?? []).flatMap(({ tag, simpleValue }) =>
      simpleValue === undefined ? [] : [[step, tag, simpleValue]],
    ),
  )

it('checksums are those of RFC 3720', () => {
  // Its appendix B.4: 32 bytes of zeros, of ones, ascending; and the check value of the catalogue of CRCs.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
})

it('a record’s first bytes are those of TensorFlow’s own files', () => {
  // A file version event, as every file of TensorFlow begins: 24 bytes long, whose masked checksum is known.
  expect(Buffer.from(framed(new Uint8Array(24)).subarray(0, 12)).toString('hex')).toBe('1800000000000000a37f4b22')
})

it('figures of steps and evaluations are read back, in order', async () => {
  const { trainer, losses } = run([new TensorBoard({ texts: { config: 'lr: 0.125' } })])
  await trainer.fit()
  const [events] = (await eventFiles(join(out, 'tensorboard'))) as [ReadEvent[]]
  expect(events[0]?.fileVersion).toBe('brain.Event:2')
  expect(Math.abs((events[0]?.wallTime ?? 0) - Date.now() / 1000)).toBeLessThan(600)
  expect(scalars(events)).toEqual([
    [1, 'loss/train', losses[0]],
    [1, 'lr', 0.125],
    [2, 'loss/train', losses[1]],
    [2, 'lr', 0.125],
    [2, 'accuracy/validation', 0.25],
    [3, 'loss/train', losses[2]],
    [3, 'lr', 0.125],
    [4, 'loss/train', losses[3]],
    [4, 'lr', 0.125],
    [4, 'accuracy/validation', 0.5],
  ])
  const [text] = events.flatMap(({ summary }) => summary?.value ?? []).filter(({ tensor }) => tensor)
  expect(text).toMatchObject({
    tag: 'config',
    tensor: { dtype: 7, tensorShape: { dim: [{ size: 1 }] }, stringVal: [Buffer.from('lr: 0.125').toString('base64')] },
    metadata: { pluginData: { pluginName: 'text' }, dataClass: 'DATA_CLASS_TENSOR' },
  })
})

it('a resumed run says from where on older files do not count; folder and every can be chosen', async () => {
  const folder = join(out, 'logs')
  await run([new TensorBoard({ folder, every: 3 })], { steps: 2 }).trainer.fit()
  const second = run([new TensorBoard({ folder, every: 3 })])
  await second.trainer.resume()
  await second.trainer.fit()
  const [first, rest] = (await eventFiles(folder)) as [ReadEvent[], ReadEvent[]]
  expect(first[1]).toMatchObject({ step: 1, sessionLog: { status: 'START' } })
  expect(rest[1]).toMatchObject({ step: 3, sessionLog: { status: 'START' } })
  expect(
    scalars([...first, ...rest])
      .filter(([, tag]) => tag === 'loss/train')
      .map(([step]) => step),
  ).toEqual([3])
  expect((await readdir(out)).includes('tensorboard')).toBe(false)
})

it('statistics and histograms of a run are in the file', async () => {
  await run([new TensorBoard(), new Statistics({ every: 2, bins: 4 })]).trainer.fit()
  const [events] = (await eventFiles(join(out, 'tensorboard'))) as [ReadEvent[]]
  const values = events.filter(({ step }) => step === 2).flatMap(({ summary }) => summary?.value ?? [])
  expect(values.map(({ tag }) => tag)).toEqual(
    expect.arrayContaining(['weights/weight/norm', 'gradients/bias/std', 'updates/weight/ratio', 'gradients/weight']),
  )
  const histogram = values.find(({ tag }) => tag === 'weights/weight')?.histo
  expect(histogram).toMatchObject({ num: 1, bucket: [0, 0, 1, 0] })
  expect(histogram?.min).toBe(histogram?.max)
  expect(histogram?.bucketLimit.length).toBe(4)
})

it('numbers that are not finite, long texts and empty records keep their places', () => {
  const long = 'ä'.repeat(50_000)
  const record = {
    step: 2 ** 40,
    epoch: 0,
    scalars: { nan: Number.NaN, infinite: Number.POSITIVE_INFINITY },
    texts: { long },
  }
  const [event, empty] = eventsOf(
    Buffer.concat([framed(summaryEvent(record)), framed(summaryEvent({ step: 1, epoch: 0 }))]),
  )
  expect(event?.step).toBe(2 ** 40)
  expect(event?.summary?.value.map(({ simpleValue }) => simpleValue)).toEqual([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    undefined,
  ])
  expect(Buffer.from(event?.summary?.value[2]?.tensor?.stringVal[0] as string, 'base64').toString()).toBe(long)
  expect(empty?.step).toBe(1)
})

it('says what is wrong', async () => {
  expect(() => new TensorBoard({ every: 0 })).toThrow('TensorBoard: every is 0')
  expect(() => new TensorBoard({ dir: 'x' } as never)).toThrow("no such option: 'dir'")
  await expect(run([new TensorBoard()], { out: undefined as never }).trainer.fit()).rejects.toThrow(
    'TensorBoard: no folder given, and the Trainer has no `out`',
  )
})
