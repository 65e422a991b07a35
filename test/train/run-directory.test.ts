// Run directories: what is written, that a resumed run has no line twice, and the curves.
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ArrayDataset, DataLoader } from '#lib/data/index.js'
import { engine, manualSeed, mseLoss, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { SGD } from '#lib/optim/index.js'
import { smoothed, thinned } from '#lib/train/chart.js'
import { gitState } from '#lib/train/environment.js'
import {
  lineChart,
  type MetricsLine,
  RunDirectory,
  type RunDirectoryOptions,
  silentProgress,
  Trainer,
  type TrainerOptions,
} from '#lib/train/index.js'

let out: string
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'sinter-run-'))
})
afterEach(async () => {
  await rm(out, { recursive: true })
})

function run(steps: number, options: RunDirectoryOptions = {}, more: Partial<TrainerOptions<{ x: Tensor }>> = {}) {
  manualSeed(1)
  const model = new nn.Linear(1, 1)
  return new Trainer<{ x: Tensor }>({
    model,
    optimizer: new SGD(model.parameters(), { lr: 0.01 }),
    data: new DataLoader(new ArrayDataset({ x: { data: Float32Array.of(1, 2, 3, 4), shape: [4, 1] } }), {
      batchSize: 2,
    }),
    loss: ({ x }) => mseLoss(model.call(x), x),
    evaluate: async ({ step }) => ({ 'top/1': step / 10, gap: Number.NaN }),
    callbacks: [new RunDirectory(options)],
    steps,
    out,
    progress: silentProgress,
    ...more,
  })
}

