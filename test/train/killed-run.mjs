// A run that kill.ts kills and starts again: everything a checkpoint must hold is in it (dropout, batch norm, AdamW, a schedule, a shuffled loader with
// noise a sample, a loss scaler that changes its scale, an average of the weights, early stopping's best weights), and checkpoints are written every other step. Ends by writing <out>/done.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataLoader } from '#lib/data/index.js'
import { crossEntropy, manualSeed } from '#lib/index.js'
import { saveSafetensors } from '#lib/io/index.js'
import * as nn from '#lib/nn/index.js'
import { AdamW, ExponentialMovingAverage, GradScaler, OneCycleLR } from '#lib/optim/index.js'
import { EarlyStopping, hasCheckpoint, silentProgress, Trainer, WeightAveraging } from '#lib/train/index.js'

const [out, steps] = [process.argv[2], Number(process.argv[3])]
manualSeed(3)
const model = new nn.Sequential(
  new nn.Linear(8, 32),
  new nn.BatchNorm1d(32),
  new nn.ReLU(),
  new nn.Dropout(0.3),
  new nn.Linear(32, 2),
)
const optimizer = new AdamW(model.parameters(), { lr: 0.02 })
const points = {
  length: 50,
  get(index, { random }) {
    const side = index % 2 === 0 ? 1 : -1
    return { x: Float32Array.from({ length: 8 }, () => side + random.normal()), y: BigInt(index % 2) }
  },
}
// Its scale grows until gradients overflow: some steps are skipped.
const scaler = new GradScaler({ initScale: 2 ** 12, growthInterval: 2 })
const ema = new ExponentialMovingAverage(model, { decay: 0.95 })
const early = new EarlyStopping({ monitor: 'score', mode: 'max', patience: 1000, restoreBest: true })
const trainer = new Trainer({
  model,
  optimizer,
  data: new DataLoader(points, { batchSize: 8, shuffle: true, seed: 5 }),
  scheduler: new OneCycleLR(optimizer, { maxLr: 0.02, totalSteps: steps }),
  loss: ({ x, y }) => crossEntropy(model.call(x), y),
  clipNorm: 1,
  autocast: 'f16',
  scaler,
  // Made of the weights, so that the best one is not the last one.
  evaluate: async () => ({ score: Math.sin(1e4 * (await model.at(0).weight.data())[0]) }),
  evaluateEvery: 4,
  callbacks: [new WeightAveraging(ema), early],
  steps,
  out,
  checkpointEvery: 2,
  keep: 2,
  progress: silentProgress,
})
if (await hasCheckpoint(out)) await trainer.resume()
process.send?.('running')
await trainer.fit()
const averages = [...ema.stateDict().averages].map(([name, tensor]) => [`ema.${name}`, tensor])
await saveSafetensors(join(out, 'final.safetensors'), new Map([...model.stateDict(), ...averages]), {
  scaler: JSON.stringify(scaler.stateDict()),
  early: JSON.stringify(early.stateDict()),
})
await writeFile(join(out, 'done'), `${trainer.step}\n`, { flush: true })