const json = async (name: string) => JSON.parse(await readFile(join(out, name), 'utf8'))
const lines = async (): Promise<MetricsLine[]> =>
  (await readFile(join(out, 'metrics.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('RunDirectory', () => {
  it('writes configuration, environment, metrics, summary and curves', async () => {
    const losses: number[] = []
    const config = { optim: { lr: 0.01 } }
    await run(4, { title: 'line', config, seed: 7 }, { onStep: ({ loss }) => losses.push(loss) }).fit()
    const environment = { cores: expect.any(Number), engine: { node: process.version, isa: engine.info().isa } }
    expect(await json('run.json')).toMatchObject({
      title: 'line',
      seed: 7,
      config,
      sessions: [{ step: 0, environment }],
    })
    const written = await lines()
    expect(written.map(({ split, step }) => `${split} ${step}`)).toEqual([
      'train 1',
      'train 2',
      'validation 2',
      'train 3',
      'train 4',
      'validation 4',
    ])
    expect(written.flatMap(({ split, metrics }) => (split === 'train' ? [metrics['loss']] : []))).toEqual(losses)
    expect(written[2]).toMatchObject({ epoch: 1, metrics: { 'top/1': 0.2, gap: null } })
    expect(await json('summary.json')).toMatchObject({
      steps: 4,
      epochs: 1,
      stopped: false,
      train: { loss: { last: losses[3], min: { value: Math.min(...losses) }, max: { value: Math.max(...losses) } } },
      validation: { 'top/1': { last: 0.4, max: { value: 0.4, step: 4 }, min: { value: 0.2, step: 2 } } },
    })
    const curves = (await readdir(out)).filter((name) => name.endsWith('.svg')).sort()
    expect(curves).toEqual(['curves-loss.svg', 'curves-top_1.svg'])
  })

  it('goes on after a kill without a line twice or missing, and notes each session', async () => {
    await run(3, {}, { checkpointEvery: 3 }).fit()
    // Steps that a killed process wrote after its last checkpoint, and half a line.
    await appendFile(
      join(out, 'metrics.jsonl'),
      `${JSON.stringify({ split: 'train', step: 4, epoch: 1, time: 0, metrics: {} })}\n{"split":`,
    )
    const second = run(6)
    await second.resume()
    await second.fit()
    const steps = (await lines()).flatMap(({ split, step }) => (split === 'train' ? [step] : []))
    expect(steps).toEqual([1, 2, 3, 4, 5, 6])
    // The evaluation at the end of the first run is behind its checkpoint: it belongs to no step of this one.
    const evaluated = (await lines()).flatMap(({ split, step }) => (split === 'validation' ? [step] : []))
    expect(evaluated).toEqual([2, 4, 6])
    expect((await json('run.json')).sessions.map(({ step }: { step: number }) => step)).toEqual([0, 3])
    // A figure that is not a number does not keep a checkpoint from being read.
    expect(second.history.map(({ step, metrics }) => [step, metrics['gap']])).toEqual([
      [2, Number.NaN],
      [4, Number.NaN],
      [6, Number.NaN],
    ])
  })

  it('has every step that a checkpoint has behind it in the file before the checkpoint', async () => {
    const seen: [number, number][] = []
    const look = {
      onCheckpoint: async ({ step }: { step: number }) => {
        seen.push([step, (await lines()).filter(({ split }) => split === 'train').length])
      },
    }
    await run(5, {}, { checkpointEvery: 2, callbacks: [new RunDirectory(), look] }).fit()
    expect(seen).toEqual([
      [2, 2],
      [4, 4],
      [5, 5],
    ])
  })

  it('puts an older run aside, and writes fewer lines when asked', async () => {
    await run(2, { title: 'old' }).fit()
    await run(4, { title: 'new', every: 2 }).fit()
    expect((await json('run.json')).sessions.length).toBe(1)
    expect((await json('previous/run.json')).title).toBe('old')
    expect((await lines()).filter(({ split }) => split === 'train').map(({ step }) => step)).toEqual([2, 4])
  })

  it('says what is wrong', async () => {
    expect(() => new RunDirectory({ every: 0 })).toThrow(
      'RunDirectory: every is 0, expected a whole number of at least 1',
    )
    await expect(run(1, {}, { out: undefined as never }).fit()).rejects.toThrow('RunDirectory: no folder given')
  })
})

it('knows no git state outside a repository', async () => {
  expect(await gitState(out)).toBeNull()
})

describe('lineChart', () => {
  const polylines = (svg: string) =>
    [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) =>
      (points as string).split(' ').map((point) => point.split(',').map(Number)),
    )

  it('maps values linearly between its axes', () => {
    const [line] = polylines(
      lineChart(
        [
          {
            name: 'a',
            points: [
              [0, 0],
              [5, 1],
              [10, 4],
            ],
          },
        ],
        { title: 't' },
      ),
    )
    expect(line).toEqual([
      [64, 280],
      [344, 218],
      [624, 32],
    ])
  })

  it('has a logarithmic axis, without what is not above zero or not finite', () => {
    const points: [number, number][] = [
      [0, 1],
      [1, 0],
      [2, Number.NaN],
      [3, 10],
      [4, 100],
    ]
    const svg = lineChart([{ name: 'a', points }], { title: 't', log: true })
    expect(polylines(svg)[0]?.map(([, y]) => y)).toEqual([280, 156, 32])
    expect(svg).toMatch(/>100<\/text>/)
  })

  it('draws one value, nothing, and names with markup', () => {
    expect(lineChart([{ name: 'a<b', points: [[3, 7]] }], { title: '"&"' })).toMatch(/<circle .*\n.*a&lt;b/)
    for (const points of [[], [[1, Number.NaN]]] as [number, number][][])
      expect(lineChart([{ name: 'a', points }], { title: 't' })).not.toMatch(/NaN|Infinity|undefined/)
  })

  it('smooths without the bias of its start, and thins to means', () => {
    const constant = smoothed(
      [
        [0, 3],
        [1, 3],
        [2, 3],
      ],
      0.9,
    ).map(([, y]) => y)
    for (const y of constant) expect(Math.abs(y - 3)).toBeLessThanOrEqual(3 * 8 * Number.EPSILON)
    expect(
      smoothed(
        [
          [0, 1],
          [1, 2],
        ],
        0.5,
      )[1]?.[1],
    ).toBeCloseTo(5 / 3, 12)
    expect(
      thinned(
        [
          [0, 1],
          [1, 3],
          [2, 5],
          [3, 7],
        ],
        2,
      ),
    ).toEqual([
      [0.5, 2],
      [2.5, 6],
    ])
    expect(thinned([[0, 1]], 2)).toEqual([[0, 1]])
  })
})
